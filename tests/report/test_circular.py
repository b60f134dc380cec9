"""The circular and the notices: who is named, with which figures, and nothing hostile works."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from support.pages import NOON, blind, code, link, page, unseen
from support.papers import (
    MIXED,
    PORTAL,
    RIGHT,
    WECHAT,
    cells,
    circular,
    mixed,
    named,
    notices,
    opened,
    run_with,
    text,
    unit,
    written,
)
from support.runs import HOSTILE, run_of
from support.texts import ICP
from ycaudit.errors import AuditError
from ycaudit.model import (
    Cause,
    Decision,
    NoWebsite,
    Outcome,
    Policy,
    ScanRun,
    Sense,
    UnitReport,
    Visibility,
    Vouched,
    Where,
)
from ycaudit.reasons import Reason
from ycaudit.report import office_text
from ycaudit.report.circular import chinese, template, values
from ycaudit.report.circular import written as written_by
from ycaudit.report.findings import Findings
from ycaudit.report.formats import NO_BACKGROUND
from ycaudit.report.notices import file_name
from ycaudit.report.official_paper import Paper, signature
from ycaudit.report.outputs import Naming, why_not_named, why_not_published
from ycaudit.report.title import width
from ycaudit.rules import Requirement
from ycaudit.rules.base import _KNOWN_MISTAKE
from ycaudit.rules.judge import _ONLY_IN_MARKUP
from ycaudit.rules.link import _RESEMBLANCE, LinkRequirement
from ycaudit.rules.qr import _NEARNESS, QrRequirement
from ycaudit.rules.text import _NEARNESS as _TEXTS
from ycaudit.runs.decisions import fingerprint, page_of, with_decisions


def from_template(text_of: str, run: ScanRun = MIXED) -> list[str]:
    """The lines below the red head."""
    return [p.text for p in opened(written_by(run, text_of).save()).paragraphs][2:]


# The circular: figures and who is named.


def test_who_passes_with_a_waiver_is_listed_with_a_note() -> None:
    excused, whole = unit("档案馆", page(*RIGHT), waived=("p",)), unit("图书馆", page(*RIGHT))
    told = text(circular(run_with(excused, whole)))
    assert "档案馆（“门户网”豁免至2030年1月1日）" in told
    assert "图书馆（" not in told
    assert "暂不执行" not in text(circular(run_with(whole)))


def test_the_figures_have_their_denominator_and_add_up() -> None:
    told = re.search(
        r"应检(\d+)家单位；.*检查结果：合格(\d+)家，不合格(\d+)家，待核实(\d+)家，豁免(\d+)家。",
        text(mixed()),
        re.DOTALL,
    )
    assert told
    total, *parts = map(int, told.groups())
    assert (total, parts) == (7, [3, 2, 1, 1])
    assert total == sum(parts)


def test_failing_units_are_named_in_the_annexes_and_open_ones_nowhere() -> None:
    assert named(mixed(), 0) == ["乙局", "丙局"]
    assert [name for row in cells(mixed(), 1) for name in row if name] == [
        "1．甲局", "2．戊局", "3．庚局"
    ]  # fmt: skip
    published = text(mixed()) + str(cells(mixed(), 0)) + str(cells(mixed(), 1))
    assert "丁局" not in published
    assert "己局" not in published


def test_units_stand_in_the_order_of_the_list_and_rows_are_numbered() -> None:
    assert [row[:2] for row in cells(mixed(), 0)[1:]] == [["1", "乙局"], ["2", "丙局"]]


def test_the_open_units_are_told_to_those_who_verify() -> None:
    document = opened(written("undetermined", MIXED))
    assert "内部资料，不对外公布" in text(document)
    assert [row[1] for row in cells(document, 0)[1:]] == ["丁局"]
    assert cells(document, 0)[1][3] == "门户网、微信：首页未能打开（域名无法解析）"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("checks_visitors", "服务器返回了人机验证页面"),
        ("stands_in_gateway", "显示的是防护网关的页面，不是网站首页"),
        ("stands_in_login", "显示的是登录页面，不是网站首页"),
        ("maintenance", "网页只说明网站维护或关闭"),
        ("stands_in_parked", "域名停放或正在出售"),
    ],
)
def test_of_what_stands_in_place_of_a_homepage_it_is_told_what_it_is(code: str, told: str) -> None:
    run = run_with(unit("丁局", unseen("challenge", code=code)))
    assert cells(opened(written("undetermined", run)), 0)[1][3].endswith(f"（{told}）")


def test_what_is_open_of_a_failing_unit_is_listed_behind_the_open_units() -> None:
    half, whole = unit("甲局", page(blind(Sense.QR_CODE))), unit("乙局", unseen())
    document = opened(written("undetermined", run_with(half, unit("丙局", page()), whole)))
    assert "中，以下1家单位尚待核实，另有1家不合格单位的部分事项尚待核实。" in text(document)
    first, group, second = cells(document, 0)[1:]
    assert (first[:2], second[:2]) == (["1", "乙局"], ["2", "甲局"])
    assert group[0] == "不合格单位中待核实的事项（1家）"
    assert second[3] == "微信：未发现，但首页有未能读取的内容"
    alone = opened(written("undetermined", run_with(half)))
    assert "没有整体待核实的单位，以下1家不合格单位的部分事项尚待核实。" in text(alone)


def test_where_nothing_is_left_to_verify_the_list_says_so() -> None:
    document = opened(written("undetermined", run_with(unit("甲局", page()))))
    assert "没有待核实的单位和事项。" in text(document)
    assert document.tables == []


def test_a_row_tells_the_address_what_is_wrong_and_what_to_do() -> None:
    _, _, url, wrong, asked = cells(mixed(), 0)[1]
    assert url == "http://2.unit.test/"
    assert wrong == "门户网：地址相似，但指向其他网站"
    assert asked == "在首页添加门户网的链接"
    assert "在首页添加微信的二维码" in cells(mixed(), 0)[2][4]


def test_what_is_only_advised_counts_nowhere() -> None:
    document = circular(run_with(unit("甲局", page(*RIGHT))))
    assert len(document.tables) == 1  # those that pass
    assert "建议项" not in text(mixed()) + str(cells(mixed(), 0)) + str(cells(mixed(), 1))


def test_what_is_waived_or_open_of_a_failing_unit_is_no_problem_of_it() -> None:
    run = run_with(unit("甲局", page(blind(Sense.QR_CODE))), unit("乙局", page(), waived=("p",)))
    document = circular(run)
    assert [row[3] for row in cells(document, 0)[1:]] == [
        "门户网：首页没有该链接",
        "微信：首页没有该二维码",
    ]


def test_problems_count_units_and_name_the_commonest_way_first() -> None:
    lookalike = page(link("http://p.test.evil.test/"), code("right"))
    run = run_with(
        unit("甲", page()), *(unit(name, lookalike) for name in "乙丙"), unit("丁", page(*RIGHT))
    )
    told = text(circular(run))
    assert "（一）门户网：3家单位不合格" in told
    assert "地址相似，但指向其他网站（2家：乙、丙）；首页没有该链接（1家：甲）。" in told
    assert "（二）微信：1家单位不合格" in told


WRONG_WAYS = {
    "甲": page(code("right")),
    "乙": page(link("http://p.test.evil.test/"), code("right")),
    "丙": page(link("http://p.test/news"), code("right")),
    "丁": page(link("http://x.test/", "门户网"), code("right")),
    "戊": page(
        link("http://p.test/").model_copy(update={"where": Where(origin="comment", url="u")}),
        code("right"),
    ),
}
EXACT = LinkRequirement(
    id="p", name="门户网", kind="link", accept=[{"host": "p.test", "path": "/"}]
)


@pytest.mark.parametrize("ways", [4, 5])
def test_nobody_who_fails_is_hidden_among_other_ways(ways: int) -> None:
    units = [unit(name, look, (EXACT, WECHAT)) for name, look in [*WRONG_WAYS.items()][:ways]]
    told = text(circular(run_with(*units)))
    (sentence,) = re.findall("主要情形：(.*)。", told)
    assert sentence.count("；") == 3
    assert all(name in sentence for name in [*WRONG_WAYS][:ways])
    assert ("其他情形（2家：" in sentence) is (ways == 5)
    assert "其他情形（1家" not in sentence


def test_units_without_a_website_are_named_where_they_are_counted() -> None:
    without = tuple(NoWebsite(id=f"n{n}", name=f"{n}馆") for n in range(2))
    one = unit("甲", page(*RIGHT))
    assert "应检3家单位，其中2家未开设网站（0馆、1馆）；" in text(
        circular(run_with(one, no_website=without))
    )
    many = tuple(NoWebsite(id=f"n{n}", name=f"{n}馆") for n in range(31))
    assert "、29馆等）；" in text(circular(run_with(one, no_website=many)))


@pytest.mark.parametrize(
    ("observers", "said"),
    [
        ((), "检查由程序逐一访问网站首页。"),
        (("browser",), "首页，以访问者在浏览器中看到的首页为准。"),
        (("static",), "首页，以首页的网页源码为依据。"),
        (("browser", "static"), "首页，以访问者看到的首页和网页源码为依据。"),
        (("person",), "首页，结论均由人工作出。"),
        (("browser", "person"), "首页，以访问者在浏览器中看到的首页为准。"),
    ],
)
def test_how_it_was_checked_is_what_the_verdicts_rest_on(
    observers: Sequence[str], said: str
) -> None:
    looked = [
        by_hand(unit(who, page(*RIGHT)))
        if who == "person"
        else unit(who, page(*RIGHT).model_copy(update={"observer": who}))
        for who in observers
    ]
    assert said in text(circular(run_with(*looked, unit("丁局", unseen()))))


def by_hand(report: UnitReport, outcome: Outcome = Outcome.PASS) -> UnitReport:
    """The report with every verdict made by a person."""
    made = {
        (report.target.id, verdict.requirement): [
            Decision(outcome=outcome, by="王", at=NOON, page=page_of(verdict, fingerprint(report)))
        ]
        for verdict in report.verdicts
    }
    return with_decisions(report, made)


def test_a_thing_that_is_there_but_never_shown_is_told_as_such() -> None:
    strict = PORTAL.model_copy(update={"visible": "required"})
    hidden = page(link("http://p.test/", visible=Visibility.HIDDEN))
    document = circular(run_with(unit("甲", hidden, [strict])))
    assert cells(document, 0)[1][3] == "门户网：网页中有该链接，但访问者看不到"


@pytest.mark.parametrize(
    ("label", "way"),
    [
        ("微信", "放置的是“微信微博”的内容"),
        ("微信微博", "首页没有该二维码"),
        ("", "首页没有该二维码"),
    ],
)
def test_what_another_requirement_asks_for_is_blamed_only_under_a_wrong_name(
    label: str, way: str
) -> None:
    weibo = QrRequirement(id="w", name="微信微博", kind="qr", accept=[{"payload": "weibo"}])
    run = run_with(unit("甲", page(code("weibo", label)), [WECHAT, weibo]))
    assert cells(circular(run), 0)[1][3] == f"微信：{way}"
    (notice,) = notices(run).values()
    assert ("检查时看到" in text(notice)) is (label == "微信")


def test_a_thing_that_must_not_be_there_is_to_be_removed() -> None:
    absent = PORTAL.model_copy(update={"expect": "absent"})
    run = run_with(unit("甲", page(*RIGHT), [absent]))
    assert cells(circular(run), 0)[1][4] == "从首页移除门户网的链接"
    (notice,) = notices(run).values()
    assert "<a href" not in text(notice)
    assert "首页出现了不应出现的链接" in text(notice)


def test_what_a_site_answered_with_is_told_once_and_not_that_it_is_down() -> None:
    sold = PORTAL.model_copy(update={"id": "s", "name": "旧网址", "expect": "absent"})
    looks = {"甲": "maintenance", "乙": "stands_in_gateway"}
    reports = [
        by_hand(unit(name, unseen("challenge", code=code), [PORTAL, WECHAT, sold]), Outcome.FAIL)
        for name, code in looks.items()
    ]
    document = circular(run_with(*reports))
    _, (*_, wrong, asked), _ = cells(document, 0)
    assert wrong == (
        "门户网、微信：首页未能打开（网页只说明网站维护或关闭）\n旧网址：首页出现了不应出现的链接"
    )
    assert asked == (
        "使首页能够正常打开\n在首页添加门户网的链接\n在首页添加微信的二维码\n从首页移除旧网址的链接"
    )
    assert "首页未能打开（显示的是防护网关的页面，不是网站首页）（1家：乙）" in text(document)
    told = [text(notice) for notice in notices(run_with(*reports)).values()]
    assert "1．使首页能够正常打开\n检查时首页未能打开（网页只说明网站维护或关闭），" in told[0]
    assert "2．在首页添加门户网的链接" in told[0]
    assert not any("无法打开" in one for one in (*told, text(document)))


def test_nobody_is_said_to_fail_where_nobody_fails() -> None:
    told = text(circular(run_with(unit("甲", page(*RIGHT)))))
    assert "检查中未发现不合格的单位" in told
    assert "附件：合格单位名单" in told.splitlines()


def test_an_undetermined_unit_comes_with_its_reason_in_chinese() -> None:
    unread = unit("辛", page(blind(Sense.LINK, Sense.QR_CODE), link("http://p.test/")))
    listed = cells(opened(written("undetermined", run_with(unread))), 0)
    assert "微信：未发现，但首页有未能读取的内容" in listed[1][3]


def looked_at(name: str, *days: int) -> UnitReport:
    """A unit that was looked at late on these days of June 2026, by the clock of UTC."""
    *before, last = (datetime(2026, 6, day, 20, 0, tzinfo=UTC) for day in days)
    report = unit(name, page(*RIGHT).model_copy(update={"taken_at": last}))
    return report.model_copy(update={"checked_before": tuple(before)})


def test_the_days_are_those_on_which_units_were_looked_at_by_the_clock_of_china() -> None:
    assert "2026年6月15日，根据推广方案，对各单位" in text(circular(run_with()))
    late = run_with(looked_at("甲", 14), looked_at("乙", 15))
    assert "2026年6月15日、16日，根据推广方案，对各单位" in text(circular(late))
    again = run_with(looked_at("甲", 14), looked_at("乙", 14, 17), looked_at("丙", 14, 17, 30))
    told = text(circular(again))
    assert "2026年6月15日，根据推广方案，对各单位网站首页设置链接和二维码的情况进行了检查" in told
    assert "进行了检查，18日复查2家，7月1日复查1家。" in told


def test_an_interrupted_run_says_so() -> None:
    assert "本次检查中途中断" in text(circular(run_with(complete=False)))
    assert "中断" not in text(circular(run_with()))


def test_every_note_and_cause_of_the_judge_has_chinese_words() -> None:
    notes = {*_RESEMBLANCE, *_NEARNESS, *_TEXTS, _KNOWN_MISTAKE, _ONLY_IN_MARKUP}
    assert {note.code for note in notes} == set(office_text.NOTES)
    answered = {Cause.HTTP_STATUS, Cause.CHALLENGE}  # of which the reason says with what
    assert set(office_text.CAUSES) == set(Cause) - answered


def test_every_doubt_of_the_judge_has_chinese_words() -> None:
    unverified = WECHAT.model_copy(update={"accept": ()})
    almost = QrRequirement(
        id="a", name="近", kind="qr", accept=[{"payload": "http://p.test/x"}], exhaustive=False
    )
    unsure = PORTAL.model_copy(update={"id": "u"})
    pages = [
        (page(code("x")), unverified),
        (page(code("https://p.test/x")), almost),
        (page(code("other")), almost),
        (page(link("http://p.test/", visible=Visibility.UNSURE)), unsure),
        (page(link("http://p.test/", visible=Visibility.HIDDEN)), unsure),
        (page(link("http://unit.test/go?to=http://p.test/")), unsure),
        (page(link("http://x.test/")), PORTAL.model_copy(update={"resolve": True})),
    ]
    reports = [unit(str(n), observation, [rule]) for n, (observation, rule) in enumerate(pages)]
    listed = opened(written("undetermined", run_with(*reports)))
    reasons = [row[3] for row in cells(listed, 0)[1:]]
    assert len(reasons) == len(pages)
    assert not any(re.search("[A-Za-z]", reason) for reason in reasons), reasons


# The template.


def test_the_office_can_write_another_text() -> None:
    lines = from_template("# 说明\n通知：{rules}\n\n一、数字\n共{total}家，{failed}家不合格。\n")
    assert lines[:3] == ["通知：推广方案", "一、数字", "共7家，2家不合格。"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("共{totl}家", r"circular\.zh\.md:2: \{totl\} is no placeholder; there are .*\{total\}"),
        ("共{}家", r":2: \{\} is no placeholder"),
        ("共{total.__class__}家", r":2: \{total\.__class__\} is no placeholder"),
        ("共{total家", r":2: \{ stands alone"),
        ("共total}家", r":2: \} stands alone"),
        ("问题：{problems}等", r":2: .*line of its own"),
    ],
)
def test_a_wrong_placeholder_is_refused_with_its_line(line: str, complaint: str) -> None:
    with pytest.raises(AuditError, match=complaint):
        from_template(f"标题\n{line}\n")


def test_a_template_without_text_is_refused() -> None:
    with pytest.raises(AuditError, match="no text"):
        from_template("# 只有说明\n\n")


def test_braces_and_headings_in_a_name_are_only_text() -> None:
    run = run_with(rules=Policy(name="一、{total}{x}", sha256="0"))
    document = opened(written_by(run, "标题\n{rules}\n").save())
    paragraph = document.paragraphs[3]
    assert paragraph.text == "一、{total}{x}"
    assert paragraph.runs[0].font.name == "仿宋_GB2312"


def test_the_shipped_template_explains_every_placeholder_and_uses_only_those() -> None:
    comments = "\n".join(line for line in template().splitlines() if line.startswith("#"))
    body = "\n".join(line for line in template().splitlines() if not line.startswith("#"))
    explained = set(re.findall(r"\{(\w+)\}", comments))
    assert explained == set(values(MIXED, Findings(MIXED), NO_BACKGROUND))
    assert set(re.findall(r"\{(\w+)\}", body)) < explained


def test_headings_are_counted_in_chinese() -> None:
    assert [chinese(n) for n in (1, 9, 10, 11, 20, 21, 99)] == [
        "一", "九", "十", "十一", "二十", "二十一", "九十九"
    ]  # fmt: skip
    assert chinese(100) == "100"


# The layout of GB/T 9704.


def east_asian(document: Document, start: str) -> tuple[str | None, float]:
    run = next(p for p in document.paragraphs if p.text.startswith(start)).runs[0]
    assert run.font.size
    return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt


def test_every_part_has_its_chinese_font_and_size() -> None:
    assert east_asian(mixed(), "（发文机关名称）") == ("方正小标宋简体", 22)
    assert east_asian(mixed(), "一、") == ("黑体", 16)
    assert east_asian(mixed(), "（一）") == ("楷体_GB2312", 16)
    assert east_asian(mixed(), "应检") == ("仿宋_GB2312", 16)


@pytest.mark.parametrize("of", ["docx", "notice"])
def test_no_run_is_left_to_a_western_font(of: str) -> None:
    for document in [mixed()] if of == "docx" else notices(MIXED).values():
        runs = [r for r in document.element.iter(qn("w:r")) if r.findall(qn("w:t"))]
        assert len(runs) > 10
        for run in runs:
            fonts = run.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
            assert fonts is not None
            assert fonts.get(qn("w:eastAsia"))


def test_fonts_that_only_offices_own_name_what_replaces_them() -> None:
    with ZipFile(io.BytesIO(written("docx", MIXED))) as archive:
        fonts = ElementTree.fromstring(archive.read("word/fontTable.xml"))
    instead = {
        font.get(qn("w:name")): alternative.get(qn("w:val"))
        for font in fonts
        if (alternative := font.find(qn("w:altName"))) is not None
    }
    assert instead["方正小标宋简体"] == "宋体"
    assert instead["仿宋_GB2312"] == "仿宋"


def test_the_page_is_a4_with_the_margins_of_the_standard() -> None:
    section = mixed().sections[0]
    assert section.page_width and section.page_height
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins if margin] == [37, 35, 28, 26]


def test_body_lines_are_28_points_apart_and_indented_by_two_characters() -> None:
    body = next(p for p in mixed().paragraphs if p.text.startswith("应检"))
    assert body.paragraph_format.line_spacing == Pt(28)
    assert body._p.pPr.ind.get(qn("w:firstLineChars")) == "200"


def test_pages_are_numbered_between_dashes_on_the_outside_one_character_in() -> None:
    document = mixed()
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    ):
        (paragraph,) = footer.paragraphs
        (field,) = paragraph._p.findall(qn("w:fldSimple"))
        assert field.get(qn("w:instr")) == "PAGE"
        assert "".join(t.text or "" for t in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert paragraph.paragraph_format.alignment == align
        assert getattr(paragraph.paragraph_format, side) == Pt(14)


def test_the_red_head_stands_above_a_red_line_as_wide_as_the_text() -> None:
    issuer, number = mixed().paragraphs[:2]
    assert (issuer.text, number.text) == ("（发文机关标志）", "____〔____〕____号")
    assert issuer.runs[0].font.color.rgb == RGBColor(0xFF, 0, 0)
    assert issuer.paragraph_format.space_before == Pt(99)  # 35 mm
    (line,) = number._p.iter(qn("w:bottom"))
    assert (line.get(qn("w:color")), line.get(qn("w:space"))) == ("FF0000", "11")  # 4 mm


def test_a_long_name_of_the_issuer_fits_on_one_line() -> None:
    paper = Paper("t", NOON)
    paper.head("云" * 30, "号")
    size = paper.document.paragraphs[0].runs[0].font.size
    assert size and size.mm * 30 <= 156


def test_the_date_is_never_alone_on_a_page_and_has_room_for_the_seal() -> None:
    lines = mixed().paragraphs
    date = next(n for n, p in enumerate(lines) if p.text == "____年__月__日")
    issuer, *annexes, body = (lines[date - n] for n in range(1, 5))
    assert issuer.text == "（发文机关署名）"
    assert issuer.paragraph_format.space_before == Pt(56)
    assert annexes[-1].text.startswith("附件：1．")
    assert annexes[-1].paragraph_format.space_before == Pt(28)  # a blank line
    assert body.text.startswith("待核实的1家单位")
    assert all(p.paragraph_format.keep_with_next for p in (issuer, *annexes, body))
    assert lines[date].paragraph_format.right_indent == Pt(64)  # four characters


@pytest.mark.parametrize("name", ["市府办", "云江市人民政府办公室", "云" * 20])
def test_the_issuer_is_centred_above_the_date(name: str) -> None:
    (_, above), (date, below) = signature(name, "2026年6月15日")
    middle = below.right + width(date) * 4
    assert above.right + width(name) * 4 == middle
    assert above.right >= 32
    assert below.right >= 64


def test_the_head_of_an_annex_is_repeated_and_no_other_row_is() -> None:
    for table in mixed().tables[:1]:  # names stand without a head
        repeated = [len(row._tr.findall(f".//{qn('w:tblHeader')}")) for row in table.rows]
        assert repeated == [1, *[0] * (len(table.rows) - 1)]


def test_the_paper_brings_no_preview_of_another_and_every_style_it_uses() -> None:
    with ZipFile(io.BytesIO(written("docx", MIXED))) as archive:
        assert not any("thumbnail" in name for name in archive.namelist())
        used = set(
            re.findall(
                rb'<w:(?:pStyle|tblStyle|rStyle|basedOn|next|link) w:val="(\w+)"',
                b"".join(archive.read(n) for n in archive.namelist() if n.endswith(".xml")),
            )
        )
        there = set(re.findall(rb'w:styleId="(\w+)"', archive.read("word/styles.xml")))
    assert b"TableGrid" in used
    assert used <= there


# Both, whatever the pages and lists say.


@pytest.mark.parametrize("name", ["docx", "notice"])
def test_the_same_run_gives_the_same_bytes_dated_by_the_run(name: str) -> None:
    data = written(name, MIXED)
    assert data == written(name, MIXED)
    with ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 6, 15, 20, 0, 0)}


def test_a_run_dated_before_archives_had_dates_is_written_all_the_same() -> None:
    old = run_with(unit("甲", page()), finished_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert len(notices(old)) == 1


@pytest.mark.parametrize("hostile", [*HOSTILE, "\ufffe\uffff\x00名", "{total}", "《》"])
def test_hostile_names_are_only_text(hostile: str) -> None:
    run = run_of(hostile).model_copy(update={"rules": Policy(name=hostile, sha256="0")})
    (notice,) = notices(run).values()
    for document in (circular(run), notice):
        told = text(document) + "".join(cell for row in cells(document, 0) for cell in row)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2028\ufffe\uffff\ud800]", told)
        assert "长" * 301 not in told
        assert not list(document.element.iter(qn("w:hyperlink"), qn("w:instrText")))
    assert len(cells(circular(run), 0)) == 2


@pytest.mark.parametrize(
    "name",
    [*HOSTILE, "../../etc", "a:b|c?d*e", "CON", "...", "   ", "", "𠮷" * 99, "名\u200b\ue000"],
)
def test_names_of_notices_are_safe_for_windows(name: str) -> None:
    run = run_of(name)
    (file,) = notices(run)
    for made in (file, file_name("001", name)):
        assert re.fullmatch(r'001_[^<>:"/\\|?*\x00-\x1f\u202e\u200b\ue000]+\.docx', made)
        assert len(made) <= 60
        assert Path(made).name == made
        assert not made.removesuffix(".docx").endswith((" ", "."))


def test_a_unit_whose_name_vanishes_is_called_by_its_id() -> None:
    (notice,) = notices(run_of("\ud800\u202e")).values()
    assert "u0：" in text(notice).splitlines()


def test_a_title_of_any_length_fits_the_properties() -> None:
    document = opened(Paper("长" * 10_000 + "\ufffe", NOON).save())
    assert 0 < len(document.core_properties.title) <= 255


@pytest.mark.parametrize(
    ("name", "source", "title", "basis"),
    [
        ("首页内容", "", "首页内容", "首页内容"),
        ("《推广方案》", "", "《推广方案》", "《推广方案》"),
        (
            "首页内容",
            "《关于规范网站首页的通知》（市政办函〔2026〕18号）",
            "《关于规范网站首页的通知》",
            "《关于规范网站首页的通知》（市政办函〔2026〕18号）",
        ),
        ("首页内容", "市政办函〔2026〕18号。", "首页内容", "市政办函〔2026〕18号"),
        ("首页内容", "《甲办法》；《乙办法》", "首页内容", "《甲办法》；《乙办法》"),
    ],
)
def test_what_is_cited_is_the_issued_document_and_no_name_of_ours(
    name: str, source: str, title: str, basis: str
) -> None:
    run = run_with(
        unit("乙局", page(), [PORTAL.model_copy(update={"clause": "第二条"})]),
        rules=Policy(name=name, sha256="0", source=source),
    )
    told = text(circular(run))
    assert f"关于{title}落实情况的通报" in told.replace("\n", "")
    assert f"，根据{basis}，对各单位网站首页" in told
    where = title if title.startswith("《") else ""
    assert f"依据：{where}第二条。" in told


def test_a_run_that_broke_off_gives_no_circular_unless_it_is_forced() -> None:
    stopped = run_with(unit("甲局", page(*RIGHT)), complete=False)
    why_not = why_not_published(stopped, Naming(), NO_BACKGROUND)
    assert why_not is not None
    assert "scan --resume" in why_not
    assert why_not_published(stopped, Naming(force=True), NO_BACKGROUND) is None
    assert why_not_named(stopped, Naming()) is None  # a notice is of one unit


def test_of_whom_no_person_has_confirmed_all_are_named_or_it_is_said_that_there_are_more() -> None:
    names = "甲乙丙丁"
    for units, told in ((1, "(甲)"), (3, "(甲, 乙, 丙)"), (4, "(甲, 乙, 丙 …)")):
        failing = run_with(*(unit(name, page()) for name in names[:units]))
        assert told in str(why_not_named(failing, Naming()))
        assert told in str(why_not_named(failing, Naming(persons=2)))


def test_the_circular_tells_what_homepages_were_checked_for() -> None:
    forbidden = PORTAL.model_copy(update={"id": "f", "expect": "absent"})

    def checked(*rules: Requirement) -> str:
        told = text(circular(run_with(unit("甲", page(), rules))))
        return told.partition("对各单位网站首页")[2].partition("的情况")[0]

    assert checked(PORTAL) == "设置链接"
    assert checked(PORTAL, WECHAT, ICP) == "设置链接、二维码和文字"
    assert checked(PORTAL, forbidden) == "设置链接，以及有无不应出现的链接"
    assert checked(forbidden) == "有无不应出现的链接"


def test_the_circular_tells_how_many_homepages_could_be_seen() -> None:
    whole = unit("甲", page(*RIGHT))
    lost = unit("乙", unseen("challenge", code="stands_in_gateway"))
    told = "检查率为100%；其中1个网站看到了首页，1个网站未能看到首页。"
    assert told in text(circular(run_with(whole, lost)))
    assert "；其中1个网站未能看到首页。" in text(circular(run_with(lost)))
    assert "看到首页" not in text(circular(run_with(whole)))
    assert "；其中1个网站未能看到首页。" in text(circular(run_with(lost, complete=False)))


def test_figures_that_a_person_has_checked_count() -> None:
    why = (Reason.of("failing_jumped", before=0.0, now=0.5),)
    suspect = run_with(unit("甲局", page(*RIGHT)), suspicions=why)
    assert why_not_named(suspect, Naming()) is not None
    assert "本次检查存疑" in text(circular(suspect))
    checked = suspect.model_copy(update={"vouched": Vouched(by="王敏", at=NOON)})
    assert why_not_named(checked, Naming()) is None
    told = text(circular(checked))
    assert "规则和检查网络已由人工核对。" in told
    assert "存疑" not in told
    assert "王敏" not in told
