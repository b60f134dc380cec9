"""Sheets: no formula, sound hyperlinks only, columns and rows that fit, ready for the printer."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import pytest
from openpyxl import load_workbook

from support.pages import said
from support.reports import CONTROLS, report, run, verdict
from support.runs import HOSTILE, run_of
from support.workbooks import cells, one_of_each, opened, png, seen, table, written
from ycaudit.model import Evidence, Outcome, Sense, Where
from ycaudit.report import sheet_writer
from ycaudit.report.formats import FORMATS
from ycaudit.report.sheet_writer import Book, Column

PIXEL = 9525  # EMU


def test_crops_stand_in_the_row_of_their_evidence_at_most_90_pixels_high() -> None:
    files = {"tall.png": png(100, 400), "wide.png": png(400, 100), "small.png": png(30, 20)}
    evidence = (seen(file="gone.png"), *(seen(file=name) for name in files))
    sheet = opened(run(report("甲", verdict(Outcome.PASS, evidence=evidence))), files.get)["证据"]
    boxes = [
        (
            image.anchor._from.row + 1,
            round((image.anchor.to.colOff - image.anchor._from.colOff) / PIXEL),
            round((image.anchor.to.rowOff - image.anchor._from.rowOff) / PIXEL),
        )
        for image in sheet._images
    ]
    assert boxes == [(3, 23, 90), (4, 130, 33), (5, 30, 20)]
    for row, _, high in boxes:
        assert sheet.row_dimensions[row].height >= (high + 3) * 0.75
        assert sheet.cell(row, sheet._images[0].anchor._from.col + 1).value is None
    assert sheet.row_dimensions[2].height is None
    assert {image.anchor.editAs for image in sheet._images} == {"twoCell"}


def test_rows_do_not_wait_in_memory_until_the_file_is_written() -> None:
    book = Book(run())
    sheet = book.sheet("证据")
    sheet.head(Column("内容"), Column("序号"))
    out = io.BytesIO()
    tracemalloc.start()
    try:
        for number in range(2_000):
            sheet.add(f"{number % 50}" + "字" * 1_000, number)
        sheet.finish()
        book.write(out)
        assert tracemalloc.get_traced_memory()[1] < 6_000_000  # as text: 4 MB, as cells: 19
    finally:
        tracemalloc.stop()
    found = load_workbook(out)["证据"]
    assert found.max_row == 2_001 and found["B2001"].value == 1_999
    assert found["A2001"].value == "49" + "字" * 1_000


def test_nothing_hostile_is_a_formula_or_a_control_character() -> None:
    hostile = [*HOSTILE, "+1", "-1", "#N/A", "\t=1+1", "\ufffe\uffff", "_x0007_", "😀" * 40_000]
    crafted = [
        report(
            name, verdict(Outcome.UNDETERMINED, evidence=(seen(name, label=name, note=said(name)),))
        )
        for name in hostile
    ]
    for scan in (run_of(*hostile), run(*crafted)):
        found = cells(opened(scan))
        assert {c.data_type for c in found} == {"s", "n"}
        assert all(isinstance(c.value, int) for c in found if c.data_type == "n")
        texts = [c.value for c in found if c.data_type == "s"]
        assert not [text for text in texts if CONTROLS.search(text)]
        assert max(len(text.encode("utf-16-le")) // 2 for text in texts) <= 32_767
        assert {"=cmd|' /C calc'!A0", "@SUM(1)", "#N/A", "-1"} <= set(texts)  # as written


def test_the_file_itself_has_no_formula_and_hides_no_control_in_an_escape() -> None:
    with zipfile.ZipFile(io.BytesIO(written(run_of("=1+1", "_x0007_")))) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n]
    assert len(sheets) == 5 and not any("<f>" in sheet for sheet in sheets)
    text = "".join(sheets)
    assert ">=1+1<" in text and ">_x005F_x0007_<" in text and ">_x0007_" not in text


def test_text_stays_text_when_it_is_edited() -> None:
    texts = [c for c in cells(opened(run_of("=1+1"))) if c.value == "=1+1"]
    assert texts and {c.number_format for c in texts} == {"@"}


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://www.edu.test/a?b=中#c", True),
        ("http://www.edu.test/" + "a" * 1_980, True),
        ("http://www.edu.test/" + "a" * 1_981, False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("\\\\evil.test\\share", False),
        ("http:\\\\evil.test\\share", False),
        ("http://a.test/\x01", False),
        ('http://a.test/"><x', False),
        ("http://", False),
        ("", False),
    ],
)
def test_only_sound_web_addresses_become_hyperlinks(url: str, linked: bool) -> None:
    where = Where(origin="markup", url=url)
    thing = Evidence(sense=Sense.LINK, value="http://evil.test/", where=where)
    cell = opened(run(report("甲", verdict(Outcome.PASS, evidence=(thing,)))))["证据"]["H2"]
    assert (cell.hyperlink and cell.hyperlink.target) == (url if linked else None)
    assert (cell.font.underline == "single") is linked


def test_hyperlinks_stop_at_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_writer, "MAX_HYPERLINKS", 3)
    book = opened(one_of_each())
    assert len([c for c in cells(book) if c.hyperlink]) == 3
    assert len(table(book["明细"])) == 9


def test_every_sheet_is_ready_for_the_screen_and_the_printer() -> None:
    for sheet in opened(one_of_each()):
        head = sheet[sheet.auto_filter.ref][0][0].row
        assert sheet.freeze_panes in (f"B{head + 1}", f"C{head + 1}", f"D{head + 1}")
        assert sheet.print_title_rows == f"${head}:${head}"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        below = [c for line in sheet.iter_rows(head) for c in line if c.value is not None]
        assert all(c.alignment.wrap_text for c in below)
        assert {c.font.name for line in sheet.iter_rows() for c in line if c.value} == {"等线"}


def test_a_wide_character_takes_two_and_no_column_takes_the_screen() -> None:
    def width(name: str) -> float:
        scan = run(report(name, verdict(Outcome.PASS)))
        return float(opened(scan)["明细"].column_dimensions["B"].width)

    assert width("甲" * 10) == width("a" * 20) == 23
    assert width("甲" * 100) == width("甲" * 200) == 30


def test_a_city_takes_seconds() -> None:
    near = (seen("http://w.test/n", note=said("other")), seen("http://w.test/m"))
    verdicts = [
        verdict(Outcome.FAIL, near=near).model_copy(update={"requirement": f"q{n}"})
        for n in range(6)
    ]

    def styles(units: int) -> int:
        scan = run(*(report(f"宜昌市第{n}小学", *verdicts) for n in range(units)))
        with zipfile.ZipFile(io.BytesIO(written(scan))) as archive:
            return archive.read("xl/styles.xml").count(b"<xf ")

    start = time.process_time()
    assert styles(2) == styles(300)  # a style for each cell would take minutes
    assert time.process_time() - start < 20  # about 1 s


def test_rows_are_as_high_as_their_wrapped_text() -> None:
    short, long = run_of("甲"), run_of("很长的单位名称" * 30)
    heights = []
    for one in (short, long):
        out = io.BytesIO()
        FORMATS["xlsx"].render(one, out)
        sheet = load_workbook(io.BytesIO(out.getvalue()))["明细"]
        heights.append(max(d.height or 15 for d in sheet.row_dimensions.values()))
    assert heights[1] > 3 * 14
    assert heights[1] > heights[0]
