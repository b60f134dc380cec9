"""A look at what a page shows at first and takes away: boxes that close, notices that run out."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.mosaic import Change
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.challenges import stands_in
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import same_page

GLIMPSE_MS = 500
"""What is shown for less nobody can read or click."""


class EarlyLook:
    """What is seen before a page has come to rest, which is when it is looked at first.

    It only ever adds: of a page that does not come again, or as another, nothing is taken in.
    """

    def __init__(self, unit: Unit, sight: Sight, hands: Hands) -> None:
        """Made when the page was looked at first: so long it is watched as it comes again."""
        self._unit = unit
        self._sight = sight
        self._hands = hands
        self._until = hands.tab.now

    async def look(self) -> AsyncIterator[None]:
        """Load the page anew and watch it come."""
        tab, url = self._hands.tab, self._hands.dom.main.url
        began = tab.now
        try:
            failed = await tab.leave(self._unit.target.url)
        except TimeoutError:
            return
        await tab.arrive(GLIMPSE_MS)
        # What sends its visitor on, or is refused the second time, is another page than was seen.
        dom = await self._hands.look()
        if failed or not same_page(dom.main.url, url) or stands_in(dom.text):
            return
        await tab.stay()
        while (passed := tab.now - began) < self._until:
            state = Reason.of("state_waited", seconds=round(passed / 1000, 1))
            if await self._sight.collect(state, Change.TIME):
                yield
            await tab.advance(GLIMPSE_MS)
            await tab.frame()
