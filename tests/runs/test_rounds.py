"""The round before a run: a whole run by the same rules, before any check of this one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.history import START, run
from ycaudit.model import MemoryReports, Policy, ScanRun
from ycaudit.runs.history import History, opened
from ycaudit.runs.rounds import round_before


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
