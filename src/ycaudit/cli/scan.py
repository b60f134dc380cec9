"""ycaudit scan: the audit of a whole list."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.auditing import service
from ycaudit.auditing.recorder import HistoryRecorder
from ycaudit.auditing.selection import ONLY, Order, Prepared, prepared
from ycaudit.cli import case as case_files
from ycaudit.cli import console, options, progress
from ycaudit.cli.exit_code import leave
from ycaudit.cli.notices import Notices
from ycaudit.cli.papers import background, check_template
from ycaudit.cli.statistics import assigned_to, read_numbers
from ycaudit.cli.stored_runs import HistoryFile, aside, where
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import Plan, load
from ycaudit.model import ScanRun
from ycaudit.report.outputs import Outputs, UnwrittenError, evidence_in
from ycaudit.runs.history import History, opened
from ycaudit.runs.units import Choice
from ycaudit.url import credentials_of


@dataclass(frozen=True, kw_only=True)
class Scan(options.Output, options.Look, options.Mail, options.Chosen):
    """The options of the command."""

    targets: options.Targets = options.DEFAULT_TARGETS
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit", help="Only units whose id, name or address contains this. Repeatable."
        ),
    ] = field(default_factory=list)
    jobs: options.Units = 128
    interval: options.Interval = 0.0
    timestamp: options.Timestamp = ""
    case: case_files.Case = None
    case_contacts: case_files.Contacts = False
    evidence_keep: options.EvidenceKeep = None
    evidence_total: options.EvidenceTotal = None
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            help="Processes of this machine that share the work; --jobs is each's.",
        ),
    ] = 0
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", help="A dask scheduler whose workers do the work: tcp://HOST:8786."
        ),
    ] = ""
    only: Annotated[
        str,
        typer.Option(
            "--only",
            help="Look again only at the units that were failed, undetermined or changed in the "
            "last run; the others are taken from it.",
            callback=options.one_of("--only", ONLY, ""),
        ),
    ] = ""
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last run, which was broken off.")
    ] = False
    history: HistoryFile = None
    send_mail: Annotated[
        bool, typer.Option("--mail", help="Send a letter about this run (see `ycaudit mail`).")
    ] = False
    numbers: options.Numbers = None
    no_history: options.NoHistory = False
    quiet: options.Quiet = False

    @property
    def proof(self) -> Path | None:
        """The folder of the evidence; what goes into a case file needs one, too."""
        return self.evidence or (case_files.looks_of(self.case) if self.case else None)

    def as_request(self, notices: Notices) -> service.Request:
        """How the service is to run it."""
        return self.request(
            notices=notices,
            evidence=self.proof,
            interval=self.interval,
            jobs=self.jobs,
            timestamp=self.timestamp,
            record=self.case is not None,
            evidence_keep=self.evidence_keep,
            evidence_total=self.evidence_total << 20 if self.evidence_total else None,
            workers=self.workers,
            scheduler=self.cluster or None,
        )


@options.declared
def command(asked: Scan) -> None:
    """Look at every homepage of the list and judge it by the rules."""
    outputs = asked.outputs(quiet=asked.quiet)
    _check(asked)
    figures = read_numbers(asked.numbers)
    plan = load(asked.targets, asked.rules, today=office_time.today())
    with ExitStack() as stack:
        kept = stack.enter_context(opened(where(asked.history))) if _keeps(asked) else None
        notices = stack.enter_context(_noted(asked, kept))
        _notice(asked.targets, plan, notices)
        request = asked.as_request(notices)
        order = Order(Choice(asked.unit, asked.office, asked.tag), asked.only, asked.resume)
        given = None if figures is None else partial(assigned_to, figures=figures)
        ready = prepared(plan, order, kept, given)
        is_first = _begins_a_history(asked, kept)
        _tell_of_another_list(asked, plan, kept, notices)
        _tell_of_resumed(ready)
        if ready.selection.base is not None and asked.only and not ready.selection.looked_at:
            notices.remark(
                "--only {0}: nothing in run {1} is, so no unit is looked at again",
                *(asked.only, ready.selection.base.id),
            )
        with outputs.flowing(sys.stdout) as flows:
            recorder = HistoryRecorder(
                stack.enter_context(aside()) if asked.no_history or kept is None else kept,
                {} if kept is None else kept.decisions(),
                ready.selection,
                flows=flows,
                resumed=ready.resumed,
                known=kept,
                is_to_be_told=asked.send_mail,
            )
            with _going_on(asked, recorder):
                run = progress.watched(
                    *(ready.selection.looked_at, plan.policy, request, recorder),
                    no_website=ready.plan.no_website,
                    quiet=asked.quiet,
                    notices=notices,
                )
        if is_first:
            notices.notice(
                "no run was kept in {0} before: a history begins there, and all that fails is new",
                where(asked.history).absolute(),
            )
        _write(asked, outputs, run, kept, notices)


@contextmanager
def _noted(asked: Scan, kept: History | None) -> Iterator[Notices]:
    """What is told by the way, and noted for the next time."""
    notices = Notices(quiet=asked.quiet, before=kept.letters.told() if kept is not None else ())
    try:
        yield notices
    finally:
        if kept is not None and not asked.no_history:
            kept.letters.note_told(notices.given)


def _write(
    asked: Scan, outputs: Outputs, run: ScanRun, kept: History | None, notices: Notices
) -> None:
    """Print and write the run, send the letter if one is wanted, and leave."""
    if not (run.complete or len(run.reports)) and outputs.files:
        console.notice("no unit was finished: no file is written, what was there stays")
        outputs = replace(outputs, files=())

    def note_named() -> None:
        if kept is not None:
            kept.papers.note_named(run, datetime.now(UTC))

    beside = background(
        run, outputs, history=where(asked.history), template=asked.template, rules=asked.rules,
        notice=notices.notice,
    )  # fmt: skip
    try:
        outputs.write(
            run,
            sys.stdout,
            read_evidence=evidence_in(asked.proof),
            background=beside,
            naming=asked.naming,
            flowed=True,
            named=note_named,
        )
    except UnwrittenError as error:
        if asked.no_history:
            raise
        line = _showing(asked, run, error.outputs)
        raise AuditError("{0}; the run is kept: `{1}` writes this later", error, line) from error
    if asked.case is not None and asked.proof is not None:
        _write_case(asked, asked.case, asked.proof, run, kept)
    unpinned = any(v.reason_code == "unpinned" for r in run.reports.briefs() for v in r.verdicts)
    if unpinned and kept is not None:
        notices.notice(
            "some codes had nothing to be compared with; next: ycaudit pin --suggest last"
        )
    if asked.quiet:
        _tell_why_not(run, asked)
    if asked.send_mail and kept is not None:
        from ycaudit.cli import mail

        letters = list(mail.to_office(run, kept, asked, asked.evidence, notices))
        mail.deliver(letters, kept, notices, again=mail.again(run, asked, asked.history))
        if not asked.no_history:
            kept.letters.settle(run.header)
    leave(run, asked.fail_on)


@contextmanager
def _going_on(asked: Scan, recorder: HistoryRecorder) -> Iterator[None]:
    """Of a run that cannot go on now it is told how it does later."""
    try:
        yield
    except AuditError as error:
        if asked.no_history or not recorder.has_finished_some:
            raise
        raise AuditError(
            "{0}; what was finished is kept: go on with `{1}`", error, _resuming(asked)
        ) from error


def _tell_why_not(run: ScanRun, asked: Scan) -> None:
    """Why the run did not do its work: of a quiet one nothing was printed that says so."""
    if not run.complete:
        console.notice("interrupted: go on with `{0}`", _resuming(asked))
    for why in run.suspicions:
        console.notice("this run is suspect: {0}", why)


def _resuming(asked: Scan, *more: str) -> str:
    """The line by which the run goes on: with its list, where it is kept."""
    targets = [] if asked.targets == options.DEFAULT_TARGETS else [str(asked.targets)]
    kept = [] if asked.history is None else ["--history", str(asked.history)]
    return shlex.join(["ycaudit", "scan", *targets, "--resume", *kept, *more])


def _showing(asked: Scan, run: ScanRun, outputs: Sequence[str]) -> str:
    """The line that writes these of a run that is kept."""
    written = [word for output in outputs for word in ("--output", output)]
    proof = [] if asked.proof is None else ["--evidence", str(asked.proof)]
    own = [] if asked.template is None else ["--template", str(asked.template)]
    kept = [] if asked.history is None else ["--history", str(asked.history)]
    return shlex.join(["ycaudit", "show", run.id, *written, *proof, *own, *kept])


def _write_case(asked: Scan, path: Path, proof: Path, run: ScanRun, kept: History | None) -> None:
    """Write the case file of a run that has ended; one that was broken off goes on first."""
    if not run.complete:
        line = _resuming(asked, "--case", str(path))
        console.notice("no case file yet: go on with `{0}`", line)
        return
    case_files.write(
        path, run, proof,
        rules=asked.rules, timestamp=asked.timestamp, with_contacts=asked.case_contacts, kept=kept,
        quiet=asked.quiet,
    )  # fmt: skip


def _check(asked: Scan) -> None:
    """Refuse what could not be done, before the work is done for it."""
    if asked.send_mail:
        from ycaudit.cli import mail

        mail.check(asked, sends=True)
    if asked.timestamp:
        from ycaudit.runs import timestamp

        timestamp.check()
        if asked.proof is None:
            raise AuditError("--timestamp is for the manifest of the evidence: give --evidence too")
    for name, value in (
        ("--evidence-keep", asked.evidence_keep),
        ("--evidence-total", asked.evidence_total),
    ):
        if value is not None and asked.proof is None:
            raise AuditError("{0} is for the folder of the evidence: give --evidence too", name)
    case_files.check(asked.case, asked.rules)
    check_template(asked.template)
    if asked.resume and (asked.only or asked.no_history):
        raise AuditError("--resume goes on with a kept run: not with --only or --no-history")


def _keeps(asked: Scan) -> bool:
    """Whether the history is needed: to keep the run, or to read what is known."""
    prunes = asked.evidence_keep is not None or asked.evidence_total is not None
    return not asked.no_history or asked.send_mail or bool(asked.only) or prunes


def _begins_a_history(asked: Scan, kept: History | None) -> bool:
    """Whether this is the first run of one that a person named, and perhaps misspelt."""
    is_named = asked.history is not None or "YCAUDIT_HISTORY" in os.environ
    return is_named and kept is not None and kept.newest() is None


def _tell_of_another_list(asked: Scan, plan: Plan, kept: History | None, notices: Notices) -> None:
    """Lists that share a history are compared with each other, and `last` is a run of either."""
    if kept is None or asked.no_history:
        return
    every, others = kept.others(unit.target.id for unit in plan.units)
    if others > every / 2:
        notices.notice(
            "{0} of the {1} site{1:|s} of the last run in {2} {0:is|are} not in {3}: if that was "
            "another list, give each a history of its own with --history",
            *(others, every, where(asked.history), asked.targets),
        )


def _tell_of_resumed(ready: Prepared) -> None:
    if ready.resumed is not None:
        units = len(ready.selection.chosen)
        finished = units - len(ready.selection.looked_at)
        console.notice(
            "{0} goes on: {1} of {2} unit{2:|s} {1:is|are} finished",
            ready.resumed.id,
            finished,
            units,
        )


def _notice(targets: Path, plan: Plan, notices: Notices) -> None:
    """What a person should know of the files, passwords that others can read among it."""
    for text in plan.notices:
        notices.notice(text)
    secret = any(credentials_of(unit.target.url) for unit in plan.units)
    if secret and os.name == "posix" and targets.stat().st_mode & 0o077:
        notices.notice("{0} holds passwords and others can read it: chmod 600 {0}", targets)
