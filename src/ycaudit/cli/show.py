"""ycaudit show: a stored run in any format."""

from __future__ import annotations

from ycaudit.cli import options, running
from ycaudit.cli.statistics import read_numbers, with_numbers
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run


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
    running.check_outputs(format_name, output)
    reported = read_numbers(numbers)
    found = with_numbers(find_run(run, history), reported)
    running.write(found, format_name, output, evidence, unreviewed=unreviewed, force=force)
