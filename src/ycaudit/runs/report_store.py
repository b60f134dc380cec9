"""Reports that stay in their file and are read as they are asked for: a run of any size."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ycaudit.model import MemoryReports, Reports, UnitReport, brief
from ycaudit.runs import format_1
from ycaudit.runs.history_file import address_to_read, reading

MAX_HELD = 1000
"""Briefs kept in memory: a run of so many units is read once, a larger one at each pass."""
Change = Callable[[UnitReport], UnitReport]
_WHOLE = "SELECT body FROM reports WHERE rowid = ?"
_BRIEF = """
    SELECT CASE WHEN brief IS NULL THEN body END, brief FROM reports WHERE rowid = ?
"""


class StoredReports(Reports):
    """The reports of one run in a history file, which is open only while they are read."""

    def __init__(self, file: Path, run: str) -> None:
        self._file = file
        self._held: tuple[UnitReport, ...] | None = None
        with reading(self._file), self._opened() as db:
            found = db.execute("SELECT rowid FROM reports WHERE run = ? ORDER BY place", (run,))
            self._rows = tuple(row for (row,) in found)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[UnitReport]:
        with reading(self._file), self._opened() as db:
            for row in self._rows:
                (body,) = db.execute(_WHOLE, (row,)).fetchone()
                yield format_1.read_report(zlib.decompress(body))

    def briefs(self, order: Sequence[int] | None = None) -> Iterator[UnitReport]:
        """Read from the file, or kept in memory where they are few."""
        places = range(len(self)) if order is None else order
        if len(self) > MAX_HELD:
            yield from self._read(places)
            return
        if self._held is None:
            self._held = tuple(self._read(range(len(self))))
        yield from (self._held[place] for place in places)

    def _read(self, places: Iterable[int]) -> Iterator[UnitReport]:
        with reading(self._file), self._opened() as db:
            for place in places:
                body, short = db.execute(_BRIEF, (self._rows[place],)).fetchone()
                report = format_1.read_report(zlib.decompress(body or short))
                yield brief(report) if body else report

    def _opened(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(address_to_read(self._file), uri=True))


class ChangedReports(Reports):
    """Reports with a change that is made whenever they are read."""

    def __init__(
        self,
        reports: Reports,
        change: Change,
        *,
        touches: Callable[[UnitReport], bool] | None = None,
    ) -> None:
        """`touches` tells of a brief whether the change concerns it, and then needs the whole;
        without it the change is made to briefs as well."""
        self._reports = reports
        self._change = change
        self._touches = touches
        self._changed: dict[int, UnitReport] | None = None

    def __len__(self) -> int:
        return len(self._reports)

    def __iter__(self) -> Iterator[UnitReport]:
        return map(self._change, self._reports)

    def briefs(self, order: Sequence[int] | None = None) -> Iterator[UnitReport]:
        """The briefs with the change; what it does not concern is not read whole."""
        if self._touches is None:
            return map(self._change, self._reports.briefs(order))
        return self._touched(self._touches, order)

    def _touched(
        self, touches: Callable[[UnitReport], bool], order: Sequence[int] | None
    ) -> Iterator[UnitReport]:
        if self._changed is None:  # what is concerned is little, and read whole but once
            briefs = enumerate(self._reports.briefs())
            concerned = [place for place, short in briefs if touches(short)]
            self._changed = dict(zip(concerned, self._whole(concerned), strict=True))
        changed = self._changed
        places = range(len(self)) if order is None else order
        for place, short in zip(places, self._reports.briefs(order), strict=True):
            yield changed.get(place, short)

    def _whole(self, places: Sequence[int]) -> Iterator[UnitReport]:
        wanted = set(places)
        for place, report in enumerate(self._reports):
            if place in wanted:
                yield brief(self._change(report))


def changed(
    reports: Reports, change: Change, *, touches: Callable[[UnitReport], bool] | None = None
) -> Reports:
    """The reports with the change: at once where they are in memory, else as they are read."""
    if isinstance(reports, MemoryReports):
        return MemoryReports(map(change, reports))
    return ChangedReports(reports, change, touches=touches)
