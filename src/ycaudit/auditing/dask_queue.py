"""Which units go to which worker: all units of a host to one worker at a time.

So politeness towards a host and what is cached of it hold as in one process.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from ycaudit.auditing.dask_worker import Job
from ycaudit.rules.judge import Unit

UNITS_PER_TASK = 16
LOOK_AHEAD = 2000
"""Units that are read ahead to find those of one host."""


class HostQueue:
    """The next units by host. A host is lent to one worker until its tasks are finished."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._source = enumerate(units)
        self._waiting: dict[str, deque[Job]] = {}
        self._count = 0
        self._lent: dict[str, tuple[str, int]] = {}
        """The worker that has a host, and in how many tasks."""

    def take(self, worker: str, workers: tuple[str, ...], *, idle: bool) -> tuple[Job, ...]:
        """The next task of a worker: units of its own hosts or, if it is idle, of any."""
        self._read()
        free = [h for h in self._waiting if self._lent.get(h, (worker, 0))[0] == worker]
        own = [h for h in free if h in self._lent or _home(h, workers) == worker]
        jobs: list[Job] = []
        for host in own or (free if idle else ()):
            jobs += self._pop(host, UNITS_PER_TASK - len(jobs))
            if len(jobs) == UNITS_PER_TASK:
                break
        for host in {job.host for job in jobs}:
            self._lent[host] = worker, self._lent.get(host, (worker, 0))[1] + 1
        return tuple(jobs)

    def release(self, jobs: Iterable[Job]) -> None:
        """Take back the hosts of a task that `take` returned."""
        for host in {job.host for job in jobs}:
            worker, tasks = self._lent.pop(host)
            if tasks > 1:
                self._lent[host] = worker, tasks - 1

    def next(self) -> Job | None:
        """The next unit of any host; None at the end."""
        self._read()
        return next((self._pop(host, 1)[0] for host in tuple(self._waiting)), None)

    def __bool__(self) -> bool:
        self._read()
        return bool(self._waiting)

    def _pop(self, host: str, limit: int) -> list[Job]:
        queue = self._waiting[host]
        jobs = [queue.popleft() for _ in range(min(limit, len(queue)))]
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
    """The worker of a host by rendezvous hashing: most hosts keep theirs as workers come and go."""
    return max(workers, key=lambda worker: hashlib.blake2b(f"{host} {worker}".encode()).digest())
