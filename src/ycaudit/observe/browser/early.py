"""A look at what a bare page shows for a while and takes away: boxes that close by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.mosaic import Change
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tries import FIRST_MS, SPLASH_MS
from ycaudit.observe.challenges import stands_in
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.url import same_page


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
        tab, url = self._hands.tab, self._hands.dom.main.url
        try:
            failed = await tab.leave(self._unit.target.url)
        except TimeoutError:
            return
        await tab.arrive(FIRST_MS)
        # What has sent its visitor on, or is refused by now, is another page than was seen.
        dom = await self._hands.look()
        if failed or not same_page(dom.main.url, url) or stands_in(dom.text):
            return
        await tab.stay()
        for step in range(self._steps):
            seconds = (FIRST_MS + step * SPLASH_MS) / 1000
            if await self._sight.collect(Reason.of("state_waited", seconds=seconds), Change.TIME):
                yield
            await tab.advance(SPLASH_MS)
            await tab.frame()
