"""ycaudit show: a stored run in any format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from ycaudit.cli import options, running
from ycaudit.cli.history import HistoryFile, find_run
from ycaudit.cli.statistics import read_numbers, with_numbers
from ycaudit.errors import AuditError
from ycaudit.inputs.yaml_files import STDIN
from ycaudit.model import ScanRun

RunName = Annotated[
    str,
    typer.Argument(
        help="A run document (JSON; - is stdin), the id of a run in the history, or `last`."
    ),
]


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


def read_run(path: Path) -> ScanRun:
    """The run document in a file. Raises AuditError where it is none."""
    try:
        data = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
        return ScanRun.model_validate_json(data)
    except OSError as error:
        raise AuditError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise AuditError(f"{path}: not a run document of ycaudit ({what})") from error
