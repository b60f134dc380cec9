"""A review at the desk: a card a unit, kept where `review` keeps it, taken back at will."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from support.golden import golden_run
from support.windows import Window, opened_desk
from ycaudit import office_time
from ycaudit.auditing.questions import questions_of, record
from ycaudit.model import Contact, Decision, MemoryReports, Outcome, ScanRun, UnitReport
from ycaudit.runs.decisions import Key, decided, fingerprint
from ycaudit.runs.history import opened

RUN = golden_run().id
PATH = f"/run/{RUN}/review"


def machine() -> ScanRun:
    """The run before anybody decided anything."""
    run = golden_run()

    def bare(report: UnitReport) -> UnitReport:
        if not any(v.decision for v in report.verdicts):
            return report
        verdicts = tuple(
            v.model_copy(update={"decision": None, "outcome": v.decision.machine,
                                 "why": v.why.because})
            if v.decision else v
            for v in report.verdicts
        )  # fmt: skip
        return report.model_copy(update={"verdicts": verdicts})

    return run.header.with_reports(MemoryReports(map(bare, run.reports)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    return tmp_path


@pytest.fixture
def window(folder: Path) -> Iterator[Window]:
    with opened_desk(folder, machine()) as opened_one:
        yield opened_one


def decisions(folder: Path) -> dict[Key, list[Decision]]:
    with opened(folder / "history.sqlite3") as kept:
        return kept.decisions()


def answer(window: Window, what: str = "undetermined", start: int = 0, **said: Any) -> str:
    """Open the card from a place on and answer it; returns the page that comes then."""
    page = window.text(f"{PATH}?what={what}&from={start}")
    sent = {**window.form(page, PATH), "by": "王敏", **said}
    done = window.post(PATH, **sent)
    assert done.status_code == 303, done.text
    return window.text(done.headers["location"])


def card(page: str) -> str:
    """The unit that a page asks about; empty where none is left."""
    _, found, rest = page.partition('<h2 id="unit">')
    return unescape(rest[: rest.index("<span")]).strip() if found else ""


def test_the_cards_are_what_review_asks_unit_by_unit(window: Window) -> None:
    for what, outcome in (("undetermined", Outcome.UNDETERMINED), ("fail", Outcome.FAIL)):
        wanted = [q.report.target.id for q in questions_of(machine(), outcome)]
        found, start = [], 0
        while (page := window.text(f"{PATH}?what={what}&from={start}")) and card(page):
            place = int(window.form(page, PATH)["place"])
            if place < start:
                break  # from the beginning again
            found.append(f"u{place}")
            start = place + 1
        assert found == list(dict.fromkeys(wanted))


def test_a_card_shows_reason_what_was_near_and_whom_to_call(window: Window) -> None:
    page = window.text(f"{PATH}?what=fail")
    report = machine().reports[1]
    assert card(page) == "乙中学"
    for verdict in report.verdicts:
        if verdict.outcome is Outcome.FAIL:
            assert verdict.why.translated() in unescape(page)
            for near in verdict.near:
                assert near.value in unescape(page)
    contact = report.target.contact or Contact()
    assert f"邮箱：{contact.email}" in page


def test_one_answer_for_the_whole_unit_is_kept_and_the_next_unit_comes(
    window: Window, folder: Path
) -> None:
    page = answer(window, all="pass", note="打过电话")
    assert "已记录" in page
    assert card(page) == "丁公司"
    kept = decisions(folder)
    assert set(kept) == {("u2", "portal"), ("u2", "weixin")}
    for (made,) in kept.values():
        assert (made.outcome, made.by, made.note) == (Outcome.PASS, "王敏", "打过电话")
        assert made.page == fingerprint(machine().reports[2])
    with opened(folder / "history.sqlite3") as history:
        run = decided(history.load(RUN), history.decisions())
    assert [v.outcome for v in list(run.reports)[2].verdicts[:2]] == [Outcome.PASS] * 2


def test_what_must_be_absent_of_a_homepage_that_nobody_saw_is_answered_by_itself(
    window: Window, folder: Path
) -> None:
    page = window.text(f"{PATH}?at=2")
    assert card(page) == "丙医院"
    assert "首页未能打开，以下 2 项一并核定" in page
    assert "首页未能打开，须单独核定" in page
    assert 'name="all"' not in page
    answer(window, all="fail")
    assert set(decisions(folder)) == {("u2", "portal"), ("u2", "weixin")}
    page = window.text(f"{PATH}?at=2")
    assert card(page) == "丙医院"
    assert "首页不应出现该内容：合格表示没有出现。" in page
    answer(window, start=2, q0="fail")
    ((made,),) = (made for key, made in decisions(folder).items() if key == ("u2", "advert"))
    assert made.outcome is Outcome.FAIL


def test_answers_one_by_one_leave_the_others_open(window: Window, folder: Path) -> None:
    page = answer(window, "fail", start=7, q0="fail")
    assert len(decisions(folder)) == 1
    again = window.text(f"{PATH}?what=fail&from=7")
    assert 'name="q0"' in again
    assert 'name="q1"' not in again
    assert page


def test_nothing_said_is_nothing_kept(window: Window, folder: Path) -> None:
    assert "没有选择任何结论" in answer(window, q0="")
    assert decisions(folder) == {}


def test_an_answer_without_a_name_is_refused(window: Window, folder: Path) -> None:
    page = window.text(PATH)
    refused = window.post(PATH, **window.form(page, PATH), all="pass", by=" ")
    assert refused.status_code == 400
    assert "a decision has a name" in refused.text
    assert decisions(folder) == {}


@pytest.mark.parametrize("said", ["undetermined", "waived", "PASS", "x"])
def test_no_other_answer_can_be_given(window: Window, folder: Path, said: str) -> None:
    page = window.text(PATH)
    assert window.post(PATH, **window.form(page, PATH), all=said, by="王").status_code == 400
    assert decisions(folder) == {}


def test_two_windows_do_not_overwrite_each_other(window: Window, folder: Path) -> None:
    first = second = window.form(window.text(PATH), PATH)
    assert window.post(PATH, **first, all="pass", by="王敏").status_code == 303
    late = window.post(PATH, **second, all="fail", by="李强")
    page = window.text(late.headers["location"])
    assert "已在另一个窗口变动" in page
    assert {made.by for (made,) in decisions(folder).values()} == {"王敏"}


def test_the_last_answer_is_taken_back_and_asked_again(window: Window, folder: Path) -> None:
    answer(window, all="pass")
    page = answer(window, start=3, all="fail")
    undone = window.post(f"{PATH}/undo")
    page = window.text(undone.headers["location"])
    assert "已撤销上一次核定" in page
    assert card(page) == "丁公司"
    assert {unit for unit, _ in decisions(folder)} == {"u2"}
    window.post(f"{PATH}/undo")
    assert decisions(folder) == {}
    assert "没有可以撤销的核定" in window.text(window.post(f"{PATH}/undo").headers["location"])


def test_what_the_same_person_has_decided_elsewhere_since_is_not_taken_back(
    window: Window, folder: Path
) -> None:
    answer(window, all="pass")
    ((key, (mine,)), *_) = decisions(folder).items()
    later = mine.model_copy(update={"note": "又打了电话"})
    with opened(folder / "history.sqlite3") as kept:  # such as `ycaudit review`
        kept.decide(*key, later)
    undone = window.post(f"{PATH}/undo")
    assert "没有可以撤销的核定" in window.text(undone.headers["location"])
    assert decisions(folder)[key] == [later]


def test_what_another_person_has_decided_stays_when_an_answer_is_taken_back(
    window: Window, folder: Path
) -> None:
    answer(window, all="pass")
    ((key, (mine,)), *_) = decisions(folder).items()
    other = mine.model_copy(update={"by": "李强"})
    with opened(folder / "history.sqlite3") as kept:
        kept.decide(*key, other)
    undone = window.post(f"{PATH}/undo")
    assert "已撤销上一次核定" in window.text(undone.headers["location"])
    assert decisions(folder) == {key: [other]}


def test_an_answer_restores_what_stood_before_it(window: Window, folder: Path) -> None:
    report = machine().reports[2]
    before = Decision(outcome=Outcome.FAIL, by="张三", at=machine().started_at, page="another page")
    with opened(folder / "history.sqlite3") as kept:
        kept.decide(report.target.id, "portal", before)
    answer(window, all="pass")
    window.post(f"{PATH}/undo")
    assert decisions(folder) == {(report.target.id, "portal"): [before]}


def test_who_is_to_be_called_stays_open_and_stands_on_a_list(window: Window, folder: Path) -> None:
    page = answer(window, all="call")
    assert "待电话核实 1 家" in page
    assert decisions(folder) == {}
    calls = window.text(f"/run/{RUN}/calls")
    (there,) = re.findall(r'<a href="(/run/[^"]*review[^"]*)">丙医院', calls)
    report = machine().reports[2]
    assert report.target.url in calls
    assert report.verdicts[0].why.translated() in unescape(calls)
    page = window.text(unescape(there))
    assert card(page) == "丙医院"
    window.post(PATH, **window.form(page, PATH) | {"q0": "fail", "q1": "pass"}, by="王敏")
    assert "丙医院" not in window.text(f"/run/{RUN}/calls")


def test_who_is_to_be_called_is_known_after_the_desk_was_closed(folder: Path) -> None:
    with opened_desk(folder, machine()) as first:
        answer(first, all="call", note="问三楼办公室")
    with opened_desk(folder) as second:
        page = second.text(PATH)
        assert "待电话核实 1 家" in page
        assert card(page) != "丙医院"
        day = office_time.today()
        assert f"王敏，{day}，问三楼办公室" in second.text(f"/run/{RUN}/calls")
        again = second.text(f"{PATH}?at=2")
        assert card(again) == "丙医院"
        assert f"待电话核实：王敏，{day}，问三楼办公室" in again


def test_a_call_is_taken_back_unless_it_was_decided_elsewhere_since(
    window: Window, folder: Path
) -> None:
    answer(window, all="call")
    assert card(window.text(window.post(f"{PATH}/undo").headers["location"])) == "丙医院"
    assert "丙医院" not in window.text(f"/run/{RUN}/calls")
    answer(window, all="call")
    with opened(folder / "history.sqlite3") as kept:  # such as `ycaudit review`
        question = next(
            q for q in questions_of(machine(), Outcome.UNDETERMINED)
            if q.report.target.name == "丙医院"
        )  # fmt: skip
        record(kept, question, Outcome.PASS, by="李强", at=datetime.now(UTC))
    undone = window.post(f"{PATH}/undo")
    assert "没有可以撤销的核定" in window.text(undone.headers["location"])


def test_where_only_calls_are_left_the_review_ends_and_says_so(window: Window) -> None:
    page = window.text(PATH)
    asked = []
    while card(page):
        asked.append(card(page))
        page = answer(window, all="call")
    assert asked == list(dict.fromkeys(asked))
    assert f"其余 {len(asked)} 家都待电话核实" in page
    assert card(window.text(PATH)) == ""


def test_who_was_put_on_the_list_of_calls_meanwhile_is_not_judged_over_it(
    window: Window, folder: Path
) -> None:
    first = second = window.form(window.text(PATH), PATH)
    assert window.post(PATH, **first, all="call", by="王敏").status_code == 303
    late = window.post(PATH, **second, all="fail", by="李强")
    page = window.text(late.headers["location"])
    assert "已在另一个窗口变动" in page
    assert card(page) == "丙医院"
    assert decisions(folder) == {}
    third = window.form(page, PATH)
    assert window.post(PATH, **third, all="fail", by="李强").status_code == 303
    assert {made.by for (made,) in decisions(folder).values()} == {"李强"}


def test_a_review_of_one_category_asks_about_it_alone(window: Window) -> None:
    page = window.text(f"{PATH}?what=fail&tag=学校")
    found = []
    while card(page) and card(page) not in found:
        found.append(card(page))
        sent = {**window.form(page, PATH), "by": "王敏", "all": "fail"}
        page = window.text(window.post(PATH, **sent).headers["location"])
    tags = {r.target.name: r.target.tags for r in machine().reports}
    assert found
    assert all(tags[name] == ("学校",) for name in found if name in tags)
    assert "没有需要复核的单位了" in page
