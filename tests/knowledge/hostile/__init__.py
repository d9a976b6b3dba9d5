"""Archives that attack, made byte by byte; ``every`` names them all."""

from __future__ import annotations

from tests.knowledge.hostile import bombs, contents, layouts, names
from tests.knowledge.hostile.case import Case, heavy

__all__ = ["CASES", "Case"]

HEAVY = (
    "10,000 hidden files",
    "50,100 entries that say they are none",
    "three parts of 60,000 entries",
    "a PDF with a stream of 200 MB",
    "a PDF with a stream of 200 MB, packed twice",
    "a page of 60 MB, hardly packed",
    "an attachment of 60 MB beside a page that shows it",
    "40 MB of zeros by LZMA.md",
    "40 MB of zeros by LZMA.html",
    "dump.xml.bz2 of 60 MB of nothing",
    "deep yaml.md",
    "a pptx with 30 MB of spaces",
    "a odt with 30 MB of spaces",
    "a dictionary of 800 MB",
)
CASES: dict[str, Case] = {}
for _module in (names, layouts, bombs, contents):
    for _name, _case in _module.cases():
        assert _name not in CASES, _name
        CASES[_name] = heavy(_case) if _name in HEAVY else _case
assert set(HEAVY) <= set(CASES)
