"""Keeps the workers of a cluster supplied with tasks, and repeats those whose workers die."""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from distributed import Client
from distributed.scheduler import KilledWorker

from ycaudit.auditing.dask_cluster import WORKER_SECONDS
from ycaudit.auditing.dask_queue import HostQueue
from ycaudit.auditing.dask_worker import Job, Result, Task, run_task
from ycaudit.auditing.engine import Done, blank, joined
from ycaudit.errors import StoppedError
from ycaudit.i18n import Message
from ycaudit.model import Cause, UnitReport, Unseen
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import EvidenceStore

TASKS_PER_SLOT = 2
"""Submitted at once: no slot runs dry, and few tasks are suspects when their worker dies."""
BROWSER_UNITS_PER_TASK = 4
MAX_OPEN = 256
"""Units that wait for a browser with their first report before no more are started."""
RETRIES = 2
POLL_SECONDS = 2.0
"""Between two requests for the list of workers, which come and go."""
MAX_EMPTY_POLLS = WORKER_SECONDS / POLL_SECONDS
"""Counted, not timed: the clock leaps where a machine was asleep, and no worker could come then."""


@dataclass(frozen=True, slots=True)
class _Capacity:
    """How many tasks a worker runs at once."""

    slots: int
    browser: int


class Dispatch:
    """One run of units on the workers of a client."""

    def __init__(
        self,
        client: Client,
        units: Iterable[Unit],
        observers: Sequence[str],
        *,
        run: str,
        done: Done,
        store: EvidenceStore | None,
        now: Callable[[], datetime],
    ) -> None:
        """`done` gets each report once; `now` is the wall clock for reports made here."""
        self._client = client
        self._queue = HostQueue(units)
        self._observers = tuple(observers)
        self._needs_browser = "browser" in observers
        self._run = run
        self._done = done
        self._store = store
        self._now = now
        self._open: deque[Job] = deque()
        """Units that wait for a browser."""
        self._under_way: dict[asyncio.Task[None], tuple[str, int]] = {}
        """The worker of each task ("" is any that has a browser), and its number of units."""
        self._submitted: dict[str, tuple[str, asyncio.Future[bytes]]] = {}
        """By dask's key: the worker that was chosen, and the result to come."""
        self._workers: dict[str, _Capacity] = {}
        self._time = asyncio.get_running_loop().time
        self._polled, self._empty_polls = float("-inf"), 0
        self._alone = asyncio.Lock()

    async def run(self) -> None:
        """Return when every unit is done. Raises StoppedError."""
        try:
            while self._under_way or self._open or self._queue:
                await self._poll_workers()
                self._submit_more()
                await self._wait()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _poll_workers(self) -> None:
        """Update the list of workers, unless that was done just now."""
        if (clock := self._time()) - self._polled < POLL_SECONDS:
            return
        try:
            identity = await self._client.scheduler.identity(n_workers=-1)
            self._workers = {
                address: _Capacity(worker["nthreads"], int(worker["resources"].get("browser", 0)))
                for address, worker in sorted(identity["workers"].items())
            }
            await self._resubmit_forgotten()
        except (OSError, AttributeError) as error:
            raise StoppedError("the scheduler does not answer any more") from error
        self._polled = clock
        waits_for_browser = self._waiting_for_browser() > 0
        if any(worker.browser or not waits_for_browser for worker in self._workers.values()):
            self._empty_polls = 0
            return
        self._empty_polls += 1
        if self._empty_polls > MAX_EMPTY_POLLS:
            wanted = Message("with a browser ") if self._workers else ""
            raise StoppedError("no worker {0}has been there for {1:g} s", wanted, WORKER_SECONDS)

    def _submit_more(self) -> None:
        if not self._needs_browser:
            # One task for each worker in turn, so that none takes what the next one needs.
            while sum(self._submit_one(worker) for worker in self._workers):
                pass
            return
        while len(self._open) < MAX_OPEN and (job := self._queue.next()):
            self._open.append(job)
        limit = TASKS_PER_SLOT * sum(worker.browser for worker in self._workers.values())
        while self._open and self._tasks_of("") < limit:
            units = range(min(BROWSER_UNITS_PER_TASK, len(self._open)))
            self._start(tuple(self._open.popleft() for _ in units), "")

    def _submit_one(self, worker: str) -> bool:
        """Whether the worker had room for one more task, and there was a task for it."""
        tasks, slots = self._tasks_of(worker), self._workers[worker].slots
        if tasks >= TASKS_PER_SLOT * slots:
            return False
        jobs = self._queue.take(worker, tuple(self._workers), idle=tasks < slots)
        if jobs:
            self._start(jobs, worker)
        return bool(jobs)

    def _tasks_of(self, worker: str) -> int:
        return sum(chosen == worker for chosen, _ in self._under_way.values())

    def _waiting_for_browser(self) -> int:
        return len(self._open) + sum(n for worker, n in self._under_way.values() if not worker)

    def _start(self, jobs: tuple[Job, ...], worker: str) -> None:
        task = asyncio.create_task(self._finish(jobs, worker))
        self._under_way[task] = worker, len(jobs)

    async def _wait(self) -> None:
        """Return when a task is finished, or when the workers are to be listed again."""
        if not self._under_way:
            return await asyncio.sleep(POLL_SECONDS)  # for a worker to come
        finished, _ = await asyncio.wait(
            self._under_way, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in finished:
            del self._under_way[task]
            task.result()
        return None

    async def _finish(self, jobs: tuple[Job, ...], worker: str) -> None:
        """Get the reports of all units, each unit by itself where the task killed its workers."""
        try:
            results = [await self._result(jobs, worker)]
        except KilledWorker:
            results = await asyncio.gather(*(self._result_of_one(job) for job in jobs))
        finally:
            if worker:
                self._queue.release(jobs)
        left = {job.index: job.unit for job in jobs}
        for result in results:
            self._collect(result, left)
        assert not left, Message("a task left units out")

    async def _result_of_one(self, job: Job) -> Result:
        """The result of one unit, which is to blame only if it kills workers with no other about.

        A worker that dies takes all of its tasks with it, and dask suspects each of them.
        """
        with suppress(KilledWorker):
            return await self._result((job,))
        async with self._alone:
            try:
                return await self._result((job,))
            except KilledWorker:
                report = _crashed(job, self._observers[0], at=self._now())
                return Result(reports=((job.index, report),))

    async def _result(self, jobs: tuple[Job, ...], worker: str = "") -> Result:
        task = Task(observers=self._observers, jobs=jobs)
        future = self._submit(task.model_dump_json().encode(), worker)
        reply = asyncio.ensure_future(future.result())
        self._submitted[future.key] = worker, reply
        try:
            return Result.model_validate_json(await reply)
        except CancelledError as error:  # dask's, not asyncio's: no single task is cancelled here
            raise StoppedError("the connection to the scheduler is lost") from error
        except asyncio.CancelledError:
            if future.key in self._submitted:
                raise
        finally:
            self._empty_polls = 0  # whatever came of it, a worker that no poll may have met had it
            self._submitted.pop(future.key, None)
            future.release()
        return await self._result(jobs)  # after `_resubmit_forgotten`

    async def _resubmit_forgotten(self) -> None:
        """Submit the tasks again, for any worker, that the scheduler does not process any more.

        A task that may run elsewhere waits for its own worker for ever if that dies while there is
        no other (distributed 2026.8).
        """
        orphans = {k: r for k, (w, r) in self._submitted.items() if w and w not in self._workers}
        if orphans and self._workers:
            processing = await self._client.scheduler.processing(workers=None)
            for key in orphans.keys() - {key for keys in processing.values() for key in keys}:
                if not orphans[key].done():
                    self._submitted.pop(key, None)
                    orphans[key].cancel()

    def _submit(self, task: bytes, worker: str) -> Any:
        with warnings.catch_warnings():
            # Reports of pages with thousands of links are large, and are sent once.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._client.submit(
                run_task,
                self._run,
                task,
                key=f"ycaudit-{uuid4().hex}",
                workers=[worker] if worker else None,
                allow_other_workers=bool(worker),
                resources={"browser": 1} if self._needs_browser else None,
                retries=RETRIES,
            )

    def _collect(self, result: Result, left: dict[int, Unit]) -> None:
        """Pass on finished reports."""
        for index, report in result.reports:
            del left[index]
            self._done(index, report)
        if self._store is not None:
            for file in result.files:
                self._store.note(file)
            self._store.left_out += result.left_out


def _crashed(job: Job, observer: str, *, at: datetime) -> UnitReport:
    """The report on a unit that kills the workers that visit it."""
    observation = Unseen(
        url=job.unit.target.url,
        observer=observer,
        taken_at=at,
        cause=Cause.CRASH,
        why=Reason.of("workers_died"),
    )
    return joined(job.unit, blank(job.unit), observation)
