"""What a command reads or keeps is never what it writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from ycaudit.errors import AuditError

YAML = (".yaml", ".yml")
KEPT = (*YAML, ".toml", ".sqlite3", ".wacz", ".xls", ".ods")
"""Suffixes of lists, rules, settings, histories and case files, which no report has."""
_READ = ("targets", "rules", "history", "numbers", "template")
"""Options that name what is read, wherever they are said."""
_NOT_READ = ("output", "answers")
"""`sample` draws or reads answers, and refuses both at once."""
IMPORT = "import"
"""The command that writes the list itself."""


def kept(name: str, command: Callable[..., None]) -> Callable[..., None]:
    """The command of this name, which writes over nothing that it reads or keeps.

    It raises AuditError before any work is done.
    """

    @wraps(command)
    def checked(**values: Any) -> None:
        for output in _each(values.get("output")):
            _check(name, output, values)
        command(**values)

    return checked


def _check(name: str, output: Path, values: Mapping[str, Any]) -> None:
    from ycaudit.report.outputs import STDOUT, file_of
    from ycaudit.runs.evidence import is_stream

    file = file_of(output)
    if file == STDOUT or is_stream(file):
        return
    if any(_is_same(file, read) for read in _all_read(name, values)):
        raise AuditError(
            "--output {0}: ycaudit reads or keeps this file, and nothing is written over it: "
            "choose another name",
            output,
        )
    if name != IMPORT and file.suffix.lower() in KEPT and file.exists():
        raise AuditError(
            "--output {0}: a file of this kind is a list, rules, settings, a history or a case "
            "file, and nothing is written over it: choose another name",
            output,
        )


def _is_same(one: Path, other: Path) -> bool:
    """Whether they are one file, or would be: links are followed."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def _all_read(name: str, values: Mapping[str, Any]) -> Iterator[Path]:
    """The files that the command is given, and those that commands of this folder go by."""
    for path in (*_given(values), *_standing(name, values)):
        if path.is_dir():  # of rules
            yield from (file for suffix in YAML for file in path.glob(f"*{suffix}"))
        else:
            yield path


def _given(values: Mapping[str, Any]) -> Iterator[Path]:
    from ycaudit.report.collection_book import is_summary

    for name, value in values.items():
        for one in _each(value) if name not in _NOT_READ else ():
            is_run = name == "run" and Path(one).exists()
            # A summary that lies among the files which came back is made anew.
            is_made = name == "files" and is_summary(one)
            if (isinstance(one, Path) or is_run) and not is_made:
                yield Path(one)


def _standing(name: str, values: Mapping[str, Any]) -> Iterator[Path]:
    """The history, the settings, and the files that settings and environment name."""
    from ycaudit.cli import settings
    from ycaudit.cli.stored_runs import where

    yield where(values.get("history"))
    keys = [key for key in _READ if (name, key) != (IMPORT, "targets")]
    for key in (*keys, "cache"):
        if said := os.environ.get(f"{settings.PREFIX}{key.upper()}"):
            yield Path(said)
    if (found := settings.find(Path(), os.environ)) is not None:
        yield found.file
        tables = [found.table, *(own for own in found.table.values() if isinstance(own, dict))]
        for said in (each for table in tables for key in keys for each in _each(table.get(key))):
            if isinstance(said, str):
                yield Path(said)


def _each(value: Any) -> list[Any]:
    """The values of an option that may be said once, often or not at all."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
