"""What the program tells on stderr: sentences for people, or JSON for machines."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

import typer

from ycaudit import i18n

LOG_FORMATS = ("text", "json")
VARIABLE = "YCAUDIT_LOG_FORMAT"


def in_json() -> bool:
    """Whether whoever reads stderr is a machine."""
    return os.environ.get(VARIABLE) == "json"


def notice(text: str) -> None:
    """Something a person should know."""
    _say("notice", text)


def error(text: str) -> None:
    """Why the program could not run as asked."""
    _say("error", text)


def tell(text: str = "", *, nl: bool = True) -> None:
    """What a command has to say, on stdout: line by line in the reader's language."""
    lines = text.split("\n")
    whole = i18n.told(text)
    typer.echo(whole if whole != text else "\n".join(map(i18n.told, lines)), nl=nl)


def _say(level: str, text: str) -> None:
    text = "\n".join(map(i18n.told, text.split("\n")))
    if not in_json():
        print(f"ycaudit: {text}", file=sys.stderr)
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    for line in text.splitlines():
        entry = {"time": now, "level": level, "message": line}
        print(json.dumps(entry, ensure_ascii=False), file=sys.stderr)
