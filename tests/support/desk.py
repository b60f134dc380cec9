"""The desk of somebody who works with the command line: a folder, a clock, a mailbox, a town."""

from __future__ import annotations

from pathlib import Path

import docx
import typer.testing

from support.clocks import OfficeClock
from support.inbox import Inbox
from support.town import Town
from ycaudit.cli.app import build
from ycaudit.errors import AuditError
from ycaudit.model import ScanRun
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import opened


class Desk:
    """The inspector's folder, clock and mailbox."""

    def __init__(self, folder: Path, clock: OfficeClock, box: Inbox, town: Town) -> None:
        self.folder, self.clock, self.box, self.town = folder, clock, box, town
        self.told = ""

    def does(self, *words: str, code: int = 0) -> str:
        """Run a command; returns what it prints."""
        done = typer.testing.CliRunner().invoke(build(words[0]), list(map(str, words)))
        self.told = done.output
        if isinstance(done.exception, AuditError):
            self.told += str(done.exception)
            assert code == 2, self.told
        else:
            assert done.exit_code == code, (words, done.output, done.exception)
        return done.stdout

    def last(self) -> ScanRun:
        """The run that `last` names, as decided."""
        with opened(self.folder / "history.sqlite3") as history:
            return decided(history.load("last"), history.decisions())


def paper(path: Path) -> str:
    """The words of a document, its annexes too."""
    document = docx.Document(str(path))
    cells = (cell.text for t in document.tables for row in t.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
