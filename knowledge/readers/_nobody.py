"""Names that stand for nobody in particular: they would rank as experts for what others wrote."""

from __future__ import annotations

import re

_NOBODY = re.compile(
    r"(?:python-(?:docx|pptx)|microsoft(?: office)?(?: user)?|office user|windows[ -]user|user"
    r"|admin(?:istrator)?|author|unknown(?:[ _](?:author|user))?|owner|me|default|root|none|n/?a|-+"
    r"|\(?anonymous\)?(?:[ _]user)?|guest|visitor|somebody|your ?name|system|\*?cron\*?)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){2}\.(?:\d{1,3}|xxx)|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}", re.I
)


def is_nobody(name: str) -> bool:
    """Whether a name is one that programs give, or the network address of a visitor."""
    name = name.strip()
    return _NOBODY.fullmatch(name) is not None or _ADDRESS.fullmatch(name) is not None
