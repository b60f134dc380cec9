"""When the units of a run were checked (检查), and checked again (复查), by the office's days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ycaudit import office_time
from ycaudit.model import RunHeader, ScanRun, UnitReport


@dataclass(frozen=True, slots=True)
class CheckDay:
    """A day on which homepages were looked at for a run; `first` and `again` count units."""

    day: date
    first: int
    """Units whose first check (检查) was on that day: over all days, every unit once."""
    again: int
    """Units of which a site was checked again (复查) on that day."""


def checked_at(run: RunHeader, report: UnitReport) -> datetime:
    """When the homepage was last looked at for this report, carried over or not.

    A run that was made of a document without observations dates them all by its start.
    """
    return max((seen.taken_at for seen in report.observations), default=run.started_at)


def checks_of(run: RunHeader, report: UnitReport) -> tuple[datetime, ...]:
    """Every check of the homepage that led to this report: the first one, then those again."""
    return (*report.checked_before, checked_at(run, report))


def check_days(run: ScanRun) -> tuple[CheckDay, ...]:
    """The days on which the run's units were checked, in order, with the number of units.

    A document of before these days were kept has no checks again: all its days count as first.
    """
    first: dict[tuple[str, str | None], date] = {}
    again: set[tuple[tuple[str, str | None], date]] = set()
    for report in run.reports.briefs():
        unit = (report.target.unit_name, report.target.office)
        days = [office_time.today(moment) for moment in checks_of(run, report)]
        first[unit] = min(days[0], first.get(unit, days[0]))
        again.update((unit, day) for day in days[1:])
    return tuple(_counted(first.values(), [day for _, day in again]))


def _counted(first: Iterable[date], again: Iterable[date]) -> Iterator[CheckDay]:
    firsts, agains = Counter(first), Counter(again)
    for day in sorted({*firsts, *agains}):
        yield CheckDay(day, firsts[day], agains[day])
