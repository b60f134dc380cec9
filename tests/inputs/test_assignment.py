"""Numbers go to the unit that every cell of their row fits, or to none."""

from __future__ import annotations

from pathlib import Path

from support.figures import csv_file, numbers, taken
from support.history import run as history_run
from ycaudit.auditing.selection import reported_before, with_figures
from ycaudit.inputs.assignment import merged
from ycaudit.inputs.statistics import Figures, read_figures
from ycaudit.model import Figure, MemoryReports, ScanRun
from ycaudit.rules.judge import Unit


def test_a_unit_that_the_run_does_not_have_or_that_nobody_can_tell_is_left_out(
    tmp_path: Path,
) -> None:
    text = "编号,单位,网址,数\n,c局,,1\na,b局,,2\n9,a 局,http://moved.test/,3\n,,,4\n"
    got, told = taken(tmp_path, text, "a", "b")
    assert got == {"a": {"数": 3}, "b": {"数": None}}
    assert ":2: 'c局' is no unit of this run; left out" in told
    assert ":3: 'b局' is one unit by one cell of the row and another by the next" in told
    assert ":5: names no unit; left out" in told


def test_two_units_of_one_name_are_told_apart_by_address_or_not_at_all(tmp_path: Path) -> None:
    twins = history_run(0, a="+", b="+")
    reports = tuple(
        r.model_copy(update={"target": r.target.model_copy(update={"name": "局"})})
        for r in twins.reports
    )
    twins = twins.header.with_reports(MemoryReports(reports))
    figures = read_figures(csv_file(tmp_path, "单位,网址,数\n局,b.test,5\n局,,6\n"))
    whole, (problem,) = merged(twins, figures)
    assert numbers(whole) == {"a": {"数": None}, "b": {"数": 5}}
    assert problem.line == 3
    assert "may be several units of this run" in problem.what


def test_a_unit_that_says_two_numbers_says_none(tmp_path: Path) -> None:
    text = "单位,数,人\na局,5,1\nb局,7,\na局,6,1\nb局,7,2\na局,5,1\n"
    got, told = taken(tmp_path, text, "a", "b")
    assert got == {"a": {"数": None, "人": 1}, "b": {"数": 7, "人": 2}}
    assert told.endswith(":4: 数 is 6 here and 5 in row 2; neither is taken")


def test_figures_stay_with_a_unit_that_is_looked_at_again() -> None:
    base, _ = merged(history_run(0, a="-", b="+"), Figures(columns=("数",), rows=()))
    unit = Unit(target=history_run(1, a="+").reports[0].target, requirements=())
    (again,) = with_figures([unit], reported_before(base))
    assert again.target.figures == (Figure(name="数", number=None),)


def test_a_run_with_figures_is_read_back_as_it_was() -> None:
    whole, _ = merged(history_run(0, a="+"), Figures(columns=("数",), rows=()))
    assert ScanRun.model_validate_json(whole.model_dump_json()) == whole
