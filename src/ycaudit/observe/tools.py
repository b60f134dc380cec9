"""What all observers of a run share: the network, the decoder and the clock."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from ycaudit.model import EvidenceFile
from ycaudit.net.client import Fetcher
from ycaudit.observe.archive import Archive, NoArchive
from ycaudit.observe.deadline import computing
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort, Reading
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.observe.static.scripts import ScriptSandbox
from ycaudit.observe.subprocess_pool import processor_time
from ycaudit.reasons import Reason
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.url import without_credentials

MAX_READINGS = 100_000
T = TypeVar("T")
EvidenceFileKind = Literal["html", "headers", "screenshot", "image", "state"]


class Threads:
    """A few threads for parsing and decoding, which must not hold up the network."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        """One for each processor that this process may use."""
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ycaudit")
        self._waiting: deque[float] = deque()

    async def run(self, work: Callable[[], T]) -> T:
        """The result of the work, done off the event loop."""
        with computing() as spent:

            def timed() -> T:
                self._waiting.popleft()
                began = processor_time()
                try:
                    return work()
                finally:
                    spent.append(processor_time() - began)

            self._waiting.append(time.monotonic())
            return await asyncio.get_running_loop().run_in_executor(self._pool, timed)

    @property
    def behind(self) -> float:
        """Seconds for which the work that has waited longest has not been begun."""
        try:
            return time.monotonic() - self._waiting[0]
        except IndexError:
            return 0.0

    def close(self) -> None:
        """Shut down the thread pool."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class ReadingCache(Protocol):
    """Keeps from run to run what was read in images."""

    def get_reading(self, sha256: str, effort: Effort) -> Reading | ImageTrouble | None:
        """What was read with at least this effort."""

    def put_reading(self, sha256: str, effort: Effort, reading: Reading | ImageTrouble) -> None:
        """Keep it."""


class Decoder:
    """Reads images, the same bytes once a run."""

    def __init__(
        self,
        threads: Threads,
        cache: ReadingCache | None = None,
        sandbox: DecodeSandbox | None = None,
    ) -> None:
        self.sandbox = sandbox or DecodeSandbox()
        self._threads = threads
        self._cache = cache
        self._known: OrderedDict[str, tuple[Effort, Reading | ImageTrouble]] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}

    async def read(self, data: bytes, effort: Effort) -> tuple[str, Reading | ImageTrouble]:
        """The sha256 of the image and what stands in it."""
        digest = hashlib.sha256(data).hexdigest()
        turn = self._turns.setdefault(digest, asyncio.Lock())
        async with turn:
            known = self.known(digest, effort)
            if known is None:
                known = await self._threads.run(lambda: self._read(data, effort))
                self._keep(digest, effort, known)
                given_up = isinstance(known, ImageTrouble) and known.code == "image_given_up"
                if self._cache is not None and not given_up:
                    self._cache.put_reading(digest, effort, known)
        self._turns.pop(digest, None)
        return digest, known

    def known(self, digest: str, effort: Effort) -> Reading | ImageTrouble | None:
        """What was read in the image with this sha256, in this run or before."""
        known = self._known.get(digest)
        if known is not None and known[0] >= effort:
            return known[1]
        if self._cache is None:
            return None
        read = self._cache.get_reading(digest, effort)
        if read is not None:
            self._keep(digest, effort, read)
        return read

    def _keep(self, digest: str, effort: Effort, read: Reading | ImageTrouble) -> None:
        self._known[digest] = (effort, read)
        if len(self._known) > MAX_READINGS:
            self._known.popitem(last=False)

    def _read(self, data: bytes, effort: Effort) -> Reading | ImageTrouble:
        try:
            return self.sandbox.read(data, effort=effort)
        except ImageTrouble as trouble:
            return trouble


class EvidenceFiles:
    """The evidence files that one visit collects; without a store nothing is kept."""

    def __init__(self, store: EvidenceStore | None, unit: str) -> None:
        self._store = store
        self._unit = unit
        self._kept: dict[tuple[str, str | None, Reason | None], EvidenceFile] = {}

    @property
    def wanted(self) -> bool:
        """Whether evidence files are kept: screenshots cost time."""
        return self._store is not None

    @property
    def kept(self) -> tuple[EvidenceFile, ...]:
        """What is kept so far."""
        return tuple(self._kept.values())

    def add(
        self,
        kind: EvidenceFileKind,
        data: bytes,
        *,
        url: str,
        of: str | None = None,
        state: Reason | None = None,
    ) -> None:
        """Keep it, once a kind, image and state."""
        if self._store is None or (kind, of, state) in self._kept:
            return
        file = self._store.put(kind, data, unit=self._unit, url=url)
        if file is not None:
            kept = EvidenceFile(kind=kind, file=file, of=of, state=state)
            self._kept[kind, of, state] = kept

    def add_headers(self, headers: Mapping[str, str], *, url: str, status: int) -> None:
        """Keep the status and the headers as they were received."""
        received = {"url": without_credentials(url), "status": status, "headers": dict(headers)}
        self.add("headers", json.dumps(received, ensure_ascii=False, indent=1).encode(), url=url)


@dataclass(frozen=True, slots=True)
class Tools:
    """What an observer works with."""

    fetcher: Fetcher
    decoder: Decoder
    threads: Threads
    now: Callable[[], datetime]
    evidence: EvidenceStore | None = None
    browser: Path | None = None
    """The browser's program; None where there is none."""
    unproven: frozenset[str] = frozenset()
    """Units of which no evidence files are kept: the auditor's own control pages."""
    scripts: ScriptSandbox = field(default_factory=ScriptSandbox)
    archive: Archive = field(default_factory=NoArchive)

    def close(self) -> None:
        """End the threads and the processes."""
        self.threads.close()
        self.decoder.sandbox.close()
        self.scripts.close()

    def evidence_files(self, unit: str) -> EvidenceFiles:
        """A collector of evidence files for one visit to this unit."""
        return EvidenceFiles(None if unit in self.unproven else self.evidence, unit)
