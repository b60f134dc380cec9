"""What a run tells against what was known: decisions, circulars, carried and repeated looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.history import START, run
from support.pages import link, page
from ycaudit import office_time
from ycaudit.errors import AuditError
from ycaudit.model import Decision, MemoryReports, Outcome, ScanRun
from ycaudit.runs.cases import Kind as EventKind
from ycaudit.runs.cases import Recorded
from ycaudit.runs.decisions import decided, fingerprint
from ycaudit.runs.diff import Comparison, Kind, compare, past_of
from ycaudit.runs.history import LAST, History, opened


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path / "history.sqlite3") as kept:
        yield kept


def told(history: History, last: ScanRun, *before: ScanRun) -> Comparison:
    for one in (*before, last):
        history.save(one)
    return compare(history.past(before=last), last)


def with_header(whole: ScanRun, **more: object) -> ScanRun:
    return whole.header.model_copy(update=more).with_reports(whole.reports)


def issue(history: History, run_id: str, unit: str, day: int, due: int | None = None) -> None:
    """Record that a circular was issued that names a unit."""
    on = office_time.today(START) + timedelta(days=day)
    history.record(
        Recorded(
            kind=EventKind.NAMED, on=on, by="王敏", at=START, name=f"{unit}局", site=unit,
            run=run_id, named=((unit, "p"),),
            until=None if due is None else on + timedelta(days=due),
        )
    )  # fmt: skip


def carrying(base: ScanRun, looked_at: ScanRun) -> ScanRun:
    """The run that looked at some units and took the others from the base."""
    fresh = {report.target.id: report for report in looked_at.reports}
    reports = (fresh.get(report.target.id, report) for report in base.reports)
    return looked_at.header.with_reports(MemoryReports(reports))


def by_hand(whole: ScanRun, place: int, outcome: Outcome) -> Decision:
    page_of = fingerprint(list(whole.reports)[place])
    return Decision(outcome=outcome, by="王敏", at=START, page=page_of)


def kinds(comparison: Comparison) -> list[tuple[str, Kind]]:
    return [(change.unit, change.kind) for change in comparison.changes]


def test_what_a_person_decided_is_what_was_known(history: History) -> None:
    """The machine saw a fail, a person a pass: that it fails now is new."""
    first, second = run(0, a="-"), run(1, a="-")
    history.save(first)
    history.decide("a", "p", by_hand(first, 0, Outcome.PASS))
    now = second.reports[0].model_copy(update={"observations": (page(link("http://n.test/")),)})
    second = second.header.with_reports(MemoryReports([now]))
    assert kinds(told(history, second)) == [("a", Kind.NEWLY_FAILING)]


def test_a_fail_that_a_person_found_is_not_new_the_next_time(history: History) -> None:
    first, second = run(0, a="?"), run(1, a="-")
    history.save(first)
    history.decide("a", "p", by_hand(first, 0, Outcome.FAIL))
    assert kinds(told(history, second)) == [("a", Kind.STILL_FAILING)]


def test_a_decision_about_another_page_does_not_undo_the_first(history: History) -> None:
    first, second = run(0, a="-"), run(1, a="+")
    for one in (first, second):
        history.save(one)
        history.decide("a", "p", by_hand(one, 0, Outcome.FAIL))
    for one in (first, second):
        (report,) = decided(history.load(one.id), history.decisions()).reports
        assert report.verdicts[0].decision is not None
        assert report.outcome is Outcome.FAIL


def test_who_decides_again_has_the_last_word(history: History) -> None:
    first = run(0, a="-")
    made = by_hand(first, 0, Outcome.FAIL)
    stored = decided(first, {("a", "p"): [made]})  # as earlier versions kept them
    history.save(stored)
    later = made.model_copy(update={"outcome": Outcome.PASS, "at": START + timedelta(days=1)})
    history.decide("a", "p", later)
    (report,) = decided(history.load(LAST), history.decisions()).reports
    (verdict,) = report.verdicts
    assert verdict.outcome is Outcome.PASS
    assert verdict.decision is not None
    assert verdict.decision.machine is Outcome.FAIL
    assert verdict.why.because == first.reports[0].verdicts[0].why


def test_a_unit_that_a_circular_named_is_not_new(history: History) -> None:
    """The first run could not tell, a document of it did, and the circular went out."""
    first, failing = run(0, a="?", b="?"), run(0, a="-")
    history.save(first)
    issue(history, first.id, "a", 0)
    history.papers.note_named(
        with_header(failing, id=first.id), START
    )  # a paper written is none issued
    found = told(history, run(14, a="-", b="-"))
    assert kinds(found) == [("a", Kind.STILL_FAILING), ("b", Kind.NEWLY_FAILING)]
    assert found.changes[0].named == office_time.begin(office_time.today(START))
    assert found.newly_failing_units == 1


def test_a_circular_about_this_run_or_a_later_one_is_not_its_past(history: History) -> None:
    first, later = run(0, a="-"), run(1, a="-")
    for day, one in enumerate((first, later)):
        history.save(one)
        issue(history, one.id, "a", day)
    (change,) = compare(history.past(before=first), first).changes
    assert (change.kind, change.named) == (Kind.NEWLY_FAILING, None)


def test_what_is_carried_over_is_neither_mended_nor_still_unmended(history: History) -> None:
    base = run(0, a="-", b="-", c="+")
    again = carrying(base, run(14, b="-"))
    found = told(history, again, base)
    assert kinds(found) == [("a", Kind.NOT_RECHECKED), ("b", Kind.STILL_FAILING)]
    assert [change.times for change in found.changes] == [1, 2]
    # A third run that carries both still knows of one look at a and of two at b.
    third = carrying(again, run(28, c="+"))
    assert [change.times for change in told(history, third).changes] == [1, 2]


def test_times_in_a_row_and_relapses_are_counted_by_looks(history: History) -> None:
    runs = [
        run(day, steady=steady, flaps=flaps, back=back)
        for day, (steady, flaps, back) in enumerate(zip("+---", "-+-+", "-+--", strict=True))
    ]
    found = {change.unit: change for change in told(history, runs[-1], *runs[:-1]).changes}
    steady, flaps, back = (found[unit] for unit in ("steady", "flaps", "back"))
    assert (steady.kind, steady.times, steady.relapses) == (Kind.STILL_FAILING, 3, 1 - 1)
    assert (flaps.kind, flaps.times, flaps.relapses) == (Kind.FIXED, 1, 1)
    assert (back.kind, back.times, back.relapses) == (Kind.STILL_FAILING, 2, 1)


def test_what_fails_and_is_waived_then_is_told_once_as_news(history: History) -> None:
    (excused,) = told(history, run(1, a="w"), run(0, a="-")).changes
    assert (excused.kind, excused.is_news) == (Kind.EXCUSED, True)
    (still,) = told(history, run(2, a="w")).changes
    assert (still.kind, still.is_news) == (Kind.EXCUSED, False)
    assert told(history, run(4, b="w"), run(3, b="+")).changes == ()


def test_a_waiver_ends_a_series_of_fails(history: History) -> None:
    """As in the circular: the round before found nothing to blame."""
    before = [run(day, a=fate) for day, fate in enumerate("--w")]
    (again,) = told(history, run(3, a="-"), *before).changes
    assert (again.kind, again.times, again.since) == (Kind.STILL_FAILING, 1, None)
    assert again.is_news
    assert again.was_waived
    (third,) = told(history, run(4, a="-")).changes
    assert (third.times, third.since, third.is_news) == (2, START + timedelta(days=3), False)


def test_two_runs_alone_tell_what_was_waived(history: History) -> None:
    (change,) = compare(past_of(run(0, a="-")), run(1, a="w")).changes
    assert change.kind is Kind.EXCUSED
    (change,) = compare(past_of(run(0, a="w")), run(1, a="-")).changes
    assert change.kind is Kind.NEWLY_FAILING


def test_a_site_that_was_never_once_reached_is_told_with_how_often(history: History) -> None:
    base = run(0, never="?", once="+", new="+")
    second = run(1, never="?", once="?", new="+")
    third = carrying(second, run(2, new="+"))  # `never` was not tried again
    found = told(history, run(3, never="?", once="?", new="?"), base, second, third)
    assert [(one.name, one.times) for one in found.never_seen] == [("never局", 3)]


def test_a_run_that_judges_another_stands_in_its_place(history: History) -> None:
    first = run(0, a="-", b="+")
    anew = with_header(first, id=f"{first.id}-anew", judges=first.id)
    history.save(first)
    history.save(anew)
    assert history.load(LAST).id == anew.id
    # It is new in both: the first is no past of the run that judges it again.
    assert kinds(compare(history.past(before=anew), anew)) == [("a", Kind.NEWLY_FAILING)]
    (change,) = told(history, run(1, a="-", b="+")).changes
    assert (change.kind, change.times) == (Kind.STILL_FAILING, 2)


def test_another_verdict_on_the_same_look_is_no_mending() -> None:
    first = run(0, a="-")
    lenient = first.reports[0].verdicts[0].model_copy(update={"outcome": Outcome.PASS})
    report = first.reports[0].model_copy(update={"verdicts": (lenient,)})
    anew = first.header.with_reports(MemoryReports([report]))
    found = compare(past_of(first), anew)
    assert kinds(found) == [("a", Kind.REVISED)]
    assert found.mended_units == 0


def of_one_unit(whole: ScanRun) -> ScanRun:
    """The run, its sites those of one unit."""
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update={"unit": "局"})})
        for r in whole.reports
    )
    return whole.header.with_reports(MemoryReports(reports))


def test_a_unit_counts_as_mended_when_nothing_of_it_is_open() -> None:
    before = of_one_unit(run(0, a="-", b="-"))
    half, all_ = of_one_unit(run(1, a="+", b="-")), of_one_unit(run(1, a="+", b="+"))
    assert compare(past_of(before), half).mended_units == 0
    assert compare(past_of(before), all_).mended_units == 1
    # A second site that newly fails does not make a failing unit a new one.
    other = of_one_unit(run(1, a="+", b="-"))
    assert compare(past_of(of_one_unit(run(0, a="-", b="+"))), other).newly_failing_units == 0


def test_two_sites_of_a_unit_that_fail_again_are_one_unit(history: History) -> None:
    runs = [of_one_unit(run(day, a=seen, b=seen)) for day, seen in enumerate("-+-")]
    found = told(history, runs[-1], *runs[:-1])
    assert kinds(found) == [("a", Kind.RELAPSED), ("b", Kind.RELAPSED)]
    assert found.relapsed_units == 1


def test_a_run_of_a_part_is_never_the_last_and_takes_nobody_out(history: History) -> None:
    whole, part = run(0, a="+", b="-"), with_header(run(1, a="-"), partial=True)
    found = told(history, part, whole)
    assert (history.load(LAST).id, history.newest()) == (whole.id, part.id)
    assert found.removed == ()
    assert kinds(found) == [("a", Kind.NEWLY_FAILING)]
    # Its looks are known, its list is none.
    later = told(history, run(2, a="-", b="-"))
    assert [change.times for change in later.changes] == [2, 2]
    assert later.added == ()


def test_where_there_are_runs_of_parts_only_it_is_said(history: History) -> None:
    part = with_header(run(1, a="-"), partial=True)
    history.save(part)
    with pytest.raises(AuditError, match=f"no run of the whole list.*{part.id}"):
        history.load(LAST)


def times(found: Comparison) -> int:
    (change,) = found.changes
    assert change.kind is Kind.STILL_FAILING
    return change.times


def test_scans_of_one_day_are_one_inspection(history: History) -> None:
    runs = [run(0, a="-").header.model_copy(
        update={"id": f"r{number}", "started_at": START + timedelta(minutes=number)}
    ).with_reports(run(0, a="-").reports) for number in range(4)]  # fmt: skip
    assert times(told(history, run(1, a="-"), *runs)) == 2


def test_a_check_again_is_another_inspection_once_the_unit_was_told(history: History) -> None:
    first = run(0, a="-")
    again = with_header(run(4, a="-"), carries=first.id)
    later = with_header(run(9, a="-"), carries=again.id)
    assert times(told(history, run(30, a="-"), first, again, later)) == 2
    issue(history, first.id, "a", 1, due=4)  # so that on the fifth it still had time
    assert times(compare(history.past(before=run(30, a="-")), run(30, a="-"))) == 3


def test_who_was_seen_by_a_person_was_seen(history: History) -> None:
    down = run(0, a="?", b="?")
    history.save(down)
    (report, _) = down.reports
    history.decide("a", "p", Decision(
        outcome=Outcome.PASS, by="王敏", at=START, page=fingerprint(report)
    ))  # fmt: skip
    found = compare(history.past(before=down), decided(down, history.decisions()))
    assert [one.unit for one in found.never_seen] == ["b"]
