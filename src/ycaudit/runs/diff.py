"""Compares a run with what was known before it: verdicts, circulars, and homepages never seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from ycaudit.i18n import Translated
from ycaudit.model import OPEN, Outcome, Record, RunHeader, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.runs.checks import checked_at
from ycaudit.runs.inspections import Notified, Settled, inspections
from ycaudit.runs.units import unit_key

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
    EXCUSED = "excused"
    """It failed, and is waived now: nothing was mended."""
    LOST_SIGHT = "lost_sight"
    """It was determined, and is undetermined now."""
    BACK_IN_SIGHT = "back_in_sight"
    """It was undetermined at the last look, and passes now; it had not failed before."""
    NOT_RECHECKED = "not_rechecked"
    """It failed, and nobody has looked again since."""
    REVISED = "revised"
    """The same look is judged otherwise: by other rules, a waiver or a person."""


WORD = Translated(
    {
        Kind.NEWLY_FAILING: "新增",
        Kind.RELAPSED: "反复",
        Kind.STILL_FAILING: "仍未整改",
        Kind.FIXED: "已整改",
        Kind.EXCUSED: "原不合格，现已豁免",
        Kind.LOST_SIGHT: "本次待核实",
        Kind.BACK_IN_SIGHT: "本次已能核实",
        Kind.NOT_RECHECKED: "本次未复查，沿用上次结论",
        Kind.REVISED: "改判（未重新检查）",
    }
)


@dataclass(frozen=True, slots=True)
class Past:
    """What was known before a run."""

    verdicts: Mapping[Key, tuple[Settled, ...]] = field(default_factory=dict)
    """The determined verdicts, one a look, oldest first."""
    doubts: frozenset[Key] = frozenset()
    """The verdicts that were undetermined at the last look that was told of."""
    units: frozenset[str] = frozenset()
    """The sites of the last complete run of the whole list."""
    named: Mapping[Key, datetime] = field(default_factory=dict)
    """The day of the last circular that said that a site fails a requirement."""
    notified: Mapping[str, tuple[Notified, ...]] = field(default_factory=dict)
    """When the unit of each site was told what it lacks."""
    tried: Mapping[str, frozenset[datetime]] = field(default_factory=dict)
    """When each site was looked at that never once could be loaded."""
    seen: frozenset[str] = frozenset()
    """The sites that could be loaded at least once."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What sites were called that the run does not have any more, by id."""
    untold_from: datetime | None = None
    """Nobody was told of looks from this moment on; None where all was told."""
    waived: frozenset[Key] = frozenset()
    """The verdicts that were waived at the last look that was told of."""
    waived_at: Mapping[Key, datetime] = field(default_factory=dict)
    """The last look at which each was waived."""
    is_one_run: bool = False
    """Whether it is one run alone: what was before that, and since, is not known."""

    def told(self, key: Key) -> tuple[Settled, ...]:
        """The determined verdicts that were told of, oldest first."""
        settled, end = self.verdicts.get(key, ()), self.untold_from
        return settled if end is None else tuple(one for one in settled if one.at < end)

    @property
    def blamed(self) -> frozenset[str]:
        """The sites that have failed or were named for anything before."""
        failed = (
            key[0]
            for key in self.verdicts
            if any(one.outcome is Outcome.FAIL for one in self.told(key))
        )
        return frozenset((*failed, *(unit for unit, _ in self.named)))


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
    times: int = 1
    """How many inspections in a row, this one among them, found what `after` says: since it was
    waived last, if ever."""
    relapses: int = 0
    """How often it has failed again after it had passed, this time among them."""
    named: datetime | None = None
    """The day of the last circular that named it."""
    was_in_doubt: bool = False
    """Whether it was undetermined at the last look, too."""
    was_waived: bool = False
    """Whether it was waived at the last look."""

    @property
    def is_news(self) -> bool:
        """Whether it was otherwise at the last look: a fail that was out of sight is, too."""
        if self.kind is Kind.LOST_SIGHT:
            return not self.was_in_doubt
        if self.kind is Kind.EXCUSED:
            return not self.was_waived
        if self.kind is Kind.STILL_FAILING:
            return self.was_in_doubt or self.was_waived
        return self.kind is not Kind.NOT_RECHECKED


class NeverSeen(Record):
    """A site that could not be loaded in any run that was compared."""

    unit: str
    name: str
    times: int
    """How often it was tried, this run among them."""


class Comparison(Record):
    """All changes in the order of the run, and the ids of units that came or went."""

    changes: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    names: Mapping[str, str] = {}
    """What those are called, by id."""
    never_seen: tuple[NeverSeen, ...] = ()
    newly_failing_units: int = 0
    """Units that fail now and of which no site has failed or was named before."""
    relapsed_units: int = 0
    """Units that fail something again which had passed."""
    mended_units: int = 0
    """Units that have mended something, and of which nothing is failing or in doubt any more."""
    untold_from: datetime | None = None
    """From when on nobody was told of the changes; None where it is since the last look."""
    of_two_runs: bool = False
    """Whether two runs alone were compared: of no change it is known how long it has been so."""

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def past_of(run: ScanRun) -> Past:
    """One run as the past that another is compared with."""
    verdicts: dict[Key, tuple[Settled, ...]] = {}
    doubts: set[Key] = set()
    waived: dict[Key, datetime] = {}
    tried: dict[str, frozenset[datetime]] = {}
    names: dict[str, str] = {}
    for report in run.reports.briefs():
        site, at = report.target.id, checked_at(run, report)
        names[site] = report.target.name
        if is_unseen(report):
            tried[site] = frozenset({at})
        for verdict in report.verdicts:
            if verdict.outcome in DETERMINED:
                verdicts[site, verdict.requirement] = (Settled(verdict.outcome, at),)
            elif verdict.outcome is Outcome.UNDETERMINED:
                doubts.add((site, verdict.requirement))
            else:
                waived[site, verdict.requirement] = at
    units = frozenset(names)
    return Past(
        *(verdicts, frozenset(doubts), units),
        tried=tried,
        seen=units - tried.keys(),
        names=names,
        waived=frozenset(waived),
        waived_at=waived,
        is_one_run=True,
    )


def is_unseen(report: UnitReport) -> bool:
    """Whether no observer could load the homepage."""
    return bool(report.observations) and all(
        isinstance(observation, Unseen) for observation in report.observations
    )


def compare(past: Past, run: ScanRun) -> Comparison:
    """Compare a run with its past."""
    notified = notified_by_unit(past.notified, run)
    sites: list[_Site] = []
    changes: list[Change] = []
    never_seen: list[NeverSeen] = []
    for report in run.reports.briefs():
        target = report.target
        unit = (target.unit_name, target.office)
        sites.append(_Site(target.id, target.name, unit, report.outcome))
        changes += _changes(past, run, report, notified.get(unit_key(target), ()))
        never_seen += _never_seen(past, run, report)
    here = {site.id: site.name for site in sites}
    whole = run.complete and not run.partial
    added = tuple(site for site in here if past.units and site not in past.units)
    removed = tuple(sorted(past.units - here.keys())) if whole else ()
    return Comparison(
        changes=tuple(changes),
        added=added,
        removed=removed,
        names={
            site: name
            for site in (*added, *removed)
            if (name := here.get(site) or past.names.get(site))
        },
        never_seen=tuple(never_seen),
        newly_failing_units=_newly_failing(past, sites, changes),
        relapsed_units=len(_units_with(Kind.RELAPSED, sites, changes)),
        mended_units=_mended(sites, changes),
        untold_from=past.untold_from,
        of_two_runs=past.is_one_run,
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """What is asked of all sites of a run once all are read."""

    id: str
    name: str
    unit: tuple[str, str | None]
    outcome: Outcome


_UNKNOWN = {"since": None, "times": 1}
"""What two runs alone do not tell of a change: others may stand between them."""


def _changes(
    past: Past, run: RunHeader, report: UnitReport, notified: tuple[Notified, ...]
) -> Iterator[Change]:
    for verdict in report.verdicts:
        key = (report.target.id, verdict.requirement)
        series = _Series(
            *(past.verdicts.get(key, ()), past.told(key), past.named.get(key)),
            key in past.doubts,
            notified,
            key in past.waived,
            past.waived_at.get(key),
        )
        if (change := series.change(run, report, verdict)) is not None:
            yield change.model_copy(update=_UNKNOWN) if past.is_one_run else change


def notified_by_unit(
    notified: Mapping[str, tuple[Notified, ...]], run: ScanRun
) -> dict[tuple[str, str | None], tuple[Notified, ...]]:
    """When each unit of a run was told what it lacks, whichever of its sites that was kept by."""
    found: dict[tuple[str, str | None], tuple[Notified, ...]] = {}
    if not notified:
        return found
    for target in (report.target for report in run.reports.briefs()):
        if told := notified.get(target.id):
            found[unit_key(target)] = (*found.get(unit_key(target), ()), *told)
    return found


@dataclass(frozen=True, slots=True)
class _Series:
    """What was known of one verdict, what of it was told, and when it was last named."""

    before: tuple[Settled, ...]
    told: tuple[Settled, ...]
    named: datetime | None
    was_in_doubt: bool
    notified: tuple[Notified, ...]
    was_waived: bool
    waived_at: datetime | None

    def change(self, run: RunHeader, report: UnitReport, verdict: Verdict) -> Change | None:
        """What this verdict means after those before."""
        at = checked_at(run, report)
        is_told_look = bool(self.told) and self.told[-1].at == at
        kind = self._of_same_look(verdict.outcome) if is_told_look else self._kind(verdict.outcome)
        if kind is None:
            return None
        last = self._last
        is_known_look = bool(self.before) and self.before[-1].at == at
        look = Settled(verdict.outcome, at, again=bool(report.checked_before))
        looks = inspections(
            (*self.before, *(() if is_known_look else [look])), notified=self.notified
        )
        row = _row(self._since_waived(self.told), last)
        return Change(
            kind=kind,
            unit=report.target.id,
            name=report.target.name,
            requirement=verdict.requirement,
            requirement_name=verdict.name,
            before=last,
            after=verdict.outcome,
            since=row[0].at if row else None,
            times=max(1, len(_row(self._since_waived(looks), verdict.outcome))),
            relapses=_relapses(looks),
            named=self.named,
            was_in_doubt=self.was_in_doubt,
            was_waived=self.was_waived,
        )

    def _since_waived(self, looks: tuple[Settled, ...]) -> tuple[Settled, ...]:
        """The looks since nothing excused it any more: what was before that is no series."""
        end = self.waived_at
        return looks if end is None else tuple(one for one in looks if one.at > end)

    @property
    def _last(self) -> Outcome | None:
        return self.told[-1].outcome if self.told else None

    def _kind(self, now: Outcome) -> Kind | None:
        match self._last, now:
            case _, Outcome.FAIL:
                return self._failing()
            case Outcome.FAIL, Outcome.PASS:
                return Kind.FIXED
            case Outcome.FAIL, Outcome.WAIVED:
                return Kind.EXCUSED
            case ((Outcome.PASS | Outcome.FAIL), Outcome.UNDETERMINED):
                return Kind.LOST_SIGHT
            case _, Outcome.PASS if self.was_in_doubt:
                return Kind.BACK_IN_SIGHT
            case _:
                return None

    def _failing(self) -> Kind:
        if self._last is Outcome.FAIL:
            return Kind.STILL_FAILING
        has_failed = self.named or any(one.outcome is Outcome.FAIL for one in self.told)
        if self._last is Outcome.PASS:
            return Kind.RELAPSED if has_failed else Kind.NEWLY_FAILING
        return Kind.STILL_FAILING if has_failed else Kind.NEWLY_FAILING

    def _of_same_look(self, now: Outcome) -> Kind | None:
        """Nobody has looked since, so that nothing can have been mended."""
        if now is not self._last:
            return Kind.REVISED
        return Kind.NOT_RECHECKED if now is Outcome.FAIL else None


def _row(looks: tuple[Settled, ...], outcome: Outcome | None) -> tuple[Settled, ...]:
    """The last looks in a row that found this."""
    first = len(looks)
    while first and looks[first - 1].outcome is outcome:
        first -= 1
    return looks[first:]


def _relapses(looks: tuple[Settled, ...]) -> int:
    outcomes = [look.outcome for look in looks if look.outcome in DETERMINED]
    passed = outcomes[outcomes.index(Outcome.FAIL) :] if Outcome.FAIL in outcomes else []
    return sum(one is Outcome.PASS and two is Outcome.FAIL for one, two in pairwise(passed))


def _never_seen(past: Past, run: RunHeader, report: UnitReport) -> Iterator[NeverSeen]:
    target = report.target
    if is_unseen(report) and not _was_opened(report) and target.id not in past.seen:
        times = len(past.tried.get(target.id, frozenset()) | {checked_at(run, report)})
        yield NeverSeen(unit=target.id, name=target.name, times=times)


def _was_opened(report: UnitReport) -> bool:
    """Whether a person has seen the homepage that the program could not load."""
    return any(v.decision is not None and v.outcome is Outcome.PASS for v in report.verdicts)


def _newly_failing(past: Past, sites: Iterable[_Site], changes: Iterable[Change]) -> int:
    known = past.blamed
    units = _units_with(Kind.NEWLY_FAILING, sites, changes)
    return len(units - {site.unit for site in sites if site.id in known})


def _mended(sites: Iterable[_Site], changes: Iterable[Change]) -> int:
    units = _units_with(Kind.FIXED, sites, changes)
    return len(units - {site.unit for site in sites if site.outcome in OPEN})


def _units_with(
    kind: Kind, sites: Iterable[_Site], changes: Iterable[Change]
) -> set[tuple[str, str | None]]:
    """The units of which a site has a change of this kind."""
    found = {change.unit for change in changes if change.kind is kind}
    return {site.unit for site in sites if site.id in found}
