"""What is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DRIVERS = Path(__file__).with_name("drivers")


@dataclass(frozen=True, slots=True)
class System:
    """``driver``: a module of ``benchmarks.peers.drivers``, and the name of its environment;
    ``told``: how it was set up, for the page."""

    name: str
    driver: str
    told: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def pins(self) -> Path | None:
        """The versions that it is installed with; None for what runs in this environment."""
        path = DRIVERS / f"{self.driver}.txt"
        return path if path.exists() else None


OURS = System(
    "whoknows",
    "whoknows_full",
    "as it is served: database, rights, both retrievers, people with evidence, snippets and "
    "facets for every query; 8-bit encoder where that is faster, which is the default",
    {"WHOKNOWS_EMBEDDER": "auto"},
)
SYSTEMS = (
    OURS,
    System(
        "whoknows, float32",
        "whoknows_full",
        "the same with the encoder in the others' precision",
        {"WHOKNOWS_EMBEDDER": "sentence_transformer"},
    ),
    System(
        "txtai",
        "txtai_hybrid",
        "`hybrid` and `content`: FAISS and its BM25, convex combination, texts in SQLite",
    ),
    System(
        "chromadb",
        "chroma_dense",
        "a persistent collection; vectors alone, for its index of ranked words is part of its "
        "cloud",
    ),
    System(
        "lancedb",
        "lancedb_hybrid",
        "hybrid search, fused by reciprocal ranks; vectors compared exactly, its default",
    ),
    System(
        "haystack",
        "haystack_hybrid",
        "the store in memory: BM25 and vectors joined by reciprocal ranks, without a "
        "cross-encoder; saved as JSON",
    ),
)
