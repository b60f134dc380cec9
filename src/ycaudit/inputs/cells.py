"""Cells and rows of sheets, whatever file they come from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from ycaudit.errors import Problem
from ycaudit.i18n import Message

MAX_ROWS = 200_000
MAX_COLUMNS = 100
"""Columns beyond these are not read, which is told."""
MAX_TEXT = 32_767
"""Characters of a cell, as Microsoft's "Excel specifications and limits" has it."""
MAX_CHARACTERS = 24_000_000
"""Of all cells of a file, each as often as it stands there: 100,000 rows have half as many."""
MAX_CELLS = 2_000_000
"""Of all sheets of a file, without the empty ones: 100,000 rows of twenty."""
MAX_SHEETS = 1000
MAX_MARKS = 500_000
"""Merged ranges and links of a file."""
MAX_KNOWN = 50_000
"""Cells that are held once, wherever they stand."""
MAX_QUOTED = 100
"""Characters of a text that a message quotes."""

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
    hidden_rows: frozenset[int] = frozenset()
    """The numbers of rows that nobody sees who opens the file."""
    is_hidden: bool = False
    """Whether nobody sees any of it who opens the file."""


def row_problem(file: str, sheet: str, row: int | None, what: str) -> Problem:
    """A problem in a row (1-based); `sheet` is empty where there is only one."""
    told = Message("{0}{1}", Message("sheet {0}: ", sheet), what) if sheet else what
    return Problem(file, row, told)


def row_name(sheet: str, row: int) -> Message:
    """How messages name a row (1-based); `sheet` is empty where there is only one."""
    return Message("row {0} of sheet {1}", row, sheet) if sheet else Message("row {0}", row)


class UnreadableError(Exception):
    """The file cannot be read; the message says why."""

    def __init__(self, text: str, *values: object) -> None:
        self.message = text if isinstance(text, Message) else Message(text, *values)
        super().__init__(self.message)


TOO_LONG = Message("a cell holds more than Excel permits; copy the list into a new workbook")
TOO_MANY = Message("more cells than a list of units has")


class Workbook:
    """Collects the sheets of a file; refuses more than a list of units has.

    A few kilobytes may unpack to gigabytes, and one long text may stand in every cell: what is
    counted is what stands there, since whatever is made of a list repeats it.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        """`only` are the names of the sheets that are wanted; of others nothing is kept."""
        self.sheets: list[Sheet] = []
        self._only = only
        self._cells = 0
        self._characters = 0
        self._known: dict[Cell, Cell] = {}

    def add(
        self,
        name: str,
        rows: Iterable[NumberedRow],
        *,
        hidden_rows: Collection[int] = (),
        is_hidden: bool = False,
    ) -> None:
        """Keep the rows that are not empty. Raises UnreadableError."""
        name = shortened(clean(name))
        if self._only is not None and name not in self._only:
            return
        if len(self.sheets) == MAX_SHEETS:
            raise UnreadableError(TOO_MANY)
        kept = list(self._kept(rows))
        hidden = frozenset(number for number, _ in kept if number in hidden_rows)
        self.sheets.append(Sheet(name, kept, hidden, is_hidden))

    def _kept(self, rows: Iterable[NumberedRow]) -> Iterator[NumberedRow]:
        for number, cells in rows:
            if not any(map(any, cells)):
                continue
            if number > MAX_ROWS:
                raise UnreadableError("more than {0:,} rows: this is no list of units", MAX_ROWS)
            width = max(place for place, cell in enumerate(cells, 1) if any(cell))
            yield number, tuple(map(self._counted, cells[:width]))

    def _counted(self, cell: Cell) -> Cell:
        """The cell, or the same one that stood before it: what a list repeats is held once."""
        if cell is BLANK or not any(cell):
            return BLANK
        self._cells += 1
        self._characters += len(cell.text) + len(cell.link)
        if max(map(len, cell)) > MAX_TEXT:
            raise UnreadableError(TOO_LONG)
        if self._cells > MAX_CELLS:
            raise UnreadableError(TOO_MANY)
        if self._characters > MAX_CHARACTERS:
            raise UnreadableError(
                "more than {0:,} characters: this is no list of units", MAX_CHARACTERS
            )
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        return self._known.setdefault(cell, cell)


def shortened(text: str, most: int = MAX_QUOTED) -> str:
    """What messages tell of a text that somebody wrote."""
    return text if len(text) <= most else f"{text[:most]}…"


def clean(text: str) -> str:
    """The text on one line, without invisible characters."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


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
            text = str(value)
            if len(text) > MAX_TEXT:  # before it is copied
                raise UnreadableError(TOO_LONG)
            text = clean(text)
            return "" if text in _EXCEL_ERRORS else text


def day_in(text: str) -> date | None:
    """The day that a cell names, such as 2026-12-31 or 2026年12月31日; None where it names none."""
    found = _DAY.search(unicodedata.normalize("NFKC", text).replace(" ", ""))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def no_day(text: str) -> Message:
    """Why a cell names no day; `text` is what messages quote of it."""
    if _DAY.search(unicodedata.normalize("NFKC", text).replace(" ", "")):
        return Message("{0}: the calendar has no such day", text)
    return Message("{0} is no day; write 2026-12-31", text)


_DAY = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
