"""Finds the units in lists as offices keep them: Excel and CSV, with whatever headings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ycaudit.errors import ConfigError, Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cell_url import Found, find, quoted
from ycaudit.inputs.spreadsheet import (
    BLANK,
    Cell,
    NumberedRow,
    Sheet,
    UnreadableError,
    clean,
    read_sheets,
)
from ycaudit.url import parse_web_url

MAX_HEADER_ROW = 20

# Where several columns fit, the earlier word names the better one.
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

_BY_ADDRESS = ("url",)
_BY_ANY = ("url", "name", "id")
"""The fields that say which unit a row is about."""

_FOOTER = re.compile(r"合计|总计|小计|说明|备注|填表|注:")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_TAG_ENDS = re.compile(r"[、,，;；|\n]")


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of the list, and the row that it stands in (1-based)."""

    name: str
    url: str
    number: int
    tags: tuple[str, ...] = ()
    person: str | None = None
    phone: str | None = None
    email: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as read: its units, the rows that had to be left out, and what was mended."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()


class _Table(NamedTuple):
    """What stands below a header, and which columns hold which field, the best first."""

    sheet: str
    header: int
    columns: dict[str, list[int]]
    rows: list[NumberedRow]
    heads: tuple[Cell, ...]


class Line(NamedTuple):
    """A row of any table about units: whom its cells name, and what all of them say."""

    number: int
    id: str
    name: str
    url: str
    cells: tuple[str, ...]


class Grid(NamedTuple):
    """Any table about units."""

    sheet: str
    header: int
    heads: tuple[str, ...]
    known: frozenset[int]
    """The columns whose headings a list of units would have."""
    lines: tuple[Line, ...]


def read_list(path: Path) -> Listing:
    """The units of an .xlsx or .csv file. Raises ConfigError where nothing of it can be read."""
    tables = _read(path, _BY_ADDRESS)
    reader = _Reader(str(path))
    for table in tables:
        reader.read(table, several=len(tables) > 1)
    if not reader.rows and not reader.problems:
        reader.problem(tables[0].header, Message("no unit stands below this header"))
    return Listing(tuple(reader.rows), tuple(reader.problems), tuple(reader.notices))


def read_grids(path: Path) -> list[Grid]:
    """The tables about units in an .xlsx or .csv file, by whatever column names the unit.

    Raises ConfigError where there is none.
    """
    return [_grid(table) for table in _read(path, _BY_ANY)]


def _read(path: Path, fields: tuple[str, ...]) -> list[_Table]:
    try:
        return _tables(read_sheets(path), fields)
    except UnreadableError as error:
        raise ConfigError([Problem(str(path), None, error.message)]) from error


def _grid(table: _Table) -> Grid:
    lines = (
        _line(number, _Fields(table.columns, cells))
        for number, cells in table.rows
        if not _is_footer(cells) and not _is_header(table, cells)
    )
    heads = tuple(cell.text for cell in table.heads)
    known = frozenset(n for columns in table.columns.values() for n in columns)
    return Grid(table.sheet, table.header, heads, known, tuple(lines))


def _line(number: int, fields: _Fields) -> Line:
    found = find(fields.address())
    return Line(
        number=number,
        id=fields.first("id"),
        name=fields.first("name"),
        url=found.url if found else "",
        cells=tuple(cell.text for cell in fields.cells),
    )


def entries(listing: Listing) -> list[dict[str, Any]]:
    """The units as a targets file has them, each with an id of its own."""
    return [_entry(row, id_) for row, id_ in zip(listing.rows, _ids(listing.rows), strict=True)]


def to_yaml(listing: Listing, *, source: str) -> str:
    """The text of a targets file, one unit a line."""
    named = clean(source.encode("utf-8", "replace").decode())
    lines = [Message("# Made of {0} by `ycaudit import`.", named), "units:"]
    lines += (f"  - {_flow(entry)}" for entry in entries(listing))
    return "\n".join(lines) + "\n"


# --- rows to units -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """Takes row after row, and remembers what was there before."""

    file: str
    sheet: str = ""
    """Named in messages and as a tag where there are several."""
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def problem(self, number: int, what: str) -> None:
        """Note a row that is left out."""
        self.problems.append(Problem(self.file, number, f"{self._where()}{what}"))

    def notice(self, number: int, what: str) -> None:
        """Note what was mended."""
        self.notices.append(str(Problem(self.file, number, f"{self._where()}{what}")))

    def _where(self) -> str:
        return Message("sheet {0}: ", self.sheet) if self.sheet else ""

    def _place(self, number: int) -> str:
        return (
            Message("row {0} of sheet {1}", number, self.sheet)
            if self.sheet
            else Message("row {0}", number)
        )

    def read(self, table: _Table, *, several: bool) -> None:
        """Take the rows of one sheet."""
        self.sheet = table.sheet if several else ""
        for number, cells in table.rows:
            if not _is_footer(cells) and not _is_header(table, cells):
                self._take(number, _Fields(table.columns, cells))

    def _take(self, number: int, fields: _Fields) -> None:
        name, cell = fields.first("name"), fields.address()
        if not (name or cell.text or cell.link):
            return
        found = find(cell)
        if found is None:
            self.problem(number, _no_address(name, cell))
        elif self._is_new(number, name, found):
            self._add(number, name, found, fields)

    def _is_new(self, number: int, name: str, found: Found) -> bool:
        first = self.addresses.setdefault(found.key, self._place(number))
        if first != self._place(number):
            who = f"{name}: " if name else ""
            self.notice(
                number,
                Message("{0}{1} stands in {2} already; left out here", who, found.url, first),
            )
            return False
        return True

    def _add(self, number: int, name: str, found: Found, fields: _Fields) -> None:
        for what in found.notes:
            self.notice(number, what)
        if not name:
            self.notice(number, Message("{0} has no name; its address stands for it", found.url))
        elif (first := self.names.setdefault(name, self._place(number))) != self._place(number):
            self.notice(
                number, Message("{0} stands in {1} already, with another address", name, first)
            )
        tags = (*([self.sheet] if self.sheet else []), *fields.tags())
        self.rows.append(
            Row(
                name=name or found.url,
                url=found.url,
                number=number,
                tags=tuple(dict.fromkeys(tags)),
                person=fields.first("person") or None,
                phone=fields.first("phone") or None,
                email=fields.first("email") or None,
                id=self._own_id(number, fields.first("id")),
            )
        )

    def _own_id(self, number: int, given: str) -> str | None:
        if not given:
            return None
        first = self.ids.setdefault(given, self._place(number))
        if first != self._place(number):
            self.notice(
                number,
                Message("the id {0} is used in {1}; one is made of the address", given, first),
            )
            return None
        return given


@dataclass(frozen=True, slots=True)
class _Fields:
    """The cells of a row by what they are."""

    columns: dict[str, list[int]]
    cells: tuple[Cell, ...]

    def _of(self, name: str) -> Iterator[Cell]:
        for column in self.columns[name]:
            if column < len(self.cells) and (self.cells[column].text or self.cells[column].link):
                yield self.cells[column]

    def first(self, name: str) -> str:
        """The first text that there is for it."""
        return next((c.text for c in self._of(name) if c.text), "")

    def tags(self) -> list[str]:
        """The tags of all columns that hold such."""
        parts = (part for cell in self._of("tags") for part in _TAG_ENDS.split(cell.text))
        return [part.strip() for part in parts if part.strip()]

    def address(self) -> Cell:
        """The cell that holds the address: 网站 may be a name where 网址 stands beside it."""
        cells = list(self._of("url"))
        return next((c for c in cells if find(c)), cells[0] if cells else BLANK)


def _is_footer(cells: Iterable[Cell]) -> bool:
    first = next((cell.text for cell in cells if cell.text), "")
    return _FOOTER.match(_folded(first)) is not None


def _is_header(table: _Table, cells: tuple[Cell, ...]) -> bool:
    """The header once more: printed lists repeat it on every page."""
    field, column = next((f, table.columns[f][0]) for f in _BY_ANY if table.columns[f])
    return column < len(cells) and heading(cells[column].text) in HEADERS[field]


def _no_address(name: str, cell: Cell) -> str:
    if not (cell.text or cell.link):
        return Message("{0} has no address", name)
    who = f"{name}: " if name else ""
    return Message("{0}{1} is no web address", who, quoted(cell.text or cell.link))


# --- units to YAML -------------------------------------------------------------------------------

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Quoted(str):
    """Text that is written in quotes even where YAML could do without."""


def _represent(dumper: Any, text: _Quoted) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_DUMPER.add_representer(_Quoted, _represent)


def _entry(row: Row, id_: str) -> dict[str, Any]:
    contact = {"person": row.person, "phone": row.phone, "email": row.email}
    contact = {key: value for key, value in contact.items() if value}
    entry: dict[str, Any] = {"id": id_, "name": row.name, "url": row.url}
    if row.tags:
        entry["tags"] = list(row.tags)
    if contact:
        entry["contact"] = contact
    return entry


def _ids(rows: Iterable[Row]) -> list[str]:
    """The ids as given; else the hosts, numbered where taken."""
    rows = list(rows)
    taken = {row.id for row in rows if row.id}
    tried: dict[str, Iterator[int]] = {}
    return [row.id or _free(_host(row.url), taken, tried) for row in rows]


def _free(base: str, taken: set[str], tried: dict[str, Iterator[int]]) -> str:
    id_ = base
    numbers = tried.setdefault(base, count(2))
    while id_ in taken:
        id_ = f"{base}-{next(numbers)}"
    taken.add(id_)
    return id_


def _host(url: str) -> str:
    found = parse_web_url(url)
    assert found is not None
    return found.host


def _flow(entry: dict[str, Any]) -> str:
    text = yaml.dump(
        entry | {"url": _Quoted(entry["url"])},
        Dumper=_DUMPER,
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=1 << 30,
    )
    return str(text).rstrip("\n")


# --- sheets to tables ----------------------------------------------------------------------------


def _tables(readings: Iterable[list[Sheet]], fields: tuple[str, ...]) -> list[_Table]:
    """What stands below a header in each sheet, of the first reading that shows one."""
    for sheets in readings:
        if tables := [table for sheet in sheets if (table := _table(sheet, fields))]:
            return tables
    words = "、".join(word for field in fields for word in HEADERS[field])
    column = Message("an address column") if fields == _BY_ADDRESS else Message("a column of units")
    raise UnreadableError(
        "none of the first {0} rows names {1}; understood are {2}", MAX_HEADER_ROW, column, words
    )


def _table(sheet: Sheet, fields: tuple[str, ...]) -> _Table | None:
    for index, (number, cells) in enumerate(sheet.rows):
        if number > MAX_HEADER_ROW:
            break
        columns = _columns([heading(cell.text) for cell in cells])
        if any(columns[field] for field in fields):
            return _Table(sheet.name, number, columns, sheet.rows[index + 1 :], cells)
    return None


def _columns(heads: list[str]) -> dict[str, list[int]]:
    """The columns of every field, the best first."""
    return {
        name: [n for _, n in sorted((words.index(h), n) for n, h in enumerate(heads) if h in words)]
        for name, words in HEADERS.items()
    }


def heading(text: str) -> str:
    """A header as it is compared: "网 址（必填）：" is 网址."""
    text = _folded(text)
    return re.sub(r"[\W_]+", "", _BRACKETED.sub("", text)) or re.sub(r"[\W_]+", "", text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:100]).casefold()
