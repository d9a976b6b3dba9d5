"""What may be used once: a second use is told, and memory is bounded."""

from __future__ import annotations

from api.auth.once import Once


def test_only_the_first_use_counts_until_it_is_forgotten() -> None:
    now = [100.0]
    once = Once(600, clock=lambda: now[0])
    assert [once.use(one) for one in ("a", "a", "b", "\ud800", "a")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    now[0] += 600
    assert not once.use("a")
    now[0] += 1
    assert once.use("c")
    assert len(once) == 1
    assert once.use("a")


def test_memory_is_bounded() -> None:
    once = Once(600, most=10, clock=lambda: 0.0)
    assert all(once.use(str(number)) for number in range(100))
    assert len(once) == 10
    assert not once.use("99")
