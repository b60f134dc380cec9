"""What a person sees of an audit while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ycaudit.auditing import service
from ycaudit.auditing.recorder import Recorder
from ycaudit.cli import console
from ycaudit.cli.notices import Notices
from ycaudit.i18n import translate
from ycaudit.model import NoWebsite, Outcome, Policy, ScanRun, UnitReport
from ycaudit.rules.judge import Unit


def watched(
    units: Sequence[Unit],
    policy: Policy,
    request: service.Request,
    recorder: Recorder,
    *,
    no_website: Sequence[NoWebsite] = (),
    quiet: bool = False,
    notices: Notices | None = None,
) -> ScanRun:
    """The run by the service, with its notices and a progress bar on stderr. Raises AuditError.

    `quiet` leaves the bar out.
    """
    notices = notices or Notices()
    if request.scheduler is None and service.needs_decoders(units):
        notice_missing_zbar(notices)
    with _progress(len(units), hidden=quiet) as tick:
        listener = service.Listener(report=tick, notice=notices.notice, remark=notices.remark)
        return service.run(units, policy, request, recorder, listener, no_website=no_website)


@contextmanager
def _progress(total: int, *, hidden: bool) -> Iterator[Callable[[UnitReport], None]]:
    """Units done, undetermined so far and time left, where a person looks on."""
    if hidden or console.in_json() or not sys.stderr.isatty():
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


def notice_missing_zbar(notices: Notices) -> None:
    """One line where the second decoder lacks its system library; the first goes on alone."""
    from ycaudit.observe.qr.decoders import LIBZBAR_HINT, has_zbar

    if not has_zbar():
        notices.notice("{0}; the other decoder reads alone", LIBZBAR_HINT)
