"""The round before a run: checks again of the same round are part of it, and no round before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ycaudit import office_time
from ycaudit.model import Outcome, RunHeader, ScanRun
from ycaudit.runs.cases import Kind, Recorded, in_force
from ycaudit.runs.checks import checked_at, checks_of
from ycaudit.runs.decisions import Decisions, decided, unconfirmed
from ycaudit.runs.diff import notified_by_unit
from ycaudit.runs.history import History
from ycaudit.runs.inspections import Notified, Settled, is_further
from ycaudit.runs.units import picked, unit_key


def round_before(history: History, run: ScanRun) -> ScanRun | None:
    """The latest whole run by rules of the same name, of an office day before any check of this.

    Of a part of the list it has the units of that part alone. It is as the machine left it: see
    `as_stated`. None where there is none, and for a run that broke off: its figures do not compare.
    """
    if not run.complete:
        return None
    first_day = office_time.today(first_check(run))
    for entry in history.headers():
        is_round = entry.complete and not entry.partial and not entry.is_suspect
        is_earlier = office_time.today(entry.finished_at) < first_day
        if is_round and is_earlier and entry.rules.name == run.rules.name:
            found = history.load(entry.id)
            return of_units_in(run, found) if run.partial else found
    return None


def first_check(run: ScanRun) -> datetime:
    """When the first homepage was looked at for this run, carried over or not."""
    return min(
        (moment for report in run.reports.briefs() for moment in checks_of(run, report)),
        default=run.started_at,
    )


def as_stated(history: History, before: ScanRun, run: ScanRun) -> ScanRun:
    """The round before with the figures that its circular stated: see `stated_in`."""
    stated = stated_in(history, before, run)
    return decided(stated, decisions_then(history, stated, run))


def stated_in(history: History, before: ScanRun, run: ScanRun) -> ScanRun:
    """The run of the round before about which its last circular on record was issued.

    What was checked again or judged anew since does not change what units were told then. Where no
    circular is on record, it is `before` itself. It is as the machine left it.
    """
    headers = {header.id: header for header in history.headers()}
    round_ = {before.id, *rests_on(before, headers)}
    issued = {one.run for one in in_force(history.recorded()) if one.kind is Kind.NAMED}
    told = (header for header in headers.values() if header.id in round_ & issued)
    stated = next((one.id for one in told if one.complete and not one.partial), before.id)
    if stated == before.id:
        return before
    found = history.load(stated)
    return of_units_in(run, found) if run.partial else found


def rests_on(run: RunHeader, runs: Mapping[str, RunHeader]) -> set[str]:
    """The ids of the runs that this one goes on with or judges anew, and of those behind them."""
    known, left = set[str](), _bases(run)
    while left:
        base = left.pop()
        known.add(base)
        left |= _bases(runs[base]) - known if base in runs else set()
    return known


def _bases(run: RunHeader) -> set[str]:
    return {base for base in (run.judges, run.carries) if base}


def decisions_then(history: History, stated: RunHeader, run: ScanRun) -> Decisions:
    """What persons had decided about the round before when its circular was issued.

    Of one of which no circular is on record: when the first check of this run was made. What was
    decided since does not change what units were told then.
    """
    end = min([first_check(run), *_issued(in_force(history.recorded()), stated.id)])
    known = {
        key: [one for one in made if one.at < end] for key, made in history.decisions().items()
    }
    return {key: made for key, made in known.items() if made}


def _issued(recorded: Iterable[Recorded], run: str) -> list[datetime]:
    """The ends of the days on which circulars about a run were issued."""
    return [
        office_time.begin(one.on + timedelta(1))
        for one in recorded
        if one.kind is Kind.NAMED and one.run == run
    ]


def failed_twice(
    run: ScanRun, before: ScanRun, notified: Mapping[str, tuple[Notified, ...]], persons: int
) -> frozenset[str]:
    """The sites that fail in a run and failed in the round before, in two inspections.

    What no person confirmed then is held against nobody, nor what was looked at before the time was
    over that the unit had.
    """
    doubtful = {report.target.id for report in unconfirmed(before.reports.briefs(), persons)}
    failed = {
        report.target.id: Settled(report.outcome, checked_at(before, report))
        for report in before.reports.briefs()
        if report.outcome is Outcome.FAIL and report.target.id not in doubtful
    }
    told = notified_by_unit(notified, run)
    return frozenset(
        report.target.id
        for report in run.reports.briefs()
        if report.outcome is Outcome.FAIL
        and (then := failed.get(report.target.id)) is not None
        and is_further(
            [then],
            Settled(report.outcome, checked_at(run, report)),
            told.get(unit_key(report.target), ()),
        )
    )


def is_of_the_same(before: ScanRun, run: ScanRun) -> bool:
    """Whether figures of two runs compare: both are of the whole list, or of the same units."""
    return not run.partial or _ids(before) == _ids(run)


def _ids(run: ScanRun) -> set[str]:
    sites = {report.target.id for report in run.reports.briefs()}
    return sites | {one.id for one in run.no_website}


def of_units_in(run: ScanRun, before: ScanRun) -> ScanRun:
    """The units of another run that this one has, too, whether they run a website or not."""
    mine = _ids(run)
    without = tuple(one for one in before.no_website if one.id in mine)
    header = before.header.model_copy(update={"no_website": without, "partial": True})
    return header.with_reports(picked(before.reports, lambda report: report.target.id in mine))
