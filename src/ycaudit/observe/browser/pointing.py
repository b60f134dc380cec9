"""Pointing at one thing after the other, and what that opens."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ycaudit.observe.browser.clicks import Clicks
from ycaudit.observe.browser.covers import in_the_way
from ycaudit.observe.browser.depths import Depths
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import SCROLLED, STEP_MS, Sight
from ycaudit.observe.browser.stands import Stands
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import HOVER_MS, Tries
from ycaudit.observe.browser.ways import Step, Way, handler
from ycaudit.reasons import Reason

MAX_HOVERS, MAX_ROUNDS = 300, 4
MAX_WORDS = 300
"""Characters around a thing by which it is told from another in its place."""
MAX_WAITS, WAIT_MS = 8, 1500
"""How often it is waited until what moves over a thing has moved on."""


class Pointing:
    """What a visitor points at, and goes on to from there."""

    def __init__(
        self,
        tries: Tries,
        depths: Depths,
        rest: Rest,
        stands: Stands,
        clicks: Clicks,
        sight: Sight,
        hands: Hands,
    ) -> None:
        self.places: set[int] = set()
        """Of what was pointed at."""
        self._tries = tries
        self._depths = depths
        self._rest = rest
        self._stands = stands
        self._clicks = clicks
        self._sight = sight
        self._hands = hands
        self._tab = hands.tab

    async def point_at_all(self) -> AsyncIterator[None]:
        """Point at what may open something."""
        await self._tries.uncover(self._clicks.click)
        await self._tries.learn_rules()
        await self._hands.scroll_to(self._hands.dom.height)
        await self._tab.frame()
        await self._sight.collect(SCROLLED)
        self._stands.note_seen()
        await self._hands.scroll_to(0)
        await self._tab.frame()
        await self._tab.advance(STEP_MS)
        await self._hands.look()
        self._rest.note()
        self._stands.find()
        async for _ in self._stands.take():
            found = await self._stands.here(self._tries.pointable, self.places)
            put_off, missed = set[int](), list[Opener]()
            async for _ in self._each(self._tries.first(found, MAX_HOVERS), put_off, missed):
                yield
            for _ in range(MAX_ROUNDS):
                if not missed:
                    break
                # Pointing at others has hidden it for good, as tabs do.
                again = await self._rest.find_again(missed, self._tries.pointable)
                before, missed = len(missed), []
                async for _ in self._each(again, put_off, missed):
                    yield
                if len(missed) >= before:
                    break

    async def _each(
        self, todo: list[Opener], put_off: set[int], missed: list[Opener]
    ) -> AsyncIterator[None]:
        """Point at each; what is not there any more, or stands among other words now, is added to
        `missed`.

        `put_off`: the places of what something lay over once, and which comes last.
        """
        said = {opener.place: self._words_around(opener) for opener in todo}
        while todo:
            opener = todo.pop(0)
            await self._tries.take_stand()
            node = self._hands.dom.again(opener.node, opener.place)
            boxes = await self._hands.bring(node, middle=not self._tries.stand) if node else []
            if node is None or not boxes:
                missed.append(opener)
                continue
            at = await self._hands.met_here(node) or middle(boxes[0])
            if await self._clicks.clear(node, at) is not None:
                boxes = await self._hands.boxes(node) or boxes
                at = await self._hands.met_here(node) or middle(boxes[0])
            elif opener.place in put_off:
                await self._wait_for(node, at)
                at = await self._hands.met_here(node) or at
            elif await self._is_covered(node, at):
                put_off.add(opener.place)  # what lies over it may have moved on by then
                todo.append(opener)
                continue
            if said.get(opener.place) != self._words_around(opener):
                missed.append(opener)
            self.places.add(opener.place)
            state = Reason.of("state_hover", name=opener.caption)
            async for _ in self.point_and_on(opener, at, state):
                yield
            if todo and await self._rest.is_spoiled():
                todo = await self._rest.find_again(todo, self._tries.pointable)

    async def _is_covered(self, node: Node, at: Point) -> bool:
        """Whether something else that floats lies there."""
        return await in_the_way(self._tab, self._hands.dom, node, at) is not None

    async def _wait_for(self, node: Node, at: Point) -> None:
        """Stay until what moves over a thing has moved on; under the mouse such things stop."""
        await self._tab.point_away()
        for _ in range(MAX_WAITS):
            if not await self._is_covered(node, at):
                return
            await self._tab.advance(WAIT_MS)
            await self._hands.look()

    def _words_around(self, opener: Opener) -> str | None:
        """What stands around a thing, but for what changes by itself; None where it is not there,
        or stands on the page itself."""
        dom = self._hands.dom
        node = dom.again(opener.node, opener.place)
        around = node.parent.parent if node is not None and node.parent else None
        if around is None or around.name in ("body", "html"):
            return None
        leave = self._tries.changing | self._tries.restless
        texts = (n for n in around.down() if n.name == "#text" and n.place not in leave)
        return " ".join(n.key[1] for n in texts if dom.is_shown(n))[:MAX_WORDS]

    async def point_and_on(self, opener: Opener, at: Point, state: Reason) -> AsyncIterator[None]:
        """Point at it, and go on with what that shows."""
        before = self._hands.dom
        node = before.again(opener.node, opener.place)
        if node is None:
            return
        way = Way((Step(is_click=False, place=node.place),), handler(node, opener.caption), state)
        with self._depths.back.on(way):
            has_shown = await self._tries.point(opener, at, state)
        if has_shown:
            yield
        async for _ in self._depths.go_on(before, way):
            yield
        if has_shown:  # what it has brought may keep the next from showing anything
            await self._tab.point_away()
            await self._tab.advance(HOVER_MS)
