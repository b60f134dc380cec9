"""What changed since a verdict was last determined: in the office's words, who has mended what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ycaudit.i18n import Translated
from ycaudit.model import (
    Outcome,
    Record,
    ScanRun,
    UnitReport,
    Verdict,
)

DETERMINED = frozenset({Outcome.PASS, Outcome.FAIL})
Key = tuple[str, str]
"""Unit and requirement, by id: a new address or name breaks no history."""


class Kind(StrEnum):
    """How a verdict changed against the last one that was determined."""

    NEWLY_FAILING = "newly_failing"
    RELAPSED = "relapsed"
    """It failed, was mended, and fails again."""
    STILL_FAILING = "still_failing"
    FIXED = "fixed"
    LOST_SIGHT = "lost_sight"
    """It was known, and now cannot be told."""


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
    """A determined verdict of an earlier run."""

    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """All determined verdicts of earlier runs, oldest first, and the units of the last one."""

    verdicts: Mapping[Key, tuple[Settled, ...]] = field(default_factory=dict)
    units: frozenset[str] = frozenset()


class Change(Record):
    """One verdict that is not as it was, or fails as it did."""

    kind: Kind
    unit: str
    name: str
    requirement: str
    requirement_name: str
    before: Outcome | None
    after: Outcome
    since: datetime | None = None
    """When it was first seen failing in a row, or when it was last known."""


class Comparison(Record):
    """Everything that changed, in the order of the run."""

    changes: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def past_of(run: ScanRun) -> Past:
    """One run as the past of another."""
    verdicts = {
        (report.target.id, verdict.requirement): (Settled(verdict.outcome, run.started_at),)
        for report in run.reports.briefs()
        for verdict in report.verdicts
        if verdict.outcome in DETERMINED
    }
    return Past(verdicts, frozenset(report.target.id for report in run.reports.briefs()))


def compare(past: Past, run: ScanRun) -> Comparison:
    """The run against what was last determined before it."""
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
    """When the last row of equal outcomes began."""
    first = None
    for settled in reversed(before):
        if settled.outcome is not before[-1].outcome:
            break
        first = settled.at
    return first
