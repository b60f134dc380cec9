"""What one process needs to look at units: made once, for as long as it looks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ycaudit import __version__
from ycaudit.auditing import self_test
from ycaudit.auditing.annotate import prove
from ycaudit.auditing.cache import Cache
from ycaudit.auditing.engine import Clock, Done, Pace, look_once, scan
from ycaudit.auditing.second_look import Beyond
from ycaudit.auditing.self_test import Judge
from ycaudit.i18n import Message
from ycaudit.model import Page, UnitReport, Verdict
from ycaudit.net.client import Fetcher, Options
from ycaudit.net.connect import Connector
from ycaudit.observe import OBSERVERS, Observer
from ycaudit.observe.archive import REDIRECTS_BEYOND, Archive, NoArchive, RecordingArchive
from ycaudit.observe.qr.sandbox import IMAGE_TIMEOUT, DecodeSandbox
from ycaudit.observe.redirects import RedirectFollower
from ycaudit.observe.static.scripts import PAGE_TIMEOUT, ScriptSandbox
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.rules.platforms import unwrapped
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.url import parse_web_url


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


MakeArchive = Callable[[Threads, Connector], Archive]


def recording(store: EvidenceStore) -> MakeArchive:
    """Makes an archive that keeps each look in the evidence."""

    def make(threads: Threads, connector: Connector) -> Archive:
        return RecordingArchive(
            store,
            beside=threads.run,
            now=now,
            addresses=connector.answers,
            software=f"ycaudit {__version__}",
            unproven=self_test.UNITS,
        )

    return make


def followed(report: UnitReport) -> tuple[str, ...]:
    """The addresses of which it was asked where they lead."""
    pages = [seen for seen in report.observations if isinstance(seen, Page)]
    links = (x.href for page in pages for x in page.links if x.leads_to or x.unresolved)
    codes = (x.payload for page in pages for x in page.qr_codes if x.leads_to or x.unresolved)
    return tuple(dict.fromkeys(map(unwrapped, (*links, *codes))))


class Runtime:
    """The caches, TLS contexts, threads and observers that all looks of a process share."""

    def __init__(
        self,
        options: Options,
        store: EvidenceStore | None = None,
        *,
        threads: int | None = None,
        cache: Path | None = None,
        browser: Path | None = None,
        archive: MakeArchive | None = None,
        notice: Callable[[Message], None] = lambda message: None,
    ) -> None:
        """`cache` is what earlier runs kept; `notice` is called with what is wrong with it.

        `archive` makes where the looks keep what they ask the network, or have it answered.
        """
        self._threads = Threads(threads or os.cpu_count() or 2)
        self._store = store
        self._cache = Cache(cache, notice) if cache is not None else None
        # Evidence is what was received now, not what an earlier run received.
        fetcher = Fetcher(options, self._cache if store is None else None)
        patience = options.limits.patience
        sandbox = DecodeSandbox(timeout=IMAGE_TIMEOUT * patience)
        self._tools = Tools(
            fetcher,
            Decoder(self._threads, self._cache, sandbox),
            self._threads,
            now,
            store,
            browser,
            unproven=self_test.UNITS,
            scripts=ScriptSandbox(timeout=PAGE_TIMEOUT * patience),
            archive=archive(self._threads, fetcher.connector) if archive else NoArchive(),
        )
        self._redirects = RedirectFollower(self._tools.fetcher, self._tools.archive)
        self._observers: dict[str, Observer] = {}
        self._beyond: Beyond | None = None

    async def scan(
        self, units: Iterable[Unit], names: Sequence[str], *, done: Done, pace: Pace
    ) -> None:
        """Audit the units by these observers."""

        async def finish(unit: Unit, report: UnitReport) -> UnitReport:
            if self._store is None:
                return report
            taken = self._tools.archive.taken(report.target.id, followed(report))
            report = report.model_copy(update={"recordings": taken})
            return await self._threads.run(
                partial(prove, report, self._store, self._tools.decoder.sandbox)
            )

        await scan(
            units,
            observers=[self._observer(name) for name in names],
            clock=Clock(now, time.monotonic, behind=lambda: self._threads.behind),
            done=done,
            pace=pace,
            finish=finish,
            redirects=self._redirects,
            beyond=self._beyond_by(names[0]),
        )

    async def suspicions(
        self,
        requirements: Iterable[Requirement],
        *,
        seconds: float,
        names: Iterable[str] | None = None,
    ) -> tuple[Reason, ...]:
        """What the control pages say against the observers that were used, or these."""
        look = partial(
            look_once, clock=Clock(now=now, steady=time.monotonic), seconds=seconds, redirects=None
        )

        def judge(observer: Observer) -> Judge:
            async def judged(unit: Unit) -> tuple[Verdict, ...]:
                return (await look(unit, observer))[1]

            return judged

        judges = {name: judge(self._observer(name)) for name in names or tuple(self._observers)}
        return await self_test.suspicions(requirements, judges)

    async def aclose(self) -> None:
        """Give everything back."""
        await self._redirects.aclose()
        if self._beyond is not None:
            await self._beyond.redirects.aclose()
            await self._beyond.observer.aclose()
        for observer in self._observers.values():
            await observer.aclose()
        self._tools.close()
        if self._cache is not None:
            self._cache.close()

    def _observer(self, name: str) -> Observer:
        if name not in self._observers:
            self._observers[name] = OBSERVERS[name](self._tools)
        return self._observers[name]

    def _beyond_by(self, name: str) -> Beyond | None:
        """The other network, where there is one: it shares no answer of this one."""
        options = self._tools.fetcher.options
        if options.also_via is None or self._beyond is not None:
            return self._beyond
        fetcher = Fetcher(replace(options, proxy=options.also_via, also_via=None))
        observer = OBSERVERS[name](replace(self._tools, fetcher=fetcher))

        async def via(unit: Unit) -> str | None:
            found = parse_web_url(unit.target.url)
            if found is None:
                return None
            connector = fetcher.connector.admitting(unit.target.intranet)
            port = int(found.port or (443 if found.scheme == "https" else 80))
            proxy = await connector.proxy_for(found.host, port)
            return None if proxy is None else str(proxy)

        redirects = RedirectFollower(fetcher, self._tools.archive, name=REDIRECTS_BEYOND)
        self._beyond = Beyond(observer, redirects, via)
        return self._beyond
