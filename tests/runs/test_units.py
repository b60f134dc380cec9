"""Sites of one unit are counted as one unit, whose outcome is the gravest of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.history import run as history_run
from ycaudit.model import MemoryReports, Outcome, ScanRun
from ycaudit.runs.history import LAST, opened
from ycaudit.runs.units import UnitSites, picked, unit_tally, units_of


def owned(scan: ScanRun, **by: dict[str, Any]) -> ScanRun:
    """The run with these fields of its targets, by their ids."""
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update=by.get(r.target.id, {}))})
        for r in scan.reports
    )
    return scan.header.with_reports(MemoryReports(reports))


def test_a_unit_is_as_grave_as_its_gravest_site() -> None:
    scan = owned(history_run(0, a="+", b="-", c="?", d="+"), a={"unit": "局"}, c={"unit": "局"})
    assert units_of(scan.reports) == (
        UnitSites("局", None, (0, 2), Outcome.UNDETERMINED),
        UnitSites("b局", None, (1,), Outcome.FAIL),
        UnitSites("d局", None, (3,), Outcome.PASS),
    )
    assert unit_tally(scan.reports) == {
        Outcome.PASS: 1, Outcome.FAIL: 1, Outcome.UNDETERMINED: 1,
    }  # fmt: skip


def test_two_units_of_one_name_under_two_offices_are_two() -> None:
    scan = owned(
        history_run(0, a="+", b="-"),
        a={"name": "一中", "office": "甲县"},
        b={"name": "一中", "office": "乙县"},
    )
    assert [unit.outcome for unit in units_of(scan.reports)] == [Outcome.PASS, Outcome.FAIL]


def test_reports_are_picked_in_memory_and_from_a_history_alike(tmp_path: Path) -> None:
    scan = history_run(0, a="+", b="-", c="+")
    with opened(tmp_path / "history.sqlite3") as history:
        history.save(scan)
        for reports in (scan.reports, history.load(LAST).reports):
            passing = picked(reports, lambda report: report.outcome is Outcome.PASS)
            assert [report.target.id for report in passing] == ["a", "c"]
            assert [brief.target.id for brief in passing.briefs()] == ["a", "c"]
            assert [brief.target.id for brief in passing.briefs([1, 0])] == ["c", "a"]
            assert len(passing) == 2
