"""What was written about runs, and on which of them something rests, in the file of the history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from ycaudit.model import Outcome, ScanRun
from ycaudit.runs.history_file import reading, transaction, utc, writing

# A run that judges another anew keeps no evidence: it rests on the other's.
_RELIED_ON = """
    WITH wanted AS (SELECT value AS run FROM json_each(:runs)),
    told AS (
        SELECT run FROM named UNION SELECT run FROM letters WHERE kind != 'office'
        UNION SELECT json_extract(body, '$.run') FROM events
    )
    SELECT run FROM wanted WHERE run IN told
        OR run IN (SELECT judges FROM runs WHERE id IN told)
    UNION
    SELECT max(seen.run) FROM decisions
        JOIN reports seen ON seen.unit = decisions.unit AND seen.page = decisions.page
        JOIN wanted ON wanted.run = seen.run
        GROUP BY decisions.unit, decisions.page
"""


Sealed = Literal["manifest", "case"]
"""What of a run is known here by its sum: the manifest of its evidence, or a case file."""


class PaperLog:
    """Papers, manifests and case files about runs.

    Every method raises AuditError where the file cannot be used.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db

    def note_named(self, run: ScanRun, at: datetime) -> None:
        """Record that a paper was written that names what units of this run fail.

        So the evidence of it stays. That it was issued is what a person records.
        """
        named = (
            (run.id, utc(run.started_at), report.target.id, verdict.requirement, utc(at))
            for report in run.reports.briefs()
            for verdict in report.verdicts
            if verdict.level == "must" and verdict.outcome is Outcome.FAIL
        )
        with writing(self._path), transaction(self._db):
            self._db.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?, ?)", named)

    def note_seal(self, run: str, what: Sealed, sha256: str, at: datetime) -> None:
        """Record the sum of what was written of a run, for whoever verifies it here."""
        with writing(self._path):
            self._db.execute(
                "INSERT OR IGNORE INTO seals VALUES (?, ?, ?, ?)", (run, what, sha256, utc(at))
            )

    def seals(self, run: str, what: Sealed) -> frozenset[str]:
        """The sums of what was written of a run; none where nothing is known of it."""
        query = "SELECT sha256 FROM seals WHERE run = ? AND what = ?"
        with reading(self._path):
            return frozenset(sha256 for (sha256,) in self._db.execute(query, (run, what)))

    def relied_on(self, runs: Sequence[str]) -> frozenset[str]:
        """Those of the runs on which something rests that a person decided or an office was told.

        That is every run of which a paper or a letter to a unit named something, and for each
        decision the newest run that shows the page as the person saw it.
        """
        with reading(self._path):
            found = self._db.execute(_RELIED_ON, {"runs": json.dumps(runs)})
            return frozenset(run for (run,) in found.fetchall())
