"""What moves on a page, as Chromium tells of it: what ends is waited for, the rest is turned."""

from __future__ import annotations

import asyncio
from typing import Any

from ycaudit.observe.browser.animations import MAX_MOVING_MS, STRIDE_MS, Animations


class Chromium:
    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        if method == "Animation.seekAnimations":
            self.times |= dict.fromkeys(params["animations"], params["currentTime"])
        return {}


def animation(number: str, **source: float) -> dict[str, Any]:
    return {"id": number, "source": source}


def test_one_that_ends_is_over_after_all_its_rounds() -> None:
    found = Animations(Chromium().send)
    assert found.note(animation("1", iterations=3, delay=100, duration=400), 1000) is None
    assert found.until == 1000 + 100 + 3 * 400 + STRIDE_MS
    found.note(animation("2", iterations=1, duration=10), 1000)
    assert found.until == 1000 + 100 + 3 * 400 + STRIDE_MS
    found.note(animation("3", iterations=1, duration=1e9), 2000)
    assert found.until == 2000 + MAX_MOVING_MS
    assert not found.are_endless


def test_one_without_an_end_is_shown_at_any_share_of_its_round() -> None:
    chromium = Chromium()
    found = Animations(chromium.send)
    assert found.note(animation("1", delay=50, duration=1000), 0) == "1"
    assert found.note(animation("2", iterations=1000, duration=200), 0) == "2"
    assert found.note(animation("3", duration=0), 0) is None
    assert found.are_endless and found.until == 0
    asyncio.run(found.turn(0.25))
    assert chromium.times == {"1": 50 + 250, "2": 50}
