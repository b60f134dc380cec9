"""Runs an audit for a command: sets up the tools, shows progress, survives Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ycaudit.cli.console import in_json, notice
from ycaudit.errors import AuditError, StoppedError
from ycaudit.i18n import Message, translate
from ycaudit.model import (
    Outcome,
    Page,
    Policy,
    ScanRun,
    Sense,
    UnitReport,
    briefs,
)
from ycaudit.net.client import Options
from ycaudit.observe import OBSERVERS
from ycaudit.observe.browser.chromium import why_no_browser
from ycaudit.reasons import Reason, sentence
from ycaudit.report.formats import (
    FORMATS,
    Proof,
    by_suffix,
    no_proof,
)
from ycaudit.report.rows import clean
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.evidence import (
    MANIFEST,
    TIMESTAMP,
    EvidenceStore,
    write_whole,
)

if TYPE_CHECKING:
    from ycaudit.auditing.recorder import Recorder

STDOUT = Path("-")
"""Among outputs: print it there, behind what --format prints."""
MAX_PROOF_BYTES = 20 << 20
FAIL_ON = ("fail", "undetermined", "never")


@dataclass(frozen=True, slots=True)
class Request:
    """How a command wants the audit to be run."""

    options: Options = field(default_factory=Options)
    observer: str = "auto"
    jobs: int = 128
    seconds: float = 45.0
    quiet: bool = False
    evidence: Path | None = None
    evidence_bytes: int = 2 << 30
    timestamp: str = ""
    """The address of an authority that stamps the manifest of the proof (RFC 3161)."""
    cache: Path | None = None
    """The file of what earlier runs fetched and decoded; without it all is fetched anew."""
    workers: int = 0
    """Processes of this machine to share the work; with 0 or 1 it is done in this one."""
    scheduler: str | None = None
    """The address of a dask scheduler, whose workers do the work."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes do the work."""
        return self.workers > 1 or self.scheduler is not None


def run(
    units: Sequence[Unit], policy: Policy, request: Request, recorder: Recorder | None = None
) -> ScanRun:
    """Audit the units. An interruption ends it early: what is finished is in the document.

    With a ledger the reports go there one by one; without, they stay in memory.
    """
    observers, why = _names(request)
    if request.scheduler is None and any(
        Sense.QR_CODE in r.needs for unit in units for r in unit.requirements
    ):
        tell_without_zbar()
    started = datetime.now(UTC)
    complete = True
    suspicions: tuple[Reason, ...] = ()
    from ycaudit.auditing.engine import document

    book = recorder or Pile()
    begun = book.begin(document((), policy, started=started, finished=started, complete=False))
    store = _store(request, begun)
    with _progress(len(units), quiet=request.quiet) as tick:

        def done(index: int, report: UnitReport) -> None:
            book.take(index, report)
            tick(report)

        try:
            if request.is_shared:
                why, suspicions = asyncio.run(
                    _audit_together(units, observers, request, done, store)
                )
            else:
                suspicions = asyncio.run(_audit(units, observers, request, done, store))
        except KeyboardInterrupt:
            complete = False
        except StoppedError as error:
            complete = False
            notice(error.message)
        except AuditError:
            book.forget()
            raise
    suspicions += book.suspicions()
    ended = {"finished_at": datetime.now(UTC), "complete": complete, "suspicions": suspicions}
    run = book.finish(begun.model_copy(update=ended))
    if store is not None:
        store.finish(run)
        if request.timestamp:
            _stamp(store.root, request.timestamp)
        if store.left_out:
            lost = store.left_out
            notice("{0} file{0:|s} of proof did not fit under the cap", lost)
    _tell_without_browser(run, why)
    return run


class Pile:
    """What a ledger is, in memory: for a run of which nothing is kept."""

    def __init__(self) -> None:
        self._reports: dict[int, UnitReport] = {}

    def begin(self, run: ScanRun) -> ScanRun:
        """The run starts."""
        return run

    def take(self, index: int, report: UnitReport) -> None:
        """A report is finished."""
        self._reports[index] = report

    def suspicions(self) -> tuple[Reason, ...]:
        """There is no earlier run to compare with."""
        return ()

    def forget(self) -> None:
        """Nothing is kept."""

    def finish(self, run: ScanRun) -> ScanRun:
        """The run with its reports, in the order of the list."""
        ordered = tuple(self._reports[index] for index in sorted(self._reports))
        return run.model_copy(update={"reports": ordered})


def _store(request: Request, run: ScanRun) -> EvidenceStore | None:
    if request.evidence is None:
        return None
    return EvidenceStore.opened(request.evidence, request.evidence_bytes, run=run.id)


async def _audit(
    units: Iterable[Unit],
    names: Sequence[str],
    request: Request,
    done: Callable[[int, UnitReport], None],
    store: EvidenceStore | None,
) -> tuple[Reason, ...]:
    """Audit the units; returns what the control pages say against it."""
    from ycaudit.auditing.engine import Pace
    from ycaudit.auditing.runtime import Runtime

    runtime = Runtime(request.options, store, cache=request.cache, tell=notice)
    pace = Pace(units=request.jobs, seconds=request.seconds)
    try:
        await runtime.scan(units, names, done=done, pace=pace)
        return await runtime.suspicions(_requirements(units), seconds=request.seconds)
    finally:
        await runtime.aclose()


def _stamp(root: Path, url: str) -> None:
    """A time stamp beside the manifest; without it the proof is as good as it was."""
    from ycaudit.runs.timestamp import stamped

    try:
        write_whole(root / TIMESTAMP, stamped((root / MANIFEST).read_bytes(), url))
    except AuditError as error:
        notice(error.message)


def _requirements(units: Iterable[Unit]) -> tuple[Requirement, ...]:
    """All that are asked of any unit."""
    return tuple({r.id: r for unit in units for r in unit.requirements}.values())


def cache_file(*, wanted: bool) -> Path | None:
    """Where the cache is: as YCAUDIT_CACHE says, or in the user's cache folder."""
    if not wanted:
        return None
    if named := os.environ.get("YCAUDIT_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("ycaudit", appauthor=False) / "cache.sqlite3"


async def _audit_together(
    units: Iterable[Unit],
    names: Sequence[str],
    request: Request,
    done: Callable[[int, UnitReport], None],
    store: EvidenceStore | None,
) -> tuple[str | None, tuple[Reason, ...]]:
    """The same by other processes; returns also why none has a browser, if one was wanted."""
    from ycaudit.auditing.dask_client import audit, setup_for
    from ycaudit.auditing.dask_cluster import Place, check_workers, connected
    from ycaudit.auditing.runtime import now

    place = Place(request.workers, request.scheduler)
    jobs, seconds = request.jobs, request.seconds
    setup = setup_for(
        place, request.options, units=jobs, seconds=seconds, store=store, cache=request.cache
    )
    async with connected(place) as client:
        lacks = [worker.no_browser for worker in await check_workers(client, notice)]
        names, why = _without_browser(names, lacks[0] if all(lacks) else None)
        suspicions = await audit(
            client,
            units,
            names,
            setup,
            done=done,
            now=now,
            store=store,
            requirements=_requirements(units),
        )
    return why, suspicions


def _names(request: Request) -> tuple[list[str], str | None]:
    """The observers to ask, in turn, and why the browser is not among them, if it should be."""
    observer = request.observer
    if observer not in ("auto", *OBSERVERS):
        raise AuditError("--observer {0!r}: choose auto, {1}", observer, " or ".join(OBSERVERS))
    names = list(OBSERVERS) if observer == "auto" else [observer]
    if request.is_shared:  # those who do the work know whether they have a browser
        _check_cluster(request)
        return names, None
    return _without_browser(names, why_no_browser(os.environ))


def _without_browser(names: Sequence[str], why: str | None) -> tuple[list[str], str | None]:
    """The observers that are left where there is no browser. Raises AuditError where none is."""
    if "browser" not in names or why is None:
        return list(names), None
    if names == ["browser"]:
        raise AuditError(why)
    return [name for name in names if name != "browser"], why


def _check_cluster(request: Request) -> None:
    if find_spec("distributed") is None:
        raise AuditError("--workers and --cluster need dask: pip install 'ycaudit[cluster]'")
    if request.workers and request.scheduler:
        raise AuditError("--workers starts a cluster, --cluster names one: give one of them")
    if request.scheduler and request.evidence:
        raise AuditError("--evidence is a folder of this machine: use --workers, not --cluster")


def tell_without_zbar() -> None:
    """One line where the second decoder lacks its system library; the first goes on alone."""
    from ycaudit.observe.qr.decoders import LIBZBAR_HINT, has_zbar

    if not has_zbar():
        notice("{0}; the other decoder reads alone", LIBZBAR_HINT)


def _tell_without_browser(run: ScanRun, why: str | None) -> None:
    """Once, and only where a browser was wanted and could have settled something."""
    if why is None:
        return
    open_units = sum(_browser_helps(report) for report in briefs(run))
    if open_units:
        left = Message("{0} unit{0:|s}", open_units)
        notice("{0} could not be settled without a browser: {1}", left, why)


def _browser_helps(report: UnitReport) -> bool:
    if report.outcome is not Outcome.UNDETERMINED:
        return False
    return any(
        isinstance(observation, Page)
        and any(s.where.origin == "script" for s in observation.blind_spots)
        for observation in report.observations
    ) or any(verdict.why.has("needs_browser", "visibility_unknown") for verdict in report.verdicts)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[UnitReport], None]]:
    """Units done, undetermined so far and time left, on stderr, where a person looks on."""
    if quiet or in_json() or not sys.stderr.isatty():
        yield lambda _report: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(translate("{task.fields[doubts]} undetermined")),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(translate("units"), total=total, doubts=0)
        doubts = 0

        def tick(report: UnitReport) -> None:
            nonlocal doubts
            doubts += report.outcome is Outcome.UNDETERMINED
            progress.update(task, advance=1, doubts=doubts)

        yield tick


def check_outputs(
    format_name: str,
    outputs: Iterable[Path],
    fail_on: str | None = None,
    *,
    naming: bool = True,
) -> None:
    """Refuse what could not be written, before the work is done for it."""
    outputs = list(outputs)
    if format_name not in FORMATS:
        raise AuditError("--format {0!r}: choose one of {1}", format_name, ", ".join(FORMATS))
    if not FORMATS[format_name].text and sys.stdout.isatty():
        chosen = "" if FORMATS[format_name].suffixes else f"{format_name}:"
        file = f"{chosen}NAME{FORMATS[format_name].suffix}"
        raise AuditError("--format {0} is no text: write it with --output {1}", format_name, file)
    for name, path in map(_chosen, outputs):
        if name is None:
            known = ", ".join(suffix for f in FORMATS.values() for suffix in f.suffixes)
            raise AuditError("--output {0}: the suffix says no format; known are {1}", path, known)
        if (
            path != STDOUT
            and not FORMATS[name].text
            and path.suffix.lower() != FORMATS[name].suffix
        ):
            raise AuditError(
                "--output {0}: {1} is written as {2}", path, name, FORMATS[name].suffix
            )
        if path == STDOUT:
            continue
        if path.is_dir() or not path.resolve().parent.is_dir():
            raise AuditError("--output {0}: no file can be written there", path)
    named = {format_name, *(name for name, _ in map(_chosen, outputs) if name is not None)}
    if not naming and any(FORMATS[name].names for name in named):
        raise AuditError(
            "a circular is made of a scan or of a stored run (`show`), not of one look"
        )
    if fail_on is not None and fail_on not in FAIL_ON:
        raise AuditError("--fail-on {0!r}: choose one of {1}", fail_on, ", ".join(FAIL_ON))


def _chosen(output: Path) -> tuple[str | None, Path]:
    """The format and the file that an output names: `NAME:FILE`, or a file by its suffix.

    No format has the name of a drive, so that C:\\x.html stays a file.
    """
    name, _, file = str(output).partition(":")
    if file and name in FORMATS:
        return name, Path(file)
    return by_suffix(output.suffix), output


def write(
    run: ScanRun,
    format_name: str,
    outputs: Iterable[Path],
    evidence: Path | None = None,
    *,
    unreviewed: bool = False,
    force: bool = False,
    flowed: bool = False,
) -> None:
    """Print the run, and write the files beside; a file is whole or as it was before.

    What flows was written as the scan went, if `flowed`.
    """
    chosen = list(map(_chosen, outputs))
    named = {format_name, *(name for name, _ in chosen if name is not None)}
    naming = {name for name in named if FORMATS[name].names}
    why_not = _why_not_name(run, unreviewed=unreviewed, force=force) if naming else None
    proof = proof_in(evidence)
    for name, path in chosen:
        assert name is not None
        if why_not and name in naming:
            continue
        if path == STDOUT:
            FORMATS[name].render(run, sys.stdout.buffer, proof)
        elif not (flowed and FORMATS[name].flows):
            write_whole(path, partial(FORMATS[name].render, run, proof=proof))
    if not (flowed and FORMATS[format_name].flows) and not (why_not and format_name in naming):
        FORMATS[format_name].render(run, sys.stdout.buffer, proof)
    sys.stdout.flush()
    if why_not:
        raise AuditError(why_not)


def flows(format_name: str, outputs: Iterable[Path]) -> tuple[list[Path], bool]:
    """The outputs that can be written as the scan goes, and whether what is printed can."""
    chosen = map(_chosen, outputs)
    files = [
        path for name, path in chosen if name is not None and FORMATS[name].flows and path != STDOUT
    ]
    return files, FORMATS[format_name].flows


def _why_not_name(run: ScanRun, *, unreviewed: bool, force: bool) -> str | None:
    """Why units of this run are not to be named in a circular, with the remedy; None if they may.

    Nobody is named whose fail no person has confirmed, nor by an audit that may itself be broken.
    """
    if run.suspicions and not force:
        why = clean(sentence(run.suspicions[0]), 200)
        return Message(
            "this run is suspect ({0}): nobody is named in its name without --force", why
        )
    if unreviewed or not (units := unconfirmed(briefs(run))):
        return None
    names = "、".join(clean(report.target.name, 30) for report in units[:3])
    return Message(
        "no person has confirmed that {0} units fail ({1} …): confirm with `ycaudit "
        "review --fails`, or name them with --unreviewed",
        len(units),
        names,
    )


def proof_in(folder: Path | None) -> Proof:
    """Reads files of proof from the folder, and from nowhere else, whatever a run says."""
    if folder is None:
        return no_proof
    root = folder.resolve()

    def read(file: str) -> bytes | None:
        path = (root / file).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return None
        return path.read_bytes() if path.stat().st_size <= MAX_PROOF_BYTES else None

    return read


def leave(run: ScanRun, fail_on: str | None) -> None:
    """End with the exit code that the run and the caller's line ask for."""
    if not run.complete:
        raise typer.Exit(130)
    if run.suspicions:
        raise typer.Exit(2)
    code = {Outcome.FAIL: 1, Outcome.UNDETERMINED: 3}.get(run.outcome, 0)
    if fail_on == "never" or (fail_on == "fail" and code == 3):
        code = 0
    raise typer.Exit(code)
