"""Finds an installed Chromium and keeps one of it running, renewed after so many pages."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ycaudit.errors import AuditError
from ycaudit.i18n import Message

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

INSTALL = Message(
    "install one: on Debian `apt install chromium-headless-shell`, "
    "elsewhere Chrome, Edge or Chromium, and `pip install 'ycaudit[browser]'`"
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
_OWN = (  # what Playwright itself downloads
    "chromium_headless_shell-*/chrome-*/*headless*shell*",
    "chromium-*/chrome-*/chrome",
)
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--disable-print-preview",
    "--mute-audio",
    # Undeclared UTF-8 is read as such, or words of gateways would not be known; GBK is detected.
    "--blink-settings=defaultTextEncodingName=UTF-8",
    "--js-flags=--max-old-space-size=1024",  # MB a page: one that eats memory dies alone
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
PAGES_A_BROWSER = 100
LAUNCH_SECONDS = 30.0


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
    try:
        import playwright  # noqa: F401
    except ImportError:
        return Message("no browser driver is installed; {0}", INSTALL)
    if find_browser(environment) is None:
        return Message("no browser is installed; {0}", INSTALL)
    return None


def _playwright_folder(environment: Mapping[str, str]) -> Path:
    if given := environment.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(given)
    home = Path.home()
    match sys.platform:
        case "darwin":
            return home / "Library/Caches/ms-playwright"
        case "win32":
            return home / "AppData/Local/ms-playwright"
        case _:
            return home / ".cache/ms-playwright"


@dataclass(slots=True)
class _Running:
    browser: Browser
    pages: int = 0
    in_use: int = 0


class BrowserPool:
    """One browser for all looks, at most `size` at once; a dead or worn one is replaced."""

    def __init__(self, executable: Path, *, size: int) -> None:
        self._executable = executable
        self._gate = asyncio.Semaphore(size)
        self._turn = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._current: _Running | None = None
        self._all: list[_Running] = []

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until there is room for one more look."""
        async with self._gate:
            yield

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """A running browser, for one visit."""
        running = await self._running()
        running.pages += 1
        running.in_use += 1
        try:
            yield running.browser
        finally:
            running.in_use -= 1
            await self._retire()

    async def aclose(self) -> None:
        """Close every browser and the driver."""
        for running in self._all:
            if running.browser.is_connected():
                await running.browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _running(self) -> _Running:
        async with self._turn:
            current = self._current
            worn = current is None or current.pages >= PAGES_A_BROWSER
            if current is None or worn or not current.browser.is_connected():
                current = self._current = _Running(await self._launch())
                self._all.append(current)
            return current

    async def _retire(self) -> None:
        """Close a worn browser once no visit uses it."""
        for running in tuple(self._all):
            dead = not running.browser.is_connected()
            if (running is not self._current and not running.in_use) or dead:
                self._all.remove(running)
                if not dead:
                    await running.browser.close()

    async def _launch(self) -> Browser:
        if self._playwright is None:
            from playwright.async_api import async_playwright

            self._playwright = await async_playwright().start()
        # Chromium's own sandbox cannot start as root; pages then still run in renderer processes.
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        return await self._playwright.chromium.launch(
            executable_path=self._executable,
            args=list(_FLAGS),
            chromium_sandbox=not as_root,
            timeout=LAUNCH_SECONDS * 1000,
            handle_sigint=False,
            handle_sigterm=False,
        )
