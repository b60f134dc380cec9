"""The formats that a run can be written in: each a pure function of the run document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import IO

from ycaudit.model import ScanRun

Render = Callable[[ScanRun, IO[bytes]], None]


def _later(module: str) -> Render:
    """Imported when first used, so that a table does not wait for what a sheet needs."""

    def render(run: ScanRun, out: IO[bytes]) -> None:
        import_module(f"ycaudit.render.{module}").render(run, out)

    return render


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a run; the first suffix is the usual one."""

    render: Render
    suffixes: tuple[str, ...]
    about: str


FORMATS: dict[str, Format] = {
    "table": Format(_later("table"), (".txt",), "for the terminal: worst units first"),
    "json": Format(_later("document"), (".json",), "the run document, whole"),
    "jsonl": Format(_later("lines"), (".jsonl", ".ndjson"), "one report a line"),
    "csv": Format(_later("sheet"), (".csv",), "one row a unit and requirement, for Excel"),
}


def by_suffix(suffix: str) -> str | None:
    """The name of the format that a file suffix stands for."""
    return next((name for name, f in FORMATS.items() if suffix.lower() in f.suffixes), None)
