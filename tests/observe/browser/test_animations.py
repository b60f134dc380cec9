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


def animation(number: str, **source: object) -> dict[str, Any]:
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


def test_those_without_an_end_are_shown_at_one_moment_of_their_rounds() -> None:
    chromium = Chromium()
    found = Animations(chromium.send)
    assert found.note(animation("1", delay=50, duration=1000), 0) == "1"
    assert found.note(animation("later", delay=3000, duration=1000), 0) == "later"
    assert found.note(animation("2", iterations=1000, duration=200), 0) == "2"
    assert found.note(animation("back", duration=500, direction="alternate"), 0) == "back"
    assert found.note(animation("3", duration=0), 0) is None
    assert found.are_endless and found.until == 0
    asyncio.run(found.turn(0.25))
    rounds = {"1": 1000, "later": 1000, "2": 200, "back": 1000}
    assert {n: chromium.times[n] % rounds[n] / rounds[n] for n in rounds} == dict.fromkeys(
        rounds, 0.25
    )
    assert chromium.times["later"] > 3000


def test_one_that_turns_back_is_also_shown_where_it_does() -> None:
    found = Animations(Chromium().send)
    found.note(animation("1", delay=-7000, duration=8000, direction="alternate"), 0)
    assert found.ends() == [round(9 / 16, 4), round(1 / 16, 4)]
    found.note(animation("2", duration=100), 0)
    assert found.ends(["2"]) == [0]
