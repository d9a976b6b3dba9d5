"""Building regular expressions of the many forms in which people put one thing."""

from __future__ import annotations


def any_of(forms: str) -> str:
    """Any of the forms, which commas part."""
    return f"(?:{'|'.join(' '.join(form.split()) for form in forms.split(','))})"


def maybe(forms: str) -> str:
    """Any of the forms and a space, or nothing."""
    return f"(?:{any_of(forms)} )?"


def then(forms: str) -> str:
    """A space and any of the forms, or nothing."""
    return f"(?: {any_of(forms)})?"
