"""ycaudit schema: JSON Schemas for editors and for those who read run documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.inputs import json_schema
from ycaudit.runs.evidence import write_whole


def command(
    name: Annotated[str, typer.Argument(help="One of: targets, rules, run.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="Write it to this file instead of printing it.")
    ] = None,
) -> None:
    """Print the JSON Schema of targets.yaml, of a rules file, or of the run document."""
    if name not in json_schema.SCHEMAS:
        raise AuditError("unknown schema {0!r}; one of: {1}", name, ", ".join(json_schema.SCHEMAS))
    text = json_schema.text_of(name)
    if output is None:
        console.data(text)
    else:
        write_whole(output, text.encode())
