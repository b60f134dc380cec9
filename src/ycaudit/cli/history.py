"""ycaudit history: the runs that are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import i18n
from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.i18n import plural
from ycaudit.model import Outcome, ScanRun
from ycaudit.report.rows import WORD, clean
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import LAST, opened

HistoryFile = Annotated[
    Path | None,
    typer.Option("--history", help="The history file. [default: in your data folder]"),
]


def command(history: HistoryFile = None) -> None:
    """List the runs that are kept, the newest first."""
    with opened(where(history)) as kept:
        for entry in kept.entries():
            figures = i18n.told("，").join(
                f"{WORD[outcome]} {entry.counts[outcome]}"
                for outcome in reversed(Outcome)
                if entry.counts.get(outcome)
            )
            stopped = "" if entry.complete else f"  ({i18n.told('interrupted')})"
            when = entry.started_at.astimezone().strftime("%Y-%m-%d %H:%M")
            rules = clean(entry.rules, 60)
            units = f"{entry.units} unit{plural(entry.units)}"
            console.tell(f"{entry.id}  {when}  {units}: {figures}  {rules}{stopped}")


def where(asked: Path | None) -> Path:
    """The history file: as asked, as the environment says, or in the user's data folder."""
    if asked is not None:
        return asked
    if named := os.environ.get("YCAUDIT_HISTORY"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("ycaudit", appauthor=False) / "history.sqlite3"


def find_run(run: str, history: Path | None) -> ScanRun:
    """A run by its file, its id, the beginning of its id, or `last`."""
    from ycaudit.cli.show import read_run

    if Path(run).exists() or run == "-":
        return read_run(Path(run))
    if run != LAST and ("/" in run or run.endswith(".json")):
        raise AuditError(f"{run}: no such file")
    with opened(where(history)) as kept:
        return decided(kept.load(run), kept.decisions())
