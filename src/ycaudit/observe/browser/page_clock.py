"""The clock of a page: Chromium's virtual time, which never runs by itself.

It runs as fast as the page computes and stands still while the page's requests are under way, so
what a page shows after so many seconds does not depend on the machine's speed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any

from ycaudit.observe.browser.devtools import GoneError

NETWORK_SECONDS = 10.0
"""How long one visit waits, altogether, for requests that are not answered."""
LATE_SECONDS, MOST_LATE_SECONDS = 3.0, 20.0
"""Once that is over: how long each step waits for what it has asked for itself, and all of them."""
LIVE_MS = 50
STARVATION = 5000
"""Tasks that a page may do without its clock moving on, before it does all the same."""


class PageClock:
    """Lets the page's time pass."""

    def __init__(
        self,
        send: Callable[..., Awaitable[dict[str, Any]]],
        pending: Callable[[], Collection[str]],
        *,
        seconds: float,
        patience: float,
    ) -> None:
        """`seconds`: how long a page may compute without end; `patience`: so many times longer than
        usual is waited for what is not answered; `pending`: the numbers of the requests under way.
        """
        self._send = send
        self._pending = pending
        self._seconds = seconds
        self._patience = patience
        self._network_left = NETWORK_SECONDS * patience
        self._late_left = MOST_LATE_SECONDS * patience
        self._left_aside: set[str] = set()
        """Requests that are not waited for any more."""
        self._expired = asyncio.Event()
        self._is_gone = False
        self.now = 0.0
        """How far it was let run, in milliseconds."""

    def expire(self, *, is_gone: bool = False) -> None:
        """Note that it has come to the end of what it was allowed, or its page to its own."""
        self._is_gone |= is_gone
        self._expired.set()

    async def run(self, milliseconds: float) -> None:
        """Let it run on, while requests under way are waited for.

        Raises GoneError, and TimeoutError where the page computes without end.
        """
        if self._network_left > 0 and await self._run_with_network(milliseconds):
            return
        # Something is never answered: the clock runs on without it.
        await self._run_ahead(milliseconds)
        await self._wait_for_fresh()

    async def _wait_for_fresh(self) -> None:
        """Let it go with real time while what was asked for just now is under way: another page
        does not have to wait for it longer."""
        loop = asyncio.get_running_loop()
        left = min(LATE_SECONDS * self._patience, self._late_left)
        while left > 0 and not self._left_aside.issuperset(self._pending()):
            began = loop.time()
            await self.live(LIVE_MS / 1000)
            passed = loop.time() - began
            left, self._late_left = left - passed, self._late_left - passed
        self._left_aside.update(self._pending())

    async def live(self, seconds: float) -> None:
        """Let it go with real time; raises as `run`.

        What scripts wait for and what servers answer come in the order in which they come to a
        visitor, on a busy machine too; else no answer takes any time at all.
        """
        loop = asyncio.get_running_loop()
        began, gone = loop.time(), 0.0
        while (passed := loop.time() - began) < seconds:
            step = max(LIVE_MS, 1000 * passed - gone)
            await self._run_ahead(step)
            gone += step
            await asyncio.sleep(gone / 1000 - (loop.time() - began))

    async def nudge(self, milliseconds: float) -> None:
        """Let it run ahead, and do not wait for that: `arrived` does."""
        self._expired.clear()
        await self._allow("advance", milliseconds)

    async def arrived(self, seconds: float) -> None:
        """Wait until it has come to the end of what it was allowed, or for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._expired.wait()

    async def _run_with_network(self, milliseconds: float) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._network_left):
                await self._run("pauseIfNetworkFetchesPending", milliseconds)
                return True
        self._network_left -= loop.time() - began
        self._left_aside.update(self._pending())
        return False

    async def _run_ahead(self, milliseconds: float) -> None:
        async with asyncio.timeout(self._seconds):
            await self._run("advance", milliseconds)

    async def _run(self, policy: str, milliseconds: float) -> None:
        self._expired.clear()
        await self._allow(policy, milliseconds)
        await self._expired.wait()
        if self._is_gone:
            raise GoneError("the page's process has ended")

    async def _allow(self, policy: str, milliseconds: float) -> None:
        """Let it run for so long, by Chromium's policy of that name."""
        self.now += milliseconds
        await self._send(
            "Emulation.setVirtualTimePolicy",
            policy=policy,
            budget=milliseconds,
            maxVirtualTimeTaskStarvationCount=STARVATION,
        )
