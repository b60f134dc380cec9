"""Where reports go as they finish: into the history at once, and into outputs that flow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import IO, Protocol

from ycaudit.auditing.selection import Selection
from ycaudit.errors import UnwritableError, why_of
from ycaudit.model import MemoryReports, RunHeader, ScanRun, UnitReport
from ycaudit.reasons import Reason
from ycaudit.report.json_lines import line_of
from ycaudit.runs.decisions import Decisions, decided, with_decisions
from ycaudit.runs.history import History


class Recorder(Protocol):
    """Keeps a run while it grows."""

    def begin(self, run: RunHeader) -> RunHeader:
        """The run starts; returns it as it goes on, which is another run where one is resumed."""
        ...

    def take(self, index: int, report: UnitReport) -> None:
        """Keep a finished report, by the place of its unit among those looked at."""
        ...

    def suspicions(self) -> tuple[Reason, ...]:
        """What in its figures, beside those of earlier runs, speaks against the auditor."""
        ...

    def relied_on(self, runs: Sequence[str]) -> Collection[str]:
        """Those of the runs whose evidence must stay: see `History.relied_on`."""
        ...

    def forget(self) -> None:
        """The run cannot go on: keep nothing of one that has not finished a unit."""
        ...

    def finish(self, run: RunHeader) -> ScanRun:
        """The run has ended: its header and its reports, in the order of the list."""
        ...

    def sealed(self, run: str, sha256: str, at: datetime) -> None:
        """The manifest of its evidence was written, and this is its sum."""
        ...


class MemoryRecorder:
    """Keeps a run in memory, and no history."""

    def __init__(self) -> None:
        self._reports: dict[int, UnitReport] = {}

    def begin(self, run: RunHeader) -> RunHeader:
        """The run starts."""
        return run

    def take(self, index: int, report: UnitReport) -> None:
        """Keep a finished report."""
        self._reports[index] = report

    def suspicions(self) -> tuple[Reason, ...]:
        """There is no earlier run to compare with."""
        return ()

    def relied_on(self, runs: Sequence[str]) -> Collection[str]:
        """Nothing is known of other runs: all of them are spared."""
        return runs

    def forget(self) -> None:
        """Nothing outlives the run."""

    def finish(self, run: RunHeader) -> ScanRun:
        """The run with its reports."""
        ordered = (self._reports[index] for index in sorted(self._reports))
        return run.with_reports(MemoryReports(ordered))

    def sealed(self, run: str, sha256: str, at: datetime) -> None:
        """Nothing outlives the run."""


class HistoryRecorder:
    """Keeps each report in the history as it finishes, and writes outputs that flow."""

    def __init__(
        self,
        kept: History,
        decisions: Decisions,
        picked: Selection,
        *,
        flows: Sequence[IO[bytes]] = (),
        resumed: RunHeader | None = None,
        known: History | None = None,
        is_to_be_told: bool = False,
    ) -> None:
        """`resumed` is a run that was broken off, and goes on with the units of `picked`.

        `known` is the history of the earlier runs, where this one is kept elsewhere. Of a run that
        is to be told by a letter the history knows so from its start, however it ends; and where
        letters tell of runs, of each: what a person's own check finds first is news at night, too.
        """
        self._kept = kept
        self._known = known or kept
        self._decisions = decisions
        self._picked = picked
        self._places = picked.places
        self._checked_before = picked.checked_before()
        self._flows = flows
        self._resumed = resumed
        self._is_to_be_told = is_to_be_told
        self._run: RunHeader | None = None
        self._taken = 0

    def begin(self, run: RunHeader) -> RunHeader:
        """The run starts: what an earlier one saw of the units that are left alone comes first.

        Returns the run as it goes on, which is another than the one given if it is resumed.
        """
        if self._resumed is not None:
            self._run = self._resumed
            self._note_untold(self._resumed)
            if self._flows:
                for report in self._kept.load(self._resumed.id).reports:
                    self._flow(report)
            return self._resumed
        carries = self._picked.base.id if self._picked.base else None
        run = run.model_copy(update={"partial": self._picked.partial, "carries": carries})
        self._run = run
        self._kept.begin(run)
        self._note_untold(run)
        for place, report in self._picked.carried():
            self._keep(place, report)
        return run

    def take(self, index: int, report: UnitReport) -> None:
        """A report is finished: it is on disk before the listener is called."""
        before = self._checked_before.get(report.target.id, ())
        self._keep(self._places[index], report.model_copy(update={"checked_before": before}))
        self._taken += 1

    def relied_on(self, runs: Sequence[str]) -> Collection[str]:
        """Those of the runs whose evidence must stay."""
        return self._known.papers.relied_on(runs)

    def forget(self) -> None:
        """The run cannot go on: nothing is kept of one that has not finished a unit."""
        if self._run and not self.has_finished_some:
            self._kept.forget(self._run.id)

    @property
    def has_finished_some(self) -> bool:
        """Whether there is something to go on with."""
        return self._resumed is not None or self._taken > 0

    def suspicions(self) -> tuple[Reason, ...]:
        """What in the figures of this run, beside those before, speaks against the auditor."""
        return self._kept.suspicions(self._run.id) if self._run else ()

    def finish(self, run: RunHeader) -> ScanRun:
        """The run has ended; its reports stay where they are, and are read as they are needed."""
        return decided(self._kept.finish(run), self._decisions)

    def sealed(self, run: str, sha256: str, at: datetime) -> None:
        """Keep the sum of the manifest, so that nobody changes it unseen."""
        self._kept.papers.note_seal(run, "manifest", sha256, at)

    def _note_untold(self, run: RunHeader) -> None:
        if self._is_to_be_told or self._kept.letters.is_mailed():
            self._kept.letters.note_untold(run.id)

    def _keep(self, place: int, report: UnitReport) -> None:
        assert self._run is not None, "a report before the run began"
        self._kept.add(self._run, place, report)
        self._flow(report)

    def _flow(self, report: UnitReport) -> None:
        """Write it as decided; what the history keeps is what the machine said."""
        if not self._flows:
            return
        line = line_of(with_decisions(report, self._decisions))
        try:
            for flow in self._flows:
                flow.write(line)
                flow.flush()
        except OSError as error:  # what is finished stays in the history
            raise UnwritableError(why_of(error)) from error
