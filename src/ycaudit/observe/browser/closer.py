"""A closer look: at the files of pictures, at each picture enlarged, at all with more effort."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container

from ycaudit.model import Box
from ycaudit.observe.browser import leads
from ycaudit.observe.browser.dom import TINY
from ycaudit.observe.browser.hands import Hands, grown, on_screen
from ycaudit.observe.browser.leads import Graphic
from ycaudit.observe.browser.screens import Screen
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.page_images import labels_of, shortened
from ycaudit.observe.qr.reading import Effort
from ycaudit.rules.judge import Unit

MAX_CLOSER = 60
"""Pictures that are looked at enlarged."""
AROUND = 12
"""CSS pixels that are seen around a picture that is looked at enlarged."""


class CloserLook:
    """What is done for codes that were not read from the screens as they are."""

    def __init__(self, unit: Unit, sight: Sight, hands: Hands) -> None:
        self._unit = unit
        self._sight = sight
        self._hands = hands

    async def read_files(self) -> None:
        """What the files of the pictures hold: to know where to look closer, never a pass."""
        await self._sight.page_images.read(
            self._sight.images.values(), Effort.NORMAL, labels=labels_of(self._unit)
        )

    async def look(self) -> AsyncIterator[None]:
        """Read each picture that may be a code enlarged, and every screen with all effort."""
        held = self._sight.page_images.holders(self._sight.images.values(), self._unit.seeks_code)
        for graphic in self._candidates(held)[:MAX_CLOSER]:
            if boxes := await self._hands.bring(graphic.node, middle=True):
                await self._read_enlarged(boxes[0])
                yield
        await self._sight.painted.read_parts({shortened(src) for src in held}, self._hands.dom)
        yield
        await self._sight.painted.read_thoroughly(self._hands.dom)
        yield

    def _candidates(self, held: Container[str]) -> list[Graphic]:
        found: dict[Box, Graphic] = {}
        for graphic in leads.graphics_of(self._hands.dom):
            if graphic.box is None or min(graphic.box[2:]) < TINY:
                continue
            if not self._hands.dom.is_shown(graphic.node):
                continue
            if graphic.src in held or leads.is_like_a_code(self._hands.dom, graphic):
                found.setdefault(graphic.box, graphic)
        return sorted(found.values(), key=lambda g: g.src not in held)

    async def _read_enlarged(self, box: Box) -> None:
        seen = on_screen(grown(box, AROUND))
        if seen is None or min(seen[2:]) < TINY:
            return
        x, y = await self._hands.tab.place()
        at = round(x + seen[0]), round(y + seen[1])
        png = await self._hands.tab.screenshot((*at, *seen[2:]), scale=2)
        await self._sight.painted.read(Screen(png, at, 2, None), Effort.THOROUGH, self._hands.dom)
