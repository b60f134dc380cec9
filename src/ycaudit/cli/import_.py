"""ycaudit import: a list as an office keeps it becomes a targets file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.errors import AuditError
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.cells import shortened
from ycaudit.inputs.reimport import Taken, taken
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.inputs.waivers import MAX_NAMES
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
    rules: options.Rules = options.DEFAULT_RULES,
) -> None:
    """Write a targets file of a list in a spreadsheet; prints what was taken and left out."""
    found = taken(list_file, output, rules)
    if output.exists() and not force:
        raise AuditError(
            "{0} is there already; --force writes over it, and keeps its ids{1:? and waivers}",
            *(output, not found.listing.has_waivers),
        )
    if found.replaces_example:
        console.notice("{0} was the example of `ycaudit init`: nothing of it is kept", output)
    elif output.exists() and found.before is None:
        console.notice("{0} was no targets file: no id and no waiver of it could be kept", output)
    write_whole(output, to_yaml(found.content, source=list_file.name).encode())
    listing = found.listing
    for text in (*listing.columns, *listing.told, *found.unclear, *found.changes):
        console.notice(text)
    _tell_units(found, output)
    if listing.left_out or found.unclear:
        raise typer.Exit(1)


def _tell_units(found: Taken, output: Path) -> None:
    left_out, waivers = len(found.listing.left_out), found.waivers
    lost = found.listing.lost
    more = [
        Message("; {0} sites", found.sites) if found.sites + found.without != found.units else "",
        Message("; {0} without a website", found.without) if found.without else "",
        Message("; {0} waiver{0:|s}", waivers) if waivers else "",
        Message("; {0} left out", left_out) if left_out else "",
        Message(
            "; not on the list for it: {0}{1:? (and # more)}",
            Listed(map(shortened, lost[:MAX_NAMES])),
            len(lost[MAX_NAMES:]),
        )
        if lost
        else "",
    ]
    console.info("{0} unit{0:|s} written to {1}{2}{3}{4}{5}{6}", found.units, output, *more)
