"""整改: how far the hearing of each unit is, and what is recorded of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from urllib.parse import quote

from starlette.responses import Response

from ycaudit import office_time
from ycaudit.auditing import booking
from ycaudit.auditing.selection import narrowed
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.pages.papers import TYPES
from ycaudit.desk.pages.run import asking, choice, offices_of, tags_of
from ycaudit.errors import AuditError
from ycaudit.i18n import in_language, office_language, translate
from ycaudit.report import slip_sheet
from ycaudit.report.case_text import ACCEPTED, STATE, details, withdrawals
from ycaudit.runs.cases import KIND, RECORDED, Case, Kind, State, cases_of
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import History

OBJECTION = {"accepted": True, "rejected": False}


def show(asked: Asked) -> Response:
    """The cases, by how far they are."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
        every = _of(asked, kept)
    state = asked.word("state")
    places = {report.target.id: place for place, report in enumerate(shown.reports)}
    return html.page(
        asked,
        "cases",
        run=shown.run,
        cases=[case for case in every if state in ("", case.state)],
        counts={one: sum(case.state is one for case in every) for one in State},
        state=state,
        places=places,
        words=STATE,
        kinds=KIND,
        recorded=RECORDED,
        objections={word: ACCEPTED[value] for word, value in OBJECTION.items()},
        details=details,
        withdrawals=withdrawals,
        hearing=asked.desk.place.office.hearing,
        today=office_time.today(),
        by=asked.desk.sitting.by,
        asking=asking(asked),
        offices=offices_of(shown.run),
        tags=tags_of(shown.run),
        notice=asked.word("notice"),
        count=asked.number("count"),
    )


def record(asked: Asked) -> Response:
    """Record what happened to a unit, or that something was recorded by mistake."""
    desk = asked.desk
    if not asked.word("by"):
        raise AuditError("say who decides: a decision has a name")
    desk.sitting.by = asked.word("by")
    with desk.sitting.lock, desk.history() as kept:
        run = decided(kept.load(asked.params["run"]), kept.decisions())
        wanted = booking.Wanted(
            unit=asked.word("unit"),
            kind=booking.kind_of(asked.word("kind")),
            on=_day(asked, "on"),
            by=asked.word("by"),
            note=asked.word("note"),
            until=_day(asked, "until"),
            event=asked.number("event"),
            accepted=OBJECTION.get(asked.word("objection")),
        )
        hearing, today, now = desk.place.office.hearing, office_time.today(), datetime.now(UTC)
        if wanted.unit == booking.ALL:
            part = narrowed(run, choice(asked))
            booking.every(part, kept, wanted, hearing, today=today, now=now)
        else:
            booking.one(run, kept, _told(wanted), hearing, today=today, now=now)
    where = {**asking(asked), "state": asked.word("state")}
    return html.see(asked.path, **where, notice="recorded")


def _told(wanted: booking.Wanted) -> booking.Wanted:
    """Whoever looked at an objection again says what came of it. Raises AuditError."""
    if wanted.kind is Kind.LOOKED and wanted.accepted is None:
        raise AuditError("say whether the objection is accepted")
    return wanted


def _day(asked: Asked, name: str) -> date | None:
    word = asked.word(name)
    return booking.day(translate("日期"), word) if word else None


def slips(asked: Asked) -> Response:
    """The sheet on which slips are booked."""
    out = io.BytesIO()
    with asked.desk.history() as kept:
        run = narrowed(decided(kept.load(asked.params["run"]), kept.decisions()), choice(asked))
        open_cases = [case for case in _of(asked, kept) if case.state not in slip_sheet.ANSWERED]
        with in_language(office_language()):
            slip_sheet.write(run, open_cases, out)
            name = f"{translate(slip_sheet.SHEET)}.xlsx"
    disposition = f"attachment; filename=\"slips.xlsx\"; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition}
    return Response(out.getvalue(), media_type=TYPES[".xlsx"], headers=headers)


def _of(asked: Asked, kept: History) -> tuple[Case, ...]:
    """The cases of the units that are chosen."""
    shown = asked.desk.shelf.shown(kept, asked.params["run"])
    run = narrowed(shown.run, choice(asked))
    return cases_of(run, kept.known(), asked.desk.place.office.hearing, office_time.today())


def take(asked: Asked) -> Response:
    """Record what a sheet of slips says: all of it, or nothing."""
    desk = asked.desk
    name, data = asked.file("sheet")
    if not asked.word("by"):
        raise AuditError("say who decides: a decision has a name")
    upload = desk.uploads.keep(name, data)
    with desk.sitting.lock, desk.history() as kept:
        run = decided(kept.load(asked.params["run"]), kept.decisions())
        recorded = booking.take(
            run, kept, upload.path, desk.place.office.hearing,
            by=asked.word("by"), today=office_time.today(),
        )  # fmt: skip
    where = f"/run/{asked.params['run']}/cases"
    return html.see(where, notice="slips", count=len(recorded))
