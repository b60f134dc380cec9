"""Hearing before naming: what units are told, answer and object, before all read their names."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from support.clocks import OfficeClock
from support.desk import Desk, paper
from support.inbox import Inbox, environment, serving
from support.letters import body
from support.town import PORTAL, built
from ycaudit.auditing.questions import Question, decision_of, questions_of
from ycaudit.i18n import in_language
from ycaudit.model import Evidence, Outcome, Sense, Where
from ycaudit.runs.cases import Case
from ycaudit.runs.decisions import confirmed_by, fingerprint
from ycaudit.runs.history import opened

LOOK = ("--allow-private", "--observer", "static", "--no-cache")
HEARING = """\
[hearing]
persons = 2
days = 5
source = "《某市通报办法》第六条"
"""
NAMES = {"a": "甲局", "b": "乙局", "c": "丙局"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """甲局 passes, 乙局 and 丙局 do not; scanned on the first of June."""
    monkeypatch.chdir(tmp_path)
    box = Inbox()
    with built() as town, serving(box) as port:
        for key, value in environment(port).items():
            monkeypatch.setenv(key, value)
        town.pages = {"a": PORTAL, "b": "", "c": ""}
        town.write_list(tmp_path, **NAMES)
        (tmp_path / "ycaudit.toml").write_text(HEARING, encoding="utf-8")
        desk = Desk(tmp_path, OfficeClock(monkeypatch), box, town)
        desk.clock.set("2026-06-01 09:00")
        desk.does("scan", *LOOK, code=1)
        yield desk


def listed(desk: Desk, *words: str) -> dict[str, dict[str, Any]]:
    """The cases by unit."""
    found = json.loads(desk.does("cases", *words, "--format", "json"))
    return {case["unit"]: case for case in found}


def states(desk: Desk) -> dict[str, str]:
    return {unit: case["state"] for unit, case in listed(desk).items()}


def told_of(case: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Its events: what, when, by whom."""
    return [(event["kind"], event["on"], event["by"]) for event in case["events"]]


def confirm(desk: Desk, name: str, *units: str) -> None:
    """Confirm by sheet that these units fail."""
    desk.does("show", "last", "--output", "核定.xlsx")
    book = openpyxl.load_workbook(desk.folder / "核定.xlsx")
    head, *rows = book["人工核定"].iter_rows()
    column = {cell.value: place for place, cell in enumerate(head)}
    for row in rows:
        if row[column["编号"]].value in units:
            row[column["人工核定"]].value, row[column["核定人"]].value = "不合格", name
    book.save(desk.folder / "核定.xlsx")
    desk.does("review", "last", "--from", "核定.xlsx")


def record(desk: Desk, *words: str, code: int = 0) -> str:
    desk.does("cases", "record", *words, "--by", "李四", code=code)
    return desk.told


def circular(desk: Desk, *words: str, code: int = 0) -> str:
    """What is said where it is refused, else what it says."""
    desk.does("show", "last", "--output", "通报.docx", *words, code=code)
    return desk.told if code else paper(desk.folder / "通报.docx")


def heard(desk: Desk) -> None:
    """Both confirmed by two, and told by letter on the third of June."""
    confirm(desk, "张三", "b", "c")
    confirm(desk, "李四", "b", "c")
    desk.clock.set("2026-06-03 15:00")
    desk.does("mail", "last", "--to-units", "--send")


def test_the_whole_hearing_of_two_units(desk: Desk) -> None:
    assert states(desk) == {"乙局": "found", "丙局": "found"}
    confirm(desk, "张三", "b", "c")
    assert states(desk) == {"乙局": "found", "丙局": "found"}
    assert "2 different persons must confirm a fail, and of 2 units" in circular(desk, code=2)
    desk.does("mail", "last", "--to-units", "--send", code=2)
    assert desk.box.letters == []
    confirm(desk, "李四", "b", "c")
    assert states(desk) == {"乙局": "confirmed", "丙局": "confirmed"}

    refused = circular(desk, code=2)
    assert "乙局: was told of nothing yet, and then has 5 days to object" in refused
    assert "丙局: was told of nothing yet" in refused
    assert not (desk.folder / "通报.docx").exists()

    heard(desk)
    assert states(desk) == {"乙局": "told", "丙局": "told"}
    text = body(desk.box.letters[0], "plain")
    assert "对上述问题有异议的，请在 2026-06-08（含当日）前提出。" in text
    desk.does("show", "last", "--output", "notice:通知.zip")  # whoever is told need not be heard

    desk.clock.set("2026-06-08 23:00")
    assert "乙局: may object until 2026-06-08" in circular(desk, code=2)
    record(desk, "乙局", "objected", "--on", "2026-06-06", "--note", "正在改版")
    record(desk, "c", "answered", "--on", "2026-06-05")
    assert states(desk) == {"乙局": "objected", "丙局": "answered"}

    desk.clock.set("2026-06-09 08:00")
    assert states(desk) == {"乙局": "objected", "丙局": "due"}
    refused = circular(desk, code=2)
    assert "乙局: objected on 2026-06-06, which nobody has looked at again" in refused
    assert "丙局" not in refused
    assert "sites were last looked at on 2026-06-01: look again first" in record(
        desk, "乙局", "looked", "--on", "2026-06-09", code=2
    )
    desk.does("scan", *LOOK, code=1)
    record(desk, "乙局", "looked", "--on", "2026-06-09", "--note", "复核后仍不合格")
    assert states(desk) == {"乙局": "due", "丙局": "due"}
    assert "不合格的单位均经两人分别核定" in circular(desk)
    assert all(event["kind"] != "named" for event in listed(desk)["乙局"]["events"])
    assert "2 units, 2026-06-09" in record(desk, "all", "named", "--on", "2026-06-09")

    desk.town.pages["b"] = PORTAL
    desk.clock.set("2026-06-10 09:00")
    desk.does("scan", *LOOK, code=1)
    assert states(desk) == {"乙局": "mended", "丙局": "due"}
    record(desk, "乙局", "closed", "--on", "2026-06-10")
    case = listed(desk)["乙局"]
    assert case["state"] == "closed"
    assert told_of(case) == [
        ("found", "2026-06-01", ""),
        ("confirmed", "2026-06-01", "张三"),
        ("confirmed", "2026-06-01", "李四"),
        ("told", "2026-06-03", ""),
        ("objected", "2026-06-06", "李四"),
        ("looked", "2026-06-09", "李四"),
        ("named", "2026-06-09", "李四"),
        ("closed", "2026-06-10", "李四"),
    ]


def test_who_fails_anew_after_its_case_is_closed_is_heard_anew(desk: Desk) -> None:
    heard(desk)
    assert "a note must say why" in record(desk, "乙局", "closed", "--on", "2026-06-03", code=2)
    record(desk, "乙局", "closed", "--on", "2026-06-03", "--note", "机构撤并")
    desk.clock.set("2026-06-20 09:00")
    # What is closed was not looked at since: that the run still says so is no reason to name it.
    assert "乙局: its case was closed on 2026-06-03" in circular(desk, code=2)
    assert "the case of 乙局 is closed (2026-06-03), and nothing was found since" in record(
        desk, "乙局", "told", "--on", "2026-06-20", code=2
    )
    desk.does("scan", *LOOK, code=1)
    case = listed(desk)["乙局"]
    assert (case["state"], case["events"][0]) == (
        "confirmed",  # its page shows the same, so that what two persons decided holds
        case["events"][0] | {"kind": "found", "on": "2026-06-20"},
    )
    assert "乙局: was told of nothing yet" in circular(desk, code=2)


def test_who_is_told_by_hand_may_object_until_the_day_that_was_said(desk: Desk) -> None:
    confirm(desk, "张三", "b", "c")
    confirm(desk, "李四", "b", "c")
    desk.clock.set("2026-06-10 09:00")
    record(desk, "乙局", "told", "--on", "2026-06-02", "--until", "2026-06-30")
    record(desk, "丙局", "told", "--on", "2026-06-02")
    assert listed(desk)["丙局"]["due"] == "2026-06-07"
    assert states(desk) == {"乙局": "told", "丙局": "due"}
    refused = circular(desk, code=2)
    assert "1 unit cannot be named before being heard: 乙局" in refused
    assert "may object until 2026-06-30" in refused
    assert "乙局" in circular(desk, "--unheard")


def test_without_a_deadline_nobody_is_held_back_who_has_not_objected(desk: Desk) -> None:
    (desk.folder / "ycaudit.toml").write_text("", encoding="utf-8")
    confirm(desk, "张三", "b", "c")
    assert "乙局" in circular(desk)
    desk.clock.set("2026-06-03 15:00")
    record(desk, "乙局", "told", "--on", "2026-06-02")
    record(desk, "乙局", "objected", "--on", "2026-06-03")
    assert "乙局: objected on 2026-06-03" in circular(desk, code=2)


def test_what_was_recorded_by_mistake_is_taken_back_and_stays_on_record(desk: Desk) -> None:
    heard(desk)
    record(desk, "乙局", "objected", "--on", "2026-06-03")
    (number,) = (e["number"] for e in listed(desk)["乙局"]["events"] if e["kind"] == "objected")
    assert "of 丙局 the events – can be withdrawn" in record(
        desk, "丙局", "withdrawn", "--event", str(number), code=2
    )
    record(desk, "乙局", "withdrawn", "--event", str(number), "--note", "记错单位")
    assert states(desk)["乙局"] == "told"
    with in_language("zh"):
        story = desk.does("cases", "--unit", "乙局")
    assert "（误记，已撤回）2026-06-03 提出异议  李四" in story
    assert "记错单位" in story


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("record", "`ycaudit cases` lists; `ycaudit cases record UNIT EVENT"),
        ("recrod 乙局 told", "'recrod 乙局 told': `ycaudit cases` lists"),
        ("record 乙局 tolled --on 2026-06-03", "event 'tolled': choose one of told,"),
        ("record 乙局 tolled --on 2026-06-03", "did you mean 'told'?"),
        ("record 乙 told --on 2026-06-03", "'乙' is not one unit of this run"),
        ("record 甲局 told --on 2026-06-03", "nothing is found against 甲局"),
        ("record 乙局 told", "say on which day it happened; such as --on 2026-06-03"),
        ("record 乙局 told --on 3.6.2026", "--on '3.6.2026' is no day; write it like 2026-07-15"),
        ("record 乙局 told --on 2026-06-04", "2026-06-04 has not come yet"),
        ("record 乙局 told --on 2026-05-31", "2026-05-31 is before found (2026-06-01)"),
        ("record 乙局 answered --on 2026-06-02", "2026-06-02 is before told (2026-06-03)"),
        ("record 乙局 looked --on 2026-06-03", "record `提出异议` first"),
        ("record 乙局 told --on 2026-06-03 --until 2026-06-02", "before the day on which it was"),
        ("record 乙局 closed --on 2026-06-03 --until 2026-06-09", "only of `told`"),
        ("record 乙局 closed --on 2026-06-02", "before what happened last (2026-06-03)"),
        ("record 乙局 told --on 2026-06-03 --objection accepted", "only of `looked`"),
        ("record 乙局 looked --on 2026-06-03 --objection yes", "choose one of accepted, rejected"),
        ("record all told --on 2026-06-03", "of all units at once only `named` is recorded"),
        ("record all withdrawn --event 99", "--event 99: no such event stands"),
        ("--on 2026-06-03", "--on is for `ycaudit cases record UNIT EVENT`"),
        ("--state odjected", "did you mean 'objected'?"),
        ("--format xml", "--format 'xml': choose one of text, json, csv"),
        ("--slips slips.csv", "the sheet is written as .xlsx"),
    ],
)
@pytest.mark.series(6)
def test_what_cannot_have_happened_is_told_and_not_recorded(
    desk: Desk, words: str, told: str
) -> None:
    heard(desk)
    before = listed(desk)
    desk.does("cases", *words.split(), code=2)
    assert told in desk.told
    assert listed(desk) == before


def test_cases_are_listed_by_state_and_for_excel(desk: Desk) -> None:
    heard(desk)
    record(desk, "乙局", "objected", "--on", "2026-06-03", "--note", "=1+1")
    assert list(listed(desk, "--state", "objected", "--state", "due")) == ["乙局"]
    assert list(listed(desk, "--state", "已告知")) == ["丙局"]
    assert desk.does("cases", "--state", "closed").startswith("no unit of run")
    with in_language("zh"):
        shown = desk.does("cases")
    assert "乙局  有异议  异议期至 2026-06-08  （2026-06-03 提出异议）" in shown
    with in_language("en"):
        shown = desk.does("cases")
    assert "  (2026-06-03 " in shown
    assert "（" not in shown
    table = desk.does("cases", "--format", "csv")
    rows = list(csv.DictReader(table.removeprefix("\ufeff").splitlines()))
    assert [(row["单位"], row["办理状态"], row["告知"], row["异议期限"]) for row in rows] == [
        ("乙局", "有异议", "2026-06-03", "2026-06-08"),
        ("丙局", "已告知", "2026-06-03", "2026-06-08"),
    ]


# --- two persons ---


def test_the_same_name_twice_is_one_person(desk: Desk) -> None:
    for name in ("张三", "张 三", "张三 "):
        confirm(desk, name, "b", "c")
    assert "2 different persons must confirm" in circular(desk, code=2)
    (verdict,) = next(iter(desk.last().reports.briefs([1]))).verdicts
    assert confirmed_by(verdict) == ("张三",)


def test_who_takes_back_a_word_confirms_no_more_and_the_last_word_counts(desk: Desk) -> None:
    confirm(desk, "张三", "b", "c")
    confirm(desk, "李四", "b", "c")
    desk.does("show", "last", "--output", "核定.xlsx")
    book = openpyxl.load_workbook(desk.folder / "核定.xlsx")
    for row in book["人工核定"].iter_rows(min_row=2):
        if row[8].value == "b":
            row[5].value, row[6].value = "合格", "张三"
    book.save(desk.folder / "核定.xlsx")
    desk.does("review", "last", "--from", "核定.xlsx")
    reports = {report.target.id: report for report in desk.last().reports.briefs()}
    assert reports["b"].outcome == "pass"
    assert states(desk) == {"丙局": "confirmed"}
    made = reports["c"].verdicts[0].decision
    assert made is not None
    assert [one.by for one in made.made] == ["张三", "李四"]
    assert "decided by 张三、李四 on 2026-06-01" in reports["c"].verdicts[0].reason


def test_a_sheet_read_twice_is_no_second_word(desk: Desk) -> None:
    confirm(desk, "张三", "b", "c")
    assert "2 decisions recorded" in desk.told
    desk.does("review", "last", "--from", "核定.xlsx")
    assert "0 decisions recorded" in desk.told


def test_the_second_person_is_asked_for_what_the_first_has_confirmed(desk: Desk) -> None:
    confirm(desk, "张三", "b")
    run = desk.last()

    def asked(by: str, persons: int) -> list[str]:
        found = questions_of(run, Outcome.FAIL, by=by, persons=persons)
        return [question.report.target.id for question in found]

    assert asked("李四", 2) == ["b", "c"]
    assert asked("张三", 2) == ["c"]
    assert asked("李四", 1) == ["c"]


def test_a_decision_is_sealed_with_what_the_page_shows_and_its_pictures(desk: Desk) -> None:
    report = next(iter(desk.last().reports))
    where = Where(origin="browser", url=report.target.url)
    found = Evidence(sense=Sense.LINK, value="http://p.test/", where=where, file="ab/abcd.png")
    verdict = report.verdicts[0].model_copy(update={"evidence": (found,)})
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    question = Question(report, (verdict,), fingerprint(report))
    made = decision_of(question, verdict, Outcome.FAIL, by="王敏", note="", at=at)
    assert made.page == fingerprint(report)
    assert made.pictures == ("abcd",)


# --- slips ---


def filled(desk: Desk, **answers: tuple[str, ...]) -> Path:
    """The sheet that is given out, filled in by openpyxl: told, answer, grounds, day, name."""
    (desk.folder / "回执.xlsx").unlink(missing_ok=True)
    desk.does("cases", "--slips", "回执.xlsx")
    book = openpyxl.load_workbook(desk.folder / "回执.xlsx")
    head, *rows = book["回执登记"].iter_rows()
    column = {cell.value: place for place, cell in enumerate(head)}
    for row in rows:
        for title, text in zip(
            ("告知日期", "答复", "异议理由", "答复日期", "答复人"),
            answers.get(row[column["编号"]].value, ()),
            strict=False,
        ):
            if text:
                row[column[title]].value = text
    book.save(desk.folder / "回执.xlsx")
    return desk.folder / "回执.xlsx"


def test_a_sheet_of_slips_that_is_there_is_never_written_over(desk: Desk) -> None:
    sheet = filled(desk, b=("2026-06-02", "无异议", "", "2026-06-04", "赵六"))
    before = sheet.read_bytes()
    desk.does("cases", "--slips", sheet.name, code=2)
    assert "回执.xlsx is there already, and may hold answers: choose another name" in desk.told
    assert sheet.read_bytes() == before


def test_slips_are_given_out_and_come_in_by_sheet(desk: Desk) -> None:
    confirm(desk, "张三", "b", "c")
    confirm(desk, "李四", "b", "c")
    desk.clock.set("2026-06-05 09:00")
    sheet = filled(
        desk,
        b=("2026-06-02", "有异议", "页面有链接，在底部", "2026年6月4日", "赵六"),
        c=("2026/6/3", "已整改", "", "2026-06-05", "钱七"),
    )
    rows = list(openpyxl.load_workbook(sheet)["回执登记"].iter_rows(values_only=True))
    assert [row[:3] for row in rows[1:]] == [("乙局", None, "门户"), ("丙局", None, "门户")]
    assert "2 told, 1 answered, 1 objected" in desk.does(
        "cases", "--from", sheet.name, "--by", "王五"
    )
    found = listed(desk)
    assert (found["乙局"]["state"], found["丙局"]["state"]) == ("objected", "answered")
    assert told_of(found["乙局"])[-2:] == [
        ("told", "2026-06-02", "王五"),
        ("objected", "2026-06-04", "赵六"),
    ]
    assert found["丙局"]["events"][-1]["note"] == "已整改"
    # Read once more it says nothing new.
    again = desk.does("cases", "--from", sheet.name, "--by", "王五")
    assert "0 told, 0 answered, 0 objected" in again
    assert listed(desk) == found


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
@pytest.mark.parametrize("kind", ["ods", "xls", "csv:Text - txt - csv (StarCalc):44,34,76"])
def test_a_sheet_that_another_office_suite_saved_comes_in_alike(desk: Desk, kind: str) -> None:
    heard(desk)
    sheet = filled(desk, b=("", "有异议", "在页脚", "2026-06-03", "赵六"))
    profile = f"-env:UserInstallation={(desk.folder / 'profile').as_uri()}"
    line = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(desk.folder)]
    subprocess.run([*line, str(sheet)], check=True, capture_output=True)
    saved = f"回执.{kind.partition(':')[0]}"
    assert "0 told, 0 answered, 1 objected" in desk.does("cases", "--from", saved, "--by", "王五")
    assert listed(desk)["乙局"]["events"][-1]["note"] == "在页脚"


def test_a_sheet_with_a_mistake_records_nothing_and_names_every_row(desk: Desk) -> None:
    heard(desk)
    before = listed(desk)
    rows = [
        *("单位名称,回复意见,异议内容,回复日期,填报人", "乙局,有异议,,2026-06-03,赵"),
        *("丙局,也许,,2026-06-03,赵", "丙局,无异议,,2026-06-03,", "丁局,无异议,,2026-06-03,赵"),
        *("丙局,无异议,,六月,赵", "丙局,无异议,,2026-07-03,赵", "丙局,,,2026-06-03,赵"),
        *("丙局,无异议,,2026-06-02,赵", "丙局,无异议,,2026年6月31日,赵"),
    ]
    (desk.folder / "s.csv").write_text("\n".join(rows), encoding="utf-8")
    desk.does("cases", "--from", "s.csv", "--by", "王五", code=2)
    assert desk.told.splitlines() == [
        "s.csv:2: 异议理由 is empty: an objection says why",
        "s.csv:3: 答复 is '也许'; write 无异议, 有异议 or 已整改, and the rest into 异议理由",
        "s.csv:4: 答复人 is empty: an answer has a name",
        "s.csv:6: 答复日期: '六月' is no day; write 2026-12-31",
        "s.csv:8: 答复 is empty: write 无异议, 有异议 or 已整改",
        "s.csv:10: 答复日期: '2026年6月31日': the calendar has no such day",
        "nothing was recorded: mend this, and hand the sheet in again",
    ]
    # What can be read is held against what is known.
    rows = [rows[0], rows[4], rows[6], rows[8]]
    (desk.folder / "s.csv").write_text("\n".join(rows), encoding="utf-8")
    desk.does("cases", "--from", "s.csv", "--by", "王五", code=2)
    assert desk.told.splitlines() == [
        "s.csv:2: '丁局' is not one unit of this run",
        "s.csv:3: 2026-07-03 has not come yet",
        "s.csv:4: 2026-06-02 is before told (2026-06-03)",
        "nothing was recorded: mend this, and hand the sheet in again",
    ]
    assert listed(desk) == before


def test_what_is_recorded_is_one_row_an_event_and_nothing_else_is_kept_twice(desk: Desk) -> None:
    heard(desk)
    record(desk, "乙局", "answered", "--on", "2026-06-03")
    with opened(desk.folder / "history.sqlite3") as history:
        (event,) = history.known().recorded
    assert (event.kind, event.name, event.site) == ("answered", "乙局", "b")
    assert Case.model_fields.keys() >= {"events", "state", "due"}


def test_a_circular_is_recorded_of_all_units_that_fail_and_taken_back_of_all(desk: Desk) -> None:
    heard(desk)
    record(desk, "all", "named", "--on", "2026-06-03", "--until", "2026-06-20")
    for case in listed(desk).values():
        (event,) = (one for one in case["events"] if one["kind"] == "named")
        assert (event["on"], event["by"], event["until"]) == ("2026-06-03", "李四", "2026-06-20")
    told = desk.does("cases", "--unit", "乙局")
    assert "2026-06-03 通报  李四  整改期至 2026-06-20" in told
    record(desk, "all", "withdrawn", "--event", str(event["number"]))
    assert all(one["kind"] != "named" for case in listed(desk).values() for one in case["events"])
    taken_back = [
        line for line in desk.does("cases", "--unit", "乙局").splitlines() if "撤回" in line
    ]
    assert len(taken_back) == 1
    assert "（误记，已撤回）2026-06-03 通报" in taken_back[0]
    assert "（撤回：2026-06-03 李四）" in taken_back[0]


def test_whose_objection_was_accepted_is_not_named_while_it_fails(desk: Desk) -> None:
    heard(desk)
    desk.clock.set("2026-06-10 09:00")
    desk.does("scan", *LOOK, code=1)
    record(desk, "乙局", "objected", "--on", "2026-06-06")
    looked = ("乙局", "looked", "--on", "2026-06-10", "--objection")
    record(desk, *looked, "accepted")
    assert "乙局: its objection was accepted on 2026-06-10" in circular(desk, code=2)
    assert "异议成立" in desk.does("cases", "--unit", "乙局")
    record(desk, *looked, "rejected")
    assert "异议不成立" in desk.does("cases", "--unit", "乙局")
    circular(desk)
