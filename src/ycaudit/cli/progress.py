"""What a person sees of an audit while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ycaudit.auditing.service import Listener
from ycaudit.cli import console
from ycaudit.i18n import translate
from ycaudit.model import Outcome, UnitReport


@contextmanager
def listening(total: int) -> Iterator[Listener]:
    """Notices and a progress bar on stderr."""
    with _progress(total) as tick:
        yield Listener(report=tick, notice=console.notice)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[UnitReport], None]]:
    """Units done, undetermined so far and time left, where a person looks on."""
    if console.in_json() or not sys.stderr.isatty():
        yield lambda _report: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[doubts]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(translate("units"), total=total, doubts="")
        doubts = 0

        def tick(report: UnitReport) -> None:
            nonlocal doubts
            doubts += report.outcome is Outcome.UNDETERMINED
            progress.update(task, advance=1, doubts=translate("{0} undetermined", doubts))

        yield tick


def notice_missing_zbar() -> None:
    """One line where the second decoder lacks its system library; the first goes on alone."""
    from ycaudit.observe.qr.decoders import LIBZBAR_HINT, has_zbar

    if not has_zbar():
        console.notice("{0}; the other decoder reads alone", LIBZBAR_HINT)
