"""Questions to a person: by unit, confirmed by Enter, taken back at will."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import typer
from docx import Document

from support.cli import ycaudit
from support.history import run
from support.pages import blind, code, link, page, unseen
from ycaudit import office_time
from ycaudit.auditing.questions import calls_of
from ycaudit.cli import image_files, review
from ycaudit.errors import AuditError
from ycaudit.i18n import VARIABLE
from ycaudit.model import Contact, Decision, MemoryReports, ScanRun, Sense, Target, UnitReport
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import opened

Press = Callable[[str], str]
LINK = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])
QR = QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": "right"}])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def press(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Press:
    """Answers a review with these keys; returns what was printed."""

    def pressed(keys: str) -> str:
        left = iter(keys)
        monkeypatch.setattr(typer, "getchar", lambda: next(left))
        monkeypatch.setattr(typer, "prompt", lambda *_args, **_named: "打电话问过")
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        review.command(by="王敏", history=file)
        assert list(left) == []
        return capsys.readouterr().out

    return pressed


def kept(file: Path, whole: ScanRun) -> None:
    with opened(file) as history:
        history.save(whole)


def outcomes(file: Path) -> list[list[str]]:
    with opened(file) as history:
        found = decided(history.load("last"), history.decisions())
    return [[v.outcome for v in report.verdicts] for report in found.reports]


def three_units() -> ScanRun:
    """A unit that cannot be opened, one with two doubts, one in order; two duties each."""
    rules = (LINK, QR)
    looks = {
        "甲局": unseen(),
        "乙局": page(blind(Sense.LINK, Sense.QR_CODE), link("http://unit.test/")),
        "丙局": page(link("http://p.test/"), code("right")),
    }
    reports = []
    for name, seen in looks.items():
        contact = Contact(person="张三", phone="0717-6251234")
        target = Target(id=name, name=name, url="http://unit.test/", contact=contact)
        verdicts = Unit(target=target, requirements=rules).judge(seen)
        reports.append(UnitReport(target=target, observations=(seen,), verdicts=verdicts))
    return run(0).header.with_reports(MemoryReports(reports))


def test_a_homepage_that_could_not_be_opened_is_one_question(file: Path, press: Press) -> None:
    kept(file, three_units())
    told = press("f\rsq")
    assert "[1/3]" in told
    assert "one answer for all 2" in told
    assert "2 decisions recorded" in told
    assert outcomes(file) == [["fail"] * 2, ["undetermined"] * 2, ["pass"] * 2]


def test_what_must_be_absent_of_a_homepage_that_nobody_saw_is_asked_by_itself(
    file: Path, press: Press
) -> None:
    sold = LINK.model_copy(update={"id": "sold", "name": "旧网址", "expect": "absent"})
    target = Target(id="甲局", name="甲局", url="http://unit.test/")
    verdicts = Unit(target=target, requirements=(LINK, sold, QR)).judge(unseen())
    report = UnitReport(target=target, observations=(unseen(),), verdicts=verdicts)
    kept(file, run(0).header.with_reports(MemoryReports([report])))
    told = press("f\rs")
    assert "one answer for all 2" in told
    assert "it must not be on the homepage: pass says that it is not there" in told
    assert outcomes(file) == [["fail", "undetermined", "fail"]]


def test_one_decision_is_told_in_the_singular(file: Path, press: Press) -> None:
    kept(file, run(0, a="?"))
    assert "1 decision recorded; it holds as long as the page shows the same" in press("f\r")


def test_one_answer_may_be_taken_apart(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("ef\rp\rq")
    assert outcomes(file)[0] == ["fail", "pass"]


def test_nothing_is_recorded_without_enter(file: Path, press: Press) -> None:
    kept(file, three_units())
    assert "0 decisions recorded" in press("fxp q")
    assert outcomes(file)[0] == ["undetermined"] * 2


def test_a_note_is_written_where_it_is_asked_for(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("pnq")
    with opened(file) as history:
        assert {d.note for made in history.decisions().values() for d in made} == {"打电话问过"}


def test_an_answer_is_taken_back_and_asked_again(file: Path, press: Press) -> None:
    kept(file, three_units())
    told = press("f\rp\ruuq")
    assert told.count("taken back") == 2
    assert told.count("[1/3]") == 2
    assert "0 decisions recorded" in told
    assert outcomes(file) == [["undetermined"] * 2, ["undetermined"] * 2, ["pass"] * 2]


def test_what_was_decided_before_comes_back_with_it(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("p\rq")
    with opened(file) as history:
        ((one,), _) = history.decisions().values()
        other: Decision = one.model_copy(update={"page": "of another page"})
        history.decide("甲局", LINK.id, other)
    press("f\ruq")
    with opened(file) as history:
        assert sorted(history.decisions()["甲局", LINK.id], key=str) == sorted(
            [one, other], key=str
        )


def test_units_that_are_to_be_called_stay_open_and_are_listed_with_their_telephones(
    file: Path, press: Press
) -> None:
    kept(file, three_units())
    told = press("ttq")
    assert "待电话核实：\n  甲局  张三  0717-6251234\n  乙局  张三  0717-6251234" in told
    assert outcomes(file) == [["undetermined"] * 2, ["undetermined"] * 2, ["pass"] * 2]


def to_call(file: Path) -> list[tuple[str, str]]:
    with opened(file) as history:
        return sorted(calls_of(history.load("last"), history))


def test_who_is_to_be_called_is_kept_until_somebody_decides(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("tq")
    assert to_call(file) == [("甲局", "p"), ("甲局", "q")]
    again = press("p\rq")
    assert f"  待电话核实：王敏，{office_time.today()}" in again
    assert to_call(file) == []


def test_the_next_run_asks_for_the_same_call_unless_the_page_shows_something_else(
    file: Path, press: Press
) -> None:
    kept(file, three_units())
    press("stq")
    later = three_units().header.model_copy(update={"id": "later", "started_at": run(7).started_at})
    kept(file, later.with_reports(three_units().reports))
    assert to_call(file) == [("乙局", "p")]
    first, changed, last = three_units().reports
    changed = changed.model_copy(update={"observations": (page(link("http://other.test/")),)})
    kept(file, later.with_reports(MemoryReports((first, changed, last))))
    assert to_call(file) == []


def test_a_call_is_taken_back_and_what_was_noted_before_comes_back_with_it(
    file: Path, press: Press
) -> None:
    kept(file, three_units())
    press("tq")
    with opened(file) as history:
        before = history.calls()
    press("tuq")
    with opened(file) as history:
        assert history.calls() == before
    press("stuq")
    with opened(file) as history:
        assert history.calls() == before


def test_a_decision_that_is_taken_back_leaves_the_call_to_be_made(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("tq")
    press("f\ruq")
    assert to_call(file) == [("甲局", "p"), ("甲局", "q")]


def filled_in(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """A workbook of the last run with these decisions, persons and notes in its rows."""
    book = folder / "filled.xlsx"
    assert ycaudit("show", "last", "--output", book, cwd=folder).returncode == 0
    filled = openpyxl.load_workbook(book)
    head, *lines = filled["人工核定"].iter_rows()
    column = {cell.value: place for place, cell in enumerate(head)}
    for line, words in zip(lines, rows, strict=False):
        for heading, word in zip(("人工核定", "核定人", "备注"), words, strict=True):
            line[column[heading]].value = word or None
    filled.save(book)
    return book


def test_a_call_in_the_workbook_is_kept_and_stands_in_the_next_one_and_on_the_list(
    tmp_path: Path,
) -> None:
    kept(tmp_path / "history.sqlite3", three_units())
    book = filled_in(
        tmp_path, ("待电话核实", "李强", "问网址"), ("", "", ""), ("待电话核实", "", "")
    )
    done = ycaudit("review", "--from", book, cwd=tmp_path)
    assert done.stderr.splitlines() == []
    assert done.stdout.splitlines() == [
        f"0 decisions recorded from {book}; to be asked on the telephone: 2",
        "",
        "待电话核实：",
        "  甲局  张三  0717-6251234",
        "  乙局  张三  0717-6251234",
    ]
    paper = tmp_path / "open.docx"
    ycaudit("show", "last", "--output", book, "--output", f"undetermined:{paper}", cwd=tmp_path)
    rows = openpyxl.load_workbook(book)["人工核定"].iter_rows(min_row=2, values_only=True)
    assert [row[5:8] for row in rows] == [
        ("待电话核实", "李强", "问网址"),
        (None, None, None),
        ("待电话核实", None, None),
        (None, None, None),
    ]
    (table,) = Document(str(paper)).tables
    day = office_time.today()
    assert [row.cells[3].text.splitlines()[-1] for row in table.rows[1:]] == [
        f"待电话核实（李强，{day}，问网址）",
        f"待电话核实（{day}）",
    ]
    again = ycaudit("review", "--from", book, cwd=tmp_path)
    assert again.stdout.splitlines()[0] == f"0 decisions recorded from {book}"
    assert "  甲局  张三  0717-6251234" in again.stdout.splitlines()


def test_what_is_decided_is_not_asked_again(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("p\rp\rp\r")
    assert "nothing is 待核实" in press("")


def test_without_anybody_there_the_doubts_are_listed_and_the_review_could_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(run(0, a="?"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(AuditError, match="nobody is there to decide: run this in a terminal"):
        review.command(history=tmp_path / "h.sqlite3")
    assert "a局  门户：待核实" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "name"),
    [({"LANG": "en_US.UTF-8"}, "人工核定"), ({VARIABLE: "en"}, "decision of a person")],
)
def test_the_sheet_to_fill_in_is_named_as_it_is_in_the_workbook(
    language: dict[str, str], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv("LC_ALL", raising=False)
    for variable, value in language.items():
        monkeypatch.setenv(variable, value)
    whole, book = run(0, a="?"), tmp_path / "book.xlsx"
    kept(tmp_path / "h.sqlite3", whole)
    with book.open("wb") as out:
        FORMATS["xlsx"].render(whole, out)
    assert name in openpyxl.load_workbook(book).sheetnames
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(AuditError, match=f"fill in the sheet “{name}” of a workbook"):
        review.command(history=tmp_path / "h.sqlite3")


def test_a_picture_is_opened_only_where_somebody_and_a_screen_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[str] = []
    monkeypatch.setattr(typer, "launch", launched.append)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"")
    for is_there, display, file in (
        (False, ":0", picture),
        (True, "", picture),
        (True, ":0", tmp_path / "none.png"),
    ):
        monkeypatch.setattr(sys.stdin, "isatty", lambda is_there=is_there: is_there, raising=False)
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        image_files.open_picture(file)
    assert launched == []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    image_files.open_picture(picture)
    assert launched == [str(picture)]


def test_a_filled_sheet_with_one_wrong_row_records_nothing_and_says_so(tmp_path: Path) -> None:
    whole, book = run(0, a="?", b="?"), tmp_path / "filled.xlsx"
    kept(tmp_path / "history.sqlite3", whole)
    with book.open("wb") as out:
        FORMATS["xlsx"].render(whole, out)
    filled = openpyxl.load_workbook(book)
    head, *rows = filled["人工核定"].iter_rows()
    column = {cell.value: place for place, cell in enumerate(head)}
    for row, by in zip(rows, ("王敏", ""), strict=True):
        row[column["人工核定"]].value, row[column["核定人"]].value = "合格", by
    filled.save(book)
    done = ycaudit("review", "--from", "filled.xlsx", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "ycaudit: filled.xlsx:3: sheet 人工核定: 核定人 is empty: a decision has a name",
        "ycaudit: nothing was recorded: mend this, and hand the sheet in again",
    ]
    assert outcomes(tmp_path / "history.sqlite3") == [["undetermined"], ["undetermined"]]
