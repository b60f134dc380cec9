"""The numbers that units report, as commands take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ycaudit.cli import console
from ycaudit.i18n import Listed
from ycaudit.inputs.assignment import assigned, merged
from ycaudit.inputs.statistics import Figures, read_figures
from ycaudit.model import Figure, ScanRun
from ycaudit.rules.judge import Unit


def read_numbers(path: Path | None) -> Figures | None:
    """The numbers in the file; a notice names each that is left out, and claims beside them."""
    if path is None:
        return None
    figures = read_figures(path)
    for problem in figures.problems:
        console.notice(problem.message)
    if figures.claimed:
        claims = Listed(figures.claimed)
        console.notice(
            "{0} {1:is a claim|are claims}: `ycaudit collect` sets {1:it|them} beside what was "
            "found",
            *(claims, len(figures.claimed)),
        )
    return figures


def with_numbers(run: ScanRun, figures: Figures | None) -> ScanRun:
    """The run with the numbers; a notice names each that fits none of its units."""
    if figures is None:
        return run
    whole, problems = merged(run, figures)
    for problem in problems:
        console.notice(problem.message)
    return whole


def assigned_to(units: Iterable[Unit], figures: Figures) -> Mapping[str, tuple[Figure, ...]]:
    """The numbers of each unit by its id; a notice names each that fits none of them."""
    given, problems = assigned((unit.target for unit in units), figures)
    for problem in problems:
        console.notice(problem.message)
    return given
