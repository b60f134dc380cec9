"""A file may hold as much as a list of units does: small files that unpack to more are refused."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.lists import HEAD, csv_file, refusal, workbook
from support.old_lists import Cells, hlink, ods_file, xls_file
from ycaudit.errors import ConfigError
from ycaudit.inputs import cells
from ycaudit.inputs.cells import Cell
from ycaudit.inputs.slips import read_slips
from ycaudit.inputs.spreadsheet import read_sheets
from ycaudit.inputs.statistics import read_figures
from ycaudit.inputs.unit_list import read_list
from ycaudit.report.review_sheet import read_reviews
from ycaudit.report.rows import REVIEW, REVIEW_SHEET

LONG = "x" * 32_000
Writer = Callable[[Path, Cells], Path]


def as_csv(folder: Path, rows: Cells) -> Path:
    return csv_file(folder, "\n".join(",".join(map(str, row)) for row in rows))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def repacked(path: Path, **parts: Callable[[str], str]) -> Path:
    """The workbook with some parts changed, by the ends of their names; what is new is added."""
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    for end, change in parts.items():
        name = NAMES[end]
        texts[name] = change(texts.get(name, ""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return path


NAMES = {
    "sheet": "xl/worksheets/sheet1.xml",
    "links": "xl/worksheets/_rels/sheet1.xml.rels",
    "book": "xl/workbook.xml",
    "types": "[Content_Types].xml",
    "parts": "xl/_rels/workbook.xml.rels",
    "texts": "xl/sharedStrings.xml",
}


def shared(folder: Path, rows: Cells) -> Path:
    """A workbook as Excel writes it: the long text is stored once, for all cells that show it."""
    short = [["@" if text == LONG else text for text in row] for row in rows]
    type_ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    return repacked(
        workbook(folder, short),
        sheet=lambda text: text.replace('t="inlineStr"><is><t>@</t></is>', 't="s"><v>0</v>'),
        types=lambda text: text.replace(
            "</Types>",
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{type_}"/></Types>',
        ),
        parts=lambda text: text.replace(
            "</Relationships>",
            f'<Relationship Id="t" Type="{KIND}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        ),
        texts=lambda _: f'<sst xmlns="{MAIN}"><si><t>{LONG}</t></si></sst>',
    )


WRITERS: dict[str, Writer] = {
    "xlsx": shared, "ods": ods_file, "xls": xls_file, "csv": as_csv,
}  # fmt: skip


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest) -> Writer:
    return WRITERS[request.param]


def test_a_text_counts_as_often_as_it_stands_there(tmp_path: Path, writer: Writer) -> None:
    path = writer(tmp_path, [HEAD, *((LONG, f"a{n}.test") for n in range(760))])
    tracemalloc.start()
    try:
        said = refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said == "more than 24,000,000 characters: this is no list of units"
    assert peak < (64 << 20) + 8 * path.stat().st_size


def test_of_cells_there_may_be_so_many(
    tmp_path: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = writer(tmp_path, [HEAD, ("甲", "a.test"), ("乙", "b.test")])
    monkeypatch.setattr(cells, "MAX_CELLS", 6)
    assert len(read_list(path).units) == 2
    monkeypatch.setattr(cells, "MAX_CELLS", 5)
    assert refusal(path) == "more cells than a list of units has"


def test_messages_quote_the_start_of_a_cell(tmp_path: Path, writer: Writer) -> None:
    name = LONG[:9000]
    rows = [
        (*HEAD, "联系人", "联系电话", "邮箱", "编号", f"备注{name}"),
        (f"甲{name}", "见附件", "", "", "", "", "是"),
        (f"乙{name}", "", "王", "", "不知道", "1", "是"),
        (f"丙{name}", "http://a.test/", f"李{name}", "2712345604", f"不{name}", "1", "是"),
        (f"丙{name}", f"http://a.test/{'x' * 1900}", f"赵{name}", "", "", f"号{name}", "是"),
        (f"丁{name}", "http://a.test/", "", "", "", f"号{name}", "是"),
        (f"戊{name}", f"无{name}", "", "", "", "", ""),
        ("", f"http://b.test/{'x' * 1900}", "", "", "", f"号{name}", ""),
    ]
    found = read_list(writer(tmp_path, rows))
    said = [*map(str, found.problems), *found.notices, *found.doubts, *found.columns]
    assert len(said) > 10
    folder = len(str(tmp_path))
    assert max(len(text) - folder for text in said) < 400
    assert {len(heading) for unit in found.units for heading, _ in unit.data} == {101}


def test_the_name_of_a_sheet_is_no_text_for_every_row(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "a.test"), ("乙", "见附件")]
    path = workbook(tmp_path, rows, 二=rows[:2])
    found = read_list(repacked(path, book=lambda text: text.replace('"Sheet"', f'"{LONG}"')))
    assert [len(tag) for unit in found.units for tag in unit.tags] == [101]
    assert len(str(found.problems[0])) < 400


def test_whoever_reads_a_table_refuses_it(tmp_path: Path) -> None:
    path = shared(tmp_path, [HEAD, *((LONG, "a.test") for _ in range(760))])
    assert path.stat().st_size < 20_000
    for reader in (read_list, read_slips, read_figures):
        with pytest.raises(ConfigError) as caught:
            reader(path)
        assert str(caught.value) == (
            f"{path}: more than 24,000,000 characters: this is no list of units"
        )


def test_a_sheet_of_answers_is_held_to_the_same(tmp_path: Path) -> None:
    rows = [tuple(map(str, REVIEW)), *((LONG, "x") for _ in range(760))]
    path = shared(tmp_path, rows)
    repacked(path, book=lambda text: text.replace('"Sheet"', f'"{REVIEW_SHEET}"'))
    with pytest.raises(ConfigError, match="more than 24,000,000 characters"):
        read_reviews(path)


def test_a_long_address_for_many_cells_is_refused_before_it_is_repeated(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEAD, *(("甲", "点击") for _ in range(300))])
    links = "".join(f'<hyperlink ref="B{n}" r:id="r" location="x"/>' for n in range(2, 302))
    target = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r" Type="{KIND}/hyperlink" TargetMode="External" '
        f'Target="http://a.test/{"x" * 900_000}"/></Relationships>'
    )
    repacked(
        path,
        sheet=lambda text: text.replace(
            "</sheetData>", f'</sheetData><hyperlinks xmlns:r="{KIND}">{links}</hyperlinks>'
        ),
        links=lambda _: target,
    )
    tracemalloc.start()
    try:
        assert "more than Excel permits" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_of_merged_ranges_there_may_be_so_many(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl

    from ycaudit.inputs import ods_file as ods
    from ycaudit.inputs import xls_file as xls
    from ycaudit.inputs import xlsx_file as xlsx

    match kind:
        case "xlsx":
            path = workbook(tmp_path, [HEAD, ("甲", "a.test"), (None, "b.test")])
            book = openpyxl.load_workbook(path)
            book.active.merge_cells("A2:A3")
            book.save(path)
        case "ods":
            path = ods_file(tmp_path, [HEAD, (("甲", 2), "a.test"), (None, "b.test")])
        case _:
            rows = [HEAD, ("甲", "a.test"), (None, "b.test")]
            path = xls_file(tmp_path, rows, merged=[(1, 2, 0, 0)])
    assert [len(unit.sites) for unit in read_list(path).units] == [2]
    for module in (ods, xls, xlsx):
        monkeypatch.setattr(module, "MAX_MARKS", 0)
    assert refusal(path) == "more cells than a list of units has"


def test_a_link_over_many_cells_counts_in_each(tmp_path: Path) -> None:
    rows = [HEAD, *((f"甲{n}", "点击") for n in range(9000))]
    long = f"http://a.test/{'x' * 3000}"
    assert len(read_list(xls_file(tmp_path, rows, raw=hlink(1, 3, 1, 1, long))).units) == 1
    assert "24,000,000 characters" in refusal(
        xls_file(tmp_path, rows, raw=hlink(1, 9000, 1, 1, long))
    )


def test_only_the_sheets_that_are_asked_for_are_kept_and_counted(tmp_path: Path) -> None:
    rows = [HEAD, *((LONG, "a.test") for _ in range(760))]
    path = workbook(tmp_path, rows, 二=[("甲", "乙")])
    ((sheet,),) = read_sheets(path, {"二", "三"})
    assert (sheet.name, sheet.rows) == ("二", [(1, (Cell("甲"), Cell("乙")))])
    assert list(read_sheets(path, {"三"})) == [[]]
