"""Assigns reported numbers to the units of a run, by all that a row calls its unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cells import row_name
from ycaudit.inputs.statistics import Figures, Reported, shown
from ycaudit.inputs.unit_table import Line
from ycaudit.model import Figure, ScanRun, Target, UnitReport
from ycaudit.runs.report_store import changed
from ycaudit.url import parse_web_url


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
    by_unit = _by_unit(_Index(known), figures, problems)
    numbers = {unit: _agreed(rows, problems) for unit, rows in by_unit.items()}
    given = {
        target.id: tuple(
            Figure(name=name, number=numbers.get(target.id, {}).get(name))
            for name in figures.columns
        )
        for target in known
    }
    return given, tuple(problems)


def _by_unit(index: _Index, figures: Figures, problems: list[Problem]) -> dict[str, list[Reported]]:
    """The rows of each unit, by its id."""
    by_unit: dict[str, list[Reported]] = defaultdict(list)
    for row in figures.rows:
        units = index.meant(row.unit)
        if len(units) == 1:
            by_unit[units.pop()].append(row)
        else:
            problems.append(row.problem(index.why_not_one(row.unit)))
    return by_unit


def _agreed(rows: list[Reported], problems: list[Problem]) -> dict[str, int]:
    """The numbers that the rows of one unit agree on; others are left out."""
    agreed: dict[str, int] = {}
    first: dict[str, tuple[int, Reported]] = {}
    for row in rows:
        for name, number in row.figures.items():
            before, earlier = first.setdefault(name, (number, row))
            if earlier is row:
                agreed[name] = number
            elif before != number:
                agreed.pop(name, None)
                place = row_name(earlier.sheet, earlier.unit.number)
                what = Message(
                    "{0} is {1} here and {2} in {3}; neither is taken", name, number, before, place
                )
                problems.append(row.problem(what))
    return agreed


class _Index:
    """The units of a run by id, name and address."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._units: dict[tuple[str, str], set[str]] = defaultdict(set)
        for target in targets:
            for key in _keys(target.id, target.name, target.url):
                self._units[key].add(target.id)

    def meant(self, row: Line) -> set[str]:
        """The ids of the units that fit every cell of the row that names a known unit."""
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
