"""Looks at a homepage as a visitor does: what the screen shows counts, and where a click leads."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager

from ycaudit import CHROME, USER_AGENT
from ycaudit.model import Cause, Observation
from ycaudit.net.exchange import LookArchive
from ycaudit.observe import Doubts
from ycaudit.observe.browser.chromium import BrowserPool
from ycaudit.observe.browser.context import open_context, open_tab
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.hands import Closers
from ycaudit.observe.browser.socks_proxy import SocksProxy, open_socks_proxy
from ycaudit.observe.browser.tab import Tab, Visitor
from ycaudit.observe.browser.visit import Visit
from ycaudit.observe.deadline import Share
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.observe.tools import Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

CONNECT_SECONDS = 8.0
FILMS = ("mp4", "webm", "mp3", "flv")


class BrowserObserver:
    """The observer that sees what a visitor sees."""

    name = "browser"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        assert tools.browser is not None, "ask why_no_browser first"
        self._pool = BrowserPool(tools.browser, processors=tools.threads.workers)

    def place(self) -> AbstractAsyncContextManager[Share]:
        """One of the few tabs that are open at once."""
        return self._pool.place()

    async def look(
        self, unit: Unit, doubts: Doubts, *, again: bool = False
    ) -> AsyncGenerator[Observation, None]:
        """What the screen shows, state by state, until nothing is in doubt."""
        closers, attempts = Closers(), 0
        while True:
            visit, ended = Visit(unit, self._tools, closers, again=again), self._pool.ended
            try:
                # Closed here, not when memory is tidied up: what was asked is kept at the end.
                async with aclosing(self._visited(visit, doubts)) as observations:
                    async for observation in observations:
                        yield observation
            except TimeoutError:
                attempts += 1
                if visit.has_seen and attempts == 1:
                    continue  # what has let itself be looked at may do so once more
                yield visit.unseen(Cause.TIMEOUT, Reason.of("browser_kept_out"))
            except (GoneError, CommandError, OSError) as error:
                # What closes the page is left alone in the next visit.
                if visit.tab is not None and visit.tab.is_closed and closers.blame():
                    continue
                # A browser or a page that died costs one more try, never the run.
                attempts += 1
                if attempts == 1:
                    continue
                why = Reason.of("browser_gave_up", detail=str(error)[:300])
                if self._pool.ended > ended:
                    why = Reason.of("page_too_large")
                yield visit.unseen(Cause.CRASH, why)
            return

    async def _visited(self, visit: Visit, doubts: Doubts) -> AsyncGenerator[Observation, None]:
        options = self._tools.fetcher.options
        patience = options.limits.patience
        connector = self._tools.fetcher.connector.admitting(visit.unit.target.intranet)
        async with (
            self._tools.archive.look(visit.unit.target.id, self.name) as archive,
            self._pool.browser() as browser,
            open_socks_proxy(
                connector if archive.replay is None else connector.closed(),
                CONNECT_SECONDS * patience,
                browser.family,
            ) as proxy,
            open_context(browser, proxy.port) as context,
            AsyncExitStack() as others,
            recorded(archive, proxy) as tabs,
        ):
            # What cannot show a link or a code is not asked for at all.
            unneeded = (
                *(f"*.{suffix}*" for suffix in FILMS),
                *(f"*://{host}/*" for host in visit.unit.third_parties.counters),
            )
            agent = _user_agent(options.user_agent, browser.version)
            archive.software = f"{browser.version}; {agent}"
            visitor = Visitor(agent, WINDOW, unneeded, patience, archive, self._tools.now)

            apart: str | None = None

            async def open_one(*, is_apart: bool = False) -> Tab:
                nonlocal apart
                if is_apart and apart is None:
                    apart = await others.enter_async_context(open_context(browser, proxy.port))
                within = apart if is_apart and apart else context
                tabs.append(tab := await open_tab(browser, within, visitor))
                return tab

            try:
                async for observation in visit.observations(open_one, proxy, doubts):
                    yield observation
            except (GoneError, CommandError, OSError):
                archive.is_partial = not (visit.tab and visit.tab.is_closed)
                raise

    async def aclose(self) -> None:
        """Close the browser."""
        await self._pool.aclose()


@asynccontextmanager
async def recorded(archive: LookArchive, proxy: SocksProxy) -> AsyncIterator[list[Tab]]:
    """A list for the tabs of a look, whose last answers are kept before the tabs are closed."""
    tabs: list[Tab] = []
    proxy.troubles.update(archive.troubles)
    try:
        yield tabs
    finally:
        archive.troubles.update(proxy.troubles)
        for tab in tabs:
            if tab.recorder is not None:
                await tab.recorder.settle()


def _user_agent(asked: str, version: str) -> str:
    """As asked for; else that of an ordinary Chromium, on the desktop of most visitors."""
    if asked != USER_AGENT:
        return asked
    return re.sub(r"Chrome/\d+", f"Chrome/{version.partition('.')[0]}", CHROME)
