"""Lists in the formats of other programs, written by xlwt, by odfpy, and by hand."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Cells = Sequence[Sequence[object]]
Merged = tuple[int, int, int, int]
"""First and last row, first and last column (0-based)."""


def xls_file(
    folder: Path,
    rows: Cells,
    *,
    merged: Sequence[Merged] = (),
    links: Mapping[tuple[int, int], str] = {},
    raw: bytes = b"",
) -> Path:
    """An .xls of one sheet; `raw` are further records of it."""
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    dates = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    spans = {(top, left): (top, bottom, left, right) for top, bottom, left, right in merged}
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if (row, column) in spans:
                sheet.write_merge(*spans[row, column], value)
            elif value is not None:
                style = [dates] if hasattr(value, "year") else []
                sheet.write(row, column, value, *style)
    more = b"".join(_hlink(*at, url) for at, url in links.items()) + raw
    stream = book.get_biff_data()
    end = stream.rindex(b"\x0a\x00\x00\x00")  # the record EOF of the sheet
    compound = importlib.import_module("xlwt.CompoundDoc")
    compound.XlsDoc().save(str(folder / "名单.xls"), stream[:end] + more + stream[end:])
    return folder / "名单.xls"


def _hlink(row: int, column: int, url: str) -> bytes:
    return hlink(row, row, column, column, url)


def hlink(top: int, bottom: int, left: int, right: int, url: str) -> bytes:
    """The record of a link ([MS-XLS] 2.4.140), as Excel writes it."""
    link = bytes.fromhex("d0c9ea79f9bace118c8200aa004ba90b")
    moniker = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")
    text = f"{url}\0".encode("utf-16-le")
    body = struct.pack("<4H", top, bottom, left, right) + link
    body += struct.pack("<II", 2, 3) + moniker + struct.pack("<I", len(text)) + text
    return struct.pack("<HH", 0x1B8, len(body)) + body


def ods_file(folder: Path, rows: Cells, *, links: Mapping[tuple[int, int], str] = {}) -> Path:
    """An .ods of one sheet; a cell that is a tuple is its value and how many rows it spans."""
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableRow

    document = OpenDocumentSpreadsheet()
    table = Table(name="名单")
    for row, cells in enumerate(rows):
        line = TableRow()
        for column, value in enumerate(cells):
            line.addElement(_ods_cell(value, links.get((row, column), "")))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(folder / "名单.ods"))
    return folder / "名单.ods"


def _ods_cell(value: object, link: str) -> Any:
    from odf.table import CoveredTableCell, TableCell
    from odf.text import A, P

    high = {}
    if isinstance(value, tuple):
        value, rows = value
        high = {"numberrowsspanned": rows, "numbercolumnsspanned": 1}
    if value is None and not link:
        return CoveredTableCell()
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value), **high)
    cell = TableCell(valuetype="string", **high)
    paragraph = P(text="" if link else str(value))
    if link:
        paragraph.addElement(A(href=link, text=str(value or "")))
    cell.addElement(paragraph)
    return cell
