"""The SQLite file of the history: how it is created, opened and brought to the current version."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message

BUSY_SECONDS = 10.0
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, started_at TEXT NOT NULL, complete INTEGER NOT NULL,
        units INTEGER NOT NULL, header BLOB NOT NULL
    );
    CREATE TABLE reports (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, place INTEGER NOT NULL,
        unit TEXT NOT NULL, outcome TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, place)
    );
    CREATE TABLE verdicts (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, unit TEXT NOT NULL,
        requirement TEXT NOT NULL, outcome TEXT NOT NULL
    );
    CREATE INDEX verdicts_of_run ON verdicts (run);
    """,
    """
    CREATE TABLE letters (
        run TEXT NOT NULL, recipient TEXT NOT NULL, sent_at TEXT NOT NULL,
        PRIMARY KEY (run, recipient)
    );
    """,
    """
    CREATE TABLE decisions (
        unit TEXT NOT NULL, requirement TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (unit, requirement)
    );
    """,
    """
    ALTER TABLE reports ADD COLUMN brief BLOB;
    """,
    """
    ALTER TABLE reports ADD COLUMN unseen INTEGER;
    """,
    "-- Reports of format 2: ycaudit 0.1 cannot read them, and knows by the number.",
    """
    ALTER TABLE runs ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN judges TEXT;
    ALTER TABLE reports ADD COLUMN checked_at TEXT;
    ALTER TABLE reports ADD COLUMN page TEXT;
    CREATE INDEX reports_of_unit ON reports (unit);
    """,
    # Each look once: what was judged anew counts as it was judged last.
    """
    CREATE VIEW standing AS SELECT rowid AS written, id, started_at, complete, partial
        FROM runs WHERE id NOT IN (SELECT judges FROM runs WHERE judges IS NOT NULL);
    """,
    """
    ALTER TABLE decisions RENAME TO decisions_once;
    CREATE TABLE decisions (
        unit TEXT NOT NULL, requirement TEXT NOT NULL, page TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (unit, requirement, page)
    );
    INSERT INTO decisions
        SELECT unit, requirement, json_extract(body, '$.page'), body FROM decisions_once;
    DROP TABLE decisions_once;
    """,
    # A letter of before says neither of which kind it was nor which unit it was about.
    """
    ALTER TABLE letters RENAME TO letters_by_recipient;
    CREATE TABLE letters (
        run TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, recipient TEXT NOT NULL,
        sent_at TEXT NOT NULL, PRIMARY KEY (run, kind, unit, recipient)
    );
    INSERT INTO letters SELECT run, '', '', recipient, sent_at FROM letters_by_recipient;
    DROP TABLE letters_by_recipient;
    """,
    """
    CREATE TABLE named (
        run TEXT NOT NULL, run_started_at TEXT NOT NULL, unit TEXT NOT NULL,
        requirement TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (run, unit, requirement)
    );
    """,
    # Two persons may confirm the same.
    """
    ALTER TABLE decisions RENAME TO decisions_by_page;
    CREATE TABLE decisions (
        unit TEXT NOT NULL, requirement TEXT NOT NULL, page TEXT NOT NULL, person TEXT NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (unit, requirement, page, person)
    );
    INSERT INTO decisions
        SELECT unit, requirement, page, json_extract(body, '$.by'), body FROM decisions_by_page;
    DROP TABLE decisions_by_page;
    """,
    # What a person records of how a unit is heard; all else about it follows from other tables.
    """
    CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT, unit TEXT NOT NULL, body TEXT NOT NULL
    );
    CREATE INDEX events_of_unit ON events (unit);
    """,
    """
    CREATE TABLE seals (
        run TEXT NOT NULL, what TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (run, what, sha256)
    );
    """,
    """
    CREATE TABLE told (notice TEXT PRIMARY KEY);
    """,
    # Runs about which a letter was to be written, and nobody has settled yet whether and to whom.
    """
    CREATE TABLE untold (run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE);
    """,
    # By when a letter asks a unit to mend; and who has checked what was suspect about a run.
    """
    ALTER TABLE letters ADD COLUMN due TEXT;
    CREATE TABLE vouched (
        run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, body TEXT NOT NULL
    );
    """,
    # Runs of which a scan has told its readers by letter, or would have had there been news.
    """
    CREATE TABLE mailed (run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE);
    """,
    # Verdicts about which a unit is to be called.
    """
    CREATE TABLE calls (
        unit TEXT NOT NULL, requirement TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (unit, requirement)
    );
    """,
    # A unit is written to again about what its letters did not name; of those before, that is NULL.
    """
    ALTER TABLE letters RENAME TO letters_once;
    CREATE TABLE letters (
        run TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, recipient TEXT NOT NULL,
        sent_at TEXT NOT NULL, due TEXT, named TEXT,
        PRIMARY KEY (run, kind, unit, recipient, sent_at)
    );
    INSERT INTO letters SELECT run, kind, unit, recipient, sent_at, due, NULL FROM letters_once;
    DROP TABLE letters_once;
    """,
)
"""One script for each version; the file's `user_version` counts those it has had."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, creating or migrating it. Raises OSError, sqlite3.Error and AuditError."""
    make_private(path)
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys = ON")
        # In WAL mode a killed process loses nothing; only a power cut may (SQLite's manual).
        db.execute("PRAGMA synchronous = NORMAL")
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the file; it is migrated where it can be written to, else left as it is.

    One that is missing is not made: it reads as one in which nothing is kept. Raises OSError,
    sqlite3.Error and AuditError.
    """
    is_there = _is_there(path)
    if is_there and _is_writable(path):
        return connect(path)
    where = address_to_read(path) if is_there else ":memory:"
    db = sqlite3.connect(where, uri=True, isolation_level=None)
    try:
        (_refuse_older if is_there else _migrate)(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_older(db: sqlite3.Connection, path: Path) -> None:
    if _version_of(db, path) != len(MIGRATIONS):
        raise AuditError(
            "{0} was written by an older ycaudit, and nothing can be written there: copy it to "
            "where you may",
            path,
            hint=Message("name the copy with --history"),
        )


def address_to_read(path: Path) -> str:
    """The URI of the file for a connection that only reads.

    SQLite makes files beside one that others may write to (https://sqlite.org/wal.html#readonly):
    where it cannot, and no log is there, nobody writes.
    """
    log = path.with_name(f"{path.name}-wal")
    still = "" if _is_writable(path) or log.exists() else "&immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro{still}"


def _is_there(path: Path) -> bool:
    """False where it may come to be; raises OSError where it cannot be."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


_DAMAGE = (zlib.error, ValueError, TypeError, LookupError)
"""What rows raise that are not what was written, as they are unpacked and read."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise errors of the file as AuditError, with its path."""
    try:
        yield
    except OSError as error:
        raise AuditError("{0}: the history cannot be kept: {1}", path, why_of(error)) from error
    except sqlite3.OperationalError as error:
        # Tables or columns that are not ours; text that is none comes without a code.
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
            raise _damaged(path) from error
        raise AuditError("{0}: the history cannot be used: {1}", path, said_by(error)) from error
    except sqlite3.Error as error:
        raise _damaged(path) from error


_SAID = {
    sqlite3.SQLITE_BUSY: Message("another run uses it; try again when that has ended"),
    sqlite3.SQLITE_LOCKED: Message("another run uses it; try again when that has ended"),
    sqlite3.SQLITE_READONLY: Message("it cannot be written to; see who may"),
    sqlite3.SQLITE_CANTOPEN: Message("it cannot be opened; name a file, not a folder"),
    sqlite3.SQLITE_FULL: Message("the disk is full"),
    sqlite3.SQLITE_IOERR: Message("the disk does not work"),
}
"""By SQLite's primary result codes (https://sqlite.org/rescode.html)."""


def said_by(error: sqlite3.Error) -> str:
    """What SQLite says is wrong, in the reader's language where it is common."""
    return _SAID.get(getattr(error, "sqlite_errorcode", 0) & 0xFF) or str(error)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """The same, and for what was read and is not what was once written."""
    try:
        with writing(path):
            yield
    except _DAMAGE as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> AuditError:
    return AuditError(
        "{0}: the history is damaged, or the file is none; put a copy of it there",
        path,
        hint=Message("or name another file with --history"),
    )


def make_private(path: Path) -> None:
    """Create the file and its folder if they are missing; only its owner may read it.

    SQLite gives its journals the permissions of the database. A file that exists is not opened:
    closing it would drop the locks that other connections of this process hold (POSIX).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.touch(0o600, exist_ok=False)
    for file in (path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "shm"))):
        with suppress(FileNotFoundError):
            file.chmod(0o600)  # what an earlier version created


def close(db: sqlite3.Connection) -> None:
    """Close the file, with all that was written in it alone, so that a copy of it is complete."""
    try:
        # Where it was opened to be read alone, this does nothing.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block does, or nothing of it where the block raises."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        db.execute("PRAGMA busy_timeout = 0")  # what is done on the way out waits no second time
        raise
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def utc(moment: datetime) -> str:
    """The moment in UTC, in a form that sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _version_of(db: sqlite3.Connection, path: Path) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise AuditError(
            "{0} was written by a newer ycaudit (version {1}); update this one", path, version
        )
    return int(version)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = _version_of(db, path)
    if version == len(MIGRATIONS):
        return
    db.execute("PRAGMA journal_mode = WAL")
    with transaction(db):
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in filter(str.strip, script.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
