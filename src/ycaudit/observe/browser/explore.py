"""All that a visitor tries on a page: scrolls, waits, points, chooses, clicks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterable, Iterator
from itertools import islice
from operator import itemgetter

from ycaudit.model import Box, Sense
from ycaudit.observe import Doubts
from ycaudit.observe.browser.choices import is_drawn
from ycaudit.observe.browser.clicks import Clicks
from ycaudit.observe.browser.closer import CloserLook
from ycaudit.observe.browser.covers import in_the_way
from ycaudit.observe.browser.depths import Depths
from ycaudit.observe.browser.early import EarlyLook
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.links import Links
from ycaudit.observe.browser.mosaic import Change, differ
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import MAX_SCREENS, OVERLAP, SCREEN, SCROLLED, STEP_MS, Sight
from ycaudit.observe.browser.tab import LIVE_SECONDS, Point
from ycaudit.observe.browser.tries import HOVER_MS, PANE, Tries
from ycaudit.observe.browser.ways import Way, handler
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

CLOCK_MS = (1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000, 5000, 5000, 10_000)
"""How long a visitor stays on the page, in steps: half a minute."""
LONG_MS = 5000
"""What has not changed by itself for so long does so no more."""
END_MS = 1500
"""How long a visitor waits at the end of a page for more of it."""
MAX_HOVERS, MAX_CLICKS, MAX_FOCUSES, MAX_SCROLLED = 300, 150, 40, 20
PASSES, PASS_MS = 14, 450
"""Moments at which what comes by, such as a slide, is met: six seconds of the page's clock."""
MAX_WAITS, WAIT_MS = 8, 1500
"""How often it is waited until what moves over a thing has moved on."""
MAX_STANDS = 12
"""Places to which the window is scrolled because something is there only then."""
MAX_FRESH = 80
"""Things that come by, or stand on later panes, and are pointed at or clicked there."""
MAX_FIRST, MAX_BOXES = 30, 40
"""Things that are clicked before anything else, and boxes that are ticked."""
AROUND_BOX = 4
"""Levels around a box within which what waits for it stands."""
MAX_PANES, PANE_MS = 40, 1500
"""Panes that the wheel turns, and how long such a turn may take."""
TURNS = 16
"""Moments of its round at which what moves without end is looked at."""


class Explorer:
    """A visitor who tries everything, until nothing is in doubt."""

    def __init__(
        self,
        unit: Unit,
        sight: Sight,
        hands: Hands,
        doubts: Doubts,
        untried: list[Reason],
        *,
        splash_steps: int,
    ) -> None:
        """What is left out is added to `untried`; `splash_steps` as `EarlyLook` has them."""
        self._sight = sight
        self._links: Links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._doubts = doubts
        self._untried = untried
        self._tries = Tries(unit, sight, hands, doubts, untried)
        self._depths = Depths(unit, self._tries, hands, sight.links)
        self._closer = CloserLook(unit, sight, hands)
        self._early = EarlyLook(unit, sight, hands, splash_steps)
        self._rest = Rest(self._tries, hands, self._scrolled, untried)
        self._clicks = Clicks(
            self._tries, self._depths, self._rest, sight, hands, self._scroll_through
        )
        self._has_pointed: set[int] = set()
        """The places of what was pointed at."""
        self._fresh_left = MAX_FRESH
        self._passed: set[tuple[int, str, bool]] = set()
        """What was tried as it came by: its place, its words, and whether it was clicked."""
        self._rounds: list[float] = []
        """Where else what goes round without end shows something of its own."""
        self._seen: list[tuple[float, frozenset[int]]] = []
        """What was shown at first, by how far the window was scrolled."""
        self._stands: list[float] = []
        """How far it is to be scrolled for what is not shown while it is not."""

    @property
    def stages(self) -> tuple[Callable[[], AsyncIterator[None]], ...]:
        """From the cheapest to the dearest; each stops where its caller does."""
        return (
            self._scroll_through,
            self._let_time_pass,
            self._turn_round,
            self._scroll_boxes,
            self._point_at_things,
            self._focus_things,
            self._choose_options,
            self._click_things,
            self._turn_panes,
            self._click_first,
            self._tick_boxes,
            self._catch_what_passes,
            self._wait_for_workers,
            self._read_files,
            self._look_closer,
            self._early.look,
        )

    async def _scroll_through(self) -> AsyncIterator[None]:
        """Screen by screen to the end of the page, and what comes as the visitor gets there."""
        await self._links.try_left()
        async for y in self._scrolled():
            await self._sight.collect(None if y == 0 else SCROLLED)
            if not self._hands.actions:
                self._tries.shown_at_first |= self._hands.dom.looks
                self._seen.append((self._hands.dom.screen[1], self._hands.dom.places))
            yield
        self._sight.end = self._hands.dom.height

    async def _scrolled(self) -> AsyncIterator[float]:
        """Where the window stands, screen by screen to the end of the page."""
        y, last = 0.0, -1.0
        for _ in range(MAX_SCREENS):
            at = await self._hands.scroll_to(y)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            yield y
            if at <= last:
                break
            last, y = at, at + SCREEN - OVERLAP
            if at + SCREEN >= self._hands.dom.height:
                await self._tab.advance(END_MS)  # more may come, once this end is reached
                await self._tab.frame()
                if at + SCREEN >= (await self._hands.look()).height:
                    break
        else:
            self._untried.append(Reason.of("page_too_long", count=MAX_SCREENS))
            self._sight.screens_left = 0
        await self._hands.scroll_to(0)

    async def _let_time_pass(self) -> AsyncIterator[None]:
        """Stay on the page: what comes by itself."""
        seconds = 0.0
        looks, before, gone = self._hands.dom.looks, self._hands.dom.places, set[int]()
        for step in CLOCK_MS:
            self._tries.is_still = not await self._tries.changes_in(step)
            await self._tab.frame()
            seconds += step / 1000
            self._tab.departures.take()
            state = Reason.of("state_waited", seconds=seconds)
            by = Change.LONG_TIME if step >= LONG_MS else Change.TIME
            if await self._sight.collect(state, by):
                yield
            gone |= before - self._hands.dom.places
            before = self._hands.dom.places
            self._tries.changing |= {n.place for n in self._hands.dom.newly_shown(looks)}
            looks |= self._hands.dom.looks
            self._tries.restless = set() if self._tries.is_still else gone

    async def _turn_round(self) -> AsyncIterator[None]:
        """See what goes round without end at every part of its round."""
        if not self._tab.animations.are_endless:
            return
        shown = {self._tab.animations.rest: self._hands.dom.places}
        for share in (*((n + 0.5) / TURNS for n in range(TURNS)), *self._tab.animations.ends()):
            await self._tab.animations.turn(share)
            await self._tab.frame()
            if await self._sight.collect(Reason.of("state_turned"), Change.TIME):
                yield
            shown[share] = self._hands.dom.places
        self._tab.animations.take_unturned()
        first, *self._rounds = self._tab.animations.choose_rests(shown)
        await self._tab.animations.turn(first)

    async def _scroll_boxes(self) -> AsyncIterator[None]:
        """Scroll what scrolls by itself to its end."""
        if await self._tries.scrollable():
            await self._tries.uncover(self._clicks.click)
        for node in self._tries.first(await self._tries.scrollable(), MAX_SCROLLED):
            await self._tries.scroll_box(node, Reason.of("state_box_scrolled"))
            yield

    async def _point_at_things(self) -> AsyncIterator[None]:
        """Point at what may open something."""
        await self._tries.uncover(self._clicks.click)
        await self._tries.learn_rules()
        await self._hands.scroll_to(self._hands.dom.height)
        await self._tab.frame()
        await self._sight.collect(SCROLLED)
        self._seen.append((self._hands.dom.screen[1], self._hands.dom.places))
        await self._hands.scroll_to(0)
        await self._tab.frame()
        await self._tab.advance(STEP_MS)
        await self._hands.look()
        self._rest.note()
        self._stands = self._tries.first(self._found_stands(), MAX_STANDS)
        async for _ in self._take_stands():
            found = await self._found_here(self._tries.pointable, self._has_pointed)
            todo, put_off = self._tries.first(found, MAX_HOVERS), set[int]()
            while todo:
                opener = todo.pop(0)
                await self._tries.take_stand()
                node = self._hands.dom.again(opener.node, opener.place)
                boxes = await self._hands.bring(node, middle=not self._tries.stand) if node else []
                if node is None or not boxes:
                    continue
                at = middle(boxes[0])
                if await self._clicks.clear(node, at) is not None:
                    boxes = await self._hands.boxes(node) or boxes
                elif opener.place in put_off:
                    await self._wait_for(node, at)
                elif await self._is_covered(node, at):
                    put_off.add(opener.place)  # what lies over it may have moved on by then
                    todo.append(opener)
                    continue
                self._has_pointed.add(opener.place)
                state = Reason.of("state_hover", name=opener.caption)
                async for _ in self._point_and_on(opener, boxes[0], state):
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

    def _found_stands(self) -> list[float]:
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

    async def _take_stands(self) -> AsyncIterator[None]:
        """At the top of the page, and then wherever else there is something of its own."""
        yield
        try:
            for stand in self._stands:
                self._tries.stand = stand
                await self._tries.take_stand()
                yield
        finally:
            self._tries.stand = 0.0

    async def _found_here(
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

    async def _point_and_on(self, opener: Opener, box: Box, state: Reason) -> AsyncIterator[None]:
        """Point at it, and go on with what that shows."""
        before, at = self._hands.dom, middle(box)
        node = before.again(opener.node, opener.place)
        if node is None:
            return
        way = Way(((False, node.place),), handler(node, opener.caption), state)
        with self._depths.on(way):
            has_shown = await self._tries.point(opener, at, state)
        if has_shown:
            yield
        async for _ in self._depths.go_on(before, way):
            yield
        if has_shown:  # what it has brought may keep the next from showing anything
            await self._tab.point_away()
            await self._tab.advance(HOVER_MS)

    async def _focus_things(self) -> AsyncIterator[None]:
        """Give the focus to what listens for it."""
        await self._rest.restore()
        tried = set[int]()
        async for _ in self._take_stands():
            found = await self._found_here(self._tries.focusable, tried)
            for opener in self._tries.first(found, MAX_FOCUSES):
                tried.add(opener.place)
                await self._tries.take_stand()
                before, still = self._hands.dom, await self._tab.paints()
                node = before.again(opener.node, opener.place)
                if node is not None and await self._tab.focus(node.id):
                    await self._tab.advance(HOVER_MS)
                    state = Reason.of("state_focus", name=opener.caption)
                    # A click gives it the focus again.
                    way = Way(((True, node.place),), handler(node, opener.caption), state)
                    with self._depths.on(way):
                        has_shown = await self._tries.shows(state, still)
                    if has_shown:
                        yield
                    async for _ in self._depths.go_on(before, way):
                        yield

    async def _choose_options(self) -> AsyncIterator[None]:
        """Choose each option of each list, by keys, and see where it leads."""
        await self._rest.restore()
        known = frozenset[int]()
        async for _ in self._take_stands():
            offered = self._hands.dom.places
            async for _ in self._tries.choose(known):
                yield
            known |= offered

    async def _click_things(self) -> AsyncIterator[None]:
        """Click what does something; what a click has opened is clicked, too."""
        await self._rest.restore()
        async for _ in self._take_stands():
            found = await self._found_here(self._tries.clickable, self._clicks.places)
            todo = self._tries.first(found, MAX_CLICKS)
            while todo:
                blocked: list[Opener] = []
                for opener in todo:
                    await self._tries.take_stand()
                    if not await self._clicks.click(opener):
                        blocked.append(opener)
                    else:
                        yield
                if not blocked or len(blocked) == len(todo):
                    break
                todo = await self._rest.find_again(blocked, self._tries.clickable)

    async def _catch_what_passes(self) -> AsyncIterator[None]:
        """Where something comes and goes by itself: point at and click what was never there."""
        for share in self._rounds:
            await self._rest.restore()
            await self._tab.animations.turn(share)
            await self._tab.frame()
            await self._hands.look()
            async for _ in self._try_fresh():
                yield
        if self._rounds:
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

    async def _turn_panes(self) -> AsyncIterator[None]:
        """Turn the wheel where a script may answer, since the window does not: pane by pane."""
        if self._hands.dom.height > SCREEN + OVERLAP:
            return
        await self._rest.restore()
        for number in range(MAX_PANES):
            glance, before = await self._tab.glance(), self._hands.dom
            await self._turn()
            has_moved = self._tries.has_moved(before, await self._hands.look())
            looks_new = self._tries.is_still and differ(glance, await self._tab.glance())
            if not has_moved and not looks_new:
                return
            await self._sight.collect(SCROLLED)
            yield
            there, has_clicked = self._hands.dom.places, False
            async for is_click in self._try_fresh():
                has_clicked = has_clicked or is_click
                yield
            if has_clicked and not await self._is_as_it_was(there):
                if not await self._tries.load_anew():
                    self._tries.first([self], 0)
                    return
                for _ in range(number + 1):
                    await self._turn()
                await self._hands.look()
        if self._tries.is_still:
            self._tries.first([self], 0)

    async def _turn(self) -> None:
        """Turn the wheel once, and wait until the pane has come."""
        await self._tab.wheel((WINDOW[0] / 2, SCREEN / 2), PANE)
        await self._tab.frame()
        await self._tab.advance(PANE_MS)
        await self._tab.come_to_rest()

    async def _is_as_it_was(self, places: frozenset[int]) -> bool:
        """Whether all is shown that was before something was clicked."""
        await self._tab.point_away()
        await self._tab.advance(STEP_MS)
        return places - (await self._hands.look()).places <= self._tries.restless

    async def _click_first(self) -> AsyncIterator[None]:
        """Click what another has perhaps kept from showing anything before anything else."""
        clicked = self._depths.clicked
        for way in self._tries.first(clicked.named, MAX_FIRST):
            async for _ in self._depths.go_anew(way):
                yield
        # Of what is called otherwise, most does nothing on a fresh page either.
        for way in clicked.idle[:MAX_FIRST]:
            async for _ in self._depths.go_anew(way):
                yield

    async def _tick_boxes(self) -> AsyncIterator[None]:
        """Tick what is there to be ticked, as where one has to agree first, and try what is around
        it then."""
        dom = self._hands.dom
        boxes = [n for n in dom.nodes if n.kind == "checkbox" and dom.takes_clicks(n)]
        if not boxes or not await self._tries.load_anew():
            return
        for box in self._tries.first(boxes, MAX_BOXES):
            node = self._hands.dom.again(box.id, box.place)
            at = await self._clicks.met(node) if node is not None else None
            if node is not None and at is not None and await is_drawn(self._hands, node, at):
                await self._hands.click(at)
                state = Reason.of("state_click", name=self._hands.dom.nearby(node)[:40])
                if not await self._sight.collect(state):
                    await self._links.try_all(state)
                yield
        around = {o.place for box in boxes for o in islice(box.up(), 1, AROUND_BOX)}
        for opener in await self._tries.clickable():
            node = self._hands.dom.again(opener.node, opener.place)
            if node is None or node.kind in ("checkbox", "radio"):
                continue
            if any(o.place in around for o in node.up()) and await self._clicks.click(opener):
                yield

    async def _try_fresh(self) -> AsyncIterator[bool]:
        """Point at and click what was never there before; whether it was a click."""
        for opener in self._fresh(await self._tries.pointable(), self._has_pointed, is_click=False):
            self._has_pointed.add(opener.place)
            node = self._hands.dom.again(opener.node, opener.place)
            if node is not None and (boxes := await self._hands.boxes(node)):
                state = Reason.of("state_hover", name=opener.caption)
                async for _ in self._point_and_on(opener, boxes[0], state):
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

        def is_fresh(opener: Opener) -> bool:
            if opener.place not in known:
                return True
            node = dom.of_place(opener.place)
            comes_by = node is not None and any(inner.place in moving for inner in node.down())
            return comes_by and (opener.place, opener.caption, is_click) not in self._passed

        fresh = [opener for opener in found if is_fresh(opener)]
        for opener in self._tries.first(fresh, self._fresh_left):
            self._fresh_left -= 1
            self._passed.add((opener.place, opener.caption, is_click))
            yield opener

    async def _wait_for_workers(self) -> AsyncIterator[None]:
        """Workers and sockets have clocks of their own."""
        while await self._tab.is_lively():
            await self._tab.rest()
            await self._tab.advance(STEP_MS)
            if await self._sight.collect(Reason.of("state_waited", seconds=LIVE_SECONDS)):
                yield

    async def _read_files(self) -> AsyncIterator[None]:
        """What the files of the pictures hold: to know where to look closer, never a pass."""
        if Sense.QR_CODE in self._doubts():
            await self._closer.read_files()
            yield

    async def _look_closer(self) -> AsyncIterator[None]:
        """Read each picture that may be a code enlarged, and every screen with all effort."""
        if Sense.QR_CODE not in self._doubts():
            return
        await self._rest.restore()
        await self._tab.point_away()
        await self._hands.look()
        async for _ in self._closer.look():
            yield
