"""ycaudit judge: a stored run under other rules, as a run of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import __version__, office_time
from ycaudit.auditing.engine import run_id
from ycaudit.auditing.rejudge import is_same_page, rejudged
from ycaudit.cli import console, options
from ycaudit.cli.exit_code import leave
from ycaudit.cli.papers import background
from ycaudit.cli.stored_runs import HistoryFile, RunName, aside, find_run, where
from ycaudit.errors import AuditError, ConfigError
from ycaudit.inputs.plan import MAX_PROBLEMS, Plan, apply, load, load_rules, problem_of, unasked
from ycaudit.model import RunHeader, ScanRun, Target, Tool, UnitReport
from ycaudit.report.outputs import evidence_in
from ycaudit.report.rows import clean
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.decisions import Decisions, decided, made_in
from ycaudit.runs.history import History, opened
from ycaudit.runs.office_settings import person
from ycaudit.runs.suspicions import OF_FIGURES

MAX_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Judge(options.Output, options.Named):
    """The options of the command."""

    run: RunName
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    targets: Annotated[
        Path | None,
        typer.Option(
            "--targets",
            help="The list as it is now, with its waivers. [default: targets.yaml, if it is there]",
        ),
    ] = None
    evidence: options.ProofFolder = None
    history: HistoryFile = None
    no_history: options.NoHistory = False


@options.declared
def command(asked: Judge) -> None:
    """Judge what a stored run saw by the rules and the list as they are now, offline.

    The result is a run of its own, in the place of the one that it judges.
    """
    outputs = asked.outputs()
    before = find_run(asked.run, asked.history)
    plan = _plan(asked, before)
    with ExitStack() as stack:
        kept = stack.enter_context(opened(where(asked.history)))
        decisions = _decisions(before, kept, keep=not asked.no_history)
        into = stack.enter_context(aside()) if asked.no_history else kept
        units = {unit.target.id: unit for unit in plan.units}
        reports = (
            rejudged(report, units[report.target.id])
            for report in before.reports
            if report.target.id in units
        )
        after = decided(_keep(into, _header(before, plan), reports, before), decisions)
        outputs.write(
            after,
            sys.stdout,
            read_evidence=evidence_in(asked.evidence),
            background=background(
                *(after, outputs),
                history=where(asked.history),
                template=asked.template,
                rules=asked.rules,
            ),
            naming=asked.naming,
        )
        if outputs.names_units:
            into.note_named(after, datetime.now(UTC))
        leave(after, asked.fail_on)


def _decisions(before: ScanRun, kept: History, *, keep: bool) -> Decisions:
    """What is known, and what stands in a document whose history may be elsewhere."""
    known = kept.decisions()
    for key, made in made_in(before.reports.briefs()).items():
        for decision in made:
            mine = known.setdefault(key, [])
            known_of = {(one.page, person(one.by)) for one in mine}
            if (decision.page, person(decision.by)) not in known_of:
                mine.append(decision)
                if keep:
                    kept.decide(*key, decision)
    return known


def _header(before: ScanRun, plan: Plan) -> RunHeader:
    """The looks are those of the run before; judged are they now."""
    return before.header.model_copy(
        update={
            "id": run_id(datetime.now(UTC)),
            "tool": Tool(version=__version__),
            "rules": plan.policy,
            "judges": before.id,
            "no_website": plan.no_website,
        }
    )


def _keep(
    into: History, header: RunHeader, reports: Iterable[UnitReport], before: ScanRun
) -> ScanRun:
    """The run in the history; what its figures say against the auditor is asked anew."""
    into.begin(header.model_copy(update={"complete": False}))
    for place, report in enumerate(reports):
        into.add(header, place, report)
    stand = (why for why in before.suspicions if why.code not in OF_FIGURES)
    suspicions = (*stand, *into.suspicions(header.id))
    return into.finish(header.model_copy(update={"suspicions": suspicions}))


def _plan(asked: Judge, before: ScanRun) -> Plan:
    """The units of the run as the list has them now, else as they were. Raises ConfigError."""
    if asked.targets is None and not options.DEFAULT_TARGETS.exists():
        return _as_it_was(before, asked.rules)
    targets = asked.targets or options.DEFAULT_TARGETS
    plan = load(targets, asked.rules, today=office_time.today())
    looked_at = {report.target.id: report.target for report in before.reports.briefs()}
    now = {unit.target.id: unit for unit in plan.units}
    if not looked_at.keys() & now.keys():
        if asked.targets is None:  # it is the list of something else
            return _as_it_was(before, asked.rules)
        raise AuditError("{0} has none of the units of run {1}", targets, before.id)
    for text in plan.notices:
        console.notice(text)
    _tell_what_differs(looked_at, now)
    return plan


def _tell_what_differs(looked_at: Mapping[str, Target], now: Mapping[str, Unit]) -> None:
    """What the list and the run do not have in common is told, and not judged."""
    if gone := [looked_at[unit].name for unit in looked_at.keys() - now.keys()]:
        console.notice("left out, since the list no longer has them: {0}", _named(gone))
    if new := [now[unit].target.name for unit in now.keys() - looked_at.keys()]:
        console.notice("not judged, since the run has not looked at them: {0}", _named(new))
    moved = [
        t.name for t in looked_at.values() if t.id in now and not is_same_page(t, now[t.id].target)
    ]
    if moved:
        console.notice(
            "judged by their old address, since the list has another now: {0}", _named(moved)
        )


def _named(names: list[str]) -> str:
    shown = "、".join(clean(name, 40) for name in sorted(names)[:MAX_NAMED])
    return f"{shown} … ({len(names)})" if len(names) > MAX_NAMED else shown


def _as_it_was(before: ScanRun, rules: list[Path]) -> Plan:
    """The units as the run has them, with those of its waivers that still hold."""
    requirements, policy = load_rules(rules)
    _check_asked(before, requirements)
    today = office_time.today()
    units = (
        apply(
            report.target,
            requirements,
            (w for w in report.waivers if w.holds(today)),
            policy.third_parties,
        )
        for report in before.reports.briefs()
    )
    return Plan(tuple(units), policy, no_website=before.no_website)


def _check_asked(run: ScanRun, requirements: tuple[Requirement, ...]) -> None:
    """Tell what is asked of no unit of the run. Raises ConfigError where a unit is asked nothing.

    The run may be of a part of the list, so that a tag that nobody carries in it is no mistake.
    """
    targets = [report.target for report in run.reports.briefs()]
    wrong = [problem_of(t, what) for t in targets if (what := unasked(t, requirements))]
    if wrong:
        raise ConfigError(wrong[:MAX_PROBLEMS])
    for requirement in requirements:
        to = requirement.applies_to
        if to is not None and not any(map(to.covers, targets)):
            tags = ", ".join(to.tags)
            console.notice(
                "{0} is asked of no unit of this run: none carries {1}", requirement.id, tags
            )
