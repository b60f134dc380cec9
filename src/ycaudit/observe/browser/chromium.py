"""Finds an installed Chromium and keeps one of it running, renewed after so many pages."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.observe.browser.devtools import Connection, Event, launch
from ycaudit.observe.browser.peers import Family, Processes
from ycaudit.observe.deadline import Share, of_a_processor

NO_BROWSER = Message("no browser is installed")
INSTALL = Message(
    "install one: on Debian `sudo apt install chromium`, elsewhere Chrome, Edge or Chromium"
)
# The headless shell first: it needs under half the CPU and memory of the whole browser (measured).
_NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "msedge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
_OWN = (  # what Playwright downloads
    "chromium_headless_shell-*/chrome-*/*headless*shell*",
    "chromium-*/chrome-*/chrome",
)
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--run-all-compositor-stages-before-draw",  # no picture of a screen that is only half drawn
    # What moves is painted where it is laid out: else the compositor goes by a clock of its own.
    "--disable-threaded-animation",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--disable-print-preview",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-hang-monitor",
    "--block-new-web-contents",  # a window is noted when it is asked for; it need not open
    "--disable-prompt-on-repost",
    "--disable-dev-shm-usage",
    "--deny-permission-prompts",
    "--password-store=basic",
    "--use-mock-keychain",
    "--hide-scrollbars",
    "--mute-audio",
    "--lang=zh-CN",
    # A page nobody looks at is painted as if somebody did.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    # Not a mark of a robot: Chromium's own switch.
    "--disable-blink-features=AutomationControlled",
    # A page and its frames share a process, so that one snapshot shows all of them.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,BackForwardCache,PaintHolding,Translate,MediaRouter,"
    "OptimizationHints,AcceptCHFrame",
    # Undeclared UTF-8 is read as such, or words of gateways would not be known; GBK is detected.
    # A visitor has a mouse: else what style sheets ask of it, (hover: hover), is never so.
    "--blink-settings=defaultTextEncodingName=UTF-8,availablePointerTypes=4,primaryPointerType=4,"
    "availableHoverTypes=2,primaryHoverType=2",
    "--js-flags=--max-old-space-size=1024",  # MB a page: one that eats memory dies alone
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
TABS, MOST_TABS = 3, 16
"""Looks at once for each processor, for some of them wait; and at most, for the memory's sake."""
PAGES_A_BROWSER = 100
MAX_RESIDENT, WATCH_SECONDS = 1 << 30, 0.25
"""Bytes of memory of each process, and how often they are looked at: what pages share with the
browser, such as pictures unpacked to be painted, is in no limit of the system.
"""


def find_browser(environment: Mapping[str, str]) -> Path | None:
    """The browser to use: YCAUDIT_BROWSER, else the cheapest that is installed; None if none is.

    Raises AuditError where YCAUDIT_BROWSER names no program.
    """
    if named := environment.get("YCAUDIT_BROWSER"):
        path = shutil.which(named)
        if path is None:
            raise AuditError("YCAUDIT_BROWSER={0}: no such program", named)
        return Path(path)
    for name in _NAMES:
        if path := shutil.which(name):
            return Path(path)
    own = _playwright_folder(environment)
    for pattern in _OWN:
        if found := sorted(p for p in own.glob(pattern) if os.access(p, os.X_OK) and p.is_file()):
            return found[-1]
    return next((Path(place) for place in _PLACES if Path(place).is_file()), None)


def why_no_browser(environment: Mapping[str, str]) -> Message | None:
    """What is missing for the browser observer, in a sentence with the remedy; None if nothing."""
    if find_browser(environment) is None:
        return Message("no browser is installed; {0}", INSTALL)
    return None


def _playwright_folder(environment: Mapping[str, str]) -> Path:
    if given := environment.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(given)
    try:
        home = Path.home()
    except RuntimeError:  # an account without a folder, as containers have them
        home = Path("/")
    match sys.platform:
        case "darwin":
            return home / "Library/Caches/ms-playwright"
        case "win32":
            return home / "AppData/Local/ms-playwright"
        case _:
            return home / ".cache/ms-playwright"


@dataclass(slots=True, eq=False)
class Browser:
    """A running browser, and who listens to what happens in each of its contexts."""

    connection: Connection
    version: str
    """Of Chromium, all four numbers."""
    family: Family
    """Its processes: the proxy serves nobody else."""
    listeners: dict[str, Event] = field(default_factory=dict)
    tabs: set[str] = field(default_factory=set)
    """The tabs that visits have opened; all others are windows of pages."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while such a tab is made: only then its name is known, after it was told of."""
    pages: int = 0
    in_use: int = 0

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self.connection.is_gone

    def pass_on(self, name: str, params: dict[str, Any]) -> None:
        """Tell what happened to a page, a pop-up window included, to the visit that opened it."""
        context = params.get("targetInfo", {}).get("browserContextId")
        for of, event in tuple(self.listeners.items()):
            if of == context or "targetInfo" not in params:
                event(name, params)


class BrowserPool:
    """One browser for all looks, of which a few go on at once; a dead or worn one is replaced."""

    def __init__(self, executable: Path, *, processors: int) -> None:
        self._executable = executable
        self._processors = processors
        self._processes = Processes()
        self._gate = asyncio.Semaphore(min(MOST_TABS, TABS * processors))
        self._looks = 0
        self._turn = asyncio.Lock()
        self._current: Browser | None = None
        self._all: dict[Browser, tempfile.TemporaryDirectory[str]] = {}
        self._watch: asyncio.Task[None] | None = None
        self.ended = 0
        """How often processes were ended because they held too much memory."""

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Share]:
        """Wait until there is room for one more look; its share of the processors."""
        async with self._gate:
            self._looks += 1
            try:
                yield lambda: min(of_a_processor(), self._processors / self._looks)
            finally:
                self._looks -= 1

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A running browser, for one visit."""
        browser = await self._running()
        browser.pages += 1
        browser.in_use += 1
        try:
            yield browser
        finally:
            browser.in_use -= 1
            await self._retire()

    async def aclose(self) -> None:
        """Close every browser."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        for browser in tuple(self._all):
            await self._close(browser)

    async def _watch_memory(self) -> None:
        """End what holds too much, which costs its page, before it costs the machine."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for browser in tuple(self._all):
                self.ended += browser.family.end_larger_than(MAX_RESIDENT)

    async def _running(self) -> Browser:
        async with self._turn:
            current = self._current
            if current is None or current.is_gone or current.pages >= PAGES_A_BROWSER:
                current = self._current = await self._launch()
            return current

    async def _retire(self) -> None:
        """Close a worn browser once no visit uses it."""
        for browser in tuple(self._all):
            if browser.is_gone or (browser is not self._current and not browser.in_use):
                await self._close(browser)

    async def _close(self, browser: Browser) -> None:
        folder = self._all.pop(browser, None)
        await browser.connection.aclose()
        if folder is not None:
            await asyncio.to_thread(folder.cleanup)

    async def _launch(self) -> Browser:
        folder = tempfile.TemporaryDirectory(prefix="ycaudit-", ignore_cleanup_errors=True)
        # Chromium's own sandbox cannot start as root; pages then still run in renderer processes.
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        connection = launch(
            (
                str(self._executable),
                *_FLAGS,
                *(("--no-sandbox",) if as_root else ()),
                f"--user-data-dir={folder.name}",
                "about:blank",
            )
        )
        try:
            found = await connection.send("Browser.getVersion")
            version = str(found["product"]).rpartition("/")[2]
            browser = Browser(connection, version, Family(connection.process.pid, self._processes))
            connection.listen(None, browser.pass_on)
            await connection.send("Target.setDiscoverTargets", discover=True)
        except BaseException:
            await connection.aclose()
            folder.cleanup()
            raise
        self._all[browser] = folder
        if self._watch is None:
            self._watch = asyncio.create_task(self._watch_memory())
        return browser
