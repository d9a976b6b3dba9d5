"""Drafts from their beginning to their end, on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from knowledge import drafts
from knowledge.drafting import Form, base_of, version_of
from knowledge.drafts import Draft
from knowledge.editing import Editor
from knowledge.errors import NotAllowed, NotFound, Stale
from knowledge.people import Profile
from knowledge.pictures import picture
from knowledge.types import ANYONE, EVERYONE, OPERATOR, Principal
from tests.builders import opened

PNG = b"\x89PNG\r\n\x1a\n" + b"of a kiln"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        for name in ("Ada Field", "Ben Osei"):
            made.directory.put(Profile(name, f"{name[:3].lower()}@example.org"))
        yield made


def note(body: str = "## The one thing\n\nOpen the damper.", title: str = "Cool a kiln") -> Draft:
    return drafts.draft(title=title, body=body, kind=Form.NOTE.kind, audience=[[EVERYONE]])


def ada(services: Services) -> Principal:
    return services.principal("ada@example.org")


def test_from_the_first_word_to_the_document_and_its_change(services: Services) -> None:
    drafting, asker = services.drafting, ada(services)
    kept = drafting.create(Form.NOTE, note(""), asker)
    given = drafting.attach(kept.id, "kiln.png", PNG, asker)
    text = f"## The one thing\n\n![kiln]({given.href})"
    kept = drafting.save(kept.id, note(text), asker, frozenset({version_of(kept.version)}))
    with pytest.raises(Stale):
        drafting.save(kept.id, note(), asker, frozenset({"1"}))
    key = drafting.publish(kept.id, Editor(asker))
    assert drafting.listed(asker) == []
    assert services.files.content(key, 0, asker)[1] == PNG
    shown = services.editing.show(key, Editor(asker))
    again = drafting.create(Form.NOTE, note(), asker, base=base_of(shown))
    found = drafting.of_document(key, asker)
    assert found is not None
    assert (found.id, drafting.base_text(again, Editor(asker))) == (again.id, text)
    assert drafting.publish(again.id, Editor(asker)) == key
    with pytest.raises(NotFound):
        services.files.content(key, 0, asker)


@pytest.mark.parametrize("changes", [False, True])
def test_a_picture_that_comes_while_it_is_published_is_published(
    services: Services, monkeypatch: pytest.MonkeyPatch, changes: bool
) -> None:
    drafting, asker = services.drafting, ada(services)
    base = None
    if changes:
        first = drafting.create(Form.NOTE, note("Before."), asker)
        key = drafting.publish(first.id, Editor(asker))
        base = base_of(services.editing.show(key, Editor(asker)))
    text = f"## The one thing\n\n![kiln]({picture('kiln.png', PNG).href})"
    kept = drafting.create(Form.NOTE, note(text), asker, base=base)
    name = "change" if changes else "create"
    real, came = getattr(services.editing, name), []

    def late(*given: Any) -> Any:
        if not came:
            came.append(drafting.attach(kept.id, "kiln.png", PNG, asker))
        return real(*given)

    monkeypatch.setattr(services.editing, name, late)
    key = drafting.publish(kept.id, Editor(asker))
    assert services.files.content(key, 0, asker)[1] == PNG
    assert drafting.listed(asker) == []


def test_a_draft_is_nobody_elses(services: Services) -> None:
    kept = services.drafting.create(Form.NOTE, note(), ada(services))
    ben = services.principal("ben@example.org")
    with pytest.raises(NotFound):
        services.drafting.get(kept.id, ben)
    for nobody in (ANYONE, OPERATOR):
        with pytest.raises(NotAllowed):
            services.drafting.get(kept.id, nobody)


def test_what_one_throws_away_others_keep(services: Services) -> None:
    drafting, asker = services.drafting, ada(services)
    mine, other = (drafting.create(Form.NOTE, note(), asker) for _ in range(2))
    for one in (mine, other):
        drafting.attach(one.id, "kiln.png", PNG, asker)
    drafting.delete(mine.id, asker)
    assert drafting.content(other.id, 0, asker)[1] == PNG


def test_who_is_one_with_somebody_keeps_their_drafts(services: Services) -> None:
    ben = services.principal("ben@example.org")
    kept = services.drafting.create(Form.NOTE, note(), ben)
    assert ada(services).person_id is not None
    assert ben.person_id is not None
    services.merging.merge(ada(services).person_id or 0, ben.person_id or 0, force=True)
    assert services.drafting.get(kept.id, ada(services)).draft.title == "Cool a kiln"
