"""The sites of a run as the units that run them: a unit's outcome is the gravest of its sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ycaudit.model import MemoryReports, Outcome, Reports, UnitReport, gravest


@dataclass(frozen=True, slots=True)
class UnitSites:
    """One unit of a run, and where its sites stand in it."""

    name: str
    office: str | None
    """The body that supervises it: units of one name under two offices are two."""
    places: tuple[int, ...]
    """0-based, in the order of the run: `run.reports.briefs(places)` reads them."""
    outcome: Outcome


def units_of(reports: Iterable[UnitReport]) -> tuple[UnitSites, ...]:
    """The units, in the order of their first sites; briefs will do."""
    places: dict[tuple[str, str | None], list[int]] = {}
    outcomes: dict[tuple[str, str | None], list[Outcome]] = {}
    for place, report in enumerate(reports):
        key = (report.target.unit_name, report.target.office)
        places.setdefault(key, []).append(place)
        outcomes.setdefault(key, []).append(report.outcome)
    return tuple(
        UnitSites(name, office, tuple(at), gravest(outcomes[name, office]))
        for (name, office), at in places.items()
    )


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


def picked(reports: Reports, fits: Callable[[UnitReport], bool]) -> Reports:
    """The reports whose brief fits, in their order."""
    if isinstance(reports, MemoryReports):
        return MemoryReports(filter(fits, reports))
    places = [place for place, report in enumerate(reports.briefs()) if fits(report)]
    return PickedReports(reports, places)
