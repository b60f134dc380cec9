"""Records what happened to units in their hearing: one event, or what a sheet of slips says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ycaudit.errors import AuditError, InvalidValueError, Problem, UnrecordedError, nearest
from ycaudit.i18n import Message
from ycaudit.inputs.assignment import Index
from ycaudit.inputs.cells import row_problem
from ycaudit.inputs.slips import Slip, read_slips
from ycaudit.inputs.unit_table import Line
from ycaudit.model import Outcome, ScanRun, Target, UnitReport
from ycaudit.report.rows import clean
from ycaudit.runs.cases import KIND, RECORDED, Case, Event, Kind, Recorded, cases_of, in_force
from ycaudit.runs.hearings import check_event
from ycaudit.runs.history import History
from ycaudit.runs.office_settings import Hearing
from ycaudit.runs.units import unit_key

MAX_NOTE = 1000
ALL = "all"
"""In place of a unit: every failing unit of the run, of which a circular was issued."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event that is to be recorded."""

    unit: str
    kind: Kind
    on: date | None
    by: str
    note: str = ""
    until: date | None = None
    event: int = 0
    accepted: bool | None = None


def kind_of(word: str) -> Kind:
    """The event that a word names. Raises AuditError."""
    kinds = (*RECORDED, Kind.WITHDRAWN)
    found = next((kind for kind in kinds if word in (kind, KIND[kind])), None)
    if found is None:
        known, hint = ", ".join(kinds), nearest(word, map(str, kinds))
        raise AuditError("event {0!r}: choose one of {1}{2}", word, known, hint)
    return found


def day(option: str, text: str) -> date:
    """A day as it is typed. Raises AuditError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise AuditError("{0} {1!r} is no day; write it like 2026-07-15", option, text) from error


def one(
    run: ScanRun, kept: History, wanted: Wanted, hearing: Hearing, *, today: date, now: datetime
) -> Recorded:
    """Record one event of one unit; returns it. Raises AuditError where it cannot have happened."""
    desk = _Desk(run, kept, hearing, today)
    target = desk.unit(wanted.unit)
    if wanted.kind is Kind.WITHDRAWN:
        event = _withdrawal(target, desk.case(target), wanted, today=today, now=now)
    else:
        event = desk.happened(target, wanted, now=now)
    return _kept([event], kept)[0]


def every(
    run: ScanRun, kept: History, wanted: Wanted, hearing: Hearing, *, today: date, now: datetime
) -> list[Recorded]:
    """Record that a circular was issued of all failing units of the run, or take that back.

    All of it, or nothing; returns it. Raises AuditError.
    """
    if wanted.kind is Kind.WITHDRAWN:
        return _kept(_all_withdrawn(kept, wanted, today=today, now=now), kept)
    if wanted.kind is not Kind.NAMED:
        raise AuditError("of all units at once only `{0}` is recorded", Kind.NAMED)
    desk = _Desk(run, kept, hearing, today)
    events = [desk.happened(target, wanted, now=now) for target in desk.failing()]
    if not events:
        raise AuditError("no unit of this run fails: no circular can have named one")
    return _kept(events, kept)


def _kept(events: Iterable[Recorded], kept: History) -> list[Recorded]:
    return [event.model_copy(update={"number": kept.record(event)}) for event in events]


def _all_withdrawn(
    kept: History, wanted: Wanted, *, today: date, now: datetime
) -> Iterator[Recorded]:
    """The withdrawal of each event that was recorded together with one."""
    standing = in_force(kept.recorded())
    first = next((one for one in standing if one.number == wanted.event), None)
    if first is None:
        raise AuditError("--event {0}: no such event stands", wanted.event)
    for one in standing:
        if (one.at, one.kind, one.run) == (first.at, first.kind, first.run):
            yield Recorded(
                kind=Kind.WITHDRAWN, on=wanted.on or today, by=clean(wanted.by, 60), at=now,
                name=one.name, office=one.office, note=clean(wanted.note, MAX_NOTE), of=one.number,
                site=one.site,
            )  # fmt: skip


def circulars(run: ScanRun, kept: History) -> list[list[Recorded]]:
    """The circulars about a run that were issued, each as the events of the units it names."""
    found: dict[datetime, list[Recorded]] = {}
    for one in in_force(kept.recorded()):
        if one.kind is Kind.NAMED and one.run in (run.id, run.judges):
            found.setdefault(one.at, []).append(one)
    return list(found.values())


def take(
    run: ScanRun, kept: History, sheet: Path, hearing: Hearing, *, by: str, today: date
) -> list[Recorded]:
    """Record what a sheet says that is not recorded yet: all of it, or nothing; returns it.

    Raises ConfigError with every row that is wrong.
    """
    desk = _Desk(run, kept, hearing, today)
    problems: list[Problem] = []
    events = list(desk.events(str(sheet), read_slips(sheet), by, problems))
    if problems:
        raise UnrecordedError(problems)
    return _kept(events, kept)


def _withdrawal(
    target: Target, case: Case | None, wanted: Wanted, *, today: date, now: datetime
) -> Recorded:
    known = {event.number for event in case.events if event.number} if case else set[int]()
    if wanted.event not in known:
        numbers = ", ".join(map(str, sorted(known)))
        raise AuditError(
            "event {0}: of {1} the events {2} can be withdrawn",
            *(wanted.event, target.unit_name, numbers or "–"),
            hint=Message("run `{0}`", f"ycaudit cases --unit {target.id}"),
        )
    return Recorded(
        kind=Kind.WITHDRAWN,
        on=wanted.on or today,
        by=wanted.by,
        at=now,
        name=target.unit_name,
        office=target.office,
        note=clean(wanted.note, MAX_NOTE),
        of=wanted.event,
        site=target.id,
    )


class _Desk:
    """The units of a run by what they are called, with their cases."""

    def __init__(self, run: ScanRun, kept: History, hearing: Hearing, today: date) -> None:
        self._run, self._today = run, today
        self._first = dict[tuple[str, str | None], Target]()
        self._owner = dict[str, Target]()
        self._fails = dict[str, list[tuple[str, str]]]()
        """What the sites of a unit must do and fail, by the id of the first."""
        self._index = Index()
        for report in run.reports.briefs():
            target = report.target
            first = self._first.setdefault(unit_key(target), target)
            self._owner[target.id] = first
            self._fails.setdefault(first.id, []).extend(_fails_of(report))
            self._index.add(target.id, target.id, target.name, target.url)
            self._index.add(target.id, "", target.unit_name, "")
        cases = cases_of(run, kept.known(), hearing, today)
        self._cases = {case.id: case for case in cases}

    def case(self, first: Target) -> Case | None:
        """The case of a unit, by its first site."""
        return self._cases.get(first.id)

    def unit(self, text: str) -> Target:
        """The first site of the unit that is called so. Raises AuditError."""
        for line in (Line(0, text, "", "", ()), Line(0, "", text, text, ())):
            found = self._meant(line)
            if len(found) == 1:
                return found[0]
            if found:
                break
        names = [t.unit_name for t in self._first.values()] + list(self._owner)
        hint = nearest(text, names)
        raise AuditError("{0!r} is not one unit of this run{1}", clean(text, 60), hint)

    def _meant(self, line: Line) -> list[Target]:
        owners = (self._owner[site] for site in self._index.meant(line))
        return list({owner.id: owner for owner in owners}.values())

    def event(
        self, first: Target, kind: Kind, on: date, by: str, note: str, *, at: datetime
    ) -> Recorded:
        """An event of a unit, as the history keeps it."""
        return Recorded(
            kind=kind,
            on=on,
            by=clean(by, 60),
            at=at,
            name=first.unit_name,
            office=first.office,
            note=clean(note, MAX_NOTE),
            site=first.id,
        )

    def happened(self, first: Target, wanted: Wanted, *, now: datetime) -> Recorded:
        """What is wanted, of one unit. Raises AuditError where it cannot have happened."""
        if wanted.on is None:
            raise AuditError(
                "say on which day it happened", hint=Message("such as --on {0}", self._today)
            )
        event = self.event(first, wanted.kind, wanted.on, wanted.by, wanted.note, at=now)
        more: dict[str, object] = {"until": wanted.until, "accepted": wanted.accepted}
        if wanted.kind is Kind.NAMED:
            more |= {"run": self._run.id, "named": tuple(self._fails[first.id])}
        event = event.model_copy(update=more)
        try:
            check_event(self.case(first), event, self._today)
        except InvalidValueError as error:
            raise AuditError(error.message) from error
        return event

    def failing(self) -> Iterator[Target]:
        """The first site of each failing unit."""
        return (first for first in self._first.values() if self._fails[first.id])

    def events(
        self, file: str, slips: Sequence[Slip], by: str, problems: list[Problem]
    ) -> Iterator[Recorded]:
        """What the rows say that is not recorded yet; what is wrong goes into the problems."""
        for slip in slips:
            found = self._meant(slip.unit)
            if len(found) != 1:
                called = clean(slip.unit.name or slip.unit.id or slip.unit.url, 60)
                why = Message("{0!r} is not one unit of this run{1}", called, "")
                problems.append(row_problem(file, slip.sheet, slip.unit.number, why))
                continue
            for event in self._said(found[0], slip, by):
                case = self.case(found[0])
                if case is not None and _is_known(case, event):
                    continue
                try:
                    check_event(case, event, self._today)
                except InvalidValueError as error:
                    row = slip.unit.number
                    problems.append(row_problem(file, slip.sheet, row, error.message))
                    break
                assert case is not None, "an event without a case was checked"
                # What follows in the sheet rests on it.
                self._cases[case.id] = _with(case, event)
                yield event

    def _said(self, first: Target, slip: Slip, by: str) -> Iterable[Recorded]:
        now = datetime.now(UTC)
        if slip.told is not None:
            yield self.event(first, Kind.TOLD, slip.told, by, "", at=now)
        if slip.on is not None:
            kind = Kind.OBJECTED if slip.objects else Kind.ANSWERED
            yield self.event(first, kind, slip.on, slip.by, slip.note, at=now)


def _fails_of(report: UnitReport) -> Iterator[tuple[str, str]]:
    """What a site must do and fails, by its id and that of the requirement."""
    for verdict in report.verdicts:
        if verdict.level == "must" and verdict.outcome is Outcome.FAIL:
            yield report.target.id, verdict.requirement


def _is_known(case: Case, event: Recorded) -> bool:
    """Whether the same stands there: of telling the day is enough, whoever did it."""
    return any(
        one.kind is event.kind
        and one.on == event.on
        and (one.kind is Kind.TOLD or (one.by, one.note) == (event.by, event.note))
        for one in case.events
    )


def _with(case: Case, event: Recorded) -> Case:
    happened = Event(kind=event.kind, on=event.on, by=event.by, note=event.note)
    return case.model_copy(update={"events": (*case.events, happened)})
