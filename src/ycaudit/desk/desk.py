"""The desk: the files it works with, and what its windows share while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ycaudit.auditing.papers import Office
from ycaudit.auditing.service import Request
from ycaudit.desk.audits import Audits, Bug
from ycaudit.desk.guard import Session
from ycaudit.desk.shelf import Shelf
from ycaudit.desk.sitting import Sitting
from ycaudit.desk.uploads import Uploads
from ycaudit.report.formats import ReadEvidence
from ycaudit.report.mail import Server
from ycaudit.report.outputs import Naming, evidence_in
from ycaudit.runs.history import History, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The files that the desk works with, and how homepages are looked at."""

    history: Path
    targets: Path
    rules: tuple[Path, ...]
    request: Request
    """With the folder of the evidence."""
    by: str
    """Who decides, unless the person says another name; empty where it is to be said."""
    office: Office = field(default_factory=Office)
    """What the office has set: its letterhead, how it hears units, when a site is down."""
    mail: Server | None = None
    """The mail server; without it letters are only shown."""
    mail_password: str | None = None
    read_only: bool = False
    run: str = ""
    """The id of the only run that is shown, to read; empty: all of them."""

    @property
    def persons(self) -> int:
        """Different persons who must have confirmed a fail."""
        return self.office.hearing.persons

    @property
    def naming(self) -> Naming:
        """Who may be named: nobody whom the office's own rules protect."""
        return Naming(persons=self.persons)

    @property
    def read_evidence(self) -> ReadEvidence:
        """Reads evidence files, and nothing else."""
        return evidence_in(self.request.evidence)


@dataclass(slots=True)
class Desk:
    """One desk while it runs."""

    place: Place
    session: Session
    uploads: Uploads
    sitting: Sitting
    audits: Audits
    bug: Bug
    shelf: Shelf = field(default_factory=Shelf)
    language: str = ""
    """The language that the person has chosen; empty: as the desk was started."""

    @contextmanager
    def history(self) -> Iterator[History]:
        """The history, for one request. Raises AuditError."""
        with opened(self.place.history) as kept:
            yield kept
