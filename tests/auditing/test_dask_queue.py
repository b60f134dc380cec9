"""Which units go to which worker, and how many are read ahead."""

from __future__ import annotations

import itertools

import pytest

from support.cluster import units
from ycaudit.auditing import demo_city

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from ycaudit.auditing.dask_queue import LOOK_AHEAD, UNITS_PER_TASK, HostQueue
from ycaudit.auditing.dask_worker import Job


def test_a_host_is_with_one_worker_at_a_time(running_city: demo_city.City) -> None:
    queue = HostQueue(units(running_city, 60))
    two = ("tcp://a", "tcp://b")
    held: list[tuple[str, tuple[Job, ...]]] = []
    for turn in range(40):
        worker = two[turn % 2]
        jobs = queue.take(worker, two, idle=True)
        others = {job.host for where, task in held if where != worker for job in task}
        assert others.isdisjoint(job.host for job in jobs)
        held.append((worker, jobs))
        if len(held) > 6:
            queue.release(held.pop(0)[1])


def test_any_number_of_units_is_read_only_so_far_ahead(running_city: demo_city.City) -> None:
    (unit, *_) = units(running_city)
    read = itertools.count()
    queue = HostQueue(unit for _ in read)
    assert len(queue.take("tcp://a", ("tcp://a",), idle=True)) == UNITS_PER_TASK
    assert next(read) == LOOK_AHEAD
