"""The cluster that an audit runs on: connecting to it or starting it, and checking its workers."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import dask
from distributed import Client, LocalCluster

from ycaudit import __version__
from ycaudit.auditing.dask_worker import WorkerInfo, describe
from ycaudit.auditing.programs import source_sha256
from ycaudit.errors import AuditError
from ycaudit.i18n import Message

SLOTS = 4
"""Tasks at once in a local worker. With one, fifteen units would wait for a slow sixteenth."""
WORKER_SECONDS = 120.0
"""How long to wait for workers to appear, and to reappear."""
_LOCAL_CONFIG = {
    "distributed.scheduler.work-stealing": False,  # it does not keep a host with one worker
    "distributed.scheduler.allowed-failures": 1,  # raise KilledWorker at a task's second death
    # On a busy machine a worker that died needs more than dask's 15 s to be back.
    "distributed.deploy.lost-worker-timeout": "24h",
}
"""Dask's configuration for a scheduler that this process starts."""


_ADDRESS = re.compile(r"([a-z]+://)?[^\s/]+:\d+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where tasks run: in so many local processes, or on the workers of a scheduler's address."""

    workers: int = 0
    scheduler: str | None = None


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[Client]:
    """Connect to the cluster, or start a local one, and wait for a worker. Raises AuditError."""
    async with AsyncExitStack() as stack:
        if place.scheduler is None:
            stack.enter_context(dask.config.set(_LOCAL_CONFIG))
            address = await stack.enter_async_context(_local_cluster(place.workers))
        else:
            address = place.scheduler
            if not _ADDRESS.fullmatch(address):
                raise AuditError("--cluster {0!r}: write HOST:PORT or tcp://HOST:PORT", address)
        try:
            client = Client(address, asynchronous=True, set_as_default=False)
            await stack.enter_async_context(client)
        except (OSError, ValueError) as error:
            raise AuditError(
                "--cluster {0}: no scheduler answers there: start one, or name another", address
            ) from error
        try:
            await client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise AuditError("--cluster {0}: it has no workers", place.scheduler) from error
        yield client


def _local_cluster(workers: int) -> LocalCluster:
    """Processes on loopback, without a dashboard; dask restarts those that die."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=SLOTS,
        host="127.0.0.1",
        # Without a dashboard it still serves HTTP, and on a known port, which may be taken.
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
        asynchronous=True,
    )


async def check_workers(client: Client, notice: Callable[[Message], None]) -> list[WorkerInfo]:
    """Ask every worker what it runs; `notice` gets a sentence for each difference that is harmless.

    Raises AuditError where a worker has another build of ycaudit, or none.
    """
    with warnings.catch_warnings(record=True) as differences:
        warnings.simplefilter("always")
        await client.get_versions(check=True)
    for difference in differences:
        notice(Message("{0}", difference.message))
    replies = await client.run(describe, on_error="return")
    workers = [_checked(address, reply) for address, reply in replies.items()]
    for address, info in zip(replies, workers, strict=True):
        if info.no_zbar:
            notice(Message("worker {0}: {1}; the other decoder reads alone", address, info.no_zbar))
    return workers


def _checked(address: str, reply: object) -> WorkerInfo:
    if not isinstance(reply, str):
        raise AuditError("worker {0} has no ycaudit {1}[cluster]: {2}", address, __version__, reply)
    info, source = WorkerInfo.model_validate_json(reply), source_sha256()
    if (info.version, info.source) != (__version__, source):
        raise AuditError(
            "worker {0} has ycaudit {1} ({2}), this is {3} ({4}): install the same on both",
            address,
            info.version,
            info.source[:8],
            __version__,
            source[:8],
        )
    return info
