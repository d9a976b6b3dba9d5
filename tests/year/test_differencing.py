"""Somebody who reads everything, and takes differences, learns nothing of single people.

Of people: over periods, teams and time. Neighbour worlds differ in what one person did; a leak that
is planted is noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from knowledge import asking
from knowledge.measures import deciding, publishing, registry
from knowledge.measures.kinds import Measure, Raw, Unit
from tests.year import attack
from tests.year.acts import ALL_OF, ALL_READ, Ask, Year, first_of, year
from tests.year.attack import Seen, Told
from tests.year.company import SMALL_TEAMS, Company
from tests.year.expected import COMPANY, Counting, Truth
from tests.year.playing import Played, playing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.sqlite("one is enough")]
SEED, MONTHS = 3, 2
COUNTS = {one.key for one in registry.ALL.values() if one.unit is Unit.COUNT and one.teams}
OF_PEOPLE = {one.key for one in registry.ALL.values() if one.of_people}


@dataclass
class World:
    """What two attackers saw of an installation, one look after another, and what it decided on."""

    played: Played
    looks: list[tuple[Seen, Seen]] = field(default_factory=list)
    raws: dict[tuple[str, str], list[Raw]] = field(default_factory=dict)

    @property
    def told(self) -> Told:
        """Every figure that was told at last."""
        return self.looks[-1][0].told

    @property
    def counting(self) -> Counting:
        """What happened."""
        return Counting(self.played.facts, self.played.published)

    def decided(self) -> Told:
        """What would be told if it were decided now."""
        found: Told = {}
        for (key, month), raws in self.raws.items():
            for partition, value in deciding.decide(registry.ALL[key], raws).items():
                found[key, partition, month] = value
        return found


def company() -> Company:
    """Seventy people, of whom seven are in teams of four and three."""
    return Company.of(SEED, SMALL_TEAMS)


def the_year(months: int = MONTHS) -> Year:
    """What they do."""
    return year(company(), SEED, months, lively=2.0)


def attackers() -> tuple[int, int]:
    """A curator, and an employee: both of whom nothing is known, so that nobody is shown them."""
    of_sales = [one.number for one in company().team("Sales") if not one.knows]
    return of_sales[0], of_sales[1]


def others(count: int) -> list[int]:
    """Whom they are after: of teams of every size."""
    found = [one.number for one in company().people if one.number not in attackers()]
    return found[:: len(found) // count][:count]


@contextmanager
def world(data: Path, given: Year) -> Iterator[World]:
    """A world in which both look: before and after each month is published."""
    with playing(data, given) as played, pytest.MonkeyPatch.context() as patch:
        made, decide = World(played), deciding.decide

        def spied(measure: Measure, raws: Collection[Raw]) -> dict[str, float | None]:
            month = f"2025-{len(played.published) + 1:02}"
            made.raws[measure.key, month] = list(raws)
            return decide(measure, raws)

        patch.setattr(publishing, "decide", spied)
        for month in range(1, given.months + 1):
            for days in (1, 9):
                played.play(first_of(month + 1).replace(day=days, hour=6))
                curator, employee = attackers()
                if len(made.looks) == 1:
                    aim(played, curator)
                made.looks.append(
                    (
                        attack.look(played, curator, admin=True),
                        attack.look(played, employee, admin=False),
                    )
                )
        yield made


def aim(played: Played, curator: int) -> None:
    """What figures are shown of beside themselves: a goal, and something that is tried."""
    goal = {"measure": "readers", "target": 30, "due": "2025-03"}
    played.call("POST", "/goals", curator, admin=True, json=goal)
    tried = {"measure": "depth", "start": "2025-02", "partitions": ["team:Sales"]}
    given = tried | {"name": "Reading hour"}
    played.call("POST", "/interventions", curator, admin=True, json=given)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[World]:
    """As everybody does what they do."""
    with world(tmp_path_factory.mktemp("real") / "data", the_year()) as made:
        yield made


def test_there_is_something_to_attack(real: World) -> None:
    told = real.told
    assert len({key for key, value in told.items() if value is not None}) > 30
    teams = {partition for (_, partition, _), value in told.items() if value is not None}
    assert {"team:Assembly", "team:Sales"} <= teams
    assert len(real.looks[-1][0].pages) > 200


def test_what_is_told_is_of_five_and_what_is_left_too(real: World) -> None:
    truth = real.counting.all_of_them()
    for curator, _ in real.looks:
        assert attack.too_few(curator.told, truth, OF_PEOPLE) == []
        assert attack.left_over(curator.told, truth) == []
        for month in real.played.published:
            of_month = {k: v for k, v in curator.told.items() if int(k[2][5:]) == month}
            sizes = real.counting.partitions(month)
            assert attack.alone(of_month, truth, sizes, COUNTS) == []
            assert attack.everybody(of_month, truth, sizes, OF_PEOPLE) == []


def test_an_employee_is_told_no_figure(real: World) -> None:
    curator, _ = real.looks[-1]
    shown = {path for path in curator.pages if attack.shows_figures(path)}
    told = {path for path in shown if curator.pages[path].startswith("200")}
    for noun in ("/pulse", "/measures.csv", "/measures/depth", "/goals/1", "/interventions/1"):
        assert any(path.endswith(noun) for path in told), noun
    assert sum(path.endswith("/2025-01") for path in told) == 2  # the review and its page
    for _, employee in real.looks:
        for path, page in employee.pages.items():
            if attack.shows_figures(path):
                assert page.startswith(("403", "404")), path


def test_a_month_is_told_once_it_is_published_and_never_otherwise(real: World) -> None:
    for number, (curator, _) in enumerate(real.looks):
        months = {month for _, _, month in curator.told}
        assert months == {f"2025-{month:02}" for month in range(1, (number + 1) // 2 + 1)}
    for (before, _), (after, _) in zip(real.looks, real.looks[1:], strict=False):
        changed = attack.moved(before.told, after.told)
        months = {month for _, _, month in before.told}
        late = {key: told for key, told in changed.items() if key[2] in months}
        # A line begins with the first month in which something is told of it.
        assert all(told == (None, None) for told in late.values()), late


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[World]:
    """The same without what one of them does for themselves."""
    given = the_year().silent(others(3)[0])
    with world(tmp_path_factory.mktemp("quiet") / "data", given) as made:
        yield made


def test_what_one_does_for_themselves_is_told_to_nobody(real: World, quiet: World) -> None:
    """Their searches, what they read, how they feel, and what they say of sessions."""
    assert leaks(real, quiet) == []


def test_nor_is_what_somebody_else_does(real: World, tmp_path: Path) -> None:
    with world(tmp_path / "data", the_year().silent(others(3)[1])) as other:
        assert leaks(real, other) == []


def leaks(one: World, other: World) -> list[str]:
    """What differs for an attacker between two worlds, but for figures that moved by no more than
    one step of what they are rounded to, or are told in one of the two."""
    found = []
    for mine, theirs in zip(one.looks, other.looks, strict=True):
        for seen, before in zip(mine, theirs, strict=True):
            moved = attack.moved(seen.told, before.told)
            found += [
                path
                for path in attack.differing(seen, before)
                if not (moved and attack.shows_figures(path))
            ]
            found += coarse(seen.told, before.told)
    return found


def coarse(one: Told, other: Told) -> list[str]:
    """Figures that tell more than docs/measures.md says: no multiple of the step, or further away
    than one."""
    found = []
    for (key, partition, month), (mine, theirs) in attack.moved(one, other).items():
        step = {Unit.COUNT: 5, Unit.SHARE: 0.01, Unit.MEAN: 0.1, Unit.HOURS: 1, Unit.SCORE: 0.1}[
            registry.ALL[key].unit
        ]
        widest = {Unit.COUNT: 5, Unit.SHARE: 0.05, Unit.MEAN: 0.5, Unit.HOURS: 6, Unit.SCORE: 0.1}[
            registry.ALL[key].unit
        ]
        told = [value for value in (mine, theirs) if value is not None]
        fine = any(abs(value / step - round(value / step)) > 1e-6 for value in told)
        if fine or (len(told) == 2 and abs(told[0] - told[1]) > widest + 1e-9):
            found.append(f"{key} of {partition} in {month}: {mine}, {theirs}")
    return found


def quiet_askers() -> tuple[int, int]:
    """Two who know nothing, of whom one asks something anonymously."""
    known = {one.number for one in company().people if one.knows} | {*attackers()}
    asks = [act.who for act in the_year().acts if isinstance(act, Ask) and act.anonymous]
    first = next(who for who in asks if who not in known)
    team = company().people[first].team
    second = next(
        one.number
        for one in company().people
        if one.number not in {*known, *asks} and one.team != team
    )
    return first, second


def test_who_asks_anonymously_is_told_to_nobody(real: World, tmp_path: Path) -> None:
    """Not by pages, nor by figures of their teams."""
    with world(tmp_path / "data", the_year().asked_by(*quiet_askers())) as other:
        assert any(one.anonymous for one in real.played.facts.asked)
        assert leaks(real, other) == []
        assert attack.moved(real.told, other.told) == {}


def test_an_erasure_a_move_and_late_acts_change_no_month(tmp_path: Path) -> None:
    with playing(tmp_path / "data", the_year(1)) as played:
        curator, _ = attackers()
        played.play(first_of(2).replace(day=9, hour=6))
        before = attack.figures(played, curator)
        assert said(before)
        read = [one.who for one in played.facts.opened if one.who not in attackers()]
        played.services.erasing.erase(played.ids[read[0]], with_writing=True)
        played.put(read[1], "Legal")
        played.call("GET", "/search", read[2], params={"q": "kiln glaze"})
        played.play(first_of(2).replace(day=20))
        assert attack.moved(before, attack.figures(played, curator)) == {}


def said(told: Told) -> Told:
    """Without what is not told."""
    return {key: value for key, value in told.items() if value is not None}


def test_a_figure_without_complementary_suppression_is_noticed(
    real: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = said(real.decided())
    assert said(real.told).items() <= decided.items()
    # Parts of one whole are kept back together, after each of them was decided.
    late = {key for key, _, _ in decided.keys() - said(real.told).keys()}
    assert late <= {"success", "zero_result", "abstention"}
    monkeypatch.setattr(deciding, "_covered", lambda hidden: True)
    truth = real.counting.all_of_them()
    sizes = real.counting.partitions(MONTHS)
    assert attack.alone(real.decided(), truth, sizes, COUNTS) != []


def test_a_mean_of_a_whole_team_is_noticed(real: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All five read, so that no count of them is told."""
    truth = real.counting.all_of_them()
    sizes = real.counting.partitions(ALL_READ)
    assert truth["depth", ALL_READ, f"team:{ALL_OF}"].people == sizes[f"team:{ALL_OF}"] == 5
    monkeypatch.setattr(
        deciding, "_enough", lambda one: one.people is None or one.people >= attack.FEWEST
    )
    month = {key: value for key, value in real.decided().items() if key[2] == "2025-02"}
    found = attack.everybody(month, truth, sizes, OF_PEOPLE)
    assert f"depth of team:{ALL_OF} in 2025-02: 5 of all" in found


def test_the_last_part_of_a_whole_is_noticed(real: World) -> None:
    """Two were told nothing: whoever knows how many found something, and how many were told that
    nothing was sure, knows it."""
    truth = real.counting.all_of_them()
    truth["zero_result", ALL_READ, COMPANY] = Truth(0.01, 2)
    found = attack.left_over(real.decided(), truth)
    assert f"zero_result in 2025-{ALL_READ:02}" in found
    assert attack.left_over(real.told, truth) == []


def test_a_figure_of_few_is_noticed(real: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "FEWEST", 1)
    truth = real.counting.all_of_them()
    monkeypatch.setattr(deciding, "rounded", lambda measure, value, people: value)
    assert attack.too_few(real.decided(), truth, OF_PEOPLE) != []


def test_an_exact_figure_is_noticed(
    real: World, quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "rounded", lambda measure, value, people: value)
    assert coarse(real.decided(), quiet.decided()) != []


def test_a_named_asker_is_noticed(
    real: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is asked is told who asks, though they do it anonymously."""
    asked = next(one for one in real.played.facts.asked if one.anonymous and one.first)
    path = f"/questions/{asked.question}"
    reader = asked.first[0]
    name = company().people[asked.who].name
    assert name not in str(real.played.call("GET", path, reader))
    monkeypatch.setattr(
        asking,
        "_asker",
        lambda connection, row, who: asking._person(connection, row.person_id, who),
    )
    assert name in str(real.played.call("GET", path, reader))
