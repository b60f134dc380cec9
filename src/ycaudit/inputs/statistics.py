"""Reads the numbers that units report of themselves from Excel and CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cells import row_problem
from ycaudit.inputs.headings import heading
from ycaudit.inputs.unit_table import Grid, Line, read_grids
from ycaudit.model import MAX_FIGURE

# Not normalize(): it makes ² of 2, so that 120² would be 1,202.
_NARROW = str.maketrans("０１２３４５６７８９，．－＋", "0123456789,.-+")
_NUMBER = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?\s*(?:人次|[人个名户家次台部套篇条])?"
)
_TRIED = re.compile(r"[-+−]?[0-9][0-9.,]*\s*\D{0,3}")
# Headings of digits that count nothing.
_NO_FIGURE = re.compile(
    r"no|.*(?:序号|排名|名次|电话|手机号?|号码|代码|邮编|邮政编码|传真|日期|时间|年份|年度|备注)"
)


@dataclass(frozen=True, slots=True)
class Reported:
    """The numbers in one row, by heading."""

    file: str
    sheet: str
    """Empty where there is only one."""
    unit: Line
    """The row, with the id, name and address that it calls its unit."""
    figures: dict[str, int]

    def problem(self, what: str) -> Problem:
        """What is wrong with the row."""
        return row_problem(self.file, self.sheet, self.unit.number, what)


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers in a file, and the rows and columns that were left out."""

    columns: tuple[str, ...]
    rows: tuple[Reported, ...]
    problems: tuple[Problem, ...] = ()


def number(text: str) -> int | None:
    """The count in a cell, such as 1,234 or 120人; None where it is no count."""
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
    reported = {name for row in rows for name in row.figures}
    names = dict.fromkeys(name for reader in readers for name in reader.columns.values())
    columns = tuple(name for name in names if name in reported)
    problems = [problem for reader in readers for problem in reader.problems]
    if not columns:
        problems.append(
            Problem(str(path), grids[0].header, Message("no column below holds numbers"))
        )
    return Figures(columns, rows, tuple(problems))


class _Reader:
    """Reads the rows of one table; collects what it leaves out."""

    def __init__(self, file: str, grid: Grid, *, several: bool) -> None:
        self._file = file
        self._grid = grid
        self._sheet = grid.sheet if several else ""
        self.problems: list[Problem] = []
        self.columns = dict(self._figures())

    def rows(self) -> Iterator[Reported]:
        """The rows that hold numbers."""
        for line in self._grid.lines:
            if stray := self._stray(line):
                what = Message("{0} stands under no heading, so the row is left out", shown(stray))
                self._problem(
                    line.number, Message("{0}; in CSV a number such as 1,234 needs quotes", what)
                )
            elif figures := dict(self._numbers(line)):
                if line.id or line.name or line.url:
                    yield Reported(self._file, self._sheet, line, figures)
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
                    "column {0} is called {1} once more; left out", column + 1, shown(name)
                )
            else:
                names.add(name)
                yield column, name
                continue
            self._problem(self._grid.header, what)

    def _holds_numbers(self, column: int) -> bool:
        """Whether a cell is meant as a number, even if it cannot be read as one."""
        cells = (line.cells[column] for line in self._grid.lines if column < len(line.cells))
        return any(_TRIED.fullmatch(cell.translate(_NARROW).strip()) for cell in cells)

    def _stray(self, line: Line) -> str:
        """A text beyond the last heading, which means that the cells of the row may be shifted."""
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
                    line.number, Message("{0} is {1}, no count; left out", name, shown(text))
                )
            else:
                yield name, found

    def _problem(self, line: int, what: str) -> None:
        self.problems.append(row_problem(self._file, self._sheet, line, what))


def shown(text: str) -> str:
    """The text of a cell in quotes, at most 60 characters of it."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
