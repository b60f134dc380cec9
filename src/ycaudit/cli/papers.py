"""What official papers say beside the run, gathered for the commands that write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeAlias

from ycaudit import office_time
from ycaudit.auditing.papers import Office, availability_of, background_of, template_of
from ycaudit.auditing.questions import calls_of
from ycaudit.cli import console, office_tables
from ycaudit.model import ScanRun
from ycaudit.report.formats import NO_BACKGROUND, Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.outputs import Outputs
from ycaudit.runs.history import History, opened_to_read

Notice: TypeAlias = Callable[..., None]
"""Is called with a message and its values, for a person to know."""


def background(
    run: ScanRun,
    outputs: Outputs,
    *,
    history: Path,
    template: Path | None = None,
    rules: Sequence[Path] = (),
    notice: Notice = console.notice,
) -> Background:
    """What the outputs need beside the run; nothing is read where they need nothing.

    Raises AuditError where the template cannot be read.
    """
    if not outputs.looks_back:
        return NO_BACKGROUND
    # The history is not made for this.
    with opened_to_read(history) if history.exists() else nullcontext(None) as kept:
        if not outputs.has_papers:
            return Background(
                availability=availability_of(run, kept, office_tables.threshold()),
                calls=calls_of(run, kept),
            )
        return gathered(run, kept, template=template, rules=rules, notice=notice)


def gathered(
    run: ScanRun,
    history: History | None,
    *,
    template: Path | None = None,
    rules: Sequence[Path] = (),
    notice: Notice = console.notice,
) -> Background:
    """What papers about this run need. Raises AuditError where the template cannot be read."""
    office = office_of(template=template, rules=rules)
    _tell_of_deadline(office.letterhead, run, notice)
    return background_of(run, history, office, today=office_time.today())


def check_template(template: Path | None) -> None:
    """Raises AuditError where it cannot be a template, before the work is done for it."""
    if template is not None:
        from ycaudit.report.paper_template import opened as opened_document

        opened_document(template_of(template), str(template))


def office_of(*, template: Path | None, rules: Sequence[Path]) -> Office:
    """What the settings file says of the office. Raises ConfigError."""
    return Office(
        letterhead=office_tables.letterhead(),
        hearing=office_tables.hearing(),
        threshold=office_tables.threshold(),
        template=template,
        rules=rules,
    )


def _tell_of_deadline(head: Letterhead, run: ScanRun, notice: Notice) -> None:
    if head.deadline and head.deadline <= office_time.today(run.finished_at):
        notice(
            "the deadline {0} of [letter] is not after this check: it is left blank in the papers",
            head.deadline,
        )
