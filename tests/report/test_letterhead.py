"""What papers say of the office that sends them."""

from __future__ import annotations

from datetime import date

from ycaudit.report.letterhead import BLANK_DAY, Letterhead


def test_a_deadline_that_is_not_after_the_check_is_a_blank() -> None:
    head = Letterhead(deadline=date(2026, 7, 15))
    assert head.due(date(2026, 7, 14)) == "2026年7月15日"
    assert head.due(date(2026, 7, 15)) == head.due(date(2026, 8, 1)) == BLANK_DAY
    assert Letterhead().due(date(2026, 7, 14)) == BLANK_DAY


def test_whom_to_answer_is_told_as_far_as_it_is_known() -> None:
    assert Letterhead(contact="张三", phone="6251234").answer_to == "联系人：张三，电话：6251234"
    assert Letterhead(phone="6251234").answer_to == "电话：6251234"
    assert Letterhead().answer_to == ""
