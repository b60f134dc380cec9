"""Keeps what the looks of a run ask the network, or answers them with what was kept.

A look asks its archive first of all, so that an observer does not know whether the network, a
recording, or neither stands behind it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import IO, Any, Protocol, TypeVar

from ycaudit.net.exchange import Exchange, LookArchive, Replay
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.runs.recording import LookFacts, Recording, RecordingWriter

REDIRECTS, REDIRECTS_BEYOND = "redirects", "redirects beyond"
"""The observers of looks that only follow where an address leads, from here and through another
network: the unit of such a look is the address."""
T = TypeVar("T")


class Beside(Protocol):
    """Does work in a thread."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        """The result of the work."""
        ...


class Archive(Protocol):
    """Where looks keep what they ask, or have it answered."""

    def look(self, unit: str, observer: str) -> AbstractAsyncContextManager[LookArchive]:
        """The archive of one look, until it ends."""
        ...

    def taken(self, unit: str, hrefs: Iterable[str]) -> tuple[str, ...]:
        """The recordings of a unit's looks, and of where these addresses lead."""
        ...


class NoArchive:
    """The network itself, and nothing is kept."""

    @asynccontextmanager
    async def look(self, unit: str, observer: str) -> AsyncIterator[LookArchive]:
        """An archive of nothing."""
        yield LookArchive()

    def taken(self, unit: str, hrefs: Iterable[str]) -> tuple[str, ...]:
        """Nothing is kept."""
        return ()


class RecordingArchive:
    """Keeps each look as a file of the evidence."""

    def __init__(
        self,
        store: EvidenceStore,
        *,
        beside: Beside,
        now: Callable[[], datetime],
        addresses: Callable[[], Mapping[str, tuple[str, ...]]],
        software: str,
        unproven: frozenset[str] = frozenset(),
    ) -> None:
        """`addresses` tells what name servers have answered so far, by host.

        Of `unproven` units, the auditor's own control pages, nothing is kept.
        """
        self._unproven = unproven
        self._store = store
        self._beside = beside
        self._now = now
        self._addresses = addresses
        self._software = software
        self._files: dict[str, list[str]] = defaultdict(list)

    @asynccontextmanager
    async def look(self, unit: str, observer: str) -> AsyncIterator[LookArchive]:
        """An archive that writes what is added to it; what it wrote is kept when the look ends."""
        if unit in self._unproven:
            yield LookArchive()
            return
        began = self._now()
        with self._store.growing() as out:
            log = _Log(out, self._beside, RecordingWriter(out, software=self._software, run=unit))
            archive = LookArchive(log=log)
            try:
                yield archive
            finally:
                facts = LookFacts(
                    unit=unit,
                    observer=observer,
                    began=began,
                    ended=self._now(),
                    software=archive.software,
                    partial=archive.is_partial,
                    troubles=archive.troubles,
                    addresses=_only(self._addresses(), log.hosts),
                )
                name = await log.finish(facts, partial(self._adopted, out, unit))
                # Here, since a look that is broken off as soon as nothing is in doubt ends so.
                if name is not None:
                    self._files[_key(unit, observer)].append(name)

    def taken(self, unit: str, hrefs: Iterable[str]) -> tuple[str, ...]:
        """The files of a unit that is finished, in the order of its looks."""
        own = self._files.pop(unit, [])
        led = [name for href in hrefs for name in self._files.get(_key(href, REDIRECTS), ())]
        for name in led:
            self._store.vouch("recording", name, unit=unit)
        return tuple(dict.fromkeys((*own, *led)))

    def _adopted(self, out: IO[bytes], unit: str) -> str | None:
        return self._store.adopt("recording", out, unit=unit, url="")


class _Log:
    """Writes exchanges in a thread, one after the other."""

    def __init__(self, out: IO[bytes], beside: Beside, writer: RecordingWriter) -> None:
        self._out = out
        self._beside = beside
        self._writer = writer
        self._turn = asyncio.Lock()
        self.hosts: set[str] = set()

    async def add(self, exchange: Exchange) -> None:
        """Write an exchange."""
        self.hosts.add(exchange.url.partition("://")[2].partition("/")[0].partition(":")[0])
        async with self._turn:
            await self._beside(partial(self._writer.add, exchange))

    async def finish(self, facts: LookFacts, adopt: Callable[[], str | None]) -> str | None:
        """Write the facts; the name of the file."""

        def end() -> str | None:
            self._writer.finish(facts)
            return adopt()

        async with self._turn:
            return await self._beside(end)


class ReplayedArchive:
    """Answers looks with recordings: the first of an observer at a unit to its first look."""

    def __init__(
        self,
        recordings: Callable[[str, str], Recording | None],
        *,
        unproven: frozenset[str] = frozenset(),
    ) -> None:
        """`recordings` gives the next recording of a unit and an observer, None where none is.

        `unproven` units, the auditor's own control pages, are really looked at.
        """
        self._recordings = recordings
        self._unproven = unproven

    @asynccontextmanager
    async def look(self, unit: str, observer: str) -> AsyncIterator[LookArchive]:
        """An archive that answers; nothing reaches the network."""
        if unit in self._unproven:
            yield LookArchive()
            return
        kept = self._recordings(unit, observer)
        if kept is None:
            yield LookArchive(replay=Replay(()))
            return
        facts = kept.facts
        yield LookArchive(
            replay=Replay(kept.exchanges), troubles=dict(facts.troubles), began=facts.began
        )

    def taken(self, unit: str, hrefs: Iterable[str]) -> tuple[str, ...]:
        """A replay keeps nothing."""
        return ()


def _key(unit: str, observer: str) -> str:
    """Addresses and ids of units do not meet: no id is kept under the sign of addresses."""
    return f"→{unit}" if observer in (REDIRECTS, REDIRECTS_BEYOND) else unit


def _only(known: Mapping[str, Any], hosts: Iterable[str]) -> dict[str, Any]:
    return {host: known[host] for host in sorted(hosts) if host in known}
