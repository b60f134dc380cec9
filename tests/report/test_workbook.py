"""The workbook: opened as an office worker would, it tells the run and lets nothing out."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image as Pillow

from support.clocks import at_another_hour
from support.pages import blind, page, said, unseen
from support.reports import CONTROLS, report, run, verdict
from support.runs import HOSTILE, run_of
from ycaudit.model import (
    BlindSpot,
    Evidence,
    Outcome,
    ScanRun,
    Sense,
    Visibility,
    Where,
)
from ycaudit.report import workbook
from ycaudit.report.formats import FORMATS, by_suffix, no_proof

WHERE = Where(origin="markup", url="http://www.edu.test/index.html")
PIXEL = 9525  # EMU


def png(wide: int = 200, high: int = 150) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (wide, high), "black").save(out, "PNG")
    return out.getvalue()


def seen(value: str = "http://w.test/", proof: str | None = None, **more: Any) -> Evidence:
    return Evidence(sense=Sense.QR_CODE, value=value, where=WHERE, proof=proof, **more)


def one_of_each() -> ScanRun:
    return run(
        report("甲", verdict(Outcome.PASS, "p"), verdict(Outcome.PASS)),
        report("乙", verdict(Outcome.FAIL, "p"), verdict(Outcome.PASS)),
        report("丙", verdict(Outcome.UNDETERMINED)),
        report("丁", verdict(Outcome.WAIVED, "p"), verdict(Outcome.WAIVED)),
        report("戊", verdict(Outcome.PASS, "p"), verdict(Outcome.FAIL)),
    )


def written(scan: ScanRun, proof: Any = no_proof) -> bytes:
    out = io.BytesIO()
    FORMATS["xlsx"].render(scan, out, proof)
    return out.getvalue()


def opened(scan: ScanRun, proof: Any = no_proof) -> Any:
    return load_workbook(io.BytesIO(written(scan, proof)))


def table(sheet: Any) -> list[dict[str, Any]]:
    """The rows below the headings that the filter stands on, by heading."""
    head, *body = sheet[sheet.auto_filter.ref]
    return [{h.value: cell.value for h, cell in zip(head, line, strict=True)} for line in body]


def cells(book: Any) -> list[Any]:
    return [c for sheet in book for line in sheet.iter_rows() for c in line if c.value is not None]


def test_the_summary_shows_every_share_with_its_denominator() -> None:
    lines = [[c.value for c in line[:5]] for line in opened(one_of_each())["汇总"].iter_rows(1, 5)]
    assert lines[0][0] == "宜昌市网站检查"
    assert lines[1][0] == "扫描时间：2026-06-15 19:55:00 至 2026-06-15 20:00:00（北京时间）"
    assert lines[2] == ["应检", "✓ 合格", "✗ 不合格", "? 未能判定", "– 豁免"]
    assert lines[3] == ["5 家", "1 / 5 家", "2 / 5 家", "1 / 5 家", "1 / 5 家"]
    assert lines[4] == ["占比", "20.0%", "40.0%", "20.0%", "20.0%"]


def test_the_matrix_has_a_mark_for_each_unit_and_requirement_worst_unit_first() -> None:
    sheet = opened(one_of_each())["汇总"]
    rows = {row["单位"]: list(row.values())[1:] for row in table(sheet)}
    assert list(rows) == ["乙", "戊", "丙", "甲", "丁"]
    assert rows["乙"] == ["✗", "✓", "✗ 不合格", "学校、市直", "张三"]
    assert rows["丙"] == [None, "?", "? 未能判定", "学校、市直", "张三"]
    assert rows["丁"] == ["–", "–", "– 豁免", "学校、市直", "张三"]


def test_how_many_units_meet_a_requirement_is_told_of_those_that_it_applies_to() -> None:
    sheet = opened(one_of_each())["汇总"]
    above = sheet[sheet[sheet.auto_filter.ref][0][0].row - 1]
    assert [c.value for c in above[:3]] == ["各要求合格数", "2 / 4", "2 / 5"]


def test_each_outcome_has_a_fill_of_its_own_wherever_its_mark_stands() -> None:
    fills = {}
    for cell in cells(opened(one_of_each())):
        if cell.value in ("✓", "✗", "?", "–"):
            fills.setdefault(cell.value, set()).add(cell.fill.fgColor.rgb[-6:])
    assert fills == {"✓": {"C6EFCE"}, "✗": {"FFC7CE"}, "?": {"FFEB9C"}, "–": {"E7E6E6"}}


def test_an_interrupted_run_says_so_and_does_not_call_its_units_all() -> None:
    scan = one_of_each()
    whole, broken = (
        opened(scan)["汇总"],
        opened(scan.model_copy(update={"complete": False}))["汇总"],
    )
    assert "扫描中断" not in whole["A2"].value and whole["A3"].value == "应检"
    assert "扫描中断" in broken["A2"].value and broken["A3"].value == "已检"


def test_a_run_without_units_has_no_shares_and_still_opens() -> None:
    book = opened(run())
    assert book["汇总"]["B5"].value == "—"
    assert book.sheetnames == ["汇总", "明细", "证据", "无法判定", "人工复核"]
    assert table(book["明细"]) == []


def test_advice_is_told_from_duty() -> None:
    advice = report("甲", verdict(Outcome.FAIL, level="should"), verdict(Outcome.PASS, "p"))
    book = opened(run(advice))
    row = table(book["汇总"])[0]
    assert row["微信公众号（建议）"] == "✗" and row["政府门户链接"] == "✓"
    assert row["结论"] == "✓ 合格"


def test_the_details_hold_one_row_a_unit_and_requirement() -> None:
    found = seen("http://w.test/a", label="官方微信")
    almost = seen("http://w.test/b", note=said("other host"))
    scan = run(
        report("甲", verdict(Outcome.FAIL, evidence=(found,), near=(almost, found))),
        report("乙", verdict(Outcome.PASS, "p"), verdict(Outcome.PASS)),
    )
    rows = table(opened(scan)["明细"])
    assert [(row["序号"], row["单位"], row["要求"]) for row in rows] == [
        (1, "甲", "微信公众号"),
        (2, "乙", "政府门户链接"),
        (3, "乙", "微信公众号"),
    ]
    assert list(rows[0].values()) == [
        1,
        "甲",
        "http://www.edu.test/",
        "学校、市直",
        "微信公众号",
        "✗ 不合格",
        "because fail",
        "http://w.test/a “官方微信”",
        "http://w.test/b (other host)；http://w.test/a “官方微信”",
        "张三",
        "0717-6251234",
        "z@edu.test",
        "id-甲",
    ]


def test_the_evidence_tells_what_it_rests_on_from_what_came_near_and_whether_it_is_seen() -> None:
    hidden = seen("http://w.test/", "aa/b.png", visible=Visibility.HIDDEN, label="扫一扫")
    near = Evidence(sense=Sense.LINK, value="http://p.test/", where=WHERE, note=said("wrong host"))
    scan = run(report("甲", verdict(Outcome.FAIL, evidence=(hidden,), near=(near,))))
    first, second = (list(row.values()) for row in table(opened(scan)["证据"]))
    assert first == [
        "甲",
        "微信公众号",
        "✗ 不合格",
        "二维码",
        "http://w.test/",
        "扫一扫",
        "依据；页面上不可见",
        "http://www.edu.test/index.html",
        "aa/b.png",
        None,
    ]
    assert second[3:7] == ["链接", "http://p.test/", None, "近似；wrong host"]


def test_a_code_that_could_not_be_read_is_shown_once_whoever_met_it() -> None:
    spot = BlindSpot(
        hides=frozenset({Sense.QR_CODE}), why=said("too blurred"), where=WHERE, proof="c.png"
    )
    observations = (page(spot, blind(Sense.LINK)), page(spot.model_copy()))
    scan = run(report("甲", verdict(Outcome.UNDETERMINED), observations=(*observations, unseen())))
    book = opened(scan, lambda file: png() if file == "c.png" else None)
    assert [list(row.values())[:9] for row in table(book["证据"])] == [
        [
            "甲",
            None,
            None,
            "二维码",
            "（未能识读）",
            None,
            "未能识读；too blurred",
            "http://www.edu.test/index.html",
            "c.png",
        ]
    ]
    assert len(book["证据"]._images) == 1


def test_crops_stand_in_the_row_of_their_evidence_at_most_90_pixels_high() -> None:
    files = {"tall.png": png(100, 400), "wide.png": png(400, 100), "small.png": png(30, 20)}
    evidence = (seen(proof="gone.png"), *(seen(proof=name) for name in files))
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


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"<html>",
        png()[:60],
        png()[:20],
        png().replace(b"IDAT", b"IDAX"),
        png()[:16] + b"\0" * 8 + png()[24:],
        png(1280, 4000),
    ],
)
def test_bytes_that_are_no_crop_leave_the_row_without_a_picture(data: bytes) -> None:
    scan = run(report("甲", verdict(Outcome.PASS, evidence=(seen(proof="x.png"),))))
    sheet = opened(scan, lambda _: data)["证据"]
    assert not sheet._images
    assert table(sheet)[0]["证据文件"] == "x.png"


def test_only_the_pixels_of_a_proof_go_into_the_workbook() -> None:
    data = png() + b"=HYPERLINK-payload-after-the-end"
    scan = run(report("甲", verdict(Outcome.PASS, evidence=(seen(proof="x.png"),))))
    with zipfile.ZipFile(io.BytesIO(written(scan, lambda _: data))) as archive:
        (media,) = (archive.read(n) for n in archive.namelist() if "media" in n)
    assert b"payload" not in media
    assert Pillow.open(io.BytesIO(media)).getpixel((5, 5))[:3] == (0, 0, 0)


def test_pictures_stop_at_their_number_and_the_heading_says_so() -> None:
    evidence = tuple(seen(proof="x.png") for _ in range(workbook.MAX_PICTURES + 5))
    sheet = opened(run(report("甲", verdict(Outcome.PASS, evidence=evidence))), lambda _: png())
    assert len(sheet["证据"]._images) == workbook.MAX_PICTURES == 300
    assert sheet["证据"]["J1"].value == "图片（仅前 300 张）"
    few = opened(run(report("甲", verdict(Outcome.PASS, evidence=evidence[:2]))), lambda _: png())
    assert few["证据"]["J1"].value == "图片"


def test_what_is_undetermined_waits_for_a_person_who_chooses_of_two_words() -> None:
    sheet = opened(one_of_each())["无法判定"]
    assert [list(row.values()) for row in table(sheet)] == [
        ["丙", "http://www.edu.test/", "微信公众号", "because undetermined", None, None, None]
    ]
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1) == ("list", '"合格,不合格"')
    assert sheet["E1"].value == "人工复核" and str(rule.sqref) == "E2"


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


def test_what_a_code_says_is_no_hyperlink_and_a_unit_leads_to_its_homepage() -> None:
    book = opened(run(report("甲", verdict(Outcome.PASS, evidence=(seen("http://evil.test/"),)))))
    links = {c.hyperlink.target for c in cells(book) if c.hyperlink}
    assert links == {"http://www.edu.test/", "http://www.edu.test/index.html"}
    unit = next(c for c in cells(book) if c.value == "甲")
    assert unit.parent.title == "汇总" and unit.hyperlink.target == "http://www.edu.test/"


def test_hyperlinks_stop_at_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_HYPERLINKS", 3)
    book = opened(one_of_each())
    assert len([c for c in cells(book) if c.hyperlink]) == 3
    assert len(table(book["明细"])) == 9


def test_every_sheet_is_ready_for_the_screen_and_the_printer() -> None:
    for sheet in opened(one_of_each()):
        head = sheet[sheet.auto_filter.ref][0][0].row
        assert sheet.freeze_panes in (f"B{head + 1}", f"C{head + 1}")
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


def test_the_same_run_gives_the_same_bytes_dated_when_it_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scan = one_of_each().model_copy(
        update={"finished_at": datetime(2025, 1, 2, 3, 4, 6, tzinfo=UTC)}
    )
    first = written(scan)
    at_another_hour(monkeypatch)
    assert written(scan) == first
    book = load_workbook(io.BytesIO(first))
    assert book.properties.created == book.properties.modified == datetime(2025, 1, 2, 3, 4, 6)
    assert book.properties.title == "宜昌市网站检查"
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2025, 1, 2, 3, 4, 6)}


def test_it_is_chosen_by_its_suffix_and_not_shown_on_a_terminal() -> None:
    assert by_suffix(".xlsx") == "xlsx"
    assert not FORMATS["xlsx"].text


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
