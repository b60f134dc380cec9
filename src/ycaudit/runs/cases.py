"""How each unit is heard before it is named: a case with its events, from found to closed.

Kept in the history are only the events that persons record. All others follow from what it holds
already: runs, decisions, letters and papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from ycaudit import office_time
from ycaudit.i18n import Translated
from ycaudit.model import Outcome, Record, ScanRun, UnitReport
from ycaudit.runs.checks import checks_of
from ycaudit.runs.decisions import Decisions, Key, is_confirmed
from ycaudit.runs.diff import Past
from ycaudit.runs.office_settings import Hearing, person
from ycaudit.runs.units import UnitSites, units_of


class Kind(StrEnum):
    """What may happen to a unit, in the order in which it happens on one day."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    TOLD = "told"
    ANSWERED = "answered"
    OBJECTED = "objected"
    LOOKED = "looked"
    """A person has looked again at what it objected to (复核)."""
    NAMED = "named"
    """A circular was issued that names it."""
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    """An event was recorded by mistake."""


KIND = Translated(
    {
        Kind.FOUND: "发现",
        Kind.CONFIRMED: "核定",
        Kind.TOLD: "告知",
        Kind.ANSWERED: "答复",
        Kind.OBJECTED: "提出异议",
        Kind.LOOKED: "复核",
        Kind.NAMED: "通报",
        Kind.CLOSED: "办结",
        Kind.WITHDRAWN: "撤回记录",
    }
)
"""What an event is called."""
RECORDED = (Kind.TOLD, Kind.ANSWERED, Kind.OBJECTED, Kind.LOOKED, Kind.NAMED, Kind.CLOSED)
"""What persons record; what is told by the program's own letters is known without."""
_ORDER = {kind: place for place, kind in enumerate(Kind)}


class State(StrEnum):
    """How far a case is."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    """As many persons as the office asks for say that it fails."""
    TOLD = "told"
    ANSWERED = "answered"
    OBJECTED = "objected"
    """It has objected, and nobody has recorded that this was looked at again."""
    DUE = "due"
    """The deadline for objections has passed."""
    MENDED = "mended"
    """Nothing is found any more; the case may be closed."""
    CLOSED = "closed"


class Recorded(Record):
    """An event that a person recorded."""

    kind: Kind
    on: date
    by: str
    at: datetime
    """When it was recorded."""
    name: str
    """The unit by its name, should the id of its site change."""
    office: str | None = None
    note: str = ""
    until: date | None = None
    """The last day that was given: of `told` to object, of `named` to mend the homepage."""
    run: str | None = None
    """Of `named`: the run that the circular is about."""
    named: tuple[tuple[str, str], ...] = ()
    """Of `named`: the sites and requirements, by id, that the unit is said to fail."""
    accepted: bool | None = None
    """Of `looked`: whether the objection was found right; None where nobody said."""
    of: int | None = None
    """Of `withdrawn`: the number of the event."""
    site: str
    """The id of the unit's first site."""
    number: int = 0
    """By which the history knows it; 0 before it is kept."""


class Event(Record):
    """Something that happened to a unit."""

    kind: Kind
    on: date
    by: str = ""
    note: str = ""
    until: date | None = None
    accepted: bool | None = None
    of: int | None = None
    """Of `withdrawn`: the number of the event."""
    number: int = 0
    """0: it follows from other things that the history holds."""


class Case(Record):
    """What has happened to a unit since something was found, and how far that is."""

    id: str
    """The id of the unit's first site."""
    unit: str
    office: str | None
    sites: tuple[str, ...]
    """The ids of all its sites."""
    outcome: Outcome
    """Of the unit in the run."""
    state: State
    events: tuple[Event, ...]
    withdrawn: tuple[Event, ...] = ()
    """What was recorded by mistake, and who said so."""
    due: date | None = None
    """The last day on which it may object; None where it was not told, or there is no deadline."""
    checked: date
    """The day on which its sites were last looked at."""

    def last(self, kind: Kind) -> Event | None:
        """The latest event of a kind."""
        return next((e for e in reversed(self.events) if e.kind is kind), None)


@dataclass(frozen=True, slots=True)
class Known:
    """What the history knows of units beside the run."""

    past: Past = field(default_factory=Past)
    decisions: Decisions = field(default_factory=dict)
    recorded: Sequence[Recorded] = ()
    letters: Sequence[tuple[str, datetime]] = ()
    """The site that a letter to a unit was about, and when it was sent."""
    named: Mapping[str, frozenset[Key] | None] = field(default_factory=dict)
    """What these letters named, by that site; None where one of them may have named anything."""


def cases_of(run: ScanRun, known: Known, hearing: Hearing, today: date) -> tuple[Case, ...]:
    """The cases of the run's units, in its order. A unit against which nothing is, has none."""
    index = _Index(known)
    units = units_of(run.reports.briefs())
    reports = run.reports.briefs([place for unit in units for place in unit.places])
    found = (
        _Unit(run, unit, [next(reports) for _ in unit.places], index, hearing).case(today)
        for unit in units
    )
    return tuple(case for case in found if case is not None)


class _Index:
    """What the history knows, by site."""

    def __init__(self, known: Known) -> None:
        self.past = known.past
        self.requirements = dict[str, list[str]]()
        for site, requirement in known.past.verdicts:
            self.requirements.setdefault(site, []).append(requirement)
        self.decisions = known.decisions
        self.named = known.named
        self.letters = dict[str, list[datetime]]()
        for site, at in known.letters:
            self.letters.setdefault(site, []).append(at)
        self._by_site = dict[str, list[Recorded]]()
        self._by_name = dict[tuple[str, str | None], list[Recorded]]()
        for one in known.recorded:
            self._by_site.setdefault(one.site, []).append(one)
            self._by_name.setdefault((one.name, one.office), []).append(one)

    def recorded(self, unit: UnitSites, sites: Iterable[str]) -> list[Recorded]:
        """What was recorded of a unit, by its name or by that of one of its sites."""
        found = [*self._by_name.get((unit.name, unit.office), ())]
        found += [one for site in sites for one in self._by_site.get(site, ())]
        return sorted({one.number: one for one in found}.values(), key=lambda one: one.number)


def in_force(recorded: Sequence[Recorded]) -> list[Recorded]:
    """What was recorded and not taken back."""
    gone = {one.of for one in recorded if one.kind is Kind.WITHDRAWN}
    return [one for one in recorded if one.kind in RECORDED and one.number not in gone]


class _Unit:
    """One unit of a run with all that is known of it."""

    def __init__(
        self,
        run: ScanRun,
        unit: UnitSites,
        reports: Sequence[UnitReport],
        index: _Index,
        hearing: Hearing,
    ) -> None:
        self._run, self._unit, self._reports = run, unit, reports
        self._index, self._hearing = index, hearing
        self._sites = [report.target.id for report in reports]
        recorded = index.recorded(unit, self._sites)
        self._recorded = in_force(recorded)
        self._withdrawn = [one for one in recorded if one not in self._recorded]

    def case(self, today: date) -> Case | None:
        """What has happened to it since something was found; None where nothing was."""
        closings = sorted(one.on for one in self._recorded if one.kind is Kind.CLOSED)
        fails = sorted(self._fails)
        after = [day for day in fails if not closings or day > closings[-1]]
        is_closed = bool(closings) and not after
        before = closings[:-1] if is_closed else closings
        since = before[-1] if before else date.min
        own = [one for one in self._recorded if one.on > since]
        begun = next((day for day in fails if day > since), None)
        if begun is None and not own:
            return None
        events = sorted(self._events(begun, since, own), key=lambda e: (e.on, _ORDER[e.kind]))
        due = _due(events, self._hearing)
        return Case(
            id=self._sites[0],
            unit=self._unit.name,
            office=self._unit.office,
            sites=tuple(self._sites),
            outcome=self._unit.outcome,
            state=State.CLOSED if is_closed else self._state(events, due, today),
            events=tuple(events),
            withdrawn=tuple(map(_event, self._withdrawn)),
            due=due,
            checked=max(office_time.today(m) for r in self._reports for m in self._checks(r)),
        )

    def _checks(self, report: UnitReport) -> tuple[datetime, ...]:
        return checks_of(self._run, report)

    @cached_property
    def _fails(self) -> set[date]:
        """The days on which it was found to lack what it must have."""
        past = self._index.past
        found = {
            office_time.today(look.at)
            for key in self._keys
            for look in past.verdicts.get(key, ())
            if look.outcome is Outcome.FAIL
        }
        failing = [report for report in self._reports if report.outcome is Outcome.FAIL]
        return found | {office_time.today(self._checks(report)[-1]) for report in failing}

    @cached_property
    def _keys(self) -> list[tuple[str, str]]:
        """What its sites must have; what they should have is held against nobody."""
        should = {
            (report.target.id, verdict.requirement)
            for report in self._reports
            for verdict in report.verdicts
            if verdict.level != "must"
        }
        every = (
            (site, requirement)
            for site in self._sites
            for requirement in self._index.requirements.get(site, ())
        )
        return [key for key in every if key not in should]

    def _events(self, begun: date | None, since: date, own: Iterable[Recorded]) -> Iterator[Event]:
        if begun is not None:
            yield Event(kind=Kind.FOUND, on=begun)
        last = max((one.on for one in own if one.kind is Kind.CLOSED), default=date.max)
        for event in (*self._confirmed(), *self._told()):
            if since < event.on <= last and (begun is None or event.on >= begun):
                yield event
        yield from map(_event, own)

    def _confirmed(self) -> Iterator[Event]:
        """Once for each person and day."""
        known = set[tuple[str, date]]()
        must = (
            (report.target.id, verdict.requirement)
            for report in self._reports
            for verdict in report.verdicts
            if verdict.level == "must"
        )
        keys = {*self._keys, *must}
        for key in sorted(keys):
            for one in self._index.decisions.get(key, ()):
                made = person(one.by), office_time.today(one.at)
                if one.outcome is Outcome.FAIL and made not in known:
                    known.add(made)
                    yield Event(kind=Kind.CONFIRMED, on=made[1], by=one.by)

    def _told(self) -> Iterator[Event]:
        """By a letter of the program's own; to several recipients on one day, once."""
        days = {office_time.today(at) for s in self._sites for at in self._index.letters.get(s, ())}
        yield from (Event(kind=Kind.TOLD, on=day) for day in days)

    def _state(self, events: Sequence[Event], due: date | None, today: date) -> State:
        kinds = [event.kind for event in events if event.kind is not Kind.NAMED]
        if is_open_objection(events):
            return State.OBJECTED
        if self._unit.outcome in (Outcome.PASS, Outcome.WAIVED):
            return State.MENDED
        if Kind.TOLD in kinds and not self._is_untold:
            if due is not None and today > due:
                return State.DUE
            told = max(place for place, kind in enumerate(kinds) if kind is Kind.TOLD)
            return State.ANSWERED if Kind.ANSWERED in kinds[told:] else State.TOLD
        return State.CONFIRMED if self._confirmed_fails else State.FOUND

    @cached_property
    def _confirmed_fails(self) -> set[Key]:
        """What as many persons as the office asks for say that its sites fail."""
        return {
            (report.target.id, verdict.requirement)
            for report in self._reports
            for verdict in report.verdicts
            if is_confirmed(verdict, self._hearing.persons)
        }

    @property
    def _is_untold(self) -> bool:
        """Whether persons have confirmed what none of its letters named; who told it by hand told
        it all."""
        letters = [self._index.named.get(s) for s in self._sites if s in self._index.letters]
        if any(one.kind is Kind.TOLD for one in self._recorded) or None in letters:
            return False
        return bool(self._confirmed_fails.difference(*filter(None, letters)))


def _event(one: Recorded) -> Event:
    return Event.model_validate({name: getattr(one, name) for name in Event.model_fields})


def is_open_objection(events: Iterable[Event]) -> bool:
    """Whether the last objection was not looked at again; of one day, the looking comes later."""
    last = [e.kind for e in events if e.kind in (Kind.OBJECTED, Kind.LOOKED, Kind.CLOSED)]
    return last[-1:] == [Kind.OBJECTED]


def accepted_objection(case: Case) -> Event | None:
    """The looking again that found the last objection right; None where none did."""
    looked = case.last(Kind.LOOKED)
    is_last = looked is not None and not is_open_objection(case.events)
    return looked if looked is not None and is_last and looked.accepted else None


def _due(events: Iterable[Event], hearing: Hearing) -> date | None:
    """By the latest telling: whoever is told anew may object anew."""
    told = [event for event in events if event.kind is Kind.TOLD]
    if not told:
        return None
    latest = max(event.on for event in told)
    said = [event.until or hearing.due(event.on) for event in told if event.on == latest]
    return max(filter(None, said), default=None)
