"""Whether and when to ask a second time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from weakref import WeakValueDictionary

from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError

RETRY_STATUS = frozenset({429, 502, 503, 504})


def pause_before_retry(
    got: Fetched | FetchError, *, usual: float, most: float, now: datetime
) -> float | None:
    """Seconds to wait before the second try; None where there is no use in one.

    `usual` is the pause where the server names none; one that asks for more than `most` is not
    asked again.
    """
    if not _may_be_luck(got):
        return None
    asked = (
        retry_after(got.headers.get("retry-after", ""), now) if isinstance(got, Fetched) else None
    )
    if asked is None:
        return usual
    return asked if asked <= most else None


def _may_be_luck(got: Fetched | FetchError) -> bool:
    """Whether a second try helps: broken connections and overload, not silence or a wrong name."""
    if isinstance(got, FetchError):
        return got.cause is Cause.CONNECT
    broke_off = got.truncated is not None and got.truncated.has(
        "body_broke_off", "body_encoding_broke_off"
    )
    return got.status in RETRY_STATUS or broke_off


def retry_after(text: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date (RFC 9110)."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


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
