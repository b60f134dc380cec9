"""Assigns reported numbers to the units of a run, by all that a row calls its unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from unicodedata import normalize

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cells import row_name
from ycaudit.inputs.statistics import Figures, Reported, shown
from ycaudit.inputs.unit_table import Line
from ycaudit.model import Figure, ScanRun, Target, UnitReport
from ycaudit.runs.report_store import changed
from ycaudit.runs.units import unit_key
from ycaudit.url import parse_web_url

Value = TypeVar("Value", int, bool)


def merged(run: ScanRun, figures: Figures) -> tuple[ScanRun, tuple[Problem, ...]]:
    """The run with these figures in place of older ones, and the rows that fit no unit."""
    given, problems = assigned((report.target for report in run.reports.briefs()), figures)

    def carrying(report: UnitReport) -> UnitReport:
        carried = {"figures": given[report.target.id]}
        return report.model_copy(update={"target": report.target.model_copy(update=carried)})

    return run.header.with_reports(changed(run.reports, carrying)), problems


def assigned(
    targets: Iterable[Target], figures: Figures
) -> tuple[dict[str, tuple[Figure, ...]], tuple[Problem, ...]]:
    """The figures of each target by its id, and the rows that fit no target."""
    known = list(targets)
    problems: list[Problem] = []
    by_unit = _by_unit(known, figures, problems)
    numbers = {
        unit: agreed(((row, row.figures) for row in rows), problems)
        for unit, rows in by_unit.items()
    }
    given = {
        target.id: tuple(
            Figure(name=name, number=numbers.get(target.id, {}).get(name))
            for name in figures.columns
        )
        for target in known
    }
    return given, tuple(problems)


def _by_unit(
    targets: Sequence[Target], figures: Figures, problems: list[Problem]
) -> dict[str, list[Reported]]:
    """The rows of each unit, by the id of its site that the row names, else of its first."""
    index = Index()
    places = {target.id: place for place, target in enumerate(targets)}
    owners = {target.id: unit_key(target) for target in targets}
    for target in targets:
        index.add(target.id, target.id, target.name, target.url)
        index.add(target.id, "", target.unit_name, "")
    by_unit: dict[str, list[Reported]] = defaultdict(list)
    for row in figures.rows:
        sites = index.meant(row.unit)
        if len({owners[site] for site in sites}) == 1:
            by_unit[min(sites, key=places.__getitem__)].append(row)
        else:
            problems.append(row.problem(index.why_not_one(row.unit)))
    return by_unit


def agreed(
    said: Iterable[tuple[Reported, Mapping[str, Value]]], problems: list[Problem]
) -> dict[str, Value]:
    """What the rows of one unit agree on, by name; what they do not is told and left out."""
    found: dict[str, Value] = {}
    first: dict[str, tuple[Value, Reported]] = {}
    for row, values in said:
        for name, value in values.items():
            if name not in first:
                first[name], found[name] = (value, row), value
                continue
            before, earlier = first[name]
            if before != value:
                found.pop(name, None)
                what = Message(
                    "{0} is {1} here and {2} in {3}; neither is taken",
                    *(name, _written(value), _written(before), _place(earlier, row)),
                )
                problems.append(row.problem(what))
    return found


def _written(value: object) -> object:
    return {True: "有", False: "无"}[value] if isinstance(value, bool) else value


def _place(earlier: Reported, row: Reported) -> Message:
    name = row_name(earlier.sheet, earlier.unit.number)
    return name if earlier.file == row.file else Message("{0} of {1}", name, earlier.file)


class Index:
    """What units are called: by id, name and address."""

    def __init__(self) -> None:
        self._units: dict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, unit: str, id_: str, name: str, url: str) -> None:
        """A unit may be called so; what is empty says nothing."""
        for key in _keys(id_, name, url):
            self._units[key].add(unit)

    def meant(self, row: Line) -> set[str]:
        """The units that fit every cell of the row that names a known unit."""
        known = self._known(row)
        return set.intersection(*known) if known else set()

    def why_not_one(self, row: Line) -> Message:
        """Why they do not mean one unit."""
        called = shown(row.name or row.id or row.url)
        if not self._known(row):
            return Message("{0} is no unit of this run; left out", called)
        if self.meant(row):
            return Message("{0} may be several units of this run; left out", called)
        return Message(
            "{0} is one unit by one cell of the row and another by the next; left out", called
        )

    def _known(self, row: Line) -> list[set[str]]:
        keys = _keys(row.id, row.name, row.url)
        return [self._units[key] for key in keys if key in self._units]


def _keys(id_: str, name: str, url: str) -> Iterator[tuple[str, str]]:
    if id_:
        yield "id", id_
    if folded := "".join(normalize("NFKC", name).split()).casefold():
        yield "name", folded
    if found := parse_web_url(url):
        yield "url", found.href.rstrip("/")
