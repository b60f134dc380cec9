"""GitHub Actions workflow commands: the gravest findings as annotations on the list of units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from ycaudit.i18n import Listed, Message
from ycaudit.model import OPEN, Outcome, ScanRun, Target
from ycaudit.report.rows import WORD, Row, clean, described, suspicion_lines, tally, worst_first

MOST = 10
"""GitHub shows this many annotations of a step and silently drops the others."""

MAX_NEAR = 3


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write annotations, errors first, then a line of figures."""
    found = sorted(_findings(run), key=_rank)
    first = (
        [f"::error title=ycaudit::{escaped(chr(10).join(s))}"]
        if (s := suspicion_lines(run))
        else []
    )
    most = MOST - len(first)
    lines = [*first, *map(_annotation, found[:most]), _summary(run, len(found))]
    out.write("".join(f"{line}\n" for line in lines).encode())


def _findings(run: ScanRun) -> Iterable[Row]:
    return (
        Row(report, verdict)
        for report in worst_first(run)
        for verdict in report.verdicts
        if verdict.outcome in OPEN
    )


def _rank(row: Row) -> int:
    """Failed duties first, then failed advice, then what is undetermined."""
    if row.verdict.outcome is Outcome.UNDETERMINED:
        return 2
    return 0 if row.verdict.level == "must" else 1


def _annotation(row: Row) -> str:
    command = "error" if _rank(row) == 0 else "warning"
    properties = {**_place(row.report.target), "title": _title(row)}
    told_of = ",".join(f"{key}={escaped_property(value)}" for key, value in properties.items())
    return f"::{command} {told_of}::{escaped(_message(row))}"


def _place(target: Target) -> dict[str, str]:
    """Empty for a unit that is in no list: the file of an annotation is optional."""
    if target.listed is None:
        return {}
    return {"file": clean(target.listed.file, 1000), "line": str(target.listed.line or 1)}


def _title(row: Row) -> str:
    return f"{clean(row.report.target.name, 80)}: {clean(row.verdict.name, 40)}"


def _message(row: Row) -> str:
    near = [f"≈ {clean(described(evidence))}" for evidence in row.verdict.near[:MAX_NEAR]]
    first = f"{clean(row.report.target.url, 200)} {clean(row.verdict.why.translated())}"
    return "\n".join([first, *near])


def _summary(run: ScanRun, found: int) -> str:
    """Figures only, no text of pages: the runner finds commands within a line, too."""
    counts = tally(run)
    told_of = Listed(f"{WORD[outcome]} {counts[outcome]}" for outcome in reversed(Outcome))
    hidden = Message("; {0} finding{0:|s} not shown", found - MOST) if found > MOST else ""
    stopped = "" if run.complete else Message(" (interrupted: the finished units only)")
    units = len(run.reports)
    return Message("{0} unit{0:|s}: {1}{2}{3}", units, told_of, hidden, stopped)


def escaped(data: str) -> str:
    """The message of a command, as the toolkit's escapeData writes it."""
    return data.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(value: str) -> str:
    """A property of a command, as the toolkit's escapeProperty writes it."""
    return escaped(value).replace(":", "%3A").replace(",", "%2C")
