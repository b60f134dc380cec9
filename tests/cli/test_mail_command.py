"""`mail`: shown before it is sent, nobody twice, nobody forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.testing

from support.history import START, run
from support.inbox import Inbox, environment, serving
from support.letters import body
from ycaudit.cli.app import build
from ycaudit.errors import AuditError
from ycaudit.model import Contact, Decision, MemoryReports, Outcome, ScanRun
from ycaudit.reasons import Reason
from ycaudit.runs.decisions import fingerprint
from ycaudit.runs.history import opened
from ycaudit.runs.letter_log import LetterKey

Ask = Callable[..., str]


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    box = Inbox()
    with serving(box) as port:
        for key, value in environment(port).items():
            monkeypatch.setenv(key, value)
        yield box


def mail(*words: str) -> tuple[str, str]:
    """What the command prints, and why it could not do all; the latter is empty where it could."""
    done = typer.testing.CliRunner().invoke(build("mail", "show"), ["mail", "last", *words])
    if done.exception is None or isinstance(done.exception, SystemExit):
        assert done.exit_code == 0, done.output
        return done.output, ""
    assert isinstance(done.exception, AuditError), done.exception
    return done.output, str(done.exception)


def addressed(whole: ScanRun, **emails: str) -> ScanRun:
    """The run, its sites with these addresses."""
    reports = (
        r.model_copy(
            update={
                "target": r.target.model_copy(
                    update={"contact": Contact(email=emails.get(r.target.id))}
                )
            }
        )
        for r in whole.reports
    )
    return whole.header.with_reports(MemoryReports(reports))


def keep(folder: Path, whole: ScanRun) -> None:
    with opened(folder / "history.sqlite3") as history:
        history.save(whole)


def test_the_command_shows_first_and_sends_once(box: Inbox, tmp_path: Path) -> None:
    keep(tmp_path, run(0, a="-"))
    shown, _ = mail("--to", "w@city.test")
    assert "Subject: 规则：不合格 1（新增 1 家）" in shown
    assert "附件: 检查结果_20260601.xlsx\n" in shown
    assert "通报未附上：1 家单位的不合格结论尚未经人工核定。" in shown
    named, _ = mail("--to", "w@city.test", "--unreviewed")
    assert "检查结果_20260601.xlsx、通报_20260601.docx" in named
    assert "未附上" not in named
    assert box.letters == []
    for _ in range(2):
        assert mail("--to", "w@city.test", "--send")[1] == ""
    again, _ = mail("--to", "w@city.test")
    assert "Subject: 规则：不合格 1（新增 1 家）" in again
    assert "1 letter sent before, and not again" in again
    assert "--send sends" not in again
    another, _ = mail("--to", "w@city.test", "--to", "x@city.test")
    assert "1 letter, not sent: --send sends" in another
    (got,) = box.letters
    (workbook,) = got.iter_attachments()
    assert workbook.get_content()[:2] == b"PK"


def test_two_units_that_share_a_contact_get_a_letter_each_with_its_notice(
    box: Inbox, tmp_path: Path
) -> None:
    keep(tmp_path, addressed(run(0, a="-", b="-"), a="w@city.test", b="w@city.test"))
    assert mail("--to-units", "--unreviewed", "--send")[1] == ""
    assert [str(one["Subject"]) for one in box.letters] == [
        "关于a局网站首页问题的整改提醒",
        "关于b局网站首页问题的整改提醒",
    ]
    names = [[f.get_filename() for f in one.iter_attachments()] for one in box.letters]
    assert [len(files) for files in names] == [1, 1]
    assert "a局" in str(names[0])
    assert "b局" in str(names[1])
    assert len({one["Message-ID"] for one in box.letters}) == 2


def test_a_series_that_breaks_off_is_told_and_goes_on_where_it_stopped(
    box: Inbox, tmp_path: Path
) -> None:
    emails = {name: f"{name}@city.test" for name in "abc"}
    keep(tmp_path, addressed(run(0, a="-", b="-", c="-"), **emails))
    box.breaks_off_at = 2
    _said, why = mail("--to-units", "--unreviewed", "--send")
    assert "1 of 3 letters handed over" in why
    assert "the same once more sends what is left" in why
    assert box.recipients == [["a@city.test"]]
    box.breaks_off_at = None
    assert mail("--to-units", "--unreviewed", "--send")[1] == ""
    assert box.recipients == [["a@city.test"], ["b@city.test"], ["c@city.test"]]
    assert mail("--to-units", "--unreviewed", "--send")[1] == ""
    assert len(box.letters) == 3


def test_a_recipient_that_is_refused_is_told_and_tried_again_alone(
    box: Inbox, tmp_path: Path
) -> None:
    keep(tmp_path, run(0, a="-"))
    box.unknown = {"x@city.test"}
    both = ("--to", "w@city.test", "--to", "x@city.test", "--send")
    _said, why = mail(*both)
    assert "x@city.test" in why
    assert "the same once more sends what is left" in why
    box.unknown = set()
    assert mail(*both)[1] == ""
    assert box.recipients == [["w@city.test"], ["x@city.test"]]
    first, second = box.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_a_letter_that_is_refused_does_not_keep_the_others(box: Inbox, tmp_path: Path) -> None:
    emails = {name: f"{name}@city.test" for name in "ab"}
    keep(tmp_path, addressed(run(0, a="-", b="-"), **emails))
    box.unknown = {"a@city.test"}
    _, why = mail("--to-units", "--unreviewed", "--send")
    assert "a@city.test" in why
    assert box.recipients == [["b@city.test"]]


def test_no_unit_is_written_to_whose_fail_nobody_has_confirmed(box: Inbox, tmp_path: Path) -> None:
    whole = addressed(run(0, a="-", b="-"), a="a@city.test", b="b@city.test")
    keep(tmp_path, whole)
    page = fingerprint(next(iter(whole.reports)))
    with opened(tmp_path / "history.sqlite3") as history:
        made = Decision(outcome=Outcome.FAIL, by="王敏", at=START, page=page)
        history.decide("a", "p", made)
    _, why = mail("--to-units", "--send")
    assert "no letter to 1 unit whose" in why
    assert "b局" in why
    assert box.recipients == [["a@city.test"]]


def test_a_unit_is_written_to_again_when_more_is_found_against_it(
    box: Inbox, tmp_path: Path
) -> None:
    """One of its sites fails; of the other a person says so later."""
    whole = addressed(run(0, a="-", b="?"), a="a@city.test", b="a@city.test")
    one_unit = (
        r.model_copy(update={"target": r.target.model_copy(update={"unit": "甲局"})})
        for r in whole.reports
    )
    keep(tmp_path, whole := whole.header.with_reports(MemoryReports(one_unit)))
    first, second = whole.reports
    for report in (first, second):
        with opened(tmp_path / "history.sqlite3") as history:
            made = Decision(outcome=Outcome.FAIL, by="王敏", at=START, page=fingerprint(report))
            history.decide(report.target.id, "p", made)
        for _ in range(2):
            assert mail("--to-units", "--send")[1] == ""
    before, after = (body(one, "plain") for one in box.letters)
    assert "http://b.test/" not in before
    assert "http://a.test/" in after
    assert "http://b.test/" in after
    assert len({one["Message-ID"] for one in box.letters}) == 2
    with opened(tmp_path / "history.sqlite3") as history:
        assert len(history.known().letters) == 2


def test_letters_of_an_earlier_version_are_not_sent_again(box: Inbox, tmp_path: Path) -> None:
    keep(tmp_path, whole := run(0, a="-"))
    with opened(tmp_path / "history.sqlite3") as history:
        history._db.execute(
            "INSERT INTO letters VALUES (?, '', '', ?, ?, NULL, NULL)",
            (whole.id, "王 <w@city.test>", START.isoformat()),
        )
        key = LetterKey(run=whole.id, kind="unit", unit="a", named=(("a", "p"),))
        assert history.letters.was_sent(key, "w@city.test", "王 <w@city.test>")
        assert not history.letters.was_sent(key, "w@city.test", "w@city.test")
    assert mail("--to", "王 <w@city.test>", "--send")[1] == ""
    assert box.letters == []


@pytest.mark.parametrize("between", [",", ";", "，", "； "])
def test_several_readers_stand_in_one_word(box: Inbox, tmp_path: Path, between: str) -> None:
    keep(tmp_path, run(0, a="-"))
    assert mail("--to", f"w@city.test{between}x@city.test", "--send")[1] == ""
    assert box.recipients == [["w@city.test", "x@city.test"]]


def test_a_run_that_was_interrupted_and_goes_on_is_told_of_twice(
    box: Inbox, tmp_path: Path
) -> None:
    whole = run(0, a="-", b="-")
    (first, _) = whole.reports
    header = whole.header.model_copy(update={"complete": False})
    keep(tmp_path, header.with_reports(MemoryReports([first])))
    words = ("--to", "w@city.test", "--send")
    assert mail(*words)[1] == mail(*words)[1] == ""
    keep(tmp_path, whole)
    assert mail(*words)[1] == mail(*words)[1] == ""
    assert [("检查中断" in str(one["Subject"])) for one in box.letters] == [True, False]


def test_the_letter_is_in_chinese_whatever_the_place_speaks(
    box: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, run(0, a="-"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    subjects = []
    for language in (None, "en"):
        if language is None:
            monkeypatch.delenv("YCAUDIT_LANG")
        else:
            monkeypatch.setenv("YCAUDIT_LANG", language)
        subjects.append(mail("--to", "w@city.test")[0].partition("Subject: ")[2].splitlines()[0])
    assert subjects == ["规则：不合格 1（新增 1 家）", "规则：fail 1（1 newly failing）"]


def test_quietly_nothing_is_printed(box: Inbox, tmp_path: Path) -> None:
    keep(tmp_path, addressed(run(0, a="-"), a="a@city.test"))
    done = typer.testing.CliRunner().invoke(
        build("mail", "show"), ["mail", "last", "--to", "w@city.test", "--quiet"]
    )
    assert done.stdout == ""


def test_the_text_of_a_unit_letter_is_shown_before_it_is_sent(box: Inbox, tmp_path: Path) -> None:
    keep(tmp_path, addressed(run(0, a="-"), a="a@city.test"))
    shown, _ = mail("--to-units", "--unreviewed")
    assert "To: a@city.test" in shown
    assert "整改通知书见附件。" in shown
    assert box.letters == []
    mail("--to-units", "--unreviewed", "--send")
    assert "整改通知书见附件。" in body(box.letters[0], "plain")


def test_each_office_gets_the_letter_about_its_own_units(box: Inbox, tmp_path: Path) -> None:
    whole = run(0, a="-", b="-", c="+")
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update={"office": office})})
        for r, office in zip(whole.reports, ("教育局", "卫健委", "教育局"), strict=True)
    )
    keep(tmp_path, whole.header.with_reports(MemoryReports(reports)))
    words = ("--to", "w@city.test", "--send")
    for office in ("教育局", "卫健委", "教育局"):
        assert mail("--office", office, *words)[1] == ""
    schools, clinics = box.letters
    assert "应检 2 家" in body(schools, "plain")
    assert "a局" in body(schools, "plain")
    assert "b局" not in body(schools, "plain")
    assert "应检 1 家" in body(clinics, "plain")
    assert "its offices are 教育局, 卫健委" in mail("--office", "财政局", *words)[1]


@pytest.mark.parametrize(("command", "code"), [("diff", 0), ("review", 2)])
def test_changes_and_questions_are_narrowed_to_an_office(
    command: str, code: int, tmp_path: Path
) -> None:
    whole = run(0, a="-", b="-")
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update={"office": f"{r.target.id}办"})})
        for r in whole.reports
    )
    keep(tmp_path, whole.header.with_reports(MemoryReports(reports)))
    words = {
        "diff": ["diff", "--office", "a办"],
        "review": ["review", "--fails", "--office", "a办"],
    }
    done = typer.testing.CliRunner().invoke(build("diff", "review"), words[command])
    assert (2 if isinstance(done.exception, AuditError) else done.exit_code) == code, done.output
    assert "a局" in done.output
    assert "b局" not in done.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("YCAUDIT_SMTP_HOST", "smtp://audit:hunter2@127.0.0.1:25", "write only the host"),
        ("YCAUDIT_MAIL_FROM", "audit", "YCAUDIT_MAIL_FROM: 'audit' is no e-mail address"),
        (
            "YCAUDIT_MAIL_TO",
            "li＠city.test",
            "YCAUDIT_MAIL_TO: 'li＠city.test' is no e-mail address",
        ),
    ],
)
def test_a_scan_that_could_not_send_its_letter_is_refused_before_it_looks(
    box: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("YCAUDIT_MAIL_TO", "w@city.test")
    monkeypatch.setenv(name, value)
    done = typer.testing.CliRunner().invoke(build("scan", "show"), ["scan", "no.yaml", "--mail"])
    assert isinstance(done.exception, AuditError)
    assert said in str(done.exception)
    assert "hunter2" not in str(done.exception)


def test_a_suspect_run_is_marked_wherever_it_is_listed_or_compared(tmp_path: Path) -> None:
    why = (Reason.of("many_unreachable", count=1, units=1),)
    keep(tmp_path, run(0, a="+"))
    keep(tmp_path, run(1, a="?").header.model_copy(update={"suspicions": why}).with_reports(
        run(1, a="?").reports
    ))  # fmt: skip
    runner, program = typer.testing.CliRunner(), build("history", "diff")
    suspect, sound = runner.invoke(program, ["history"]).output.splitlines()
    assert suspect.endswith("  (suspect)")
    assert not sound.endswith(")")
    assert f"run {run(1).id} is suspect: " in runner.invoke(program, ["diff"]).output
    assert "suspect" not in runner.invoke(program, ["diff", "--", "", run(0).id]).output


def test_a_letter_of_a_night_in_which_nothing_was_finished_has_no_files(
    box: Inbox, tmp_path: Path
) -> None:
    keep(tmp_path, run(0, complete=False))
    assert mail("--to", "w@city.test", "--send")[1] == ""
    (got,) = box.letters
    assert [*got.iter_attachments()] == []
    listed = typer.testing.CliRunner().invoke(build("history", "show"), ["history"]).output
    assert "  0 sites  规则  (interrupted)" in listed
    shown = typer.testing.CliRunner().invoke(build("history", "show"), ["show", "last"]).output
    assert "0 units in 0.0 s (interrupted: the finished units only)" in shown
