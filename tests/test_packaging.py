"""The wheel holds all that runs, and the samples; it runs where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest


def setuptools_settings(repository: Path) -> dict[str, Any]:
    told: dict[str, Any] = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    settings: dict[str, Any] = told["tool"]["setuptools"]
    return settings


def test_every_package_is_listed(repository: Path) -> None:
    found = {
        file.parent.relative_to(repository).as_posix().replace("/", ".")
        for top in ("knowledge", "indexer", "api")
        for file in (repository / top).rglob("__init__.py")
    }
    assert set(setuptools_settings(repository)["packages"]) == found | {"whoknows_samples"}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_holds_every_file_that_is_needed(repository: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, repository],
        check=True,
        env=os.environ | {"PIP_NO_BUILD_ISOLATION": "0"},
    )
    (wheel,) = tmp_path.glob("whoknows-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "knowledge", "indexer", "api", "data/samples"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    needed = {name.replace("data/samples/", "whoknows_samples/") for name in tracked if name}
    assert needed - held == set()
    top = {name.split("/")[0] for name in held}
    assert {name for name in top if not name.endswith(".dist-info")} == {
        "knowledge",
        "indexer",
        "api",
        "whoknows_samples",
    }
