"""What the hearing of units allows: who may be named now, and what may be recorded of whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ycaudit.errors import InvalidValueError
from ycaudit.i18n import Message
from ycaudit.model import Outcome, ScanRun
from ycaudit.runs.cases import (
    KIND,
    Case,
    Kind,
    Recorded,
    State,
    accepted_objection,
    is_open_objection,
)
from ycaudit.runs.office_settings import Hearing
from ycaudit.runs.units import units_of


def unheard(
    run: ScanRun, cases: Iterable[Case], hearing: Hearing, today: date
) -> Iterator[Message]:
    """Yield why each failing unit of the run is not to be named yet, that is not to be."""
    by_site: Mapping[str, Case] = {case.id: case for case in cases}
    failing = [unit for unit in units_of(run.reports.briefs()) if unit.outcome is Outcome.FAIL]
    firsts = run.reports.briefs([unit.places[0] for unit in failing])
    for unit, report in zip(failing, firsts, strict=True):
        case = by_site.get(report.target.id)
        why = _why_unheard(case, hearing, today)
        if why is not None:
            yield Message("{0}: {1}", unit.name, why)


def _why_unheard(case: Case | None, hearing: Hearing, today: date) -> Message | None:
    if case and case.state is State.CLOSED:
        closed = case.last(Kind.CLOSED)
        return Message("its case was closed on {0}", closed.on if closed else case.checked)
    if case and (objection := case.last(Kind.OBJECTED)) and is_open_objection(case.events):
        return Message("objected on {0}, which nobody has looked at again", objection.on)
    if case and (looked := accepted_objection(case)):
        return Message("its objection was accepted on {0}: correct the verdict", looked.on)
    if case is None or case.last(Kind.TOLD) is None or case.state is State.CONFIRMED:
        return _why_untold(case, hearing.days) if hearing.days else None
    if case.due is not None and today <= case.due:
        return Message("may object until {0}", case.due)
    return None


def _why_untold(case: Case | None, days: int) -> Message:
    if case is None or case.last(Kind.TOLD) is None:
        return Message("was told of nothing yet, and then has {0} day{0:|s} to object", days)
    return Message("was not told of all that is confirmed against it")


def check_event(case: Case | None, event: Recorded, today: date) -> None:
    """Whether this may be recorded of a unit now. Raises InvalidValueError with why not."""
    if event.on > today:
        raise InvalidValueError("{0} has not come yet", event.on)
    if case is None or not case.events:
        raise InvalidValueError("nothing is found against {0}, so that it has no case", event.name)
    if case.state is State.CLOSED:
        closed = case.last(Kind.CLOSED)
        raise InvalidValueError(
            "the case of {0} is closed ({1}), and nothing was found since",
            *(event.name, closed.on if closed else ""),
        )
    _check_order(case, event)
    if event.until is not None and event.kind not in (Kind.TOLD, Kind.NAMED):
        raise InvalidValueError("only of `told` and `named` there is a day that the unit was given")
    if event.accepted is not None and event.kind is not Kind.LOOKED:
        raise InvalidValueError("only of `looked` it is said what came of an objection")
    if event.until is not None and event.until < event.on:
        raise InvalidValueError("{0} is before the day on which it was told", event.until)
    if event.kind is Kind.CLOSED and case.outcome is Outcome.FAIL and not event.note:
        raise InvalidValueError(
            "{0} still fails: look again or review it first; where its case ends all the same, a "
            "note must say why",
            event.name,
        )


_AFTER = {
    Kind.TOLD: (Kind.FOUND, Message("found")),
    Kind.ANSWERED: (Kind.TOLD, Message("told")),
    Kind.OBJECTED: (Kind.TOLD, Message("told")),
    Kind.LOOKED: (Kind.OBJECTED, Message("an objection")),
    Kind.NAMED: (Kind.FOUND, Message("found")),
    Kind.CLOSED: (Kind.FOUND, Message("found")),
}
"""What must have happened before, and its word."""


def _check_order(case: Case, event: Recorded) -> None:
    kind, word = _AFTER[event.kind]
    days = [one.on for one in case.events if one.kind is kind]
    if not days and kind is not Kind.FOUND:
        raise InvalidValueError(
            "of {0} there is nothing `{1}` could follow: record `{2}` first",
            *(event.name, Message(KIND.source(event.kind)), Message(KIND.source(kind))),
        )
    if days and event.on < min(days):
        raise InvalidValueError("{0} is before {1} ({2})", event.on, word, min(days))
    if event.kind is Kind.LOOKED and case.checked < max(days):
        raise InvalidValueError(
            "{0} objected on {1}, and its sites were last looked at on {2}: look again first",
            *(event.name, max(days), case.checked),
            hint=Message("run `{0}`", f"ycaudit scan --unit {case.id}"),
        )
    if event.kind is Kind.CLOSED and event.on < max(one.on for one in case.events):
        last = max(one.on for one in case.events)
        raise InvalidValueError("{0} is before what happened last ({1})", event.on, last)
