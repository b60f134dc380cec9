"""Runs an audit: the one way, for the command line, the library and whatever else asks for one.

Nothing is printed here, no environment is read and no process ended: what a person should know
comes as notices, what is finished as reports.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from ycaudit.auditing.engine import LOOK_SECONDS, Pace, ended_elsewhere, header_of
from ycaudit.auditing.recorder import Recorder
from ycaudit.auditing.runtime import MakeArchive, Runtime, now, recording
from ycaudit.errors import AuditError, StoppedError, UnwritableError, install
from ycaudit.i18n import Message
from ycaudit.model import NoWebsite, Outcome, Page, Policy, RunHeader, ScanRun, Sense, UnitReport
from ycaudit.net.client import Options
from ycaudit.observe import OBSERVERS
from ycaudit.observe.archive import Archive
from ycaudit.observe.browser.chromium import find_browser, why_no_browser
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import STAMP, EvidenceStore, write_evidence
from ycaudit.runs.manifests import prune
from ycaudit.url import host_of

JOBS, MAX_JOBS = 128, 500
"""Units at once, and the most of them that may be asked for."""
LEAST_SECONDS = 1
"""The shortest time that may be given to a look."""


@dataclass(frozen=True, slots=True)
class Request:
    """How an audit is to be run."""

    options: Options = field(default_factory=Options)
    observer: str = "auto"
    jobs: int = JOBS
    """Units at once at most, in each process."""
    seconds: float = LOOK_SECONDS
    """What one look at a unit may take."""
    evidence: Path | None = None
    record: bool = False
    """Whether the evidence keeps what each look asked the network, and got."""
    replay: Archive | None = None
    """What answers the looks in the place of the network."""
    evidence_bytes: int = 2 << 30
    """What the evidence of this run may take."""
    evidence_keep: int | None = None
    """The newest runs whose evidence stays in the folder; None: all of them."""
    evidence_total: int | None = None
    """Bytes that the evidence of all runs may take; the oldest runs' goes where it is more."""
    timestamp: str = ""
    """The address of an authority that stamps the manifest of the evidence (RFC 3161)."""
    cache: Path | None = None
    """The file of what earlier runs fetched and decoded; without it all is fetched anew."""
    workers: int = 0
    """Processes of this machine to share the work; with 0 or 1 it is done in this one."""
    scheduler: str | None = None
    """The address of a dask scheduler, whose workers do the work."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Names the browser to use (YCAUDIT_BROWSER, PLAYWRIGHT_BROWSERS_PATH)."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes do the work."""
        return self.workers > 1 or self.scheduler is not None


@dataclass(frozen=True, slots=True)
class Listener:
    """Called while an audit runs: with each finished report, with notices, and with remarks.

    A remark says what was done as asked, and leaves nothing to mend.
    """

    report: Callable[[UnitReport], None] = lambda report: None
    notice: Callable[[Message], None] = lambda message: None
    remark: Callable[[Message], None] = lambda message: None


class Stop:
    """Ends an audit early, from any thread; one that has not begun ends as it begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._cancel: Callable[[], object] | None = None

    def ask(self) -> None:
        """End it; what is finished stays finished."""
        with self._lock:
            self._asked = True
            if self._cancel is not None:
                self._cancel()

    async def heeded(self, work: Coroutine[object, object, None]) -> None:
        """Do the work until it is asked to end. Raises CancelledError where it was."""
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
        with self._lock:
            self._cancel = partial(loop.call_soon_threadsafe, task.cancel)
            if self._asked:
                task.cancel()
        try:
            await task
        finally:
            with self._lock:
                self._cancel = None


def run(
    units: Iterable[Unit],
    policy: Policy,
    request: Request,
    recorder: Recorder,
    listener: Listener = Listener(),
    *,
    no_website: Iterable[NoWebsite] = (),
    stop: Stop | None = None,
) -> ScanRun:
    """Audit the units, and return the run with its reports as the recorder keeps them.

    `no_website` are the other units of the list, which are only counted.

    An interruption (KeyboardInterrupt, or `stop` in another thread) ends it early: the run is
    incomplete then, and has what is finished. Raises AuditError where it cannot run as asked;
    nothing is kept then.
    """
    audit = _Audit(tuple(units), policy, request, recorder, listener, tuple(no_website))
    try:
        asyncio.run((stop or Stop()).heeded(audit.look()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return audit.ended(complete=False)
    return audit.ended(complete=not audit.stopped)


async def run_async(
    units: Iterable[Unit],
    policy: Policy,
    request: Request,
    recorder: Recorder,
    listener: Listener = Listener(),
    *,
    no_website: Iterable[NoWebsite] = (),
) -> ScanRun:
    """The same within a running event loop, whose cancellation ends it without a run."""
    audit = _Audit(tuple(units), policy, request, recorder, listener, tuple(no_website))
    await audit.look()
    return audit.ended(complete=not audit.stopped)


def _check_asked(units: Iterable[Unit]) -> None:
    """Raises AuditError for a unit of which nothing is asked: what is not judged is no pass."""
    for unit in units:
        if not unit.requirements:
            raise AuditError("nothing is asked of {0}, so that it has no verdict", unit.target.id)


class _Audit:
    """One audit from its first request to its last file."""

    def __init__(
        self,
        units: Sequence[Unit],
        policy: Policy,
        request: Request,
        recorder: Recorder,
        listener: Listener,
        no_website: tuple[NoWebsite, ...],
    ) -> None:
        _check_asked(units)
        self._units = units
        self._hosts = {host_of(unit.target.url): unit.target.name for unit in self._units}
        self._request = request
        self._recorder = recorder
        self._listener = listener
        self._observers, self._no_browser = _observers(request)
        self._suspicions: tuple[Reason, ...] = ()
        self.stopped = False
        self._unwritable: UnwritableError | None = None
        self._header = recorder.begin(header_of(policy, started=now(), no_website=no_website))
        self._store = _store(request, self._header)

    async def look(self) -> None:
        """Look at every unit, then at the control pages."""
        work = self._look_together if self._request.is_shared else self._look_alone
        try:
            self._suspicions = await work()
        except UnwritableError as error:
            self.stopped, self._unwritable = True, error
        except StoppedError as error:
            self.stopped = True
            self._listener.notice(error.message)
        except AuditError:
            self._recorder.forget()
            if self._store is not None:
                self._store.forget()
            raise

    def ended(self, *, complete: bool) -> ScanRun:
        """The run as it ended, its evidence sealed. Raises UnwritableError; the run is kept."""
        suspicions = (*self._suspicions, *self._recorder.suspicions())
        ending = {"finished_at": now(), "complete": complete, "suspicions": suspicions}
        ended = self._header.model_copy(update=ending)
        if self._store is not None:  # sealed first: whoever kills us finds no complete run unsealed
            before = self._recorder.finish(ended.model_copy(update={"complete": False}))
            self._seal(self._store, ended.with_reports(before.reports))
        run = self._recorder.finish(ended)
        if self._no_browser is not None:
            self._tell_without_browser(run, self._no_browser)
        if self._unwritable is not None:
            raise self._unwritable
        return run

    async def _look_alone(self) -> tuple[Reason, ...]:
        request = self._request
        runtime = Runtime(
            request.options,
            self._store,
            cache=request.cache,
            browser=find_browser(request.environment) if "browser" in self._observers else None,
            archive=self._archive(),
            notice=self._listener.notice,
        )
        pace = Pace(units=request.jobs, seconds=request.seconds)
        try:
            await runtime.scan(self._units, self._observers, done=self._done, pace=pace)
            return await runtime.suspicions(requirements_of(self._units), seconds=pace.seconds)
        finally:
            await runtime.aclose()

    def _archive(self) -> MakeArchive | None:
        if (replay := self._request.replay) is not None:
            return lambda threads, connector: replay
        return recording(self._store) if self._request.record and self._store else None

    async def _look_together(self) -> tuple[Reason, ...]:
        """By other processes; they know whether they have a browser."""
        from ycaudit.auditing.dask_client import audit, setup_for
        from ycaudit.auditing.dask_cluster import Place, check_workers, connected

        request, store = self._request, self._store
        place = Place(request.workers, request.scheduler)
        setup = setup_for(
            place, request.options,
            units=request.jobs, seconds=request.seconds, store=store, record=request.record,
            cache=request.cache,
        )  # fmt: skip
        async with connected(place) as client:
            lacks = [w.no_browser for w in await check_workers(client, self._listener.notice)]
            why = next((Message(lack) for lack in lacks if lack), None) if all(lacks) else None
            self._observers, self._no_browser = _without_browser(self._observers, why)
            return await audit(
                client, self._units, self._observers, setup,
                done=self._done, now=now, store=store, requirements=requirements_of(self._units),
            )  # fmt: skip

    def _done(self, index: int, report: UnitReport) -> None:
        report = ended_elsewhere(report, self._hosts)
        self._recorder.take(index, report)
        self._listener.report(report)

    def _seal(self, store: EvidenceStore, run: ScanRun) -> None:
        manifest = store.finish(run)
        sha256 = hashlib.sha256(manifest.read_bytes()).hexdigest()
        self._recorder.sealed(run.id, sha256, now())
        if self._request.timestamp:
            self._stamp(manifest)
        self._prune(store, run)
        if store.left_out:
            self._listener.notice(
                Message("{0} evidence file{0:|s} did not fit under the cap", store.left_out)
            )

    def _prune(self, store: EvidenceStore, run: ScanRun) -> None:
        """Make room for the next runs; an old one that stays is no reason to lose this one."""
        keep, most = self._request.evidence_keep, self._request.evidence_total
        if keep is None and most is None:
            return
        try:
            gone = prune(
                store.root, run.id,
                keep=keep, max_bytes=most, relied_on=self._recorder.relied_on,
            )  # fmt: skip
        except AuditError as error:
            self._listener.notice(error.message)
            return
        if gone:
            self._listener.remark(Message("removed the evidence of {0}", ", ".join(gone)))

    def _stamp(self, manifest: Path) -> None:
        """A time stamp beside the manifest; without it the evidence is as good as it was."""
        from ycaudit.runs.timestamp import stamped

        try:
            stamp = stamped(manifest.read_bytes(), self._request.timestamp)
            write_evidence(manifest.with_suffix(STAMP), stamp)
        except AuditError as error:
            self._listener.notice(error.message)

    def _tell_without_browser(self, run: ScanRun, why: Message) -> None:
        """Once, and only where a browser was wanted and could have settled something."""
        if open_units := sum(map(_browser_helps, run.reports.briefs())):
            left = Message("{0} unit{0:|s}", open_units)
            self._listener.notice(
                Message("{0} could not be settled without a browser: {1}", left, why)
            )


def requirements_of(units: Iterable[Unit]) -> tuple[Requirement, ...]:
    """All that are asked of any unit."""
    return tuple({r.id: r for unit in units for r in unit.requirements}.values())


def needs_decoders(units: Iterable[Unit]) -> bool:
    """Whether any unit must show a code."""
    return any(Sense.QR_CODE in requirement.needs for requirement in requirements_of(units))


def _store(request: Request, header: RunHeader) -> EvidenceStore | None:
    if request.evidence is None:
        return None
    return EvidenceStore.opened(request.evidence, request.evidence_bytes, run=header.id)


def _observers(request: Request) -> tuple[list[str], Message | None]:
    """The observers to ask, in turn, and why the browser is not among them, if it should be."""
    observer = request.observer
    if observer not in ("auto", *OBSERVERS):
        known = ", ".join(("auto", *OBSERVERS))
        raise AuditError("--observer {0!r}: choose one of {1}", observer, known)
    names = list(OBSERVERS) if observer == "auto" else [observer]
    if request.is_shared:
        _check_cluster(request)
        return names, None
    return _without_browser(names, why_no_browser(request.environment))


def _without_browser(names: Sequence[str], why: Message | None) -> tuple[list[str], Message | None]:
    """The observers that are left where there is no browser. Raises AuditError where none is."""
    if "browser" not in names or why is None:
        return list(names), None
    if list(names) == ["browser"]:
        raise AuditError(why)
    return [name for name in names if name != "browser"], why


def _check_cluster(request: Request) -> None:
    if find_spec("distributed") is None:
        raise AuditError("--workers and --cluster need dask; {0}", install("cluster"))
    if request.workers and request.scheduler:
        raise AuditError("--workers starts a cluster, --cluster names one: give one of them")
    if request.scheduler and request.evidence:
        raise AuditError("--evidence is a folder of this machine: use --workers, not --cluster")


def _browser_helps(report: UnitReport) -> bool:
    if report.outcome is not Outcome.UNDETERMINED:
        return False
    pages = (observation for observation in report.observations if isinstance(observation, Page))
    return any(spot.where.origin == "script" for page in pages for spot in page.blind_spots) or any(
        verdict.why.has("needs_browser", "visibility_unknown") for verdict in report.verdicts
    )
