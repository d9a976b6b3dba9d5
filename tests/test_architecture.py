"""The rules that import-linter cannot express: SQL stays in its place, files stay small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("knowledge", "indexer", "api")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_LINES = 400

SQLITE_ONLY = re.compile(
    r"""\b(?: PRAGMA | INSERT\ OR\ \w+ | REPLACE\ INTO | BEGIN\ IMMEDIATE | BEGIN\ EXCLUSIVE
        | VACUUM(?!\ \(FULL) | ATTACH\ DATABASE | AUTOINCREMENT | WITHOUT\ ROWID | GLOB
        | json_(?:extract|each|tree|patch) | julianday | strftime\( | group_concat
        | sqlite_(?:master|schema|sequence) | _?rowid_? | last_insert_rowid )""",
    re.VERBOSE,
)
# The engine's own file, and backups, which are staged in a scratch file.
SQLITE_FILES = ("knowledge/store/sqlite.py", "knowledge/store/copies.py")
SQLITE_MODULES = ("sqlite3", "sqlalchemy.dialects", "pysqlite2", "apsw")
SQL = re.compile(
    r"\A\s*(?:SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+TABLE\s)",
    re.DOTALL,
)


def imports(nodes: list[ast.AST]) -> Iterator[str]:
    """Every module that a file imports, at whatever depth."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def literals(nodes: list[ast.AST]) -> Iterator[str]:
    """Every string of a file that is not a docstring."""
    docs = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def of_module(name: str, module: str) -> bool:
    """Whether ``name`` is ``module`` or lies in it."""
    return name == module or name.startswith(module + ".")


def sqlite_only(source: str) -> list[str]:
    """What of a file's text works on SQLite alone."""
    nodes = list(ast.walk(ast.parse(source)))
    return [
        name for name in imports(nodes) for module in SQLITE_MODULES if of_module(name, module)
    ] + [match[0] for text in literals(nodes) for match in SQLITE_ONLY.finditer(text)]


def sql(source: str) -> list[str]:
    """What of a file's text speaks to a database."""
    nodes = list(ast.walk(ast.parse(source)))
    found = [name for name in imports(nodes) if of_module(name, "sqlalchemy")]
    return found + [text for text in literals(nodes) if SQL.match(text)]


def relative(path: Path) -> str:
    """A file as it is called in messages."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_long() -> None:
    lines = {relative(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: many for path, many in lines.items() if many > MAX_LINES} == {}, "split them"


def test_sqlite_only_sql_is_in_its_files() -> None:
    found = {relative(path): sqlite_only(path.read_text("utf-8")) for path in SOURCES}
    assert sorted(path for path, what in found.items() if what) == sorted(SQLITE_FILES), found


def test_only_knowledge_speaks_sql() -> None:
    others = [path for path in SOURCES if not relative(path).startswith("knowledge/")]
    found = {relative(path): sql(path.read_text("utf-8")) for path in others}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import sqlite3",
        "def f():\n    from sqlalchemy.dialects import sqlite",
        "from sqlalchemy.dialects.sqlite import insert",
        "run('PRAGMA mmap_size=0')",
        "run(f'INSERT OR REPLACE INTO {table} VALUES (1)')",
        "run('SELECT json_extract(tags, 0) FROM documents')",
    ],
)
def test_the_search_for_sqlite_finds_it(source: str) -> None:
    assert sqlite_only(source)


@pytest.mark.parametrize(
    "source",
    [
        "import sqlalchemy as sa",
        "from sqlalchemy.orm import Session",
        "run('''\n  select * FROM x ''', 'SELECT id FROM documents WHERE id = 1')",
        "run('UPDATE documents SET title = 1')",
    ],
)
def test_the_search_for_sql_finds_it(source: str) -> None:
    assert sql(source)


def test_prose_is_no_sql() -> None:
    source = '"""SELECT a thing FROM a PRAGMA."""\nhint = "Select a row from the list"'
    assert sql(source) == []
    assert sqlite_only(source) == []
