"""Finds tables about units in Excel and CSV files by the headings that offices use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ycaudit.errors import ConfigError, Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cell_url import find
from ycaudit.inputs.cells import BLANK, Cell, NumberedRow, Sheet, UnreadableError
from ycaudit.inputs.spreadsheet import read_sheets

MAX_HEADER_ROW = 20
HEADERS: dict[str, tuple[str, ...]] = {
    "url": (
        *("网址", "网站地址", "首页地址", "网站首页", "首页网址", "网站网址", "首页", "url"),
        *("homepage", "website", "网站域名", "域名", "官网", "官方网站", "网站", "address"),
    ),
    "name": (
        *("单位名称", "单位", "单位全称", "学校名称", "学校", "机构名称", "机构", "主办单位"),
        *("部门名称", "部门", "名称", "网站名称", "name", "unit"),
    ),
    "tags": ("类别", "类型", "分类", "标签", "性质", "系统", "tags", "tag", "category", "type"),
    "person": ("联系人", "负责人", "姓名", "person", "contact"),
    "phone": ("联系电话", "电话", "手机", "phone", "telephone", "tel", "mobile"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email"),
    "id": ("编号", "id"),
}
"""The headings of each field; where several columns fit, the earlier heading is preferred."""

BY_ADDRESS = ("url",)
_BY_ANY = ("url", "name", "id")
"""The fields that say which unit a row is about."""

_NO_ADDRESSES = Message("none of the first {0} rows names an address column; understood are {1}")
_NO_UNITS = Message("none of the first {0} rows names a column of units; understood are {1}")
_FOOTER = re.compile(r"合计|总计|小计|说明|备注|填表|注:")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_TAG_ENDS = re.compile(r"[、,，;；|\n]")


class Table(NamedTuple):
    """A header and the rows below it."""

    sheet: str
    header: int
    """The number of its row (1-based)."""
    columns: dict[str, list[int]]
    """The columns (0-based) of each field of `HEADERS`, the best first."""
    rows: list[NumberedRow]
    heads: tuple[Cell, ...]

    def units(self) -> Iterator[tuple[int, Fields]]:
        """The rows about units: without footers, and headers repeated on each printed page."""
        for number, cells in self.rows:
            if not _is_footer(cells) and not self._repeats_header(cells):
                yield number, Fields(self.columns, cells)

    def _repeats_header(self, cells: tuple[Cell, ...]) -> bool:
        field, column = next((f, self.columns[f][0]) for f in _BY_ANY if self.columns[f])
        return column < len(cells) and heading(cells[column].text) in HEADERS[field]


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


def read_grids(path: Path) -> list[Grid]:
    """The tables in an .xlsx or .csv file that have a column of addresses, names or ids of units.

    Raises ConfigError where there is none.
    """
    return [_grid(table) for table in read_tables(path, _BY_ANY)]


def read_tables(path: Path, fields: tuple[str, ...] = BY_ADDRESS) -> list[Table]:
    """The tables in an .xlsx or .csv file that have a column for one of the fields.

    Raises ConfigError where there is none.
    """
    try:
        return _tables(read_sheets(path), fields)
    except UnreadableError as error:
        raise ConfigError([Problem(str(path), None, error.message)]) from error


def _grid(table: Table) -> Grid:
    lines = (_line(number, fields) for number, fields in table.units())
    heads = tuple(cell.text for cell in table.heads)
    known = frozenset(n for columns in table.columns.values() for n in columns)
    return Grid(table.sheet, table.header, heads, known, tuple(lines))


def _line(number: int, fields: Fields) -> Line:
    found = find(fields.address())
    return Line(
        number=number,
        id=fields.first("id"),
        name=fields.first("name"),
        url=found.url if found else "",
        cells=tuple(cell.text for cell in fields.cells),
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The cells of a row by field."""

    columns: dict[str, list[int]]
    cells: tuple[Cell, ...]

    def _of(self, name: str) -> Iterator[Cell]:
        for column in self.columns[name]:
            if column < len(self.cells) and (self.cells[column].text or self.cells[column].link):
                yield self.cells[column]

    def first(self, name: str) -> str:
        """The first text of the field's columns; empty where there is none."""
        return next((c.text for c in self._of(name) if c.text), "")

    def tags(self) -> list[str]:
        """The tags in all columns of tags."""
        parts = (part for cell in self._of("tags") for part in _TAG_ENDS.split(cell.text))
        return [part.strip() for part in parts if part.strip()]

    def address(self) -> Cell:
        """The cell that holds the address: 网站 may be a name where 网址 stands beside it."""
        cells = list(self._of("url"))
        return next((c for c in cells if find(c)), cells[0] if cells else BLANK)


def _is_footer(cells: Iterable[Cell]) -> bool:
    first = next((cell.text for cell in cells if cell.text), "")
    return _FOOTER.match(_folded(first)) is not None


def _tables(readings: Iterable[list[Sheet]], fields: tuple[str, ...]) -> list[Table]:
    """The tables of the first reading of the file that has any."""
    for sheets in readings:
        if tables := [table for sheet in sheets if (table := _table(sheet, fields))]:
            return tables
    words = "、".join(word for field in fields for word in HEADERS[field])
    raise UnreadableError(
        Message(_NO_ADDRESSES if fields == BY_ADDRESS else _NO_UNITS, MAX_HEADER_ROW, words)
    )


def _table(sheet: Sheet, fields: tuple[str, ...]) -> Table | None:
    for index, (number, cells) in enumerate(sheet.rows):
        if number > MAX_HEADER_ROW:
            break
        columns = _columns([heading(cell.text) for cell in cells])
        if any(columns[field] for field in fields):
            return Table(sheet.name, number, columns, sheet.rows[index + 1 :], cells)
    return None


def _columns(heads: list[str]) -> dict[str, list[int]]:
    """The columns (0-based) of every field, the best first."""
    return {
        name: [n for _, n in sorted((words.index(h), n) for n, h in enumerate(heads) if h in words)]
        for name, words in HEADERS.items()
    }


def heading(text: str) -> str:
    """A heading as `HEADERS` has it: of "网 址（必填）：", 网址."""
    text = _folded(text)
    return re.sub(r"[\W_]+", "", _BRACKETED.sub("", text)) or re.sub(r"[\W_]+", "", text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:100]).casefold()
