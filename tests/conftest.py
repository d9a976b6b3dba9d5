"""What every test gets: no network, no settings of the developer, one thread a process.

And a kind of database: what opens one runs on SQLite and on PostgreSQL, by ``engine``.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from tests import postgres

ROOT = Path(__file__).parents[1]

# Before any test module imports a library that reads them.
for _name in [name for name in os.environ if name.startswith("WHOKNOWS_")]:
    if _name != "WHOKNOWS_SHARED":
        del os.environ[_name]
os.environ |= {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}

# Every commit waits for its disk, as it must. Where memory serves as one, none is slow. Not in
# containers, whose share of it is small; who says another place has that.
_MEMORY = Path("/dev/shm")
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 4 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# Python starts some fifty times: nobody shall compile what the one before has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "whoknows",
    deadline=None,  # two test processes share two cores
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("whoknows")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of judged collections and real exports that are not part of the project."""
    folder = Path(os.environ.get("WHOKNOWS_SHARED") or ROOT.parent / "shared")
    if not (folder / "eval").is_dir():
        pytest.skip(f"no judged collections in {folder}; set WHOKNOWS_SHARED to their folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests import builders

    builders.empty = builders.EmptyDatabase(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """What is said to one SQLite is said to all of them: a fifth of the time of tests that open
    one goes into compiling it. The cache asks which dialect it is, and these do not differ."""
    shared: LRUCache[Any, Any] = LRUCache(6000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        ours = property(lambda _: shared, lambda _, _own: None)
        patch.setattr(Engine, "_compiled_cache", ours, raising=False)
        yield


_OPENERS = ("opened", "settings", "storage")


def pytest_configure(config: pytest.Config) -> None:
    """The marks that choose the kind of database."""
    config.addinivalue_line("markers", "sqlite(reason): concerns SQLite only")
    config.addinivalue_line("markers", "postgresql: concerns PostgreSQL only")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: whoever looks for garbage need not go through it every time."""
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every test of a module that opens a database run on both kinds."""
    if not _opens_a_database(metafunc.module) or _has_its_own(metafunc):
        return
    kinds = ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]
    if metafunc.definition.get_closest_marker("sqlite"):
        kinds.pop()
    elif metafunc.definition.get_closest_marker("postgresql"):
        kinds.pop(0)
    metafunc.parametrize("engine", kinds, indirect=True, scope="module")


def _opens_a_database(module: ModuleType) -> bool:
    from tests import builders

    own = (getattr(module, name, None) for name in _OPENERS)
    return any(found is getattr(builders, name) for found, name in zip(own, _OPENERS, strict=True))


def _has_its_own(metafunc: pytest.Metafunc) -> bool:
    """Whether a fixture that several tests share was made without asking for ``engine``."""
    shared = [
        fixture
        for fixtures in metafunc._arg2fixturedefs.values()
        for fixture in fixtures
        if fixture.scope != "function" and fixture.baseid.endswith(".py")
    ]
    return any("engine" not in fixture.argnames for fixture in shared)


def missing(what: str) -> NoReturn:
    """Skip what needs a program that is not there; where nobody would read that (CI), fail."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server of this test process."""
    programs = postgres.programs()
    if programs is None:
        missing("no PostgreSQL server is installed; on Debian: apt-get install postgresql")
    made = postgres.Server(programs)
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of database: sqlite or postgresql."""
    kind = getattr(request, "param", "sqlite")
    if kind == "postgresql":
        postgres.current = postgres.Installations(request.getfixturevalue("server"))
    yield kind
    postgres.current = None


@pytest.fixture(autouse=True)
def _one_database(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if postgres.current is None:
        yield
        return
    with postgres.current.one_test() as url:
        monkeypatch.setenv("WHOKNOWS_DATABASE_URL", url)
        yield


@pytest.fixture(scope="session")
def _readers_prepared() -> None:
    from tests.knowledge.warm_reader import prepare

    prepare()


@pytest.fixture
def warm_readers(_readers_prepared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are read in children that need not start Python first; for tests of what follows."""
    from tests.knowledge.warm_reader import warm

    warm(monkeypatch)
