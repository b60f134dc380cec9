"""Looks at every unit and judges what is seen: the only place that starts work for many units."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from ycaudit import __version__
from ycaudit.auditing.second_look import Again, Beyond, Judged, Look, second, through, wants_both
from ycaudit.auditing.throttle import Throttle
from ycaudit.errors import AuditError
from ycaudit.model import (
    Cause,
    NoWebsite,
    Observation,
    Page,
    Policy,
    RunHeader,
    Tool,
    UnitReport,
    Unseen,
)
from ycaudit.observe import Observer
from ycaudit.observe.deadline import deadline
from ycaudit.observe.redirects import RedirectFollower
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import credentials_of, host_of

Done = Callable[[int, UnitReport], None]
"""Called with each finished unit: its place in the list, and the report."""
Finish = Callable[[Unit, UnitReport], Awaitable[UnitReport]]
"""Adds to each report before it is done: the evidence files of its verdicts."""

FEW_LINKS, SAME_LINKS = 5, 0.1
"""Pages of at least so many links that share fewer than this part of them are different pages."""
MAX_HELD = 256
"""Reports that wait for a second look; the first of them is taken when there are more."""


LOOK_SECONDS = 180.0
"""What one look at a unit may take: pages on which very much opens need a minute."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many units at once at most, and how many seconds each may cost an observer."""

    units: int = 128
    seconds: float = LOOK_SECONDS


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as passed in: the wall clock for documents, a steady one for costs in seconds."""

    now: Callable[[], datetime]
    steady: Callable[[], float]
    behind: Callable[[], float] = lambda: 0.0
    """Seconds for which work has waited for a processor."""


async def scan(
    units: Iterable[Unit],
    *,
    observers: Sequence[Observer],
    clock: Clock,
    done: Done,
    pace: Pace = Pace(),
    finish: Finish | None = None,
    redirects: RedirectFollower | None = None,
    beyond: Beyond | None = None,
) -> None:
    """Audit every unit; `done` is called with each as it finishes, in the order of finishing.

    Work is taken from the iterator as it is done, so that any number of units fits in memory.
    A unit that seems to fail is looked at again after the others.
    """
    queue = _Queue(units)
    throttle = Throttle(pace.units, steady=clock.steady, behind=clock.behind)
    glance = partial(look_once, clock=clock, seconds=pace.seconds)
    look = partial(glance, redirects=redirects)
    again = second(observers[0], look) if beyond is None else through(beyond, glance)
    wants_again = Unit.unconfirmed if beyond is None else wants_both

    async def work() -> None:
        while True:
            async with throttle.place():
                if (job := queue.next()) is None:
                    return
                started = clock.steady()
                if job.again:
                    report = await confirmed(job.unit, job.report, again)
                else:
                    report = await audit(job.unit, job.report, observers, look)
                    throttle.note(unreachable=_is_unreachable(report))
                spent = job.report.seconds + clock.steady() - started
                report = report.model_copy(update={"seconds": round(spent, 3)})
                if not job.again and wants_again(job.unit, report.observations):
                    queue.hold(_Job(job.index, job.unit, report, again=True))
                    continue
                if finish is not None:
                    report = await finish(job.unit, report)
                done(job.index, redacted(report))

    try:
        async with throttle.watching(), asyncio.TaskGroup() as group:
            for _ in range(pace.units):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        # A full disk stops all workers: one sentence is printed, not a group of tracebacks.
        if (ours := errors.subgroup(AuditError)) is not None:
            raise _first(ours) from None
        raise


def _first(errors: BaseExceptionGroup[AuditError]) -> AuditError:
    one = errors.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one


@dataclass(frozen=True, slots=True)
class _Job:
    """A unit by its place in the list, with what is known of it."""

    index: int
    unit: Unit
    report: UnitReport
    again: bool = False


class _Queue:
    """The units to look at, and those that seem to fail, which are looked at again later."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._fresh = enumerate(units)
        self._held: deque[_Job] = deque()

    def hold(self, job: _Job) -> None:
        """Look again when the others have been looked at, or MAX_HELD of them are waiting."""
        self._held.append(job)

    def next(self) -> _Job | None:
        """What to do next; None where nothing is left."""
        if len(self._held) < MAX_HELD and (taken := next(self._fresh, None)) is not None:
            index, unit = taken
            return _Job(index, unit, blank(unit))
        return self._held.popleft() if self._held else None


def redacted(report: UnitReport) -> UnitReport:
    """The report without the user name and password of the unit's address, wherever they stand."""
    if not (secrets := credentials_of(report.target.url)):
        return report
    written = report.model_dump_json()
    for secret in secrets:
        shown = json.dumps(secret, ensure_ascii=False)[1:-1]
        written = written.replace(f"{shown}@", "").replace(shown, "***")
    return UnitReport.model_validate_json(written)


def _is_unreachable(report: UnitReport) -> bool:
    """Whether it failed in a way in which an overloaded network fails."""
    return any(
        isinstance(observation, Unseen)
        and observation.cause in (Cause.TIMEOUT, Cause.CONNECT, Cause.DNS)
        for observation in report.observations
    )


async def audit(
    unit: Unit, report: UnitReport, observers: Sequence[Observer], look: Look
) -> UnitReport:
    """The report on one unit: the strongest witness first, the next while something is open."""
    for observer in observers:
        report = joined(unit, report, (await look(unit, observer))[0])
        if not is_unfinished(unit, report):
            break
    return report


async def confirmed(unit: Unit, report: UnitReport, again: Again) -> UnitReport:
    """The report after another look by the witness that decides, and one more if that was blind."""
    report = joined(unit, report, await again(unit))
    if unit.unconfirmed(report.observations):
        report = joined(unit, report, await again(unit))
    return report


def blank(unit: Unit) -> UnitReport:
    """The report on a unit before anybody has looked."""
    return UnitReport(target=unit.target, waivers=unit.waivers, observations=(), verdicts=())


def is_unfinished(unit: Unit, report: UnitReport) -> bool:
    """Whether another look is wanted, to settle a doubt or to confirm a fail."""
    seen = report.observations
    is_open = unit.worth_another_look(seen[-1], unit.judge(seen[-1])) or unit.unconfirmed(seen)
    return is_open or unit.wants_markup(seen)


def joined(unit: Unit, report: UnitReport, observation: Observation) -> UnitReport:
    """The report with one more observation, and the verdicts from all of them."""
    if any(_differ(observation, before) for before in report.observations):
        observation = _remarked(observation, Reason.of("cloaked"))
    if observation.via and all(isinstance(before, Unseen) for before in report.observations):
        lost = next(before.why for before in report.observations if isinstance(before, Unseen))
        why = Reason.of("only_beyond", proxy=observation.via, because=lost)
        observation = _remarked(observation, why)
    observations = (*report.observations, observation)
    verdicts = unit.conclude(observations)
    return report.model_copy(update={"observations": observations, "verdicts": verdicts})


def _differ(one: Observation, other: Observation) -> bool:
    """Whether two observers, which call themselves differently, were shown different pages."""
    if not (isinstance(one, Page) and isinstance(other, Page)) or one.observer == other.observer:
        return False
    a, b = ({link.href for link in page.links} for page in (one, other))
    fewer = min(len(a), len(b))
    return fewer >= FEW_LINKS and len(a & b) < SAME_LINKS * fewer


def _remarked(observation: Observation, remark: Reason) -> Observation:
    if not isinstance(observation, Page):
        return observation
    return observation.model_copy(update={"remarks": (*observation.remarks, remark)})


def ended_elsewhere(report: UnitReport, hosts: Mapping[str, str]) -> UnitReport:
    """The report with a remark where the homepage is another unit's; `hosts`: name by host."""
    own = host_of(report.target.url)

    def noted(observation: Observation) -> Observation:
        ended = host_of(observation.final_url) if isinstance(observation, Page) else own
        if ended == own or ended not in hosts:
            return observation
        return _remarked(observation, Reason.of("ends_elsewhere", unit=hosts[ended]))

    observations = tuple(map(noted, report.observations))
    return report.model_copy(update={"observations": observations})


async def look_once(
    unit: Unit,
    observer: Observer,
    *,
    clock: Clock,
    seconds: float,
    redirects: RedirectFollower | None,
    again: bool = False,
) -> Judged:
    """The clearest observation, its links followed as far as the verdicts need it."""
    observation, judged = await _seen(unit, observer, clock=clock, seconds=seconds, again=again)
    if redirects is not None and (hrefs := unit.to_follow(observation, judged)):
        assert isinstance(observation, Page)
        observation = await redirects.followed(observation, hrefs)
        judged = unit.judge(observation)
    return observation, judged


async def _seen(
    unit: Unit, observer: Observer, *, clock: Clock, seconds: float, again: bool
) -> Judged:
    """The first observation that leaves no doubt, else the last, with its verdicts."""
    clearest: Judged | None = None
    in_doubt = unit.unseen

    def unseen(cause: Cause, why: Reason) -> Judged:
        observation = Unseen(
            url=unit.target.url, observer=observer.name, taken_at=clock.now(), cause=cause, why=why
        )
        return observation, unit.judge(observation)

    try:
        async with (
            observer.place() as share,
            deadline(seconds, share),
            aclosing(observer.look(unit, lambda: in_doubt, again=again)) as observations,
        ):
            async for observation in observations:
                clearest = observation, unit.judge(observation)
                in_doubt = unit.in_doubt(*clearest)
                if not in_doubt:
                    break
    except TimeoutError:
        return clearest or unseen(Cause.TIMEOUT, Reason.of("look_timeout", seconds=seconds))
    except AuditError:
        raise  # the evidence cannot be written, which is no fault of the page
    except Exception:
        return unseen(Cause.OUR_BUG, Reason.of("our_bug", detail=traceback.format_exc(limit=-6)))
    return clearest or unseen(Cause.OUR_BUG, Reason.of("saw_nothing"))


def run_id(began: datetime) -> str:
    """The id of a run that begins at this moment in UTC; ids sort by it."""
    return began.strftime("%Y%m%dT%H%M%S.%fZ")


def header_of(
    policy: Policy, *, started: datetime, no_website: tuple[NoWebsite, ...] = ()
) -> RunHeader:
    """The header of a run that begins now; nothing of it is finished."""
    return RunHeader(
        id=run_id(started),
        tool=Tool(version=__version__),
        rules=policy,
        started_at=started,
        finished_at=started,
        complete=False,
        no_website=no_website,
    )
