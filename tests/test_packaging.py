"""The wheel holds all that runs, and the samples; it runs where nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

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


def tracked(repository: Path) -> list[str]:
    """The names of the files that git knows and that are there."""
    named = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [name for name in named if name and (repository / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The wheel of the tracked files as they are now, built from a copy of them: what an earlier
    build left in the checkout gets into no wheel, and this one leaves nothing there."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked(repository):
        copy = folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(repository / name, copy)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "-w", folder, folder / "source"], check=True)
    (made,) = folder.glob("whoknows-*.whl")
    return made


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_holds_every_file_that_is_needed_and_no_other(
    repository: Path, wheel: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    folders = ("knowledge/", "indexer/", "api/", "data/samples/")
    # What the bundles beside the templates are made of.
    sources = "api/web/scripts/"
    needed = {
        name.replace("data/samples/", "whoknows_samples/")
        for name in tracked(repository)
        if name.startswith(folders) and not name.startswith(sources)
    }
    assert held == needed


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_shows_the_demo_where_nothing_else_is(
    repository: Path, wheel: Path, tmp_path: Path
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True, env=clean)
    programs = tmp_path / "venv" / "bin"
    install = [programs / "python", "-m", "pip", "install", "--quiet"]
    constraints = ["-c", repository / "constraints.txt"]
    subprocess.run([*install, *constraints, wheel], check=True, env=clean)
    log = tmp_path / "log"
    with (
        log.open("w") as told,
        subprocess.Popen(
            [programs / "whoknows", "demo", "--port", "0", "--data", tmp_path / "data"],
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            cwd=tmp_path,
            env=clean,
        ) as demo,
    ):
        assert demo.stdout is not None
        try:
            lines = iter(demo.stdout.readline, "")
            site = next((line.strip() for line in lines if line.startswith("http://")), None)
            assert site is not None, log.read_text()
            with urlopen(f"{site}/?q=how+do+I+restore+a+backup") as page:
                assert "<mark>" in page.read().decode()
        finally:
            demo.terminate()
    assert demo.returncode == 0
