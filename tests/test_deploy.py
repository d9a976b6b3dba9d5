"""docs/deploy.md is followed literally, in a folder of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT, SCRIPT = "/etc/whoknows.env", "/usr/local/bin/whoknows"
PROGRAM, DATA = "/opt/whoknows/bin/whoknows", "/var/lib/whoknows"


def blocks(repository: Path) -> list[str]:
    """The fenced blocks of the page, in order."""
    text = (repository / "docs" / "deploy.md").read_text("utf-8")
    return re.findall(r"^```\w+\n(.*?)^```$", text, re.M | re.S)


def test_commands_and_service_have_the_same_settings(repository: Path) -> None:
    unit = next(block for block in blocks(repository) if "[Service]" in block)
    assert f"EnvironmentFile={ENVIRONMENT}\n" in unit
    assert f"ExecStart={PROGRAM} serve " in unit
    assert f"ReadWritePaths={DATA}\n" in unit
    assert "User=whoknows\n" in unit


@pytest.mark.slow
def test_the_script_runs_as_the_user_of_the_service_with_its_settings(
    repository: Path, tmp_path: Path
) -> None:
    made = blocks(repository)
    environment = next(block for block in made if block.startswith(f"# {ENVIRONMENT}"))
    script = next(block for block in made if f"# {SCRIPT}:" in block)
    for name, text in (
        (ENVIRONMENT, environment),
        (SCRIPT, script),
        (PROGRAM, f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m api.cli "$@"\n'),
        ("/usr/bin/sudo", '#!/bin/sh\necho "$1 $2" >> "$TOLD"\nshift 2\nexec "$@"\n'),
    ):
        file = Path(f"{tmp_path}{name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        inside = re.sub(
            f"{ENVIRONMENT}|{PROGRAM}|{DATA}", lambda path: f"{tmp_path}{path[0]}", text
        )
        file.write_text(inside)
        file.chmod(0o755)
    people = tmp_path / "people.csv"
    people.write_text("name,email\nAda Field,ada.field@example.org\n")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("WHOKNOWS_")}
    inherited |= {
        "PATH": f"{tmp_path}/usr/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(repository),
        "TOLD": str(tmp_path / "told"),
    }
    typed = [
        shlex.split(line[2:].replace("/srv/people.csv", str(people)))
        for block in made
        for line in block.splitlines()
        if line.startswith(("# whoknows person import", "# whoknows account invite"))
    ]
    assert len(typed) == 2
    for _, *words in typed:
        done = subprocess.run(
            [f"{tmp_path}{SCRIPT}", *words],
            env=inherited,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "/invitations/" in done.stdout
    assert (tmp_path / "told").read_text() == "-u whoknows\n" * 2
    assert Path(f"{tmp_path}{DATA}/whoknows.db").exists()
    assert not (tmp_path / "var" / "whoknows.db").exists()


def test_every_command_of_an_operator_is_typed_at_root_s_prompt(repository: Path) -> None:
    lines = [line for block in blocks(repository) for line in block.splitlines()]
    assert [line for line in lines if line.startswith("$ ")] == []
