"""What is there only for a while, or on a later pane: it is tried while it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Iterable, Iterator

from ycaudit.observe.browser.clicks import Clicks
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.mosaic import Change, differ
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.pointing import Pointing
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import OVERLAP, SCREEN, SCROLLED, STEP_MS, Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import PANE, Tries
from ycaudit.observe.browser.ways import without_query
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason

PASSES, PASS_MS = 14, 450
"""Moments at which what comes by, such as a slide, is met: six seconds of the page's clock."""
MAX_FRESH = 80
"""Things that come by, or stand on later panes, and are pointed at or clicked there."""
MAX_AGAIN = 60
"""Of those that come to a place where others were tried, as the lines of a ticker do: what is left
is of the kind of what was tried."""
MIDDLE = WINDOW[0] / 2, SCREEN / 2
"""Of the screen."""
MAX_PANES, PANE_MS = 40, 1500
"""Panes that the wheel turns, and how long such a turn may take."""


class Passing:
    """What comes by itself, or pane by pane, is pointed at and clicked as it comes."""

    def __init__(
        self,
        tries: Tries,
        rest: Rest,
        pointing: Pointing,
        clicks: Clicks,
        sight: Sight,
        hands: Hands,
    ) -> None:
        self.rounds: list[float] = []
        """Where else what goes round without end shows something of its own."""
        self._tries = tries
        self._rest = rest
        self._pointing = pointing
        self._clicks = clicks
        self._sight = sight
        self._links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._left = MAX_FRESH
        self._again_left = MAX_AGAIN
        self._passed: set[tuple[str, bool]] = set()
        """What was tried as it came by: how it looks, and whether it was clicked."""

    async def catch(self) -> AsyncIterator[None]:
        """Where something comes and goes by itself: point at and click what was never there."""
        for share in self.rounds:
            await self._rest.restore()
            await self._tab.animations.turn(share)
            await self._tab.frame()
            await self._hands.look()
            async for _ in self._try_fresh():
                yield
        if self.rounds:
            await self._tab.animations.turn(self._tab.animations.rest)
        if self._tries.is_still:
            return
        last = PASSES
        for number in range(2 * PASSES):
            if number == last:
                return
            await self._tab.point_away()  # under the mouse such things stand still
            await self._tab.advance(PASS_MS)
            await self._tab.frame()
            state = Reason.of("state_turned")
            has_opened = last > PASSES  # which may itself have gone by, and comes again
            if await self._sight.collect(state, Change.TIME):
                yield
            elif has_opened:
                await self._links.try_all(state)
                await self._sight.texts.try_all(state)
                yield
            async for is_click in self._try_fresh():
                if is_click:
                    last = number + PASSES
                yield

    async def turn_panes(self) -> AsyncIterator[None]:
        """Turn the wheel where a script may answer, since the window does not: pane by pane."""
        if self._hands.dom.height > SCREEN + OVERLAP:
            return
        await self._rest.restore()
        by_itself = await self._moving()
        for number in range(MAX_PANES):
            glance, before = await self._tab.glance(), self._hands.dom
            await self._turn()
            has_moved = self._tries.moved_far(before, await self._hands.look()) - by_itself
            looks_new = self._tries.is_still and differ(glance, await self._tab.glance())
            if not has_moved and not looks_new:
                return
            await self._sight.collect(SCROLLED)
            yield
            there, has_clicked = self._hands.dom.places, False
            async for is_click in self._try_fresh():
                has_clicked = has_clicked or is_click
                yield
            if has_clicked and not await self._comes_back(there, number + 1):
                return
        if self._tries.is_still:
            self._tries.first([self], 0)

    async def turn_boxes(self) -> AsyncIterator[None]:
        """Try what a box shows only while it is scrolled to it, as where slides come into view."""
        for place in self._tries.turned:
            await self._rest.restore()
            node = self._hands.dom.of_place(place)
            at = await self._hands.met(node) if node is not None else None
            if node is None or at is None:
                continue
            turn, by_itself = self._tries.turn_of(node), await self._moving()
            for number in range(MAX_PANES):
                before = self._hands.dom
                await self._turn(at, turn)
                if not self._tries.moved_far(before, await self._hands.look()) - by_itself:
                    break
                there, has_clicked = self._hands.dom.places, False
                async for is_click in self._try_fresh():
                    has_clicked = has_clicked or is_click
                    yield
                if has_clicked and not await self._comes_back(there, number + 1, at, turn):
                    return
            await self._turn(at, -turn * MAX_PANES)
            await self._hands.look()

    async def _moving(self) -> set[int]:
        """The places of what goes up or down without the wheel."""
        before = self._hands.dom
        await self._tab.advance(PANE_MS)
        return self._tries.moved_far(before, await self._hands.look())

    async def _turn(self, at: Point = MIDDLE, down: float = PANE) -> None:
        """Turn the wheel once, and wait until what it brings has come."""
        await self._tab.wheel(at, down)
        await self._tab.frame()
        await self._tab.advance(PANE_MS)
        await self._tab.come_to_rest()

    async def _comes_back(
        self, there: frozenset[int], turns: int, at: Point = MIDDLE, down: float = PANE
    ) -> bool:
        """Be again where this was shown, so many turns from the beginning, if a click has changed
        that; False, and noted, where the page was loaded anew too often for it."""
        if await self._is_as_it_was(there):
            return True
        if not await self._tries.load_anew():
            self._tries.first([self], 0)
            return False
        for _ in range(turns):
            await self._turn(at, down)
        await self._hands.look()
        return True

    async def _is_as_it_was(self, places: frozenset[int]) -> bool:
        """Whether all is shown that was before something was clicked."""
        await self._tab.point_away()
        await self._tab.advance(STEP_MS)
        return places - (await self._hands.look()).places <= self._tries.restless

    async def _try_fresh(self) -> AsyncIterator[bool]:
        """Point at and click what was never there before; whether it was a click."""
        for opener in self._fresh(
            await self._tries.pointable(), self._pointing.places, is_click=False
        ):
            self._pointing.places.add(opener.place)
            node = self._hands.dom.again(opener.node, opener.place)
            if node is not None and (boxes := await self._hands.boxes(node)):
                state = Reason.of("state_hover", name=opener.caption)
                async for _ in self._pointing.point_and_on(opener, middle(boxes[0]), state):
                    yield False
        found = await self._tries.clickable()
        for opener in self._fresh(found, self._clicks.places, is_click=True):
            if await self._clicks.click(opener):
                yield True

    def _fresh(
        self, found: Iterable[Opener], known: Container[int], *, is_click: bool
    ) -> Iterator[Opener]:
        """Those that stand where none was tried; where things come by, under other words, too."""
        dom = self._hands.dom
        moving = self._tries.changing | self._tries.restless

        def looks(opener: Opener) -> str:
            node = dom.of_place(opener.place)
            inner = node.down() if node is not None else ()
            return " ".join((opener.caption, *(without_query(each.key[1]) for each in inner)))

        def comes_by(opener: Opener) -> bool:
            node = dom.of_place(opener.place)
            return node is not None and any(inner.place in moving for inner in node.down())

        everything = {opener: (looks(opener), is_click) for opener in found}
        fresh = [opener for opener in everything if opener.place not in known]
        again = [o for o, key in everything.items() if o.place in known and comes_by(o)]
        again = [opener for opener in again if everything[opener] not in self._passed]
        for opener in self._tries.first(fresh, self._left):
            self._left -= 1
            self._passed.add(everything[opener])
            yield opener
        for opener in again:
            # Of a row that moves up, each stands at every place.
            if self._again_left > 0 and everything[opener] not in self._passed:
                self._again_left -= 1
                self._passed.add(everything[opener])
                yield opener
