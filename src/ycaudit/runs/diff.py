"""Compares a run with the verdicts that were last determined before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ycaudit.i18n import Translated
from ycaudit.model import Outcome, Record, ScanRun, UnitReport, Verdict

DETERMINED = frozenset({Outcome.PASS, Outcome.FAIL})
Key = tuple[str, str]
"""The ids of a unit and a requirement; names and URLs may change between runs."""


class Kind(StrEnum):
    """How a verdict differs from the last determined one."""

    NEWLY_FAILING = "newly_failing"
    RELAPSED = "relapsed"
    """It failed, passed, and fails again."""
    STILL_FAILING = "still_failing"
    FIXED = "fixed"
    LOST_SIGHT = "lost_sight"
    """It was determined, and is undetermined now."""


WORD = Translated(
    {
        Kind.NEWLY_FAILING: "新增",
        Kind.RELAPSED: "反复",
        Kind.STILL_FAILING: "仍未整改",
        Kind.FIXED: "已整改",
        Kind.LOST_SIGHT: "本次未能判定",
    }
)


@dataclass(frozen=True, slots=True)
class Settled:
    """A determined verdict of an earlier run, and when that run started."""

    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """Determined verdicts of earlier runs, oldest first, and the units of the last complete one."""

    verdicts: Mapping[Key, tuple[Settled, ...]] = field(default_factory=dict)
    units: frozenset[str] = frozenset()


class Change(Record):
    """A verdict that changed, or that still fails."""

    kind: Kind
    unit: str
    name: str
    requirement: str
    requirement_name: str
    before: Outcome | None
    after: Outcome
    since: datetime | None = None
    """When the latest series of equal verdicts before this run began."""


class Comparison(Record):
    """All changes in the order of the run, and the ids of units that came or went."""

    changes: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def past_of(run: ScanRun) -> Past:
    """One run as the past that another is compared with."""
    verdicts = {
        (report.target.id, verdict.requirement): (Settled(verdict.outcome, run.started_at),)
        for report in run.reports.briefs()
        for verdict in report.verdicts
        if verdict.outcome in DETERMINED
    }
    return Past(verdicts, frozenset(report.target.id for report in run.reports.briefs()))


def compare(past: Past, run: ScanRun) -> Comparison:
    """Compare a run with its past."""
    units = [report.target.id for report in run.reports.briefs()]
    return Comparison(
        changes=tuple(_changes(past, run.reports.briefs())),
        added=tuple(unit for unit in units if past.units and unit not in past.units),
        removed=tuple(sorted(past.units.difference(units))) if run.complete else (),
    )


def _changes(past: Past, reports: Iterable[UnitReport]) -> Iterator[Change]:
    for report in reports:
        for verdict in report.verdicts:
            before = past.verdicts.get((report.target.id, verdict.requirement), ())
            kind = _kind(before, verdict)
            if kind is not None:
                yield _change(kind, before, report, verdict)


def _kind(before: tuple[Settled, ...], verdict: Verdict) -> Kind | None:
    last = before[-1].outcome if before else None
    match last, verdict.outcome:
        case Outcome.FAIL, Outcome.FAIL:
            return Kind.STILL_FAILING
        case Outcome.FAIL, Outcome.PASS:
            return Kind.FIXED
        case _, Outcome.FAIL:
            failed = any(settled.outcome is Outcome.FAIL for settled in before)
            return Kind.RELAPSED if failed else Kind.NEWLY_FAILING
        case ((Outcome.PASS | Outcome.FAIL), Outcome.UNDETERMINED):
            return Kind.LOST_SIGHT
        case _:
            return None


def _change(
    kind: Kind, before: tuple[Settled, ...], report: UnitReport, verdict: Verdict
) -> Change:
    return Change(
        kind=kind,
        unit=report.target.id,
        name=report.target.name,
        requirement=verdict.requirement,
        requirement_name=verdict.name,
        before=before[-1].outcome if before else None,
        after=verdict.outcome,
        since=_since(before),
    )


def _since(before: tuple[Settled, ...]) -> datetime | None:
    """When the last series of equal outcomes began."""
    first = None
    for settled in reversed(before):
        if settled.outcome is not before[-1].outcome:
            break
        first = settled.at
    return first
