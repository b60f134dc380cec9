"""The history: every run in one SQLite file, so that later runs are compared with earlier ones."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ycaudit.errors import AuditError
from ycaudit.model import Decision, Outcome, Record, RunHeader, ScanRun, UnitReport, Unseen, brief
from ycaudit.reasons import Reason
from ycaudit.runs import format_1
from ycaudit.runs.diff import Past, Settled
from ycaudit.runs.history_file import connect, reading, transaction, writing
from ycaudit.runs.report_store import StoredReports
from ycaudit.runs.suspicions import MIN_UNITS, Shares, jumps

LAST = "last"
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
class Entry:
    """One run as `ycaudit history` lists it; `counts` is of units, by outcome."""

    id: str
    started_at: datetime
    rules: str
    complete: bool
    units: int
    counts: dict[Outcome, int]


class History:
    """The runs, decisions and sent letters in one file.

    Every method raises AuditError where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(self._path):
            self._db = connect(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def save(self, run: ScanRun) -> None:
        """Save a finished run in one transaction, replacing a run of the same id."""
        with writing(self._path), transaction(self._db):
            self._put_header(run.header, len(run.reports))
            for place, report in enumerate(run.reports):
                self._put_report(run.id, place, report, report.model_dump_json().encode())

    def begin(self, run: RunHeader) -> None:
        """Save a run that has just started; `add` adds its reports as they are finished."""
        with writing(self._path), transaction(self._db):
            self._put_header(run, 0)

    def add(self, run: str, place: int, report: UnitReport, written: bytes) -> None:
        """Save one finished report, also given as JSON; it survives a crash from here on."""
        with writing(self._path), transaction(self._db):
            self._put_report(run, place, report, written)
            self._db.execute("UPDATE runs SET units = units + 1 WHERE id = ?", (run,))

    def progress(self, run: str) -> dict[int, str]:
        """The ids of a run's finished units, by their place in its list."""
        with reading(self._path):
            rows = self._db.execute("SELECT place, unit FROM reports WHERE run = ?", (run,))
            return dict(rows.fetchall())

    def written(self, run: str) -> Iterator[bytes]:
        """Yield the finished reports of a run as JSON, in the order of the list."""
        with reading(self._path):
            rows = self._db.execute("SELECT body FROM reports WHERE run = ? ORDER BY place", (run,))
            yield from (zlib.decompress(body) for (body,) in rows)

    def forget(self, run: str) -> None:
        """Delete a run and its reports."""
        with writing(self._path):
            self._db.execute("DELETE FROM runs WHERE id = ?", (run,))

    def finish(self, run: RunHeader) -> ScanRun:
        """Save how the run ended; returns it with its reports, which are read from the file."""
        with writing(self._path):
            self._db.execute(
                "UPDATE runs SET complete = ?, header = ? WHERE id = ?",
                (run.complete, _packed(run), run.id),
            )
        return self._with_reports(run)

    def _put_header(self, run: RunHeader, units: int) -> None:
        self._db.execute("DELETE FROM runs WHERE id = ?", (run.id,))
        self._db.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?)",
            (run.id, _utc(run), run.complete, units, _packed(run)),
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
        """Signs in the statistics of a run that the audit is wrong rather than the units."""
        with reading(self._path):
            now = Shares(*self._db.execute(_SHARES, (run,)).fetchone())
            before = [
                Shares(*row)
                for (other,) in self._db.execute(_COMPARABLE, (run, run)).fetchall()
                for row in [self._db.execute(_SHARES_OF_SAME, (other, run)).fetchone()]
            ]
        return tuple(jumps(now, [shares for shares in before if shares.units >= MIN_UNITS]))

    def load(self, wanted: str) -> ScanRun:
        """The run with this id, with an id that starts so, or the latest (`LAST`)."""
        run_id = self._id(wanted)
        with reading(self._path):
            (header,) = self._db.execute(
                "SELECT header FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
        return self._with_reports(format_1.read_header(zlib.decompress(header)))

    def _with_reports(self, run: RunHeader) -> ScanRun:
        with reading(self._path):
            return run.with_reports(StoredReports(self._path, run.id))

    def entries(self) -> Iterator[Entry]:
        """Yield every run, the newest first."""
        with reading(self._path):
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
        """All determined verdicts before a run, and the units of the last complete one."""
        limit = _utc(before) if before else "9999"
        mine = before.id if before else ""
        verdicts: dict[tuple[str, str], list[Settled]] = defaultdict(list)
        with reading(self._path):
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
        """Save a person's decision, replacing an earlier one."""
        with writing(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)",
                (unit, requirement, decision.model_dump_json()),
            )

    def withdraw(self, unit: str, requirement: str) -> None:
        """Forget a person's decision, if there is one."""
        with writing(self._path):
            self._db.execute(
                "DELETE FROM decisions WHERE unit = ? AND requirement = ?", (unit, requirement)
            )

    def decisions(self) -> dict[tuple[str, str], Decision]:
        """Every decision, by unit and requirement."""
        with reading(self._path):
            rows = self._db.execute("SELECT unit, requirement, body FROM decisions").fetchall()
        return {(unit, what): Decision.model_validate_json(body) for unit, what, body in rows}

    def was_sent(self, run: str, recipient: str) -> bool:
        """Whether a letter about this run was sent to this recipient."""
        with reading(self._path):
            rows = self._db.execute(
                "SELECT 1 FROM letters WHERE run = ? AND recipient = ?", (run, recipient)
            )
            return rows.fetchone() is not None

    def note_sent(self, run: str, recipient: str, at: datetime) -> None:
        """Record that the mail server accepted the letter."""
        with writing(self._path):
            self._db.execute(
                "INSERT OR IGNORE INTO letters VALUES (?, ?, ?)", (run, recipient, at.isoformat())
            )

    def _id(self, wanted: str) -> str:
        newest = "SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT 1"
        like = "SELECT id FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 3"
        with reading(self._path):
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


def _is_unseen(report: UnitReport) -> bool:
    """Whether no observer could load the homepage."""
    return bool(report.observations) and all(
        isinstance(observation, Unseen) for observation in report.observations
    )


def _packed(record: Record) -> bytes:
    return zlib.compress(record.model_dump_json().encode(), 1)


def _utc(run: RunHeader) -> str:
    """The time of the start in UTC, in a form that sorts as text."""
    return run.started_at.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def opened(path: Path) -> Iterator[History]:
    """Open the history in this file, creating it if it is missing."""
    history = History(path)
    try:
        yield history
    finally:
        history.close()
