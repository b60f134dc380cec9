"""Reads the cells of workbooks and CSV files that somebody sent: hostile, odd, or just old."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from ycaudit.i18n import Message

MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_ELEMENTS = 8_000_000  # 200,000 rows of 16 cells have fewer; a tree of more takes gigabytes
MAX_ROW_ELEMENTS = 100_000  # a row is one tree in memory; Excel has 16,384 columns
MAX_ROWS = 200_000
MAX_COLUMNS = 50
EXCEL_ROWS = 1_048_576
MAX_SNIFFED = 4096

_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_FORMULA = re.compile(r'\s*(?:_xlfn\.)?HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)


class Cell(NamedTuple):
    """What a cell shows, on one line, and where it links to."""

    text: str
    link: str = ""


BLANK = Cell("")
NumberedRow = tuple[int, tuple[Cell, ...]]
"""A row's cells behind its number, 1-based, as Excel shows it."""


class Sheet(NamedTuple):
    """The rows of a sheet that hold anything."""

    name: str
    rows: list[NumberedRow]


class UnreadableError(Exception):
    """Nothing of the file can be read: one sentence why."""

    def __init__(self, text: str, *values: object) -> None:
        self.message = text if isinstance(text, Message) else Message(text, *values)
        super().__init__(self.message)


def read_sheets(path: Path) -> Iterator[list[Sheet]]:
    """The sheets of an .xlsx or .csv file, by what it is and not by what it is called.

    A CSV file does not say what parts its cells, so that several readings of it may come, the
    likeliest first; the caller takes the first that makes sense. Raises UnreadableError.
    """
    data = _bytes(path)
    if data.startswith(_OLE):
        locked = (
            Message("protected by a password")
            if _ENCRYPTED in data
            else Message("in the format of old Excel")
        )
        raise UnreadableError("{0}; save it as .xlsx without a password", locked)
    if data.startswith(b"PK\x03\x04"):
        yield _workbook(data)
    elif path.suffix.lower() == ".csv":
        text = _decoded(data)
        for delimiter in dict.fromkeys((_sniffed(text), ",", ";", "\t")):
            yield [Sheet("", _checked(_csv_rows(text, delimiter)))]
    else:
        raise UnreadableError("not an Excel workbook; open it in Excel and save it as .xlsx")


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableError("this is a folder; name a file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(
                "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableError("no such file") from error
    except OSError as error:
        raise UnreadableError("cannot be read: {0}", error.strerror) from error


def clean(text: str) -> str:
    """Text on one line, without what cannot be seen."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def _checked(rows: Iterable[NumberedRow]) -> list[NumberedRow]:
    """The rows that hold anything, as long as they are not too many."""
    kept: list[NumberedRow] = []
    for number, cells in rows:
        if any(cell.text or cell.link for cell in cells):
            if number > MAX_ROWS:
                raise UnreadableError("more than {0:,} rows: this is no list of units", MAX_ROWS)
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
    raise UnreadableError("neither UTF-8 nor GB18030 text; save it as .xlsx")


def _sniffed(text: str) -> str:
    try:
        delimiter = csv.Sniffer().sniff(text[:MAX_SNIFFED], delimiters=",;\t").delimiter
    except csv.Error:
        return ","
    return delimiter if delimiter in (",", ";", "\t") else ","


def _csv_rows(text: str, delimiter: str) -> Iterator[NumberedRow]:
    """Numbered as Excel would: a cell of several lines is one row."""
    # newline=None: a lone carriage return ends a line too, as old Macs wrote it.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    try:
        for number, values in enumerate(reader, 1):
            yield number, tuple(Cell(_text(value)) for value in values[:MAX_COLUMNS])
    except csv.Error as error:
        raise UnreadableError("not a CSV file: {0} (line {1})", error, reader.line_num) from error


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
            text = clean(str(value))
            return "" if text in _EXCEL_ERRORS else text


# --- Excel ---------------------------------------------------------------------------------------


def _workbook(data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, about styles that no one needs here
            marks = _survey(archive)
            return _loaded(data, archive, marks)
    except UnreadableError:
        raise
    except Exception as error:  # whatever a broken file makes zipfile, expat or openpyxl raise
        raise UnreadableError(
            "damaged, or no Excel workbook; open it in Excel and save it as .xlsx"
        ) from error


def _survey(archive: zipfile.ZipFile) -> dict[str, _Marks]:
    """Look through the parts without building anything; refuse what would cost too much."""
    if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
        raise UnreadableError("unpacks to more than {0} MB: no list of units", MAX_UNPACKED >> 20)
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
        raise UnreadableError("declares entities, which no Excel workbook does")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.elements += 1
        self.row_elements += 1
        if self.elements > MAX_ELEMENTS or (self._in_row and self.row_elements > MAX_ROW_ELEMENTS):
            raise UnreadableError("more cells than a list of units has")
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


def _loaded(data: bytes, archive: zipfile.ZipFile, marks: dict[str, _Marks]) -> list[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.packaging.relationship import get_rels_path

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        path = sheet._worksheet_path
        rels = marks.get(get_rels_path(path).lstrip("/"))
        links = _links(marks[path], rels.targets if rels else {})
        # Rows that are missing are filled up: the bound is for a row that says it is the billionth.
        rows = sheet.iter_rows(max_row=EXCEL_ROWS, max_col=MAX_COLUMNS, values_only=True)
        sheets.append(Sheet(clean(sheet.title), _checked(_filled(rows, marks[path], links))))
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
) -> Iterator[NumberedRow]:
    """The rows, numbered; a cell merged over rows holds for each of them."""
    spans = {place: bottom for place, bottom in marks.spans.items() if bottom > place[0]}
    starts = {row for row, _ in spans}
    open_: dict[int, tuple[int, Cell]] = {}
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


def _cells(values: tuple[object, ...], links: dict[int, str]) -> list[Cell]:
    cells = [BLANK if value is None else Cell(_text(value)) for value in values]
    for column, link in links.items():
        if column <= len(cells):
            cells[column - 1] = Cell(cells[column - 1].text, link)
    return cells
