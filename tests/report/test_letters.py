"""Letters: what they say, inert whatever a page says."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from support.history import run
from support.letters import NOTHING, body, letter
from support.runs import HOSTILE
from ycaudit.errors import AuditError
from ycaudit.model import Contact, MemoryReports
from ycaudit.report import letters
from ycaudit.runs.diff import compare, past_of


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
        "From", "To", "Subject", "Date", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert isinstance(back, EmailMessage)
    assert "<script" not in body(back, "html")
    for forbidden in ("\x1b", "\x07", "\u202e", "\u2028"):
        assert forbidden not in body(back, "plain") + str(back["Subject"])


@pytest.mark.parametrize("to", ["", "nobody", "a@b.test\nBcc: x@y.test", "a@b.test, c@d.test", "@"])
def test_what_is_no_address_is_refused(to: str) -> None:
    with pytest.raises(AuditError, match="no e-mail address"):
        letters.letter(run(0, a="+"), NOTHING, sender="a@b.test", to=[to])


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
    message = letters.unit_letter(
        whole, report.model_copy(update={"target": target}), sender="x@y.test"
    )
    assert str(message["To"]) == "li@a.test"
    text = body(message, "plain")
    assert text.startswith("李：")
    assert "✗ 门户" in text
    with pytest.raises(AuditError, match="has no e-mail address"):
        letters.unit_letter(whole, report, sender="x@y.test")


def test_the_day_of_a_check_is_that_in_china() -> None:
    late = run(0, a="-").model_copy(update={"started_at": datetime(2026, 6, 15, 17, tzinfo=UTC)})
    assert "（2026-06-16 01:00）" in body(letter(late), "plain")
