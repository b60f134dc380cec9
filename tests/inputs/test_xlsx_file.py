"""Workbooks: merged cells are repeated, bombs and damaged files are refused."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from support.lists import HEAD, fill, read_or_refuse, refusal, saved, urls, workbook
from ycaudit.inputs import xlsx_file
from ycaudit.inputs.unit_list import read_list


def test_a_category_merged_over_rows_holds_for_each_of_them(tmp_path: Path) -> None:
    book = Workbook()
    names = [("甲", "部门"), ("乙", None), ("丙", None), ("丁", None)]
    fill(
        book.active,
        [
            ("单位", "类别", "网址"),
            *((n, t, f"http://{i}.cn/") for i, (n, t) in zip("abcd", names, strict=True)),
        ],
    )
    book.active.merge_cells("B2:B4")
    units = read_list(saved(tmp_path, book)).units
    assert [unit.tags for unit in units] == [("部门",), ("部门",), ("部门",), ()]


def test_a_cell_merged_over_the_whole_sheet_costs_nothing(tmp_path: Path) -> None:
    path = repacked(
        workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")]),
        "</sheetData>",
        '</sheetData><mergeCells><mergeCell ref="D5:XFD1048576"/></mergeCells>',
    )
    assert urls(read_list(path)) == ["http://a.cn/"]


def repacked(path: Path, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with something replaced in one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_bombs_are_refused_before_they_cost_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")])
    monkeypatch.setattr(xlsx_file, "MAX_UNPACKED", 1000)
    assert "unpacks to more than" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(xlsx_file, "MAX_ELEMENTS", 20)
    assert "more cells than" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(xlsx_file, "MAX_ROW_ELEMENTS", 3)
    assert "more cells than" in refusal(path)
    monkeypatch.undo()
    assert urls(read_list(path)) == ["http://a.cn/"]


MEGABYTES = 40
"""Of a part that would cost ten times as much as a tree, or hours to a parser of whole tags."""
ROW = '<row r="9"><c r="A9" t="inlineStr"><is><t>{}</t></is></c></row>'
BOMBS = {
    "a cell of text": (ROW, "x", "more than Excel permits"),
    "blanks": ("{}", " ", "more than Excel permits"),
    "an attribute": ('<row r="{}"/>', "9", "more than Excel permits"),
    "a comment": ("<!--{}-->", "x", "more than Excel permits"),
}
"""A part, what stands in it that many times, and why it is refused."""


@pytest.mark.parametrize("bomb", BOMBS)
def test_parts_that_unpack_to_much_are_refused_in_little_memory(bomb: str, tmp_path: Path) -> None:
    part, filling, why = BOMBS[bomb]
    path = with_rows(tmp_path, part.format(filling * (MEGABYTES << 20)))
    is_refused_in_little_memory(path, why)


def test_many_parts_are_refused_in_little_memory(tmp_path: Path) -> None:
    path = with_rows(tmp_path, "<row/>" * (xlsx_file.MAX_UNPACKED // 6))
    is_refused_in_little_memory(path, "unpacks to more than 128 MB; copy")


def with_rows(folder: Path, rows: str) -> Path:
    book = workbook(folder, [HEAD, ("甲", "http://a.cn/")])
    return repacked(book, "</sheetData>", rows + "</sheetData>")


def is_refused_in_little_memory(path: Path, why: str) -> None:
    tracemalloc.start()
    try:
        assert why in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def test_of_styles_and_shared_texts_there_are_fewer_than_of_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst>{'<si/>' * 9}</sst>")
    for bound in ("MAX_STYLES", "MAX_STRINGS"):
        monkeypatch.setattr(xlsx_file, bound, 3)
        assert "more cells than" in refusal(path)
        monkeypatch.undo()
    assert urls(read_list(path)) == ["http://a.cn/"]


def test_a_part_under_another_name_is_scanned_too(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/image.png", b"\x89PNG" + bytes(99))
        archive.writestr("xl/printer.bin", bytes(9999))
    assert urls(read_list(path)) == ["http://a.cn/"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sheet.bin", b" " * 9999 + b'<!DOCTYPE a [<!ENTITY b "c">]><a/>')
    assert "declares entities" in refusal(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet'
    path = repacked(workbook(tmp_path, [HEAD]), "<worksheet", doctype)
    assert "declares entities" in refusal(path)


def test_rows_beyond_the_bound_are_refused_and_empty_ones_are_not(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "http://a.cn/")])
    book.active["B200001"].number_format = "0.00"
    assert len(read_list(saved(tmp_path, book)).units) == 1
    book.active["B200001"] = "http://b.cn/"
    assert "more than 200,000 rows" in refusal(saved(tmp_path, book))


def test_a_row_that_says_it_is_the_billionth_ends_soon(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/"), ("乙", "http://b.cn/")])
    path = repacked(path, '<row r="3"', '<row r="1000000000"')
    assert urls(read_list(path)) == ["http://a.cn/"]


def sample() -> bytes:
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "点击"), ("乙", "http://b.cn/")])
    book.active["B2"].hyperlink = "http://a.cn/"
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    stored = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(stored, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return stored.getvalue()


SAMPLE = sample()


@settings(deadline=None)
@given(where=st.integers(0, len(SAMPLE) - 1), bad=st.binary(min_size=1, max_size=6))
def test_damaged_workbooks_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, where: int, bad: bytes
) -> None:
    data = SAMPLE[:where] + bad + SAMPLE[where + len(bad) :]
    read_or_refuse(tmp_path_factory.getbasetemp(), "c.xlsx", data)


def test_hidden_rows_and_sheets_are_known_as_such(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "http://a.cn/"), ("乙", "http://b.cn/")])
    book.active.row_dimensions[3].hidden = True
    for title, state in (("旧", "hidden"), ("更旧", "veryHidden")):
        fill(book.create_sheet(title), [HEAD])
        book[title].sheet_state = state
    sheets = xlsx_file.read(saved(tmp_path, book).read_bytes())
    assert [(sheet.is_hidden, sheet.hidden_rows) for sheet in sheets] == [
        (False, {3}),
        (True, set()),
        (True, set()),
    ]
