"""The round before a run: checks again of the same round are part of it, and no round before."""

from __future__ import annotations

from ycaudit.model import ScanRun
from ycaudit.runs.checks import checks_of
from ycaudit.runs.history import History


def round_before(history: History, run: ScanRun) -> ScanRun | None:
    """The latest whole run by rules of the same name that ended before any check of this one.

    None where there is none: figures of a part of the list, or by other rules, do not compare.
    """
    first = min(
        (moment for report in run.reports.briefs() for moment in checks_of(run, report)),
        default=run.started_at,
    )
    for entry in history.entries():
        earlier = entry.run
        is_round = earlier.complete and not earlier.partial and earlier.finished_at < first
        if is_round and earlier.rules.name == run.rules.name:
            return history.load(earlier.id)
    return None
