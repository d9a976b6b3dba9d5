"""What the demo proposes to ask is worth asking, and shows access at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api import samples
from api.app import create_app
from api.auth.demo import COOKIE, DemoDoor
from api.services import Services
from api.web.examples import EXAMPLES, RESTRICTED
from knowledge.settings import EmbeddingSettings
from tests.api.web.support import part
from tests.builders import settings

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(600)]

HELD_BACK = "Salary bands 2026 and how to use them"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[TestClient]:
    """The sample company with the real model."""
    made = settings(tmp_path_factory.mktemp("demo"))
    services = Services(replace(made, embedding=EmbeddingSettings()))
    samples.load(services, samples.folder(), lambda *_: None)
    app = create_app(services, DemoDoor(services.database))
    with TestClient(app, base_url="http://localhost") as client:
        yield client
    services.close()


def asked(demo: TestClient, question: str, name: str | None = None) -> str:
    """The page of a question, as the person of this name or as whom the demo opens with."""
    people = {known.name: known.id for known in demo.app.state.door.people()}  # type: ignore[attr-defined]
    demo.cookies.clear()
    if name is not None:
        demo.cookies.set(COOKIE, str(people[name]))
    answer = demo.get("/", params={"q": question})
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize("question", EXAMPLES)
def test_every_example_is_answered_with_confidence(demo: TestClient, question: str) -> None:
    page = asked(demo, question)
    assert "with confidence" not in page
    assert "Nobody is confirmed" not in page


def test_one_example_is_answered_for_some_and_not_for_others(demo: TestClient) -> None:
    page = asked(demo, RESTRICTED)
    best = part(page, '<article class="best"', "</article>")
    assert HELD_BACK in best
    assert part(page, " selected>", "</option>") == "Nadia Okafor (Platform)"
    page = asked(demo, RESTRICTED, "Rosa Cardoso")
    assert "Nothing here answers this with confidence" in page
    assert HELD_BACK not in page
