"""How strongly a reader wants a file, and why nobody does."""

from __future__ import annotations

from enum import IntEnum

from knowledge.archives import nested
from knowledge.exports import Entry
from knowledge.readers import _foreign

_ASSETS = {
    "an image": ".png .jpg .jpeg .gif .svg .webp .ico .bmp .tif .tiff .heic .avif .drawio",
    "a sound or film": ".mp3 .mp4 .m4a .wav .ogg .webm .mov .avi .mkv .flac",
    "a style sheet, script or font": ".css .scss .js .mjs .ts .map .woff .woff2 .ttf .otf .eot",
}
_KINDS = {suffix: kind for kind, listed in _ASSETS.items() for suffix in listed.split()}


class Claim(IntEnum):
    """The strength of a claim; the strongest reads the file. NO is false."""

    NO = 0
    NAME = 1
    """The file's name fits."""
    CONTENT = 2
    """Its content looks like this format."""
    DECLARED = 3
    """It says so itself."""


def why_unclaimed(entry: Entry, only: str | None) -> str:
    """The reason of a refusal; ``only`` is the reader that the user insisted on."""
    if reason := nested(entry.name):
        return reason
    if kind := _KINDS.get(entry.suffix):
        return f"{kind}; only text is searched"
    if only is None and (reason := _foreign.instead(entry)):
        return reason
    if only:
        return f"not in the format {only}; leave the format to be found out, or convert it"
    return (
        f"no reader takes {entry.suffix or 'such'} files; export it as Markdown, text or captions"
    )
