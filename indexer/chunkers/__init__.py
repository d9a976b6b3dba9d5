"""Chunkers, found by file name: a module offers ``chunk`` (see ``Chunker``) and ``KINDS``.

``KINDS`` names the kinds of document that the module was made for, and ``accepts(document)``,
if it has one, looks at a document of such a kind. ``headings`` takes what no other does.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from indexer import plugins
from indexer.protocols import Chunker, TokenStarts
from knowledge.types import Kind, PassageDraft, SourceDocument

DEFAULT = "headings"


def names() -> tuple[str, ...]:
    """Every chunker's name, ascending."""
    return plugins.names(__path__)


@cache
def load(name: str) -> Chunker:
    """The chunker ``name``. Raises InvalidSettings for an unknown one."""
    chunker: Chunker = _module(name).chunk
    return chunker


def name_for(document: SourceDocument) -> str:
    """Which chunker cuts ``document``: the first by name that serves its kind and accepts it."""
    for name in _serving(document.kind):
        accepts = getattr(_module(name), "accepts", None)
        if accepts is None or accepts(document):
            return name
    return DEFAULT


def chunk(document: SourceDocument, token_starts: TokenStarts) -> list[PassageDraft]:
    """Cut ``document`` with the chunker for its kind. A ``Chunker`` itself."""
    return load(name_for(document))(document, token_starts)


@cache
def _module(name: str) -> ModuleType:
    return plugins.find(__name__, __path__, name)


@cache
def _serving(kind: Kind) -> tuple[str, ...]:
    return tuple(n for n in names() if n != DEFAULT and kind in _module(n).KINDS)
