"""ycaudit scan: the audit of a whole list."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ycaudit.auditing.recorder import Recorder, flowing
from ycaudit.cli import console, options, running
from ycaudit.cli.stored_runs import HistoryFile, where
from ycaudit.errors import AuditError
from ycaudit.inputs.yaml_files import Plan, load
from ycaudit.model import (
    Figure,
    Outcome,
    ScanRun,
    UnitReport,
    briefs,
)
from ycaudit.net.client import Limits, Options
from ycaudit.net.connect import parse_resolve
from ycaudit.rules.judge import Unit
from ycaudit.runs.history import LAST, History, opened
from ycaudit.url import credentials_of

if TYPE_CHECKING:
    from ycaudit.inputs.statistics import Figures

ONLY = ("failed", "undetermined", "changed")
OnlyUnits = Annotated[
    list[str],
    typer.Option("--unit", help="Only units whose id, name or address contains this. Repeatable."),
]
OnlyTags = Annotated[
    list[str], typer.Option("--tag", help="Only units that carry this tag. Repeatable.")
]


def command(
    targets: options.Targets = options.DEFAULT_TARGETS,
    rules: options.Rules = options.DEFAULT_RULES,
    unit: OnlyUnits = [],  # noqa: B006 - typer copies it
    tag: OnlyTags = [],  # noqa: B006
    observer: options.ObserverName = "auto",
    format_name: options.FormatName = "table",
    output: options.Outputs = [],  # noqa: B006
    allow_private: options.AllowPrivate = False,
    resolve: options.Resolve = [],  # noqa: B006
    user_agent: options.Agent = options.DEFAULT_AGENT,
    jobs: options.Units = 128,
    timeout: options.Seconds = 45.0,
    interval: options.Interval = 0.0,
    evidence: options.EvidenceFolder = None,
    evidence_limit: options.EvidenceCap = 2048,
    timestamp: options.Timestamp = "",
    fail_on: options.FailOn = "",
    no_cache: options.NoCache = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            help="Processes of this machine that share the work; --jobs is each's.",
        ),
    ] = 0,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", help="A dask scheduler whose workers do the work: tcp://HOST:8786."
        ),
    ] = "",
    only: Annotated[
        str,
        typer.Option(
            "--only",
            help="Look again only at the units that were failed, undetermined or changed in the "
            "last run; the others are taken from it.",
        ),
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last run, which was broken off.")
    ] = False,
    history: HistoryFile = None,
    send_mail: Annotated[
        bool, typer.Option("--mail", help="Send a letter about this run (see `ycaudit mail`).")
    ] = False,
    mail_on: options.MailOn = "change",
    mail_to: options.MailTo = [],  # noqa: B006
    attach: options.Attach = options.ATTACHED,
    numbers: options.Numbers = None,
    unreviewed: options.Unreviewed = False,
    force: options.Force = False,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Do not keep this run in the history.")
    ] = False,
) -> None:
    """Look at every homepage of the list and judge it by the rules."""
    running.check_outputs(format_name, output, fail_on or None)
    if send_mail:
        from ycaudit.cli import mail as mailing
        from ycaudit.report.mail import Server

        mailing.check(mail_on, attach, mail_to)
        Server.of(os.environ)
    if timestamp:
        from ycaudit.runs import timestamp as stamps

        stamps.check()
        if evidence is None:
            raise AuditError("--timestamp is for the manifest of the proof: give --evidence too")
    if only and only not in ONLY:
        raise AuditError("--only {0!r}: choose one of {1}", only, ", ".join(ONLY))
    if resume and (only or no_history):
        raise AuditError("--resume goes on with a kept run: not with --only or --no-history")
    reported = _reported(numbers)
    plan = load(targets, rules, today=datetime.now(UTC).date())
    for text in plan.notices:
        console.notice(text)
    _tell_open_secrets(targets, plan)
    request = running.Request(
        options=Options(
            allow_private=allow_private,
            resolve=parse_resolve(resolve),
            user_agent=user_agent,
            limits=Limits(interval=interval),
        ),
        observer=observer,
        jobs=jobs,
        seconds=timeout,
        evidence=evidence,
        evidence_bytes=evidence_limit << 20,
        timestamp=timestamp,
        cache=running.cache_file(wanted=not no_cache),
        workers=workers,
        scheduler=cluster or None,
    )
    with ExitStack() as stack:
        kept = stack.enter_context(opened(where(history))) if not no_history or send_mail else None
        base = _base(history) if only else None
        chosen = with_figures(select(plan, unit, tag), reported, base)
        looked_at = again(chosen, base, only, history) if base else chosen
        broken_off = kept.load(LAST) if resume and kept is not None else None
        if broken_off is not None and kept is not None:
            looked_at = still_to_do(chosen, broken_off, kept.progress(broken_off.id), plan)
        files, printed = running.flows(format_name, output)
        with flowing(files, printed=printed) as flows:
            recorder = Recorder(
                stack.enter_context(_aside()) if no_history or kept is None else kept,
                {} if no_history or kept is None else kept.decisions(),
                places=_places(chosen, looked_at),
                carried=_carried(chosen, looked_at, base) if base else (),
                flows=flows,
                resumed=broken_off,
            )
            run = running.run(looked_at, plan.policy, request, recorder)
        running.write(
            run, format_name, output, evidence, unreviewed=unreviewed, force=force, flowed=True
        )
        if send_mail and kept is not None:
            letters = mailing.to_office(
                run,
                kept,
                to=mail_to,
                attach=attach,
                mail_on=mail_on,
                evidence=evidence,
                unreviewed=unreviewed,
                force=force,
            )
            mailing.deliver(run, list(letters), kept)
        running.leave(run, fail_on or None)


def _tell_open_secrets(targets: Path, plan: Plan) -> None:
    """Passwords in a list that others can read."""
    secret = any(credentials_of(unit.target.url) for unit in plan.units)
    if secret and os.name == "posix" and targets.stat().st_mode & 0o077:
        console.notice("{0} holds passwords and others can read it: chmod 600 {0}", targets)


def _reported(numbers: Path | None) -> Figures | None:
    if numbers is None:
        return None
    from ycaudit.cli.statistics import read_numbers

    return read_numbers(numbers)


@contextmanager
def _aside() -> Iterator[History]:
    """A history for this run alone, which is gone with it."""
    with (
        TemporaryDirectory(prefix="ycaudit-", ignore_cleanup_errors=True) as folder,
        opened(Path(folder) / "run.sqlite3") as kept,
    ):
        yield kept


def _places(chosen: Sequence[Unit], looked_at: Sequence[Unit]) -> list[int]:
    """Where in the list each unit stands that is looked at."""
    place = {unit.target.id: number for number, unit in enumerate(chosen)}
    return [place[unit.target.id] for unit in looked_at]


def _carried(
    chosen: Sequence[Unit], looked_at: Sequence[Unit], base: ScanRun
) -> Iterator[tuple[int, UnitReport]]:
    """What the last run saw of the units that are not looked at again, with their place."""
    wanted = {unit.target.id: number for number, unit in enumerate(chosen)}
    for unit in looked_at:
        wanted.pop(unit.target.id)
    figures = {unit.target.id: unit.target.figures for unit in chosen}
    for report in base.reports:
        if (place := wanted.get(report.target.id)) is not None:
            target = report.target.model_copy(update={"figures": figures[report.target.id]})
            yield place, report.model_copy(update={"target": target})


def with_figures(
    units: Sequence[Unit], reported: Figures | None, base: ScanRun | None
) -> tuple[Unit, ...]:
    """The units with the numbers that they report; what they reported before stands until then."""
    given: dict[str, tuple[Figure, ...]] = {}
    if reported is not None:
        from ycaudit.inputs.statistics import assigned

        given, problems = assigned((unit.target for unit in units), reported)
        for problem in problems:
            console.notice(str(problem))
    elif base is not None:
        given = {report.target.id: report.target.figures for report in briefs(base)}
    return tuple(_carrying(unit, given.get(unit.target.id, ())) for unit in units)


def _carrying(unit: Unit, figures: tuple[Figure, ...]) -> Unit:
    if not figures:
        return unit
    target = unit.target.model_copy(update={"figures": figures})
    return unit.model_copy(update={"target": target})


def _base(history: Path | None) -> ScanRun:
    with opened(where(history)) as kept:
        return kept.load(LAST)


def again(
    units: Sequence[Unit], base: ScanRun, only: str, history: Path | None
) -> tuple[Unit, ...]:
    """The units to look at once more, and those that the last run did not have."""
    known = {report.target.id: report.outcome for report in briefs(base)}
    if only == "changed":
        with opened(where(history)) as kept:
            from ycaudit.runs.diff import Kind, compare

            changes = compare(kept.past(before=base), base).changes
        wanted = {change.unit for change in changes if change.kind is not Kind.STILL_FAILING}
    else:
        outcome = Outcome.FAIL if only == "failed" else Outcome.UNDETERMINED
        wanted = {unit for unit, was in known.items() if was is outcome}
    return tuple(u for u in units if u.target.id in wanted or u.target.id not in known)


def still_to_do(
    units: Sequence[Unit], run: ScanRun, finished: Mapping[int, str], plan: Plan
) -> tuple[Unit, ...]:
    """What is left of a run that was broken off. Raises AuditError where it cannot go on."""
    if run.complete:
        raise AuditError("the last run ({0}) is complete: there is nothing to go on with", run.id)
    if run.rules != plan.policy:
        raise AuditError("the rules are others than when {0} began: start anew", run.id)
    ids = [unit.target.id for unit in units]
    if any(place >= len(ids) or ids[place] != unit for place, unit in finished.items()):
        raise AuditError("the list, or what is chosen of it, has changed since {0} began", run.id)
    console.notice("{0} goes on: {1} of {2} units are finished", run.id, len(finished), len(ids))
    return tuple(unit for place, unit in enumerate(units) if place not in finished)


def select(plan: Plan, texts: list[str], tags: list[str]) -> tuple[Unit, ...]:
    """The units that were asked for. Raises AuditError where that is none."""
    chosen = tuple(
        unit
        for unit in plan.units
        if (not texts or any(_mentions(unit, text) for text in texts))
        and (not tags or not set(tags).isdisjoint(unit.target.tags))
    )
    if not chosen:
        raise AuditError("none of the {0} units fits --unit and --tag", len(plan.units))
    return chosen


def _mentions(unit: Unit, text: str) -> bool:
    target = unit.target
    return any(text.casefold() in part.casefold() for part in (target.id, target.name, target.url))
