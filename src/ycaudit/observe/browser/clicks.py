"""Clicks on one thing after the other, as long as they bring something."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count

from ycaudit.observe.browser.depths import Depths
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import offers
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.repeats import MAX_REPEATS, Repeats
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import SCREEN, Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import Tries
from ycaudit.observe.browser.ways import Step, Way, handler
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason


class Clicks:
    """What a visitor clicks, and what is in the way of that."""

    def __init__(
        self,
        tries: Tries,
        depths: Depths,
        rest: Rest,
        sight: Sight,
        hands: Hands,
        scroll_through: Callable[[], AsyncIterator[None]],
    ) -> None:
        """`scroll_through` looks at the whole page, as where something large has gone off it."""
        self.places: set[int] = set()
        """Of what was clicked."""
        self._tries = tries
        self._depths = depths
        self._rest = rest
        self._sight = sight
        self._links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._scroll_through = scroll_through

    async def met(self, node: Node) -> Point | None:
        """Where a thing is met, once what lies over it is closed, if something does."""
        if (at := await self._hands.met(node)) is not None:
            return at
        boxes = await self._hands.bring(node)
        return await self.clear(node, middle(boxes[0])) if boxes else None

    async def clear(self, node: Node, at: Point) -> Point | None:
        """Where a thing is met once what lies over it is closed, as a visitor does with a notice
        that is in his way; None where nothing was."""
        before = self._hands.dom
        met = await self._tries.bare(node, at)
        if met is None:
            return None
        self._rest.do_without(before.places - self._hands.dom.places)
        # It may never come again, and has covered other things, too.
        if not await self._sees_what_is_bare(before):
            return met
        found = self._hands.dom.again(node.id, node.place)
        return await self._hands.met(found) if found is not None else None

    async def click(self, opener: Opener) -> bool:
        """Click it and take in what comes of it; False where something lies over it."""
        node = self._hands.dom.again(opener.node, opener.place)
        if node is None or not self._hands.dom.takes_clicks(node):
            return False
        at = await self.met(node)
        node = self._hands.dom.again(opener.node, opener.place)
        if node is None or at is None:
            return False
        self.places.add(opener.place)
        before = self._hands.dom
        await self._click_on(opener, node, at)
        await self._sees_what_is_bare(before)
        return True

    async def _sees_what_is_bare(self, before: Dom) -> bool:
        """Look at the whole page once more if something large is gone from it; whether it was."""
        if not _uncovers(before, self._hands.dom):
            return False
        async for _ in self._scroll_through():
            pass
        return True

    async def _click_on(self, opener: Opener, node: Node, at: Point) -> None:
        """Click it as long as that brings something."""
        lead = handler(node, opener.caption)
        state = Reason.of("state_click", name=opener.caption)
        moved, loads = False, self._tries.loads
        repeats = Repeats(node, self._tries, self._sight, self._hands)
        # It may open what others open, too, and lead elsewhere from there.
        way = Way((Step(is_click=True, place=opener.place),), lead, state)
        first, clicked, has_shown = way, node, False
        for number in count(1):
            way = first.again(repeats.clicks(number))
            still = await self._tab.paints()
            went = await self._tries.click(node, opener, at)
            await self._links.led(went, lead, None)
            now = self._hands.dom
            if went:
                break
            with self._depths.back.on(way):
                shows = await self._tries.shows(state, still)
            has_shown = has_shown or shows
            if late := self._hands.late():
                await self._links.led(late, lead, None)
                break
            if (
                not shows
                and not moved
                and (there := await self._tries.moved(opener, at)) is not None
            ):
                at, moved = there, True
                continue
            await repeats.note_screen()
            brings_more = repeats.brings_more()
            after = self._hands.dom.of_place(opener.place)
            stays = after is not None and await self._hands.met(after) is not None
            fruits = self._depths.fruits
            async for _ in self._depths.go_on(now, way):
                pass
            brings_more = brings_more or repeats.counts_on(self._depths.fruits > fruits)
            if self._tries.loads == loads:
                async for _ in self._tries.choose({offer.node.place for offer in offers(now)}):
                    pass  # what could not be chosen before
            if not brings_more:
                break
            if number == MAX_REPEATS:
                if repeats.may_go_on:
                    self._tries.first([opener], 0)
                break
            again = await self._again(opener, node, loads=loads)
            if again is None and stays:  # what was tried meanwhile lies over it, or has hidden it
                again = await self._again_anew(opener, number)
            if again is None:
                break
            (node, at), loads = again, self._tries.loads
        self._depths.clicked.note(clicked, opener, first, has_shown=has_shown)

    async def _again(self, opener: Opener, node: Node, *, loads: int) -> tuple[Node, Point] | None:
        """A thing as it is now, and where it is met, unless the page was loaded anew since."""
        if self._tries.loads > loads:
            return None
        # Another may have come to its place, as the next card of a pile does.
        node = self._hands.dom.of_place(opener.place) or node
        at = await self._hands.met(node) or await self._tries.uncovered(node)
        return (node, at) if at is not None else None

    async def _again_anew(self, opener: Opener, number: int) -> tuple[Node, Point] | None:
        """A thing after so many clicks on it, on a page loaded anew, and where it is met."""
        if await self._tries.load_anew():
            return await self._tries.redo_clicks(opener.place, number)
        self._tries.first([opener], 0)
        return None


def _uncovers(before: Dom, after: Dom) -> bool:
    """Whether something large is gone that lay over the page."""
    gone = [n for n in before.newly_shown(after.looks) if n.box]
    return any(n.box and n.box[2] * n.box[3] > 0.1 * WINDOW[0] * SCREEN for n in gone) or any(
        outer.css("position") == "fixed" for n in gone for outer in n.up()
    )
