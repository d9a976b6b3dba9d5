"""How fast texts go in, and what of that is the encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.performance import measured, missing
from benchmarks.tables import table

COMMAND = "benchmarks.ingest DIR... --embedders onnx_int8 sentence_transformer --record"


def section(told: Mapping[str, Any] | None) -> Iterator[str]:
    """A row for each collection and encoder."""
    yield "\n## Taking in\n"
    if told is None:
        yield missing(COMMAND)
        return
    yield measured(told, COMMAND)
    yield (
        "Passages a CPU-second: through the whole ingest (reading, cutting, encoding, database, "
        "indexes), and of the bare encoder on the same passages in one call.\n"
    )
    rows = [
        (
            row["collection"],
            row["embedder"],
            f"{row['passages']:,}",
            f"{row['tokens']:.0f}",
            f"{row['ingest_per_cpu_second']:.1f}",
            f"{row['encoder_per_cpu_second']:.1f}",
            f"{row['ingest_per_cpu_second'] / row['encoder_per_cpu_second']:.2f}",
        )
        for row in told["figures"]["rows"]
    ]
    yield table(
        (
            "",
            "encoder",
            "passages",
            "tokens a passage",
            "ingest/CPU-s",
            "encoder/CPU-s",
            "ratio",
        ),
        rows,
    )
