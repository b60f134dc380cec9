"""Keeps every finished run in one SQLite file, and so what was last known of each verdict."""

from __future__ import annotations

import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ycaudit.errors import AuditError
from ycaudit.model import (
    Decision,
    Outcome,
    Record,
    RunHeader,
    ScanRun,
    UnitReport,
    Unseen,
    brief,
)
from ycaudit.reasons import Reason
from ycaudit.runs import format_1
from ycaudit.runs.diff import Past, Settled
from ycaudit.runs.report_store import StoredReports

LAST = "last"
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
)
"""One script a version; the file says by `user_version` how many of them it has had."""


LEAST_UNITS = 10
"""Of fewer units no share says anything."""
JUMP = 0.2
"""So much more of all units than in any run before is more than units change in a day."""
MAX_UNREACHABLE = 0.5
_SHARES = """
    SELECT count(*), coalesce(sum(unseen), 0), coalesce(sum(outcome = 'fail'), 0)
    FROM reports WHERE run = ?
"""
_SHARES_OF_SAME = """
    SELECT count(*), coalesce(sum(old.unseen), 0), coalesce(sum(old.outcome = 'fail'), 0)
    FROM reports old JOIN reports new ON new.unit = old.unit
    WHERE old.run = ? AND new.run = ? AND old.unseen IS NOT NULL
"""
_COMPARABLE = """
    SELECT id FROM runs WHERE complete AND id != ?
    AND started_at < (SELECT started_at FROM runs WHERE id = ?) ORDER BY started_at DESC LIMIT 3
"""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of so many units, how many were not seen at all, and how many failed."""

    units: int
    unseen: int
    failing: int

    @classmethod
    def of(cls, row: tuple[int, int, int]) -> Shares:
        """From a row of counts."""
        return cls(*row)


def jumps(now: Shares, before: Sequence[Shares]) -> Iterator[Reason]:
    """What has grown so much that our network or rules are the likelier cause."""
    if now.units < LEAST_UNITS:
        return
    unseen = now.unseen / now.units
    highest = max((s.unseen / s.units for s in before), default=None)
    if unseen > MAX_UNREACHABLE and (highest is None or unseen - highest > JUMP):
        yield Reason.of("many_unreachable", count=now.unseen, units=now.units)
    elif highest is not None and unseen - highest > JUMP:
        yield Reason.of("unreachable_jumped", before=highest, now=unseen)
    failing = now.failing / now.units
    highest = max((s.failing / s.units for s in before), default=None)
    if highest is not None and failing - highest > JUMP:
        yield Reason.of("failing_jumped", before=highest, now=failing)


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in the list."""

    id: str
    started_at: datetime
    rules: str
    complete: bool
    units: int
    counts: dict[Outcome, int]


class History:
    """The runs of one file. Every error of the file is one sentence (AuditError)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.execute("PRAGMA foreign_keys = ON")
            # With a log written ahead, a killed program loses nothing; only a power cut may.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate()
            path.chmod(0o600)  # units, contacts and what was found about them

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def save(self, run: ScanRun) -> None:
        """Keep the run, whole or not at all; the same id again replaces it."""
        with self._told(), self._transaction():
            self._put_header(run.header, len(run.reports))
            for place, report in enumerate(run.reports):
                self._put_report(run.id, place, report, report.model_dump_json().encode())

    def begin(self, run: RunHeader) -> None:
        """Keep a run that has only begun: its reports are added as they are finished."""
        with self._told(), self._transaction():
            self._put_header(run, 0)

    def add(self, run: str, place: int, report: UnitReport, written: bytes) -> None:
        """Keep one finished report, also given as JSON: whatever happens next, it is not lost."""
        with self._told(), self._transaction():
            self._put_report(run, place, report, written)
            self._db.execute("UPDATE runs SET units = units + 1 WHERE id = ?", (run,))

    def progress(self, run: str) -> dict[int, str]:
        """The units that are finished in a run, by their place in its list."""
        with self._told():
            rows = self._db.execute("SELECT place, unit FROM reports WHERE run = ?", (run,))
            return dict(rows.fetchall())

    def written(self, run: str) -> Iterator[bytes]:
        """The finished reports of a run as JSON, in the order of the list."""
        with self._told():
            rows = self._db.execute("SELECT body FROM reports WHERE run = ? ORDER BY place", (run,))
            yield from (zlib.decompress(body) for (body,) in rows)

    def forget(self, run: str) -> None:
        """Keep nothing of this run."""
        with self._told():
            self._db.execute("DELETE FROM runs WHERE id = ?", (run,))

    def finish(self, run: RunHeader) -> ScanRun:
        """Keep how the run ended; the run, its reports left where they are."""
        with self._told():
            self._db.execute(
                "UPDATE runs SET complete = ?, header = ? WHERE id = ?",
                (run.complete, _packed(run), run.id),
            )
        return self._with_reports(run)

    def _put_header(self, run: RunHeader, units: int) -> None:
        self._db.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        self._db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?)",
            (
                run.id,
                _utc(run),
                run.complete,
                units,
                _packed(run),
            ),
        )

    def _put_report(self, run: str, place: int, report: UnitReport, written: bytes) -> None:
        unit = report.target.id
        body, short = zlib.compress(written, 1), _packed(brief(report))
        self._db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, place, unit, report.outcome, body, short, _is_unseen(report)),
        )
        self._db.executemany(
            "INSERT INTO verdicts VALUES (?, ?, ?, ?)",
            ((run, unit, v.requirement, v.outcome) for v in report.verdicts),
        )

    def suspicions(self, run: str) -> tuple[Reason, ...]:
        """What in the figures of a run speaks against the auditor rather than the units."""
        with self._told():
            now = Shares.of(self._db.execute(_SHARES, (run,)).fetchone())
            before = [
                Shares.of(row)
                for (other,) in self._db.execute(_COMPARABLE, (run, run)).fetchall()
                for row in [self._db.execute(_SHARES_OF_SAME, (other, run)).fetchone()]
            ]
        return tuple(jumps(now, [shares for shares in before if shares.units >= LEAST_UNITS]))

    def load(self, wanted: str) -> ScanRun:
        """The run with this id, an id that begins so, or the last one."""
        run_id = self._id(wanted)
        with self._told():
            (header,) = self._db.execute(
                "SELECT header FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        return self._with_reports(format_1.read_header(zlib.decompress(header)))

    def _with_reports(self, run: RunHeader) -> ScanRun:
        with self._told():
            return run.with_reports(StoredReports(self._path, run.id))

    def entries(self) -> Iterator[Entry]:
        """Every run, the newest first."""
        with self._told():
            rows = self._db.execute("SELECT id, units, header FROM runs ORDER BY started_at DESC")
            for run_id, units, header in rows.fetchall():
                run = format_1.read_header(zlib.decompress(header))
                counted = self._db.execute(
                    "SELECT outcome, count(*) FROM reports WHERE run = ? GROUP BY outcome",
                    (run_id,),
                )
                counts = {Outcome(outcome): count for outcome, count in counted}
                yield Entry(run_id, run.started_at, run.rules.name, run.complete, units, counts)

    def past(self, *, before: RunHeader | None = None) -> Past:
        """What every verdict was whenever it was determined, oldest first, and the last units."""
        limit = _utc(before) if before else "9999"
        mine = before.id if before else ""
        verdicts: dict[tuple[str, str], list[Settled]] = defaultdict(list)
        with self._told():
            rows = self._db.execute(
                "SELECT v.unit, v.requirement, v.outcome, r.started_at FROM verdicts v "
                "JOIN runs r ON r.id = v.run WHERE r.started_at < ? AND r.id != ? "
                "AND v.outcome IN ('pass', 'fail') ORDER BY r.started_at",
                (limit, mine),
            )
            for unit, requirement, outcome, at in rows:
                settled = Settled(Outcome(outcome), datetime.fromisoformat(at))
                verdicts[unit, requirement].append(settled)
            units = self._db.execute(
                "SELECT unit FROM reports WHERE run = (SELECT id FROM runs WHERE started_at < ? "
                "AND id != ? AND complete ORDER BY started_at DESC LIMIT 1)",
                (limit, mine),
            )
            known = frozenset(unit for (unit,) in units)
        return Past({key: tuple(settled) for key, settled in verdicts.items()}, known)

    def decide(self, unit: str, requirement: str, decision: Decision) -> None:
        """Keep what a person decided; the latest decision counts."""
        with self._told():
            self._db.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)",
                (unit, requirement, decision.model_dump_json()),
            )

    def decisions(self) -> dict[tuple[str, str], Decision]:
        """Every decision, by unit and requirement."""
        with self._told():
            rows = self._db.execute("SELECT unit, requirement, body FROM decisions").fetchall()
        return {(unit, what): Decision.model_validate_json(body) for unit, what, body in rows}

    def was_sent(self, run: str, recipient: str) -> bool:
        """Whether this recipient has had a letter about this run."""
        with self._told():
            rows = self._db.execute(
                "SELECT 1 FROM letters WHERE run = ? AND recipient = ?", (run, recipient)
            )
            return rows.fetchone() is not None

    def note_sent(self, run: str, recipient: str, at: datetime) -> None:
        """Remember that the letter was taken."""
        with self._told():
            self._db.execute(
                "INSERT OR IGNORE INTO letters VALUES (?, ?, ?)", (run, recipient, at.isoformat())
            )

    def _id(self, wanted: str) -> str:
        newest = "SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT 1"
        like = "SELECT id FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 3"
        with self._told():
            if wanted == LAST:
                found = self._db.execute(newest).fetchall()
            else:
                found = self._db.execute(like, (wanted, wanted)).fetchall()
        ids = [run_id for (run_id,) in found]
        if wanted in ids:
            return wanted
        if len(ids) > 1:
            raise AuditError("{0!r} begins several runs: {1} …", wanted, ", ".join(ids))
        if not ids:
            raise AuditError("{0}: no run {1!r}; `ycaudit history` lists them", self._path, wanted)
        return str(ids[0])

    def _migrate(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise AuditError(
                "{0} was written by a newer ycaudit (version {1}); update this one",
                self._path,
                version,
            )
        if version == len(MIGRATIONS):
            return
        self._db.execute("PRAGMA journal_mode = WAL")
        with self._transaction():
            for number, script in enumerate(MIGRATIONS[version:], version + 1):
                for statement in filter(str.strip, script.split(";")):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Every trouble with the file as one sentence that names it."""
        try:
            yield
        except OSError as error:
            raise AuditError(
                "{0}: the history cannot be kept: {1}", self._path, error.strerror
            ) from error
        except sqlite3.Error as error:
            raise AuditError("{0}: the history cannot be used: {1}", self._path, error) from error


def _is_unseen(report: UnitReport) -> bool:
    """Whether nobody saw the homepage."""
    return bool(report.observations) and all(
        isinstance(observation, Unseen) for observation in report.observations
    )


def _packed(record: Record) -> bytes:
    return zlib.compress(record.model_dump_json().encode(), 1)


def _utc(run: RunHeader) -> str:
    """When it started, in a form that sorts."""
    return run.started_at.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def opened(path: Path) -> Iterator[History]:
    """The history in this file, which is made where there is none."""
    history = History(path)
    try:
        yield history
    finally:
        history.close()
