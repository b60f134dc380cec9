"""Tests that need an installed Chromium."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.browser.chromium import find_browser, why_no_browser
from ycaudit.observe.browser.observer import BrowserObserver
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.runs.evidence import EvidenceStore

NO_BROWSER = why_no_browser(os.environ)


needs_browser = pytest.mark.skipif(NO_BROWSER is not None, reason=NO_BROWSER or "")


DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
in_every_scheme = pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        (DESKTOP, "light"),
        (PHONE, "dark"),
        pytest.param(DESKTOP, "dark", marks=pytest.mark.series),
        pytest.param(PHONE, "light", marks=pytest.mark.series),
    ],
    ids=["desktop", "dark phone", "dark desktop", "phone"],
)
"""Of a page: as a desk and a phone show it, light and dark; two of the four with `--whole`."""


@asynccontextmanager
async def browser_observer(
    options: Options, evidence: EvidenceStore | None = None
) -> AsyncIterator[BrowserObserver]:
    """The observer with what it works with, until the block ends."""
    threads = Threads(1)
    tools = Tools(
        Fetcher(options),
        Decoder(threads),
        threads,
        lambda: datetime.now(UTC),
        evidence=evidence,
        browser=find_browser(os.environ),
    )
    observer = BrowserObserver(tools)
    try:
        yield observer
    finally:
        await observer.aclose()
        tools.close()


def chromium_processes(kind: bytes) -> list[int]:
    """The processes of Chromium below this one with such a `--type`; empty: the browser itself."""
    mine, found = {os.getpid()}, []
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda p: int(p.name)):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent in mine:
            mine.add(int(folder.name))
            is_browser = b"--headless" in command and b"--type=" not in command
            if (b"--type=" + kind in command) if kind else is_browser:
                found.append(int(folder.name))
    return found
