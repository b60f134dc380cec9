"""Reads the sheets of Excel workbooks that somebody sent, hostile ones within limits."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from xml.parsers import expat

from ycaudit.inputs.cells import (
    BLANK,
    MAX_COLUMNS,
    MAX_MARKS,
    MAX_TEXT,
    TOO_LONG,
    TOO_MANY,
    Cell,
    NumberedRow,
    Sheet,
    UnreadableError,
    Workbook,
    repeated,
    text_of,
)

MAX_UNPACKED = 128 * 1024 * 1024  # 200,000 rows of 16 cells
MAX_ELEMENTS = 8_000_000  # the same rows have fewer; a tree of more takes gigabytes
MAX_STRINGS = 2_000_000  # elements of shared texts, and of styles: openpyxl keeps all of them
MAX_STYLES = 400_000
MAX_RUN = 7 * MAX_TEXT  # characters between tags: Excel writes some as _x000D_
MAX_TAG = 1024 * 1024  # bytes: expat reads a tag anew with each chunk until it ends
CHUNK = 64 * 1024
MAX_ROW_ELEMENTS = 100_000  # a row is one tree in memory; Excel has 16,384 columns
EXCEL_ROWS = 1_048_576

_FORMULA = re.compile(r'\s*(?:_xlfn\.)?HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)


def read(data: bytes, only: Collection[str] | None = None) -> list[Sheet]:
    """The sheets of a workbook, or only those with these names. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, about styles that no one needs here
            marks = _survey(archive)
            return _loaded(data, marks, Workbook(only))
    except UnreadableError:
        raise
    except Exception as error:  # whatever a broken file makes zipfile, expat or openpyxl raise
        raise UnreadableError(
            "damaged, or no Excel workbook; open it in Excel and save it as .xlsx"
        ) from error


def _survey(archive: zipfile.ZipFile) -> dict[str, _Marks]:
    """Scan the parts without building trees; refuse what would cost too much."""
    if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
        raise UnreadableError(
            "unpacks to more than {0} MB; copy the list alone into a new workbook",
            MAX_UNPACKED >> 20,
        )
    marks: dict[str, _Marks] = {}
    elements = noted = 0
    for name in filter(partial(_is_xml, archive), archive.namelist()):
        marks[name] = _Marks(elements, elements + _most_elements(name), MAX_MARKS - noted)
        marks[name].read(archive, name)
        elements = marks[name].elements
        noted += marks[name].noted
    return marks


def _is_xml(archive: zipfile.ZipFile, name: str) -> bool:
    """By its content, whatever its name: openpyxl reads what the workbook calls a sheet."""
    with archive.open(name) as part:
        head = part.read(CHUNK).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return name.endswith((".xml", ".rels")) or head.startswith(b"<")


def _most_elements(name: str) -> int:
    """Sheets are read row by row; of other parts openpyxl keeps all."""
    if name.startswith("xl/worksheets/"):
        return MAX_ELEMENTS
    return MAX_STRINGS if name == "xl/sharedStrings.xml" else MAX_STYLES


class _Marks:
    """The merged cells, links and hidden rows of a part, which openpyxl leaves out when it reads
    row by row.

    Its other mode makes a cell for every place in a range, and a range may span a whole sheet.
    """

    def __init__(self, elements: int, most: int, most_noted: int) -> None:
        """`elements`: how many there were before this part; `most`: how many there may be."""
        self.elements = elements
        self.noted = 0
        self._most_noted = most_noted
        self.row_elements = 0
        self._most = min(most, MAX_ELEMENTS)
        self._text = 0
        """Characters since the last tag."""
        self.spans: dict[tuple[int, int], int] = {}
        self.links: list[tuple[str, str, str]] = []
        self.targets: dict[str, str] = {}
        self.formulas: dict[str, str] = {}
        self.hidden_rows: set[int] = set()
        self._row = 0
        self._in_row = False
        self._cell = ""
        self._formula: list[str] | None = None

    def read(self, archive: zipfile.ZipFile, name: str) -> None:
        """Parse one part of the archive."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        fed = 0
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > MAX_TAG:
                    raise UnreadableError(TOO_LONG)
            parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise UnreadableError("declares entities, which no Excel workbook does")

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.elements += 1
        self.row_elements += 1
        self._text = 0
        if self.elements > self._most or (self._in_row and self.row_elements > MAX_ROW_ELEMENTS):
            raise UnreadableError(TOO_MANY)
        match name.rpartition(" ")[2]:
            case "row":
                self._in_row, self.row_elements = True, 0
                self._begin_row(given)
            case "c":
                self._cell = given.get("r", "")
            case "f":
                self._formula = []
            case "mergeCell" | "hyperlink" | "Relationship" as kind:
                self._note(kind, {key.rpartition(" ")[2]: text for key, text in given.items()})

    def _begin_row(self, given: dict[str, str]) -> None:
        self._row = int(given.get("r", self._row + 1))
        if given.get("hidden") in ("1", "true") and len(self.hidden_rows) < self._most_noted:
            self.hidden_rows.add(self._row)

    def _note(self, kind: str, given: dict[str, str]) -> None:
        self.noted += 1
        if self.noted > self._most_noted:
            raise UnreadableError(TOO_MANY)
        if kind == "Relationship":
            self.targets[given["Id"]] = given.get("Target", "")
        elif kind == "hyperlink":
            self.links.append((given["ref"], given.get("id", ""), given.get("location", "")))
        else:
            left, top, _, bottom = _corners(given["ref"])
            self.spans[top, left] = bottom

    def _data(self, text: str) -> None:
        self._text += len(text)
        if self._text > MAX_RUN:
            raise UnreadableError(TOO_LONG)
        if self._formula is not None:
            self._formula.append(text)

    def _end(self, name: str) -> None:
        self._text = 0
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


def _loaded(data: bytes, marks: dict[str, _Marks], found: Workbook) -> list[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.packaging.relationship import get_rels_path

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        path = sheet._worksheet_path
        rels = marks.get(get_rels_path(path).lstrip("/"))
        links = _links(marks[path], rels.targets if rels else {})
        # openpyxl fills gaps up to the next row: the bound is for a row numbered in the billions.
        rows = sheet.iter_rows(max_row=EXCEL_ROWS, max_col=MAX_COLUMNS, values_only=True)
        spans = {at: bottom for at, bottom in marks[path].spans.items() if bottom > at[0]}
        filled = repeated(_numbered(rows, links), spans)
        found.add(
            sheet.title,
            filled,
            hidden_rows=marks[path].hidden_rows,
            is_hidden=sheet.sheet_state != "visible",
        )
    book.close()
    return found.sheets


_Links = dict[int, dict[int, tuple[str, str]]]
"""An address and the place in it, which many cells may link to, by row and column (1-based)."""


def _links(marks: _Marks, targets: dict[str, str]) -> _Links:
    links: _Links = defaultdict(dict)
    for ref, id_, location in marks.links:
        left, top, _, _ = _corners(ref)
        links[top][left] = targets.get(id_, ""), location if id_ else ""
    for ref, target in marks.formulas.items():
        left, top, _, _ = _corners(ref)
        links[top][left] = target, ""
    return links


def _numbered(rows: Iterable[tuple[object, ...]], links: _Links) -> Iterator[NumberedRow]:
    """The rows that are not empty, with numbers: most rows of a styled sheet are empty."""
    for number, values in enumerate(rows, 1):
        if number in links or any(values):
            yield number, tuple(_cells(values, links.get(number, {})))


def _cells(values: tuple[object, ...], links: dict[int, tuple[str, str]]) -> list[Cell]:
    cells = [BLANK if value is None else Cell(text_of(value)) for value in values]
    for column, (target, place) in links.items():
        if len(target) + len(place) > MAX_TEXT:
            raise UnreadableError(TOO_LONG)
        if column <= len(cells):
            # Excel stores the part after "#" separately.
            link = f"{target}#{place}" if place else target
            cells[column - 1] = Cell(cells[column - 1].text, link)
    return cells
