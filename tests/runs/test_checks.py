"""The days of checks: first looks and looks again, by the office's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from support.pages import page
from ycaudit.model import Policy, ScanRun, Target, Tool, UnitReport
from ycaudit.runs import format_1
from ycaudit.runs.checks import CheckDay, check_days, checked_at, checks_of

FIRST = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
AGAIN = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
"""Past midnight at the office, though not in Greenwich."""


def report(name: str, at: datetime, *before: datetime, unit: str | None = None) -> UnitReport:
    target = Target(id=name, name=name, url=f"http://{name}.test/", unit=unit)
    seen = page().model_copy(update={"taken_at": at})
    return UnitReport(target=target, observations=(seen,), verdicts=(), checked_before=before)


def run(*reports: UnitReport) -> ScanRun:
    return ScanRun(
        id="r", tool=Tool(version="1"), rules=Policy(name="规则", sha256="0"),
        started_at=AGAIN, finished_at=AGAIN, reports=reports,
    )  # fmt: skip


def test_what_was_carried_over_keeps_its_day_and_what_was_looked_at_again_has_two() -> None:
    found = check_days(run(report("a", FIRST), report("b", FIRST), report("c", AGAIN, FIRST)))
    assert found == (
        CheckDay(date(2026, 11, 2), first=3, again=0),
        CheckDay(date(2026, 11, 16), first=0, again=1),
    )


def test_a_unit_that_came_later_was_checked_not_checked_again() -> None:
    found = check_days(run(report("a", FIRST), report("new", AGAIN)))
    assert found == (CheckDay(date(2026, 11, 2), 1, 0), CheckDay(date(2026, 11, 16), 1, 0))


def test_both_checks_on_one_day_are_one_day() -> None:
    assert check_days(run(report("a", FIRST), report("b", FIRST, FIRST))) == (
        CheckDay(date(2026, 11, 2), 2, 1),
    )


def test_days_are_the_offices() -> None:
    assert [one.day for one in check_days(run(report("a", LATE)))] == [date(2026, 11, 3)]


def test_a_unit_of_two_sites_counts_once() -> None:
    """Looked at over midnight it was first checked on the first day."""
    two = report("a", FIRST, unit="局"), report("b", LATE, unit="局")
    assert check_days(run(*two)) == (CheckDay(date(2026, 11, 2), 1, 0),)
    both = report("a", AGAIN, FIRST, unit="局"), report("b", AGAIN, FIRST, unit="局")
    assert check_days(run(*both)) == (
        CheckDay(date(2026, 11, 2), 1, 0),
        CheckDay(date(2026, 11, 16), 0, 1),
    )


def test_the_check_of_a_report_is_the_last_look_that_it_rests_on() -> None:
    seen = tuple(page().model_copy(update={"taken_at": at}) for at in (FIRST, LATE))
    twice = report("a", FIRST).model_copy(update={"observations": seen})
    assert checked_at(run(), twice) == LATE
    assert checks_of(run(), report("c", AGAIN, FIRST)) == (FIRST, AGAIN)


def test_a_run_of_an_older_version_knows_its_days_too() -> None:
    old = format_1.read_run((Path(__file__).parent / "format_1.json").read_bytes())
    assert sum(day.first for day in check_days(old)) == len(old.reports)
    assert not any(day.again for day in check_days(old))
