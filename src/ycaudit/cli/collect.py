"""ycaudit collect: the statistics tables that came back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.cli.stored_runs import HistoryFile, chosen, find_run
from ycaudit.errors import AuditError, ConfigError, Problem
from ycaudit.i18n import Listed, Message, in_language, office_language
from ycaudit.inputs.claims import Asked
from ycaudit.inputs.collection import Collection, collected
from ycaudit.inputs.statistics import Figures, read_figures
from ycaudit.report import collection_book, collection_table
from ycaudit.runs.evidence import write_whole
from ycaudit.runs.history import LAST


@dataclass(frozen=True, kw_only=True)
class Collect(options.Chosen):
    """The options of the command."""

    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES...", help="Tables that came back (.xlsx, .xls, .ods, .csv)."),
    ]
    run: Annotated[
        str, typer.Option("--run", help="The run to compare with: its file, its id, or `last`.")
    ] = LAST
    output: Annotated[
        Path | None, typer.Option("--output", help="Also write a workbook (.xlsx).")
    ] = None
    history: HistoryFile = None


@options.declared
def command(asked: Collect) -> None:
    """Book who has reported, and set what units claim beside what was found."""
    _check(asked.output)
    run = find_run(asked.run, asked.history)
    wanted = Asked.of(run)
    # Against the whole list: a row about the unit of another office is no mistake.
    whole = collected(run, _read(_returned(asked.files), wanted), wanted)
    ours = chosen(run, asked.office, asked.tag)
    found = whole.only(
        [*(r.target.id for r in ours.reports.briefs()), *(n.id for n in ours.no_website)]
    )
    _tell(found)
    collection_table.show(found, run, sys.stdout)
    if asked.output is not None:
        with in_language(office_language()):
            write_whole(asked.output, partial(collection_book.write, found, run))
    if found.missing or found.problems:
        raise typer.Exit(1)


def _check(output: Path | None) -> None:
    """Refuse what could not be written, before the work is done for it."""
    if output is None:
        return
    if output.suffix.lower() != ".xlsx":
        raise AuditError("--output {0}: the workbook is written as .xlsx", output)
    if output.is_dir() or not output.resolve().parent.is_dir():
        raise AuditError("--output {0}: no file can be written there", output)


def _returned(files: list[Path]) -> list[Path]:
    """The files that came back: a summary of an earlier time, which lies beside them, did not."""
    for summary in (ours := [file for file in files if collection_book.is_summary(file)]):
        console.notice("{0} is a summary that `ycaudit collect` made, no report; left out", summary)
    return [file for file in files if file not in ours]


def _read(files: list[Path], asked: Asked) -> list[Figures]:
    """All tables. Raises ConfigError with the problems of every file that is none."""
    read: list[Figures] = []
    problems: list[Problem] = []
    for file in files:
        try:
            read.append(read_figures(file, lambda head: asked.meant(head) is not None))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return read


def _tell(found: Collection) -> None:
    for problem in found.problems:
        console.notice(problem.message)
    if found.unasked:
        columns = Listed(found.unasked)
        console.notice(Message("nothing that the rules ask for is named by {0}; left out", columns))
