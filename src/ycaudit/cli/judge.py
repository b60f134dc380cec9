"""ycaudit judge: a stored run under other rules."""

from __future__ import annotations

from datetime import UTC, datetime

from ycaudit.auditing.engine import rejudge
from ycaudit.cli import options, running
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run
from ycaudit.inputs.plan import apply, load_rules


def command(
    run: RunName,
    rules: options.Rules = options.DEFAULT_RULES,
    format_name: options.FormatName = "table",
    output: options.Outputs = [],  # noqa: B006 - typer copies it
    fail_on: options.FailOn = "",
    evidence: options.ProofFolder = None,
    unreviewed: options.Unreviewed = False,
    force: options.Force = False,
    history: HistoryFile = None,
) -> None:
    """Judge what a stored run saw by the rules as they are now, offline."""
    running.check_outputs(format_name, output, fail_on or None)
    before = find_run(run, history)
    requirements, policy = load_rules(rules)
    today = datetime.now(UTC).date()
    units = {
        report.target.id: apply(
            report.target, requirements, (w for w in report.waivers if w.holds(today))
        )
        for report in before.reports
    }
    after = rejudge(before, units, policy, finished=before.finished_at)
    running.write(after, format_name, output, evidence, unreviewed=unreviewed, force=force)
    running.leave(after, fail_on or None)
