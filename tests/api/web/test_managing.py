"""How the pages of whoever looks after the service say things."""

from __future__ import annotations

import pytest

from api.web import managing
from knowledge.audit import Action
from knowledge.jobs import ImportState
from knowledge.likeness import Reason
from knowledge.types import Audience, LossKind, Scope


def test_everything_there_is_has_words() -> None:
    assert set(managing.STATES) == set(ImportState)
    assert set(managing.SCOPES) == set(Scope)
    assert set(managing.REASONS) == set(Reason)
    assert set(managing.LOSSES) == set(LossKind)
    assert {value for value, _ in managing.ACTIONS} == {one.value for one in Action}


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        (None, "Whoever the export says; everybody who signs in where it says nothing"),
        (Audience.of("public"), "Anybody, also without signing in"),
        (Audience.of(["group:ops", "group:support"]), "The group ops or the group support"),
        (
            Audience.of(["everyone"], ["person:7"]),
            "Everybody who signs in; and of them only the colleague with the number 7",
        ),
    ],
)
def test_an_audience_is_said_in_words(audience: Audience | None, said: str) -> None:
    assert managing.audience(audience) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("curl/8", "curl/8"),
        ("", "A browser that does not say what it is"),
    ],
)
def test_a_browser_is_called_as_people_call_it(told: str, said: str) -> None:
    assert managing.agent(told) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(999, "999 bytes"), (1500, "1.5 kB"), (500_000_000, "500 MB"), (2_000_000_000, "2 GB")],
)
def test_sizes(count: int, said: str) -> None:
    assert managing.size(count) == said


@pytest.mark.parametrize(
    ("told", "said"), [("the file is empty", "The file is empty."), ("Why?", "Why?"), ("…", "…")]
)
def test_a_sentence_ends_once(told: str, said: str) -> None:
    assert managing.sentence(told) == said
