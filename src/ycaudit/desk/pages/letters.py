"""文件: the letters to the units that fail, shown before they are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from ycaudit import office_time
from ycaudit.auditing.correspondence import ToUnits, deliver, to_units, unsent
from ycaudit.auditing.papers import background_of
from ycaudit.desk import html
from ycaudit.desk.asked import Asked
from ycaudit.desk.pages.papers import whole_run
from ycaudit.desk.pages.run import asking, offices_of, tags_of
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.model import ScanRun
from ycaudit.report.letters import Letter, Sender
from ycaudit.report.rows import clean
from ycaudit.runs.history import History

UNKNOWN = "ycaudit@localhost"
"""Who writes where no mail server is set: such a letter is only shown."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A letter as a person reads it."""

    letter: Letter
    is_sent: bool

    @property
    def to(self) -> str:
        """Who gets it."""
        return str(self.letter.message["To"])

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.letter.message["Subject"])

    @property
    def text(self) -> str:
        """What it says."""
        body = self.letter.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def files(self) -> list[str]:
        """The names of what is attached."""
        return [part.get_filename() or "" for part in self.letter.message.iter_attachments()]


def show(asked: Asked) -> Response:
    """Every letter, whole."""
    with asked.desk.history() as kept:
        run = whole_run(asked, kept)
        found = _written(asked, kept, run)
        left = {id(posting.message) for posting in unsent(found.letters, kept)}
        whole = asked.desk.shelf.shown(kept, asked.params["run"]).run
    shown = [Readable(one, id(one.message) not in left) for one in found.letters]
    return html.page(
        asked,
        "letters",
        run=run,
        letters=shown,
        found=found,
        left=sum(not one.is_sent for one in shown),
        mark=_mark(shown),
        server=asked.desk.place.mail,
        asking=asking(asked),
        offices=offices_of(whole),
        tags=tags_of(whole),
        notice=asked.word("notice"),
    )


def send(asked: Asked) -> Response:
    """Send the letters that were shown, and no others."""
    server = asked.desk.place.mail
    if server is None:
        raise AuditError("to send mail, set YCAUDIT_SMTP_HOST and YCAUDIT_MAIL_FROM")
    told: list[Message] = []
    with asked.desk.sitting.lock, asked.desk.history() as kept:
        found = _written(asked, kept, whole_run(asked, kept))
        if _mark([Readable(one, is_sent=False) for one in found.letters]) != asked.word("mark"):
            return html.see(asked.path, **asking(asked), notice="changed")
        deliver(
            found.letters, kept, server,
            password=asked.desk.place.mail_password, notice=told.append, remark=told.append,
        )  # fmt: skip
    return html.see(asked.path, **asking(asked), notice="sent")


def _written(asked: Asked, kept: History, run: ScanRun) -> ToUnits:
    """The letters. Raises AuditError where nobody is to be written to."""
    place = asked.desk.place
    if run.is_suspect:
        why = clean(run.suspicions[0].translated(), 200)
        raise AuditError("this run is suspect ({0}): no unit is written to", why)
    background = background_of(run, kept, place.office, today=office_time.today())
    address = UNKNOWN if place.mail is None else place.mail.sender
    sender = Sender(address, datetime.now(UTC), place.office.letterhead, place.office.hearing)
    return to_units(run, sender, place.read_evidence, background, persons=place.persons)


def _mark(letters: Sequence[Readable]) -> str:
    """Another one as soon as any letter says something else, or goes to somebody else."""
    said = [(one.letter.key.unit, one.to, one.subject, one.text, one.files) for one in letters]
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]
