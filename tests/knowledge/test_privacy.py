"""What people decide about themselves holds at once, in the ranking and on their page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge.capture import Terms
from knowledge.errors import InvalidInput, NotFound
from knowledge.identity import Objection
from knowledge.people import Profile
from knowledge.settings import PrivacySettings
from knowledge.suggest import suggestions
from knowledge.types import Audience, Contributor, Kind, Principal, Role
from tests.builders import document, opened, settings, wired

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUESTION = "who knows how to fire a kiln"
STAFF = Principal(signed_in=True, person_id=99)
SPEAKERS = (
    Contributor("Ada Field", Role.SPEAKER, email="ada@example.org"),
    Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org"),
)


def fill(
    services: Services, *, declared: bool = True, hers: bool = True, speaks: bool = True
) -> dict[str, int]:
    """Ada and Ben each wrote of kilns and speak of them in one talk. Ids of documents by key.

    Unless ``hers``, nobody wrote Ada's; unless ``speaks``, nobody knows who speaks as she does.
    """
    for name in ("Ada Field", "Ben Osei"):
        services.directory.put(Profile(name, f"{name.split()[0].lower()}@example.org"))
    made = [
        document(
            "ada",
            "To fire a kiln, heat it slowly.",
            tags=("Kilns", "safety"),
            contributors=(replace(SPEAKERS[0], role=Role.AUTHOR),) if hers else (),
        ),
        document(
            "ben",
            "To fire a kiln, close it well.",
            tags=("kilns",),
            contributors=(replace(SPEAKERS[1], role=Role.AUTHOR),),
        ),
        document(
            "vault",
            "To fire the secret kiln, ask Ada.",
            audience=Audience.of("group:vault"),
            tags=("vaults",),
        ),
    ]
    talk = document(
        "talk",
        "**Ada Field:** To fire a kiln you need wood.\n\n**Ben Osei:** To fire a kiln I use gas.",
        kind=Kind.TRANSCRIPT,
        contributors=SPEAKERS if speaks else SPEAKERS[1:],
        source="talks",
    )
    outcomes = list(services.capture.ingest(made))
    outcomes += services.capture.ingest([talk], Terms(speakers_consented=declared))
    return {one.name: one.document_id or 0 for one in outcomes}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        yield made


def found(services: Services, who: Principal = STAFF) -> dict[str, set[tuple[int, Role]]]:
    """Whom a search names, with the documents that speak for them."""
    result = services.pipeline.search(Request(QUESTION), who)
    return {
        hit.person.name: {(one.document_id, one.role) for one in hit.evidence}
        for hit in result.people
    }


def shown(services: Services, person: int, who: Principal = STAFF) -> tuple[set[int], set[str]]:
    page = services.profiles.show(person, who)
    return {one.document_id for one in page.made}, {one.tag for one in page.topics}


def test_what_was_refused_by_oneself_the_directory_does_not_give_back(services: Services) -> None:
    fill(services)
    services.privacy.decide(1, consents={"consent_written": False, "consent_spoken": False})
    services.directory.put(
        Profile("Ada Field", "ada@example.org", consent_written=True, consent_spoken=True)
    )
    assert set(found(services)) == {"Ben Osei"}
    assert services.privacy.decisions(1).consents == {
        "consent_written": False,
        "consent_spoken": False,
    }
    services.privacy.decide(1, consents={"consent_written": None, "consent_spoken": None})
    assert set(found(services)) == {"Ada Field", "Ben Osei"}


def test_who_refuses_is_not_found_by_what_a_source_declared(services: Services) -> None:
    ids = fill(services)
    assert (ids["talk"], Role.SPEAKER) in found(services)["Ada Field"]
    services.privacy.decide(1, consents={"consent_spoken": False})
    assert found(services)["Ada Field"] == {(ids["ada"], Role.AUTHOR)}
    assert shown(services, 1)[0] == {ids["ada"]}
    assert (ids["talk"], Role.SPEAKER) in found(services)["Ben Osei"]


@pytest.mark.parametrize(
    ("chosen", "unsaid", "agreed"),
    [
        ({}, {"ada", "talk"}, {"ada", "talk"}),
        ({"written": "opt-in"}, {"talk"}, {"ada", "talk"}),
        ({"spoken": "opt-in"}, {"ada"}, {"ada", "talk"}),
        ({"spoken": "never"}, {"ada"}, {"ada"}),
        ({"written": "opt-in", "spoken": "never"}, set(), {"ada"}),
    ],
)
def test_an_organisation_decides_for_those_who_said_nothing(
    tmp_path: Path, chosen: dict[str, Any], unsaid: set[str], agreed: set[str]
) -> None:
    made = replace(settings(tmp_path), privacy=PrivacySettings(**chosen))
    services = wired(made)
    ids = fill(services)
    for wanted, said in ((unsaid, None), (agreed, True)):
        services.privacy.decide(1, consents={"consent_written": said, "consent_spoken": said})
        expected = {ids[name] for name in wanted}
        assert {key for key, _ in found(services).get("Ada Field", ())} == expected
        assert shown(services, 1)[0] == expected
        evidence, _ = services.privacy.evidence(Principal(1, signed_in=True), 0, 50)
        assert {one.document.id for one in evidence if one.counts} == expected
    services.close()


def test_a_hidden_topic_speaks_for_nobody_in_whatever_case(services: Services) -> None:
    ids = fill(services)
    services.privacy.hide_topic(1, " KILNS ")
    assert found(services)["Ada Field"] == {(ids["talk"], Role.SPEAKER)}
    assert shown(services, 1) == ({ids["talk"]}, set())
    # Of the same tag, what others made still speaks for them.
    assert (ids["ben"], Role.AUTHOR) in found(services)["Ben Osei"]
    services.privacy.hide_topic(1, "kilns")
    assert services.privacy.decisions(1).topics == ("KILNS",)
    services.privacy.show_topic(1, "kilns")
    assert shown(services, 1) == ({ids["ada"], ids["talk"]}, {"Kilns", "safety"})


def everything_told(services: Services) -> list[Any]:
    """What colleagues are told of Ada, and of whom else. Documents name who made them all the same,
    and by those names the filter of authors counts."""
    told: list[Any] = []
    for question in (QUESTION, "kiln", "Ada Field", "who knows kilns?"):
        result = services.pipeline.search(Request(question), STAFF)
        facets = {name: held for name, held in result.facets.items() if name != "author"}
        told += [result.people, result.people_confident, result.known, facets]
    for text in ("ada", "kil", "page", "fire"):
        told.append(suggestions(services.database, text, STAFF, 10))
    for person in (1, 2):
        page = services.profiles.show(person, STAFF)
        # Consent itself is in no answer but one's own.
        seen = replace(page.person, consent_written=True, consent_spoken=True)
        told += [seen, page.made, page.topics, page.more]
    return told


WITHDRAWN: dict[str, Callable[[Services, int], Any]] = {
    "a topic": lambda s, key: s.privacy.hide_topic(1, "safety"),
    **{
        f"as {verdict.value}": lambda s, key, verdict=verdict: s.privacy.object_to(  # type: ignore[misc]
            Principal(1, signed_in=True), key, verdict
        )
        for verdict in Objection
    },
}


@pytest.mark.parametrize("withdraw", WITHDRAWN.values(), ids=WITHDRAWN)
def test_what_is_withdrawn_looks_as_if_it_had_never_been(
    tmp_path: Path, withdraw: Callable[[Services, int], Any]
) -> None:
    """Of whoever withdraws a document, all is told that is told where they never had a part."""
    answers = []
    for name in ("withdrawn", "never", "as it was"):
        with opened(tmp_path / name) as services:
            ids = fill(services, hers=name != "never")
            if name == "withdrawn":
                withdraw(services, ids["ada"])
            answers.append(everything_told(services))
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_who_refuses_to_be_found_looks_as_if_they_never_wrote(tmp_path: Path) -> None:
    answers = []
    for name in ("refuses", "never"):
        with opened(tmp_path / name) as services:
            fill(services, hers=name != "never", speaks=name != "never")
            if name == "refuses":
                for consent in ("consent_written", "consent_spoken"):
                    services.privacy.decide(1, consents={consent: False})
            answers.append(everything_told(services))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("verdict", Objection)
def test_what_is_objected_to_speaks_no_more(services: Services, verdict: Objection) -> None:
    ids = fill(services)
    me = Principal(1, signed_in=True)
    services.privacy.object_to(me, ids["ada"], verdict)
    assert found(services)["Ada Field"] == {(ids["talk"], Role.SPEAKER)}
    assert shown(services, 1)[0] == {ids["talk"]}
    told, more = services.privacy.evidence(me, 0, 50)
    assert not more
    assert [(one.document.id, one.counts, one.verdict) for one in told] == [
        (ids["talk"], True, None),
        (ids["ada"], False, verdict),
    ]
    services.privacy.withdraw_objection(1, ids["ada"])
    assert (ids["ada"], Role.AUTHOR) in found(services)["Ada Field"]


def test_nobody_learns_of_what_they_may_not_read_be_it_about_themselves(
    services: Services,
) -> None:
    ids = fill(services)
    me = Principal(1, signed_in=True)
    told, _ = services.privacy.evidence(me, 0, 50)
    assert ids["vault"] not in {one.document.id for one in told}
    for hidden in (ids["vault"], 10**9, ids["ben"]):
        with pytest.raises(NotFound):
            services.privacy.object_to(me, hidden, Objection.HIDDEN)
    inside = replace(me, groups=frozenset({"vault"}))
    services.privacy.object_to(inside, ids["vault"], Objection.OUTDATED)
    told, _ = services.privacy.evidence(inside, 0, 50)
    assert told[1].verdict is Objection.OUTDATED
    assert services.privacy.evidence(me, 0, 1)[1]


def test_a_document_that_was_objected_to_can_go(services: Services) -> None:
    ids = fill(services)
    services.privacy.object_to(Principal(1, signed_in=True), ids["ada"], Objection.HIDDEN)
    services.capture.delete(ids["ada"])
    assert shown(services, 1)[0] == {ids["talk"]}


def test_an_objection_goes_with_a_page_that_is_moved(services: Services) -> None:
    ids = fill(services)
    me = Principal(1, signed_in=True)
    (again,) = services.capture.ingest([document("again", "To fire a kiln, heat it slowly.")])
    services.privacy.object_to(me, again.document_id or 0, Objection.HIDDEN)
    services.capture.moved(ids["ada"], again.document_id or 0)
    assert ids["ada"] not in shown(services, 1)[0]


def test_who_pauses_is_shown_as_not_to_be_asked_until_then(tmp_path: Path) -> None:
    now = [NOW]
    services = wired(settings(tmp_path), now=lambda: now[0])
    fill(services)
    until = NOW + timedelta(days=7)
    services.privacy.decide(1, paused_until=until)

    def told(who: Principal) -> list[datetime | None]:
        hits = services.pipeline.search(Request(QUESTION), who).people
        pages = [services.profiles.show(1, who).person]
        persons = [hit.person for hit in hits if hit.person.id == 1] + pages
        return [one.paused_until for one in persons]

    assert told(STAFF) == [until, until]
    now[0] = until
    assert told(STAFF) == [None, None]
    services.privacy.decide(1, paused_until=None)
    assert services.privacy.decisions(1).person.paused_until is None
    with pytest.raises(InvalidInput, match="ten years"):
        services.privacy.decide(1, paused_until=NOW + timedelta(days=4000))
    services.close()


@pytest.mark.parametrize("topic", ["", "   ", "x" * 201, "half \ud800"])
def test_what_is_no_tag_cannot_be_hidden(services: Services, topic: str) -> None:
    fill(services)
    with pytest.raises(InvalidInput, match="a topic is a tag"):
        services.privacy.hide_topic(1, topic)
    with pytest.raises(InvalidInput, match="at most"):
        services.privacy.decide(1, topics=[str(number) for number in range(501)])


def authors(services: Services) -> dict[int, int]:
    """How many documents a search counts for each person as the author to narrow it by."""
    counted = services.pipeline.search(Request(QUESTION), STAFF).facets.get("author", {})
    return {int(key): count for key, count in counted.items()}


def test_a_facet_counts_nobody_by_what_they_do_not_agree_to(services: Services) -> None:
    ids = fill(services)
    before = authors(services)
    assert before[1] >= 2
    who = Principal(person_id=1, signed_in=True)
    services.privacy.object_to(who, ids["ada"], Objection.NOT_ME)
    assert authors(services) == before | {1: before[1] - 1}
    services.privacy.withdraw_objection(1, ids["ada"])
    services.privacy.decide(1, consents={"consent_written": False, "consent_spoken": False})
    assert authors(services) == {key: count for key, count in before.items() if key != 1}
