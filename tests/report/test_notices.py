"""The notices: to each failing unit its own, with what it lacks and what it may copy."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import zxingcpp
from docx.document import Document
from docx.shared import Mm, Pt
from PIL import Image

from support.pages import NOON, blind, code, link, page
from support.papers import (
    MIXED,
    PORTAL,
    RIGHT,
    WECHAT,
    cells,
    circular,
    mixed,
    notices,
    png,
    run_with,
    text,
    unit,
)
from support.texts import ICP
from ycaudit.model import EvidenceFile, ScanRun, Sense, Visibility
from ycaudit.report.formats import Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.models import Model, Words


def test_every_failing_unit_gets_one_notice_numbered_as_in_the_annex() -> None:
    assert list(notices(MIXED)) == ["001_乙局.docx", "002_丙局.docx"]
    numbers = [f"{int(row[0]):03}_{row[1]}.docx" for row in cells(mixed(), 0)[1:]]
    assert list(notices(MIXED)) == numbers


def test_a_run_without_failing_units_gives_an_empty_archive() -> None:
    assert notices(run_with(unit("甲", page(*RIGHT)))) == {}


def test_a_notice_tells_its_unit_what_is_missing_and_nothing_of_others() -> None:
    told = text(notices(MIXED)["001_乙局.docx"])
    assert "乙局：" in told.splitlines()
    assert "1．门户网" in told
    assert "地址相似，但指向其他网站。" in told
    assert "检查时看到：http://p.test.evil.test/" in told
    assert "____年__月__日前完成整改" in told
    assert not any(other in told for other in ("微信", "建议项", "丙局"))


def test_the_snippet_is_the_commonest_link_of_units_that_pass() -> None:
    run = run_with(
        unit("甲", page(link("http://p.test/a"), code("right"))),
        unit("乙", page(link("http://p.test/b?x=1&y=2"), code("right"))),
        unit("丙", page(link("http://p.test/b?x=1&y=2"), code("right"))),
        unit("丁", page(code("right"))),
    )
    (notice,) = notices(run).values()
    snippet = next(p for p in notice.paragraphs if p.text.startswith("<a"))
    assert snippet.text == '<a href="http://p.test/b?x=1&amp;y=2">门户网</a>'
    assert snippet.runs[0].font.name == "新宋体"


def test_the_clause_is_cited_in_the_notice_and_the_circular() -> None:
    rules = [PORTAL.model_copy(update={"clause": "三、1"}), WECHAT]
    run = run_with(unit("甲", page(), rules))
    (notice,) = notices(run).values()
    lines = [p.text for p in notice.paragraphs]
    assert lines[lines.index("1．门户网") + 1] == "依据：三、1。"
    assert text(notice).count("依据：") == 1  # WECHAT names no clause
    assert text(circular(run)).count("依据：三、1。主要情形：") == 1


def test_what_is_undetermined_of_a_failing_unit_is_named_as_such() -> None:
    (notice,) = notices(run_with(unit("甲", page(blind(Sense.QR_CODE))))).values()
    assert "另有1项待核实（微信），核实后另行通知。" in text(notice)
    (notice,) = notices(run_with(unit("甲", page()))).values()
    assert "待核实" not in text(notice)


def test_what_is_hidden_is_to_be_shown_and_not_to_be_added() -> None:
    strict = PORTAL.model_copy(update={"visible": "required"})
    hidden = page(link("http://p.test/", visible=Visibility.HIDDEN))
    (notice,) = notices(run_with(unit("甲", hidden, [strict]))).values()
    assert "1．让访问者看得到首页上门户网的链接" in text(notice)
    assert "网页中已有该链接，请使其在首页上直接可见" in text(notice)
    assert "添加" not in text(notice)


def test_a_link_in_the_wrong_place_is_to_be_changed_and_not_to_be_added() -> None:
    run = run_with(
        unit("甲", page(*RIGHT)),
        unit("乙", page(link("http://other.test/", "门户网"), code("wrong", "微信"))),
    )
    (notice,) = notices(run).values()
    told = text(notice)
    assert "将首页上门户网的链接改为正确的链接\n正确的代码如下：\n<a href=" in told
    assert "将首页上微信的二维码改为正确的二维码" in told
    assert "添加" not in told
    assert cells(circular(run), 0)[1][4] == (
        "将首页上门户网的链接改为正确的链接\n将首页上微信的二维码改为正确的二维码"
    )


def test_without_a_model_the_rules_are_named_and_nobody_is_to_ask_anybody() -> None:
    clause = PORTAL.model_copy(update={"clause": "三、1"})
    (notice,) = notices(run_with(unit("丁", page(), [clause, WECHAT]))).values()
    assert "将三、1公布的门户网链接放在首页" in text(notice)
    assert "将公布的微信二维码放在首页" in text(notice)
    assert "<a" not in text(notice)
    assert "索取" not in text(notice)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({}, "按照第四条，将备案号以文字形式写在首页访问者看得到的位置。"),
        (
            {"icp": Words("鄂ICP备00000000号-1", is_own=True)},
            "按照第四条，将本单位的备案号以文字形式写在首页访问者看得到的位置，"
            "格式如“鄂ICP备00000000号-1”（仅为示例，请填写本单位的内容）。",
        ),
        (
            {"icp": Words("本网站已支持IPv6", is_own=False)},
            "按照第四条，将文字“本网站已支持IPv6”写在首页访问者看得到的位置。",
        ),
    ],
)
def test_a_text_that_each_unit_has_of_its_own_is_not_told_as_published(
    words: dict[str, Words], told: str
) -> None:
    asked = ICP.model_copy(update={"clause": "第四条"})
    blank = page().model_copy(update={"texts": ()})
    run = run_with(unit("丁", blank, [asked]))
    (notice,) = notices(run, background=Background(words=words)).values()
    assert told in text(notice).splitlines()
    assert "公布" not in text(notice)


def test_a_link_by_way_of_a_units_own_site_is_no_model() -> None:
    follows = PORTAL.model_copy(update={"resolve": True})
    jump = link("http://1.unit.test/go").model_copy(update={"leads_to": ("http://p.test/",)})
    passing = unit("甲", page(jump), [follows])
    assert passing.outcome == "pass"
    (notice,) = notices(run_with(passing, unit("乙", page(), [follows]))).values()
    assert "go" not in text(notice)
    assert "公布的门户网链接" in text(notice)


def test_a_notice_ends_with_a_slip_to_fill_in() -> None:
    slip = cells(notices(MIXED)["001_乙局.docx"], 0)
    assert slip[0] == ["单位", "乙局"]
    assert ["联系电话", ""] in slip
    assert slip[2][0] == "在首页添加门户网的链接"


def with_evidence_files(*names: str) -> ScanRun:
    """A unit that shows other codes, each proven by a file."""
    report = unit("甲", page(*(code(f"wrong{n}") for n in range(len(names)))), [WECHAT])
    (verdict,) = report.verdicts
    near = tuple(
        e.model_copy(update={"file": name}) for e, name in zip(verdict.near, names, strict=True)
    )
    verdict = verdict.model_copy(update={"near": near})
    return run_with(report.model_copy(update={"verdicts": (verdict,)}))


def test_the_crop_of_what_was_seen_is_shown_once() -> None:
    files = {"a.png": png(), "b.png": png(20, 10)}
    (notice,) = notices(with_evidence_files("a.png", "b.png", "a.png"), files.get).values()
    assert [round(s.height / s.width, 1) for s in notice.inline_shapes] == [1.0, 0.5]


def test_a_tall_screenshot_stays_within_the_page() -> None:
    (notice,) = notices(with_evidence_files("a"), lambda _: png(100, 4_000)).values()
    (shape,) = notice.inline_shapes
    assert shape.height <= Mm(60) + Pt(1)


@pytest.mark.parametrize(
    "data",
    [None, b"", b"<html>", png()[:60], png()[:-20], b"\x89PNG\r\n\x1a\n" + b"\0" * 99],
    ids=["none", "empty", "html", "head", "cut", "zeros"],
)
def test_a_picture_that_is_broken_or_not_at_hand_is_left_out(data: bytes | None) -> None:
    (notice,) = notices(with_evidence_files("a"), lambda _: data).values()
    assert len(notice.inline_shapes) == 0
    assert "检查时看到：wrong0" in text(notice)


# What a unit may copy, and whom it may call.


def pictures(document: Document) -> list[Image.Image]:
    parts = (part for part in document.part.package.iter_parts())
    return [Image.open(io.BytesIO(part.blob)) for part in parts if part.partname.endswith(".png")]


def test_the_code_to_paste_is_drawn_of_what_units_show_that_pass() -> None:
    run = run_with(unit("甲", page(*RIGHT)), unit("乙", page(RIGHT[0])))
    (notice,) = notices(run).values()
    assert "将下面的二维码放在首页" in text(notice)
    (drawn,) = pictures(notice)
    assert [found.text for found in zxingcpp.read_barcodes(drawn)] == ["right"]


def test_what_the_rules_name_as_official_comes_before_what_units_show() -> None:
    run = run_with(unit("甲", page(*RIGHT)), unit("乙", page()))
    official = {
        "p": Model("http://p.test/official", is_code=False),
        "q": Model("right", is_code=True, picture=png(50, 70)),
    }
    (notice,) = notices(run, background=Background(official=official)).values()
    assert '<a href="http://p.test/official">门户网</a>' in text(notice)
    assert [picture.size for picture in pictures(notice)] == [(50, 70)]


def test_a_code_of_the_units_own_site_is_no_model() -> None:
    own = WECHAT.model_copy(update={"resolve": True})
    jump = code("http://1.unit.test/go").model_copy(update={"leads_to": ("right",)})
    passing = unit("甲", page(jump), [own])
    assert passing.outcome == "pass"
    assert not pictures(next(iter(notices(run_with(passing, unit("乙", page()))).values())))


def test_every_unit_gets_a_picture_of_its_homepage() -> None:
    shown = page(code("right")).model_copy(
        update={"evidence_files": (EvidenceFile(kind="screenshot", file="s.png"),)}
    )
    (notice,) = notices(run_with(unit("甲", shown)), {"s.png": png(128, 90)}.get).values()
    assert "首页截图（http://1.unit.test/）：" in text(notice)
    assert [picture.size for picture in pictures(notice)] == [(128, 90)]


def test_a_notice_tells_when_that_unit_was_looked_at_by_when_and_whom_to_answer() -> None:
    late = datetime(2026, 6, 17, 9, tzinfo=NOON.tzinfo)
    again = unit("乙", page().model_copy(update={"taken_at": late}))
    again = again.model_copy(update={"checked_before": (NOON,)})
    head = Letterhead("市府办", "云办〔2026〕1号", date(2026, 7, 15), "张三", "6251234")
    run = run_with(unit("甲", page()), again, finished_at=late)
    one, two = notices(run, background=Background(letterhead=head)).values()
    assert "2026年6月15日，根据推广方案，对你单位" in text(one)
    assert "2026年6月15日、17日，根据推广方案，对你单位" in text(two)
    for notice in (one, two):
        told = text(notice)
        assert "请于2026年7月15日前完成整改" in told
        assert "反馈我单位（联系人：张三，电话：6251234）。" in told
        assert "云办〔2026〕1号" not in told  # each notice has a number of its own


def test_a_unit_of_several_sites_gets_one_notice_about_those_that_fail() -> None:
    sites = [unit("甲1", page()), unit("甲2", page(*RIGHT)), unit("甲33", page(RIGHT[0]))]
    run = run_with(
        *(s.model_copy(update={"target": s.target.model_copy(update={"unit": "甲局"})})
          for s in sites)
    )  # fmt: skip
    ((name, notice),) = notices(run).items()
    assert name == "001_甲局.docx"
    told = text(notice)
    assert "1．门户网（http://2.unit.test/）" in told
    assert "3．微信（http://3.unit.test/）" in told
    assert told.count("在首页添加微信的二维码") == 1
