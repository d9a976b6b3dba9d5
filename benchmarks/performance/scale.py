"""The vector index alone, and the whole query path, by size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.performance import Plots, measured, missing, shown
from benchmarks.plots import Series, lines, short
from benchmarks.tables import table

INDEX_COMMAND = "benchmarks.scale DIR... --vectors DIR --record"
PATH_COMMAND = "benchmarks.path DIR... --data DIR --record"


def share_name(share: str | float) -> str:
    """``0.001`` as ``0.1 %``; what is no number stays as it is."""
    try:
        return f"{float(share) * 100:g} %"
    except ValueError:
        return str(share)


def index_section(told: Mapping[str, Any] | None, plots: Plots) -> Iterator[str]:
    """Latency and recall by size and by the share of passages that are allowed."""
    yield "\n## The vector index by size\n"
    if told is None:
        yield missing(INDEX_COMMAND)
        return
    figures = told["figures"]
    yield measured(told, INDEX_COMMAND)
    yield (
        f"{figures['real']:,} vectors are those of real passages; larger sizes are filled up with "
        "real ones moved by a part of the difference of two others. One thread, the best "
        f"{figures['depth']} of each query, wall time; recall is against comparing everything in "
        "float32. The columns are the share of passages that the asker and the filters allow.\n"
    )
    for engine in dict.fromkeys(row["engine"] for row in figures["rows"]):
        rows = [row for row in figures["rows"] if row["engine"] == engine]
        yield f"\n### {engine}\n"
        yield from _latencies(rows)
        title = f"{engine}: vector search, median by size and share allowed"
        drawn = lines(title, "passages", "ms", _by_share(rows))
        yield shown(plots, f"scale-{engine}", title, drawn)


def _latencies(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    shares = [one["share"] for one in rows[0]["shares"]]
    yield "p50 / p95 in ms, and recall@10:\n"
    head = ("passages", *(share_name(share) for share in shares))
    yield table(
        head,
        [
            (
                f"{row['size']:,}",
                *(
                    f"{short(one['p50_ms'])} / {short(one['p95_ms'])}, {one['recall_10']:.3f}"
                    for one in row["shares"]
                ),
            )
            for row in rows
        ],
    )
    yield "\nBuilding, keeping, opening:\n"
    yield table(
        ("passages", "built, CPU-s", "file, MiB", "saved, s", "opened, s", "resident, MiB"),
        [
            (
                f"{row['size']:,}",
                *(
                    short(row[key])
                    for key in ("built_cpu_s", "disk_mb", "saved_s", "loaded_s", "held_mb")
                ),
            )
            for row in rows
        ],
    )


def _by_share(rows: Sequence[Mapping[str, Any]]) -> list[Series]:
    made: dict[float, list[tuple[float, float]]] = {}
    for row in rows:
        for one in row["shares"]:
            made.setdefault(one["share"], []).append((row["size"], one["p50_ms"]))
    return [Series(f"{share_name(share)} allowed", points) for share, points in made.items()]


def path_section(told: Mapping[str, Any] | None, plots: Plots) -> Iterator[str]:
    """A query from its words to answers and people, by size."""
    yield "\n## The whole query path by size\n"
    if told is None:
        yield missing(PATH_COMMAND)
        return
    sizes = told["figures"]["sizes"]
    yield measured(told, PATH_COMMAND)
    yield (
        "Real documents of the collections, varied, with vectors moved likewise; two of three may "
        "be read by everyone, the others by one of 200 groups, and the asker is in 20 of them. "
        "Everything is included: encoding, both retrievers, rights, reading from the database, "
        "people, highlights, facets. Times in ms; one client inside the process, and where clients "
        "are counted, over HTTP.\n"
    )
    yield table(
        ("passages", "p50", "p95", "resident, MiB", "start, s"),
        [
            (f"{one['passages']:,}", *(_told(one, k) for k in ("p50", "p95", "rss_mb", "start_s")))
            for one in sizes
        ],
    )
    yield from _by_filter(sizes, plots)
    yield from _stages(sizes)
    yield from _clients(sizes, plots)


def _by_filter(sizes: Sequence[Mapping[str, Any]], plots: Plots) -> Iterator[str]:
    filtered = [one for one in sizes if one.get("filters")]
    if not filtered:
        return
    shares = list(dict.fromkeys(share for one in filtered for share in one["filters"]))
    yield "\nBy the share of passages that a filter allows, p50 / p95:\n"
    yield table(
        ("passages", *(share_name(share) for share in shares)),
        [
            (f"{one['passages']:,}", *(_pair(one["filters"].get(share)) for share in shares))
            for one in filtered
        ],
    )
    series = [
        Series(
            f"{share_name(share)} allowed",
            [
                (one["passages"], one["filters"][share]["p50"])
                for one in filtered
                if share in one["filters"]
            ],
        )
        for share in shares
    ]
    if everything := [(one["passages"], one["p50"]) for one in filtered if "p50" in one]:
        series.append(Series("no filter", everything))
    title = "Whole query, median by size and share allowed"
    yield shown(plots, "path-filters", title, lines(title, "passages", "ms", series))


def _stages(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    staged = [one for one in sizes if one.get("stages")]
    if not staged:
        return
    names = list(dict.fromkeys(name for one in staged for name in one["stages"]))
    yield "\nWhere the time goes, median of each stage; some run beside others or inside them:\n"
    yield table(
        ("", *(f"{one['passages']:,}" for one in staged)),
        [(name, *(_told(one["stages"], name) for one in staged)) for name in names],
    )


def _clients(sizes: Sequence[Mapping[str, Any]], plots: Plots) -> Iterator[str]:
    asked = [one for one in sizes if one.get("clients")]
    if not asked:
        return
    counts = list(dict.fromkeys(count for one in asked for count in one["clients"]))
    yield "\nClients that ask at once, p50 / p95, and answers a second:\n"
    yield table(
        ("passages", *counts),
        [
            (f"{one['passages']:,}", *(_rate(one["clients"].get(count)) for count in counts))
            for one in asked
        ],
    )
    series = [
        Series(
            f"{one['passages']:,} passages",
            [(float(count), told["p95"]) for count, told in one["clients"].items()],
        )
        for one in asked
    ]
    title = "Whole query, 95th percentile by clients at once"
    yield shown(plots, "path-clients", title, lines(title, "clients", "ms", series))


def _told(held: Mapping[str, Any], key: str) -> str:
    """A number, or the median where there is more than one; nothing where there is none."""
    value = held.get(key)
    if isinstance(value, Mapping):
        value = value.get("p50")
    return "" if value is None else short(value)


def _pair(told: Mapping[str, Any] | None) -> str:
    return f"{short(told['p50'])} / {short(told['p95'])}" if told else ""


def _rate(told: Mapping[str, Any] | None) -> str:
    if not told:
        return ""
    rate = f", {short(told['per_second'])}/s" if "per_second" in told else ""
    refused = f", {told['refused']:,} refused" if told.get("refused") else ""
    errors = f", {told['errors']:,} errors" if told.get("errors") else ""
    return f"{_pair(told)}{rate}{refused}{errors}"
