"""Where the window is scrolled to for what is shown only while it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from operator import itemgetter

from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tries import Tries

MAX_STANDS = 12
"""Places to which the window is scrolled because something is there only then."""


class Stands:
    """The top of the page, and how far it is to be scrolled for what is not shown there."""

    def __init__(self, tries: Tries, rest: Rest, sight: Sight, hands: Hands) -> None:
        self._tries = tries
        self._rest = rest
        self._sight = sight
        self._hands = hands
        self._seen: list[tuple[float, frozenset[int]]] = []
        """What was shown at first, by how far the window was scrolled."""
        self._stands: list[float] = []

    def note_seen(self) -> None:
        """This is shown where the window stands now, before anything was tried."""
        self._seen.append((self._hands.dom.screen[1], self._hands.dom.places))

    def find(self) -> None:
        """Know the stands, by what was seen at first and is not at rest."""
        self._stands = self._tries.first(self._found(), MAX_STANDS)

    def _found(self) -> list[float]:
        """Where things are shown that are not while the window is at its top, or further down: a
        bar that comes with scrolling, a header that stays, what is revealed where it comes by."""
        if self._sight.screens_left <= 0:
            return []  # a page without end shows something else each time
        known, found = self._rest.places | self._tries.restless, list[float]()
        for y, places in sorted(self._seen, key=itemgetter(0), reverse=True):
            if y and not places <= known:
                known |= places
                found.append(y)
        return found

    async def take(self) -> AsyncIterator[None]:
        """At the top of the page, and then wherever else there is something of its own."""
        yield
        try:
            for stand in self._stands:
                self._tries.stand = stand
                await self._tries.take_stand()
                yield
        finally:
            self._tries.stand = 0.0

    async def here(
        self, find: Callable[[], Awaitable[list[Opener]]], tried: set[int]
    ) -> list[Opener]:
        """What may open something; further down, what is not at the top, and was not tried yet."""
        if not self._tries.stand:
            return await find()
        known = self._rest.places | tried
        found = [opener for opener in await find() if opener.place not in known]
        if found and self._tries.has_clicked:
            await self._rest.restore()
            await self._tries.take_stand()
            found = [opener for opener in await find() if opener.place not in known]
        return found
