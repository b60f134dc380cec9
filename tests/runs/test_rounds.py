"""The round before a run: a whole run by the same rules, before any check of this one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.history import START, run
from ycaudit import office_time
from ycaudit.model import Decision, MemoryReports, Outcome, Policy, ScanRun, Vouched
from ycaudit.reasons import Reason
from ycaudit.runs.cases import Kind, Recorded
from ycaudit.runs.decisions import fingerprint
from ycaudit.runs.history import History, opened
from ycaudit.runs.rounds import as_stated, is_of_the_same, round_before


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path / "h.sqlite3") as kept:
        yield kept


def looked(whole: ScanRun, *days: int) -> ScanRun:
    """The run with every unit looked at on the last of these days, and before on the others."""
    *before, last = (START + timedelta(days=day, minutes=1) for day in days)
    reports = [
        report.model_copy(
            update={
                "observations": tuple(
                    seen.model_copy(update={"taken_at": last}) for seen in report.observations
                ),
                "checked_before": tuple(before),
            }
        )
        for report in whole.reports
    ]
    header = whole.header.model_copy(update={"finished_at": last})
    return header.with_reports(MemoryReports(reports))


def found(history: History, whole: ScanRun) -> str | None:
    before = round_before(history, whole)
    return before.id if before else None


def test_the_latest_earlier_run_is_the_round_before(history: History) -> None:
    first, second = looked(run(0, a="+"), 0), looked(run(30, a="-"), 30)
    for one in (first, second):
        history.save(one)
    assert found(history, second) == first.id
    assert found(history, first) is None


def test_checks_again_are_no_round_of_their_own(history: History) -> None:
    last_month = looked(run(0, a="+"), 0)
    scan, again = looked(run(30, a="-"), 30), looked(run(33, a="-"), 30, 33)
    for one in (last_month, scan, again):
        history.save(one)
    assert found(history, again) == last_month.id


@pytest.mark.parametrize(
    "change",
    [{"complete": False}, {"partial": True}, {"rules": Policy(name="其他规则", sha256="0")}],
)
def test_what_does_not_compare_is_passed_over(history: History, change: dict[str, object]) -> None:
    first, middle = looked(run(0, a="+"), 0), looked(run(10, a="+"), 10)
    history.save(first)
    history.save(middle.model_copy(update=change))
    assert found(history, looked(run(30, a="-"), 30)) == first.id


def test_a_scan_of_the_same_day_is_no_round_before(history: History) -> None:
    first = looked(run(0, a="-"), 0)
    later = first.header.model_copy(
        update={"id": "again", "started_at": START + timedelta(hours=1)}
    ).with_reports(first.reports)
    for one in (first, later):
        history.save(one)
    assert found(history, later) is None


def test_what_broke_off_has_no_round_before(history: History) -> None:
    first, second = looked(run(0, a="+"), 0), looked(run(30, a="-"), 30)
    history.save(first)
    assert found(history, second.model_copy(update={"complete": False})) is None


def test_a_suspect_run_is_no_round_unless_a_person_has_checked_it(history: History) -> None:
    first, second = looked(run(0, a="+"), 0), looked(run(30, a="-"), 30)
    suspect = (Reason.of("failing_jumped", before=0.0, now=0.5),)
    history.save(first.model_copy(update={"suspicions": suspect}))
    assert found(history, second) is None
    history.vouch(first.id, Vouched(by="王敏", at=START))
    assert found(history, second) == first.id


def test_a_part_of_the_list_is_set_beside_the_same_part(history: History) -> None:
    first, second = looked(run(0, a="+", b="-", c="+"), 0), looked(run(30, a="-", c="+"), 30)
    history.save(first)
    part = second.model_copy(update={"partial": True})
    before = round_before(history, part)
    assert before is not None
    assert [report.target.id for report in before.reports.briefs()] == ["a", "c"]
    assert is_of_the_same(before, part)
    other = looked(run(30, a="-", z="+"), 30).model_copy(update={"partial": True})
    before = round_before(history, other)
    assert before is not None
    assert not is_of_the_same(before, other)


def test_the_round_before_stays_as_its_circular_stated_it(history: History) -> None:
    first, second = looked(run(0, a="-", b="-", c="-"), 0), looked(run(30, a="-"), 30)
    history.save(first)
    day = office_time.today(START)
    history.record(
        Recorded(
            kind=Kind.NAMED, on=day + timedelta(2), by="王敏", at=START, name="甲", site="a",
            run=first.id,
        )
    )  # fmt: skip
    for unit, decided_on in (("a", 1), ("b", 10), ("c", 40)):
        (report,) = (r for r in first.reports if r.target.id == unit)
        at = START + timedelta(days=decided_on)
        history.decide(unit, "p", Decision(
            outcome=Outcome.PASS, by="王敏", at=at, page=fingerprint(report)
        ))  # fmt: skip
    stated = as_stated(history, first, second)
    assert [r.outcome.value for r in stated.reports] == ["pass", "fail", "fail"]


def named(history: History, whole: ScanRun, *, on: int) -> None:
    """A circular about this run is on record, of this day."""
    day = office_time.today(START) + timedelta(on)
    history.record(
        Recorded(
            kind=Kind.NAMED, on=day, by="王敏", at=START, name="甲", site="b", run=whole.id
        )
    )  # fmt: skip


def test_a_check_again_does_not_change_what_the_circular_of_its_round_stated(
    history: History,
) -> None:
    first, again = looked(run(0, a="+", b="-"), 0), looked(run(3, a="+", b="+"), 0, 3)
    again = again.model_copy(update={"carries": first.id})
    judged = again.header.model_copy(update={"id": "judged", "judges": again.id})
    now = looked(run(30, a="+", b="-"), 30)
    for one in (first, again, judged.with_reports(again.reports), now):
        history.save(one)
    before = round_before(history, now)
    assert before is not None
    assert before.id == "judged"
    assert as_stated(history, before, now).id == "judged"
    named(history, first, on=1)
    assert [r.outcome.value for r in as_stated(history, before, now).reports] == ["pass", "fail"]
    part = looked(run(30, b="-"), 30).model_copy(update={"partial": True})
    assert [r.outcome.value for r in as_stated(history, before, part).reports] == ["fail"]
    named(history, again, on=4)
    assert as_stated(history, before, now).id == again.id


def test_a_circular_of_another_round_is_not_that_of_the_round_before(history: History) -> None:
    first, second = looked(run(0, a="-"), 0), looked(run(10, a="+"), 10)
    for one in (first, second):
        history.save(one)
    named(history, first, on=1)
    now = looked(run(30, a="-"), 30)
    before = round_before(history, now)
    assert before is not None
    assert as_stated(history, before, now).id == second.id
