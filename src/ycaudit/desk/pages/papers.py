"""文件: a run in every format, of all or of one office, looked at before it is taken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ycaudit import office_time
from ycaudit.auditing import booking
from ycaudit.auditing.papers import background_of, unheard_of
from ycaudit.auditing.selection import narrowed
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.pages.run import asking, choice, offices_of, tags_of
from ycaudit.errors import AuditError
from ycaudit.i18n import Message, translate
from ycaudit.inputs import xlsx_file
from ycaudit.inputs.cells import UnreadableError
from ycaudit.model import Outcome, ScanRun, Vouched
from ycaudit.report.formats import FORMATS, Background, Format
from ycaudit.report.html import script_hash
from ycaudit.report.office_text import run_day
from ycaudit.report.outputs import why_not_named, why_not_published
from ycaudit.report.paper_text import Block, blocks_of, of_sheet
from ycaudit.report.rows import clean, suspicion_lines
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import History
from ycaudit.runs.suspicions import may_be_vouched
from ycaudit.runs.units import units_of

OFFICE = ("docx", "notice", "undetermined", "form", "xlsx", "html", "proof", "csv")
"""Formats for offices, in the order of a week; the others are for programs."""
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".zip": "application/zip",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}
SHEET_POLICY = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'sha256-{0}'"
)
"""For the report itself, which is shown as it is: with its one script, and as nobody's page."""
MAX_ROWS, MAX_PAPERS, MAX_TEXT = 200, 20, 100_000


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper or a sheet as it is looked at."""

    title: str
    blocks: tuple[Block, ...]


def show(asked: Asked) -> Response:
    """All formats, and what they are narrowed to."""
    with asked.desk.history() as kept:
        shown = asked.desk.shelf.shown(kept, asked.params["run"])
        run = narrowed(shown.run, choice(asked))
        waiting = {
            name: why
            for name, chosen in FORMATS.items()
            if chosen.names and (why := _why_not(asked, kept, run, chosen))
        }
        issued = booking.circulars(shown.run, kept)
    forms = [(name, FORMATS[name]) for name in OFFICE]
    programs = [(n, f) for n, f in FORMATS.items() if n not in OFFICE and f.suffix]
    return html.page(
        asked,
        "papers",
        run=shown.run,
        forms=forms,
        programs=programs,
        letterhead=asked.desk.place.office.letterhead,
        waiting=waiting,
        sites=len(run.reports),
        asking=asking(asked),
        offices=offices_of(shown.run),
        tags=tags_of(shown.run),
        issued=issued,
        suspicions=suspicion_lines(shown.run),
        failing=sum(unit.outcome is Outcome.FAIL for unit in units_of(run.reports.briefs())),
        deadline=asked.desk.place.office.letterhead.due_day(run_day(run)),
        today=office_time.today(),
        by=asked.desk.sitting.by,
        may_vouch=may_be_vouched(shown.run),
    )


def vouch(asked: Asked) -> Response:
    """A person has checked the rules and our own network, or takes that back."""
    by, run = asked.word("by"), asked.params["run"]
    if not by:
        raise AuditError("say who decides: a decision has a name")
    with asked.desk.sitting.lock, asked.desk.history() as kept:
        found = kept.load(run)
        if asked.word("undo"):
            kept.retract(found.id)
        elif may_be_vouched(found):
            kept.vouch(found.id, Vouched(by=by, at=datetime.now(UTC), note=asked.word("note")))
        else:
            raise AuditError("this run is suspect for more than its figures: check again")
    return html.see(f"/run/{run}/papers", **asking(asked))


def download(asked: Asked) -> Response:
    """The file. Raises AuditError where units would be named that nobody has confirmed."""
    name, chosen = _format(asked)
    with asked.desk.history() as kept:
        run = whole_run(asked, kept)
        if chosen.names and (why_not := _why_not(asked, kept, run, chosen)):
            raise AuditError(why_not)
        data = _rendered(asked, kept, run, chosen)
        if chosen.names:
            kept.papers.note_named(run, datetime.now(UTC))
    file = f"{translate(chosen.stem)}_{office_time.local(run.started_at):%Y%m%d}{chosen.suffix}"
    kind = TYPES.get(chosen.suffix, "application/octet-stream")
    disposition = f"attachment; filename=\"{name}{chosen.suffix}\"; filename*=UTF-8''{quote(file)}"
    return Response(data, media_type=kind, headers={"Content-Disposition": disposition})


def preview(asked: Asked) -> Response:
    """What the file would say, on a page of the desk."""
    name, chosen = _format(asked)
    with asked.desk.history() as kept:
        run = whole_run(asked, kept)
        data = b"" if name == "html" else _rendered(asked, kept, run, chosen)
        why_not = _why_not(asked, kept, run, chosen) if chosen.names else None
    return html.page(
        asked,
        "preview",
        run=run,
        name=name,
        format=chosen,
        asking=asking(asked),
        papers=list(_papers(chosen, data)),
        text=_text(data) if chosen.text and name != "html" else "",
        why_not=why_not,
    )


def sheet(asked: Asked) -> Response:
    """The HTML report as it is."""
    name, chosen = _format(asked)
    if name != "html":
        raise HTTPException(404)
    with asked.desk.history() as kept:
        data = _rendered(asked, kept, whole_run(asked, kept), chosen)
    headers = {"Content-Security-Policy": SHEET_POLICY.format(script_hash())}
    return Response(data, media_type=TYPES[".html"], headers=headers)


def _format(asked: Asked) -> tuple[str, Format]:
    name = asked.params["format"]
    if name not in FORMATS or not FORMATS[name].suffix:
        raise HTTPException(404)
    return name, FORMATS[name]


def _why_not(asked: Asked, kept: History, run: ScanRun, chosen: Format) -> Message | None:
    """Why units are not to be named in this paper; None where they may be."""
    place = asked.desk.place
    why_not = why_not_named(run, place.naming)
    if why_not is not None or not chosen.publishes:
        return why_not
    unheard = unheard_of(run, kept, place.office.hearing, office_time.today())
    return why_not_published(run, place.naming, Background(unheard=unheard))


def whole_run(asked: Asked, kept: History) -> ScanRun:
    """The whole run as decided, with what its pages show, narrowed as asked."""
    run = decided(kept.load(asked.params["run"]), kept.decisions())
    fits = choice(asked)
    return narrowed(run, fits) if fits.texts or fits.offices or fits.tags else run


def _rendered(asked: Asked, kept: History, run: ScanRun, chosen: Format) -> bytes:
    place, out = asked.desk.place, io.BytesIO()
    background = background_of(run, kept, place.office, today=office_time.today())
    chosen.render(run, out, place.read_evidence, background)
    return out.getvalue()


def _papers(chosen: Format, data: bytes) -> Iterator[Paper]:
    """The papers of a Word document or an archive, or the sheets of a workbook."""
    match chosen.suffix:
        case ".docx":
            yield Paper("", tuple(blocks_of(data)))
        case ".xlsx":
            yield from _of_workbook(data)
        case ".zip":
            yield from _of_archive(data)


def _of_workbook(data: bytes) -> Iterator[Paper]:
    try:
        sheets = xlsx_file.read(data)
    except UnreadableError:  # larger than any list that is read
        yield Paper(translate("这个文件太大，请下载后查看。"), ())
        return
    for found in sheets:
        rows = [[clean(cell.text, 200) for cell in cells] for _, cells in found.rows[:MAX_ROWS]]
        yield Paper(clean(found.name, 60), (of_sheet(rows),))


def _of_archive(data: bytes) -> Iterator[Paper]:
    """The papers in it; of what is no paper, only the name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        for name in names[:MAX_PAPERS]:
            is_paper = name.endswith(".docx")
            yield Paper(clean(name, 120), tuple(blocks_of(archive.read(name))) if is_paper else ())
        if len(names) > MAX_PAPERS:
            yield Paper(translate("另有 {0} 个文件", len(names) - MAX_PAPERS), ())


def _text(data: bytes) -> str:
    return data[:MAX_TEXT].decode("utf-8-sig", "replace")
