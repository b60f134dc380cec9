"""Finds tables about units in spreadsheets by the headings that offices use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ycaudit.errors import ConfigError, Problem
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.cell_url import find
from ycaudit.inputs.cells import BLANK, Cell, NumberedRow, Sheet, UnreadableError, shortened
from ycaudit.inputs.headings import HEADERS, columns_of, folded, heading, meanings, unnumbered
from ycaudit.inputs.spreadsheet import read_sheets

MAX_HEADER_ROW = 20
BY_ADDRESS = ("url",)
BY_ANY = ("url", "name", "id")
"""The fields that say which unit a row is about."""

FEW = 6
"""Headings of a field that are named where none was found."""
_NO_ADDRESSES = Message(
    "none of the first {0} rows names an address column; call it {1} or the like"
)
_NO_UNITS = Message("none of the first {0} rows names a column of units; call it {1} or the like")
_FOOTER = re.compile(r"合计|总计|小计|说明|备注|填表|填报人|填报日期|注:")
_NO_GROUP = re.compile(r"[:：]\s*\S|\d年|附件")
_HINT = re.compile(r"[(（].*[)）]")
"""What stands below a heading and says how to fill it in."""
_TAG_ENDS = re.compile(r"[、,，;；|/／\n]")
_LONGEST_HEAD = 30
"""Characters of a heading of the second row."""


class Line(NamedTuple):
    """A row about a unit: its number (1-based), what names the unit, and the text of all cells."""

    number: int
    id: str
    name: str
    url: str
    cells: tuple[str, ...]


class Grid(NamedTuple):
    """A table about units, with whatever other columns."""

    sheet: str
    header: int
    """The number of its row (1-based)."""
    heads: tuple[str, ...]
    known: frozenset[int]
    """The columns (0-based) with headings of `HEADERS`."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """The rows of headings and the rows below them."""

    sheet: str
    header: int
    """The number of the last row of headings (1-based)."""
    above: tuple[tuple[str, ...], ...]
    """The rows of headings, from the top; a heading over several columns stands in each."""
    rows: list[NumberedRow]
    hidden_rows: frozenset[int] = frozenset()
    """The numbers of rows that nobody sees who opens the file."""
    is_hidden: bool = False
    """Whether its sheet is hidden."""

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The heading of each column, with those that it stands below; what is no heading, cut."""
        return tuple(shortened(" ".join(texts)) for texts in self._stacked)

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """The columns (0-based) of each field of `HEADERS`, the best first."""
        return columns_of(self._stacked)

    @cached_property
    def _stacked(self) -> list[tuple[str, ...]]:
        """The headings of each column, from the top down, each once."""
        return [
            tuple(dict.fromkeys(filter(None, texts))) for texts in zip(*self.above, strict=True)
        ]

    def has(self, fields: Iterable[str]) -> bool:
        """Whether it has a column for one of these fields."""
        return any(self.columns[field] for field in fields)

    def units(self) -> Iterator[tuple[int, Fields]]:
        """The rows about units: without footers, hints, and headers repeated on each page."""
        for number, cells in self.rows:
            if not (_is_footer(cells) or _is_hint(cells) or self._repeats_header(cells)):
                yield number, Fields(self, cells)

    def footers(self) -> Iterator[tuple[int, str]]:
        """The rows below or between the units that sum up or sign, each with its first text."""
        for number, cells in self.rows:
            if _is_footer(cells):
                yield number, next(cell.text for cell in cells if cell.text)

    def _repeats_header(self, cells: tuple[Cell, ...]) -> bool:
        texts = {(n, cell.text) for n, cell in enumerate(cells) if cell.text}
        if any(texts <= set(enumerate(row)) for row in self.above):
            return True
        field, column = next((f, self.columns[f][0]) for f in BY_ANY if self.columns[f])
        return column < len(cells) and heading(cells[column].text) in HEADERS[field]


@dataclass(frozen=True)
class Fields:
    """The cells of a row by field."""

    table: Table
    cells: tuple[Cell, ...]

    def _of(self, name: str) -> Iterator[tuple[int, Cell]]:
        for column in self.table.columns[name]:
            if column < len(self.cells) and self.cells[column] != BLANK:
                yield column, self.cells[column]

    def first(self, name: str) -> str:
        """The first text of the field's columns; empty where there is none."""
        return next((cell.text for _, cell in self._of(name) if cell.text), "")

    def tags(self, *, of_unit: bool = False) -> list[str]:
        """The tags in all columns of tags, or in those that speak of the unit, not of the site."""
        parts = (
            part
            for column, cell in self._of("tags")
            if not (of_unit and heading(self.table.heads[column]).startswith("网站"))
            for part in _TAG_ENDS.split(cell.text)
        )
        return [part.strip() for part in parts if part.strip()]

    def address(self) -> Cell:
        """The cell that holds the address: 网站 may be a name where 网址 stands beside it.

        Of 网址1, 网址2 … the cells in one.
        """
        cells = [cell for _, cell in self._addresses]
        if len(cells) < 2:
            return cells[0] if cells else BLANK
        return Cell(" ".join(cell.text or cell.link for cell in cells))

    @cached_property
    def _addresses(self) -> list[tuple[int, Cell]]:
        cells = list(self._of("url"))
        best = next((column for column, cell in cells if find(cell)), None)
        if best is None:
            return cells[:1]
        heads = [heading(head) for head in self.table.heads]
        series = unnumbered(heads[best]) if unnumbered(heads[best]) != heads[best] else None
        return [(n, cell) for n, cell in cells if n == best or unnumbered(heads[n]) == series]

    def rest(self, *taken: str) -> Iterator[tuple[int, Cell]]:
        """The cells that none of these fields takes, with their columns (0-based)."""
        fields = set(taken) - {"url", "tags"}
        used = {column for name in fields if (column := self._taken(name)) is not None}
        used.update(column for column, _ in self._addresses if "url" in taken)
        used.update(self.table.columns["tags"] if "tags" in taken else ())
        used.update(self.table.columns["row"])
        for column, cell in enumerate(self.cells):
            if column not in used and cell != BLANK:
                yield column, cell

    def _taken(self, name: str) -> int | None:
        """The column that gives the field in this row."""
        return next((column for column, cell in self._of(name) if cell.text), None)


def read_grids(path: Path) -> list[Grid]:
    """The tables in a spreadsheet that have a column of addresses, names or ids of units.

    Raises ConfigError where there is none.
    """
    return [_grid(table) for table in read_tables(path, BY_ANY)]


def read_tables(
    path: Path, fields: tuple[str, ...] = BY_ADDRESS, *, also: tuple[str, ...] = ()
) -> list[Table]:
    """The tables in a spreadsheet that have a column for one of the fields, and beside them those
    that have one of `also`.

    Raises ConfigError where there is none with one of the fields.
    """
    try:
        return _tables(read_sheets(path), fields, also)
    except UnreadableError as error:
        raise ConfigError([Problem(str(path), None, error.message)]) from error


def _grid(table: Table) -> Grid:
    lines = (_line(number, fields) for number, fields in table.units())
    known = frozenset(n for columns in table.columns.values() for n in columns)
    return Grid(table.sheet, table.header, table.heads, known, tuple(lines))


def _line(number: int, fields: Fields) -> Line:
    found = find(fields.address())
    return Line(
        number=number,
        id=fields.first("id"),
        name=fields.first("name") or fields.first("site"),
        url=found.url if found else "",
        cells=tuple(cell.text for cell in fields.cells),
    )


def _is_footer(cells: Iterable[Cell]) -> bool:
    first = next((cell.text for cell in cells if cell.text), "")
    return _FOOTER.match(folded(first)) is not None


def _is_hint(cells: Iterable[Cell]) -> bool:
    return all(_HINT.fullmatch(cell.text) for cell in cells if cell.text)


def _tables(
    readings: Iterable[list[Sheet]], fields: tuple[str, ...], also: tuple[str, ...]
) -> list[Table]:
    """The tables of the first reading of the file that has any."""
    for sheets in readings:
        tables = [table for sheet in sheets if (table := _table(sheet, (*fields, *also)))]
        if any(table.has(fields) for table in tables):
            return tables
    words = Listed(word for field in fields for word in HEADERS[field][:FEW])
    raise UnreadableError(
        Message(_NO_ADDRESSES if fields == BY_ADDRESS else _NO_UNITS, MAX_HEADER_ROW, words)
    )


def _table(sheet: Sheet, fields: tuple[str, ...]) -> Table | None:
    """The table by its headings; those that name addresses go before those that name units."""
    candidates = list(_candidates(sheet))
    for field in (BY_ADDRESS, fields) if "url" in fields else (fields,):
        for table in candidates:
            if table.has(field):
                return table
    return None


def _candidates(sheet: Sheet) -> Iterator[Table]:
    """What the table is if its headings begin in one row or another."""
    for index, (number, cells) in enumerate(sheet.rows):
        if number > MAX_HEADER_ROW:
            break
        above = [tuple(cell.text for cell in cells)]
        last = index
        while last + 1 < len(sheet.rows) and (joined := _with_second(above, sheet.rows[last + 1])):
            above, last = joined, last + 1
        rows = sheet.rows[last + 1 :]
        if width := _side_by_side(above):
            blocks = range(0, len(above[0]), width)
            rows = [(n, row[at : at + width]) for at in blocks for n, row in rows]
            above = [texts[:width] for texts in above]
        yield Table(
            *(sheet.name, sheet.rows[last][0], tuple(above), rows),
            hidden_rows=sheet.hidden_rows,
            is_hidden=sheet.is_hidden,
        )


def _side_by_side(above: Sequence[tuple[str, ...]]) -> int:
    """The width of a table that stands beside itself to save paper; 0 where it stands once."""
    heads = [tuple(filter(None, texts)) for texts in zip(*above, strict=True)]
    while heads and not heads[-1]:
        heads.pop()
    for width in range(2, len(heads)):
        first = heads[:width]
        padded = [*heads, *first[len(heads) % width or width :]]
        if len(heads) > width and padded == first * (len(padded) // width):
            columns = columns_of(first)
            return width if any(columns[field] for field in BY_ANY) else 0
    return 0


def _with_second(above: list[tuple[str, ...]], row: NumberedRow) -> list[tuple[str, ...]] | None:
    """The rows of headings with this one below; None where it is no further row of headings."""
    upper, lower = above[-1], tuple(cell.text for cell in row[1])
    width = max(len(upper), len(lower))
    upper, lower = _padded(upper, width), _padded(lower, width)
    if not _may_be_heads(upper, lower):
        return None
    groups = _groups(upper, lower)
    if groups is None or not any(
        meanings(group, text) for group, text in zip(groups, lower, strict=True) if group and text
    ):
        return None
    rest = [_padded(texts, width) for texts in above[:-1]]
    return [*rest, tuple(g or u for g, u in zip(groups, upper, strict=True)), lower]


def _padded(texts: Sequence[str], width: int) -> tuple[str, ...]:
    return (*texts, *("" for _ in range(width - len(texts))))


def _may_be_heads(upper: tuple[str, ...], lower: tuple[str, ...]) -> bool:
    """Whether one may be a row of groups, not a title or 填报单位：…, and the other of headings."""
    if len(set(filter(None, upper))) < 2 or any(map(_NO_GROUP.search, upper)):
        return False
    return not any(_is_data(text) for text in lower)


def _is_data(text: str) -> bool:
    is_long = len(text) > _LONGEST_HEAD
    return is_long or re.fullmatch(r"[\d.,-]+", text) is not None or find(Cell(text)) is not None


def _groups(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[str, ...] | None:
    """The group above each heading of the second row; empty where there is none.

    A group stands over the first of its columns, and nothing over the others. None where a text
    of the second row stands below a heading without being one itself: it is a row of the table.
    """
    groups: list[str] = []
    group = ""
    for column, (over, text) in enumerate(zip(upper, lower, strict=True)):
        if not text or over == text:
            group = ""
        elif over and over != group:
            beside = zip(upper[column + 1 : column + 2], lower[column + 1 :], strict=False)
            is_wide = any(text and above in ("", over) for above, text in beside)
            if not is_wide and not meanings(over, text):
                return None
            group = over
        groups.append(group if text else "")
    return tuple(groups)
