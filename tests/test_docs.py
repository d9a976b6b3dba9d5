"""The documentation is true: settings, commands, targets, links and the README's examples."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from knowledge import readers
from tests.api.commands import in_this_process

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

FENCE = re.compile(
    r"^(?P<fence>```+)(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.M | re.S
)
TESTED = re.compile(r"^<!-- tested -->\n```console\n(?P<body>.*?)^```\s*$", re.M | re.S)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.M)


def name_of(page: Path) -> str:
    """A page as it is called in messages."""
    return page.relative_to(ROOT).as_posix()


# Settings


def settings_table() -> str:
    """The README's table as it has to be."""
    from knowledge.settings import all_settings

    rows = ["| Variable | Default | Meaning |", "| --- | --- | --- |"]
    for setting in all_settings():
        default = f"`{setting.default}`" if setting.default else "–"
        meaning = setting.description.replace("|", r"\|")
        rows.append(f"| `{setting.name}` | {default} | {meaning} |")
    return "\n".join(rows)


def test_the_readme_lists_every_setting() -> None:
    table = settings_table()
    assert table in README.read_text("utf-8"), f"README's settings table has to be:\n{table}\n"


def test_the_readme_tells_the_quality_that_every_change_is_held_to() -> None:
    from benchmarks.quality import summary

    assert summary() in README.read_text("utf-8"), f"README's table has to be:\n{summary()}\n"


def test_every_setting_has_a_meaning() -> None:
    from knowledge.settings import all_settings

    settings = list(all_settings())
    assert settings
    assert [s.name for s in settings if not s.description.endswith(".")] == []
    assert len({s.name for s in settings}) == len(settings)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_setting_that_does_not_exist(page: Path) -> None:
    from knowledge.settings import all_settings

    known = {setting.name for setting in all_settings()} | {"WHOKNOWS_SHARED"}  # tests only
    named = set(re.findall(r"\bWHOKNOWS_[A-Z0-9_]*[A-Z0-9]\b", page.read_text("utf-8")))
    assert sorted(named - known) == []


# Commands


@cache
def command_tree() -> Any:
    """The root of the command line."""
    import typer.main

    from api.cli import app

    return typer.main.get_command(app)


def subcommands(command: Any) -> dict[str, Any]:
    """What stands below a command; nothing for one that does something itself."""
    return dict(getattr(command, "commands", {}))


def leaves(command: Any, path: tuple[str, ...] = ("whoknows",)) -> Iterator[str]:
    """Every command that does something, in full."""
    below = subcommands(command)
    if not below and not getattr(command, "hidden", False):
        yield " ".join(path)
    for name, child in below.items():
        yield from leaves(child, (*path, name))


def unknown_command(words: list[str]) -> str | None:
    """The first word of ``whoknows …`` that names no command, if there is one."""
    command = command_tree()
    for word in words:
        below = subcommands(command)
        if not below or not re.fullmatch(r"[a-z][a-z-]*", word):
            return None
        if word not in below:
            return word
        command = below[word]
    return None


def code(page: Path) -> Iterator[str]:
    """Every piece of inline code and every typed line of the page's shell blocks."""
    text = page.read_text("utf-8")
    for block in FENCE.finditer(text):
        if block["language"] in ("console", "sh", "bash"):
            yield from (re.sub(r"^[$#] ", "", line) for line in block["body"].splitlines())
    yield from (match[1] for match in INLINE.finditer(FENCE.sub("", text)))


def test_the_readme_names_every_command() -> None:
    told = "\n".join(code(README))
    missing = [name for name in leaves(command_tree()) if not re.search(rf"{name}\b", told)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_command_that_does_not_exist(page: Path) -> None:
    typed = [piece.split() for piece in code(page) if piece.startswith("whoknows ")]
    wrong = [" ".join(words) for words in typed if unknown_command(words[1:])]
    assert wrong == []


def test_every_command_says_what_it_does() -> None:
    def silent(command: Any, path: str) -> Iterator[str]:
        if not (command.help or "").strip():
            yield path
        for name, child in subcommands(command).items():
            yield from silent(child, f"{path} {name}")

    assert list(silent(command_tree(), "whoknows")) == []


def make_targets() -> dict[str, str]:
    """The targets that `make` lists, with their explanations."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):.*## (.+)$", makefile, re.M))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_make_target_that_does_not_exist(page: Path) -> None:
    typed = [piece.split() for piece in code(page) if re.match(r"make( |$)", piece)]
    targets = {words[1] for words in typed if len(words) > 1 and re.match(r"[a-z]", words[1])}
    assert sorted(targets - make_targets().keys()) == []


def test_make_alone_lists_every_target() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for target, meaning in make_targets().items():
        assert re.search(rf"^ +{target} +{re.escape(meaning)}$", done.stdout, re.M)


# Examples


def example_commands(page: Path) -> list[list[str]]:
    """The commands of the blocks that the page marks as tested, in order."""
    blocks = TESTED.findall(page.read_text("utf-8"))
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize(
    "embedder",
    [
        "hashing",
        pytest.param("auto", marks=[pytest.mark.slow, pytest.mark.model]),
    ],
)
def test_the_readmes_examples_run(
    embedder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = example_commands(README)
    assert [words for words in commands if words[0] not in ("make", "whoknows")] == []
    typed = [words[1:] for words in commands if words[0] == "whoknows"]
    assert {"ingest", "search", "people"} <= {words[0] for words in typed}
    # Over HTTP: a token for somebody who is known by now.
    (token,) = re.findall(r"^\$ TOKEN=\$\(whoknows (.+)\)$", README.read_text("utf-8"), re.M)
    typed.append(shlex.split(token))
    environment = {"WHOKNOWS_DATA": str(tmp_path), "WHOKNOWS_EMBEDDER": embedder}
    monkeypatch.chdir(ROOT)
    for words in typed:
        done = in_this_process(words, environment)
        assert done.returncode == 0, f"whoknows {shlex.join(words)}\n{done.stdout}{done.stderr}"
        assert done.stdout.strip()
        assert "Traceback" not in done.stderr


def test_the_console_script_is_the_one_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"whoknows": "api.cli:main"}


# Links


def anchors(page: Path) -> set[str]:
    """The fragments that headings of a page can be reached by."""
    text = FENCE.sub("", page.read_text("utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text))
    return {title.replace(" ", "-") for title in plain}


def leads_somewhere(link: str, page: Path) -> bool:
    """Whether a link is to another site, or to a file and heading of the repository."""
    if re.match(r"[a-z][a-z+.-]*:", link):
        return True
    path, _, fragment = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    if not (target.exists() and target.is_relative_to(ROOT)):
        return False
    return not fragment or target.suffix != ".md" or fragment in anchors(target)


def links(text: str) -> list[str]:
    """The targets of a page's links and pictures."""
    return LINK.findall(INLINE.sub("", FENCE.sub("", text)))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    assert [x for x in links(page.read_text("utf-8")) if not leads_somewhere(x, page)] == []


def test_broken_links_are_noticed() -> None:
    text = '[a](b.md#c) ![d](<e.md>) [`g`](h.md "t") `[i](j.md)`\n```\n[k](l.md)\n```\n'
    assert links(text) == ["b.md#c", "e.md", "h.md"]
    assert leads_somewhere("README.md#settings", ROOT / "CHANGELOG.md")
    assert not leads_somewhere("README.md#no-such-heading", ROOT / "CHANGELOG.md")
    assert not leads_somewhere("docs/no-such-page.md", README)
    assert not leads_somewhere("../elsewhere.md", README)


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    records = sorted(p.name for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [name[:4] for name in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    assert [name for name in records if f"({name})" not in index] == []


def test_every_format_says_how_to_export_it() -> None:
    guide = (ROOT / "docs" / "import" / "README.md").read_text()
    pages = {path: path.read_text() for path in (ROOT / "docs" / "import").glob("*.md")}
    for name in readers.names():
        told = [path.name for path, text in pages.items() if f"formats/{name}" in text]
        assert told, f"no page in docs/import tries data/samples/formats/{name}"
    for path, text in pages.items():
        if path.name == "README.md":
            continue
        assert f"({path.name})" in guide, f"the guide does not lead to {path.name}"
        assert "## How to export" in text or path.name == "others.md", path.name
