"""The sites of a run as the units that run them: a unit's outcome is the gravest of its sites."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ycaudit.model import MemoryReports, NoWebsite, Outcome, Reports, Target, UnitReport


@dataclass(frozen=True, slots=True)
class UnitSites:
    """One unit of a run, and where its sites stand in it."""

    name: str
    office: str | None
    """The body that supervises it."""
    places: tuple[int, ...]
    """0-based, in the order of the run: `run.reports.briefs(places)` reads them."""
    outcome: Outcome


def unit_key(target: Target) -> tuple[str, str | None]:
    """The same for all sites of one unit.

    Units of one name stay apart, unless the list says of their sites that one unit runs them.
    """
    return (target.id, None) if target.unit is None else (target.unit, target.office or "")


def units_of(reports: Iterable[UnitReport]) -> tuple[UnitSites, ...]:
    """The units, in the order of their first sites; briefs will do."""
    found: dict[tuple[str, str | None], UnitSites] = {}
    for place, report in enumerate(reports):
        target = report.target
        unit = found.get(unit_key(target)) or UnitSites(
            target.unit_name, target.office and sys.intern(target.office), (), Outcome.WAIVED
        )
        found[unit_key(target)] = replace(
            unit,
            places=(*unit.places, place),
            outcome=max(unit.outcome, report.outcome, key=lambda outcome: outcome.gravity),
        )
    return tuple(found.values())


def unit_tally(reports: Iterable[UnitReport]) -> Counter[Outcome]:
    """The number of units, not sites, per outcome."""
    return Counter(unit.outcome for unit in units_of(reports))


class PickedReports(Reports):
    """Some of the reports of a run, read as they are asked for."""

    def __init__(self, reports: Reports, places: Sequence[int]) -> None:
        self._reports = reports
        self._places = tuple(places)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[UnitReport]:
        wanted = set(self._places)
        return (report for place, report in enumerate(self._reports) if place in wanted)

    def briefs(self, order: Sequence[int] | None = None) -> Iterator[UnitReport]:
        """The briefs of those that were picked."""
        places = range(len(self)) if order is None else order
        return self._reports.briefs([self._places[place] for place in places])


@dataclass(frozen=True, slots=True)
class Choice:
    """What a list or a run is narrowed to: a text that is mentioned, an office, a tag."""

    texts: Sequence[str] = ()
    offices: Sequence[str] = ()
    tags: Sequence[str] = ()

    def fits(self, unit: Target | NoWebsite) -> bool:
        """Whether it is chosen; where nothing is named, all are."""
        words = [unit.id, unit.name]
        if isinstance(unit, Target):
            words += [unit.unit_name, unit.url]
        said = [word.casefold() for word in words]
        mentioned = any(text.casefold() in word for text in self.texts for word in said)
        return (
            (mentioned or not self.texts)
            and (not self.offices or unit.office in self.offices)
            and (not self.tags or not set(self.tags).isdisjoint(unit.tags))
        )


def picked(reports: Reports, fits: Callable[[UnitReport], bool]) -> Reports:
    """The reports whose brief fits, in their order."""
    if isinstance(reports, MemoryReports):
        return MemoryReports(filter(fits, reports))
    places = [place for place, report in enumerate(reports.briefs()) if fits(report)]
    return PickedReports(reports, places)
