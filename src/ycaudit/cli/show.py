"""ycaudit show: a stored run in any format."""

from __future__ import annotations

import sys

from ycaudit.cli import options
from ycaudit.cli.statistics import read_numbers, with_numbers
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run
from ycaudit.report.outputs import Naming, Outputs, evidence_in


def command(
    run: RunName,
    format_name: options.FormatName = "table",
    output: options.Outputs = [],  # noqa: B006 - typer copies it
    evidence: options.ProofFolder = None,
    numbers: options.Numbers = None,
    unreviewed: options.Unreviewed = False,
    force: options.Force = False,
    history: HistoryFile = None,
) -> None:
    """Show a stored run again, without looking at any homepage."""
    outputs = Outputs.of(format_name, output, to_terminal=sys.stdout.isatty())
    reported = read_numbers(numbers)
    found = with_numbers(find_run(run, history), reported)
    outputs.write(
        found, sys.stdout, read_evidence=evidence_in(evidence), naming=Naming(unreviewed, force)
    )
