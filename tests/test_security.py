"""docs/security.md: each claim names a test, and that test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
CHAPTERS = range(1, 18)


def functions(path: Path) -> set[str]:
    """The tests of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def claims() -> list[list[str]]:
    """The cells of every row that stands below "What proves it"."""
    told = PAGE.read_text("utf-8").partition("\n## What proves it\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in told.splitlines() if line.startswith("| ")]
    return [row for row in rows if row[0].strip() not in ("Chapter", "Risk", "Claim", "---")]


@pytest.mark.parametrize(
    "named", sorted(set(NAMED.findall(PAGE.read_text("utf-8")))), ids="::".join
)
def test_every_test_that_is_named_is_there(named: tuple[str, str]) -> None:
    file, function = named
    assert (ROOT / file).is_file()
    assert function.startswith("test_")
    assert function in functions(ROOT / file)


# What can ask another host for something.
CLIENTS = {"httpx", "authlib", "requests", "aiohttp", "urllib3", "urllib.request", "http.client"}
CLIENTS |= {"ftplib", "smtplib", "socket", "websockets"}
ASKING = ("api/auth/", "api/mail/server.py")
# Asks itself whether it answers, and listens.
ITSELF = ("api/server.py", "api/doctor.py", "api/cli/")


def asked_with(path: Path) -> set[str]:
    """The clients that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        found |= {c for name in names for c in CLIENTS if name == c or name.startswith(f"{c}.")}
    return found


def test_only_signing_in_and_mail_ask_other_hosts() -> None:
    """So nothing that somebody writes can name a host that the service then asks."""
    asking = {
        path.relative_to(ROOT).as_posix(): asked_with(path)
        for top in ("knowledge", "indexer", "api")
        for path in (ROOT / top).rglob("*.py")
    }
    elsewhere = {file: found for file, found in asking.items() if found}
    assert {f: c for f, c in elsewhere.items() if not f.startswith((*ASKING, *ITSELF))} == {}
    assert "http.client" in elsewhere["api/server.py"]


def test_every_claim_names_a_test() -> None:
    assert len(claims()) > 30
    nothing = ("There is none.", "Nothing is sold", "Not met")
    bare = [row for row in claims() if not NAMED.search(row[-1])]
    assert [row[0] for row in bare if not row[1].strip().startswith(nothing)] == []


def test_every_chapter_and_risk_has_a_row() -> None:
    heads = " ".join(row[0] for row in claims())
    assert [n for n in CHAPTERS if not re.search(rf"\bV{n}\b", heads)] == []
    assert [n for n in range(1, 11) if not re.search(rf"\bAPI{n}\b", heads)] == []
