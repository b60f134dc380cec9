"""What a worker of a cluster does: in a workplace of its own, it looks at the units it is given.

Units, options and reports travel as JSON. A worker's looks run on its event loop, so that what one
of dask calls a thread is here a task under way and costs no thread.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin
from pydantic import TypeAdapter

from ycaudit import __version__
from ycaudit.auditing.engine import Pace
from ycaudit.auditing.runtime import Runtime
from ycaudit.errors import StoppedError
from ycaudit.i18n import Message
from ycaudit.model import Record, UnitReport
from ycaudit.net.client import Options
from ycaudit.observe.browser.chromium import find_browser, why_no_browser
from ycaudit.observe.qr.decoders import LIBZBAR_HINT, has_zbar
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.requirements import Requirement
from ycaudit.runs.evidence import EvidenceStore, Kind, StoredFile
from ycaudit.url import parse_web_url

REQUIREMENTS: TypeAdapter[tuple[Requirement, ...]] = TypeAdapter(tuple[Requirement, ...])
_LOG = logging.getLogger(__name__)
BROWSER_TASKS = 2
"""In a worker at once; its pool has as many tabs as one task has units."""


class Setup(Record):
    """What a worker must know for a run."""

    run: str
    source: str
    options: Options
    resolve: tuple[tuple[str, int, tuple[str, ...]], ...]
    """Apart, since the keys of JSON are texts."""
    units: int
    seconds: float
    threads: int | None
    local: bool
    evidence: Path | None
    evidence_bytes: int
    cache: Path | None
    """The file of what earlier runs kept, for workers that share this machine's disk."""


class Job(Record):
    """A unit by its place in the list, and what the cheaper observers have reported."""

    index: int
    unit: Unit
    begun: UnitReport | None = None

    @property
    def host(self) -> str:
        """What politeness and caches go by."""
        found = parse_web_url(self.unit.target.url)
        return found.host if found else ""


class Order(Record):
    """A task: the units, and by whom they are looked at."""

    observers: tuple[str, ...]
    goes_on: bool
    """Whether other observers will look at what stays open."""
    jobs: tuple[Job, ...]


class Answer(Record):
    """What a task has found out, and the files of proof that it wrote."""

    reports: tuple[tuple[int, UnitReport], ...]
    kept: tuple[StoredFile, ...] = ()
    left_out: int = 0


class About(Record):
    """What a worker says of itself."""

    version: str
    source: str
    no_browser: str | None
    no_zbar: str | None


def about() -> str:
    """This process, as JSON."""
    said = About(
        version=__version__,
        source=source(),
        no_browser=why_no_browser(os.environ),
        no_zbar=None if has_zbar() else LIBZBAR_HINT,
    )
    return said.model_dump_json()


@cache
def source() -> str:
    """The sha256 of this program's text: two builds of one version may judge differently."""
    root = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


class _Share(EvidenceStore):
    """A worker's part of the folder of proof; what it wrote is told with each answer."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        super().__init__(root, most_bytes)
        self._told: dict[str, list[StoredFile]] = {}

    def put(self, kind: Kind, data: bytes, *, unit: str, url: str) -> str | None:
        """As for one process."""
        name = super().put(kind, data, unit=unit, url=url)
        if name is not None:
            kept = StoredFile(name=name, kind=kind, size=len(data), unit=unit, url=url[:2000])
            self._told.setdefault(unit, []).append(kept)
        return name

    def tell(self, units: Iterable[str]) -> tuple[StoredFile, ...]:
        """What was kept of these units since it was last told."""
        return tuple(kept for unit in units for kept in self._told.pop(unit, ()))


class _Seat:
    """A worker's workplace for one run, and how fast it goes."""

    def __init__(self, setup: Setup, slots: int) -> None:
        resolve = {(host, port): known for host, port, known in setup.resolve}
        store = _Share(setup.evidence, setup.evidence_bytes) if setup.evidence else None
        options = replace(setup.options, resolve=resolve)
        self.runtime = Runtime(
            options,
            store,
            threads=setup.threads,
            cache=setup.cache,
            browser=find_browser(os.environ),
            notice=_LOG.warning,
        )
        self._store = store
        self._pace = Pace(units=max(1, setup.units // slots), seconds=setup.seconds)

    async def work(self, order: Order) -> Answer:
        """Look at the units of a task."""
        reports: dict[int, UnitReport] = {}
        await self.runtime.scan(
            [job.unit for job in order.jobs],
            order.observers,
            done=reports.__setitem__,
            pace=self._pace,
            begun={i: job.begun for i, job in enumerate(order.jobs) if job.begun},
            goes_on=order.goes_on,
        )
        found = tuple((order.jobs[i].index, report) for i, report in reports.items())
        return self._with_proof(found)

    async def control(self, requirements: Iterable[Requirement]) -> tuple[Reason, ...]:
        """What the control pages say against it."""
        return await self.runtime.suspicions(requirements, seconds=self._pace.seconds)

    def _with_proof(self, found: tuple[tuple[int, UnitReport], ...]) -> Answer:
        if self._store is None:
            return Answer(reports=found)
        kept = self._store.tell(report.target.id for _, report in found)
        left_out, self._store.left_out = self._store.left_out, 0
        return Answer(reports=found, kept=kept, left_out=left_out)


_seats: dict[str, _Seat | str] = {}
"""By run: several clients may share a cluster. A text says why this worker has none."""


async def work(run: str, order: bytes) -> bytes:
    """The task that dask runs, on the worker's event loop."""
    seat = _seats.get(run, Message("the worker knows nothing of this run"))
    if isinstance(seat, str):
        raise StoppedError(seat)
    answer = await seat.work(Order.model_validate_json(order))
    return answer.model_dump_json().encode()


async def control(run: str, requirements: bytes) -> tuple[str, ...]:
    """What the control pages say against this worker, as JSON; nothing where it did nothing."""
    seat = _seats.get(run)
    if not isinstance(seat, _Seat):
        return ()
    said = await seat.control(REQUIREMENTS.validate_json(requirements))
    return tuple(reason.model_dump_json() for reason in said)


class Plugin(WorkerPlugin):  # type: ignore[misc] # dask is an extra, so mypy does not read it
    """Opens a seat in every worker, those that come later too, and closes it with the run."""

    def __init__(self, setup: Setup) -> None:
        self.run = setup.run
        self.setup_json = setup.model_dump_json()

    async def setup(self, worker: Any) -> None:
        """Dask calls it where the worker stands or starts."""
        setup = Setup.model_validate_json(self.setup_json)
        if setup.source != source():
            _seats[self.run] = Message("{0} has another ycaudit, {1}", worker.address, __version__)
            return
        if setup.local:  # Ctrl-C reaches the whole group, and only the client knows what to do
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        _seats[self.run] = _Seat(setup, worker.state.nthreads)
        if why_no_browser(os.environ) is None:
            await worker.set_resources(browser=BROWSER_TASKS)

    async def teardown(self, worker: Any) -> None:
        """Dask calls it when the run is over, and when the worker goes."""
        seat = _seats.pop(self.run, None)
        if isinstance(seat, _Seat):
            await seat.runtime.aclose()
