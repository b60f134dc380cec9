"""How long a look may take. Time in which others have the processors passes for them, not for it.

What is computed here is measured; of what a browser computes only the share is known that a look
has of the machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path

Share = Callable[[], float]
"""How much of a processor a look has now: 1 if it has one for itself."""
SHARE_SECONDS = 0.5
"""How often that is asked."""
LEAST_SHARE = 0.1
"""However busy the machine is: a look comes to its end all the same."""
_LOAD = Path("/proc/loadavg")


def of_a_processor(load: Path = _LOAD, processors: int | None = None) -> float:
    """What each thread that could run now gets of a processor, whoever it belongs to; 1 where the
    system does not tell.

    The fourth field of the file has how many these are (proc_loadavg(5)).
    """
    try:
        running = int(load.read_text().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return 1.0
    return max(LEAST_SHARE, min(1.0, (processors or os.cpu_count() or 1) / max(1, running)))


class _Deadline:
    """The end of one look, put off while something of it is computed off the event loop, and by
    what passes while others have its processor."""

    def __init__(self, timeout: asyncio.Timeout, share: Share | None) -> None:
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._asked = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        if share is not None:
            self._ask_later(share)
        self._computing = 0
        self.over = False
        """Whether the look has ended; what it asked for may be computed still."""
        self._left = self._began = self._spent = 0.0

    def end(self) -> None:
        """The look has ended."""
        self.over = True
        if self._timer is not None:
            self._timer.cancel()

    def _ask_later(self, share: Share) -> None:
        self._timer = self._loop.call_later(SHARE_SECONDS, self._give, share)

    def _give(self, share: Share) -> None:
        """Give back what others have had."""
        passed, self._asked = self._loop.time() - self._asked, self._loop.time()
        if not self._computing and (due := self._timeout.when()) is not None:
            self._put_off(due + passed * (1 - share()))
        self._ask_later(share)

    def stop(self) -> None:
        """Something is to be computed."""
        self._computing += 1
        if self._computing == 1 and (due := self._timeout.when()) is not None:
            self._began = self._loop.time()
            self._left, self._spent = due - self._began, 0.0
            self._put_off(None)

    def go_on(self, spent: float) -> None:
        """It is computed, and took so many seconds of processor time."""
        self._computing -= 1
        self._spent += spent
        if not self._computing:
            passed = self._loop.time() - self._began
            self._put_off(self._loop.time() + self._left - min(self._spent, passed))

    def _put_off(self, due: float | None) -> None:
        if not (self.over or self._timeout.expired()):
            self._timeout.reschedule(due)


_CURRENT: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@asynccontextmanager
async def deadline(seconds: float, share: Share | None = None) -> AsyncIterator[None]:
    """Raises TimeoutError when the block has taken so long; see `computing`.

    `share`: None where all that is computed is computed here, and so is measured.
    """
    async with asyncio.timeout(seconds) as timeout:
        current = _Deadline(timeout, share)
        token = _CURRENT.set(current)
        try:
            yield
        finally:
            current.end()
            _CURRENT.reset(token)


@contextmanager
def computing() -> Iterator[list[float]]:
    """Of a deadline around this block only the processor time passes that is put into the list."""
    current = _CURRENT.get()
    spent: list[float] = []
    if current is None:
        yield spent
        return
    current.stop()
    try:
        yield spent
    finally:
        current.go_on(sum(spent))
