"""ycaudit history: the runs that are kept."""

from __future__ import annotations

from ycaudit import i18n
from ycaudit.cli import console
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.i18n import plural
from ycaudit.model import Outcome
from ycaudit.report.rows import WORD, clean
from ycaudit.runs.history import opened


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
