"""The audits that the desk has started: they run on when no window looks, and can be stopped."""

from __future__ import annotations

import threading
import traceback
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from ycaudit.auditing.service import Listener, Stop
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.model import Outcome, ScanRun, UnitReport, brief

MAX_LATEST = 30
MAX_KEPT = 12
Work = Callable[[Listener, Stop], ScanRun]
"""An audit by the service; raises AuditError."""
Bug = Callable[[str], object]
"""Is called with the traceback of an error that is nobody's but the program's."""


@dataclass(slots=True)
class Audit:
    """One audit while it runs, and what became of it."""

    kind: Literal["scan", "look"]
    total: int
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    about: str = ""
    counts: Counter[Outcome] = field(default_factory=Counter)
    """Of sites that are finished."""
    latest: list[UnitReport] = field(default_factory=list)
    """The latest reports in brief, the newest first."""
    notices: list[Message] = field(default_factory=list)
    run: ScanRun | None = None
    error: AuditError | None = None
    is_stopping: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    _stop: Stop = field(default_factory=Stop)
    _thread: threading.Thread | None = None

    @property
    def done(self) -> int:
        """How many sites are finished."""
        return self.counts.total()

    @property
    def goes_on(self) -> bool:
        """Whether it is still running."""
        return not self.ended.is_set()

    def start(self, work: Work, bug: Bug) -> None:
        """Do the work in a thread of its own, with the time zone of whoever asked."""
        context = copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._do, work, bug))
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; what is finished stays finished."""
        self.is_stopping = True
        self._stop.ask()

    def join(self) -> None:
        """Wait until its outputs are written."""
        if self._thread is not None:
            self._thread.join()

    def _do(self, work: Work, bug: Bug) -> None:
        listener = Listener(report=self._take, notice=self.notices.append)
        try:
            self.run = work(listener, self._stop)
        except AuditError as error:
            self.error = error
        except Exception:  # nobody waits for the thread
            self.error = AuditError("the check ended by a bug of ycaudit; its window says which")
            bug(traceback.format_exc())
        finally:
            self.ended.set()

    def _take(self, report: UnitReport) -> None:
        self.counts[report.outcome] += 1
        self.latest.insert(0, brief(report))
        del self.latest[MAX_LATEST:]


class Audits:
    """One scan at a time, and single looks beside it."""

    def __init__(self, bug: Bug) -> None:
        self._lock = threading.Lock()
        self._bug = bug
        self.scan: Audit | None = None
        self.looks: dict[int, Audit] = {}
        """By number, the oldest first."""
        self._numbers = count(1)

    @property
    def scanning(self) -> Audit | None:
        """The scan that is running now."""
        return self.scan if self.scan is not None and self.scan.goes_on else None

    def start_scan(self, total: int, work: Work, *, about: str = "") -> None:
        """Start a scan. Raises AuditError where one is running."""
        with self._lock:
            if self.scanning is not None:
                raise AuditError("a check is running already; stop it, or wait for its end")
            self.scan = Audit("scan", total, about=about)
            self.scan.start(work, self._bug)

    def start_look(self, work: Work, *, about: str) -> int:
        """Start a look at one address; returns its number. Raises AuditError where one runs."""
        with self._lock:
            if any(look.goes_on for look in self.looks.values()):
                raise AuditError("a homepage is being looked at already; wait for its end")
            number = next(self._numbers)
            self.looks[number] = Audit("look", 1, about=about)
            self.looks.pop(number - MAX_KEPT, None)
            self.looks[number].start(work, self._bug)
            return number

    def end(self) -> None:
        """Stop all that is running, and wait until it is written."""
        started = (*([self.scan] if self.scan else []), *self.looks.values())
        running = [audit for audit in started if audit.goes_on]
        for audit in running:
            audit.stop()
        for audit in running:
            audit.join()
