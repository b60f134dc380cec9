"""ycaudit history: the runs that are kept."""

from __future__ import annotations

from ycaudit import office_time
from ycaudit.cli import console
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome
from ycaudit.report.rows import WORD, clean, marks
from ycaudit.runs.history import opened


def command(history: HistoryFile = None) -> None:
    """List the runs that are kept, the newest first, with the figures as persons decided them."""
    with opened(where(history)) as kept:
        for entry in kept.entries():
            figures = translate("，").join(
                f"{WORD[outcome]} {entry.counts[outcome]}"
                for outcome in reversed(Outcome)
                if entry.counts[outcome]
            )
            run = entry.run
            when = office_time.local(run.started_at).strftime("%Y-%m-%d %H:%M")
            units = Message("{0} site{0:|s}", entry.sites)
            said = "".join(f"  ({translate(mark)})" for mark in marks(run))
            console.info(
                *("{0}  {1}  {2}: {3}  {4}{5}", run.id, when, units, figures),
                *(clean(run.rules.name, 60), said),
            )
