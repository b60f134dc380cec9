"""Limits how many units are audited at once, by how well the machine and the network keep up.

Beyond what they can do, responses that came in time wait to be read, and sites that are up look as
if they were down.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

TICK = 0.1
"""Seconds between two measurements of the event loop's delay."""
LATE, EASY = 0.2, 0.05
"""Seconds of delay: above LATE the limit goes down, below EASY it may go up."""
QUEUED = 10
"""So many times longer than the event loop's delay may be that of work for the processors."""
START, MIN_LIMIT = 16, 4
"""Units: the first limit, and the lowest."""
WINDOW = 40
"""The latest units, whose share of unreachable ones is compared with that of all before."""
SURGE = 0.25
"""A share that is higher by this much is blamed on too many units at once, not on the sites."""


class Throttle:
    """A limit of MIN_LIMIT to `maximum`: up by a tenth, down by a fifth, halved in a surge."""

    def __init__(
        self, maximum: int, *, steady: Callable[[], float], behind: Callable[[], float]
    ) -> None:
        """`behind`: seconds for which work has waited for a processor."""
        self._maximum = maximum
        self._steady, self._behind = steady, behind
        self._limit = float(min(START, maximum))
        self._active = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._troubled = self._before = 0

    @property
    def limit(self) -> int:
        """The current limit, in units."""
        return int(self._limit)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until the limit allows one more unit, and hold its place during the block."""
        if self._active >= self.limit:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._release()
                raise
        else:
            self._active += 1
        try:
            yield
        finally:
            self._release()

    def note(self, *, unreachable: bool) -> None:
        """Count a finished unit; halve the limit in a surge of unreachable ones."""
        if len(self._recent) == WINDOW:
            self._before += 1
            self._troubled += self._recent[0]
        self._recent.append(unreachable)
        usual = self._troubled / self._before if self._before else 1.0
        if sum(self._recent) / WINDOW > usual + SURGE:
            self._set(self._limit / 2)
            self._recent.clear()

    def keep_up(self, behind: float) -> None:
        """Adjust the limit to a delay, in seconds of the event loop's."""
        if behind > LATE:
            self._set(self._limit * 0.8)
        elif behind < EASY and self._waiting:
            self._set(self._limit * 1.1 + 0.5)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Measure the delays of the event loop and of the processors during the block."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            began = self._steady()
            await asyncio.sleep(TICK)
            lag = self._steady() - began - TICK
            self.keep_up(max(lag, self._behind() / QUEUED))

    def _set(self, limit: float) -> None:
        self._limit = max(min(MIN_LIMIT, self._maximum), min(limit, self._maximum))
        while self._waiting and self._active < self.limit:
            self._hand_over()

    def _release(self) -> None:
        self._active -= 1
        if self._active < self.limit:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the place to the waiter that came first and was not cancelled."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._active += 1
                turn.set_result(None)
                return
