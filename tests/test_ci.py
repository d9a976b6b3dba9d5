"""What CI runs: where it is set, nothing is left out because a program is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing


def test_what_is_missing_is_skipped_by_people_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no kiln"):
        missing("no kiln is installed")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no kiln"):
        missing("no kiln is installed")


@pytest.mark.parametrize(("ci", "passes"), [(None, True), ("", True), ("true", False)])
def test_ci_fails_when_a_program_cannot_be_installed(
    tmp_path: Path, repository: Path, ci: str | None, passes: bool
) -> None:
    """The script with programs that do nothing, and neither Chromium nor a way to install it."""
    programs, python = tmp_path / "programs", tmp_path / ".venv" / "bin" / "python"
    programs.mkdir()
    python.parent.mkdir(parents=True)
    for name in ("bash", "dirname", "id", "ls"):
        (programs / name).symlink_to(shutil.which(name) or name)
    for stub, code in ((programs / "make", 0), (programs / "apt-get", 1), (python, 0)):
        stub.write_text(f"#!/bin/sh\nexit {code}\n")
        stub.chmod(0o755)
    for present in ("initdb", "npm"):
        (programs / present).symlink_to(programs / "make")
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(repository / ".ci" / "run", script)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PATH": str(programs)} | ({} if ci is None else {"CI": ci})
    done = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert "no chromium here" in done.stdout + done.stderr
    assert (done.returncode == 0) is passes, done.stderr
