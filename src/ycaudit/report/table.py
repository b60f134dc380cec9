"""The table for the terminal: one column per requirement, the worst units first."""

from __future__ import annotations

import io
import shutil
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import IO, TextIO

from rich.cells import cell_len
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ycaudit.i18n import Listed, Message, translate
from ycaudit.model import OPEN, Evidence, Outcome, ScanRun, UnitReport, Verdict
from ycaudit.report.open_reasons import OpenReason, open_reasons, reasons_of
from ycaudit.report.rows import (
    MARK,
    WORD,
    clean,
    columns,
    described,
    remarks_of,
    suspicion_lines,
    worst_first,
)
from ycaudit.runs.units import unit_tally
from ycaudit.terminal import FALLBACK, legible

STYLE = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.UNDETERMINED: "yellow",
    Outcome.WAIVED: "dim",
}
WIDTH_OF_A_FILE = 120
SHARED = 2
"""Sites from which on a reason is told once for all of them."""
MIN_FOR_NAMES = 12
MAX_NAMED = 3
"""Sites that are named beside a shared reason; the table has them all."""
MAX_WHOLE = 100
"""A run of more sites is folded to those where something is open."""
MAX_OPEN = 1000
"""Of those, too: nobody reads more on a terminal, and the table is laid out in memory."""
MAX_IN_FILE = 3000
"""A file has all of them, as far as they can be laid out."""

_NO_WORSE = Message(
    "\n{0} site{0:|s} that {0:is|are} no worse {0:is|are} not shown here: --output writes all"
)


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write the table as a file in UTF-8."""
    text = io.TextIOWrapper(out, encoding="utf-8", errors=FALLBACK, write_through=True)
    _print(run, text, [*islice(worst_first(run), MAX_IN_FILE)], reasons=True)
    text.detach()


def show(run: ScanRun, out: TextIO, *, reasons: bool = True) -> None:
    """Write the table as text, coloured on a terminal and plain to a file.

    `reasons`: also why, which `check` tells in full below it.
    """
    _print(run, out, _worst(run), reasons=reasons)


def _print(run: ScanRun, out: TextIO, worst: Sequence[UnitReport], *, reasons: bool) -> None:
    console = console_of(out)
    table = [_table(run, worst, console.width, console.encoding)] if worst else []
    below = (*_reasons(run, worst), *_remarks(run)) if reasons else ()
    console.print(Group(*_suspect(run), *table, *below, _summary(run, worst)))


def console_of(out: TextIO) -> Console:
    """Writes coloured on a terminal and plain to a file."""
    on_screen = out.isatty()
    width = shutil.get_terminal_size().columns if on_screen else WIDTH_OF_A_FILE
    return Console(
        file=out, width=width, force_terminal=on_screen, highlight=False, emoji=False, markup=False
    )


def _suspect(run: ScanRun) -> list[Text]:
    """The warning above the table."""
    lines = suspicion_lines(run)
    return [Text("\n  ! ".join(lines) + "\n", style="bold red")] if lines else []


def _worst(run: ScanRun) -> list[UnitReport]:
    """The reports that a terminal shows: all of a short run, else those with something open."""
    if len(run.reports) <= MAX_WHOLE:
        return list(worst_first(run))
    open_ones = (r for r in worst_first(run) if any(v.outcome in OPEN for v in r.verdicts))
    return list(islice(open_ones, MAX_OPEN))


def _table(run: ScanRun, worst: Sequence[UnitReport], width: int, encoding: str) -> Table:
    """Its names as the encoding holds them: what is written later must not need more room."""
    names = columns(run)
    shown = [clean(report.target.name, 80) for report in worst]
    table = Table(title=Text(clean(run.rules.name)), title_justify="left", expand=False)
    longest = max(map(cell_len, shown), default=0)
    table.add_column(translate("单位"), overflow="fold", width=_for_names(names, longest, width))
    # Second and whole: it is what is looked for, however narrow the terminal.
    words = [WORD[outcome] for outcome in Outcome]
    whole = max(map(cell_len, (*words, translate("结论"))))
    table.add_column(translate("结论"), justify="center", no_wrap=True, width=whole)
    for name in names.values():
        heading = Text(legible(clean(name, 40), encoding))
        table.add_column(heading, justify="center", overflow="fold")
    for report in worst:
        by_id = {verdict.requirement: verdict for verdict in report.verdicts}
        cells = [_mark(by_id.get(requirement)) for requirement in names]
        unit = Text(legible(clean(report.target.name, 80), encoding))
        table.add_row(unit, _word(report.outcome), *cells)
    return table


def _for_names(columns: Mapping[str, str], longest: int, width: int) -> int:
    """The cells for names: all they need where the headings leave room, else a fixed part."""
    padding = 3
    headings = sum(cell_len(clean(name, 40)) + padding for name in columns.values())
    room = width - headings - (cell_len(translate("待核实")) + 2 * padding) - 1
    return max(MIN_FOR_NAMES, min(longest, room))


def _mark(verdict: Verdict | None) -> Text:
    if verdict is None:
        return Text("")
    return Text(MARK[verdict.outcome], style=STYLE[verdict.outcome])


def _word(outcome: Outcome) -> Text:
    return Text(WORD[outcome], style=STYLE[outcome])


def _reasons(run: ScanRun, worst: Iterable[UnitReport]) -> list[Text]:
    """What failed or is undetermined: first what many share, then unit by unit what is left."""
    shared = {
        (one.outcome, one.sentence): one
        for one in open_reasons(run, told=lambda verdicts: bool(_near(verdicts)))
        if len(one.sites) >= SHARED
    }
    folded = [_shared(one) for one in shared.values()]
    units = (_told(report, shared) for report in worst)
    return [*folded, *filter(None, units)]


def _shared(one: OpenReason) -> Text:
    text = Text(f"\n{MARK[one.outcome]} ", style=STYLE[one.outcome])
    count = translate("{0}：{1}", one.count, one.sentence)
    text.append(count, style="default")
    names = translate("、").join(clean(name, 20) for name in one.sites[:MAX_NAMED])
    more = translate(" 等") if len(one.sites) > MAX_NAMED else ""
    text.append(f"\n    {names}{more}", style="dim")
    return text


def _told(report: UnitReport, shared: Container[tuple[Outcome, str]]) -> Text | None:
    """What is open at one site: what it does not share, or what was found there instead."""
    text = Text(f"\n{clean(report.target.name, 80)}  ", style="bold")
    text.append(clean(report.target.url, 200), style="dim")
    reasons = dict(_of_its_own(report, shared))
    for (outcome, sentence), near in reasons.items():
        text.append(f"\n  {MARK[outcome]} ", style=STYLE[outcome])
        text.append(sentence, style="default")
        for one in near:
            text.append(f"\n      ≈ {described(one)}", style="dim")
    return text if reasons else None


def _of_its_own(
    report: UnitReport, shared: Container[tuple[Outcome, str]]
) -> Iterator[tuple[tuple[Outcome, str], list[Evidence]]]:
    """Reasons that are not told yet, or that have near misses of this site."""
    for key, verdicts in reasons_of(report).items():
        near = _near(verdicts)
        if near or key not in shared:
            yield key, near


def _near(verdicts: Iterable[Verdict]) -> list[Evidence]:
    """What was found instead of what is missing."""
    failed = (verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    return [one for verdict in failed for one in verdict.near[:3]]


def _remarks(run: ScanRun) -> list[Text]:
    """The remarks of observers, each once with the sites that it is of."""
    sites: dict[str, list[str]] = {}
    for report in run.reports.briefs():
        for remark in remarks_of(report):
            sites.setdefault(remark, []).append(report.target.name)
    return [Text(f"\n! {_whose(names)}: {remark}", style="dim") for remark, names in sites.items()]


def _whose(names: list[str]) -> str:
    shown = translate("、").join(clean(name, 80) for name in names[:MAX_NAMED])
    if len(names) <= MAX_NAMED:
        return shown
    return translate("{0} 家：{1}", len(names), shown) + translate(" 等")


def _summary(run: ScanRun, shown: Sized) -> Text:
    """All units of the list and how they fare: as every other report counts them."""
    counts, without = unit_tally(run.reports.briefs()), len(run.no_website)
    parts = [
        f"{WORD[outcome]} {counts[outcome]}" for outcome in reversed(Outcome) if counts[outcome]
    ]
    parts += [f"{translate('未开设网站')} {without}"] * bool(without)
    seconds = (run.finished_at - run.started_at).total_seconds()
    stopped = [] if run.complete else [Message(" (interrupted: the finished units only)")]
    hidden = len(run.reports) - len(shown)
    if hidden and shown:
        stopped.append(Message(_NO_WORSE, hidden))
    figures = counts.total() + without, seconds
    told = (
        Message("\n{0} unit{0:|s} in {1:.1f} s: {2}", *figures, Listed(parts))
        if parts
        else Message("\n{0} unit{0:|s} in {1:.1f} s", *figures)
    )
    return Text("".join(map(translate, (told, *stopped))))
