"""An audit on more than one process or machine, by dask.distributed.

Why dask: it has the scheduler, workers that are restarted when they die, TLS between machines and
a local cluster of processes, all in Python and without a broker. Ours is only which units go
together (`dask_queue`) and how many are under way (`dask_dispatch`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from distributed import Client

from ycaudit.auditing.dask_cluster import Place
from ycaudit.auditing.dask_dispatch import Dispatch
from ycaudit.auditing.dask_worker import REQUIREMENTS, Plugin, Setup, self_test
from ycaudit.auditing.engine import Done
from ycaudit.auditing.programs import source_sha256
from ycaudit.net.client import Options
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import EvidenceStore

CLOSING_SECONDS = 10.0


async def audit(
    client: Client,
    units: Iterable[Unit],
    observers: Sequence[str],
    setup: Setup,
    *,
    done: Done,
    now: Callable[[], datetime],
    store: EvidenceStore | None = None,
    requirements: Sequence[Requirement] = (),
) -> tuple[Reason, ...]:
    """Audit every unit; `done` gets each report once, in the order of finishing.

    Returns what a self test under `requirements` finds wrong with the workers. Raises
    StoppedError where the cluster is lost.
    """
    plugin = Plugin(setup)
    await client.register_plugin(plugin)
    try:
        dispatch = Dispatch(
            client, units, observers, run=setup.run, done=done, store=store, now=now
        )
        await dispatch.run()
        tested = REQUIREMENTS.dump_json(tuple(requirements))
        replies = await client.run(self_test, setup.run, tested, on_error="return")
        return tuple(
            Reason.of("worker_says", worker=str(address), because=reason)
            for address, reply in replies.items()
            for reason in _reasons(reply)
        )
    finally:
        with suppress(OSError, TimeoutError, AttributeError):  # the cluster may be gone
            async with asyncio.timeout(CLOSING_SECONDS):
                await client.unregister_worker_plugin(plugin.name)


def setup_for(
    place: Place,
    options: Options,
    *,
    units: int,
    seconds: float,
    store: EvidenceStore | None,
    record: bool = False,
    cache: Path | None = None,
) -> Setup:
    """What the workers need to know; local ones share the cores and the evidence limit."""
    local = place.scheduler is None
    cores = os.cpu_count() or 2
    return Setup(
        run=uuid4().hex,
        source=source_sha256(),
        options=replace(options, resolve={}),
        resolve=tuple((host, port, known) for (host, port), known in options.resolve.items()),
        units=units,
        seconds=seconds,
        threads=max(1, cores // place.workers) if local else None,
        local=local,
        evidence=store.root.resolve() if store else None,
        evidence_bytes=store.max_bytes // place.workers if store else 0,
        record=record,
        cache=cache.resolve() if cache and local else None,
    )


def _reasons(reply: object) -> Iterable[Reason]:
    """The reasons in a worker's reply; the reply is an exception where the self test failed."""
    if isinstance(reply, tuple):
        return map(Reason.model_validate_json, reply)
    return (Reason.of("worker_not_checked", detail=reply),)
