"""The statistics of a run: a jump speaks against the audit rather than against the units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from support.history import START, run
from ycaudit.model import Policy, ScanRun, Vouched
from ycaudit.runs.history import History, opened
from ycaudit.runs.suspicions import Shares, jumps


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path / "history.sqlite3") as kept:
        yield kept


@pytest.mark.parametrize(
    ("now", "before", "code"),
    [
        ((40, 21, 0), [], "many_unreachable"),
        ((40, 20, 0), [], None),
        ((9, 9, 0), [], None),
        ((5, 5, 0), [(5, 1, 0)], "many_unreachable"),
        ((5, 5, 0), [(5, 5, 0), (5, 0, 0)], None),
        ((5, 4, 1), [(5, 0, 0)], None),
        ((3, 3, 0), [(3, 2, 0)], "many_unreachable"),
        ((2, 2, 0), [(2, 0, 0)], None),
        ((3, 3, 0), [(2, 0, 0)], None),
        ((40, 12, 0), [(40, 3, 0), (40, 2, 0)], "unreachable_jumped"),
        ((40, 12, 0), [(40, 3, 0), (40, 5, 0)], None),
        ((40, 30, 0), [(40, 28, 0)], None),
        ((40, 0, 30), [], None),
        ((40, 0, 30), [(40, 0, 10), (40, 0, 20)], "failing_jumped"),
        ((40, 0, 10), [(40, 0, 30)], None),
    ],
)
def test_a_jump_of_the_figures_speaks_against_the_auditor(
    now: tuple[int, int, int], before: Iterable[tuple[int, int, int]], code: str | None
) -> None:
    found = list(jumps(Shares(*now), [Shares(*one) for one in before]))
    assert [reason.code for reason in found] == ([code] if code else [])


def ten(day: int, failing: int, **header: object) -> ScanRun:
    """Ten units, of which so many fail."""
    whole = run(day, **{f"u{n}": "-" if n < failing else "+" for n in range(10)})
    return whole.header.model_copy(update=header).with_reports(whole.reports)


def suspicions(history: History, *runs: ScanRun) -> list[str]:
    """What is said against the last one; each is kept as it is found to be."""
    for one in runs:
        history.save(one)
        found = history.suspicions(one.id)
        history.save(one.model_copy(update={"suspicions": found}))
    return [why.code for why in found]


def test_other_rules_explain_who_fails(history: History) -> None:
    assert suspicions(history, ten(0, 0), ten(1, 5)) == ["failing_jumped"]
    other = Policy(name="规则", sha256="1")
    assert suspicions(history, ten(2, 0), ten(3, 9, rules=other)) == []


def test_a_check_again_of_what_is_suspect_clears_nothing(history: History) -> None:
    first, jumped = ten(0, 0), ten(1, 5)
    assert suspicions(history, first, jumped) == ["failing_jumped"]
    again = ten(2, 5, carries=jumped.id)
    assert suspicions(history, again) == ["failing_jumped"]
    assert suspicions(history, ten(3, 5, carries=again.id)) == ["failing_jumped"]


def test_what_a_person_has_checked_counts(history: History) -> None:
    first, jumped = ten(0, 0), ten(1, 5)
    suspicions(history, first, jumped)
    history.vouch(jumped.id, Vouched(by="王敏", at=START, note="电话核对"))
    assert not history.load(jumped.id).is_suspect
    assert suspicions(history, ten(2, 5, carries=jumped.id)) == []
    history.retract(jumped.id)
    assert history.load(jumped.id).is_suspect


def test_a_whole_scan_of_another_day_confirms_what_was_suspect(history: History) -> None:
    assert suspicions(history, ten(0, 0), ten(1, 5), ten(2, 5)) == []
