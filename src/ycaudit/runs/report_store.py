"""Reports that stay in their file and are read as they are asked for: a run of any size."""

from __future__ import annotations

import sqlite3
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from operator import eq
from pathlib import Path
from typing import cast, overload

from ycaudit.model import UnitReport, brief
from ycaudit.runs import format_1

MAX_HELD = 1000
"""Briefs kept at hand: a run of so many units is read once, a larger one as often as it is told."""
Change = Callable[[UnitReport], UnitReport]


class Reports(Sequence[UnitReport]):
    """Reports by their place in the run, and the same in brief."""

    briefs: Sequence[UnitReport]

    @overload
    def __getitem__(self, place: int) -> UnitReport: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[UnitReport, ...]: ...
    def __getitem__(self, place: int | slice) -> UnitReport | tuple[UnitReport, ...]:
        if isinstance(place, slice):
            return tuple(self.at(index) for index in range(*place.indices(len(self))))
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self.at(place % len(self))

    def __iter__(self) -> Iterator[UnitReport]:
        return map(self.at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Whether the same reports stand in the same order, wherever they are kept."""
        if not isinstance(other, (tuple, Reports)):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def at(self, place: int) -> UnitReport:
        """The report at a place that there is."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def as_field(self) -> tuple[UnitReport, ...]:
        """Itself, as the document calls it."""
        return cast(tuple[UnitReport, ...], self)


class StoredReports(Reports):
    """The reports of one run in a history file."""

    def __init__(self, file: Path, run: str, *, whole: bool = True) -> None:
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        weakref.finalize(self, self._db.close)
        self._whole = whole
        self._held: OrderedDict[int, UnitReport] = OrderedDict()
        found = self._db.execute("SELECT rowid FROM reports WHERE run = ? ORDER BY place", (run,))
        self._rows = [row for (row,) in found]
        self.briefs = StoredReports(file, run, whole=False) if whole else self

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, place: int) -> UnitReport:
        """Read it, or have it at hand."""
        if (held := self._held.get(place)) is not None:
            return held
        row = self._rows[place]
        body, short = self._db.execute(
            "SELECT CASE WHEN ? OR brief IS NULL THEN body END, brief FROM reports WHERE rowid = ?",
            (self._whole, row),
        ).fetchone()
        report = format_1.read_report(zlib.decompress(body or short))
        if self._whole:
            return report
        held = self._held[place] = brief(report) if body else report
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return held


class Changed(Reports):
    """Reports with a change that is made whenever they are read."""

    def __init__(
        self,
        reports: Sequence[UnitReport],
        change: Change,
        *,
        touches: Callable[[UnitReport], bool] | None = None,
    ) -> None:
        """`touches` tells of a brief whether the change concerns it, and then needs the whole;
        without it the change is made to briefs as well."""
        self._reports = reports
        self._change = change
        short = getattr(reports, "briefs", None)
        if short is None or short is reports:
            self.briefs = self
        elif touches is None:
            self.briefs = Changed(short, change)
        else:
            self.briefs = _Touched(short, self, touches)

    def __len__(self) -> int:
        return len(self._reports)

    def at(self, place: int) -> UnitReport:
        """Read it, and change it."""
        return self._change(self._reports[place])


class _Touched(Reports):
    def __init__(
        self,
        short: Sequence[UnitReport],
        whole: Changed,
        touches: Callable[[UnitReport], bool],
    ) -> None:
        self._short = short
        self._whole = whole
        self._touches = touches
        self.briefs = self

    def __len__(self) -> int:
        return len(self._short)

    def at(self, place: int) -> UnitReport:
        report = self._short[place]
        return brief(self._whole.at(place)) if self._touches(report) else report


def changed(
    reports: Sequence[UnitReport],
    change: Change,
    *,
    touches: Callable[[UnitReport], bool] | None = None,
) -> tuple[UnitReport, ...]:
    """The reports with the change: at once where they are in memory, else as they are read."""
    if isinstance(reports, Reports):
        return Changed(reports, change, touches=touches).as_field()
    return tuple(map(change, reports))
