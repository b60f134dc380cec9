"""What units report of themselves, booked: who has not, what does not fit, and at what rates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from ycaudit.errors import Problem
from ycaudit.inputs.assignment import Index, agreed
from ycaudit.inputs.claims import Asked, Claim, Fit, shows
from ycaudit.inputs.headings import heading
from ycaudit.inputs.statistics import Figures, Reported
from ycaudit.model import ScanRun, UnitReport, Verdict
from ycaudit.runs.units import units_of

_INSTALLED = re.compile(r"(?!.*率).*(?:安装|下载|注册|关注|装机|用户)")
_STAFF = (
    re.compile(r"应(?:安装|下载|注册|关注).*"),
    re.compile(r"(?!.*率).*(?:职工|在编|在岗|员工|干部|人员|人数)"),
)
"""How many a unit has that could install it: the surer heading first."""


@dataclass(frozen=True, slots=True)
class Return:
    """One unit of the list, and what it reported."""

    name: str
    office: str | None
    ids: tuple[str, ...]
    """Of its sites, else its own."""
    sites: int
    claims: tuple[Claim, ...]
    figures: Mapping[str, int]
    has_reported: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """Installations over staff: the sums over those units that reported both."""

    installed: int
    staff: int
    units: int
    """How many reported both."""
    of: int
    """How many units there are."""

    @property
    def value(self) -> float | None:
        """The rate; None where nobody works."""
        return self.installed / self.staff if self.staff else None


@dataclass(frozen=True)
class Collection:
    """Everything that was reported, unit by unit in the order of the list."""

    returns: tuple[Return, ...]
    requirements: Mapping[str, str]
    """Id to name."""
    figures: tuple[str, ...]
    """The names of the numbers."""
    problems: tuple[Problem, ...]
    unasked: tuple[str, ...] = ()
    """Columns of claims that name nothing that the rules ask for."""

    def only(self, ids: Iterable[str]) -> Collection:
        """The same of those units that have one of these ids."""
        wanted = set(ids)
        left = (each for each in self.returns if not wanted.isdisjoint(each.ids))
        return replace(self, returns=tuple(left))

    @cached_property
    def missing(self) -> tuple[Return, ...]:
        """The units that have not reported."""
        return tuple(each for each in self.returns if not each.has_reported)

    @cached_property
    def staff(self) -> str | None:
        """The name of the number of staff; None where none is reported."""
        names = (name for kind in _STAFF for name in self.figures if self._is_staff(kind, name))
        return next(names, None)

    @staticmethod
    def _is_staff(kind: re.Pattern[str], name: str) -> bool:
        word = heading(name)
        return bool(kind.match(word)) and (kind is _STAFF[0] or not _INSTALLED.match(word))

    @cached_property
    def installed(self) -> tuple[str, ...]:
        """The names of the numbers of installations."""
        return tuple(
            name for name in self.figures if _INSTALLED.match(heading(name)) and name != self.staff
        )

    @cached_property
    def offices(self) -> dict[str | None, tuple[Return, ...]]:
        """The units of each office, in the order of the list."""
        found: dict[str | None, list[Return]] = {}
        for each in self.returns:
            found.setdefault(each.office, []).append(each)
        return {office: tuple(units) for office, units in found.items()}

    def rate(self, units: Sequence[Return], name: str) -> Rate:
        """The installations by that name over staff, of these units."""
        both = [
            (each.figures[name], each.figures[self.staff])
            for each in units
            if self.staff is not None and name in each.figures and self.staff in each.figures
        ]
        return Rate(sum(i for i, _ in both), sum(s for _, s in both), len(both), len(units))

    def exceeds(self, units: Sequence[Return], name: str) -> bool:
        """Whether any of these units, or all together, report more installations than staff."""
        rates = (self.rate(some, name) for some in (units, *([each] for each in units)))
        return any(rate.installed > rate.staff > 0 for rate in rates)

    def ranking(self, name: str) -> list[tuple[int | None, str | None, Rate]]:
        """The offices by their rate, the highest first; equal rates share a place.

        An office that has no rate has no place, and stands last.
        """
        rates = [(office, self.rate(units, name)) for office, units in self.offices.items()]
        values = [rate.value for _, rate in rates if rate.value is not None]
        ranked = [
            (None if (v := rate.value) is None else 1 + sum(o > v for o in values), office, rate)
            for office, rate in rates
        ]
        return sorted(ranked, key=lambda each: (each[0] is None, each[0] or 0))

    def fits(self, requirement: str) -> Counter[Fit]:
        """How many units fit how, of those of which it is asked."""
        return Counter(
            c.fit for each in self.returns for c in each.claims if c.requirement == requirement
        )


def collected(run: ScanRun, forms: Iterable[Figures], asked: Asked) -> Collection:
    """Book what was reported on the units of the run."""
    forms = list(forms)
    problems = [problem for figures in forms for problem in figures.problems]
    found = _Found(run)
    rows: dict[str, list[Reported]] = defaultdict(list)
    for row in (row for figures in forms for row in figures.rows):
        units = found.index.meant(row.unit)
        if len(units) == 1:
            rows[units.pop()].append(row)
        else:
            problems.append(row.problem(found.index.why_not_one(row.unit)))
    returns = tuple(
        _return(unit, found, rows.get(str(number), []), asked, problems)
        for number, unit in enumerate(found.units)
    )
    claimed = dict.fromkeys(name for figures in forms for name in figures.claimed)
    return Collection(
        returns=returns,
        requirements=asked.names,
        figures=tuple(dict.fromkeys(name for figures in forms for name in figures.columns)),
        problems=tuple(problems),
        unasked=tuple(name for name in claimed if asked.meant(name) is None),
    )


def _return(
    unit: _Unit, found: _Found, rows: Sequence[Reported], asked: Asked, problems: list[Problem]
) -> Return:
    rows = [row for row in rows if not _is_as_sent(row, unit, found, asked)]
    said = [
        (row, {asked.names[id_]: claimed})
        for row in rows
        for head, claimed in row.claims.items()
        if (id_ := asked.meant(head)) is not None
    ]
    claims = agreed(said, problems)
    return Return(
        name=unit.name,
        office=unit.office,
        ids=unit.ids,
        sites=len(unit.places),
        claims=tuple(
            found.claim(unit.places, id_, name, claims.get(name))
            for id_, name in asked.names.items()
            if found.is_asked(unit.places, id_) or name in claims
        ),
        figures=agreed(((row, row.figures) for row in rows), problems),
        has_reported=bool(rows),
    )


def _is_as_sent(row: Reported, unit: _Unit, found: _Found, asked: Asked) -> bool:
    """Whether a row of our own form says only what we wrote into it."""
    if not row.in_form or row.figures:
        return False
    claims = {asked.meant(head): claimed for head, claimed in row.claims.items()}
    return all(found.is_written(unit.places, id_, claimed) for id_, claimed in claims.items())


class _Unit(NamedTuple):
    """A unit of the list, and where its sites stand in the run."""

    name: str
    office: str | None
    ids: tuple[str, ...]
    places: tuple[int, ...]


class _Found:
    """What a run found, and what its units are called."""

    def __init__(self, run: ScanRun) -> None:
        self.index = Index()
        self._verdicts: dict[tuple[int, str], Verdict] = {}
        self._urls: list[str] = []
        ids = [report.target.id for report in run.reports.briefs()]
        self.units = [
            _Unit(unit.name, unit.office, tuple(ids[place] for place in unit.places), unit.places)
            for unit in units_of(run.reports.briefs())
        ]
        numbers = {place: n for n, unit in enumerate(self.units) for place in unit.places}
        for place, report in enumerate(run.reports.briefs()):
            self._note(place, str(numbers[place]), report)
        for without in run.no_website:
            self.index.add(str(len(self.units)), without.id, without.name, "")
            self.units.append(_Unit(without.name, without.office, (without.id,), ()))

    def _note(self, place: int, number: str, report: UnitReport) -> None:
        target = report.target
        self._urls.append(target.url)
        self.index.add(number, target.id, target.name, target.url)
        self.index.add(number, "", target.unit_name, "")
        for verdict in report.verdicts:
            self._verdicts[place, verdict.requirement] = verdict

    def is_asked(self, places: Sequence[int], requirement: str) -> bool:
        """Whether a site at one of these places was judged by it."""
        return any((place, requirement) in self._verdicts for place in places)

    def is_written(self, places: Sequence[int], requirement: str | None, said: bool) -> bool:
        """Whether that is what our form says of one of the sites at these places."""
        verdicts = (self._verdicts.get((place, requirement or "")) for place in places)
        return any(verdict is not None and shows(verdict) is said for verdict in verdicts)

    def claim(
        self, places: Sequence[int], requirement: str, name: str, claimed: bool | None
    ) -> Claim:
        """What was found of it at all these places, beside what is claimed."""
        verdicts = {p: v for p in places if (v := self._verdicts.get((p, requirement)))}
        present = {place: shows(verdict) for place, verdict in verdicts.items()}
        without = [place for place, shown in present.items() if shown is False]
        everywhere = True if present and all(present.values()) else None
        return Claim(
            requirement=requirement,
            name=name,
            claimed=claimed,
            found=False if without else everywhere,
            sites=tuple(self._urls[place] for place in without),
            by_person=bool(without) and all(verdicts[p].decision for p in without),
        )
