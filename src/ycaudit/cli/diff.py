"""ycaudit diff: what changed since the last time."""

from __future__ import annotations

from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.cli.stored_runs import HistoryFile, chosen, find_run, stored, where
from ycaudit.errors import AuditError
from ycaudit.model import ScanRun
from ycaudit.report.changes import lines_of
from ycaudit.report.rows import clean
from ycaudit.runs.diff import compare, past_of
from ycaudit.runs.history import LAST, opened_to_read


def command(
    before: Annotated[
        str,
        typer.Argument(
            help="A run (file or id). [default: all that was known before AFTER]",
            autocompletion=stored,
        ),
    ] = "",
    after: Annotated[
        str, typer.Argument(help="The run to compare with it.", autocompletion=stored)
    ] = LAST,
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    office: options.Offices = [],  # noqa: B006 - typer copies it
    tag: options.Tags = [],  # noqa: B006 - typer copies it
    history: HistoryFile = None,
) -> None:
    """List who newly fails, who has mended what, who has not, and what can no longer be seen."""
    if format_name not in ("text", "json"):
        raise AuditError("--format {0!r}: choose text or json", format_name)
    run = find_run(after, history)
    if before:
        other = find_run(before, history)
        if other.id == run.id:
            raise AuditError("{0} and {1} are the same run: name another one", before, after)
        _tell_if_suspect(other)
        past = past_of(other)
    else:
        with opened_to_read(where(history)) as kept:
            past = kept.past(before=run)
    _tell_if_suspect(run)
    comparison = compare(past, chosen(run, office, tag))
    if format_name == "json":
        console.data(comparison.model_dump_json(indent=1) + "\n")
        return
    for line in lines_of(comparison):
        console.line(line)


def _tell_if_suspect(run: ScanRun) -> None:
    if run.is_suspect:
        why = clean(run.suspicions[0].translated(), 200)
        console.notice("run {0} is suspect: {1}", run.id, why)
