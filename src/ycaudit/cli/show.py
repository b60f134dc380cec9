"""ycaudit show: a stored run in any format."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import case as case_files
from ycaudit.cli import options
from ycaudit.cli.papers import background
from ycaudit.cli.statistics import read_numbers, with_numbers
from ycaudit.cli.stored_runs import HistoryFile, RunName, chosen, find_run, where
from ycaudit.errors import AuditError
from ycaudit.model import ScanRun
from ycaudit.report.formats import SUFFIXES
from ycaudit.report.outputs import Outputs, evidence_in
from ycaudit.runs.history import opened


@dataclass(frozen=True, kw_only=True)
class Show(options.Chosen, options.Named):
    """The options of the command."""

    run: RunName
    format_name: options.ShownFormat = ""
    output: options.Outputs = field(default_factory=list)
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit",
            help="Only units whose id, name or address contains this; a .zip is then the proof of "
            "them. Repeatable.",
        ),
    ] = field(default_factory=list)
    evidence: options.ProofFolder = None
    numbers: options.Numbers = None
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    history: HistoryFile = None
    case: case_files.Case = None
    case_contacts: case_files.Contacts = False
    timestamp: options.Timestamp = ""
    quiet: options.Quiet = False

    def outputs(self) -> Outputs:
        """The table is printed only where nothing else was asked for. Raises AuditError."""
        silent = self.output or self.quiet or self.case
        printed = self.format_name or ("" if silent else "table")
        suffixes = {**SUFFIXES, ".zip": "proof"} if self.unit else SUFFIXES
        return Outputs.of(printed, self.output, to_terminal=sys.stdout.isatty(), suffixes=suffixes)


@options.declared
def command(asked: Show) -> None:
    """Show a stored run again, without looking at any homepage."""
    outputs = asked.outputs()
    reported = read_numbers(asked.numbers)
    found = chosen(find_run(asked.run, asked.history), asked.office, asked.tag, asked.unit)
    case_files.check(asked.case, asked.rules, found)
    if asked.case is not None:
        _write_case(asked, asked.case, found)
    outputs.write(
        with_numbers(found, reported),
        sys.stdout,
        read_evidence=evidence_in(asked.evidence),
        background=background(
            *(found, outputs),
            history=where(asked.history),
            template=asked.template,
            rules=asked.rules,
        ),
        naming=asked.naming,
        named=lambda: _note_named(asked, found),
    )


def _note_named(asked: Show, run: ScanRun) -> None:
    with opened(where(asked.history)) as kept:
        kept.papers.note_named(run, datetime.now(UTC))


def _write_case(asked: Show, path: Path, run: ScanRun) -> None:
    """The case file, with the decisions as they stand now."""
    if asked.evidence is None:
        raise AuditError("--case: name the folder of the run's evidence by --evidence")
    with opened(where(asked.history)) as kept:
        case_files.write(
            path, run, asked.evidence,
            rules=asked.rules, timestamp=asked.timestamp, with_contacts=asked.case_contacts,
            kept=kept, quiet=asked.quiet,
        )  # fmt: skip
