"""``whoknows doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli._common import out, print_json
from api.doctor import Verdict, examine
from knowledge.settings import load_settings

_MARKS = {Verdict.GOOD: "ok  ", Verdict.WARNING: "note", Verdict.BAD: "BAD "}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say what is wrong with this installation and how to mend it."""
    findings = []
    for finding in examine(load_settings()):
        findings.append(finding)
        if not as_json:
            out.print(f"{_MARKS[finding.verdict]}  {finding.check}: {finding.seen}", markup=False)
            if finding.mend:
                out.print(f"      -> {finding.mend}", markup=False)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)
