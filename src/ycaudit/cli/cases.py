"""ycaudit cases: how far the hearing of each unit is, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from ycaudit import office_time
from ycaudit.auditing import booking
from ycaudit.cli import console, office_tables, options
from ycaudit.cli.stored_runs import HistoryFile, chosen, find_run, where
from ycaudit.errors import AuditError, nearest
from ycaudit.i18n import Message, in_language, office_language
from ycaudit.model import ScanRun
from ycaudit.report import case_text, slip_sheet
from ycaudit.report.case_text import STATE
from ycaudit.report.rows import clean
from ycaudit.runs.cases import KIND, Case, Kind, State, cases_of
from ycaudit.runs.evidence import write_whole
from ycaudit.runs.history import LAST, History, opened, opened_to_read

FORMATS = ("text", "json", "csv")
OBJECTION = {"accepted": True, "rejected": False}


@dataclass(frozen=True, kw_only=True)
class Cases(options.Chosen):
    """The options of the command."""

    words: Annotated[
        list[str],
        typer.Argument(
            metavar="record UNIT EVENT",
            help="Record that a unit was told, answered, objected, was looked at again (looked), "
            "that a circular named it (named; UNIT `all`: every failing unit), or that its case is "
            "closed; withdrawn takes an event back.",
        ),
    ] = field(default_factory=list)
    run: Annotated[
        str, typer.Option("--run", help="The run whose units it is about: file, id, or `last`.")
    ] = LAST
    state: Annotated[
        list[str],
        typer.Option(
            "--state",
            help="Only cases so far: found, confirmed, told, answered, objected, due, mended, "
            "closed. Repeatable.",
        ),
    ] = field(default_factory=list)
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit",
            help="Only units whose id, name or address contains this, with every event. "
            "Repeatable.",
        ),
    ] = field(default_factory=list)
    format_name: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text"
    slips: Annotated[
        Path | None,
        typer.Option("--slips", help="Write the sheet (.xlsx) on which slips are booked."),
    ] = None
    sheet: Annotated[
        Path | None,
        typer.Option("--from", help="Record what such a sheet says (.xlsx, .xls, .ods, .csv)."),
    ] = None
    on: Annotated[
        str, typer.Option("--on", help="With record: the day on which it happened, 2026-06-15.")
    ] = ""
    by: Annotated[
        str, typer.Option("--by", help="Who told, answered or decided. [default: the user's name]")
    ] = ""
    note: Annotated[str, typer.Option("--note", help="With record: what else is to be said.")] = ""
    until: Annotated[
        str,
        typer.Option(
            "--until",
            help="With record … told: the last day on which the unit may object; … named: by when "
            "it must mend its homepage.",
        ),
    ] = ""
    event: Annotated[
        int,
        typer.Option("--event", min=0, help="With record … withdrawn: the number of the event."),
    ] = 0
    objection: Annotated[
        str,
        typer.Option(
            "--objection", help="With record … looked: what came of it, accepted or rejected."
        ),
    ] = ""
    history: HistoryFile = None


@options.declared
def command(asked: Cases) -> None:
    """List how far the hearing of each unit is, or record what happened to one."""
    _check(asked)
    run = find_run(asked.run, asked.history)
    today = office_time.today()
    records = bool(asked.words) or asked.sheet is not None
    with (opened if records else opened_to_read)(where(asked.history)) as kept:
        if asked.words:
            _record(run, kept, asked, today)
        elif asked.sheet is not None:
            _take(run, kept, asked.sheet, by=asked.by or options.user(), today=today)
        else:
            found = _cases(chosen(run, asked.office, asked.tag, asked.unit), kept, today)
            _show(run, [case for case in found if _is_wanted(case, asked.state)], asked)


def _cases(run: ScanRun, kept: History, today: date) -> tuple[Case, ...]:
    return cases_of(run, kept.known(), office_tables.hearing(), today)


def _check(asked: Cases) -> None:
    """Refuse what cannot be meant, before the history is opened. Raises AuditError."""
    if asked.format_name not in FORMATS:
        known = ", ".join(FORMATS)
        raise AuditError("--format {0!r}: choose one of {1}", asked.format_name, known)
    for state in asked.state:
        if state not in {*State, *STATE.values()}:
            known, hint = ", ".join(State), nearest(state, map(str, State))
            raise AuditError("--state {0!r}: choose one of {1}{2}", state, known, hint)
    if asked.words and (asked.words[0] != "record" or len(asked.words) != 3):
        raise AuditError(
            "{0!r}: `ycaudit cases` lists; `ycaudit cases record UNIT EVENT --on DAY --by NAME` "
            "records",
            " ".join(asked.words),
        )
    if asked.objection not in ("", *OBJECTION):
        known = ", ".join(OBJECTION)
        raise AuditError("--objection {0!r}: choose one of {1}", asked.objection, known)
    given = {"--on": asked.on, "--note": asked.note, "--until": asked.until, "--event": asked.event}
    given["--objection"] = asked.objection
    if not asked.words and (lost := [name for name, value in given.items() if value]):
        raise AuditError("{0} is for `ycaudit cases record UNIT EVENT`", lost[0])
    if asked.words and (asked.slips or asked.sheet):
        raise AuditError("record one event, or read a sheet: not both at once")
    if asked.slips is not None and asked.slips.suffix.lower() != ".xlsx":
        raise AuditError("--slips {0}: the sheet is written as .xlsx", asked.slips)
    if asked.slips is not None and asked.slips.exists():
        raise AuditError(
            "{0} is there already, and may hold answers: choose another name", asked.slips
        )


def _record(run: ScanRun, kept: History, asked: Cases, today: date) -> None:
    _, unit, kind = asked.words
    wanted = booking.Wanted(
        unit=unit,
        kind=booking.kind_of(kind),
        on=booking.day("--on", asked.on) if asked.on else None,
        by=asked.by or options.user(),
        note=asked.note,
        until=booking.day("--until", asked.until) if asked.until else None,
        event=asked.event,
        accepted=OBJECTION.get(asked.objection),
    )
    hearing, now = office_tables.hearing(), datetime.now(UTC)
    if unit == booking.ALL:
        part = chosen(run, asked.office, asked.tag, asked.unit)
        events = booking.every(part, kept, wanted, hearing, today=today, now=now)
        named = Message("{0} unit{0:|s}", len(events))
    else:
        events = [booking.one(run, kept, wanted, hearing, today=today, now=now)]
        named = Message("{0}", clean(events[0].name, 60))
    first = events[0]
    console.info(
        "recorded: {0}, {1} {2} (no. {3})", named, first.on, KIND[first.kind], first.number
    )


def _take(run: ScanRun, kept: History, sheet: Path, *, by: str, today: date) -> None:
    events = booking.take(run, kept, sheet, office_tables.hearing(), by=by, today=today)
    kinds = (Kind.TOLD, Kind.ANSWERED, Kind.OBJECTED)
    counts = [sum(event.kind is kind for event in events) for kind in kinds]
    console.info("recorded from {0}: {1} told, {2} answered, {3} objected", sheet, *counts)


def _is_wanted(case: Case, states: Sequence[str]) -> bool:
    return not states or case.state in states or STATE[case.state] in states


def _show(run: ScanRun, cases: Sequence[Case], asked: Cases) -> None:
    if asked.slips is not None:
        open_cases = [case for case in cases if case.state not in slip_sheet.ANSWERED]
        with in_language(office_language()):
            write_whole(asked.slips, partial(slip_sheet.write, run, open_cases))
        console.info("{0} unit{0:|s} in {1}", len(open_cases), asked.slips)
        return
    match asked.format_name:
        case "json":
            data = TypeAdapter(list[Case]).dump_json(list(cases), indent=1).decode()
            console.data(f"{data}\n")
        case "csv":
            out = BytesIO()
            with in_language(office_language()):
                case_text.write_csv(cases, out)
            console.data(out.getvalue().decode())
        case _:
            for case in cases:
                for line in case_text.story(case) if asked.unit else [case_text.line(case)]:
                    console.line(line)
            if not cases:
                console.info("no unit of run {0} has such a case", run.id)
