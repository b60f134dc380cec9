"""Files of reported numbers, and what units carry after them."""

from __future__ import annotations

from pathlib import Path

from support.history import run as history_run
from ycaudit.inputs.assignment import merged
from ycaudit.inputs.statistics import read_figures
from ycaudit.model import ScanRun


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "数字.csv"
    path.write_bytes(text.encode(encoding))
    return path


def numbers(whole: ScanRun) -> dict[str, dict[str, int | None]]:
    return {r.target.id: {f.name: f.number for f in r.target.figures} for r in whole.reports}


def taken(folder: Path, text: str, *units: str) -> tuple[dict[str, dict[str, int | None]], str]:
    """What units of these ids carry after the file, and all that is told."""
    figures = read_figures(csv_file(folder, text))
    whole, problems = merged(history_run(0, **dict.fromkeys(units, "+")), figures)
    return numbers(whole), "\n".join(map(str, (*figures.problems, *problems)))
