"""The template of a Teach 1 Thing note: its parts <-> its Markdown. docs/teach-1-thing.md has it.

What is read back is what was put in, but for blank lines at the ends of a part; headings that are
not the template's stay in the part in which they stand.
"""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.readers._text import headings

THE_THING = "The one thing"
PARTS = {
    "thing": THE_THING,
    "why": "Why it matters",
    "steps": "Steps",
    "example": "Example",
    "pitfall": "Pitfall",
    "limits": "When it does not apply",
}
"""What a form calls each part, and its heading."""

_NAMES = {heading.casefold(): name for name, heading in PARTS.items()}


def composed(parts: Mapping[str, str]) -> str:
    """The Markdown of a note; parts without a text are left out."""
    return "\n\n".join(
        f"## {heading}\n\n{_bare(parts.get(name, ''))}"
        for name, heading in PARTS.items()
        if parts.get(name, "").strip()
    )


def parts(body: str) -> dict[str, str] | None:
    """The parts of a note; None for a text that is not of the template: with something before its
    first heading, or a part twice."""
    found: dict[str, str] = {}
    name, start = "", 0
    ends = [(_NAMES.get(h.text.rstrip(":").strip().casefold()), h) for h in headings(body)]
    for part, heading in ends:
        if part is None:
            continue
        if not _close(found, name, body[start : heading.start]) or part in found:
            return None
        name, start = part, heading.end
        found[part] = ""
    return found if _close(found, name, body[start:]) else None


def _close(found: dict[str, str], name: str, text: str) -> bool:
    """Take a part's text in; False where it stands before the first part."""
    if name:
        found[name] = _bare(text)
    return bool(name) or not text.strip()


def _bare(text: str) -> str:
    """Without the blank lines before it and what is blank behind it."""
    text, start = text.rstrip(), 0
    while (end := text.find("\n", start)) >= 0 and not text[start:end].strip():
        start = end + 1
    return text[start:]
