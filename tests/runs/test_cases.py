"""Cases follow from what the history holds: runs, decisions, letters, and what persons record."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from support.history import START, run
from support.pages import NOON
from ycaudit.model import Decision, MemoryReports, Outcome, ScanRun
from ycaudit.runs.cases import Case, Kind, Known, Recorded, State, cases_of
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.hearings import unheard
from ycaudit.runs.history import opened
from ycaudit.runs.history_file import MIGRATIONS
from ycaudit.runs.letter_log import LetterKey
from ycaudit.runs.office_settings import Hearing, person

FIVE = Hearing(days=5)
DAY = START.date()
"""The day of run 0 at the office, where it is four in the afternoon."""


def day(number: int) -> date:
    return DAY + timedelta(number)


def one_unit(whole: ScanRun, name: str = "甲局") -> ScanRun:
    """The sites of the run as those of one unit."""
    reports = (
        report.model_copy(
            update={"target": report.target.model_copy(update={"unit": name, "office": "教育局"})}
        )
        for report in whole.reports
    )
    return whole.header.with_reports(MemoryReports(reports))


def event(
    kind: Kind, number: int, *, site: str = "a", name: str = "a局", **more: object
) -> Recorded:
    return Recorded(kind=kind, on=day(number), by="王", at=NOON, name=name, site=site, **more)


def case_after(
    tmp_path: Path,
    *runs: ScanRun,
    recorded: Sequence[Recorded] = (),
    letters: Sequence[tuple[str, datetime]] = (),
    today: date = DAY + timedelta(99),
) -> list[Case]:
    """The cases of the last run, with these runs and events in the history."""
    with opened(tmp_path / "h.sqlite3") as history:
        for one in runs:
            history.save(one)
        for event in recorded:
            history.record(event)
        for site, at in letters:
            history.letters.note_sent(LetterKey(run="r", kind="unit", unit=site), "w@x.test", at)
        return list(cases_of(runs[-1], history.known(), FIVE, today))


def test_a_unit_has_one_case_whichever_of_its_sites_is_told(tmp_path: Path) -> None:
    whole = one_unit(run(0, a="+", b="-"))
    at = START + timedelta(days=2)
    (case,) = case_after(tmp_path, whole, letters=(("b", at),), today=day(3))
    assert (case.unit, case.office, case.sites) == ("甲局", "教育局", ("a", "b"))
    assert [(e.kind, e.on) for e in case.events] == [("found", day(0)), ("told", day(2))]
    assert (case.state, case.due) == (State.TOLD, day(7))


def test_what_was_recorded_is_found_by_the_name_of_the_unit_where_the_list_names_its_site_anew(
    tmp_path: Path,
) -> None:
    told = event(Kind.TOLD, 1, site="old", name="甲局", office="教育局")
    (case,) = case_after(tmp_path, one_unit(run(0, a="-", b="-")), recorded=(told,))
    assert case.last(Kind.TOLD) is not None
    other = event(Kind.TOLD, 1, site="old", name="甲局", office="卫健委")
    with opened(tmp_path / "2.sqlite3") as history:
        history.record(other)
        known = history.known()
    (case,) = cases_of(one_unit(run(0, a="-")), known, FIVE, day(9))
    assert case.last(Kind.TOLD) is None  # another office has one of the same name


def test_an_objection_is_open_until_somebody_has_looked_again(tmp_path: Path) -> None:
    story = (event(Kind.TOLD, 1), event(Kind.OBJECTED, 2))
    (case,) = case_after(tmp_path, run(0, a="-"), run(3, a="-"), recorded=story)
    assert case.state is State.OBJECTED  # a nightly look is no hearing
    looked = (*story, event(Kind.LOOKED, 3))
    (case,) = case_after(tmp_path, run(0, a="-"), run(3, a="-"), recorded=looked[2:])
    assert case.state is State.DUE
    (case,) = case_after(
        tmp_path, run(0, a="-"), run(3, a="-"), recorded=(event(Kind.OBJECTED, 4),)
    )
    assert case.state is State.OBJECTED


def test_who_is_told_anew_may_object_anew(tmp_path: Path) -> None:
    story = (event(Kind.TOLD, 1), event(Kind.TOLD, 10, until=day(12)))
    (case,) = case_after(tmp_path, run(0, a="-"), recorded=story, today=day(12))
    assert (case.due, case.state) == (day(12), State.TOLD)


def test_who_has_mended_it_is_not_held_to_it_and_who_never_failed_has_no_case(
    tmp_path: Path,
) -> None:
    runs = run(0, a="-", b="+"), run(1, a="+", b="+")
    (case,) = case_after(tmp_path, *runs, recorded=(event(Kind.TOLD, 0),))
    assert (case.id, case.state) == ("a", State.MENDED)


def test_what_it_failed_before_its_case_was_closed_is_no_part_of_the_next(tmp_path: Path) -> None:
    runs = run(0, a="-"), run(1, a="+"), run(5, a="-")
    story = (event(Kind.TOLD, 0), event(Kind.OBJECTED, 1), event(Kind.CLOSED, 2))
    (case,) = case_after(tmp_path, *runs, recorded=story)
    assert [(e.kind, e.on) for e in case.events] == [("found", day(5))]
    assert case.state is State.FOUND
    (why,) = unheard(runs[-1], [case], FIVE, day(6))
    assert "was told of nothing yet" in why


def test_decisions_of_two_persons_stand_side_by_side_with_their_pictures(tmp_path: Path) -> None:
    whole = run(0, a="?")
    report = whole.reports[0]
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(whole)
        for number, name in enumerate(("王敏", "李四", "王 敏")):
            made = Decision(
                outcome=Outcome.FAIL,
                by=name,
                at=START + timedelta(days=number),
                page=fingerprint(report),
                pictures=("ab" * 32,),
            )
            history.decide("a", "p", made)
        known = history.known()
        told = decided(whole, history.decisions())
        history.withdraw("a", "p", fingerprint(report), "李 四")
        alone = decided(whole, history.decisions())
    (verdict,) = told.reports[0].verdicts
    assert verdict.decision is not None
    made = [(one.by, one.pictures) for one in verdict.decision.made]
    assert made == [("李四", ("ab" * 32,)), ("王 敏", ("ab" * 32,))]
    (case,) = cases_of(told, known, Hearing(persons=2), day(9))
    assert case.state is State.CONFIRMED
    (case,) = cases_of(alone, Known(), Hearing(persons=2), day(9))
    assert case.state is State.FOUND


def test_a_unit_is_told_only_when_its_letters_name_all_that_is_confirmed_against_it(
    tmp_path: Path,
) -> None:
    whole = one_unit(run(0, a="-", b="-"))
    at = START + timedelta(days=1)
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(whole)
        for report in whole.reports:
            made = Decision(outcome=Outcome.FAIL, by="王", at=at, page=fingerprint(report))
            history.decide(report.target.id, "p", made)
        run_now = decided(whole, history.decisions())
        for named, state, why in (
            ((("a", "p"),), State.CONFIRMED, "was not told of all that is confirmed against it"),
            ((("a", "p"), ("b", "p")), State.TOLD, "may object until"),
        ):
            key = LetterKey(run=whole.id, kind="unit", unit="a", named=named)
            history.letters.note_sent(key, "w@x.test", at + timedelta(hours=len(named)))
            (case,) = cases_of(run_now, history.known(), FIVE, day(3))
            assert case.state is state
            assert why in str(*unheard(run_now, [case], FIVE, day(3)))


def test_a_name_is_one_however_it_is_spaced_or_typed() -> None:
    assert person("张 三") == person(" 张三\u3000") == person("张三")
    assert person("Ｗang Ｍin") == person("wang min")
    assert person("张三") != person("张山")


def test_a_decision_of_an_earlier_version_keeps_its_person(tmp_path: Path) -> None:
    made = Decision(outcome=Outcome.FAIL, by="王敏", at=datetime(2026, 6, 1, 9), page="x")
    path = tmp_path / "h.sqlite3"
    with sqlite3.connect(path) as db:
        for script in MIGRATIONS[:11]:
            db.executescript(script)
        db.execute("PRAGMA user_version = 11")
        db.execute("INSERT INTO decisions VALUES ('a', 'p', 'x', ?)", (made.model_dump_json(),))
    db.close()
    with opened(path) as history:
        assert history.decisions() == {("a", "p"): [made]}
