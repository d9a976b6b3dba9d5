"""What may be told of searches that failed: never what fewer than five of one week did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.asked import Search, Week
from knowledge.gapped import (
    Cluster,
    Failing,
    cluster_of,
    failed_again,
    succeeds,
    together,
)
from knowledge.queries import period

MONDAY = datetime(2026, 5, 4, 12, tzinfo=UTC)


def searched(
    text: str, asker: object, *, sure: bool = False, rejected: bool = False, day: float = 0
) -> Search:
    return Search(text, str(asker), sure, rejected, MONDAY + timedelta(days=day))


def told(*searches: Search) -> Cluster:
    found = cluster_of(searches, {"the", "how"})
    assert found is not None
    return found


FIVE = [searched("vpn slow", n) for n in range(5)]


def test_five_people_of_one_week_are_needed() -> None:
    assert cluster_of(FIVE[:4]) is None
    assert cluster_of([*FIVE[:4], FIVE[0], searched("vpn slow", 0)]) is None
    assert cluster_of([*FIVE[:4], searched("vpn slow", 9, day=7)]) is None
    assert cluster_of([*FIVE[:4], searched("vpn slow", 9, sure=True)]) is None
    found = told(*FIVE, searched("vpn slow", 0))
    assert (found.text, found.weeks) == ("vpn slow", (Week("2026-W19", 5, 6),))
    assert found.failing is Failing.NEARLY_ALWAYS


def test_what_one_person_typed_is_never_shown() -> None:
    own = searched("vpn slow since i told quirina", 5)
    found = told(*FIVE, own)
    assert (found.texts, found.words) == (("vpn slow",), ())
    assert "quirina" not in repr(found)
    assert own in found.searches


def test_where_everybody_says_it_otherwise_only_words_of_five_are_shown() -> None:
    typed = ["the vpn slow", "slow vpn", "how vpn slow jam", "vpn slow jam", "vpn slow here"]
    found = told(*(searched(text, n) for n, text in enumerate(typed)))
    assert (found.text, found.texts, found.words) == ("slow vpn", (), ("slow", "vpn"))
    assert "jam" not in repr(found)
    # Nothing at all where no word is so many people's, and none where one says it five times.
    assert cluster_of([searched(f"w{n}", n) for n in range(5)]) is None
    same = [searched(f"w{n}", n) for n in range(5)] + [searched("zebra", 1) for _ in range(9)]
    assert cluster_of(same) is None


def test_a_week_of_fewer_counts_nowhere() -> None:
    later = [searched("vpn slow", n, day=7) for n in range(6)]
    few = [searched("vpn slow", n, day=14) for n in range(4)]
    found = told(*FIVE, *later, *few)
    assert [(w.period, w.askers, w.searches) for w in found.weeks] == [
        ("2026-W19", 5, 5),
        ("2026-W20", 6, 6),
    ]


def test_of_a_week_that_is_told_twice_the_fuller_one_counts() -> None:
    full, half, other = Week("2026-W19", 9, 12), Week("2026-W19", 6, 7), Week("2026-W02", 5, 5)
    assert together((full,), (half, other)) == together((other, half), (full,)) == (other, full)
    assert together((), ()) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["vpn slow", "slow vpn", "vpn jam", "the vpn", "jam"]),
            st.integers(0, 7),
            st.booleans(),
            st.booleans(),
            st.sampled_from([0, 1, 7]),
        ),
        max_size=40,
    )
)
def test_whatever_is_told_five_people_of_one_week_did(
    made: list[tuple[str, int, bool, bool, int]],
) -> None:
    searches = [
        searched(text, who, sure=sure, rejected=rejected, day=day)
        for text, who, sure, rejected, day in made
    ]
    found = cluster_of(searches, {"the"})
    if found is None:
        return

    def most(said: Callable[[Search], bool]) -> int:
        weeks = {period(one.at) for one in searches}
        return max(
            len({one.asker for one in searches if said(one) and period(one.at) == week})
            for week in weeks
        )

    for text in found.texts:
        assert most(lambda one, text=text: one.text == text) >= 5  # type: ignore[misc]
    for word in found.words:
        assert most(lambda one, word=word: word in one.text.split()) >= 5  # type: ignore[misc]
    assert found.text in (*found.texts, " ".join(found.words))
    for week in found.weeks:
        failed = [one for one in searches if one.failed and period(one.at) == week.period]
        assert (week.askers, week.searches) == (len({one.asker for one in failed}), len(failed))
        assert week.askers >= 5


def test_how_often_it_fails_is_no_number() -> None:
    good = [searched("vpn slow", n, sure=True) for n in range(20)]
    assert told(*FIVE, *good[:3]).failing is Failing.MOSTLY
    assert told(*FIVE, *good).failing is Failing.AT_TIMES
    assert "sure=True" not in repr(told(*FIVE, good[0]))


def test_what_was_rejected_failed_and_cannot_be_tried_by_the_same_search() -> None:
    rejected = [searched("vpn slow", n, sure=True, rejected=True) for n in range(5)]
    assert told(*rejected).probe is None
    assert told(*FIVE, *rejected).probe == "vpn slow"


def test_it_succeeds_when_five_of_one_week_found_it_since_it_last_failed() -> None:
    good = [searched("vpn slow", n, sure=True, day=1) for n in range(5)]
    assert succeeds([*FIVE, *good])
    assert not succeeds([*FIVE, *good[:4], good[0]])
    assert not succeeds([*FIVE, *good, searched("vpn slow", 1, day=2)])
    assert not succeeds([*FIVE, *good[:4], searched("vpn slow", 4, sure=True, day=8)])
    rejected = searched("vpn slow", 4, sure=True, rejected=True, day=2)
    assert not succeeds([*FIVE, *good, rejected])
    assert not succeeds([])


def test_it_opens_again_with_the_first_week_in_which_five_fail_after_it_closed() -> None:
    closed = MONDAY + timedelta(days=1)
    again = [searched("vpn slow", n, day=2) for n in range(5)]
    assert failed_again([*FIVE, *again], closed) == closed
    assert failed_again([*FIVE, *again[:4]], closed) is None
    later = [searched("vpn slow", n, day=day) for n in range(5) for day in (10, 17)]
    week = datetime.combine(MONDAY + timedelta(days=7), datetime.min.time(), UTC)
    assert failed_again([*FIVE, *again[:4], *later], closed) == week
