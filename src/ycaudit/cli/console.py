"""The one writer of what the program says: sentences for people, or data for machines.

Sentences go out in the encoding of the terminal, and what it lacks is written otherwise; data go
out in UTF-8, whatever the locale.
"""

from __future__ import annotations

import codecs
import json
import locale
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TextIO

from ycaudit import i18n
from ycaudit.i18n import translate
from ycaudit.terminal import FALLBACK, can_show, harmless

LOG_FORMATS = ("text", "json")
VARIABLE = "YCAUDIT_LOG_FORMAT"
_OWN_WAYS = ("strict", "surrogateescape", "backslashreplace")
"""Python's own error handlers of streams; another was asked for by PYTHONIOENCODING."""


def prepare(environment: Mapping[str, str]) -> None:
    """Make the standard streams take any text; to be called before anything is said.

    A locale's Chinese gives way to English where the terminal has no Chinese characters.
    """
    encoding = _claimed(environment)
    sys.stdout, sys.stderr = _open(sys.stdout), _open(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        _tolerate(stream, encoding, FALLBACK)
    _tolerate(sys.stdin, encoding, "replace")
    if i18n.VARIABLE not in environment and not can_show("中", sys.stdout.encoding):
        i18n.use("en")


def _open(stream: TextIO | None) -> TextIO:
    """The stream; where the caller has closed it, what is written goes nowhere."""
    return Path(os.devnull).open("w", encoding="utf-8") if stream is None else stream


def _tolerate(stream: TextIO | None, encoding: str | None, errors: str) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if stream is None or reconfigure is None:
        return
    reconfigure(encoding=encoding, errors=errors if stream.errors in _OWN_WAYS else None)


def _claimed(environment: Mapping[str, str]) -> str | None:
    """The encoding in the locale's name, where the system lacks that locale.

    Python then takes UTF-8 (PEP 538, PEP 540), which would be mojibake in a terminal that is told
    to be another.
    """
    if os.name != "posix" or "PYTHONIOENCODING" in environment or "PYTHONUTF8" in environment:
        return None
    coerced = "C.UTF-8"  # Python itself sets LC_CTYPE to it where it finds no locale
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    name = next((name for name in names if name not in ("", coerced)), "")
    _, _, encoding = name.partition("@")[0].partition(".")
    if not encoding or _is_there(name):
        return None
    with suppress(LookupError):
        return codecs.lookup(encoding).name
    return None


def _is_there(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True


def in_json() -> bool:
    """Whether whoever reads stderr is a machine."""
    return os.environ.get(VARIABLE) == "json"


def notice(text: str, *values: object) -> None:
    """Something a person should know: a message of the catalogue and its values."""
    _report("notice", translate(text, *values))


def error(text: str, *values: object) -> None:
    """Why the program could not run as asked."""
    _report("error", translate(text, *values))


def info(text: str = "", *values: object, nl: bool = True) -> None:
    """What a command prints on stdout, in the reader's language."""
    line(translate(text, *values), nl=nl)


def line(text: str, *, nl: bool = True) -> None:
    """Lines that are put together already, on stdout."""
    print(harmless(text), end="\n" if nl else "", flush=True)


def data(text: str) -> None:
    """What programs read, on stdout."""
    _write_data(sys.stdout, text)


def _write_data(stream: TextIO, text: str) -> None:
    stream.flush()
    binary: IO[bytes] = stream.buffer
    binary.write(text.encode("utf-8", FALLBACK))
    binary.flush()


def _report(level: str, text: str) -> None:
    if not in_json():
        print(f"ycaudit: {harmless(text)}", file=sys.stderr, flush=True)
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    for entry in text.splitlines():
        said = {"time": now, "level": level, "message": entry}
        _write_data(sys.stderr, json.dumps(said, ensure_ascii=False) + "\n")
