"""Which units are to be called: a person could not tell before asking them on the telephone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ycaudit.model import OPEN, Record, UnitReport
from ycaudit.runs.decisions import Decisions, Key, page_of


class Call(Record):
    """A note that a unit is to be called about one verdict; it settles nothing.

    It holds as a decision does: while the page shows the same and the rule asks for the same.
    """

    by: str
    """Who noted it; empty where a workbook does not say."""
    at: datetime
    note: str = ""
    page: str
    """The fingerprint of what the page showed."""
    asked: str = ""
    """The verdict's `asked`."""


Calls = Mapping[Key, Call]


def standing(
    reports: Iterable[tuple[UnitReport, str]], calls: Calls, decisions: Decisions
) -> dict[Key, Call]:
    """The calls that are still to be made; each report comes with its fingerprint."""
    if not calls:
        return {}
    return {
        key: call
        for report, page in reports
        for verdict in report.verdicts
        if (call := calls.get(key := (report.target.id, verdict.requirement))) is not None
        and verdict.outcome in OPEN
        and (call.page, call.asked) == (page_of(verdict, page), verdict.asked)
        and not _is_decided(call, key, decisions)
    }


def _is_decided(call: Call, key: Key, decisions: Decisions) -> bool:
    """Whether somebody has decided it since."""
    made = decisions.get(key, ())
    return any(one.page == call.page and one.at >= call.at for one in made)
