"""Keeps the runs that are looked at in memory, so that a page of a large one does not wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ycaudit.model import MemoryReports, RunHeader, ScanRun, UnitReport
from ycaudit.runs.calls import Calls, standing
from ycaudit.runs.decisions import Decisions, fingerprint, with_decisions
from ycaudit.runs.history import History

MAX_RUNS = 3


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine said in a run: its reports in brief, and what each page showed."""

    header: RunHeader
    briefs: tuple[UnitReport, ...]
    pages: tuple[str, ...]
    """The fingerprints of the reports, in their order."""

    def decided(self, decisions: Decisions) -> ScanRun:
        """The run in brief, with every decision that holds."""
        reports = (
            with_decisions(brief, decisions, page=page)
            for brief, page in zip(self.briefs, self.pages, strict=True)
        )
        return self.header.with_reports(MemoryReports(reports))


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as it stands now."""

    run: ScanRun
    """Its reports are briefs, in memory."""
    pages: Sequence[str]
    """The fingerprint of what each homepage showed, in the order of the reports."""
    calls: Calls
    """The verdicts about which units are still to be called."""

    @property
    def reports(self) -> tuple[UnitReport, ...]:
        """The reports in brief."""
        return tuple(self.run.reports)


class Shelf:
    """The latest runs that were asked for; what is still growing is read anew as it grows."""

    def __init__(self) -> None:
        self._machines: OrderedDict[tuple[str, int], Machine] = OrderedDict()
        self._lock = threading.Lock()

    def shown(self, history: History, wanted: str, decisions: Decisions | None = None) -> Shown:
        """The run with this id, or with an id that begins so. Raises AuditError.

        `decisions` stand in the place of all that are made by now.
        """
        found = history.load(wanted)
        with self._lock:  # ten windows that open one large run read it once
            machine = self._machine(history, found)
        known = history.decisions() if decisions is None else decisions
        run = machine.decided(known)
        pages = zip(run.reports, machine.pages, strict=True)
        return Shown(run, machine.pages, standing(pages, history.calls(), known))

    def _machine(self, history: History, run: ScanRun) -> Machine:
        key = (run.id, len(run.reports))
        known = self._machines.pop(key, None)
        if known is None or known.header != run.header:
            known = _read(history, run)
        self._machines[key] = known
        while len(self._machines) > MAX_RUNS:
            self._machines.popitem(last=False)
        return known


def _read(history: History, run: ScanRun) -> Machine:
    briefs = tuple(run.reports.briefs())
    pages = history.pages(run.id)
    if any(page is None for page in pages[: len(briefs)]):  # of before it was kept
        pages = [fingerprint(report) for report in run.reports]
    return Machine(run.header, briefs, tuple(page or "" for page in pages[: len(briefs)]))
