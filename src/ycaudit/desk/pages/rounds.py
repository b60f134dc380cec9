"""历次: the runs that are kept, and how the figures moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.pages.rules import Beginning
from ycaudit.model import Outcome
from ycaudit.report.census import census_of, ways_to_group
from ycaudit.report.rows import marks
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import Entry

MAX_ROUNDS = 12
"""Columns of the chart."""
MAX_LISTED = 200
MAX_OFFICE_ROUNDS = 6
"""Rounds of which every unit is read."""
_WIDTH, _GAP, _HEIGHT = 40, 16, 120


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a column, in the units of the drawing."""

    outcome: Outcome
    x: float
    y: float
    height: float


def show(asked: Asked) -> Response:
    """Every run, the newest first, with the chart of the whole ones; or the one that is shown."""
    if only := asked.desk.place.run:
        return html.see(f"/run/{only}")
    with asked.desk.history() as kept:
        entries = list(kept.entries())
    rounds = _rounds(entries)
    return html.page(
        asked,
        "rounds",
        entries=entries[:MAX_LISTED],
        more=max(0, len(entries) - MAX_LISTED),
        marks=marks,
        beginning=Beginning(asked.desk.place),
        columns=_columns(list(reversed(rounds[:MAX_ROUNDS]))),
        width=_WIDTH,
        height=_HEIGHT,
        whole=max(1, len(rounds[:MAX_ROUNDS])) * (_WIDTH + _GAP),
    )


def offices(asked: Asked) -> Response:
    """How each office, or category, fared from round to round."""
    with asked.desk.history() as kept:
        rounds = [*reversed(_rounds(kept.entries())[:MAX_OFFICE_ROUNDS])]
        decisions = kept.decisions()
        runs = [decided(kept.load(entry.run.id), decisions) for entry in rounds]
    by = next(iter(ways_to_group(runs[-1])), "") if runs else ""
    found = [{count.name: count for count in census_of(run, by).groups} for run in runs]
    names = dict.fromkeys(name for groups in reversed(found) for name in groups)
    return html.page(
        asked,
        "offices",
        by=by,
        rounds=rounds,
        rows=[(name, [groups.get(name) for groups in found]) for name in names],
    )


def _rounds(entries: Iterable[Entry]) -> list[Entry]:
    """The whole runs by the rules of the newest one, the newest first."""
    whole = [e for e in entries if e.run.complete and not e.run.partial and e.sites]
    return [e for e in whole if e.run.rules.name == whole[0].run.rules.name]


def _columns(rounds: Sequence[Entry]) -> list[tuple[Entry, float, list[Part]]]:
    """The rounds from the oldest, each a column of the shares of its sites."""
    drawn = []
    for number, entry in enumerate(rounds):
        x, y = number * (_WIDTH + _GAP) + _GAP / 2, 0.0
        parts = []
        for outcome in html.ORDER:
            height = _HEIGHT * entry.counts[outcome] / entry.sites
            parts.append(Part(outcome, x, y, height))
            y += height
        drawn.append((entry, x, [part for part in parts if part.height]))
    return drawn
