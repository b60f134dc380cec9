"""What counts as another inspection of a site: a unit is not blamed twice for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from ycaudit.model import Outcome
from ycaudit.runs.inspections import Notified, Settled, inspections


def look(day: int, hour: int = 2, *, again: bool = False) -> Settled:
    return Settled(Outcome.FAIL, datetime(2026, 6, day, hour, tzinfo=UTC), again)


def told(day: int, due: int | None = None) -> Notified:
    return Notified(date(2026, 6, day), date(2026, 6, due) if due else None)


@pytest.mark.parametrize(
    ("looks", "notified", "count"),
    [
        ([look(1), look(30)], [], 2),
        ([look(1), look(1, 3), look(1, 9)], [], 1),
        ([look(1), look(5, again=True)], [], 1),
        ([look(1), look(5, again=True)], [told(2)], 2),
        ([look(1), look(5, again=True)], [told(5)], 1),
        ([look(1), look(5)], [told(2, due=5)], 1),
        ([look(1), look(4, again=True), look(9, again=True)], [told(2, due=5)], 2),
        ([look(1), look(4, again=True), look(9, again=True)], [told(2)], 2),
        ([look(1), look(6)], [told(2, due=5)], 2),
        ([look(1), look(6)], [told(2, due=5), told(6, due=20)], 2),
        ([look(1), look(6), look(20)], [told(2, due=5), told(6, due=20)], 2),
        ([look(1), look(6), look(21)], [told(2, due=5), told(6, due=20)], 3),
    ],
)
def test_a_further_inspection_is_of_another_day_and_after_the_time_to_mend(
    looks: Sequence[Settled], notified: Sequence[Notified], count: int
) -> None:
    found = inspections(looks, notified)
    assert len(found) == count
    assert found[-1] == looks[-1]


def test_a_day_is_one_of_the_office() -> None:
    assert len(inspections([look(1, 15), look(1, 17)], ())) == 2  # 23:00, and 01:00 of the next day
