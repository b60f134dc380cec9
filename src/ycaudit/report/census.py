"""How many units of a run fare how, in all and by the offices that supervise them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ycaudit.i18n import Message
from ycaudit.model import NoWebsite, Outcome, ScanRun, Target, UnitReport
from ycaudit.runs.units import UnitSites, units_of

UNGROUPED = "其他"
"""The last group, of units that belong to none."""


@dataclass(frozen=True, slots=True)
class Count:
    """The units of a group (or of the whole run), by how they fare."""

    name: str
    passed: int = 0
    failed: int = 0
    undetermined: int = 0
    waived: int = 0
    no_website: int = 0
    """They run none; they are counted, and meet nothing."""
    sites: int = 0

    @property
    def total(self) -> int:
        """All units of the list."""
        return self.checked + self.no_website

    @property
    def checked(self) -> int:
        """Those that were looked at."""
        return self.passed + self.failed + self.undetermined + self.waived

    @property
    def obliged(self) -> int:
        """What the share of those that pass is of: all but the waived."""
        return self.total - self.waived

    @property
    def share(self) -> str:
        """The units that pass of all that must, in percent; — where none must or was looked at."""
        return percent(self.passed, self.obliged if self.checked else 0)

    @property
    def all_pass(self) -> bool:
        """Whether every unit that must pass does."""
        return 0 < self.passed == self.obliged


@dataclass(frozen=True, slots=True)
class Census:
    """The units of a run, in the order of its list."""

    whole: Count
    groups: tuple[Count, ...]
    """By office, else by first tag, in the order of the list; empty where the list has neither."""
    by: str
    """What the groups are, as the head of a column."""
    units: tuple[UnitSites, ...]
    group_of: tuple[str, ...]
    """The group of each unit; empty names where there are no groups."""


class _Said(NamedTuple):
    """What the list says of a site, or of a unit without one, by which it can be grouped.

    Its targets would fill the memory: a run may have any number of sites.
    """

    office: str
    category: str

    @classmethod
    def of(cls, listed: Target | NoWebsite) -> _Said:
        """Each text held once; empty where the list has none."""
        return cls(sys.intern(listed.office or ""), sys.intern(next(iter(listed.tags), "")))


BY_OFFICE, BY_CATEGORY = Message("主管部门"), Message("类别")


def census_of(run: ScanRun, by: str | None = None) -> Census:
    """Count the units of a run, grouped as asked, else by the first way that there is."""
    entries: list[_Said] = []
    units = units_of(_noted(run.reports.briefs(), entries))
    sites = len(entries)
    entries += map(_Said.of, run.no_website)
    by = next(_ways(entries), "") if by is None else by
    keys = [_key(entry, by) for entry in entries]
    group_of = tuple(keys[unit.places[0]] for unit in units)
    missing = keys[sites:]
    return Census(
        whole=_count("合计", units, len(run.no_website)),
        groups=_counts(units, group_of, missing) if by else (),
        by=by,
        units=units,
        group_of=group_of,
    )


def ways_to_group(run: ScanRun) -> list[str]:
    """What the list says by which units can be grouped."""
    sites = (_Said.of(report.target) for report in run.reports.briefs())
    return list(_ways([*sites, *map(_Said.of, run.no_website)]))


def _noted(reports: Iterable[UnitReport], entries: list[_Said]) -> Iterator[UnitReport]:
    """The reports as they come; what is said of each one's site is added to the list."""
    for report in reports:
        entries.append(_Said.of(report.target))
        yield report


def _ways(entries: Sequence[_Said]) -> Iterator[str]:
    if any(entry.office for entry in entries):
        yield BY_OFFICE
    if any(entry.category for entry in entries):
        yield BY_CATEGORY


def _key(entry: _Said, by: str) -> str:
    if not by:
        return ""
    return (entry.office if by == BY_OFFICE else entry.category) or UNGROUPED


def _counts(
    units: Sequence[UnitSites], group_of: Sequence[str], missing: Sequence[str]
) -> tuple[Count, ...]:
    """The groups in the order of the list; `missing` are those of units without a website."""
    members: dict[str, list[UnitSites]] = {key: [] for key in (*group_of, *missing)}
    for unit, key in zip(units, group_of, strict=True):
        members[key].append(unit)
    without = Counter(missing)
    names = sorted(members, key=lambda name: name == UNGROUPED)
    return tuple(_count(name, members[name], without[name]) for name in names)


def _count(name: str, units: Sequence[UnitSites], no_website: int) -> Count:
    counts = Counter(unit.outcome for unit in units)
    return Count(
        name,
        passed=counts[Outcome.PASS],
        failed=counts[Outcome.FAIL],
        undetermined=counts[Outcome.UNDETERMINED],
        waived=counts[Outcome.WAIVED],
        no_website=no_website,
        sites=sum(len(unit.places) for unit in units),
    )


def tenths(part: int, whole: int) -> int:
    """A share in tenths of a percent, rounded; 0 and 1000 only where it is none and all."""
    rounded = (part * 2000 + whole) // (2 * whole)
    return max(min(rounded, 999) if part < whole else rounded, 1 if part else 0)


def percent(part: int, whole: int) -> str:
    """A share as every paper writes it: rounded half up, with a decimal where that is not 0; — of
    nothing."""
    return f"{tenths(part, whole) / 10:g}%" if whole else "—"
