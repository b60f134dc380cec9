"""Old Excel workbooks are read with merged cells, links and dates; hostile ones are refused."""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import pytest

from support.lists import HEAD, read_or_refuse, refusal, urls
from support.old_lists import hlink, xls_file
from ycaudit.inputs.cells import Cell
from ycaudit.inputs.spreadsheet import read_sheets
from ycaudit.inputs.unit_list import read_list

LIST = [HEAD, ("甲", "http://a.test/"), ("乙", "进入网站")]


def rows_of(path: Path) -> list[tuple[str, ...]]:
    ((sheet,),) = read_sheets(path)
    return [tuple(cell.text for cell in cells) for _, cells in sheet.rows]


def test_an_old_workbook_is_a_list(tmp_path: Path) -> None:
    path = xls_file(tmp_path, LIST, links={(2, 1): "http://b.test/x"})
    assert urls(read_list(path)) == ["http://a.test/", "http://b.test/x"]


def test_numbers_dates_and_cells_merged_over_rows_are_read_as_they_show(tmp_path: Path) -> None:
    rows = [
        ("单位", "电话", "启用", "网址"),
        ("甲", 13800000000, date(2026, 5, 1), "a.test"),
        (None, 0.5, None, "b.test"),
    ]
    path = xls_file(tmp_path, rows, merged=[(1, 2, 0, 0)])
    assert rows_of(path)[1:] == [
        ("甲", "13800000000", "2026-05-01", "a.test"),
        ("甲", "0.5", "", "b.test"),
    ]


def test_a_link_into_the_workbook_is_no_address(tmp_path: Path) -> None:
    place = struct.pack("<4H", 1, 1, 1, 1) + bytes.fromhex("d0c9ea79f9bace118c8200aa004ba90b")
    place += struct.pack("<III", 2, 8, 3) + "A1\0".encode("utf-16-le")
    raw = struct.pack("<HH", 0x1B8, len(place)) + place
    ((sheet,),) = read_sheets(xls_file(tmp_path, [HEAD, ("甲", "见下")], raw=raw))
    assert sheet.rows[1][1] == (Cell("甲"), Cell("见下"))


def test_a_link_over_the_whole_sheet_is_refused_before_it_costs_memory(tmp_path: Path) -> None:
    path = xls_file(tmp_path, LIST, raw=hlink(0, 65535, 0, 255, "http://x.test/"))
    assert refusal(path) == "more cells than a list of units has"


def test_a_sheet_that_hides_within_a_record_is_refused(tmp_path: Path) -> None:
    begin = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 0x10, 0, 0, 0, 0)
    hidden = begin + hlink(0, 999, 0, 200, "http://x.test/") + b"\x0a\0\0\0"
    raw = struct.pack("<HH", 0xFFF, len(hidden)) + hidden
    data = bytearray(xls_file(tmp_path, LIST, raw=raw).read_bytes())
    start = data.index(b"\x09\x08\x10\0")  # where the stream of the workbook begins
    place = data.index(b"\x85\0") + 4  # in the record BOUNDSHEET
    struct.pack_into("<I", data, place, data.index(hidden) - start)
    (tmp_path / "x.xls").write_bytes(data)
    assert "damaged" in refusal(tmp_path / "x.xls")


@pytest.mark.parametrize("step", range(40))
def test_a_workbook_with_wrong_bytes_is_read_or_refused(tmp_path: Path, step: int) -> None:
    data = bytearray(xls_file(tmp_path, LIST, links={(2, 1): "http://b.test/"}).read_bytes())
    for at in range(step * 13, len(data), 40 * 13):
        data[at] ^= 0xFF
    read_or_refuse(tmp_path, "x.xls", bytes(data))


def test_hidden_rows_and_sheets_are_known_as_such(tmp_path: Path) -> None:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook(encoding="utf-8")
    for name, visibility in (("一", 0), ("二", 1)):
        sheet = book.add_sheet(name)
        sheet.visibility = visibility
        for row, cells in enumerate(LIST):
            for column, text in enumerate(cells):
                sheet.write(row, column, text)
        sheet.row(2).hidden = True
    book.save(str(tmp_path / "名单.xls"))
    (sheets,) = read_sheets(tmp_path / "名单.xls")
    assert [(sheet.is_hidden, sheet.hidden_rows) for sheet in sheets] == [(False, {3}), (True, {3})]
