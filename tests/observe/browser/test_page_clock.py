"""The clock of a page, without a browser: what runs it, and what ends it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ycaudit.observe.browser import page_clock
from ycaudit.observe.browser.devtools import GoneError
from ycaudit.observe.browser.page_clock import PageClock


class Chromium:
    """Notes how far it is to let the page's time run, and tells when it has."""

    def __init__(self, *, never: str = "", is_gone: bool = False) -> None:
        self.under_way: set[str] = set()
        self.clock = PageClock(self.send, lambda: self.under_way, seconds=60, patience=1)
        self.asked: list[tuple[str, float]] = []
        self._never, self._is_gone = never, is_gone

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        assert method == "Emulation.setVirtualTimePolicy"
        self.asked.append((params["policy"], params["budget"]))
        if params["policy"] != self._never:
            self.clock.expire(is_gone=self._is_gone)
        return {}


def test_it_runs_as_far_as_it_is_told_and_waits_for_requests() -> None:
    page = Chromium()
    asyncio.run(page.clock.run(300))
    asyncio.run(page.clock.run(50))
    assert page.asked == [
        ("pauseIfNetworkFetchesPending", 300),
        ("pauseIfNetworkFetchesPending", 50),
    ]
    assert page.clock.now == 350


def test_what_is_never_answered_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_clock, "NETWORK_SECONDS", 0.001)
    page = Chromium(never="pauseIfNetworkFetchesPending")

    async def run() -> None:
        await page.clock.run(300)
        await page.clock.run(300)

    asyncio.run(run())
    assert [policy for policy, _ in page.asked] == [
        "pauseIfNetworkFetchesPending",
        "advance",
        "advance",
    ]


def test_what_is_asked_for_later_is_waited_for_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_clock, "NETWORK_SECONDS", 0.001)
    page = Chromium(never="pauseIfNetworkFetchesPending")
    page.under_way = {"a font that never comes"}

    async def answer() -> None:
        page.under_way.discard("a list")

    async def run() -> int:
        await page.clock.run(300)
        before = len(page.asked)
        page.under_way.add("a list")
        asyncio.get_running_loop().call_soon(asyncio.ensure_future, answer())
        await page.clock.run(300)
        return len(page.asked) - before

    assert asyncio.run(run()) > 1
    assert page.under_way == {"a font that never comes"}


def test_a_page_whose_process_has_ended_is_gone() -> None:
    with pytest.raises(GoneError):
        asyncio.run(Chromium(is_gone=True).clock.run(300))
