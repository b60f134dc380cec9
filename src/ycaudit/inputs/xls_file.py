"""Reads the sheets of old Excel workbooks (.xls, BIFF8), hostile ones within limits.

xlrd reads the cells, merged ranges and links; the records are walked before, since it would
make an entry for every cell of a range that a link claims to cover.
"""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from ycaudit.i18n import Message
from ycaudit.inputs.cells import (
    MAX_COLUMNS,
    MAX_MARKS,
    MAX_SHEETS,
    TOO_MANY,
    Cell,
    NumberedRow,
    Sheet,
    UnreadableError,
    Workbook,
    repeated,
    text_of,
)

MAX_LINKED = 100_000
"""Cells that have a link: Excel allows 65,530 links in a sheet."""

# [MS-XLS] 2.3: the numbers of the records that matter here.
_BOUNDSHEET, _HLINK, _FILEPASS, _MERGECELLS = 0x85, 0x1B8, 0x2F, 0xE5

_DAMAGED = Message("damaged, or no Excel workbook; open it in Excel and save it as .xlsx")


def read(data: bytes, only: Collection[str] | None = None) -> list[Sheet]:
    """The sheets of a workbook, or only those with these names. Raises UnreadableError."""
    try:
        stream = _workbook_stream(data)
        _survey(stream)
        return _sheets(stream, Workbook(only))
    except UnreadableError:
        raise
    except Exception as error:  # whatever a broken file makes struct or xlrd raise
        raise UnreadableError(_DAMAGED) from error


def _workbook_stream(data: bytes) -> bytes:
    """The part of the compound file that holds the workbook."""
    from xlrd.compdoc import CompDoc

    document = CompDoc(data, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        whole, start, size = document.locate_named_stream(name)
        if whole:
            return bytes(whole[start : start + size])
    raise UnreadableError(_DAMAGED)


def _survey(stream: bytes) -> None:
    """Walk all records; refuse what would cost too much, and what a password protects."""
    sheets, linked, merged = list[int](), 0, 0
    for _, kind, body in _records(stream):
        if kind == _FILEPASS:
            raise UnreadableError("protected by a password; save it as .xlsx without a password")
        if kind == _BOUNDSHEET:
            sheets.append(struct.unpack_from("<I", body)[0])
        elif kind == _HLINK:
            top, bottom, left, right = struct.unpack_from("<HHHH", body)
            linked += max(0, bottom - top + 1) * max(0, right - left + 1)
        elif kind == _MERGECELLS:
            merged += struct.unpack_from("<H", body)[0]
    if linked > MAX_LINKED or merged > MAX_MARKS or len(sheets) > MAX_SHEETS:
        raise UnreadableError(TOO_MANY)
    # A sheet that begins within a record hides others.
    if set(sheets).difference(at for at, _, _ in _records(stream)):
        raise UnreadableError(_DAMAGED)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where each record begins, its kind, and its body."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _sheets(stream: bytes, found: Workbook) -> list[Sheet]:
    import xlrd

    book = xlrd.open_workbook(
        *(None, io.StringIO()),
        file_contents=stream,
        formatting_info=True,  # without it merged cells and links are left out
        on_demand=True,
        ragged_rows=True,
    )
    for index, name in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(index)
        spans = {
            (top + 1, left + 1): bottom
            for top, bottom, left, _ in sheet.merged_cells
            if bottom > top + 1
        }
        found.add(
            name,
            repeated(_rows(sheet, book.datemode), spans),
            hidden_rows={row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden},
            is_hidden=bool(sheet.visibility),
        )
        book.unload_sheet(index)
    return found.sheets


def _rows(sheet: Any, datemode: int) -> Iterator[NumberedRow]:
    links: dict[int, dict[int, str]] = defaultdict(dict)
    for (row, column), link in sheet.hyperlink_map.items():
        links[row][column] = _address(link)
    for row in range(sheet.nrows):
        cells = [
            Cell(_text(cell, datemode), links[row].get(column, "") if row in links else "")
            for column, cell in enumerate(sheet.row(row)[:MAX_COLUMNS])
        ]
        yield row + 1, tuple(cells)


def _address(link: Any) -> str:
    """Where a link leads; empty where that is a file or a place in the workbook."""
    if link.type != "url" or not link.url_or_path:
        return ""
    # Excel stores the part after "#" separately.
    return f"{link.url_or_path}#{link.textmark}" if link.textmark else str(link.url_or_path)


def _text(cell: Any, datemode: int) -> str:
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_DATE:
            return text_of(_moment(cell.value, datemode))
        case xlrd.XL_CELL_BOOLEAN:
            return text_of(bool(cell.value))
        case xlrd.XL_CELL_TEXT | xlrd.XL_CELL_NUMBER:
            return text_of(cell.value)
        case _:
            return ""


def _moment(value: float, datemode: int) -> object:
    """A date as such, or the number where it is none that Excel could show."""
    from xlrd.xldate import XLDateError, xldate_as_datetime

    try:
        return xldate_as_datetime(value, datemode)
    except (XLDateError, ValueError, OverflowError):
        return value
