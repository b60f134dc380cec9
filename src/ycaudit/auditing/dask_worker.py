"""What runs in a worker of a dask cluster: a context for each run, and the tasks that use it.

Units, options and reports travel as JSON. Tasks are coroutines on the worker's event loop, so each
of dask's "threads" is a task under way here and costs no thread.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker
from pydantic import TypeAdapter

from ycaudit import __version__
from ycaudit.auditing.engine import Pace
from ycaudit.auditing.programs import source_sha256
from ycaudit.auditing.runtime import Runtime, recording
from ycaudit.errors import StoppedError
from ycaudit.i18n import Message
from ycaudit.model import Record, UnitReport
from ycaudit.net.client import Options
from ycaudit.observe.browser.chromium import find_browser, why_no_browser
from ycaudit.observe.qr.decoders import LIBZBAR_HINT, has_zbar
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import EvidenceStore, StoredFile
from ycaudit.url import parse_web_url

REQUIREMENTS: TypeAdapter[tuple[Requirement, ...]] = TypeAdapter(tuple[Requirement, ...])
BROWSER_TASKS = 2
"""At once in one worker; its browser has as many tabs as one task has units."""
_UNKNOWN_RUN = Message("the worker knows nothing of this run")
_LOG = logging.getLogger(__name__)


class Setup(Record):
    """What a worker needs to know about a run."""

    run: str
    source: str
    """`source_sha256` of the client."""
    options: Options
    resolve: tuple[tuple[str, int, tuple[str, ...]], ...]
    """`options.resolve` by host and port, since keys in JSON are strings."""
    units: int
    """At once, over all slots of the worker."""
    seconds: float
    """For one observation."""
    threads: int | None
    local: bool
    """Whether the client started the worker on its own machine."""
    evidence: Path | None
    evidence_bytes: int
    record: bool
    """Whether to keep what each look asks the network."""
    cache: Path | None
    """The file with the cache of earlier runs, for workers on the client's machine."""


class Job(Record):
    """A unit with its index in the list."""

    index: int
    unit: Unit

    @property
    def host(self) -> str:
        """The host that throttling and caches go by; empty if the URL has none."""
        found = parse_web_url(self.unit.target.url)
        return found.host if found else ""


class Task(Record):
    """Units, and the observers that visit them."""

    observers: tuple[str, ...]
    jobs: tuple[Job, ...]


class Result(Record):
    """The reports of a task by index, and the evidence files that it wrote."""

    reports: tuple[tuple[int, UnitReport], ...]
    files: tuple[StoredFile, ...] = ()
    left_out: int = 0
    """Evidence files that did not fit into the size limit."""


class WorkerInfo(Record):
    """The program that a worker runs, and what it lacks."""

    version: str
    source: str
    no_browser: str | None
    no_zbar: str | None


def describe() -> str:
    """Return the `WorkerInfo` of this process as JSON."""
    info = WorkerInfo(
        version=__version__,
        source=source_sha256(),
        no_browser=why_no_browser(os.environ),
        no_zbar=None if has_zbar() else LIBZBAR_HINT,
    )
    return info.model_dump_json()


class _WorkerEvidence(EvidenceStore):
    """The evidence folder as one worker fills it; new files are reported with each result."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        super().__init__(root, max_bytes)
        self._new: dict[str, list[StoredFile]] = {}

    def note(self, file: StoredFile) -> None:
        """As in one process, and remember the file until `pop_new`."""
        super().note(file)
        self._new.setdefault(file.unit, []).append(file)

    def pop_new(self, units: Iterable[str]) -> tuple[StoredFile, ...]:
        """The files of these units since the last call."""
        return tuple(file for unit in units for file in self._new.pop(unit, ()))


class WorkerContext:
    """What a worker keeps for one run: its runtime, its evidence and its pace."""

    def __init__(self, setup: Setup, slots: int) -> None:
        """`slots` is the number of tasks that dask runs at once in this worker."""
        resolve = {(host, port): known for host, port, known in setup.resolve}
        store = _WorkerEvidence(setup.evidence, setup.evidence_bytes) if setup.evidence else None
        options = replace(setup.options, resolve=resolve)
        self.runtime = Runtime(
            options,
            store,
            threads=setup.threads,
            cache=setup.cache,
            browser=find_browser(os.environ),
            notice=_LOG.warning,
            archive=recording(store) if store and setup.record else None,
        )
        self._store = store
        self._pace = Pace(units=max(1, setup.units // slots), seconds=setup.seconds)

    async def run(self, task: Task) -> Result:
        """Audit the units of a task."""
        reports: dict[int, UnitReport] = {}
        await self.runtime.scan(
            [job.unit for job in task.jobs],
            task.observers,
            done=reports.__setitem__,
            pace=self._pace,
        )
        found = tuple((task.jobs[i].index, report) for i, report in reports.items())
        return self._with_evidence(found)

    async def self_test(self, requirements: Iterable[Requirement]) -> tuple[Reason, ...]:
        """What the self test finds wrong with this worker."""
        return await self.runtime.suspicions(requirements, seconds=self._pace.seconds)

    def _with_evidence(self, found: tuple[tuple[int, UnitReport], ...]) -> Result:
        if self._store is None:
            return Result(reports=found)
        files = self._store.pop_new(report.target.id for _, report in found)
        left_out, self._store.left_out = self._store.left_out, 0
        return Result(reports=found, files=files, left_out=left_out)


class Plugin(WorkerPlugin):  # type: ignore[misc] # dask is an extra, so mypy does not read it
    """Creates the context in every worker, also in those that join later, and closes it at the end.

    Each worker has a copy of the plugin in its `plugins`, which is where tasks find the context;
    clients that share a cluster have a plugin each.
    """

    def __init__(self, setup: Setup) -> None:
        self.name = plugin_name(setup.run)
        self.setup_json = setup.model_dump_json()
        self.context: WorkerContext | None = None
        self.refusal = _UNKNOWN_RUN

    async def setup(self, worker: Any) -> None:
        """Called by dask when the run starts, or when the worker does."""
        setup = Setup.model_validate_json(self.setup_json)
        if setup.source != source_sha256():
            self.refusal = Message("{0} has another ycaudit, {1}", worker.address, __version__)
            return
        if setup.local:  # Ctrl-C reaches the whole process group, but the client handles it
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.context = WorkerContext(setup, worker.state.nthreads)
        if why_no_browser(os.environ) is None:
            await worker.set_resources(browser=BROWSER_TASKS)

    async def teardown(self, worker: Any) -> None:
        """Called by dask when the run ends, or when the worker does."""
        if self.context is not None:
            await self.context.runtime.aclose()


def plugin_name(run: str) -> str:
    """The name under which dask keeps the plugin of a run."""
    return f"ycaudit-{run}"


async def run_task(run: str, task: bytes) -> bytes:
    """Run a `Task` and return its `Result`, both as JSON. Raises StoppedError."""
    plugin = get_worker().plugins.get(plugin_name(run))
    if plugin is None:
        raise StoppedError(_UNKNOWN_RUN)
    if plugin.context is None:
        raise StoppedError(plugin.refusal)
    result: Result = await plugin.context.run(Task.model_validate_json(task))
    return result.model_dump_json().encode()


async def self_test(run: str, requirements: bytes, dask_worker: Any) -> tuple[str, ...]:
    """What the self test finds wrong with this worker, each `Reason` as JSON.

    Nothing where the worker has no context. Dask passes itself in as `dask_worker`.
    """
    plugin = dask_worker.plugins.get(plugin_name(run))
    if plugin is None or plugin.context is None:
        return ()
    found = await plugin.context.self_test(REQUIREMENTS.validate_json(requirements))
    return tuple(reason.model_dump_json() for reason in found)
