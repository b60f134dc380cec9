"""The workbook: opened as an office worker would, it tells the run and lets nothing out."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from PIL import Image as Pillow

from support.clocks import at_another_hour
from support.pages import NOON, blind, page, said, unseen
from support.reports import report, run, verdict
from support.workbooks import WHERE, cells, one_of_each, opened, png, seen, table, written
from ycaudit.model import (
    BlindSpot,
    Contact,
    Evidence,
    EvidenceFile,
    NoWebsite,
    Outcome,
    Sense,
    UnitReport,
    Visibility,
)
from ycaudit.report import slip_sheet, workbook
from ycaudit.report.formats import FORMATS, by_suffix
from ycaudit.runs.cases import Known, cases_of
from ycaudit.runs.office_settings import Hearing


def test_the_summary_shows_every_share_with_its_denominator() -> None:
    sheet = opened(one_of_each())["汇总"]
    lines = [[c.value for c in line if c.value] for line in sheet.iter_rows(1, 5)]
    assert lines[0][0] == "宜昌市网站检查"
    assert lines[1][0] == "检查时间：2026-06-15 19:55:00 至 2026-06-15 20:00:00（北京时间）"
    assert lines[2] == ["应检", "✓ 合格", "✗ 不合格", "? 待核实", "– 豁免"]
    assert lines[3] == ["5 家、5 个网站", "1 / 5 家", "2 / 5 家", "1 / 5 家", "1 / 5 家"]
    assert lines[4] == ["占比", "20%", "40%", "20%", "20%"]


WHO = ("学校、市直", "张三", "0717-6251234")


def test_the_matrix_has_a_mark_for_each_unit_and_requirement_worst_unit_first() -> None:
    sheet = opened(one_of_each())["汇总"]
    rows = {row["单位"]: list(row.values())[2:] for row in table(sheet)}
    assert list(rows) == ["乙", "戊", "丙", "甲", "丁"]
    assert rows["乙"] == ["✗", "✓", "✗ 不合格", None, *WHO]
    assert rows["丙"] == [None, "?", "? 待核实", None, *WHO]
    assert rows["丁"] == ["–", "–", "– 豁免", None, *WHO]


def test_how_many_units_meet_a_requirement_is_told_of_those_that_it_applies_to() -> None:
    sheet = opened(one_of_each())["汇总"]
    above = sheet[sheet[sheet.auto_filter.ref][0][0].row - 1]
    assert [c.value for c in above[1:4]] == ["各要求合格数", "2 / 4", "2 / 5"]


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
    assert "扫描中断" not in whole["A2"].value and whole["B3"].value == "应检"
    assert "扫描中断" in broken["A2"].value and broken["B3"].value == "已检"


def test_a_run_without_units_has_no_shares_and_still_opens() -> None:
    book = opened(run())
    assert book["汇总"]["C5"].value == "—"
    assert book.sheetnames == ["汇总", "分类统计", "明细", "证据", "人工核定"]
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
        report(
            "甲", verdict(Outcome.FAIL, clause="三、2", evidence=(found,), near=(almost, found))
        ),
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
        "三、2",
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
        hides=frozenset({Sense.QR_CODE}), why=said("too blurred"), where=WHERE, file="c.png"
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
    scan = run(report("甲", verdict(Outcome.PASS, evidence=(seen(file="x.png"),))))
    sheet = opened(scan, lambda _: data)["证据"]
    assert not sheet._images
    assert table(sheet)[0]["证据文件"] == "x.png"


def test_only_the_pixels_of_an_evidence_file_go_into_the_workbook() -> None:
    data = png() + b"=HYPERLINK-payload-after-the-end"
    scan = run(report("甲", verdict(Outcome.PASS, evidence=(seen(file="x.png"),))))
    with zipfile.ZipFile(io.BytesIO(written(scan, lambda _: data))) as archive:
        (media,) = (archive.read(n) for n in archive.namelist() if "media" in n)
    assert b"payload" not in media
    assert Pillow.open(io.BytesIO(media)).getpixel((5, 5))[:3] == (0, 0, 0)


def test_pictures_stop_at_their_number_and_the_heading_says_so() -> None:
    evidence = tuple(seen(file="x.png") for _ in range(workbook.MAX_PICTURES + 5))
    sheet = opened(run(report("甲", verdict(Outcome.PASS, evidence=evidence))), lambda _: png())
    assert len(sheet["证据"]._images) == workbook.MAX_PICTURES == 300
    assert sheet["证据"]["J1"].value == "图片（仅前 300 张）"
    few = opened(run(report("甲", verdict(Outcome.PASS, evidence=evidence[:2]))), lambda _: png())
    assert few["证据"]["J1"].value == "图片"


def test_what_is_open_waits_for_a_person_who_chooses_of_three_words() -> None:
    sheet = opened(one_of_each())["人工核定"]
    assert [(r["单位"], r["系统检测结果"], r["人工核定"], r["编号"]) for r in table(sheet)] == [
        ("乙", "✗ 不合格", None, "id-乙"),
        ("丙", "? 待核实", None, "id-丙"),
        ("戊", "✗ 不合格", None, "id-戊"),
    ]
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1) == ("list", '"合格,不合格,待电话核实"')
    assert sheet["F1"].value == "人工核定" and str(rule.sqref) == "F2:F4"


def test_who_decides_sees_the_code_or_else_the_upper_part_of_the_page() -> None:
    near = (seen(file="code.png"), seen(file="other.png"))
    screen = EvidenceFile(kind="screenshot", file="page.png")
    seen_page = page().model_copy(update={"evidence_files": (screen,)})
    scan = run(
        report("甲", verdict(Outcome.FAIL, near=near)),
        report("乙", verdict(Outcome.UNDETERMINED), observations=(seen_page,)),
        report("丙", verdict(Outcome.FAIL)),
    )
    pictures = {"code.png": png(90, 90), "page.png": png(1280, 9_000)}
    sheet = opened(scan, pictures.get)["人工核定"]
    placed = {i.anchor._from.row: (i.width, i.height) for i in sheet._images}
    assert list(placed) == [1, 2]
    assert placed[1] == (90, 90)
    assert placed[2] == (135, 270)


def test_units_without_a_website_stand_last_in_the_matrix() -> None:
    without = NoWebsite(id="n", name="档案馆", office="教育局", contact=Contact(phone="625"))
    sheet = opened(run(report("甲", verdict(Outcome.PASS)), no_website=(without,)))["汇总"]
    last = [cell.value for cell in list(sheet.rows)[-1]]
    assert last == [2, "档案馆", None, "未开设网站", "教育局", None, None, "625"]


def test_categories_and_offices_are_counted_in_the_order_of_the_list() -> None:
    def of(name: str, outcome: Outcome, office: str, tag: str) -> UnitReport:
        one = report(name, verdict(outcome))
        target = one.target.model_copy(update={"office": office, "tags": (tag,)})
        return one.model_copy(update={"target": target})

    scan = run(
        of("甲", Outcome.PASS, "卫健委", "医院"),
        of("乙", Outcome.FAIL, "教育局", "学校"),
        of("丙", Outcome.WAIVED, "卫健委", "学校"),
        no_website=(NoWebsite(id="n", name="丁", office="教育局"),),
    )
    rows = [list(row.values())[1:] for row in table(opened(scan)["分类统计"])]
    assert rows == [
        ["主管部门", "卫健委", 2, 1, 0, 0, 1, 0, "100%"],
        ["主管部门", "教育局", 2, 0, 1, 0, 0, 1, "0%"],
        ["类别", "医院", 1, 1, 0, 0, 0, 0, "100%"],
        ["类别", "学校", 2, 0, 1, 0, 1, 0, "0%"],
        ["类别", "其他", 1, 0, 0, 0, 0, 1, "—"],
        ["全部", "合计", 4, 1, 1, 0, 1, 1, "33.3%"],
    ]


def test_what_a_code_says_is_no_hyperlink_and_a_unit_leads_to_its_homepage() -> None:
    book = opened(run(report("甲", verdict(Outcome.PASS, evidence=(seen("http://evil.test/"),)))))
    links = {c.hyperlink.target for c in cells(book) if c.hyperlink}
    assert links == {"http://www.edu.test/", "http://www.edu.test/index.html"}
    unit = next(c for c in cells(book) if c.value == "甲")
    assert unit.parent.title == "汇总" and unit.hyperlink.target == "http://www.edu.test/"


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


def test_a_slip_says_of_what_must_be_absent_that_it_must() -> None:
    whole = run(report("甲", verdict(Outcome.FAIL, expect="absent"), observations=(page(),)))
    out = io.BytesIO()
    slip_sheet.write(whole, cases_of(whole, Known(), Hearing(), NOON.date()), out)
    assert load_workbook(out)["回执登记"]["C2"].value == "微信公众号（不得有）"
