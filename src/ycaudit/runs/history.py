"""The history: every run in one SQLite file, so that later runs are compared with earlier ones."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from ycaudit import office_time
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.model import (
    Decision,
    Outcome,
    Record,
    RunHeader,
    ScanRun,
    Target,
    UnitReport,
    Vouched,
    brief,
)
from ycaudit.reasons import Reason
from ycaudit.runs import availability, format_1, past
from ycaudit.runs.availability import Availability
from ycaudit.runs.calls import Call
from ycaudit.runs.cases import Known, Recorded, in_force
from ycaudit.runs.checks import checked_at
from ycaudit.runs.decisions import Key, fingerprint
from ycaudit.runs.diff import Past, is_unseen
from ycaudit.runs.history_file import (
    close,
    connect,
    connect_to_read,
    reading,
    transaction,
    utc,
    writing,
)
from ycaudit.runs.letter_log import LetterLog
from ycaudit.runs.office_settings import Threshold, person
from ycaudit.runs.paper_log import PaperLog
from ycaudit.runs.report_store import StoredReports
from ycaudit.runs.suspicions import Shares, jumps

LAST = "last"
# A run that judges another anew began when that one did, and was written after it.
_NEWEST = "SELECT id FROM runs ORDER BY started_at DESC, rowid DESC LIMIT 1"
# One that was broken off is the last only where there is no whole one.
_LAST = """
    SELECT id FROM runs WHERE NOT partial
    ORDER BY complete DESC, started_at DESC, rowid DESC LIMIT 1
"""
_ALL = "SELECT id, units, header FROM runs ORDER BY started_at DESC, rowid DESC"
_SHARES = """
    SELECT count(*), coalesce(sum(unseen), 0), coalesce(sum(outcome = 'fail'), 0)
    FROM reports WHERE run = ?
"""
_OTHERS = """
    SELECT count(*), coalesce(sum(unit NOT IN (SELECT value FROM json_each(?))), 0)
    FROM reports WHERE run = ?
"""
_SHARES_OF_SAME = """
    SELECT count(*), coalesce(sum(old.unseen), 0), coalesce(sum(old.outcome = 'fail'), 0)
    FROM reports old JOIN reports new ON new.unit = old.unit
    WHERE old.run = ? AND new.run = ? AND old.unseen IS NOT NULL
"""
_EARLIER = """
    SELECT r.id, header FROM runs r JOIN standing s ON s.id = r.id
    WHERE r.complete AND r.id != ? AND r.started_at < ? ORDER BY r.started_at DESC
"""
MAX_COMPARED = 3
"""Earlier runs beside which the figures of one are set."""

_SITES = """
    SELECT coalesce(p.brief, p.body) FROM reports p JOIN runs r ON r.id = p.run
    WHERE p.rowid IN (
        SELECT latest FROM (
            SELECT q.rowid AS latest, max(n.started_at)
            FROM reports q JOIN runs n ON n.id = q.run GROUP BY q.unit
        )
    ) ORDER BY r.started_at DESC, p.place
"""
"""Beside max() SQLite gives the other columns of the row that has it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One run as `ycaudit history` lists it; `counts` is of sites by outcome, as decided."""

    run: RunHeader
    sites: int
    counts: Counter[Outcome]


class History:
    """The runs, decisions and sent letters in one file.

    Every method raises AuditError where the file cannot be used; `letters` and
    `papers` keep what was sent and written about runs.
    """

    def __init__(self, path: Path, *, to_read: bool = False) -> None:
        self._path = path
        with reading(self._path):
            self._db = connect_to_read(path) if to_read else connect(path)
        self.letters = LetterLog(path, self._db)
        self.papers = PaperLog(path, self._db)

    def close(self) -> None:
        """Close the file."""
        with writing(self._path):
            close(self._db)

    def save(self, run: ScanRun) -> None:
        """Save a finished run in one transaction, replacing a run of the same id."""
        with writing(self._path), transaction(self._db):
            self._put_header(run.header, len(run.reports))
            for place, report in enumerate(run.reports):
                self._put_report(run, place, report)

    def begin(self, run: RunHeader) -> None:
        """Save a run that has just started; `add` adds its reports as they are finished."""
        with writing(self._path), transaction(self._db):
            self._put_header(run, 0)

    def add(self, run: RunHeader, place: int, report: UnitReport) -> None:
        """Save one finished report; it survives a crash from here on."""
        with writing(self._path), transaction(self._db):
            self._put_report(run, place, report)
            self._db.execute("UPDATE runs SET units = units + 1 WHERE id = ?", (run.id,))

    def progress(self, run: str) -> dict[int, str]:
        """The ids of a run's finished units, by their place in its list."""
        with reading(self._path):
            rows = self._db.execute("SELECT place, unit FROM reports WHERE run = ?", (run,))
            return dict(rows.fetchall())

    def pages(self, run: str) -> list[str | None]:
        """What the homepages of a run showed, as fingerprints in the order of its list.

        None for a report of before it was kept.
        """
        with reading(self._path):
            rows = self._db.execute("SELECT page FROM reports WHERE run = ? ORDER BY place", (run,))
            return [page for (page,) in rows.fetchall()]

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
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                run.id,
                utc(run.started_at),
                run.complete,
                units,
                _packed(run),
                run.partial,
                run.judges,
            ),
        )

    def _put_report(self, run: RunHeader, place: int, report: UnitReport) -> None:
        unit, checked = report.target.id, utc(checked_at(run, report))
        body, short = _packed(report), _packed(brief(report))
        told = is_unseen(report), checked, fingerprint(report)
        self._db.execute(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run.id, place, unit, report.outcome, body, short, *told),
        )
        self._db.executemany(
            "INSERT INTO verdicts VALUES (?, ?, ?, ?)",
            ((run.id, unit, v.requirement, v.outcome) for v in report.verdicts),
        )

    def suspicions(self, run: str) -> tuple[Reason, ...]:
        """Signs in the statistics of a run that the audit is wrong rather than the units."""
        with reading(self._path):
            mine = self._header(run)
            now = Shares(*self._db.execute(_SHARES, (run,)).fetchone())
            before = [
                self._shares_of_same(other, mine)
                for other in islice(self._yardsticks(mine), MAX_COMPARED)
            ]
        return tuple(jumps(now, before))

    def _shares_of_same(self, other: RunHeader, run: RunHeader) -> Shares:
        """How the units of a run fared in another one."""
        query = self._db.execute(_SHARES_OF_SAME, (other.id, run.id))
        units, unseen, failing = query.fetchone()
        return Shares(units, unseen, failing, is_alike=other.rules.sha256 == run.rules.sha256)

    def _yardsticks(self, run: RunHeader) -> Iterator[RunHeader]:
        """The earlier runs, the newest first.

        What was suspect is no measure of what goes on with it, is a part of it, or repeats it on
        the same day.
        """
        day, is_part = office_time.today(run.started_at), run.carries or run.partial
        vouched = self._vouched()
        for other, packed in self._db.execute(_EARLIER, (run.id, utc(run.started_at))):
            earlier = _read_header(packed, vouched.get(other))
            is_same_day = office_time.today(earlier.started_at) == day
            if not (earlier.is_suspect and (is_part or is_same_day)):
                yield earlier

    def load(self, wanted: str) -> ScanRun:
        """The run with this id, with an id that starts so, or the last of the list (`LAST`)."""
        run_id = self._id(wanted)
        with reading(self._path):
            header = self._header(run_id)
        return self._with_reports(header)

    def _header(self, run: str) -> RunHeader:
        query = "SELECT header FROM runs WHERE id = ?"
        (packed,) = self._db.execute(query, (run,)).fetchone()
        return _read_header(packed, self._vouched().get(run))

    def headers(self) -> Iterator[RunHeader]:
        """Yield every run without its reports, the newest first."""
        with reading(self._path):
            vouched = self._vouched()
            for run, _, packed in self._db.execute(_ALL).fetchall():
                yield _read_header(packed, vouched.get(run))

    def vouch(self, run: str, vouched: Vouched) -> None:
        """Record that a person has checked what was suspect about a run."""
        with writing(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO vouched VALUES (?, ?)", (run, vouched.model_dump_json())
            )

    def retract(self, run: str) -> None:
        """Forget that a person has checked what was suspect about a run."""
        with writing(self._path):
            self._db.execute("DELETE FROM vouched WHERE run = ?", (run,))

    def _vouched(self) -> dict[str, Vouched]:
        rows = self._db.execute("SELECT run, body FROM vouched").fetchall()
        return {run: Vouched.model_validate_json(body) for run, body in rows}

    def newest(self) -> str | None:
        """The id of the latest run, be it of a part of the list; None where there is none."""
        with reading(self._path):
            found = self._db.execute(_NEWEST).fetchone()
        return str(found[0]) if found else None

    def _with_reports(self, run: RunHeader) -> ScanRun:
        with reading(self._path):
            return run.with_reports(StoredReports(self._path, run.id))

    def ids(self) -> list[str]:
        """The ids of all runs, the newest first."""
        with reading(self._path):
            return [row[0] for row in self._db.execute(_ALL)]

    def entries(self) -> Iterator[Entry]:
        """Yield every run, the newest first."""
        decisions = self.decisions()
        with reading(self._path):
            rows, vouched = self._db.execute(_ALL), self._vouched()
            for run_id, sites, header in rows.fetchall():
                run = _read_header(header, vouched.get(run_id))
                counted = self._db.execute(
                    "SELECT outcome, count(*) FROM reports WHERE run = ? GROUP BY outcome",
                    (run_id,),
                )
                counts = Counter({Outcome(outcome): count for outcome, count in counted})
                for was, report in past.decided_in(self._db, run_id, decisions):
                    counts[was] -= 1
                    counts[report.outcome] += 1
                yield Entry(run, sites, +counts)

    def past(self, *, before: RunHeader | None = None, untold_from: datetime | None = None) -> Past:
        """What is known from before a run: see `Past`."""
        decisions, recorded = self.decisions(), in_force(self.recorded())
        with reading(self._path):
            return past.read(self._db, before, decisions, recorded, untold_from)

    def availability(
        self,
        sites: Iterable[Target],
        *,
        until: datetime,
        days: int | None = None,
        threshold: Threshold | None = None,
    ) -> Mapping[str, Availability]:
        """How often each site could be reached up to a moment, by its id."""
        with reading(self._path):
            return availability.read(self._db, sites, until=until, days=days, threshold=threshold)

    def sites(self) -> tuple[Target, ...]:
        """The sites that runs have looked at, each as the latest one had it."""
        with reading(self._path):
            rows = self._db.execute(_SITES).fetchall()
            reports = (format_1.read_report(zlib.decompress(packed)) for (packed,) in rows)
            return tuple(report.target for report in reports)

    def others(self, sites: Iterable[str]) -> tuple[int, int]:
        """How many sites the last run of a list has, and how many of them are not among these."""
        with reading(self._path):
            if (last := self._db.execute(_LAST).fetchone()) is None:
                return 0, 0
            every, others = self._db.execute(_OTHERS, (json.dumps([*sites]), *last)).fetchone()
        return int(every), int(others)

    def decide(self, unit: str, requirement: str, decision: Decision) -> None:
        """Save a person's decision, replacing an earlier one by the same about the same page."""
        body = decision.model_copy(update={"also": ()}).model_dump_json()
        with writing(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)",
                (unit, requirement, decision.page, person(decision.by), body),
            )

    def withdraw(self, unit: str, requirement: str, page: str, by: str) -> None:
        """Forget a person's decision on this page, if there is one."""
        with writing(self._path):
            self._db.execute(
                "DELETE FROM decisions"
                " WHERE unit = ? AND requirement = ? AND page = ? AND person = ?",
                (unit, requirement, page, person(by)),
            )

    def decisions(self) -> dict[Key, list[Decision]]:
        """Every decision, by unit and requirement."""
        found: dict[Key, list[Decision]] = {}
        with reading(self._path):
            rows = self._db.execute("SELECT unit, requirement, body FROM decisions").fetchall()
            for unit, what, body in rows:
                found.setdefault((unit, what), []).append(Decision.model_validate_json(body))
        return found

    def note_call(self, unit: str, requirement: str, call: Call) -> None:
        """Save that a unit is to be called about a verdict, in place of what was noted before."""
        with writing(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO calls VALUES (?, ?, ?)",
                (unit, requirement, call.model_dump_json()),
            )

    def forget_call(self, unit: str, requirement: str) -> None:
        """Forget that a unit is to be called about a verdict, if it is."""
        with writing(self._path):
            self._db.execute(
                "DELETE FROM calls WHERE unit = ? AND requirement = ?", (unit, requirement)
            )

    def calls(self) -> dict[Key, Call]:
        """Every call that was noted, also where it has been decided since."""
        with reading(self._path):
            rows = self._db.execute("SELECT unit, requirement, body FROM calls").fetchall()
            return {(unit, what): Call.model_validate_json(body) for unit, what, body in rows}

    def record(self, event: Recorded) -> int:
        """Save an event that a person recorded of a unit; returns its number."""
        with writing(self._path), transaction(self._db):
            kept = self._db.execute(
                "INSERT INTO events (unit, body) VALUES (?, ?)",
                (event.site, event.model_dump_json(exclude={"number"})),
            )
            return int(kept.lastrowid or 0)

    def recorded(self) -> tuple[Recorded, ...]:
        """All that persons recorded of units, in that order."""
        with reading(self._path):
            rows = self._db.execute("SELECT number, body FROM events ORDER BY number").fetchall()
            return tuple(
                Recorded.model_validate_json(body).model_copy(update={"number": number})
                for number, body in rows
            )

    def known(self) -> Known:
        """What is known of units from which their cases follow."""
        decisions, past, recorded = self.decisions(), self.past(), self.recorded()
        with reading(self._path):
            letters = tuple(
                (unit, datetime.fromisoformat(at))
                for unit, at in self._db.execute(
                    "SELECT unit, sent_at FROM letters WHERE kind = 'unit'"
                )
            )
        return Known(past, decisions, recorded, letters, self.letters.named())

    def _id(self, wanted: str) -> str:
        like = "SELECT id FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 3"
        with reading(self._path):
            if wanted == LAST:
                found = self._db.execute(_LAST).fetchall()
            else:
                found = self._db.execute(like, (wanted, wanted)).fetchall()
        ids = [run_id for (run_id,) in found]
        if wanted in ids:
            return wanted
        if len(ids) > 1:
            shown, more = ", ".join(ids[:2]), len(ids) > 2
            raise AuditError("{0!r} begins several runs: {1}{2:? …}", wanted, shown, more)
        if not ids and wanted == LAST and (part := self.newest()):
            raise AuditError(
                "{0}: no run of the whole list; of a part of it there is {1}", self._path, part
            )
        if not ids and not self.newest():
            hint = Message("`ycaudit scan` makes one")
            raise AuditError("{0}: no run is kept there yet", self._path, hint=hint)
        if not ids:
            hint = Message("`ycaudit history` lists them")
            raise AuditError("{0}: no run {1!r}", self._path, wanted, hint=hint)
        return str(ids[0])


def _read_header(packed: bytes, vouched: Vouched | None) -> RunHeader:
    """The header of a run; who has checked it is kept apart from it."""
    header = format_1.read_header(zlib.decompress(packed))
    return header.model_copy(update={"vouched": vouched})


def _packed(record: Record) -> bytes:
    return zlib.compress(record.model_dump_json().encode(), 1)


@contextmanager
def _closed(history: History) -> Iterator[History]:
    """Close it at the end; what went wrong before is told rather than what closing says to it."""
    try:
        yield history
    except BaseException:
        with suppress(AuditError):  # a query that broke off still holds the file
            history.close()
        raise
    history.close()


@contextmanager
def opened(path: Path) -> Iterator[History]:
    """Open the history in this file, creating it if it is missing."""
    with _closed(History(path)) as history:
        yield history


@contextmanager
def opened_to_read(path: Path) -> Iterator[History]:
    """Open the history in this file where nothing is to be recorded: it need not be writable.

    One that is missing is not made: nothing is kept in it.
    """
    with _closed(History(path, to_read=True)) as history:
        yield history
