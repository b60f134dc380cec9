"""Which letters were sent and which notices given, in the file of the history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from ycaudit.model import Record, RunHeader
from ycaudit.runs.history_file import reading, transaction, utc, writing

# A letter tells of all before it, whoever did not get one about an earlier run.
_UNTOLD = """
    SELECT min(owed.started_at) FROM untold JOIN runs owed ON owed.id = untold.run
    WHERE NOT EXISTS (
        SELECT 1 FROM letters JOIN runs told ON told.id = letters.run
        WHERE letters.kind = 'office' AND letters.unit = '' AND letters.recipient = ?
        AND told.started_at >= owed.started_at
    )
"""


class LetterKey(Record):
    """What a letter is known by, so that nobody gets the same twice and nobody is forgotten."""

    run: str
    kind: Literal["office", "unit"]
    unit: str = ""
    """The id of the unit that it is about, or of a part of the run; empty for the whole of it."""
    named: tuple[tuple[str, str], ...] = ()
    """The sites and requirements, by id, of which it says that the unit fails them."""


class LetterLog:
    """Who was told what, so that nobody is told twice and nobody is forgotten.

    Every method raises AuditError where the file cannot be used.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db

    def note_untold(self, run: str) -> None:
        """A letter is to tell of this run: until that is settled, later ones tell of it, too."""
        with writing(self._path):
            self._db.execute("INSERT OR IGNORE INTO untold VALUES (?)", (run,))

    def untold_from(self, reader: str) -> datetime | None:
        """When the first run began of which this reader (a bare address) should know and does not.

        None where there is none.
        """
        with reading(self._path):
            (began,) = self._db.execute(_UNTOLD, (reader,)).fetchone()
            return datetime.fromisoformat(began) if began else None

    def is_mailed(self) -> bool:
        """Whether scans tell readers of its runs by letter."""
        with reading(self._path):
            (found,) = self._db.execute("SELECT EXISTS (SELECT 1 FROM mailed)").fetchone()
            return bool(found)

    def settle(self, run: RunHeader) -> None:
        """Everybody knows what was to be told of a run, and with a whole one of all before it."""
        is_whole = run.complete and not run.partial
        with writing(self._path), transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO mailed SELECT id FROM runs WHERE id = ?", (run.id,)
            )
            self._db.execute(
                "DELETE FROM untold WHERE run = ?"
                " OR (? AND run IN (SELECT id FROM runs WHERE started_at <= ?))",
                (run.id, is_whole, utc(run.started_at)),
            )

    def told(self) -> frozenset[str]:
        """The notices of the last scan."""
        with reading(self._path):
            return frozenset(text for (text,) in self._db.execute("SELECT notice FROM told"))

    def note_told(self, notices: Iterable[str]) -> None:
        """Record the notices of a scan, in place of those of the one before."""
        with writing(self._path), transaction(self._db):
            self._db.execute("DELETE FROM told")
            self._db.executemany("INSERT INTO told VALUES (?)", ((text,) for text in notices))

    def was_sent(self, letter: LetterKey, recipient: str, to: str) -> bool:
        """Whether letters that name all that this one names were taken for this recipient.

        Of a letter of an earlier version only its run and all its recipients (`to`) are known, or
        not what it named.
        """
        with reading(self._path):
            rows = self._db.execute(
                "SELECT named FROM letters WHERE run = ? AND ((kind = ? AND unit = ? AND"
                " recipient = ?) OR (kind = '' AND unit = '' AND recipient = ?))",
                (letter.run, letter.kind, letter.unit, recipient, to),
            )
            before = [named for (named,) in rows]
            told = frozenset[tuple[str, str]]().union(*map(_pairs, filter(None, before)))
        return bool(before) and (None in before or told.issuperset(letter.named))

    def named(self) -> dict[str, frozenset[tuple[str, str]] | None]:
        """What the letters to units named, by the id of the unit; None where one does not say."""
        found: dict[str, frozenset[tuple[str, str]] | None] = {}
        with reading(self._path):
            for unit, named in self._db.execute(
                "SELECT unit, named FROM letters WHERE kind = 'unit'"
            ):
                before = found.get(unit, frozenset())
                if named is None or before is None:
                    found[unit] = None
                else:
                    found[unit] = before | _pairs(named)
        return found

    def note_sent(
        self, letter: LetterKey, recipient: str, at: datetime, due: date | None = None
    ) -> None:
        """Record that the mail server accepted the letter for this recipient.

        `due` is the day by which it asks a unit to mend its homepage.
        """
        day = due.isoformat() if due else None
        with writing(self._path):
            self._db.execute(
                "INSERT OR IGNORE INTO letters VALUES (?, ?, ?, ?, ?, ?, ?)",
                (letter.run, letter.kind, letter.unit, recipient, at.isoformat(), day,
                 json.dumps(letter.named)),
            )  # fmt: skip


def _pairs(named: str) -> frozenset[tuple[str, str]]:
    return frozenset((site, requirement) for site, requirement in json.loads(named))
