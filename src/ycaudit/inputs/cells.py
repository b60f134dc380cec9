"""Cells and rows of sheets, whatever file they come from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from ycaudit.errors import Problem
from ycaudit.i18n import Message

MAX_ROWS = 200_000
MAX_COLUMNS = 100
"""Columns beyond these are not read, which is told."""

_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


class Cell(NamedTuple):
    """The text of a cell, on one line, and the address that it links to."""

    text: str
    link: str = ""


BLANK = Cell("")
NumberedRow = tuple[int, tuple[Cell, ...]]
"""The number of a row (1-based, as Excel shows it) and its cells."""


class Sheet(NamedTuple):
    """The rows of a sheet that are not empty."""

    name: str
    rows: list[NumberedRow]


def row_problem(file: str, sheet: str, row: int, what: str) -> Problem:
    """A problem in a row (1-based); `sheet` is empty where there is only one."""
    where = Message("sheet {0}: ", sheet) if sheet else ""
    return Problem(file, row, Message("{0}{1}", where, what))


def row_name(sheet: str, row: int) -> Message:
    """How messages name a row (1-based); `sheet` is empty where there is only one."""
    return Message("row {0} of sheet {1}", row, sheet) if sheet else Message("row {0}", row)


class UnreadableError(Exception):
    """The file cannot be read; the message says why."""

    def __init__(self, text: str, *values: object) -> None:
        self.message = text if isinstance(text, Message) else Message(text, *values)
        super().__init__(self.message)


def clean(text: str) -> str:
    """The text on one line, without invisible characters."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def non_empty(rows: Iterable[NumberedRow]) -> list[NumberedRow]:
    """The rows that are not empty. Raises UnreadableError beyond `MAX_ROWS`."""
    kept: list[NumberedRow] = []
    for number, cells in rows:
        if any(cell.text or cell.link for cell in cells):
            if number > MAX_ROWS:
                raise UnreadableError("more than {0:,} rows: this is no list of units", MAX_ROWS)
            kept.append((number, cells))
    return kept


def repeated(
    rows: Iterable[NumberedRow], spans: Mapping[tuple[int, int], int]
) -> Iterator[NumberedRow]:
    """The rows; a cell merged over rows is repeated in each of them that is not empty.

    `spans` gives the last row of each merged range by row and column of its first cell (1-based).
    """
    starts = {row for row, _ in spans}
    open_: dict[int, tuple[int, Cell]] = {}
    for number, given in rows:
        cells = list(given)
        open_ = {column: span for column, span in open_.items() if span[0] >= number}
        for column, (_, cell) in open_.items():
            cells += [BLANK] * (column - len(cells))
            if not cells[column - 1].text:
                cells[column - 1] = cell
        if number in starts:
            for column, cell in enumerate(cells, 1):
                if (number, column) in spans:
                    open_[column] = (spans[number, column], cell)
        yield number, tuple(cells)


def text_of(value: object) -> str:
    """The value of a cell as text; empty for Excel's error values."""
    match value:
        case None:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            text = clean(str(value))
            return "" if text in _EXCEL_ERRORS else text


def day_in(text: str) -> date | None:
    """The day that a cell names, such as 2026-12-31 or 2026年12月31日; None where it names none."""
    found = _DAY.search(unicodedata.normalize("NFKC", text).replace(" ", ""))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


_DAY = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
