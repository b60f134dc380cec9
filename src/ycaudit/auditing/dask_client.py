"""Audits on more than one process or machine, by dask.distributed.

Why dask: it has the scheduler, the workers that are restarted when they die, the counting of who
killed them, TLS between machines and a local cluster of processes, in Python alone, and needs no
broker. What is ours is only which units go together, and how many are under way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
import warnings
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

from ycaudit import __version__
from ycaudit.auditing.dask_worker import (
    REQUIREMENTS,
    About,
    Answer,
    Job,
    Order,
    Plugin,
    Setup,
    about,
    control,
    source,
    work,
)
from ycaudit.auditing.engine import Done, blank, is_unfinished
from ycaudit.auditing.runtime import now
from ycaudit.errors import AuditError, StoppedError
from ycaudit.i18n import Message
from ycaudit.model import Cause, UnitReport, Unseen
from ycaudit.net.client import Options
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.requirements import Requirement
from ycaudit.runs.evidence import EvidenceStore

SLOTS = 4
"""Tasks under way in a worker of ours. With one, fifteen units would wait for a slow sixteenth."""
UNITS_A_TASK = 16
WAITING = 2
"""Tasks submitted for each slot: none runs dry, and few are suspects when their worker dies."""
LOOK_AHEAD = 2000
"""Units among which those of one host are looked for."""
BROWSER_UNITS_A_TASK = 4
MAX_OPEN = 256
"""Units that wait for a browser with their first report before no more are begun."""
RETRIES = 2
ROLL_CALL_SECONDS = 2.0
PATIENCE_SECONDS = 120.0
"""For workers to come, and to come back."""
CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the work is done: by so many processes of this machine, or by a scheduler's workers."""

    workers: int = 0
    scheduler: str | None = None


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[Client]:
    """A client of the cluster, which has a worker. Raises AuditError."""
    async with AsyncExitStack() as stack:
        if place.scheduler is None:
            stack.enter_context(dask.config.set(_OF_OUR_OWN))
            there = await stack.enter_async_context(_local(place.workers))
        else:
            there = place.scheduler
        try:
            client = Client(there, asynchronous=True, set_as_default=False)
            await stack.enter_async_context(client)
        except (OSError, ValueError) as error:
            raise AuditError(
                "--cluster {0}: no scheduler answers: {1}", place.scheduler, error
            ) from error
        try:
            await client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            raise AuditError("--cluster {0}: it has no workers", place.scheduler) from error
        yield client


def _local(workers: int) -> LocalCluster:
    """Processes of this machine, on loopback, without a dashboard; dask restarts what dies."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=SLOTS,
        host="127.0.0.1",
        # Without a dashboard it still serves HTTP, and on a known port, which may be taken.
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
        asynchronous=True,
    )


async def roll_call(client: Client, tell: Callable[[Message], None]) -> list[About]:
    """What the workers say of themselves. Raises AuditError where one is not of our kind."""
    with warnings.catch_warnings(record=True) as differences:
        warnings.simplefilter("always")
        await client.get_versions(check=True)
    for difference in differences:
        tell(Message("{0}", difference.message))
    said = await client.run(about, on_error="return")
    workers = []
    for where, answer in said.items():
        if not isinstance(answer, str):
            raise AuditError(
                "worker {0} has no ycaudit {1}[cluster]: {2}", where, __version__, answer
            )
        workers.append(other := About.model_validate_json(answer))
        if (other.version, other.source) != (__version__, source()):
            raise AuditError(
                "worker {0} has ycaudit {1} ({2}), this is {3} ({4}): install the same on both",
                where,
                other.version,
                other.source[:8],
                __version__,
                source()[:8],
            )
        if other.no_zbar:
            tell(Message("worker {0}: {1}; the other decoder reads alone", where, other.no_zbar))
    return workers


async def audit(
    client: Client,
    units: Iterable[Unit],
    observers: Sequence[str],
    setup: Setup,
    *,
    done: Done,
    store: EvidenceStore | None = None,
    controls: Sequence[Requirement] = (),
) -> tuple[Reason, ...]:
    """Audit every unit; `done` hears once of each, in the order of finishing.

    Returns what the control pages of these requirements say against the workers.
    """
    plugin = f"ycaudit-{setup.run}"
    await client.register_plugin(Plugin(setup), name=plugin)
    try:
        await _Dispatch(client, units, observers, setup, done, store).run()
        asked = REQUIREMENTS.dump_json(tuple(controls))
        said = await client.run(control, setup.run, asked, on_error="return")
        return tuple(
            Reason.of("worker_says", worker=str(where), because=reason)
            for where, answer in said.items()
            for reason in _suspicions(answer)
        )
    finally:
        with suppress(OSError, TimeoutError, AttributeError):  # what is gone needs no farewell
            async with asyncio.timeout(CLOSING_SECONDS):
                await client.unregister_worker_plugin(plugin)


def setup_for(
    place: Place,
    options: Options,
    *,
    units: int,
    seconds: float,
    store: EvidenceStore | None,
    cache: Path | None = None,
) -> Setup:
    """What the workers of a place must know; each of this machine has its part of it."""
    local = place.scheduler is None
    cores = os.cpu_count() or 2
    return Setup(
        run=uuid4().hex,
        source=source(),
        options=replace(options, resolve={}),
        resolve=tuple((host, port, known) for (host, port), known in options.resolve.items()),
        units=units,
        seconds=seconds,
        threads=max(1, cores // place.workers) if local else None,
        local=local,
        evidence=store.root.resolve() if store else None,
        evidence_bytes=store.most_bytes // place.workers if store else 0,
        cache=cache.resolve() if cache and local else None,
    )


class _Ahead:
    """The units that come next, by host; a host is in the hands of one worker at a time."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._source = enumerate(units)
        self._waiting: dict[str, deque[Job]] = {}
        self._count = 0
        self._held: dict[str, tuple[str, int]] = {}
        """The worker that a host is with, and in how many of its tasks."""

    def take(self, worker: str, workers: tuple[str, ...], *, idle: bool) -> tuple[Job, ...]:
        """The next task for a worker: of hosts that are its own, or, if idle, of any."""
        self._read()
        free = [h for h in self._waiting if self._held.get(h, (worker, 0))[0] == worker]
        own = [h for h in free if h in self._held or _home(h, workers) == worker]
        jobs: list[Job] = []
        for host in own or (free if idle else ()):
            jobs += self._of(host, UNITS_A_TASK - len(jobs))
            if len(jobs) == UNITS_A_TASK:
                break
        for host in {job.host for job in jobs}:
            self._held[host] = worker, self._held.get(host, (worker, 0))[1] + 1
        return tuple(jobs)

    def give_back(self, jobs: Iterable[Job]) -> None:
        """The task is finished."""
        for host in {job.host for job in jobs}:
            worker, tasks = self._held.pop(host)
            if tasks > 1:
                self._held[host] = worker, tasks - 1

    def next(self) -> Job | None:
        """The next unit, whatever its host."""
        self._read()
        return next((self._of(host, 1)[0] for host in tuple(self._waiting)), None)

    def __bool__(self) -> bool:
        self._read()
        return bool(self._waiting)

    def _of(self, host: str, most: int) -> list[Job]:
        queue = self._waiting[host]
        jobs = [queue.popleft() for _ in range(min(most, len(queue)))]
        self._count -= len(jobs)
        if not queue:
            del self._waiting[host]
        return jobs

    def _read(self) -> None:
        for index, unit in islice(self._source, LOOK_AHEAD - self._count):
            job = Job(index=index, unit=unit)
            self._waiting.setdefault(job.host, deque()).append(job)
            self._count += 1


@lru_cache(maxsize=4 * LOOK_AHEAD)
def _home(host: str, workers: tuple[str, ...]) -> str:
    """The worker of a host: when one comes or goes, most hosts stay where they are."""
    return max(workers, key=lambda worker: hashlib.blake2b(f"{host} {worker}".encode()).digest())


@dataclass(frozen=True, slots=True)
class _Way:
    """A kind of task: who looks, and whether somebody will look again."""

    observers: tuple[str, ...]
    goes_on: bool = False

    @property
    def browser(self) -> bool:
        """Whether it needs a worker that has one."""
        return "browser" in self.observers


@dataclass(frozen=True, slots=True)
class _Room:
    """How many tasks a worker may have under way."""

    slots: int
    browser: int


class _Dispatch:
    """Keeps every worker supplied, and no more; asks again where workers died."""

    def __init__(
        self,
        client: Client,
        units: Iterable[Unit],
        observers: Sequence[str],
        setup: Setup,
        done: Done,
        store: EvidenceStore | None,
    ) -> None:
        self._client = client
        self._ahead = _Ahead(units)
        self._cheap = tuple(name for name in observers if name != "browser")
        self._has_browser = "browser" in observers
        self._run = setup.run
        self._done = done
        self._store = store
        self._open: deque[Job] = deque()
        """What waits for a browser."""
        self._under_way: dict[asyncio.Task[None], tuple[str, int]] = {}
        """The worker that each task is meant for ("" is any with a browser), and its units."""
        self._asked: dict[str, tuple[str, asyncio.Future[bytes]]] = {}
        """By dask's key: the worker that was meant, and what it will say."""
        self._rooms: dict[str, _Room] = {}
        self._called = self._seen = float("-inf")
        self._alone = asyncio.Lock()

    async def run(self) -> None:
        """Until every unit is done. Raises StoppedError."""
        self._seen = time.monotonic()
        try:
            while self._under_way or self._open or self._ahead:
                await self._call()
                self._supply()
                await self._wait()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _call(self) -> None:
        """Ask now and then which workers there are: they come and go."""
        if (clock := time.monotonic()) - self._called < ROLL_CALL_SECONDS:
            return
        try:
            told = await self._client.scheduler.identity(n_workers=-1)
            self._rooms = {
                where: _Room(worker["nthreads"], int(worker["resources"].get("browser", 0)))
                for where, worker in sorted(told["workers"].items())
            }
            await self._rescue()
        except (OSError, AttributeError) as error:
            raise StoppedError("the scheduler does not answer any more") from error
        self._called = clock
        if any(room.browser or not self._waiting_for_browser() for room in self._rooms.values()):
            self._seen = clock
        elif clock - self._seen > PATIENCE_SECONDS:
            wanted = Message("with a browser ") if self._rooms else ""
            raise StoppedError("no worker {0}has been there for {1:g} s", wanted, PATIENCE_SECONDS)

    def _supply(self) -> None:
        if self._cheap:
            way = _Way(self._cheap, goes_on=self._has_browser)
            # One task each in turn, so that none takes what the next one needs.
            while sum(self._supplied(way, where) for where in self._rooms):
                pass
        else:
            while len(self._open) < MAX_OPEN and (job := self._ahead.next()):
                self._open.append(job)
        most = WAITING * sum(room.browser for room in self._rooms.values())
        way = _Way((*self._cheap, "browser"))  # the cheap ones for who must look again
        while self._open and self._tasks_of("") < most:
            units = range(min(BROWSER_UNITS_A_TASK, len(self._open)))
            self._begin(tuple(self._open.popleft() for _ in units), way, "")

    def _supplied(self, way: _Way, where: str) -> bool:
        """Whether there was room for one more task, and a task for it."""
        tasks, slots = self._tasks_of(where), self._rooms[where].slots
        if tasks >= WAITING * slots or self._waiting_for_browser() >= MAX_OPEN:
            return False
        jobs = self._ahead.take(where, tuple(self._rooms), idle=tasks < slots)
        if jobs:
            self._begin(jobs, way, where)
        return bool(jobs)

    def _tasks_of(self, where: str) -> int:
        return sum(worker == where for worker, _ in self._under_way.values())

    def _waiting_for_browser(self) -> int:
        return len(self._open) + sum(n for where, n in self._under_way.values() if not where)

    def _begin(self, jobs: tuple[Job, ...], way: _Way, where: str) -> None:
        task = asyncio.create_task(self._do(jobs, way, where))
        self._under_way[task] = where, len(jobs)

    async def _wait(self) -> None:
        if not self._under_way:
            return await asyncio.sleep(ROLL_CALL_SECONDS)  # for a worker to come
        finished, _ = await asyncio.wait(
            self._under_way, timeout=ROLL_CALL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in finished:
            del self._under_way[task]
            task.result()
        return None

    async def _do(self, jobs: tuple[Job, ...], way: _Way, where: str) -> None:
        """One task to its end, whatever dies."""
        try:
            answers = [await self._ask(jobs, way, where)]
        except KilledWorker:
            answers = await asyncio.gather(*(self._one(job, way) for job in jobs))
        finally:
            if where:
                self._ahead.give_back(jobs)
        known = {job.index: job.unit for job in jobs}
        for answer in answers:
            self._take(answer, known, way)
        assert not known, Message("a task left units out")

    async def _one(self, job: Job, way: _Way) -> Answer:
        """A unit by itself; one is convicted only where no other was suspect beside it."""
        with suppress(KilledWorker):
            return await self._ask((job,), way)
        async with self._alone:
            try:
                return await self._ask((job,), way)
            except KilledWorker:
                return Answer(reports=((job.index, _crashed(job, way.observers[-1])),))

    async def _ask(self, jobs: tuple[Job, ...], way: _Way, where: str = "") -> Answer:
        order = Order(observers=way.observers, goes_on=way.goes_on, jobs=jobs)
        future = self._submit(order.model_dump_json().encode(), way, where)
        result = asyncio.ensure_future(future.result())
        self._asked[future.key] = where, result
        try:
            return Answer.model_validate_json(await result)
        except CancelledError as error:  # dask's, not asyncio's: nobody here cancels single tasks
            raise StoppedError("the connection to the scheduler is lost") from error
        except asyncio.CancelledError:
            if future.key in self._asked:
                raise
        finally:
            self._asked.pop(future.key, None)
            future.release()
        return await self._ask(jobs, way)

    async def _rescue(self) -> None:
        """Ask again, of anybody, for the tasks that dask forgets.

        A task that may run elsewhere waits for its own worker for ever, if that dies at a moment
        when there is no other (distributed 2026.8).
        """
        orphans = {k: r for k, (w, r) in self._asked.items() if w and w not in self._rooms}
        if orphans and self._rooms:
            processing = await self._client.scheduler.processing(workers=None)
            for key in orphans.keys() - {key for keys in processing.values() for key in keys}:
                if not orphans[key].done():
                    self._asked.pop(key, None)
                    orphans[key].cancel()

    def _submit(self, order: bytes, way: _Way, where: str) -> Any:
        with warnings.catch_warnings():
            # Pages of thousands of links are large, and are sent once.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._client.submit(
                work,
                self._run,
                order,
                key=f"ycaudit-{uuid4().hex}",
                workers=[where] if where else None,
                allow_other_workers=bool(where),
                resources={"browser": 1} if way.browser else None,
                priority=int(way.browser),  # what is begun is ended first
                retries=RETRIES,
            )

    def _take(self, answer: Answer, known: dict[int, Unit], way: _Way) -> None:
        """Pass on what is done; what is not waits for a browser."""
        for index, report in answer.reports:
            unit = known.pop(index)
            if way.goes_on and is_unfinished(unit, report):
                self._open.append(Job(index=index, unit=unit, begun=report))
            else:
                self._done(index, report)
        if self._store is not None:
            for kept in answer.kept:
                self._store.note(kept)
            self._store.left_out += answer.left_out


def _suspicions(answer: object) -> Iterable[Reason]:
    """What a worker says of its control pages, or that it could not."""
    if isinstance(answer, tuple):
        return map(Reason.model_validate_json, answer)
    return (Reason.of("worker_not_checked", detail=answer),)


def _crashed(job: Job, observer: str) -> UnitReport:
    observation = Unseen(
        url=job.unit.target.url,
        observer=observer,
        taken_at=now(),
        cause=Cause.CRASH,
        why=Reason.of("workers_died"),
    )
    report = job.begun or blank(job.unit)
    observations = (*report.observations, observation)
    return report.model_copy(
        update={"observations": observations, "verdicts": job.unit.conclude(observations)}
    )


_OF_OUR_OWN = {
    "distributed.scheduler.work-stealing": False,  # it knows no hosts
    "distributed.scheduler.allowed-failures": 1,  # a second death makes a suspect
}
"""Dask's settings for a scheduler that we start."""
