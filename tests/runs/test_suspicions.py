"""The statistics of a run: a jump speaks against the audit rather than against the units."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ycaudit.runs.suspicions import Shares, jumps


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
