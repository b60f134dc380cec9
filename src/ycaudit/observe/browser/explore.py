"""All that a visitor tries on a page: scrolls, waits, points, chooses, clicks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import islice

from ycaudit.model import Sense
from ycaudit.observe import Doubts
from ycaudit.observe.browser.clicks import Clicks
from ycaudit.observe.browser.closer import CloserLook
from ycaudit.observe.browser.depths import Depths
from ycaudit.observe.browser.early import EarlyLook
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.links import Links
from ycaudit.observe.browser.mosaic import Change
from ycaudit.observe.browser.offers import is_drawn
from ycaudit.observe.browser.openers import MAX_CAPTION, Opener
from ycaudit.observe.browser.passing import Passing
from ycaudit.observe.browser.pointing import Pointing
from ycaudit.observe.browser.rest import Rest
from ycaudit.observe.browser.sight import MAX_SCREENS, OVERLAP, SCREEN, SCROLLED, STEP_MS, Sight
from ycaudit.observe.browser.stands import Stands
from ycaudit.observe.browser.tab import LIVE_SECONDS
from ycaudit.observe.browser.tries import HOVER_MS, Tries
from ycaudit.observe.browser.ways import Step, Way, handler
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

CLOCK_MS = (1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000, 5000, 5000, 10_000)
"""How long a visitor stays on the page, in steps: half a minute."""
LONG_MS = 5000
"""What has not changed by itself for so long does so no more."""
END_MS = 1500
"""How long a visitor waits at the end of a page for more of it."""
MAX_CLICKS, MAX_FOCUSES, MAX_SCROLLED = 150, 40, 20
MAX_FIRST, MAX_BOXES = 30, 40
"""Things that are clicked before anything else, and boxes that are ticked."""
AROUND_BOX = 4
"""Levels around a box within which what waits for it stands."""
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
        self._depths = Depths(doubts, self._tries, hands, sight)
        self._closer = CloserLook(unit, sight, hands)
        self._early = EarlyLook(unit, sight, hands, splash_steps)
        self._rest = Rest(self._tries, hands, self._scrolled, untried)
        self._clicks = Clicks(
            self._tries, self._depths, self._rest, sight, hands, self._scroll_through
        )
        self._stands = Stands(self._tries, self._rest, sight, hands)
        self._pointing = Pointing(
            self._tries, self._depths, self._rest, self._stands, self._clicks, sight, hands
        )
        self._passing = Passing(self._tries, self._rest, self._pointing, self._clicks, sight, hands)

    @property
    def stages(self) -> tuple[Callable[[], AsyncIterator[None]], ...]:
        """From the cheapest to the dearest; each stops where its caller does."""
        return (
            self._scroll_through,
            self._let_time_pass,
            self._turn_round,
            self._scroll_boxes,
            self._pointing.point_at_all,
            self._focus_things,
            self._choose_options,
            self._click_things,
            self._passing.turn_panes,
            self._passing.turn_boxes,
            self._click_first,
            self._tick_boxes,
            self._passing.catch,
            self._wait_for_workers,
            self._ask_rest,
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
                self._stands.note_seen()
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
            if self._tab.is_pointing:  # at a link that was tried: what is there may stand still
                await self._rest.leave_alone()
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
        first, *self._passing.rounds = self._tab.animations.choose_rests(shown)
        await self._tab.animations.turn(first)

    async def _scroll_boxes(self) -> AsyncIterator[None]:
        """Scroll what scrolls by itself to its end."""
        if await self._tries.scrollable():
            await self._tries.uncover(self._clicks.click)
        for node in self._tries.first(await self._tries.scrollable(), MAX_SCROLLED):
            await self._tries.scroll_box(node, Reason.of("state_box_scrolled"))
            yield

    async def _focus_things(self) -> AsyncIterator[None]:
        """Give the focus to what listens for it."""
        await self._rest.restore()
        tried = set[int]()
        async for _ in self._stands.take():
            found = await self._stands.here(self._tries.focusable, tried)
            for opener in self._tries.first(found, MAX_FOCUSES):
                tried.add(opener.place)
                await self._tries.take_stand()
                before, still = self._hands.dom, await self._tab.paints()
                node = before.again(opener.node, opener.place)
                if node is not None and await self._tab.focus(node.id):
                    await self._tab.advance(HOVER_MS)
                    state = Reason.of("state_focus", name=opener.caption)
                    # A click gives it the focus again.
                    way = Way(
                        (Step(is_click=True, place=node.place),),
                        handler(node, opener.caption),
                        state,
                    )
                    with self._depths.back.on(way):
                        has_shown = await self._tries.shows(state, still)
                    if has_shown:
                        yield
                    async for _ in self._depths.go_on(before, way):
                        yield

    async def _choose_options(self) -> AsyncIterator[None]:
        """Choose each option of each list, by keys, and see where it leads."""
        await self._rest.restore()
        known = frozenset[int]()
        async for _ in self._stands.take():
            offered = self._hands.dom.places
            async for _ in self._tries.choose(known):
                yield
            known |= offered

    async def _click_things(self) -> AsyncIterator[None]:
        """Click what does something; what a click has opened is clicked, too."""
        await self._rest.restore()
        async for _ in self._stands.take():
            found = await self._stands.here(self._tries.clickable, self._clicks.places)
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

    async def _click_first(self) -> AsyncIterator[None]:
        """Click what another has perhaps kept from showing anything before anything else."""
        clicked = self._depths.clicked
        named, idle = clicked.named, clicked.idle
        for way in self._tries.first([*named.values()], MAX_FIRST):
            async for _ in self._depths.go_anew(way):
                yield
        # Of what is called otherwise, most does nothing on a fresh page either.
        for way in islice((w for steps, w in idle.items() if steps not in named), MAX_FIRST):
            if not self._tries.may_chance:
                break
            async for _ in self._depths.go_anew(way, is_bonus=True):
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
                state = Reason.of("state_click", name=self._hands.dom.nearby(node)[:MAX_CAPTION])
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

    async def _wait_for_workers(self) -> AsyncIterator[None]:
        """Workers and sockets have clocks of their own."""
        while await self._tab.is_lively():
            await self._tab.rest()
            await self._tab.advance(STEP_MS)
            if await self._sight.collect(Reason.of("state_waited", seconds=LIVE_SECONDS)):
                yield

    async def _ask_rest(self) -> AsyncIterator[None]:
        """Pages of the own site like others that send nobody on may do so all the same."""
        if Sense.LINK in self._doubts():
            await self._links.ask_rest()
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
