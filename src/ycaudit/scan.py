"""Looks at every unit and judges what is seen: the only place that starts work for many units."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ycaudit import __version__
from ycaudit.model import (
    Cause,
    Page,
    Policy,
    ScanRun,
    Sense,
    Sight,
    Tool,
    UnitReport,
    Unseen,
    Verdict,
)
from ycaudit.observe import Observer
from ycaudit.observe.destinations import Destinations, with_destinations
from ycaudit.throttle import Throttle
from ycaudit.unit import Unit, agree

Done = Callable[[int, UnitReport], None]
"""Told of each finished unit: its place in the list, and the report."""
Finish = Callable[[Unit, UnitReport], Awaitable[UnitReport]]
"""Adds to each report before it is done: the proof of its verdicts."""
_Judged = tuple[Sight, tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How many units at once at most, and how many seconds each may cost an observer."""

    units: int = 128
    seconds: float = 45.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as passed in: the wall clock for documents, a steady one for costs in seconds."""

    now: Callable[[], datetime]
    steady: Callable[[], float]


async def scan(
    units: Iterable[Unit],
    *,
    observers: Sequence[Observer],
    clock: Clock,
    done: Done,
    pace: Pace = Pace(),
    finish: Finish | None = None,
    destinations: Destinations | None = None,
    begun: Mapping[int, UnitReport] = MappingProxyType({}),
) -> None:
    """Audit every unit; `done` hears of each as it finishes, in the order of finishing.

    Work is taken from the iterator as it is done, so that any number of units fits in memory.
    `begun` holds what other observers have reported already, by the unit's place in the list.
    """
    queue = enumerate(units)
    throttle = Throttle(pace.units, steady=clock.steady)
    async with throttle.watching(), asyncio.TaskGroup() as group:
        for _ in range(pace.units):
            work = _worker(
                queue, observers, clock, done, pace, finish, destinations, throttle, begun
            )
            group.create_task(work)


async def _worker(
    queue: Iterator[tuple[int, Unit]],
    observers: Sequence[Observer],
    clock: Clock,
    done: Done,
    pace: Pace,
    finish: Finish | None,
    destinations: Destinations | None,
    throttle: Throttle,
    begun: Mapping[int, UnitReport],
) -> None:
    while True:
        async with throttle.place():
            if (taken := next(queue, None)) is None:
                return
            index, unit = taken
            started = clock.steady()
            before = begun.get(index) or blank(unit)
            report = await audit(
                unit,
                observers,
                clock=clock,
                seconds=pace.seconds,
                destinations=destinations,
                begun=before,
            )
            if finish is not None:
                report = await finish(unit, report)
            spent = round(before.seconds + clock.steady() - started, 3)
            throttle.note(unreachable=_is_unreachable(report))
            done(index, report.model_copy(update={"seconds": spent}))


def _is_unreachable(report: UnitReport) -> bool:
    """Whether it failed in a way in which an overloaded network fails."""
    return any(
        isinstance(sight, Unseen) and sight.cause in (Cause.TIMEOUT, Cause.CONNECT, Cause.DNS)
        for sight in report.sights
    )


async def audit(
    unit: Unit,
    observers: Sequence[Observer],
    *,
    clock: Clock,
    seconds: float,
    destinations: Destinations | None = None,
    begun: UnitReport | None = None,
) -> UnitReport:
    """The report on one unit: the cheapest observer first, the next while something is open.

    `begun` is what cheaper observers have reported already; these here go on from there.
    """
    report = begun or blank(unit)
    for observer in observers:
        sight, judged = await _look(unit, observer, clock=clock, seconds=seconds)
        if destinations is not None and (hrefs := unit.to_follow(sight, judged)):
            assert isinstance(sight, Page)
            sight = with_destinations(sight, await destinations.of(hrefs))
            judged = unit.judge(sight)
        report = joined(report, sight, judged)
        if not is_open(unit, report):
            break
    return report


def blank(unit: Unit) -> UnitReport:
    """The report on a unit before anybody has looked."""
    return UnitReport(target=unit.target, waivers=unit.waivers, sights=(), verdicts=())


def is_open(unit: Unit, report: UnitReport) -> bool:
    """Whether another observer should look."""
    return unit.worth_another_look(report.sights[-1], report.verdicts)


def joined(report: UnitReport, sight: Sight, judged: tuple[Verdict, ...]) -> UnitReport:
    """The report with one more sight, and what all of them say together."""
    verdicts = tuple(map(agree, report.verdicts, judged)) if report.sights else judged
    return report.model_copy(update={"sights": (*report.sights, sight), "verdicts": verdicts})


async def _look(unit: Unit, observer: Observer, *, clock: Clock, seconds: float) -> _Judged:
    """The clearest sight that is needed or to be had, and what it says."""
    clearest: _Judged | None = None
    in_doubt: frozenset[Sense] = frozenset(Sense)

    def unseen(cause: Cause, detail: str) -> _Judged:
        sight = Unseen(
            url=unit.target.url,
            observer=observer.name,
            taken_at=clock.now(),
            cause=cause,
            detail=detail,
        )
        return sight, unit.judge(sight)

    try:
        async with (
            observer.place(),
            asyncio.timeout(seconds),
            aclosing(observer.look(unit, lambda: in_doubt)) as sights,
        ):
            async for sight in sights:
                clearest = sight, unit.judge(sight)
                in_doubt = unit.in_doubt(*clearest)
                if not in_doubt:
                    break
    except TimeoutError:
        return clearest or unseen(Cause.TIMEOUT, f"the look took longer than {seconds:g} s")
    except Exception:
        return unseen(Cause.OUR_BUG, traceback.format_exc(limit=-6))
    return clearest or unseen(Cause.OUR_BUG, "the observer saw nothing")


def document(
    reports: Iterable[UnitReport],
    policy: Policy,
    *,
    started: datetime,
    finished: datetime,
    complete: bool,
) -> ScanRun:
    """The finished run as one document."""
    return ScanRun(
        id=started.strftime("%Y%m%dT%H%M%S.%fZ"),
        tool=Tool(version=__version__),
        rules=policy,
        started_at=started,
        finished_at=finished,
        complete=complete,
        reports=tuple(reports),
    )


def rejudge(run: ScanRun, units: dict[str, Unit], policy: Policy, *, finished: datetime) -> ScanRun:
    """The same sights under other rules, without looking again."""
    reports = tuple(_rejudged(report, units[report.target.id]) for report in run.reports)
    return run.model_copy(update={"rules": policy, "finished_at": finished, "reports": reports})


def _rejudged(report: UnitReport, unit: Unit) -> UnitReport:
    again = report.model_copy(update={"sights": (), "verdicts": ()})
    for sight in report.sights:
        again = joined(again, sight, unit.judge(sight))
    return again
