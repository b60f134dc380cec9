"""What the program prints: sentences for people, or JSON for machines."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

import typer

from ycaudit.i18n import translate

LOG_FORMATS = ("text", "json")
VARIABLE = "YCAUDIT_LOG_FORMAT"


def in_json() -> bool:
    """Whether whoever reads stderr is a machine."""
    return os.environ.get(VARIABLE) == "json"


def notice(text: str, *values: object) -> None:
    """Something a person should know: a message of the catalogue and its values."""
    _write("notice", translate(text, *values))


def error(text: str, *values: object) -> None:
    """Why the program could not run as asked."""
    _write("error", translate(text, *values))


def info(text: str = "", *values: object, nl: bool = True) -> None:
    """What a command prints on stdout, in the reader's language."""
    typer.echo(translate(text, *values), nl=nl)


def _write(level: str, text: str) -> None:
    if not in_json():
        print(f"ycaudit: {text}", file=sys.stderr)
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    for line in text.splitlines():
        entry = {"time": now, "level": level, "message": line}
        print(json.dumps(entry, ensure_ascii=False), file=sys.stderr)
