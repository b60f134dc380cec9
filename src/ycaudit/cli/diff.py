"""ycaudit diff: what changed since the last time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.cli import console
from ycaudit.cli.stored_runs import HistoryFile, find_run, where
from ycaudit.errors import AuditError
from ycaudit.i18n import Message, translate
from ycaudit.report.rows import clean
from ycaudit.runs.diff import WORD, Change, Comparison, Kind, compare, past_of
from ycaudit.runs.history import LAST, opened


def command(
    before: Annotated[
        str, typer.Argument(help="A run (file or id). [default: all that was known before AFTER]")
    ] = "",
    after: Annotated[str, typer.Argument(help="The run to compare with it.")] = LAST,
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    history: HistoryFile = None,
) -> None:
    """List who newly fails, who has mended what, who has not, and what can no longer be seen."""
    if format_name not in ("text", "json"):
        raise AuditError("--format {0!r}: choose text or json", format_name)
    run = find_run(after, history)
    if before:
        past = past_of(find_run(before, history))
    else:
        with opened(where(history)) as kept:
            past = kept.past(before=run)
    comparison = compare(past, run)
    if format_name == "json":
        console.data(comparison.model_dump_json(indent=1) + "\n")
        return
    for line in lines_of(comparison):
        console.line(line)


def lines_of(comparison: Comparison) -> Iterator[str]:
    """The comparison as lines of text, the gravest first."""
    for kind in Kind:
        changes = comparison.of(kind)
        if changes:
            yield f"{WORD[kind]} {len(changes)}"
            yield from (f"  {_line(change)}" for change in changes)
    for word, units in (
        (Message("新增单位"), comparison.added),
        (Message("不再列入的单位"), comparison.removed),
    ):
        if units:
            yield f"{translate(word)} {len(units)}: {'、'.join(clean(unit, 60) for unit in units)}"
    if not (comparison.changes or comparison.added or comparison.removed):
        yield translate("没有变化")


def _line(change: Change) -> str:
    shown = ""
    if change.since and change.kind in (Kind.STILL_FAILING, Kind.LOST_SIGHT):
        shown = translate("（自 {0:%Y-%m-%d}）", office_time.local(change.since))
    return f"{clean(change.name, 60)}  {clean(change.requirement_name, 40)}{shown}"
