"""Questions to a person: by unit, confirmed by Enter, taken back at will."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from support.history import run
from support.pages import blind, code, link, page, unseen
from ycaudit.cli import image_files, review
from ycaudit.model import Contact, Decision, MemoryReports, ScanRun, Sense, Target, UnitReport
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


def test_what_is_decided_is_not_asked_again(file: Path, press: Press) -> None:
    kept(file, three_units())
    press("p\rp\rp\r")
    assert "nothing is 待核实" in press("")


def test_without_anybody_there_the_doubts_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(run(0, a="?"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    review.command(history=tmp_path / "h.sqlite3")
    told = capsys.readouterr()
    assert "a局  门户：待核实" in told.out
    assert "run this in a terminal" in told.err


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
