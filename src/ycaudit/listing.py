"""Reads lists of units from Excel and CSV as offices keep them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

import yaml

from ycaudit import address
from ycaudit.errors import ConfigError, Problem

MOST_BYTES = 32 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024
MOST_ELEMENTS = 8_000_000  # 200,000 rows of 16 cells have fewer; a tree of more takes gigabytes
MOST_ROW_ELEMENTS = 100_000  # a row is one tree in memory; Excel has 16,384 columns
MOST_ROWS = 200_000
MOST_COLUMNS = 50
EXCEL_ROWS = 1_048_576
MOST_HEADER_ROW = 20
MOST_ADDRESS = 2000
MOST_SNIFFED = 4096

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
_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FORMULA = re.compile(r'\s*(?:_xlfn\.)?HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)


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


class _Cell(NamedTuple):
    text: str
    link: str = ""


_BLANK = _Cell("")


class _Sheet(NamedTuple):
    """The rows of a sheet that hold anything, by number."""

    name: str
    rows: list[tuple[int, tuple[_Cell, ...]]]


class _Table(NamedTuple):
    """What stands below a header, and which columns hold which field, the best first."""

    sheet: str
    header: int
    columns: dict[str, list[int]]
    rows: list[tuple[int, tuple[_Cell, ...]]]
    heads: tuple[_Cell, ...]


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


class _UnreadableError(Exception):
    """Nothing of the file can be read: one sentence why."""


def read_list(path: Path) -> Listing:
    """The units of an .xlsx or .csv file. Raises ConfigError where nothing of it can be read."""
    tables = _read(path, _BY_ADDRESS)
    reader = _Reader(str(path))
    for table in tables:
        reader.read(table, several=len(tables) > 1)
    if not reader.rows and not reader.problems:
        reader.problem(tables[0].header, "no unit stands below this header")
    return Listing(tuple(reader.rows), tuple(reader.problems), tuple(reader.notices))


def read_grids(path: Path) -> list[Grid]:
    """The tables about units in an .xlsx or .csv file, by whatever column names the unit.

    Raises ConfigError where there is none.
    """
    return [_grid(table) for table in _read(path, _BY_ANY)]


def _read(path: Path, fields: tuple[str, ...]) -> list[_Table]:
    try:
        return _tables(_bytes(path), path.suffix.lower(), fields)
    except _UnreadableError as error:
        raise ConfigError([Problem(str(path), None, str(error))]) from error


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
    found = _find(fields.address())
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
    named = _clean(source.encode("utf-8", "replace").decode())
    lines = [f"# Made of {named} by `ycaudit import`.", "units:"]
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
        return f"sheet {self.sheet}: " if self.sheet else ""

    def _place(self, number: int) -> str:
        return f"row {number} of sheet {self.sheet}" if self.sheet else f"row {number}"

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
        found = _find(cell)
        if found is None:
            self.problem(number, _no_address(name, cell))
        elif self._is_new(number, name, found):
            self._add(number, name, found, fields)

    def _is_new(self, number: int, name: str, found: _Found) -> bool:
        first = self.addresses.setdefault(_key(found.url), self._place(number))
        if first != self._place(number):
            who = f"{name}: " if name else ""
            self.notice(number, f"{who}{found.url} stands in {first} already; left out here")
            return False
        return True

    def _add(self, number: int, name: str, found: _Found, fields: _Fields) -> None:
        for what in found.notes:
            self.notice(number, what)
        if not name:
            self.notice(number, f"{found.url} has no name; its address stands for it")
        elif (first := self.names.setdefault(name, self._place(number))) != self._place(number):
            self.notice(number, f"{name} stands in {first} already, with another address")
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
            self.notice(number, f"the id {given} is used in {first}; one is made of the address")
            return None
        return given


@dataclass(frozen=True, slots=True)
class _Fields:
    """The cells of a row by what they are."""

    columns: dict[str, list[int]]
    cells: tuple[_Cell, ...]

    def _of(self, name: str) -> Iterator[_Cell]:
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

    def address(self) -> _Cell:
        """The cell that holds the address: 网站 may be a name where 网址 stands beside it."""
        cells = list(self._of("url"))
        return next((c for c in cells if _find(c)), cells[0] if cells else _BLANK)


def _is_footer(cells: Iterable[_Cell]) -> bool:
    first = next((cell.text for cell in cells if cell.text), "")
    return _FOOTER.match(_folded(first)) is not None


def _is_header(table: _Table, cells: tuple[_Cell, ...]) -> bool:
    """The header once more: printed lists repeat it on every page."""
    field, column = next((f, table.columns[f][0]) for f in _BY_ANY if table.columns[f])
    return column < len(cells) and heading(cells[column].text) in HEADERS[field]


def _no_address(name: str, cell: _Cell) -> str:
    if not (cell.text or cell.link):
        return f"{name} has no address"
    who = f"{name}: " if name else ""
    return f"{who}{_shown(cell.text or cell.link)} is no web address"


def _key(url: str) -> str:
    found = address.web(url)
    assert found is not None
    return found.href.rstrip("/")


# --- cells to addresses --------------------------------------------------------------------------

# "http//:", "http:\\", "http:/", "http://http://"; not what stands within an address.
_SCHEME = re.compile(r"(?<![a-z0-9/\\=?&.%_-])(?:(https?)(?:\s*[:;/\\])+\s*)+", re.IGNORECASE)
_STOP = re.compile(r"(?<=[a-zA-Z0-9])。(?=[a-zA-Z0-9])")
# Top levels that are not ASCII are few: other Chinese beside an address is a remark.
_CHINESE = (
    r"(?:[\w-]{1,63}\.){1,9}(?:中国|中國|政务|公益|公司|网络|网址|香港|台湾|台灣|澳门|澳門)"
    r"(?:\.[a-z]{2,63})?"
)
_ASCII = r"(?:[a-z0-9_-]{1,63}\.){1,9}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})"
_NUMBERS = r"\d{1,3}(?:\.\d{1,3}){3}"
_NAMED = r"(?:[\w-]{1,63}\.){1,9}[a-z0-9-]{1,63}|[a-z0-9-]{1,63}|\[[0-9a-f:.]{2,45}\]"
_NEXT = r"(?!https?:|www\.|[a-z0-9.-]{1,200}\.(?:cn|com|net|org)(?![a-z0-9]))"
_TAIL = rf"""(?:[/\\?\#](?:[^\s"<>(),;\u0080-\U0010ffff]|[,;](?=[a-z0-9_%=-]){_NEXT})*)?"""
_ADDRESS = re.compile(
    rf"""(?:(?P<scheme>https?://)(?:[^\s/@:]{{1,60}}(?::[^\s/@]{{0,60}})?@)?(?:{_CHINESE}|{_NAMED})
    |(?<![a-z0-9@._-])(?:{_ASCII}|{_NUMBERS}|{_CHINESE})(?![a-z0-9@_-]))
    (?::\d{{1,5}})?{_TAIL}""",
    re.IGNORECASE | re.VERBOSE,
)


class _Found(NamedTuple):
    url: str
    notes: tuple[str, ...] = ()


def _find(cell: _Cell) -> _Found | None:
    """The address of a cell: that in its text, else that which it links to."""
    written, linked = _in_text(cell.text), _in_text(cell.link)
    if written is None:
        if linked is None:
            return None
        shown = f"{_shown(cell.text)} links to" if cell.text else "the empty cell links to"
        return _Found(linked.url, (f"{shown} {linked.url}, which is taken",))
    if linked and _key(linked.url) != _key(written.url):
        other = f"{written.url} links to {linked.url}; what is written was taken"
        return _Found(written.url, (*written.notes, other))
    return written


def _in_text(text: str) -> _Found | None:
    """The first address in a text, and what was done to get it."""
    mended = _mended(text[:MOST_ADDRESS])
    for match in _ADDRESS.finditer(mended):
        written = match[0].rstrip(".,;:!'").replace("\\", "/")
        url = written if match["scheme"] else f"http://{written}"
        if address.web(url) is not None:
            rest = _remark(f"{mended[: match.start()]} {mended[match.end() :]}")
            return _Found(url, _told(text, url, rest))
    return None


def _mended(text: str) -> str:
    text = _STOP.sub(".", unicodedata.normalize("NFKC", text))
    return _SCHEME.sub(lambda match: f"{match[1].lower()}://", text)


def _remark(text: str) -> str:
    """What stands around an address, unless it is punctuation only."""
    return " ".join(text.split()) if re.search(r"\w", text) else ""


def _told(text: str, url: str, rest: str) -> tuple[str, ...]:
    if text == url:
        return ()
    without = f", without {_shown(rest)}" if rest else ""
    return (f"{_shown(text)} is read as {url}{without}",)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")


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
    found = address.web(url)
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


# --- files to tables -----------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise _UnreadableError("this is a folder; name a file")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _UnreadableError(
                f"larger than {MOST_BYTES >> 20} MB; split the list into several files"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _UnreadableError("no such file") from error
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror}") from error


def _tables(data: bytes, suffix: str, fields: tuple[str, ...]) -> list[_Table]:
    """The tables of a file, by what it is and not by what it is called."""
    if data.startswith(_OLE):
        locked = "protected by a password" if _ENCRYPTED in data else "in the format of old Excel"
        raise _UnreadableError(f"{locked}; save it as .xlsx without a password")
    if data.startswith(b"PK\x03\x04"):
        tables = [table for sheet in _sheets(data) if (table := _table(sheet, fields))]
    elif suffix == ".csv":
        tables = _csv_tables(_decoded(data), fields)
    else:
        raise _UnreadableError("not an Excel workbook; open it in Excel and save it as .xlsx")
    if not tables:
        words = "、".join(word for field in fields for word in HEADERS[field])
        column = "an address column" if fields == _BY_ADDRESS else "a column of units"
        raise _UnreadableError(
            f"none of the first {MOST_HEADER_ROW} rows names {column}; understood are {words}"
        )
    return tables


def _table(sheet: _Sheet, fields: tuple[str, ...]) -> _Table | None:
    for index, (number, cells) in enumerate(sheet.rows):
        if number > MOST_HEADER_ROW:
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


def _clean(text: str) -> str:
    """Text on one line, without what cannot be seen."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def _checked(rows: Iterable[tuple[int, tuple[_Cell, ...]]]) -> list[tuple[int, tuple[_Cell, ...]]]:
    """The rows that hold anything, as long as they are not too many."""
    kept: list[tuple[int, tuple[_Cell, ...]]] = []
    for number, cells in rows:
        if any(cell.text or cell.link for cell in cells):
            if number > MOST_ROWS:
                raise _UnreadableError(f"more than {MOST_ROWS:,} rows: this is no list of units")
            kept.append((number, cells))
    return kept


# --- CSV -----------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    marked = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise _UnreadableError("neither UTF-8 nor GB18030 text; save it as .xlsx")


def _csv_tables(text: str, fields: tuple[str, ...]) -> list[_Table]:
    """One table, by the first delimiter that shows a header."""
    for delimiter in dict.fromkeys((_sniffed(text), ",", ";", "\t")):
        table = _table(_Sheet("", _checked(_csv_rows(text, delimiter))), fields)
        if table is not None:
            return [table]
    return []


def _sniffed(text: str) -> str:
    try:
        delimiter = csv.Sniffer().sniff(text[:MOST_SNIFFED], delimiters=",;\t").delimiter
    except csv.Error:
        return ","
    return delimiter if delimiter in (",", ";", "\t") else ","


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[_Cell, ...]]]:
    """Numbered as Excel would: a cell of several lines is one row."""
    # newline=None: a lone carriage return ends a line too, as old Macs wrote it.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    try:
        for number, values in enumerate(reader, 1):
            yield number, tuple(_Cell(_text(value)) for value in values[:MOST_COLUMNS])
    except csv.Error as error:
        raise _UnreadableError(f"not a CSV file: {error} (line {reader.line_num})") from error


def _text(value: object) -> str:
    """A cell's value as it is read."""
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
            text = _clean(str(value))
            return "" if text in _EXCEL_ERRORS else text


# --- Excel ---------------------------------------------------------------------------------------


def _sheets(data: bytes) -> list[_Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, about styles that no one needs here
            marks = _survey(archive)
            return _loaded(data, archive, marks)
    except _UnreadableError:
        raise
    except Exception as error:  # whatever a broken file makes zipfile, expat or openpyxl raise
        raise _UnreadableError(
            "damaged, or no Excel workbook; open it in Excel and save it as .xlsx"
        ) from error


def _survey(archive: zipfile.ZipFile) -> dict[str, _Marks]:
    """Look through the parts without building anything; refuse what would cost too much."""
    if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
        raise _UnreadableError(f"unpacks to more than {MOST_UNPACKED >> 20} MB: no list of units")
    marks: dict[str, _Marks] = {}
    elements = 0
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            marks[name] = _Marks(elements)
            marks[name].read(archive, name)
            elements = marks[name].elements
    return marks


class _Marks:
    """What openpyxl leaves out when it reads row by row: merged cells and links.

    Its other mode makes a cell of every place that a range names, and a range may name all.
    """

    def __init__(self, elements: int) -> None:
        self.elements = elements
        self.row_elements = 0
        self.spans: dict[tuple[int, int], int] = {}
        self.links: list[tuple[str, str, str]] = []
        self.targets: dict[str, str] = {}
        self.formulas: dict[str, str] = {}
        self._in_row = False
        self._cell = ""
        self._formula: list[str] | None = None

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        """Read one part."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        with archive.open(name) as part:
            parser.ParseFile(part)

    def _doctype(self, *_: object) -> None:
        raise _UnreadableError("declares entities, which no Excel workbook does")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.elements += 1
        self.row_elements += 1
        if self.elements > MOST_ELEMENTS or (
            self._in_row and self.row_elements > MOST_ROW_ELEMENTS
        ):
            raise _UnreadableError("more cells than a list of units has")
        match name.rpartition(" ")[2]:
            case "row":
                self._in_row, self.row_elements = True, 0
            case "c":
                self._cell = given.get("r", "")
            case "f":
                self._formula = []
            case "mergeCell" | "hyperlink" | "Relationship" as kind:
                self._note(kind, {key.rpartition(" ")[2]: text for key, text in given.items()})

    def _note(self, kind: str, given: dict[str, str]) -> None:
        if kind == "Relationship":
            self.targets[given["Id"]] = given.get("Target", "")
        elif kind == "hyperlink":
            self.links.append((given["ref"], given.get("id", ""), given.get("location", "")))
        else:
            left, top, _, bottom = _corners(given["ref"])
            self.spans[top, left] = bottom

    def _data(self, text: str) -> None:
        if self._formula is not None:
            self._formula.append(text)

    def _end(self, name: str) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "row":
            self._in_row = False
        elif kind == "f" and self._formula is not None:
            if self._cell and (found := _FORMULA.match("".join(self._formula))):
                self.formulas[self._cell] = found[1]
            self._formula = None


def _corners(ref: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a range, 1-based."""
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(ref)
    return left, top, right, bottom


def _loaded(data: bytes, archive: zipfile.ZipFile, marks: dict[str, _Marks]) -> list[_Sheet]:
    from openpyxl import load_workbook
    from openpyxl.packaging.relationship import get_rels_path

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        path = sheet._worksheet_path
        rels = marks.get(get_rels_path(path).lstrip("/"))
        links = _links(marks[path], rels.targets if rels else {})
        # Rows that are missing are filled up: the bound is for a row that says it is the billionth.
        rows = sheet.iter_rows(max_row=EXCEL_ROWS, max_col=MOST_COLUMNS, values_only=True)
        sheets.append(_Sheet(_clean(sheet.title), _checked(_filled(rows, marks[path], links))))
    book.close()
    return sheets


def _links(marks: _Marks, targets: dict[str, str]) -> dict[int, dict[int, str]]:
    """The addresses that cells link to, by row and column."""
    links: dict[int, dict[int, str]] = defaultdict(dict)
    for ref, id_, location in marks.links:
        left, top, _, _ = _corners(ref)
        # Excel keeps the part after "#" apart.
        links[top][left] = targets.get(id_, "") + (f"#{location}" if location and id_ else "")
    for ref, target in marks.formulas.items():
        left, top, _, _ = _corners(ref)
        links[top][left] = target
    return links


def _filled(
    rows: Iterable[tuple[object, ...]], marks: _Marks, links: dict[int, dict[int, str]]
) -> Iterator[tuple[int, tuple[_Cell, ...]]]:
    """The rows, numbered; a cell merged over rows holds for each of them."""
    spans = {place: bottom for place, bottom in marks.spans.items() if bottom > place[0]}
    starts = {row for row, _ in spans}
    open_: dict[int, tuple[int, _Cell]] = {}
    for number, values in enumerate(rows, 1):
        if not (open_ or number in links or any(values)):
            continue  # most rows of a sheet that was coloured to its end
        cells = _cells(values, links.get(number, {}))
        open_ = {column: span for column, span in open_.items() if span[0] >= number}
        for column, (_, cell) in open_.items():
            if not cells[column - 1].text:
                cells[column - 1] = cell
        if number in starts:
            for column, cell in enumerate(cells, 1):
                if (number, column) in spans:
                    open_[column] = (spans[number, column], cell)
        yield number, tuple(cells)


def _cells(values: tuple[object, ...], links: dict[int, str]) -> list[_Cell]:
    cells = [_BLANK if value is None else _Cell(_text(value)) for value in values]
    for column, link in links.items():
        if column <= len(cells):
            cells[column - 1] = _Cell(cells[column - 1].text, link)
    return cells
