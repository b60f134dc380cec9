"""A look at what a bare page shows for a while: boxes that close by themselves, and a page that
sends its visitor on."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.mosaic import Change
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tries import FIRST_MS, SPLASH_MS
from ycaudit.observe.challenges import stands_in
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import host_of, same_page


class EarlyLook:
    """What is seen while it is not yet known whether a page sends its visitor on.

    It only ever adds: of a page that does not come again, or as another, nothing is taken in.
    """

    def __init__(self, unit: Unit, sight: Sight, hands: Hands, steps: int) -> None:
        """`steps`: how often the page was waited for, SPLASH_MS each, before it was looked at."""
        self._unit = unit
        self._sight = sight
        self._hands = hands
        self._steps = steps

    async def look(self) -> AsyncIterator[None]:
        """Load the page anew and watch it meanwhile; what nobody waited for was seen at once."""
        if not self._steps:
            return
        url = self._hands.dom.main.url
        if not await self._goes_to(self._unit.target.url):
            return
        is_other = not same_page(self._hands.dom.main.url, url)
        if is_other and host_of(self._hands.dom.main.url) not in self._hosts(url):
            return
        await self._hands.tab.stay()
        for step in range(self._steps):
            seconds = (FIRST_MS + step * SPLASH_MS) / 1000
            if await self._sight.collect(Reason.of("state_waited", seconds=seconds), Change.TIME):
                yield
            await self._hands.tab.advance(SPLASH_MS)
            if self._hands.tab.departures.take():
                break
            await self._hands.tab.frame()
        if is_other:  # the picture at the end is of the page on which the visitor stays
            await self._goes_to(url)

    async def _goes_to(self, url: str) -> bool:
        """Whether a page came that is not refused by now."""
        try:
            failed = await self._hands.tab.leave(url)
        except TimeoutError:
            return False
        await self._hands.tab.arrive(FIRST_MS)
        dom = await self._hands.look()
        return not failed and stands_in(dom.text) is None

    def _hosts(self, url: str) -> set[str]:
        """Whose pages are the unit's own, as it sends its visitors to this address."""
        return {host_of(self._unit.target.url), host_of(url)}
