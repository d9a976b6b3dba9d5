"""Who wrote what, from git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.history import History, is_bot
from knowledge.types import Role, SourceDocument

Commit = Callable[..., None]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def git(folder: Path, *arguments: str, **environment: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        env=os.environ | environment,
    )


@pytest.fixture
def commit(repo: Path) -> Commit:
    day = iter(range(1, 29))

    def made(author: str, **files: str) -> None:
        for name, text in files.items():
            path = repo / name.replace("__", "/").replace("_md", ".md")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        name, _, email = author.rstrip(">").partition(" <")
        at = f"2024-02-{next(day):02}T12:00:00+02:00"
        git(repo, "add", "-A")
        git(
            repo, "commit", "-qm", "x", "--allow-empty",
            GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=email, GIT_AUTHOR_DATE=at,
            GIT_COMMITTER_NAME="c", GIT_COMMITTER_EMAIL="c@example.org", GIT_COMMITTER_DATE=at,
        )  # fmt: skip

    return made


MIA = "Mia Chen <mia@example.org>"
OLE = "Ole Ø <ole@example.org>"


def lines(*numbers: int) -> str:
    return "".join(f"line {n}\n" for n in numbers)


def roles(history: History, name: str) -> dict[str, tuple[Role, float]]:
    found = history.get(name)
    assert found is not None
    return {c.name: (c.role, c.weight) for c in found.contributors}


def test_added_lines_roles_and_times(repo: Path, commit: Commit) -> None:
    commit(MIA, a_md=lines(1))
    commit(OLE, a_md=lines(*range(1, 21)))
    commit("Ann <ann@example.org>", a_md=lines(*range(1, 23)))
    commit(MIA, b_md="other\n")

    history = History.of(repo)

    assert roles(history, "a.md") == {
        "Ole Ø": (Role.AUTHOR, 19.0),
        "Ann": (Role.EDITOR, 2.0),
        "Mia Chen": (Role.AUTHOR, 1.0),
    }
    found = history.get("a.md")
    assert found is not None
    assert found.created_at == datetime(2024, 2, 1, 10, tzinfo=UTC)
    assert found.updated_at == datetime(2024, 2, 3, 10, tzinfo=UTC)
    assert found.contributors[0].email == "ole@example.org"
    assert found.contributors[0].at == datetime(2024, 2, 2, 10, tzinfo=UTC)


def test_renames_are_followed(repo: Path, commit: Commit) -> None:
    commit(MIA, a_md=lines(*range(9)))
    (repo / "a.md").rename(repo / "é b.md")
    commit(OLE)
    (repo / "sub").mkdir()
    (repo / "é b.md").rename(repo / "sub" / "c.md")
    commit(OLE)
    commit(OLE, a_md="a new file of the old name\n")

    history = History.of(repo)

    assert roles(history, "sub/c.md") == {"Mia Chen": (Role.AUTHOR, 9.0)}
    assert roles(history, "a.md") == {"Ole Ø": (Role.AUTHOR, 1.0)}
    assert history.get("é b.md") is None
    assert roles(History.of(repo / "sub"), "c.md") == {"Mia Chen": (Role.AUTHOR, 9.0)}


def test_bots_and_mass_commits_are_left_out(repo: Path, commit: Commit) -> None:
    commit(MIA, **{f"n{n}_md": lines(n) for n in range(31)})
    commit("renovate[bot] <x@example.org>", n1_md=lines(1, 2, 3))
    commit(OLE, n1_md=lines(1, 2, 3, 4))
    commit(OLE, **{f"m{n}_md": lines(n) for n in range(30)})

    history = History.of(repo)

    assert roles(history, "n1.md") == {"Ole Ø": (Role.AUTHOR, 1.0)}
    assert roles(history, "n2.md") == {}
    assert roles(history, "m2.md") == {"Ole Ø": (Role.AUTHOR, 1.0)}
    n1 = history.get("n1.md")
    assert n1 is not None
    assert n1.created_at.day == 1
    assert n1.updated_at.day == 3


def test_a_mass_move_keeps_the_authors(repo: Path, commit: Commit) -> None:
    for start in (0, 20):
        commit(MIA, **{f"n{n}_md": f"page {n}\n" * 5 for n in range(start, start + 20)})
    (repo / "docs").mkdir()
    for n in range(40):
        (repo / f"n{n}.md").rename(repo / "docs" / f"n{n}.md")
    commit(OLE)

    assert roles(History.of(repo), "docs/n7.md") == {"Mia Chen": (Role.AUTHOR, 5.0)}


def test_hidden_addresses_are_handles(repo: Path, commit: Commit) -> None:
    commit("Mia <12+mia-c@users.noreply.github.com>", a_md="x\n")

    found = History.of(repo).get("a.md")

    assert found is not None
    assert (found.contributors[0].handle, found.contributors[0].email) == ("mia-c", None)


def test_a_repository_s_settings_run_nothing(repo: Path, commit: Commit, tmp_path: Path) -> None:
    commit(MIA, a_md="x\n", **{".gitattributes": "*.md diff=evil filter=evil\n"})
    touched = tmp_path / "touched"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {touched}\ncat\n")
    evil.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv",
                "diff.evil.command", "gpg.program", "pager.log", "core.sshCommand",
                "filter.evil.clean", "filter.evil.smudge"):  # fmt: skip
        git(repo, "config", key, str(evil))
    git(repo, "config", "log.showSignature", "true")
    touched.unlink(missing_ok=True)

    assert roles(History.of(repo), "a.md") == {"Mia Chen": (Role.AUTHOR, 1.0)}
    assert not touched.exists()


def test_without_git_there_is_no_history(
    repo: Path, commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(MIA, a_md="x\n")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))

    assert History.of(repo).get("a.md") is None


def test_outside_a_checkout_or_without_commits(repo: Path, tmp_path: Path) -> None:
    assert History.of(tmp_path / "missing").get("a.md") is None
    assert History.of(repo).get("a.md") is None


def test_a_broken_repository(repo: Path, commit: Commit) -> None:
    commit(MIA, a_md="x\n")
    for path in (repo / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"broken")

    assert History.of(repo).get("a.md") is None


@pytest.mark.parametrize(
    ("name", "email", "bot"),
    [
        ("dependabot[bot]", "", True),
        ("renovate-bot", "", True),
        ("GitHub Actions", "", True),
        ("github-actions", "", True),
        ("release bot", "", True),
        ("x", "41898282+github-actions[bot]@users.noreply.github.com", True),
        ("x", "noreply@github.com", True),
        ("Ann Talbot", "ann.talbot@example.org", False),
        ("Bo Abbott", "bo@robotics.example", False),
        ("Mia", "12+mia@users.noreply.github.com", False),
    ],
)
def test_bots(name: str, email: str, bot: bool) -> None:
    assert is_bot(name, email) is bot


def test_what_was_said_is_as_old_as_its_name_says(repo: Path, commit: Commit) -> None:
    name = "2023-05-06-review_md"
    commit(MIA, **{name: "---\nkind: transcript\n---\nMia: Slow kilns crack.\nOle: So I heard.\n"})
    commit(MIA, notes_md="# Kilns\n\nSlow kilns crack.\n")
    told = {
        d.external_id: d
        for d in readers.read_export(repo, source="w")
        if isinstance(d, SourceDocument)
    }
    assert told["2023-05-06-review.md"].updated_at == datetime(2023, 5, 6, tzinfo=UTC)
    assert told["notes.md"].updated_at == datetime(2024, 2, 2, 10, tzinfo=UTC)
