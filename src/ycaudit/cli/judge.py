"""ycaudit judge: a stored run under other rules, as a run of its own."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.auditing.judging import as_it_was, as_listed, judged
from ycaudit.cli import console, options
from ycaudit.cli.exit_code import leave
from ycaudit.cli.papers import background
from ycaudit.cli.stored_runs import HistoryFile, RunName, aside, find_run, where
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import Plan
from ycaudit.model import ScanRun
from ycaudit.report.outputs import evidence_in
from ycaudit.runs.decisions import Decisions, made_in
from ycaudit.runs.history import History, opened
from ycaudit.runs.office_settings import person


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
        after = judged(before, plan, into, decisions, now=datetime.now(UTC))
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
            named=lambda: into.papers.note_named(after, datetime.now(UTC)),
        )
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


def _plan(asked: Judge, before: ScanRun) -> Plan:
    """The units of the run as the list has them now, else as they were. Raises ConfigError."""
    plan, today = None, office_time.today()
    targets = asked.targets or options.DEFAULT_TARGETS
    if asked.targets is not None or targets.exists():
        plan = as_listed(before, targets, asked.rules, today=today)
    if plan is None and asked.targets is not None:
        raise AuditError("{0} has none of the units of run {1}", targets, before.id)
    if plan is None:  # there is no list, or it is the list of something else
        plan = as_it_was(before, asked.rules, today=today)
    for text in plan.notices:
        console.notice(text)
    return plan
