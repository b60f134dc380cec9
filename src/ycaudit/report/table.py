"""The table for the terminal: one column per requirement, the worst units first."""

from __future__ import annotations

import io
import shutil
from itertools import islice
from typing import IO, TextIO

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome, Page, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.report.rows import (
    MARK,
    WORD,
    clean,
    columns,
    described,
    suspicion_lines,
    tally,
    worst_first,
)
from ycaudit.terminal import FALLBACK, legible

STYLE = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.UNDETERMINED: "yellow",
    Outcome.WAIVED: "dim",
}
WIDTH_OF_A_FILE = 120
MAX_UNITS = 3000
"""In the table: nobody reads more on a terminal, and the table is laid out in memory."""


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write the table as a file in UTF-8."""
    text = io.TextIOWrapper(out, encoding="utf-8", errors=FALLBACK, write_through=True)
    show(run, text)
    text.detach()


def show(run: ScanRun, out: TextIO) -> None:
    """Write the table as text, coloured on a terminal and plain to a file."""
    on_screen = out.isatty()
    width = shutil.get_terminal_size().columns if on_screen else WIDTH_OF_A_FILE
    console = Console(
        file=out, width=width, force_terminal=on_screen, highlight=False, emoji=False, markup=False
    )
    table = _table(run, console.encoding)
    console.print(Group(*_suspect(run), table, *_reasons(run), *_remarks(run), _summary(run)))


def _suspect(run: ScanRun) -> list[Text]:
    """The warning above the table."""
    lines = suspicion_lines(run)
    return [Text("\n  ! ".join(lines) + "\n", style="bold red")] if lines else []


def _table(run: ScanRun, encoding: str) -> Table:
    """Its names as the encoding holds them: what is written later must not need more room."""
    names = columns(run)
    table = Table(title=Text(clean(run.rules.name)), title_justify="left", expand=False)
    table.add_column(translate("单位"), overflow="fold", min_width=12)
    for name in names.values():
        shown = Text(legible(clean(name, 40), encoding))
        table.add_column(shown, justify="center", overflow="fold")
    table.add_column(translate("结论"), justify="center", no_wrap=True)
    for report in islice(worst_first(run), MAX_UNITS):
        by_id = {verdict.requirement: verdict for verdict in report.verdicts}
        cells = [_mark(by_id.get(requirement)) for requirement in names]
        unit = Text(legible(clean(report.target.name, 80), encoding))
        table.add_row(unit, *cells, _word(report.outcome))
    return table


def _mark(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("")
    return Text(MARK[verdict.outcome], style=STYLE[verdict.outcome])


def _word(outcome: Outcome) -> Text:
    return Text(WORD[outcome], style=STYLE[outcome])


def _reasons(run: ScanRun) -> list[Text]:
    """What failed or is undetermined, unit by unit."""
    return [_told(report) for report in islice(worst_first(run), MAX_UNITS) if _open(report)]


def _open(report: UnitReport) -> list[Verdict]:
    return [v for v in report.verdicts if v.outcome in (Outcome.FAIL, Outcome.UNDETERMINED)]


def _told(report: UnitReport) -> Text:
    text = Text(f"\n{clean(report.target.name, 80)}  ", style="bold")
    text.append(clean(report.target.url, 200), style="dim")
    verdicts = _open(report)
    if all(isinstance(observation, Unseen) for observation in report.observations):
        verdicts = verdicts[:1]  # one reason holds for all
    for verdict in verdicts:
        text.append(f"\n  {MARK[verdict.outcome]} ", style=STYLE[verdict.outcome])
        name = "" if len(verdicts) == 1 < len(_open(report)) else f"{clean(verdict.name, 40)}: "
        text.append(f"{name}{clean(verdict.why.translated(), 400)}", style="default")
        for near in verdict.near[:3] if verdict.outcome is Outcome.FAIL else ():
            text.append(f"\n      ≈ {described(near)}", style="dim")
    return text


def _remarks(run: ScanRun) -> list[Text]:
    """The remarks of observers, unit by unit."""
    return [
        Text(f"\n! {clean(report.target.name, 80)}: {clean(remark.translated())}", style="dim")
        for report in islice(run.reports.briefs(), MAX_UNITS)
        for observation in report.observations
        if isinstance(observation, Page)
        for remark in observation.remarks
    ]


def _summary(run: ScanRun) -> Text:
    counts = tally(run)
    parts = [
        f"{WORD[outcome]} {counts[outcome]}" for outcome in reversed(Outcome) if counts[outcome]
    ]
    seconds = (run.finished_at - run.started_at).total_seconds()
    stopped = [] if run.complete else [Message(" (interrupted: the finished units only)")]
    hidden = len(run.reports) - MAX_UNITS
    if hidden > 0:
        stopped.append(
            Message(
                "\n{0} units that are better than these are not shown here: use --output", hidden
            )
        )
    units = len(run.reports)
    done = Message("\n{0} unit{0:|s} in {1:.1f} s: {2}", units, seconds, ", ".join(parts))
    return Text("".join(map(translate, (done, *stopped))))
