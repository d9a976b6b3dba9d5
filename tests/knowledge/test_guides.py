"""Guides and templates: as shipped, as the organisation has them, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from knowledge import template
from knowledge.errors import InvalidInput, NotFound
from knowledge.guides import MAX_BODY, MOST, Begun, TextKind, slug_of
from tests.builders import opened

WORDS_A_MINUTE = 220


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        yield made


def test_each_shipped_guide_is_read_in_three_minutes(services: Services) -> None:
    guides = services.guides.all_of_them(TextKind.GUIDE)
    assert {"teach-one-thing", "run-a-shadowing", "give-feedback"} <= {one.slug for one in guides}
    for one in guides:
        assert 100 < len(one.body.split()) < 3 * WORDS_A_MINUTE, one.slug
        assert one.title
        assert not one.body.startswith("#"), one.slug


@pytest.mark.parametrize("begun", Begun)
def test_there_is_a_template_for_everything_that_one_begins(
    services: Services, begun: Begun
) -> None:
    found = services.guides.templates(begun)
    assert found
    if begun is Begun.NOTE:
        for one in found:
            assert (template.parts(one.body) or {}).get("thing"), one.slug


def test_an_organisation_replaces_a_text_and_goes_back(services: Services) -> None:
    guides, slug = services.guides, "teach-one-thing"
    shipped = guides.get(slug)
    made = guides.put(slug, TextKind.GUIDE, " Ours  now ", "Do\r\nit.\n")
    assert (made.title, made.body, made.shipped, made.own) == ("Ours now", "Do\nit.", True, True)
    assert guides.get(slug, TextKind.GUIDE) == made
    guides.remove(slug)
    assert guides.get(slug) == shipped
    with pytest.raises(NotFound):
        guides.remove(slug)


def test_an_organisation_adds_a_template(services: Services) -> None:
    slug = slug_of(TextKind.TEMPLATE, Begun.WRITEUP, "Über: a Runbook!")
    assert slug == "writeup-ber-a-runbook"
    services.guides.put(slug, TextKind.TEMPLATE, "A runbook", "## When it rings")
    assert slug in {one.slug for one in services.guides.templates(Begun.WRITEUP)}
    assert slug not in {one.slug for one in services.guides.templates(Begun.NOTE)}
    with pytest.raises(NotFound):
        services.guides.get(slug, TextKind.GUIDE)
    services.guides.remove(slug)
    with pytest.raises(NotFound):
        services.guides.get(slug)


@pytest.mark.parametrize(
    ("slug", "kind", "title", "body"),
    [
        ("Teach", TextKind.GUIDE, "x", "y"),
        ("a/b", TextKind.GUIDE, "x", "y"),
        ("a" * 61, TextKind.GUIDE, "x", "y"),
        ("poem-x", TextKind.TEMPLATE, "x", "y"),
        ("teach-one-thing", TextKind.TEMPLATE, "x", "y"),
        ("x", TextKind.GUIDE, " ", "y"),
        ("x", TextKind.GUIDE, "x", "y" * (MAX_BODY + 1)),
        ("x", TextKind.GUIDE, "x", "\0"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    services: Services, slug: str, kind: TextKind, title: str, body: str
) -> None:
    with pytest.raises(InvalidInput):
        services.guides.put(slug, kind, title, body)
    assert not any(one.own for kind in TextKind for one in services.guides.all_of_them(kind))


def test_there_is_an_end_of_them(services: Services) -> None:
    for number in range(MOST):
        services.guides.put(f"g{number}", TextKind.GUIDE, "x", "y")
    services.guides.put("g0", TextKind.GUIDE, "again", "y")
    with pytest.raises(InvalidInput, match="take some away"):
        services.guides.put("more", TextKind.GUIDE, "x", "y")
