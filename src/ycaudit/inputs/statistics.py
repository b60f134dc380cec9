"""Reads the numbers that units report of themselves, and gives them to the units of a run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.unit_list import (
    Grid,
    Line,
    heading,
    read_grids,
)
from ycaudit.model import (
    MAX_FIGURE,
    Figure,
    ScanRun,
    Target,
    UnitReport,
)
from ycaudit.runs.report_store import changed
from ycaudit.url import parse_web_url

# Not normalize(): it makes ² of 2, so that 120² would be 1,202.
_NARROW = str.maketrans("０１２３４５６７８９，．－＋", "0123456789,.-+")
_NUMBER = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?\s*(?:人次|[人个名户家次台部套篇条])?"
)
_TRIED = re.compile(r"[-+−]?[0-9][0-9.,]*\s*\D{0,3}")
# Digits that count nothing; what a list of units has is told by the list.
_NO_FIGURE = re.compile(
    r"no|.*(?:序号|排名|名次|电话|手机号?|号码|代码|邮编|邮政编码|传真|日期|时间|年份|年度|备注)"
)


@dataclass(frozen=True, slots=True)
class Reported:
    """What one row says of one unit, which it calls by its id, name or address."""

    place: Problem
    """Where it stands; `what` names the sheet where there are several."""
    unit: Line
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of numbers as read, and what of it had to be left out."""

    columns: tuple[str, ...]
    rows: tuple[Reported, ...]
    problems: tuple[Problem, ...] = ()


def number(text: str) -> int | None:
    """The count that a cell says, such as 1,234 or 120人; None where it says none."""
    found = _NUMBER.fullmatch(text.translate(_NARROW).strip())
    digits = found[1].replace(",", "") if found else ""
    if not digits or len(digits) > len(str(MAX_FIGURE)):
        return None
    return int(digits)


def read_figures(path: Path) -> Figures:
    """The numbers in an .xlsx or .csv file. Raises ConfigError where no table can be read."""
    grids = read_grids(path)
    readers = [_Reader(str(path), grid, several=len(grids) > 1) for grid in grids]
    rows = tuple(row for reader in readers for row in reader.rows())
    said = {name for row in rows for name in row.figures}
    names = dict.fromkeys(name for reader in readers for name in reader.columns.values())
    columns = tuple(name for name in names if name in said)
    problems = [problem for reader in readers for problem in reader.problems]
    if not columns:
        problems.append(
            Problem(str(path), grids[0].header, Message("no column below holds numbers"))
        )
    return Figures(columns, rows, tuple(problems))


class _Reader:
    """Takes the rows of one table, and tells what it leaves out."""

    def __init__(self, file: str, grid: Grid, *, several: bool) -> None:
        self._file = file
        self._grid = grid
        self._where = Message("sheet {0}: ", grid.sheet) if several else ""
        self.problems: list[Problem] = []
        self.columns = dict(self._figures())

    def rows(self) -> Iterator[Reported]:
        """What each row says."""
        for line in self._grid.lines:
            if stray := self._stray(line):
                what = Message("{0} stands under no heading, so the row is left out", _shown(stray))
                self._problem(
                    line.number, Message("{0}; in CSV a number such as 1,234 needs quotes", what)
                )
            elif figures := dict(self._numbers(line)):
                if line.id or line.name or line.url:
                    yield Reported(self._place(line.number), line, figures)
                else:
                    self._problem(line.number, Message("names no unit; left out"))

    def _figures(self) -> Iterator[tuple[int, str]]:
        """The columns that hold numbers, each name once."""
        names = set[str]()
        for column, name in enumerate(self._grid.heads):
            if column in self._grid.known or not self._holds_numbers(column):
                continue
            if not name:
                what = Message("column {0} holds numbers under no heading; left out", column + 1)
            elif _NO_FIGURE.fullmatch(heading(name)):
                continue
            elif name in names:
                what = Message(
                    "column {0} is called {1} once more; left out", column + 1, _shown(name)
                )
            else:
                names.add(name)
                yield column, name
                continue
            self._problem(self._grid.header, what)

    def _holds_numbers(self, column: int) -> bool:
        """Whether a cell is meant as a number, rightly or not."""
        cells = (line.cells[column] for line in self._grid.lines if column < len(line.cells))
        return any(_TRIED.fullmatch(cell.translate(_NARROW).strip()) for cell in cells)

    def _stray(self, line: Line) -> str:
        """What stands beyond the last heading: there the cells of the row may be shifted."""
        width = max((n for n, head in enumerate(self._grid.heads, 1) if head), default=0)
        return next((cell for cell in line.cells[width:] if cell), "")

    def _numbers(self, line: Line) -> Iterator[tuple[str, int]]:
        for column, name in self.columns.items():
            text = line.cells[column] if column < len(line.cells) else ""
            if not text:
                continue  # not reported, which is not 0
            found = number(text)
            if found is None:
                self._problem(
                    line.number, Message("{0} is {1}, no count; left out", name, _shown(text))
                )
            else:
                yield name, found

    def _problem(self, line: int, what: str) -> None:
        self.problems.append(_told(self._place(line), what))

    def _place(self, line: int) -> Problem:
        return Problem(self._file, line, self._where)


def merged(run: ScanRun, figures: Figures) -> tuple[ScanRun, tuple[Problem, ...]]:
    """The run whose units carry these figures and no others, and what fits none of them."""
    given, problems = assigned((report.target for report in run.reports.briefs()), figures)

    def carrying(report: UnitReport) -> UnitReport:
        carried = {"figures": given[report.target.id]}
        return report.model_copy(update={"target": report.target.model_copy(update=carried)})

    return run.header.with_reports(changed(run.reports, carrying)), problems


def assigned(
    targets: Iterable[Target], figures: Figures
) -> tuple[dict[str, tuple[Figure, ...]], tuple[Problem, ...]]:
    """The figures of each target by its id, and what fits none of them."""
    known = list(targets)
    problems: list[Problem] = []
    said = _by_unit(_Index(known), figures, problems)
    numbers = {unit: _agreed(rows, problems) for unit, rows in said.items()}
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
    said: dict[str, list[Reported]] = defaultdict(list)
    for row in figures.rows:
        units = index.meant(row.unit)
        if len(units) == 1:
            said[units.pop()].append(row)
        else:
            called = row.unit.name or row.unit.id or row.unit.url
            problems.append(
                _told(row.place, Message("{0} {1}; left out", _shown(called), index.why(row.unit)))
            )
    return said


def _agreed(rows: list[Reported], problems: list[Problem]) -> dict[str, int]:
    """What the rows of one unit say; where they differ, nobody can tell which is right."""
    agreed: dict[str, int] = {}
    first: dict[str, tuple[int, Reported]] = {}
    for row in rows:
        for name, said in row.figures.items():
            before, earlier = first.setdefault(name, (said, row))
            if earlier is row:
                agreed[name] = said
            elif before != said:
                agreed.pop(name, None)
                what = Message(
                    "{0} is {1} here and {2} in {3}row {4}; neither is taken",
                    name,
                    said,
                    before,
                    earlier.place.what,
                    earlier.place.line,
                )
                problems.append(_told(row.place, what))
    return agreed


class _Index:
    """The units of a run by all that a row may call them."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._units: dict[tuple[str, str], set[str]] = defaultdict(set)
        for target in targets:
            for key in _keys(target.id, target.name, target.url):
                self._units[key].add(target.id)

    def meant(self, row: Line) -> set[str]:
        """The units that all of its cells that name a unit mean."""
        known = self._known(row)
        return set.intersection(*known) if known else set()

    def why(self, row: Line) -> str:
        """Why they do not mean one unit."""
        if not self._known(row):
            return Message("is no unit of this run")
        return (
            Message("may be several units of this run")
            if self.meant(row)
            else (Message("is one unit by one cell of the row and another by the next"))
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


def _told(place: Problem, what: str) -> Problem:
    return Problem(place.file, place.line, f"{place.what}{what}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
