"""What moves on a page: animations that end, and those that go round without end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from math import ceil
from typing import Any

from ycaudit.observe.browser.devtools import CommandError

STRIDE_MS, MAX_MOVING_MS = 250, 5000
"""How far the page's clock runs on while something moves, before a frame is painted, and how long
that is done."""
ENDLESS_ROUNDS, MAX_ENDLESS, HALFWAY = 5, 60, 0.5
MAX_RESTS, MAX_ENDS = 4, 12


class Animations:
    """The animations of a page."""

    def __init__(self, send: Callable[..., Awaitable[dict[str, Any]]]) -> None:
        self._send = send
        self.rest = HALFWAY
        """The share of its round at which what goes round without end stands still."""
        self.until = 0.0
        """When on the page's clock the last that ends will be over."""
        self._endless: dict[str, tuple[float, float, int]] = {}
        """Those that go round without end: how long they wait, and how long they go one way, ms;
        2 where they go back then, else 1."""
        self._unturned: list[str] = []
        """Those that were seen at one share of their round only."""

    def note(self, animation: dict[str, Any], now: float) -> str | None:
        """Note one that begins now; its number if it goes round without end."""
        source = animation.get("source") or {}
        # The protocol's JSON knows no infinity: an endless one has no number of rounds.
        rounds = float(source.get("iterations") or ENDLESS_ROUNDS)
        delay, duration = float(source.get("delay") or 0), float(source.get("duration") or 0)
        if rounds < ENDLESS_ROUNDS:
            lasts = min(delay + rounds * duration + STRIDE_MS, MAX_MOVING_MS)
            self.until = max(self.until, now + lasts)
        elif duration and len(self._endless) < MAX_ENDLESS:
            number = str(animation["id"])
            goes_back = str(source.get("direction", "")).startswith("alternate")
            self._endless[number] = delay, duration, 2 if goes_back else 1
            self._unturned.append(number)
            return number
        return None

    @property
    def are_endless(self) -> bool:
        """Whether something goes round without end, such as slides."""
        return bool(self._endless)

    def choose_rests(self, shown: Mapping[float, frozenset[int]]) -> list[float]:
        """Shares of a round at which, together, all is shown that is at any, the fullest first; the
        first is where it rests from now on. `shown`: the places that are, by the share."""
        left = dict(shown)
        rests: list[float] = []
        seen = frozenset[int]()
        while left and len(rests) < MAX_RESTS:
            best = max(left, key=lambda share: (len(left[share] - seen), -abs(share - self.rest)))
            if rests and left[best] <= seen:
                break
            rests.append(best)
            seen |= left.pop(best)
        self.rest = rests[0] if rests else self.rest
        return rests

    def take_unturned(self) -> list[str]:
        """Those that have begun since this was asked last."""
        found, self._unturned = self._unturned, []
        return found

    def ends(self, numbers: Iterable[str] | None = None) -> list[float]:
        """Shares of their rounds at which these are where they begin, or turn back: there, most of
        them stand still for a visitor, too. All by default."""
        rounds = (self._endless[n] for n in (self._endless if numbers is None else numbers))
        found = (
            round((delay + way * duration) / (ways * duration) % 1, 4)
            for delay, duration, ways in rounds
            for way in range(ways)
        )
        return list(dict.fromkeys(found))[:MAX_ENDS]

    async def turn(self, share: float, numbers: Iterable[str] | None = None) -> None:
        """Show what goes round without end at this share of its round; it never goes by itself.

        `numbers`: which; all by default.
        """
        for number in tuple(self._endless if numbers is None else numbers):
            with suppress(CommandError):  # it has ended
                await self.stop_at(number, share)

    async def stop_at(self, number: str, share: float) -> None:
        """Have one that goes round without end stand still at this share of the rounds of those
        that began with it and take as long: slides wait, each longer than the one before."""
        delay, duration, ways = self._endless[number]
        period = ways * duration
        await self._send("Animation.setPaused", animations=[number], paused=True)
        at = (ceil(max(0, delay) / period) + 1 + share) * period
        await self._send("Animation.seekAnimations", animations=[number], currentTime=at)
