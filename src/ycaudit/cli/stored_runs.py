"""Runs as commands take them: a document, an id of the history, or `last`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import ValidationError

from ycaudit.auditing.selection import narrowed
from ycaudit.cli import console
from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message
from ycaudit.inputs.value_errors import message_of
from ycaudit.inputs.yaml_document import STDIN
from ycaudit.model import ScanRun
from ycaudit.runs import format_1
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import LAST, History, opened, opened_to_read
from ycaudit.runs.units import Choice

HistoryFile = Annotated[
    Path | None, typer.Option("--history", help="The history file. [default: in your data folder]")
]


def stored(incomplete: str) -> list[str]:
    """The names of runs that begin so, for the completion of a shell: the newest first."""
    from ycaudit.cli import settings

    try:
        found = settings.find(Path(), os.environ)
        named = found.table.get("history") if found else None
        is_set = isinstance(named, str) and "YCAUDIT_HISTORY" not in os.environ
        file = where(Path(str(named)) if is_set else None)
        if not file.is_file():
            return []
        with opened_to_read(file) as kept:
            names = [LAST, *kept.ids()]
    except AuditError:
        return []  # a shell is no place to tell it: the command will
    return [name for name in names if name.startswith(incomplete)]


RunName = Annotated[
    str,
    typer.Argument(
        help="A run document (JSON; - is stdin), the id of a run in the history, or `last`.",
        autocompletion=stored,
    ),
]


def where(asked: Path | None) -> Path:
    """The history file: as asked, as set in the environment, or in the user's data folder."""
    if asked is not None:
        return asked
    if named := os.environ.get("YCAUDIT_HISTORY"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("ycaudit", appauthor=False) / "history.sqlite3"


def find_run(run: str, history: Path | None) -> ScanRun:
    """A run by its file, its id, the beginning of its id, or `last`."""
    if Path(run).exists() or run == "-":
        return read_run(Path(run))
    if run != LAST and ("/" in run or run.endswith(".json")):
        raise AuditError("{0}: no such file", run)
    with opened_to_read(where(history)) as kept:
        found = kept.load(run)
        if run == LAST and (newest := kept.newest()) is not None and newest != found.id:
            _tell_of_newer(found, kept.load(newest))
        return decided(found, kept.decisions())


def _tell_of_newer(last: ScanRun, newest: ScanRun) -> None:
    """Say why the newest run is not the one that is meant by `last`."""
    if newest.partial:
        what = Message("`last` is run {0}; run {1} is of a part of the list", last.id, newest.id)
    else:
        what = Message("`last` is run {0}; run {1} has not come to its end", last.id, newest.id)
    console.notice(what)


@contextmanager
def aside() -> Iterator[History]:
    """A history for one run alone, which is gone with it."""
    with (
        TemporaryDirectory(prefix="ycaudit-", ignore_cleanup_errors=True) as folder,
        opened(Path(folder) / "run.sqlite3") as kept,
    ):
        yield kept


def chosen(
    run: ScanRun, offices: Sequence[str], tags: Sequence[str], texts: Sequence[str] = ()
) -> ScanRun:
    """The run with only the units of one of these offices that carry one of these tags.

    `texts` leave only those whose id, name or address contains one of them. Where none is named,
    all fit. Raises AuditError where no unit is left.
    """
    if not (offices or tags or texts):
        return run
    return narrowed(run, Choice(texts, offices, tags))


def read_run(path: Path) -> ScanRun:
    """The run document in a file. Raises AuditError where it is none."""
    try:
        data = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
        return format_1.read_run(data)
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", path, why_of(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        what = message_of(first)
        if where:
            what = Message("{0}: {1}", where, what)
        raise AuditError("{0}: not a run document of ycaudit ({1})", path, what) from error
