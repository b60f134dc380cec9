"""ycaudit import: a list as an office keeps it becomes a targets file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.errors import AuditError, ConfigError
from ycaudit.i18n import Message
from ycaudit.inputs.reimport import Earlier, content_of, earlier
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.inputs.unit_list import Listing, read_list
from ycaudit.runs.evidence import write_whole


def command(
    list_file: Annotated[
        Path, typer.Argument(metavar="LIST", help="The list of units (.xlsx, .xls, .ods or .csv).")
    ],
    output: Annotated[
        Path, typer.Option("--output", help="The targets file to write.")
    ] = options.DEFAULT_TARGETS,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Write over a file that is there; units keep the ids and waivers that it has.",
        ),
    ] = False,
) -> None:
    """Write a targets file of a list in a spreadsheet; prints what was taken and left out."""
    found = read_list(list_file)
    if not found.units:
        raise ConfigError(found.problems)
    if output.exists() and not force:
        raise AuditError(
            "{0} is there already; --force writes over it, and keeps its ids and waivers", output
        )
    before = _earlier(output)
    content, changes = content_of(found, before)
    write_whole(output, to_yaml(content, source=list_file.name).encode())
    for text in (*found.columns, *found.notices, *(problem.message for problem in found.problems)):
        console.notice(text)
    for text in changes:
        console.notice(text)
    _tell_units(found, output)
    if found.problems:
        raise typer.Exit(1)


def _earlier(output: Path) -> Earlier | None:
    """What the targets file says that is written over, if it is one."""
    if not output.exists():
        return None
    before = earlier(output)
    if before is None:
        console.notice("{0} was no targets file: no id and no waiver of it could be kept", output)
    return before


def _tell_units(found: Listing, output: Path) -> None:
    units, sites = len(found.units), sum(len(unit.sites) for unit in found.units)
    without = sum(not unit.sites for unit in found.units)
    more = [
        Message("; {0} sites", sites) if sites + without != units else "",
        Message("; {0} without a website", without) if without else "",
        Message("; {0} left out", len(found.problems)) if found.problems else "",
    ]
    console.info("{0} unit{0:|s} written to {1}{2}{3}{4}", units, output, *more)
