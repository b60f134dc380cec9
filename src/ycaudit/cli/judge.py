"""ycaudit judge: a stored run under other rules."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from ycaudit import office_time
from ycaudit.auditing.engine import rejudge
from ycaudit.cli import console, options
from ycaudit.cli.exit_code import leave
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run
from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import MAX_PROBLEMS, apply, load_rules, problem_of, unasked
from ycaudit.model import ScanRun
from ycaudit.report.outputs import evidence_in
from ycaudit.rules import Requirement


@dataclass(frozen=True, kw_only=True)
class Judge(options.Output, options.Named):
    """The options of the command."""

    run: RunName
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    evidence: options.ProofFolder = None
    history: HistoryFile = None


@options.declared
def command(asked: Judge) -> None:
    """Judge what a stored run saw by the rules as they are now, offline."""
    outputs = asked.outputs()
    before = find_run(asked.run, asked.history)
    requirements, policy = load_rules(asked.rules)
    _check_asked(before, requirements)
    today = office_time.today()
    units = {
        report.target.id: apply(
            report.target, requirements, (w for w in report.waivers if w.holds(today))
        )
        for report in before.reports.briefs()
    }
    after = rejudge(before, units, policy, finished=before.finished_at)
    outputs.write(after, sys.stdout, read_evidence=evidence_in(asked.evidence), naming=asked.naming)
    leave(after, asked.fail_on)


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
