"""What a survey of an export remembers, and what it takes."""

from __future__ import annotations

import tracemalloc

from knowledge.survey import Survey
from knowledge.types import Link, ReadFailure, SourceDocument

PAGES = 20_000


def page(number: int, *targets: str, aliases: tuple[str, ...] = ()) -> SourceDocument:
    links = tuple(Link(f"#{target}", target) for target in targets)
    return SourceDocument(
        "wiki", f"page:{number}", "Kiln", f"Kiln {number} cools.", links=links, aliases=aliases
    )


def test_a_link_is_broken_when_nothing_of_its_name_comes_before_or_after() -> None:
    survey = Survey()
    survey.see(page(1, "page:2", "Second", "page:3", "nowhere", "nowhere", "refused", "page:1"))
    survey.see(page(2, "page:1", "nowhere", "stored", aliases=("Second",)))
    survey.see(ReadFailure("refused", "damaged"))
    survey.see(page(3))
    links = survey.summary({"stored"})["links"]
    assert links["count"] == 10
    assert links["broken"] == 3
    assert links["broken_ones"] == [
        {"document": "page:1", "href": "#nowhere", "target": "nowhere", "count": 3}
    ]


def test_texts_are_compared_only_where_somebody_asks() -> None:
    one, other = Survey(), Survey()
    other.compares = True
    for survey in (one, other):
        survey.see(page(1))
    assert one.of_body("Kiln 1 cools.") is None
    assert other.of_body("Kiln 1 cools.") == "page:1"


def test_a_dump_of_many_pages_takes_little_room() -> None:
    survey = Survey()
    tracemalloc.start()
    try:
        for number in range(PAGES):
            survey.see(page(number, f"page:{number - 1}", f"page:{number + 1}"))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert survey.summary(())["links"]["broken"] == 2
    assert held / PAGES < 150
