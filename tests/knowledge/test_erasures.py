"""Who was erased once is erased again by a restore; nobody else is, here or elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.services import Services
from knowledge import backup
from knowledge.erasing import erase_in
from knowledge.erasures import NOTED, merged
from knowledge.errors import DataUnavailable
from knowledge.people import Profile
from knowledge.store import merges, people
from knowledge.store.erasing import Erasure
from tests.builders import document, opened
from tests.knowledge.test_erasing import CLEO, fail, fill, held, services

__all__ = ["services"]
AT = datetime(2026, 5, 4, tzinfo=UTC)


def test_each_person_is_told_once() -> None:
    told = [
        Erasure((1, 2), False, AT),
        Erasure((3,), False, AT),
        Erasure((4, 2), True, AT.replace(year=2025)),
        Erasure((1,), False, AT.replace(year=2027)),
    ]
    whole, other = sorted(merged(told), key=lambda one: -len(one.ids))
    assert (set(whole.ids), whole.with_writing, whole.at.year) == ({1, 2, 4}, True, 2027)
    assert other == told[1]


@pytest.mark.slow
def test_who_was_parted_from_them_before_is_not_erased_with_them(
    services: Services, tmp_path: Path
) -> None:
    """Whoever was kept in the merge, and also where that one was part of a third."""
    fill(services)
    services.directory.put(Profile("Cleo Marsh", "cleo@example.org"))
    services.capture.save(document("c", "Of Cleo.", contributors=(CLEO,)))
    wrong = services.merging.merge(1, 2, force=True)
    third = services.merging.merge(3, 1, force=True)
    backup.write(services.database, tmp_path / "merged.zip")
    services.merging.unmerge(third.id)
    services.merging.unmerge(wrong.id)
    services.erasing.erase(1)
    after = held(services)
    services.restore(tmp_path / "merged.zip", replace=True)
    assert held(services) == after
    with services.database.read() as connection:
        assert people.by_email(connection, "ada@example.org") is None
        assert people.by_email(connection, "ben@example.org") == 2
        assert people.by_email(connection, "cleo@example.org") == 3


@pytest.mark.slow
def test_who_was_kept_in_a_wrong_merge_stays_part_of_whom_they_are_part_of(
    services: Services, tmp_path: Path
) -> None:
    fill(services)
    services.directory.put(Profile("Cleo Marsh", "cleo@example.org"))
    services.merging.merge(2, 1, force=True)
    services.merging.merge(3, 2, force=True)
    backup.write(services.database, tmp_path / "merged.zip")
    with services.database.write() as connection:
        erase_in(connection, Erasure((1,), False, datetime.now(UTC)), services._prepare)
    with services.database.read() as connection:
        assert people.by_email(connection, "ada@example.org") is None
        assert people.by_email(connection, "ben@example.org") == 3
        (merge,) = merges.standing(connection)
    assert (merge.kept, merge.gone) == (3, 2)


@pytest.mark.slow
def test_that_their_writing_went_is_not_undone_by_a_restore(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services)
    backup.write(services.database, tmp_path / "before.zip")
    with monkeypatch.context() as patch:
        patch.setattr("knowledge.erasing.forget_traces", fail)
        with pytest.raises(DataUnavailable):
            services.erasing.erase(1)
    services.erasing.erase(1, with_writing=True)
    after = held(services)
    assert "ada" not in after
    services.restore(tmp_path / "before.zip", replace=True)
    assert held(services) == after


@pytest.mark.slow
def test_who_was_erased_elsewhere_says_nothing_of_people_here(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "other") as other:
        fill(one)
        fill(other)
        before = held(other)
        one.erasing.erase(1)
        backup.write(other.database, tmp_path / "other.zip")
        # As where somebody copied it, or began the database anew beside it.
        noted = (one.database.directory / NOTED).read_text()
        (other.database.directory / NOTED).write_text(noted)
        other.restore(tmp_path / "other.zip", replace=True)
        assert held(other) == before
        one.restore(tmp_path / "other.zip", replace=True)
        assert held(one) == before
        # From then on this is the other installation.
        one.erasing.erase(2)
        after = held(one)
        one.restore(tmp_path / "other.zip", replace=True)
        assert held(one) == after


@pytest.mark.slow
def test_an_installation_set_up_anew_from_a_backup_needs_the_list(
    services: Services, tmp_path: Path
) -> None:
    fill(services)
    backup.write(services.database, tmp_path / "before.zip")
    services.erasing.erase(1)
    with opened(tmp_path / "anew") as anew:
        noted = (services.database.directory / NOTED).read_text()
        (anew.database.directory / NOTED).write_text(noted)
        anew.restore(tmp_path / "before.zip")
        assert held(anew) == held(services)
