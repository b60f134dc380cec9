"""ycaudit import: a list as an office keeps it becomes a targets file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.errors import AuditError, ConfigError
from ycaudit.i18n import Message
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.inputs.unit_list import read_list
from ycaudit.runs.evidence import write_whole


def command(
    list_file: Annotated[
        Path, typer.Argument(metavar="LIST", help="The list of units (.xlsx or .csv).")
    ],
    output: Annotated[
        Path, typer.Option("--output", help="The targets file to write.")
    ] = options.DEFAULT_TARGETS,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Write a targets file of a list in Excel or CSV; prints what was mended and left out."""
    if output.exists() and not force:
        raise AuditError("{0} is there already; --force writes over it", output)
    found = read_list(list_file)
    if not found.rows:
        raise ConfigError(found.problems)
    write_whole(output, to_yaml(found, source=list_file.name).encode())
    for text in (*found.notices, *(problem.message for problem in found.problems)):
        console.notice(text)
    left_out = Message("; {0} left out", len(found.problems)) if found.problems else ""
    units = len(found.rows)
    console.info("{0} unit{0:|s} written to {1}{2}", units, output, left_out)
    if found.problems:
        raise typer.Exit(1)
