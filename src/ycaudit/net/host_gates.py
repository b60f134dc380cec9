"""How often a host is asked: so many requests at once, and a pause between their beginnings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class HostGates:
    """The gates of all hosts of a run, over all units."""

    def __init__(
        self,
        at_once: int,
        interval: float,
        *,
        steady: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """`interval`: seconds between the beginnings of two requests to one host."""
        self._at_once = at_once
        self._interval = interval
        self._steady = steady
        self._sleep = sleep
        self._gates: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._next: dict[str, float] = {}

    @asynccontextmanager
    async def request_to(self, host: str) -> AsyncIterator[None]:
        """Wait until the host may be asked, and count as one of its requests until the end."""
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = asyncio.Semaphore(self._at_once)
        async with gate:
            await self._pause(host)
            yield

    async def _pause(self, host: str) -> None:
        if self._interval <= 0:
            return
        now = self._steady()
        begin = max(now, self._next.get(host, now))
        self._next[host] = begin + self._interval
        await self._sleep(begin - now)
