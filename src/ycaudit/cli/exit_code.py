"""The exit code that a run and the caller's line ask for."""

from __future__ import annotations

import typer

from ycaudit.model import Outcome, ScanRun

FAILED, NOT_RUN, UNDETERMINED, INTERRUPTED = 1, 2, 3, 130


def leave(run: ScanRun, fail_on: str) -> None:
    """End with the code of the contract; `fail_on` is as --fail-on."""
    if not run.complete:
        raise typer.Exit(INTERRUPTED)
    if run.suspicions:
        raise typer.Exit(NOT_RUN)
    code = {Outcome.FAIL: FAILED, Outcome.UNDETERMINED: UNDETERMINED}.get(run.outcome, 0)
    if fail_on == "never" or (fail_on == "fail" and code == UNDETERMINED):
        code = 0
    raise typer.Exit(code)
