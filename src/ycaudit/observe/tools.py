"""What all observers of a run share: the network, the decoder and the clock."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ycaudit.fetch import Fetcher
from ycaudit.observe.codes import Effort, Reading, read_codes
from ycaudit.observe.raster import ImageTrouble

MOST_READINGS = 100_000
T = TypeVar("T")


class Crew:
    """A few threads for parsing and decoding, which must not hold up the network."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ycaudit")

    async def run(self, work: Callable[[], T]) -> T:
        """The result of the work, done off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Decoder:
    """Reads images, the same bytes once a run."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._known: OrderedDict[str, tuple[Effort, Reading | ImageTrouble]] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}

    async def read(self, data: bytes, effort: Effort) -> tuple[str, Reading | ImageTrouble]:
        """The sha256 of the image and what stands in it."""
        digest = hashlib.sha256(data).hexdigest()
        turn = self._turns.setdefault(digest, asyncio.Lock())
        async with turn:
            known = self._known.get(digest)
            if known is None or known[0] < effort:
                known = (effort, await self._crew.run(lambda: _read(data, effort)))
                self._known[digest] = known
                if len(self._known) > MOST_READINGS:
                    self._known.popitem(last=False)
        self._turns.pop(digest, None)
        return digest, known[1]


def _read(data: bytes, effort: Effort) -> Reading | ImageTrouble:
    try:
        return read_codes(data, effort=effort)
    except ImageTrouble as trouble:
        return trouble


@dataclass(frozen=True, slots=True)
class Tools:
    """What an observer works with."""

    fetcher: Fetcher
    decoder: Decoder
    crew: Crew
    now: Callable[[], datetime]
