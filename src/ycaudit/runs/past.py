"""Reads from the history what was known of each unit before a run."""

from __future__ import annotations

import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ycaudit import office_time
from ycaudit.model import Outcome, RunHeader, UnitReport
from ycaudit.runs import format_1
from ycaudit.runs.cases import Kind, Recorded
from ycaudit.runs.decisions import Decisions, Key, with_decisions
from ycaudit.runs.diff import DETERMINED, Past
from ycaudit.runs.history_file import utc
from ycaudit.runs.inspections import Notified, Settled

_VERDICTS = """
    SELECT r.id, v.unit, v.requirement, v.outcome, coalesce(p.checked_at, r.started_at)
    FROM verdicts v JOIN standing r ON r.id = v.run
    JOIN reports p ON +p.run = v.run AND p.unit = v.unit
    WHERE r.started_at < :limit AND r.id != :mine ORDER BY r.started_at, r.written
"""
"""With the +, the few reports of a unit are asked, and not all of the run for each verdict."""
_UNITS = """
    SELECT unit, CASE WHEN unit NOT IN (SELECT unit FROM reports WHERE run = :mine)
        THEN coalesce(brief, body) END
    FROM reports WHERE run = (
        SELECT id FROM standing WHERE started_at < :told AND id != :mine
        AND complete AND NOT partial ORDER BY started_at DESC, written DESC LIMIT 1
    )
"""
"""Only the names of those are read that the run does not have any more."""
_LOADED = """
    SELECT p.unit, coalesce(p.unseen, 0), coalesce(p.checked_at, r.started_at)
    FROM reports p JOIN standing r ON r.id = p.run WHERE r.started_at < :limit AND r.id != :mine
"""
"""Reports of before it was noted whether a page was seen count as seen."""
_HEADERS = "SELECT id, header FROM runs WHERE started_at < :limit AND id != :mine"
_LETTERS = "SELECT unit, sent_at, due FROM letters WHERE kind = 'unit'"
_REPORTS = """
    SELECT outcome, page, CASE WHEN page IS NULL OR brief IS NULL THEN body ELSE brief END
    FROM reports WHERE run = ? AND unit = ?
"""
"""Of those of before pages were noted the whole report, which tells its page."""


def read(
    db: sqlite3.Connection,
    before: RunHeader | None,
    decisions: Decisions,
    recorded: Sequence[Recorded],
    untold_from: datetime | None = None,
) -> Past:
    """What was known before a run, or what is known now, as persons decided it."""
    limit = utc(before.started_at) if before else "9999"
    told = limit if untold_from is None else min(limit, utc(untold_from))
    these = {"limit": limit, "told": told, "mine": before.id if before else ""}
    units = dict(db.execute(_UNITS, these).fetchall())
    gone = units if before is not None else {}
    names = {
        unit: format_1.read_report(zlib.decompress(packed)).target.name
        for unit, packed in gone.items()
        if packed is not None
    }
    seen, tried = set[str](), defaultdict[str, set[datetime]](set)
    for unit, unseen, checked in db.execute(_LOADED, these):
        if unseen:
            tried[unit].add(datetime.fromisoformat(checked))
        else:
            seen.add(unit)
    never = {unit: frozenset(at) for unit, at in tried.items() if unit not in seen}
    looks, again = _looks(db, these, decisions), _checks_again(db, these)
    verdicts = {key: tuple(_settled(seen, again)) for key, seen in looks.items()}
    doubts = frozenset(
        key for key, seen in looks.items() if _last(seen, told) is Outcome.UNDETERMINED
    )
    excused = frozenset(key for key, seen in looks.items() if _last(seen, told) is Outcome.WAIVED)
    waived = {
        key: [checked for checked, look in seen.items() if look.outcome is Outcome.WAIVED]
        for key, seen in looks.items()
    }
    return Past(
        verdicts,
        doubts,
        frozenset(units),
        _named(recorded, before),
        _notified(db, recorded),
        never,
        frozenset(seen),
        names,
        untold_from,
        waived=excused,
        waived_at={key: datetime.fromisoformat(max(at)) for key, at in waived.items() if at},
    )


def _named(recorded: Sequence[Recorded], before: RunHeader | None) -> dict[Key, datetime]:
    """The day of the last circular that named each, but for those about the run itself."""
    end = date.max if before is None else office_time.today(before.started_at)
    days: dict[Key, date] = {}
    for one in recorded:
        if one.kind is Kind.NAMED and one.on <= end and not (before and one.run == before.id):
            for key in one.named:
                days[key] = max(one.on, days.get(key, date.min))
    return {key: office_time.begin(day) for key, day in days.items()}


def _notified(
    db: sqlite3.Connection, recorded: Sequence[Recorded]
) -> dict[str, tuple[Notified, ...]]:
    """When each unit was told what it lacks, by the site that this is kept by."""
    found: dict[str, list[Notified]] = defaultdict(list)
    for site, at, due in db.execute(_LETTERS).fetchall():
        day = office_time.today(datetime.fromisoformat(at))
        found[site].append(Notified(day, date.fromisoformat(due) if due else None))
    for one in recorded:
        if one.kind in (Kind.TOLD, Kind.NAMED):
            found[one.site].append(Notified(one.on, one.until))
    return {site: tuple(told) for site, told in found.items()}


def _checks_again(db: sqlite3.Connection, these: dict[str, str]) -> frozenset[str]:
    """The runs that went on with another: what they looked at had been found before."""
    headers = db.execute(_HEADERS, these).fetchall()
    read = ((run, format_1.read_header(zlib.decompress(packed))) for run, packed in headers)
    return frozenset(run for run, header in read if header.carries)


@dataclass(slots=True)
class _Seen:
    """What a look found, as it was said last, and in which run it was taken."""

    outcome: Outcome
    run: str


def _settled(seen: Mapping[str, _Seen], again: Collection[str]) -> Iterator[Settled]:
    """The determined ones, oldest first."""
    for checked, look in sorted(seen.items()):
        if look.outcome in DETERMINED:
            at = datetime.fromisoformat(checked)
            yield Settled(look.outcome, at, again=look.run in again)


def _last(seen: Mapping[str, _Seen], end: str) -> Outcome | None:
    """What the last look before a moment found."""
    told = [checked for checked in seen if checked < end]
    return seen[max(told)].outcome if told else None


def _looks(
    db: sqlite3.Connection, these: dict[str, str], decisions: Decisions
) -> dict[Key, dict[str, _Seen]]:
    """What each look found, by when it was; of one look only what was said of it last."""
    found: dict[Key, dict[str, _Seen]] = defaultdict(dict)
    by_hand: dict[str, dict[Key, Outcome]] = {}
    for run, unit, requirement, outcome, checked in db.execute(_VERDICTS, these).fetchall():
        if run not in by_hand:
            by_hand[run] = dict(_by_hand(db, run, decisions))
        key = (unit, requirement)
        look = found[key].setdefault(checked, _Seen(Outcome(outcome), run))
        look.outcome = by_hand[run].get(key, Outcome(outcome))
    return found


def _by_hand(
    db: sqlite3.Connection, run: str, decisions: Decisions
) -> Iterator[tuple[Key, Outcome]]:
    for _, report in decided_in(db, run, decisions):
        for verdict in report.verdicts:
            yield (report.target.id, verdict.requirement), verdict.outcome


def decided_in(
    db: sqlite3.Connection, run: str, decisions: Decisions
) -> Iterator[tuple[Outcome, UnitReport]]:
    """The reports of a run about which persons decided, each with the outcome that is kept."""
    pages: dict[str, set[str]] = defaultdict(set)
    for (unit, _), made in decisions.items():
        pages[unit].update(decision.page for decision in made)
    for unit in sorted(pages):
        for outcome, page, packed in db.execute(_REPORTS, (run, unit)).fetchall():
            if page is None or page in pages[unit]:
                report = format_1.read_report(zlib.decompress(packed))
                yield Outcome(outcome), with_decisions(report, decisions, page=page)
