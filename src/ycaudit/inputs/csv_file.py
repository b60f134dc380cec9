"""Reads the rows of CSV files in the encodings and with the delimiters of office programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator

from ycaudit.inputs.cells import (
    MAX_COLUMNS,
    Cell,
    NumberedRow,
    Sheet,
    UnreadableError,
    Workbook,
    text_of,
)

MAX_SNIFFED = 4096
"""Characters."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(data: bytes, only: Collection[str] | None = None) -> Iterator[list[Sheet]]:
    """The one sheet, once for each delimiter that the file may use, the likeliest first.

    Raises UnreadableError.
    """
    text = _decoded(data)
    if not text.strip():
        raise UnreadableError("the file is empty")
    for delimiter in dict.fromkeys((_sniffed(text), ",", ";", "\t")):
        book = Workbook(only)
        book.add("", _rows(text, delimiter))
        yield book.sheets


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


def _rows(text: str, delimiter: str) -> Iterator[NumberedRow]:
    """Numbered as in Excel: a cell of several lines is one row."""
    # newline=None: a lone carriage return ends a line too, as old Macs wrote it.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    try:
        for number, values in enumerate(reader, 1):
            yield number, tuple(Cell(text_of(value)) for value in values[:MAX_COLUMNS])
    except csv.Error as error:
        raise UnreadableError(
            "not a CSV file from line {0} on; open it in Excel and save it as .xlsx",
            reader.line_num,
        ) from error
