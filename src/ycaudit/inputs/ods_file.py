"""Reads the sheets of OpenDocument spreadsheets (.ods), hostile ones within limits.

Read as a stream of tags (OpenDocument 1.3, part 3, section 9): no library for Python gives the
addresses that cells link to without building a tree of the whole document.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection
from datetime import date
from typing import IO
from xml.parsers import expat

from ycaudit.inputs.cells import (
    BLANK,
    MAX_COLUMNS,
    MAX_MARKS,
    MAX_ROWS,
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

MAX_UNPACKED = 128 * 1024 * 1024
MAX_ELEMENTS = 8_000_000
CHUNK = 64 * 1024
MIME = b"application/vnd.oasis.opendocument.spreadsheet"

_FORMULA = re.compile(r'[a-z]*:?=\s*HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)
_NUMERIC = frozenset({"float", "currency"})
_DRAWING = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"


def is_ods(data: bytes) -> bool:
    """By its content: the first member of the archive names the type."""
    return MIME in data[:200]


def read(data: bytes, only: Collection[str] | None = None) -> list[Sheet]:
    """The sheets of a document, or only those with these names. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            with _member(archive, "META-INF/manifest.xml") as manifest:
                _refuse_locked(manifest.read())
            with _member(archive, "content.xml") as content:
                return _Content(Workbook(only)).read(content)
    except UnreadableError:
        raise
    except Exception as error:  # whatever a broken file makes zipfile or expat raise
        raise UnreadableError(
            "damaged, or no spreadsheet; open it in its program and save it as .xlsx"
        ) from error


def _refuse_locked(manifest: bytes) -> None:
    if b"encryption-data" in manifest:
        raise UnreadableError("protected by a password; save it as .xlsx without a password")


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    if archive.getinfo(name).file_size > MAX_UNPACKED:
        raise UnreadableError(
            "unpacks to more than {0} MB; copy the list alone into a new workbook",
            MAX_UNPACKED >> 20,
        )
    return archive.open(name)


class _Content:
    """Takes the cells of all sheets from the tags of content.xml."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._elements = 0
        self._marks = 0
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._begin_sheet("")
        self._row: list[Cell] = []
        self._row_repeats = 1
        self._is_row_hidden = False
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._characters = 0
        self._link = ""
        self._beside = 0
        """How deep within something that hangs on a cell without being its text."""

    def read(self, content: IO[bytes]) -> list[Sheet]:
        """The sheets of the document."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        while chunk := content.read(CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)
        return self._book.sheets

    def _doctype(self, *_: object) -> None:
        raise UnreadableError("declares entities, which no spreadsheet does")

    def _begin_sheet(self, name: str, style: str = "") -> None:
        self._name = name
        self._is_hidden = style in self._hidden_styles
        self._hidden_rows: set[int] = set()
        self._rows: list[NumberedRow] = []
        self._spans: dict[tuple[int, int], int] = {}
        self._number = 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise UnreadableError(TOO_MANY)
        kind = name.rpartition(" ")[2]
        given = {key.rpartition(" ")[2]: text for key, text in attributes.items()}
        if self._beside or _is_beside(name):
            self._beside += 1
        elif kind == "table":
            self._begin_sheet(given.get("name", ""), given.get("style-name", ""))
        elif kind == "style":
            self._style = given.get("name", "")
        elif kind == "table-properties" and given.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif kind == "table-row":
            self._row, self._row_repeats = [], _count(given, "number-rows-repeated")
            self._is_row_hidden = given.get("visibility") in ("collapse", "filter")
        elif kind in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._characters, self._link = given, [], 0, ""
        elif self._cell is not None:
            self._within_cell(kind, given)

    def _within_cell(self, kind: str, given: dict[str, str]) -> None:
        match kind:
            case "p" if self._text:
                self._text.append("\n")
            case "s" | "tab" | "line-break":
                self._text.append(" ")
            case "a":
                self._link = self._link or given.get("href", "")

    def _data(self, text: str) -> None:
        if self._cell is None or self._beside:
            return
        self._text.append(text)
        self._characters += len(text)
        if self._characters > MAX_TEXT:
            raise UnreadableError(TOO_LONG)

    def _end(self, name: str) -> None:
        kind = name.rpartition(" ")[2]
        if self._beside:
            self._beside -= 1
        elif kind in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif kind == "table-row":
            self._end_row()
        elif kind == "table":
            self._book.add(
                self._name,
                repeated(self._rows, self._spans),
                hidden_rows=self._hidden_rows,
                is_hidden=self._is_hidden,
            )
            self._begin_sheet("")

    def _end_cell(self, given: dict[str, str]) -> None:
        cell = Cell(_value(given, "".join(self._text)), self._link or _linked(given))
        if (high := _count(given, "number-rows-spanned")) > 1:
            self._marks += 1
            if self._marks > MAX_MARKS:
                raise UnreadableError(TOO_MANY)
            self._spans[self._number, len(self._row) + 1] = self._number + high - 1
        room = MAX_COLUMNS - len(self._row)
        self._row += [cell] * min(_count(given, "number-columns-repeated"), room)

    def _end_row(self) -> None:
        if any(cell != BLANK for cell in self._row):
            cells = tuple(self._row)
            # A repeated row beyond what a list may have is refused when the rows are counted.
            last = min(self._number + self._row_repeats, MAX_ROWS + 2)
            self._rows += ((number, cells) for number in range(self._number, last))
            if self._is_row_hidden:
                self._hidden_rows.update(range(self._number, last))
        self._number += self._row_repeats


def _is_beside(name: str) -> bool:
    """Comments, and everything that is drawn."""
    space, _, kind = name.rpartition(" ")
    return space == _DRAWING or kind in ("annotation", "shapes")


def _count(given: dict[str, str], name: str) -> int:
    return max(1, int(given.get(name, "1")))


def _value(given: dict[str, str], shown: str) -> str:
    """What the cell holds, which may be more than it shows: of a long number, all digits."""
    kind = given.get("value-type", "")
    if kind in _NUMERIC:
        return text_of(float(given["value"]))
    if kind == "date":
        return text_of(date.fromisoformat(given["date-value"][:10]))
    return text_of(shown or given.get("string-value", ""))


def _linked(given: dict[str, str]) -> str:
    found = _FORMULA.match(given.get("formula", ""))
    return found[1] if found else ""
