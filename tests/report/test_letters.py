"""Letters: what they say, inert whatever a page says."""

from __future__ import annotations

import email
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default

import openpyxl
import pytest

from support.history import PORTAL, START, run
from support.letters import NOTHING, SENDER, body, letter
from support.pages import unseen
from support.runs import HOSTILE
from ycaudit.errors import AuditError
from ycaudit.model import (
    Contact,
    Decision,
    MemoryReports,
    NoWebsite,
    Observation,
    Outcome,
    Target,
    UnitReport,
)
from ycaudit.report import letters, workbook
from ycaudit.report.changes import lines_of
from ycaudit.report.letterhead import Letterhead
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.decisions import decided, fingerprint, page_of
from ycaudit.runs.diff import Change, Comparison, Kind, compare, past_of


@pytest.mark.parametrize("name", [n for n in HOSTILE if n != "\ud800"])
def test_nothing_hostile_gets_into_headers_or_is_obeyed(name: str) -> None:
    whole = run(0, a="-")
    report = whole.reports[0]
    target = report.target.model_copy(update={"name": name})
    policy = whole.rules.model_copy(update={"name": name})
    reports = (report.model_copy(update={"target": target}),)
    hostile = whole.header.model_copy(update={"rules": policy}).with_reports(MemoryReports(reports))
    raw = letter(hostile).as_bytes()
    back = email.message_from_bytes(raw, policy=default)
    assert set(back.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert isinstance(back, EmailMessage)
    assert "<script" not in body(back, "html")
    for forbidden in ("\x1b", "\x07", "\u202e", "\u2028"):
        assert forbidden not in body(back, "plain") + str(back["Subject"])


@pytest.mark.parametrize("to", ["", "nobody", "a@b.test\nBcc: x@y.test", "a@b.test, c@d.test", "@"])
def test_what_is_no_address_is_refused(to: str) -> None:
    with pytest.raises(AuditError, match="no e-mail address"):
        letters.letter(run(0, a="+"), NOTHING, sender=SENDER, to=[to])


def test_files_that_do_not_fit_are_told_and_left_out() -> None:
    big = letters.Attachment("大.xlsx", b"x" * (letters.MAX_ATTACHED - 10))
    more = letters.Attachment("报告.html", b"y" * 11)
    small = letters.Attachment("小.csv", b"z")
    message = letter(run(0, a="+"), NOTHING, big, more, small)
    assert [p.get_filename() for p in message.iter_attachments()] == ["大.xlsx", "小.csv"]
    assert "附件 报告.html（0.0 MB）过大，未附上。" in body(message, "plain")


def test_a_quiet_night_is_worth_no_letter() -> None:
    quiet, failing = run(1, a="+"), run(1, a="-")
    same = compare(past_of(run(0, a="-")), failing)
    assert not letters.worth_a_letter(quiet, compare(past_of(run(0, a="+")), quiet), "change")
    assert not letters.worth_a_letter(failing, same, "change")
    assert letters.worth_a_letter(failing, same, "fail")
    assert not letters.worth_a_letter(quiet, NOTHING, "fail")
    assert letters.worth_a_letter(quiet, NOTHING, "always")
    assert letters.worth_a_letter(run(1, complete=False, a="+"), NOTHING, "change")
    mended = compare(past_of(run(0, a="-")), quiet)
    assert letters.worth_a_letter(quiet, mended, "change")


def test_a_failing_unit_is_told_what_is_missing() -> None:
    whole = run(0, a="-")
    report = whole.reports[0]
    contact = Contact(person="李", email="li@a.test")
    target = report.target.model_copy(update={"contact": contact})
    one = letters.unit_letter(whole, [report.model_copy(update={"target": target})], sender=SENDER)
    assert one.recipients == ("li@a.test",)
    text = body(one.message, "plain")
    assert text.startswith("a局（李）：\n")
    assert "我们于 2026-06-01 检查了贵单位网站首页 http://a.test/ ，发现以下问题：" in text
    assert "✗ 首页没有“门户”的链接，请添加到访问者看得到的位置。\n" in text
    assert "请及时整改" in text
    with pytest.raises(AuditError, match="has no e-mail address"):
        letters.unit_letter(whole, [report], sender=SENDER)


def with_contact(report: UnitReport, email: str, **more: object) -> UnitReport:
    contact = Contact(email=email)
    target = report.target.model_copy(update={"contact": contact, **more})
    return report.model_copy(update={"target": target})


def test_a_unit_reads_its_deadline_whom_to_answer_and_who_writes() -> None:
    whole = run(14, a="-")
    report = with_contact(whole.reports[0], "li@a.test")
    again = report.model_copy(update={"checked_before": (START,)})
    own = Letterhead("云江市网信办", "云网办〔2026〕12号", date(2026, 7, 15), "张三", "0717-625")
    sender = replace(SENDER, letterhead=own)
    notice = letters.Attachment("001_a局.docx", b"PK")
    one = letters.unit_letter(whole, [again], sender=sender, notices=[notice])
    text = body(one.message, "plain")
    assert "我们于 2026-06-01 检查、2026-06-15 复查了贵单位网站首页" in text
    assert "整改通知书见附件。" in text
    assert "云网办〔2026〕12号" not in text  # which is that of the circular
    assert "请于 2026年7月15日 前完成整改" in text
    assert text.endswith("联系人：张三，电话：0717-625\n\n云江市网信办\n")
    assert [f.get_filename() for f in one.message.iter_attachments()] == ["001_a局.docx"]
    late = replace(sender, letterhead=replace(own, deadline=date(2026, 6, 15)))
    old = letters.unit_letter(whole, [again], sender=late)
    assert "2026年6月15日" not in body(old.message, "plain")  # the deadline of the round before


def test_the_last_lines_of_a_letter_are_in_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", "en")
    report = with_contact(run(0, a="-").reports[0], "li@a.test")
    own = Letterhead(deadline=date(2026, 7, 15), contact="Zhang San", phone="0717-625")
    one = letters.unit_letter(run(0, a="-"), [report], sender=replace(SENDER, letterhead=own))
    last = body(one.message, "plain").rpartition("http://")[2].partition("\n")[2]
    assert "2026-07-15" in last
    assert "Zhang San" in last
    assert not re.search("[联系人电话年月日]", last)


def test_a_unit_of_several_sites_gets_one_letter_about_those_that_fail() -> None:
    whole = run(0, a="-", b="+", c="-")
    reports = [with_contact(r, f"{r.target.id}@a.test", unit="局") for r in whole.reports]
    one = letters.unit_letter(whole, reports, sender=SENDER)
    text = body(one.message, "plain")
    assert [f"http://{site}.test/" in text for site in "abc"] == [True, False, True]
    assert one.recipients == ("a@a.test", "b@a.test", "c@a.test")
    assert one.key.unit == "a"


def test_a_letter_says_when_it_was_sent_and_keeps_its_id_when_sent_again() -> None:
    first, again = letter(run(0, a="-")), letter(run(0, a="-"))
    assert "18 Jun 2026" in first["Date"]  # not the day of the check
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"].endswith("@city.test>")
    assert first["Message-ID"] != letter(run(1, a="-"))["Message-ID"]


def test_the_office_reads_each_reason_once_with_its_units() -> None:
    text = body(letter(run(0, a="-", b="-", c="?", d="?")), "plain")
    assert text.count("not among 1 link") == 1
    assert "2 家：a局、b局" in text
    assert "2 家：c局、d局" in text
    assert text.count("no address") == 1


def test_the_office_reads_on_which_day_how_many_units_were_looked_at() -> None:
    again = run(14, a="-", b="-")
    fresh = again.reports[1].model_copy(update={"checked_before": (START,)})
    old = run(0, a="-").reports[0]
    mixed = again.header.with_reports(MemoryReports([old, fresh]))
    assert "2026-06-01 检查 2 家，2026-06-15 复查 1 家" in body(letter(mixed), "plain")
    assert "检查 2 家" not in body(letter(run(0, a="-", b="-")), "plain")


def test_the_office_is_told_of_repeats_and_of_homepages_never_seen() -> None:
    known = replace(past_of(run(0, a="-", b="?")), is_one_run=False)
    after = run(1, a="-", b="?")
    text = body(letter(after, compare(known, after)), "plain")
    assert "仍未整改 1 项\n  a局  门户（自 2026-06-01，连续 2 次未整改）" in text
    assert "从未看到 1 个网站的首页\n  b局  从未看到首页，已检 2 次" in text


def test_the_day_of_a_check_is_that_in_china() -> None:
    late = run(0, a="-").model_copy(update={"started_at": datetime(2026, 6, 15, 17, tzinfo=UTC)})
    assert "（2026-06-16 01:00）" in body(letter(late), "plain")


def test_a_unit_reads_neither_who_decided_nor_what_the_machine_doubted() -> None:
    whole = run(0, a="?")
    report = with_contact(whole.reports[0], "li@a.test")
    made = Decision(outcome=Outcome.FAIL, by="刘科员", at=START, page=fingerprint(report))
    (confirmed,) = decided(
        whole.header.with_reports(MemoryReports([report])), {("a", "p"): [made]}
    ).reports
    text = body(letters.unit_letter(whole, [confirmed], sender=SENDER).message, "plain")
    asked = "请使首页能够正常打开，并在首页设置“门户”的链接。"
    assert f"✗ 首页未能打开（域名无法解析），{asked}\n" in text
    assert "刘科员" not in text
    assert "核定" not in text


def told(look: Observation, *rules: Requirement) -> str:
    """The letter to a unit of which a person says that it fails all of that."""
    target = Target(id="a", name="甲", url="http://a.test/", contact=Contact(email="li@a.test"))
    verdicts = Unit(target=target, requirements=rules).judge(look)
    report = UnitReport(target=target, observations=(look,), verdicts=verdicts)
    whole = run(0).header.with_reports(MemoryReports([report]))
    made = {
        ("a", v.requirement): [
            Decision(outcome=Outcome.FAIL, by="刘", at=START, page=page_of(v, fingerprint(report)))
        ]
        for v in verdicts
    }
    failed = decided(whole, made)
    one = letters.unit_letter(failed, list(failed.reports), sender=SENDER)
    return body(one.message, "plain")


def test_nobody_is_asked_to_put_what_must_be_absent() -> None:
    sold = PORTAL.model_copy(update={"id": "s", "name": "旧网址", "expect": "absent"})
    look = unseen("challenge", code="maintenance")
    text = told(look, PORTAL, sold)
    assert "设置“门户”的链接。\n✗ 首页有不应出现的“旧网址”的链接，请移除。\n" in text


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (unseen("challenge", code="maintenance"), "网页只说明网站维护或关闭"),
        (unseen("challenge", code="stands_in_gateway"), "显示的是防护网关的页面，不是网站首页"),
        (unseen("timeout"), "访问超时"),
    ],
)
def test_why_a_homepage_did_not_open_is_told_once_as_it_was_recorded(
    monkeypatch: pytest.MonkeyPatch, look: Observation, why: str
) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", "zh")
    code = PORTAL.model_copy(update={"id": "c", "name": "市网"})
    text = told(look, PORTAL, code)
    asked = "请使首页能够正常打开，并在首页设置“门户”的链接、“市网”的链接。"
    assert f"✗ 首页未能打开（{why}），{asked}\n" in text
    assert text.count("✗") == 1


def test_the_deadline_of_a_letter_is_known_beside_it() -> None:
    whole = run(0, a="-")
    report = with_contact(whole.reports[0], "li@a.test")
    for deadline, due in ((date(2026, 7, 15), date(2026, 7, 15)), (date(2026, 6, 1), None)):
        sender = replace(SENDER, letterhead=Letterhead(deadline=deadline))
        assert letters.unit_letter(whole, [report], sender=sender).due == due


def test_an_interrupted_run_does_not_call_its_units_all() -> None:
    assert "已检 1 家：合格 1 家" in body(letter(run(0, complete=False, a="+")), "plain")


def test_a_run_in_which_nothing_was_finished_says_that_alone() -> None:
    nothing = letter(run(0, complete=False))
    _, said = body(nothing, "plain").splitlines()
    assert said == "本次检查中途停止，没有完成任何单位。"
    assert nothing["Subject"] == "规则（检查中断）"


def test_a_letter_counts_units_without_a_website_as_its_workbook_does() -> None:
    without = (NoWebsite(id="n", name="丁"),)
    whole = run(0, a="+").model_copy(update={"no_website": without})
    assert "应检 2 家：合格 1 家，未开设网站 1 家" in body(letter(whole), "plain")
    out = io.BytesIO()
    workbook.render(whole, out)
    sheet = openpyxl.load_workbook(out)["汇总"]
    assert sheet["B4"].value == "2 家、1 个网站"


def changed(kind: Kind, requirement: str, unit: str = "a") -> Change:
    return Change(
        kind=kind, unit=unit, name=f"{unit}局", requirement=requirement,
        requirement_name=requirement, before=Outcome.PASS, after=Outcome.FAIL,
    )  # fmt: skip


def test_the_subject_tells_what_else_a_unit_fails_that_failed_before() -> None:
    changes = Comparison(
        changes=(
            *(changed(Kind.NEWLY_FAILING, name) for name in ("门户", "微信")),
            changed(Kind.RELAPSED, "微博"),
        ),
        relapsed_units=1,
        mended_units=1,
    )
    subject = letter(run(0, a="-"), changes)["Subject"]
    assert subject == "规则：不合格 1（新增 2 项，反复 1 家，已整改 1 家）"


def test_what_a_site_lacks_in_the_same_way_stands_on_one_line() -> None:
    changes = Comparison(
        changes=(
            *(changed(Kind.LOST_SIGHT, name) for name in ("门户", "微信")),
            changed(Kind.LOST_SIGHT, "门户", "b").model_copy(update={"was_in_doubt": True}),
        )
    )
    assert [*lines_of(changes)] == [
        "本次待核实 3 项",
        "  a局  门户、微信",
        "  b局  门户（上次待核实）",
    ]
    assert [*lines_of(changes, most=1)][2:] == ["  另有 1 条"]
