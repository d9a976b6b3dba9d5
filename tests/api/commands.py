"""The command line in the tests' own process, which has loaded everything that it needs."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from api.cli import main


def in_this_process(words: list[str], environment: Mapping[str, str]) -> CompletedProcess[str]:
    """What ``whoknows`` would print and end with as a process with this added environment."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["whoknows", *words])
        for name, value in environment.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code or 0
    assert isinstance(code, int)
    return CompletedProcess(words, code, out.getvalue(), err.getvalue())
