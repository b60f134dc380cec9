"""Reads what units report of themselves from spreadsheets: numbers, and what they say they have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cells import row_problem, shortened
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
OUTCOME = "结论"
"""The column of our own form that no other has."""
_YES = frozenset(
    (
        *(
            "有",
            "是",
            "已有",
            "均有",
            "都有",
            "已设置",
            "已设",
            "已添加",
            "已加",
            "已放置",
            "已链接",
        ),
        *("已完成", "完成", "已做", "已办", "具备", "达标", "合格", "对", "y", "yes", "true", "1"),
        *("√", "✓", "✔", "☑", "✅"),
    )
)
_NO = frozenset(
    (
        *("无", "否", "没有", "没", "均无", "都没有", "暂无", "未设置", "未设", "未添加", "未加"),
        *("未放置", "未链接", "未完成", "未做", "未办", "不具备", "未达标", "不合格", "缺", "缺少"),
        *("错", "n", "no", "false", "0", "×", "✗", "✘", "x", "❌", "✕"),
    )
)
_NEITHER = frozenset(("不适用", "待核实", "未能判定", "豁免", "", "-", "—", "——", "/", "\\"))
"""What the form itself writes, or who has nothing to say."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What one row reports, by heading."""

    file: str
    sheet: str
    """Empty where there is only one."""
    unit: Line
    """The row, with the id, name and address that it calls its unit."""
    figures: dict[str, int]
    claims: dict[str, bool] = field(default_factory=dict)
    """Whether the unit says that it has what the heading names."""
    in_form: bool = False
    """Whether it is a row of our own form, which says what was found before anybody fills it in."""

    def problem(self, what: str) -> Problem:
        """What is wrong with the row."""
        return row_problem(self.file, self.sheet, self.unit.number, what)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file reports, and the rows, columns and cells that were left out."""

    columns: tuple[str, ...]
    """Of numbers."""
    rows: tuple[Reported, ...]
    problems: tuple[Problem, ...] = ()
    claimed: tuple[str, ...] = ()
    """The columns of 有 and 无."""


def number(text: str) -> int | None:
    """The count in a cell, such as 1,234 or 120人; None where it is no count."""
    found = _NUMBER.fullmatch(text.translate(_NARROW).strip())
    digits = found[1].replace(",", "") if found else ""
    if not digits or len(digits) > len(str(MAX_FIGURE)):
        return None
    return int(digits)


def claim(text: str) -> bool | None:
    """Whether a cell says that the thing is there; None where it says neither."""
    word = _word(text)
    return True if word in _YES else False if word in _NO else None


def _word(text: str) -> str:
    text = re.sub(r"\(.*\)", "", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(text.split()).strip("。.!；;，,、")


def read_figures(path: Path, asked: Callable[[str], bool] = lambda heading: False) -> Figures:
    """What a spreadsheet reports: numbers, and claims of what a homepage has.

    `asked` tells of a heading whether the rules ask for what it names: its column is of claims,
    even if it says 1 and 0. Raises ConfigError where no table can be read.
    """
    grids = read_grids(path)
    readers = [_Reader(str(path), grid, asked, several=len(grids) > 1) for grid in grids]
    rows = tuple(row for reader in readers for row in reader.rows())
    reported = {name for row in rows for name in (*row.figures, *row.claims)}
    names = dict.fromkeys(name for reader in readers for name in reader.columns.values())
    claimed = dict.fromkeys(name for reader in readers for name in reader.claimed.values())
    problems = [problem for reader in readers for problem in reader.problems]
    if not reported:
        problems.append(
            Problem(str(path), grids[0].header, Message("no column below holds numbers"))
        )
    return Figures(
        columns=tuple(name for name in names if name in reported),
        rows=rows,
        problems=tuple(problems),
        claimed=tuple(name for name in claimed if name in reported),
    )


class _Reader:
    """Reads the rows of one table; collects what it leaves out."""

    def __init__(
        self, file: str, grid: Grid, asked: Callable[[str], bool], *, several: bool
    ) -> None:
        self._file = file
        self._grid = grid
        self._asked = asked
        self._sheet = grid.sheet if several else ""
        self._in_form = OUTCOME in map(heading, grid.heads)
        self.problems: list[Problem] = []
        self.claimed: dict[int, str] = {}
        self.columns: dict[int, str] = {}
        self._sort_columns()

    def rows(self) -> Iterator[Reported]:
        """The rows that report something."""
        for line in self._grid.lines:
            if stray := self._stray(line):
                what = Message("{0} stands under no heading, so the row is left out", shown(stray))
                self._problem(
                    line.number, Message("{0}; in CSV a number such as 1,234 needs quotes", what)
                )
                continue
            figures, claims = dict(self._numbers(line)), dict(self._claims(line))
            if figures or claims:
                if line.id or line.name or line.url:
                    yield Reported(self._file, self._sheet, line, figures, claims, self._in_form)
                else:
                    self._problem(line.number, Message("names no unit; left out"))

    def _sort_columns(self) -> None:
        """Find the columns of numbers and of claims, each name once."""
        names = set[str]()
        for column, name in enumerate(self._grid.heads):
            columns = self._kind(column, name)
            if columns is None:
                continue
            if not name:
                what = Message("column {0} holds numbers under no heading; left out", column + 1)
            elif name in names:
                what = Message(
                    "column {0} is called {1} once more; left out", column + 1, shown(name)
                )
            else:
                names.add(name)
                columns[column] = name
                continue
            self._problem(self._grid.header, what)

    def _kind(self, column: int, name: str) -> dict[int, str] | None:
        """Where a column belongs; None where it reports nothing."""
        asked = bool(name) and self._asked(name)
        if (column in self._grid.known or heading(name) == OUTCOME) and not asked:
            return None
        cells = [cell for cell in self._cells(column) if cell]
        claims = sum(claim(cell) is not None for cell in cells)
        tried = any(_TRIED.fullmatch(cell.translate(_NARROW).strip()) for cell in cells)
        if asked and (claims or not tried):
            return self.claimed
        if tried:
            return None if _NO_FIGURE.fullmatch(heading(name)) else self.columns
        return self.claimed if name and claims * 2 > len(cells) else None

    def _cells(self, column: int) -> Iterator[str]:
        return (line.cells[column] for line in self._grid.lines if column < len(line.cells))

    def _stray(self, line: Line) -> str:
        """A text beyond the last heading, which means that the cells of the row may be shifted."""
        width = max((n for n, head in enumerate(self._grid.heads, 1) if head), default=0)
        return next((cell for cell in line.cells[width:] if cell), "")

    def _numbers(self, line: Line) -> Iterator[tuple[str, int]]:
        for name, text in _under(self.columns, line):
            found = number(text)
            if found is None:
                self._problem(
                    line.number, Message("{0} is {1}, no count; left out", name, shown(text))
                )
            else:
                yield name, found

    def _claims(self, line: Line) -> Iterator[tuple[str, bool]]:
        for name, text in _under(self.claimed, line):
            found = claim(text)
            if found is not None:
                yield name, found
            elif _word(text) not in _NEITHER:
                what = Message("{0} is {1}, neither 有 nor 无; left out", name, shown(text))
                self._problem(line.number, what)

    def _problem(self, line: int, what: str) -> None:
        self.problems.append(row_problem(self._file, self._sheet, line, what))


def _under(columns: dict[int, str], line: Line) -> Iterator[tuple[str, str]]:
    """The headings of these columns with the text of the row; empty is not reported."""
    for column, name in columns.items():
        if column < len(line.cells) and line.cells[column]:
            yield name, line.cells[column]


def shown(text: str) -> str:
    """The text of a cell in quotes, at most 60 characters of it."""
    return repr(shortened(text, 60))
