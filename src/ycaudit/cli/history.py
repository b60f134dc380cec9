"""ycaudit history: the runs that are kept."""

from __future__ import annotations

from ycaudit import office_time
from ycaudit.cli import console
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome
from ycaudit.report.rows import WORD, clean
from ycaudit.runs.history import opened


def command(history: HistoryFile = None) -> None:
    """List the runs that are kept, the newest first."""
    with opened(where(history)) as kept:
        for entry in kept.entries():
            figures = translate("，").join(
                f"{WORD[outcome]} {entry.counts[outcome]}"
                for outcome in reversed(Outcome)
                if entry.counts.get(outcome)
            )
            stopped = "" if entry.complete else f"  ({translate('interrupted')})"
            when = office_time.local(entry.started_at).strftime("%Y-%m-%d %H:%M")
            rules = clean(entry.rules, 60)
            units = Message("{0} unit{0:|s}", entry.units)
            console.info(
                "{0}  {1}  {2}: {3}  {4}{5}", entry.id, when, units, figures, rules, stopped
            )
