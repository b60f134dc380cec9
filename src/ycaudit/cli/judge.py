"""ycaudit judge: a stored run under other rules."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ycaudit.auditing.engine import rejudge
from ycaudit.cli import options
from ycaudit.cli.exit_code import leave
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run
from ycaudit.inputs.plan import apply, load_rules
from ycaudit.report.outputs import evidence_in


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
    today = datetime.now(UTC).date()
    units = {
        report.target.id: apply(
            report.target, requirements, (w for w in report.waivers if w.holds(today))
        )
        for report in before.reports.briefs()
    }
    after = rejudge(before, units, policy, finished=before.finished_at)
    outputs.write(
        after, sys.stdout.buffer, read_evidence=evidence_in(asked.evidence), naming=asked.naming
    )
    leave(after, asked.fail_on)
