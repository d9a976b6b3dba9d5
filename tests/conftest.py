"""What every test gets: no network, no settings of the developer, one thread a process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
