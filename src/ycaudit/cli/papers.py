"""What official papers say beside the run, gathered for the commands that write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ycaudit import office_time
from ycaudit.auditing.papers import background_of
from ycaudit.cli import console, settings
from ycaudit.model import ScanRun
from ycaudit.report.formats import NO_BACKGROUND, Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.outputs import Outputs
from ycaudit.runs.history import History, opened


def background(
    run: ScanRun,
    outputs: Outputs,
    *,
    history: Path,
    template: Path | None = None,
    rules: Sequence[Path] = (),
) -> Background:
    """What the papers among the outputs need; nothing is read where there are none.

    Raises AuditError where the template cannot be read.
    """
    if not outputs.has_papers:
        return NO_BACKGROUND
    if not history.exists():  # it is not made for this
        return gathered(run, None, template=template, rules=rules)
    with opened(history) as kept:
        return gathered(run, kept, template=template, rules=rules)


def gathered(
    run: ScanRun,
    history: History | None,
    *,
    template: Path | None = None,
    rules: Sequence[Path] = (),
) -> Background:
    """What papers about this run need. Raises AuditError where the template cannot be read."""
    head = settings.letterhead()
    _tell_of_deadline(head, run)
    return background_of(run, history, letterhead=head, template=template, rules=rules)


def _tell_of_deadline(head: Letterhead, run: ScanRun) -> None:
    if head.deadline and head.deadline <= office_time.today(run.finished_at):
        console.notice(
            "the deadline {0} of [letter] is not after this check: it is left blank in the papers",
            head.deadline,
        )
