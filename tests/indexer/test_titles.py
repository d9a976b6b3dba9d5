"""Titles that only repeat the text or the id."""

from __future__ import annotations

import pytest

from indexer.titles import names_itself, opens


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("How do I restore", "How do I restore a backup?"),
        ("HOW DO I RESTORE?", "**How do** I\nrestore a backup?"),
        ("How do I restore a back…", "How do I restore a backup?"),
        ("Backup", "Backup runs at night."),
        ("Straße", "STRASSE am Abend"),
        ("…", "Anything."),
    ],
)
def test_a_title_taken_from_the_text(title: str, text: str) -> None:
    assert opens(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Restoring", "How do I restore a backup?"),
        ("How we restore", "How do I restore a backup?"),
        ("Back", "Backup runs at night."),
        ("Backup at night and by day", "Backup at night"),
        ("Backup", "# Backup\n\nIt runs at night."),
        ("Backup", "\n\n## Backup\n"),
        ("Backup", "Backup\n======\n\nIt runs at night."),
        ("Backup", "Backup\n---"),
        ("Backup", ""),
    ],
)
def test_a_title_of_its_own(title: str, text: str) -> None:
    assert not opens(title, text)


def test_a_title_that_is_an_id() -> None:
    assert names_itself(" Bdb001 ", "Bdb001")
    assert names_itself("Bdb001", "meetings/Bdb001")
    assert names_itself("5", "physics:5")
    assert not names_itself("Meeting on Bdb001", "meetings/Bdb001")
