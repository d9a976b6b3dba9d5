"""docs/quality.md, from what the benchmarks kept: how good the search is, and why.

    python -m benchmarks.quality

Nothing in the page is written by hand: a test compares it with what this makes of the results.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import baselines, holding, plots, results
from benchmarks.significance import holm
from benchmarks.tables import table

DOCS = Path(__file__).parents[1] / "docs"
PAGE = "quality.md"
PLOTS = "plots/quality"
LEVEL = 0.05

TASKS = {
    "answers": "What is the answer? Documents, by nDCG@10",
    "inside": "Where in this document? Passages, by charR@4000 and charP@1000",
    "people": "Who knows? People, by RR and nDCG@5",
}


def render(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every file by its path in docs. ``kept``: results by name, see ``benchmarks.results``."""
    made: dict[str, str] = {}
    kept = _corrected(kept)
    parts = [INTRODUCTION, *_whole(), *_ladders(kept), *_stages(kept), *_transfers(kept)]
    parts += [*_learned(kept), *_confidence(kept, made), *holding.told(kept)]
    parts += [*_typos(kept), *_jargon(kept), WEAK]
    return made | {PAGE: "\n".join(parts)}


def _corrected(kept: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """With Holm's correction over all the rows of ablations together, as ``holm``."""
    held = {
        "ablations": kept.get("ablations", {}).get("figures", {}).get("rows", []),
        "reindexed": kept.get("reindexed", {}).get("figures", []),
    }
    ps = [row["p"] for rows in held.values() for row in rows if row["p"] is not None]
    left = iter(holm(ps))
    told = {
        name: [row | {"holm": None if row["p"] is None else next(left)} for row in rows]
        for name, rows in held.items()
    }
    made = dict(kept)
    if "ablations" in kept:
        figures = kept["ablations"]["figures"] | {"rows": told["ablations"]}
        made["ablations"] = {**kept["ablations"], "figures": figures}
    if "reindexed" in kept:
        made["reindexed"] = {**kept["reindexed"], "figures": told["reindexed"]}
    return made


INTRODUCTION = """# How good it is

This page is generated: `python -m benchmarks.quality` writes it from `benchmarks/results/`, and
each section names the command that measured it. The collections are judged by others than us and
used as they are: question sites whose accepted answers are known, a company handbook with the texts
of the links between its pages, an agency's blog, transcribed meetings with the ranges that answer a
question, and for people the pages and posts whose authors are known, asked by titles that were
taken out. Unjudged counts as wrong.

In the tables of stages a difference from what is in use is **bold** where a paired randomisation
test over the queries gives p < .05 after Holm's correction for all of them
together. Other p are not corrected. The figures are those of the default encoder, in 8 bits."""


VOTES = """
Why the vote rules differ: a list of two times 200 passages names some 150 documents, most of them
hardly about the question. Votes that fall gently from the best document to these, as they do here,
add up in an uncapped sum to a count of documents: whoever wrote most wins, and the more so the
more documents a person has. Votes that fall steeply (sharpness 1 or 2 in place of .35) silence that
tail, and then CombSUM and expCombMNZ come nearer; steeper still they become CombMAX, the word of
one document, which errs where a page has several authors or only mentions the topic. A shorter
list helps less, for its tail is shorter but as heavy. Six votes with a discount bound the tail
whatever the list's depth or the shape of the scores; reciprocal ranks do so too, and come next."""


NEIGHBOURS = """
More weight on neighbours finds more of what is relevant in the first 4,000 characters, but less in
the first 1,000, and highlights what is relevant less often, since it prefers the middle of a
discussion to the sentence that names its topic; .6 is where neither suffers."""


WEAK = """
## What it does not do well

- People are found by what was written. An author list is no proof of knowledge, and whoever knows
  and never wrote is not found; that is judged nowhere here.
- The judged people are authors of a page or post whose title is asked for. Questions as colleagues
  type them are not among them, and others who know as much count as wrong: a band says less than
  its name.
- Questions that share no word with their answer, as the sample company's mostly do, are called
  unsure too often by what was fitted without them, see its rows above. Probabilities of people tell
  hardly more than the nearest evidence alone.
- What is highlighted or quoted is chosen by words alone, so a question may be quoted as evidence
  where nothing else holds the right words.
- English only. Other languages are searched by their words, unstemmed, and by an English model.
- The parameters were chosen with these collections in sight; the tables of what carries over say
  how far that may flatter. No collection was kept unseen to the end.
"""


DESCRIBED = (
    ("stackexchange", "5,467 answers of six question sites", "1,328 titles of questions",
     ("answers nDCG@10",)),
    ("handbook", "839 pages of a company handbook", "873 link texts, for the page they lead to",
     ("answers nDCG@10",)),
    ("blog18f", "508 posts of an agency's blog", "299 excerpts and tags (saturated)",
     ("answers nDCG@10",)),
    ("qmsum-dev", "197 whole meetings", "1,332 questions inside a meeting",
     ("spans charR@4000", "spans charP@1000")),
    ("qmsum-dev", "the same", "the same, whether what is highlighted touches what is relevant",
     ("highlights touch@1", "highlights touch@3")),
    ("handbook-people", "737 pages of the handbook", "102 titles of hidden pages, for the authors",
     ("people RR",)),
    ("blog18f-people", "397 posts of the blog", "109 titles of hidden posts, for the authors",
     ("people RR",)),
)  # fmt: skip
"""What the README tells of: collection, what it is, what is asked, and the measures."""


def summary() -> str:
    """The README's table."""
    held = baselines.read(baselines.FILE)
    rows = []
    for name, what, asked, measures in DESCRIBED:
        means = [f"{baselines.mean(held[name].values[measure]):.3f}" for measure in measures]
        rows.append(
            (
                what,
                asked,
                " / ".join(measure.split()[1] for measure in measures),
                " / ".join(means),
            )
        )
    return table(("Collection", "What is asked", "Measure", "Result"), rows, texts=3)


def _whole() -> Iterator[str]:
    yield "\n## The whole pipeline\n"
    yield "`python -m benchmarks.gate DIR...`; the values that every change is held to.\n"
    held = baselines.read(baselines.FILE)
    rows = [
        (name, measure, len(values), f"{baselines.mean(values):.3f}")
        for name, one in sorted(held.items())
        for measure, values in one.values.items()
    ]
    yield table(("collection", "measure", "queries", "mean"), rows, texts=2)


def _ladders(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "\n## Stage by stage\n"
    if "ablations" not in kept:
        yield _missing("benchmarks.ablations")
        return
    told = kept["ablations"]["figures"]["rows"]
    shapes = kept["ablations"]["figures"]["shapes"]
    yield table(list(shapes[0]), [list(one.values()) for one in shapes]) + "\n"
    yield (
        "`python -m benchmarks.ablations DIR...`: single parts, then each line with … adds to "
        "the one before it; the differences are from all of it.\n"
    )
    for task, title in TASKS.items():
        rows = [row for row in told if row["task"] == task and row["ladder"]]
        if rows:
            yield f"\n### {title}\n"
            yield _compared(rows)


def _stages(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if "ablations" not in kept:
        return
    told = kept["ablations"]["figures"]["rows"] + kept.get("reindexed", {}).get("figures", [])
    yield "\n## One stage at a time\n"
    yield "The first way of each stage is the one in use.\n"
    for task, title in TASKS.items():
        yield f"\n### {title}\n"
        rows = [row for row in told if row["task"] == task and not row["ladder"]]
        for stage in dict.fromkeys(row["stage"] for row in rows):
            yield f"\n**{stage[:1].upper()}{stage[1:]}**\n"
            yield _compared([row for row in rows if row["stage"] == stage])
            yield from {"vote rule": [VOTES], "neighbours": [NEIGHBOURS]}.get(stage, [])


def _compared(rows: Sequence[Mapping[str, Any]]) -> str:
    """Ways down, collections across."""
    columns = sorted({(row["collection"], row["measure"]) for row in rows})
    cells = {(row["way"], row["collection"], row["measure"]): _cell(row) for row in rows}
    ways = list(dict.fromkeys(row["way"] for row in rows))
    return table(
        ("", *(f"{collection} {measure}" for collection, measure in columns)),
        [(way, *(cells.get((way, *column), "") for column in columns)) for way in ways],
    )


def _p(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}"


def _cell(row: Mapping[str, Any]) -> str:
    if row["p"] is None:
        return f"{row['mean']:.3f}"
    gain = f"{row['gain']:+.3f}"
    return f"{row['mean']:.3f} ({f'**{gain}**' if row['holm'] < LEVEL else gain})"


def _transfers(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if "ablations" not in kept:
        return
    yield "\n## What carries over\n"
    yield (
        "Each stage's best way on one half of the collections (of the questions where there is one "
        "collection only), and what it does to the other half. A gain that stays at home is "
        "chance or taste.\n"
    )
    rows = [
        (
            row["task"],
            row["stage"],
            row["chosen_on"],
            row["way"],
            f"{row['gain_there']:+.3f}",
            f"{row['gain_elsewhere']:+.3f} (p {_p(row['p_elsewhere'])})",
        )
        for row in kept["ablations"]["figures"]["transfers"]
    ]
    yield table(
        ("", "stage", "half", "its best", "gain there", "gain on the other half"), rows, texts=4
    )


def _learned(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "\n## A learned ranker\n"
    if "learned" not in kept:
        yield _missing("benchmarks.learned")
        return
    figures = kept["learned"]["figures"]
    yield (
        "`python -m benchmarks.learned DIR...`: logistic regression over the same features, "
        "trained on the other collections and judged on the one left out.\n"
    )
    rows = [
        (
            f"{row['collection']}, {row['features']}",
            f"{row['by_hand']:.3f}",
            f"{row['learned']:.3f}",
            f"{row['learned'] - row['by_hand']:+.3f} (p {_p(row['p'])})",
        )
        for row in figures["rows"]
    ]
    yield table(("left out", "set by hand", "learned", "difference"), rows)
    worse = [row for row in figures["rows"] if row["learned"] < row["by_hand"] and row["p"] < LEVEL]
    yield "\nNothing of it is in use." + (
        " What separates right from wrong on some collections misleads on others: it loses "
        f"significantly {len(worse)} times of {len(figures['rows'])}."
        if worse
        else " It gains too little for what it would cost to explain."
    )


def _confidence(kept: Mapping[str, Mapping[str, Any]], made: dict[str, str]) -> Iterator[str]:
    yield "\n## How sure it is\n"
    if "calibration" not in kept:
        yield _missing("benchmarks.calibration")
        return
    figures = kept["calibration"]["figures"]
    yield (
        "`python -m benchmarks.calibration DIR...`: questions of each collection, and as many of "
        "other collections, which it cannot answer. Every collection is judged by what was fitted "
        "on the others. AUROC: how often what is right is given more than what is wrong. ECE: by "
        "how much probabilities are off. Abstained: of the questions that cannot be answered; "
        "falsely: of those whose answer was among the first three. The sample company is our own, "
        "invented, and small.\n"
    )
    for part, title in (("answers", "Answers"), ("people", "People")):
        if part not in figures:
            continue
        yield f"\n### {title}\n"
        rows = [
            (
                f"{_named(row)}{'' if row['tenths'] == 10 else ', a tenth'}",
                row["cases"],
                f"{row['auroc']:.3f}",
                f"{row['auroc_cosine']:.3f}",
                *_judged(row),
            )
            for row in figures[part]["left_out"]
        ]
        head = ("left out", "cases", "AUROC", "best cosine alone", "ECE", "abstained", "falsely")
        yield table(head, rows)
        path = f"{PLOTS}/{part}.svg"
        made[path] = _diagram(title, figures[part]["reliability"])
        yield f"\n![What is said and what is so, of {part}]({path})"
    whole = [
        (_named(row), row["cases"], f"{row['auroc']:.3f}", *_judged(row))
        for row in figures["somebody"]
    ]
    yield (
        "\nWhether somebody is confirmed to know, by the probabilities in use; right where one of "
        "the first three does:\n"
    )
    yield table(("collection", "questions", "AUROC", "ECE", "abstained", "falsely"), whole)

    yield "\nThe bands of people, as they are in use; right is who is judged to know:\n"
    bands = [
        (_named(row), band, row[band]["shown"], f"{row[band]['right']:.0%}")
        for row in figures["bands"]
        for band in ("high", "medium", "low")
    ]
    yield table(("collection", "band", "shown", "right"), bands, texts=2)


def _named(row: Mapping[str, Any]) -> str:
    """The sample company goes by its folder's name, which says nothing."""
    return "sample company" if row["collection"] == "judged" else str(row["collection"])


def _judged(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{row['ece']:.3f}", f"{row['abstained']:.0%}", f"{row['falsely']:.0%}"


def _diagram(title: str, bins: Sequence[Mapping[str, float]]) -> str:
    """What was so over what was said, every collection left out in turn."""
    told = [(row["said"], row["was"]) for row in bins]
    series = [plots.Series("what is so", told), plots.Series("as it should be", [(0, 0), (1, 1)])]
    said, so = "probability that is said", "share that is so"
    return plots.lines(f"Reliability: {title.lower()}", said, so, series, linear=True)


def _typos(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "\n## Mistyped words\n"
    if "typos" not in kept:
        yield _missing("benchmarks.typos")
        return
    yield (
        "`python -m benchmarks.typos DIR...`: one mistake in the longest word of every question; "
        "nDCG@10 as typed, and with the correction that is made and shown.\n"
    )
    rows = [
        (row["collection"], row["mistake"], f"{row['as_typed']:.3f}", f"{row['corrected']:.3f}")
        for row in kept["typos"]["figures"]
    ]
    yield table(("collection", "mistake", "as typed", "corrected"), rows, texts=2)


def _jargon(kept: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "\n## The company's own words\n"
    if "jargon" not in kept:
        yield _missing("benchmarks.jargon")
        return
    yield (
        "`python -m benchmarks.jargon DIR...`: the longest word of every question becomes one that "
        "nobody has written, and then a synonym says what it means; nDCG@10.\n"
    )
    names = ("as judged", "in jargon", "with synonyms")
    rows = [
        (row["collection"], *(f"{row[name]:.3f}" for name in names))
        for row in kept["jargon"]["figures"]
    ]
    yield table(("collection", *names), rows)


def _missing(module: str) -> str:
    return f"Not measured yet: `python -m {module} DIR... --record`."


NAMES = ("ablations", "reindexed", "learned", "calibration", "holding", "typos", "jargon")


def kept() -> dict[str, Mapping[str, Any]]:
    """What there is of the page's results."""
    held = {name: results.read(name) for name in NAMES}
    return {name: told for name, told in held.items() if told is not None}


def main() -> int:
    """Write the page and its plots."""
    for name, text in render(kept()).items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, "utf-8")
    print(DOCS / PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
