"""What CI runs: where it is set, nothing is left out because a program is missing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
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


def test_dangerous_code_is_looked_for(tmp_path: Path, repository: Path) -> None:
    """By ``make lint``, with settings that leave out nothing that matters."""
    rules = (repository / "Makefile").read_text("utf-8").partition("\nlint:")[2]
    assert "bandit" in rules.partition("\n\n")[0]
    bad = {
        "shell.py": "import subprocess\nsubprocess.run(input(), shell=True)\n",
        "code.py": "eval(input())\n",
        "pickled.py": "import pickle\npickle.loads(b'')\n",
        "yaml_load.py": "import yaml\nyaml.load('', yaml.Loader)\n",
        "xml_parse.py": "import xml.etree.ElementTree as e\ne.fromstring(input())\n",
        "digest.py": "import hashlib\nhashlib.md5(b'')\n",
        "unverified.py": "import requests\nrequests.get('https://a.example', verify=False)\n",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json"]
    command += ["--configfile", str(repository / "pyproject.toml"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    found = {Path(one["filename"]).name for one in json.loads(done.stdout)["results"]}
    assert found == set(bad)


def test_every_rule_that_is_left_out_says_why(repository: Path) -> None:
    settings = (repository / "pyproject.toml").read_text("utf-8").partition("[tool.bandit]")[2]
    skips = settings.partition("]\n")[0].strip().splitlines()[1:]
    assert skips
    assert [line for line in skips if not re.search(r"# \w.{10,}", line)] == []


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A .venv whose programs do nothing but look at addresses."""
    made = tmp_path / "venv"
    for place in (made / "bin", made / "tools" / "bin"):
        place.mkdir(parents=True)
    (made / "bin" / "python").symlink_to(sys.executable)
    for name in ("python", "pip-audit"):
        stub = made / "tools" / "bin" / name
        stub.write_text("#!/bin/sh\nexit 0\n")
        stub.chmod(0o755)
    (made / ".installed").touch()
    return made


def make(repository: Path, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", target, *variables]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)


def test_an_audit_that_cannot_be_made_says_so(repository: Path, installed: Path) -> None:
    advisories = installed / "advisories.json"
    advisories.write_text('{"vulnerabilities": [{"id": "one"}]}')
    nowhere = [f"VENV={installed}", "ADVISORIES=http://127.0.0.1:9/"]
    there = [f"VENV={installed}", f"ADVISORIES={advisories.as_uri()}"]
    done = make(repository, "audit-deps", *nowhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "from here, so nothing was audited" in done.stdout
    assert "nothing was audited" not in make(repository, "audit-deps", *there).stdout
    advisories.write_text('{"vulnerabilities": []}')
    assert "nothing was audited" in make(repository, "audit-deps", *there).stdout
    advisories.write_text('{"vulnerabilities": [{"id": "one"}]}')
    # What is found fails; what cannot even be looked for does not.
    (installed / "tools" / "bin" / "pip-audit").write_text("#!/bin/sh\nexit 1\n")
    assert make(repository, "audit-deps", *there).returncode != 0
    (installed / "tools" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    done = make(repository, "audit-deps", *there)
    assert done.returncode == 0
    assert "cannot be installed from here, so nothing was audited" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_sbom_names_what_is_installed(repository: Path) -> None:
    if not (repository / ".venv" / ".installed").exists():
        missing("there is no .venv: make setup")
    done = make(repository, "sbom")
    if "cyclonedx-bom" in done.stderr and not (repository / "sbom.json").exists():
        missing("cyclonedx-bom cannot be installed from here")
    assert done.returncode == 0, done.stderr
    told = json.loads((repository / "sbom.json").read_text("utf-8"))
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == ("CycloneDX", "whoknows")
    named = {one["name"].lower(): one["version"] for one in told["components"]}
    pinned = re.findall(r"^([\w.-]+)==(\S+)$", (repository / "constraints.txt").read_text(), re.M)
    wanted = {name.lower(): version for name, version in pinned}
    for name in ("fastapi", "sqlalchemy", "nh3", "faiss-cpu", "tantivy", "torch"):
        assert named[name].partition("+")[0] == wanted[name].partition("+")[0]
    assert not {"cyclonedx-bom", "pip-audit"} & named.keys()


@pytest.mark.parametrize(
    ("again", "first", "passes"), [(0, 0, True), (0, 1, True), (1, 1, False), (0, 3, False)]
)
def test_what_failed_has_to_pass_once_more(
    tmp_path: Path, repository: Path, again: int, first: int, passes: bool
) -> None:
    """Tests that failed are run by themselves; a run that broke off is not excused."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\ncase "$*" in\n'
        f"  *--last-failed*) echo again; exit {again} ;;\n  *worksteal*) exit {first} ;;\nesac\n"
    )
    mkdocs = tmp_path / ".venv" / "examples" / "bin" / "mkdocs"
    mkdocs.parent.mkdir(parents=True)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("chromium", "initdb", "npm", "make"):
        (programs / name).write_text("#!/bin/sh\nexit 0\n")
        (programs / name).chmod(0o755)
    for made in (python, mkdocs):
        made.touch()
        made.chmod(0o755)
    script = tmp_path / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(repository / ".ci" / "run", script)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "CI": "true"}
    done = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is passes, done.stderr
    assert ("again" in done.stdout) is (first == 1)
