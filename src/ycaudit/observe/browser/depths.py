"""What opens from what has opened, and the ways by which a visitor comes back to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import replace
from itertools import count

from ycaudit.observe import Doubts
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import LIKE_A_CODE, is_of_a_codes_size
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import Choice, Offer, offers
from ycaudit.observe.browser.opened import Alike, Thing, new_places, panes
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.repeats import MAX_REPEATS, Repeats
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import Tries
from ycaudit.observe.browser.way_back import WayBack
from ycaudit.observe.browser.ways import (
    Clicked,
    How,
    News,
    Pane,
    Step,
    Steps,
    Tried,
    Turning,
    Way,
    handler,
)
from ycaudit.reasons import Reason

MAX_DEPTH = 4
"""Of menus within menus, and dialogs within dialogs, below what opened the first."""
MAX_INNER = 100
"""Things to point at, and to click, in what one thing has opened."""
HAND_MS = 500
"""Milliseconds of the page's clock in which nobody gets at anything: what the mouse came by on its
way may have opened, and closes again."""

Looks = frozenset[tuple[int, str]]
"""Places, and what is shown there."""
Inner = Mapping[int, Pane | None]
"""What has opened, by place: with its pane, where only what that says is new."""


class Depths:
    """Menus within menus, dialogs within dialogs."""

    def __init__(self, doubts: Doubts, tries: Tries, hands: Hands, sight: Sight) -> None:
        self.clicked = Clicked(doubts)
        self._doubts = doubts
        self.fruits = 0
        """Tries that have brought a picture or a link."""
        self._tries = tries
        self._hands = hands
        self._tab = hands.tab
        self._sight = sight
        self._links = sight.links
        self.back = WayBack(tries, hands, sight.links)
        self._alike = Alike()
        self._tried_by_choices: set[Tried] = set()
        self._turning: Turning = {}
        self._opened_more = 0
        """How often something has opened from what had opened."""
        self._went_on: dict[tuple[int, Looks], bool] = {}
        """What was done last before what had opened was tried, and what the page showed then;
        whether anything has opened from there."""
        self._behind: list[Looks] = []
        """What the page showed before each step on the way that is tried now."""
        self._is_away = False
        """Whether what was tried again has another pane in the place of that in which it was."""
        sight.links.back = self.back
        tries.choices.go_on = self.go_on_from

    async def go_on(self, before: Dom, way: Way, *, depth: int = 1) -> AsyncIterator[None]:
        """Try what has come up since: menus open menus, and dialogs hold tabs."""
        if depth == 1:
            self._is_away = False
        inner, turned = self._opened(before, way.steps)
        if turned:
            known = self._turning.setdefault(way.steps[-1].place, {})
            known |= {place: known.get(place, News()) | news for place, news in turned.items()}
        is_another = way.pane is not None and way.pane.is_turned_by(
            turned.get(way.pane.place, News())
        )
        # What another tab shows is tried when that is clicked by itself.
        if not (is_another and way.pane and way.pane.is_beside):
            async for _ in self._go_into(inner, before, way, depth):
                yield
        self._is_away = self._is_away or is_another

    async def _go_into(
        self, inner: Inner, before: Dom, way: Way, depth: int
    ) -> AsyncIterator[None]:
        """Try what has opened, unless it is tried elsewhere."""
        if not inner:
            return
        came = self._hands.dom.places
        await self._tab.advance(HAND_MS)
        gone = came - (await self._hands.look()).places
        inner = {place: pane for place, pane in inner.items() if place not in gone}
        last, now = way.steps[-1].place, self._lasting(self._hands.dom)
        if self._is_known(way, now):
            return
        self._behind.append(self._lasting(before))
        self._opened_more += 1
        opened = self._opened_more
        try:
            async for _ in self._try_each(inner, before, way, depth):
                yield
        finally:
            self._behind.pop()
            has_opened = self._went_on.get((last, now), False) or self._opened_more > opened
            self._went_on[last, now] = has_opened

    def _is_known(self, way: Way, now: Looks) -> bool:
        """Whether what is shown now is tried elsewhere: it was there before, or the same step has
        shown it on another way, and nothing has opened from there."""
        # The words around a thing that is tried again may have changed nothing of what it shows.
        has_opened = self._went_on.get((way.steps[-1].place, now), True)
        return now in self._behind or (way.pane is not None and not has_opened)

    async def _try_each(
        self, inner: Inner, before: Dom, way: Way, depth: int
    ) -> AsyncIterator[None]:
        if depth > MAX_DEPTH:
            left = [*await self._tries.pointable(), *await self._tries.clickable()]
            left = [o for o in left if o.place in inner and inner[o.place] is None]
            dom = self._hands.dom
            self._tries.first([opener for opener in left if not way.knows(opener, dom)], 0)
            return
        if way.hovers:  # it goes when the mouse leaves it
            parts = self._click_within, self._point_within, self._unroll_within
        else:
            parts = self._unroll_within, self._point_within, self._click_within
        for part in parts:
            async for _ in part(inner, way, depth):
                yield
            if part == self._unroll_within:  # scrolling may have brought more
                inner = {**self._opened(before, way.steps)[0], **inner}

    async def go_on_from(self, before: Dom, offer: Offer, choice: Choice) -> AsyncGenerator[None]:
        """Try what a choice has brought."""
        step = Step(is_click=True, place=offer.node.place, choice=choice.number)
        lead, steps = handler(offer.node, choice.text), (*self.back.steps, step)
        self.fruits += self._has_brought(before)
        way = Way(steps, lead, choice.state, self._tried_by_choices)
        async for _ in self.go_on(before, way, depth=len(steps)):
            yield

    def _lasting(self, dom: Dom) -> Looks:
        """All that is shown, but for what comes and changes by itself."""
        by_itself = self._tries.restless | self._tries.changing
        return frozenset(key for key in dom.looks if key[0] not in by_itself)

    def _opened(self, before: Dom, steps: Steps) -> tuple[Inner, dict[int, News]]:
        """The places of what has opened since, and does not come with time or with scrolling, with
        what stands in a pane that shows something else now; and the places of such panes with what
        is new in each, be they as at first again."""
        coming = (n for n in self._tries.passing() if n.place not in before.places)
        by_itself = self._tries.restless | self._tries.changing
        by_itself |= {inner.place for node in coming for inner in node.down()}
        known = before.looks | self._tries.shown_at_first
        places = [step.place for step in steps]
        # What only says otherwise has not opened itself.
        found = new_places(known, by_itself, self._hands.dom).difference(places)
        again = panes(before, self._hands.dom, by_itself, places, self._turning)
        inner = {**again, **dict.fromkeys(found, None)} if found else {}
        return inner, {pane.place: pane.news for pane in again.values()}

    async def _unroll_within(self, inner: Inner, way: Way, depth: int) -> AsyncIterator[None]:
        """Scroll and choose in what has opened."""
        here = self._hands.dom
        lists = {offer.node.place: offer for offer in offers(here)}
        nodes = (*await self._tries.scrollable(), *(offer.node for offer in lists.values()))
        found = [Opener.of(here, node) for node in nodes]
        async for opener, node, _ in self._each(found, inner, way, "unrolled"):
            if offer := lists.get(opener.place):

                async def back(opener: Opener = opener) -> bool:
                    return await self.back.reached(opener, way.steps, here.places) is not None

                pane = inner[opener.place]
                with self.back.on(way):
                    await self._tries.choices.make_each(
                        replace(offer, pane=pane.says if pane else ""), way.state, back
                    )
            else:
                await self._tries.scroll_box(node, way.state)
            yield

    async def _point_within(self, inner: Inner, way: Way, depth: int) -> AsyncIterator[None]:
        found = await self._tries.pointable()
        async for opener, node, at in self._each(found, inner, way, "pointed"):
            before = self._hands.dom
            on = way.then(node, opener.caption, is_click=False, pane=inner[opener.place])
            with self.back.on(on):
                has_shown = await self._tries.point(opener, at, way.state)
            if has_shown:
                self.fruits += self._has_brought(before)
                yield
            async for _ in self.go_on(before, on, depth=depth + 1):
                yield

    async def _click_within(self, inner: Inner, way: Way, depth: int) -> AsyncIterator[None]:
        found = [*await self._tries.clickable(), *await self._tries.focusable()]
        async for opener, node, at in self._each(found, inner, way, "clicked"):
            on = way.then(node, opener.caption, is_click=True, pane=inner[opener.place])
            async for _ in self._click_and_on(opener, node, at, on, way.state, depth + 1):
                yield

    async def _click_and_on(
        self, opener: Opener, node: Node, at: Point, way: Way, state: Reason, depth: int
    ) -> AsyncIterator[None]:
        """Click it as long as that brings something, and go on with what that shows; it was met in
        this state."""
        repeats = Repeats(node, self._tries, self._sight, self._hands)
        first, clicked, has_shown = way, node, False
        for number in count(1):
            way = first.again(repeats.clicks(number))
            before, still, loads = self._hands.dom, await self._tab.paints(), self._tries.loads
            with self.back.on(way):
                went = await self._tries.click(node, opener, at)
                await self._links.led(went, way.lead, state)
                shows = await self._tries.shows(way.state, still)
                await self._links.led(self._hands.late(), way.lead, state)
            has_shown = has_shown or shows
            if shows:
                self.fruits += self._has_brought(before)
                yield
            await repeats.note_screen()
            fruits = self.fruits
            async for _ in self.go_on(before, way, depth=depth):
                yield
            if went or not shows:
                break
            if self._is_tab(opener, first.pane):
                break  # it is clicked again by itself
            if not repeats.brings_more() and not repeats.counts_on(self.fruits > fruits):
                break
            if number == MAX_REPEATS:
                if repeats.may_go_on:
                    self._tries.first([opener], 0)
                break
            known = before.places
            reached = await self.back.reached(opener, way.steps[:-1], known, is_bonus=True)
            if reached is not None and self._tries.loads > loads:
                reached = await self._tries.redo_clicks(opener.place, number)
            if reached is None:
                break
            node, at = reached
        if first.pane is None or opener.place not in self._turning:
            self.clicked.note(clicked, opener, first, has_shown=has_shown)

    def _has_brought(self, before: Dom) -> bool:
        """Whether a picture that may be a code has come up since."""
        return any(map(is_of_a_codes_size, self._hands.dom.newly_shown(before.looks)))

    async def _each(
        self, among: list[Opener], inner: Inner, way: Way, how: How
    ) -> AsyncIterator[tuple[Opener, Node, Point]]:
        """What stands in what has opened and was not tried on this way, and where it is met."""
        found = [opener for opener in among if opener.place in inner]
        known = self._hands.dom.places
        for opener in self._tries.first(found, MAX_INNER):
            pane = inner[opener.place]
            alike = opener.place, opener.caption, how
            if self._is_tab(opener, pane):
                continue
            with_alike = pane
            if pane is None and opener.caption.isdigit():  # such as the days of a month
                with_alike = Pane(way.steps[-1].place, str(way.steps), News())
            if with_alike and not self._is_worth_trying(alike, with_alike):
                continue
            if not way.is_new(opener, self._hands.dom, how, pane=pane.says if pane else ""):
                continue
            if with_alike and self._alike.is_enough(alike):
                self._tries.first([opener], 0)
                continue
            if self._is_away or self.back.is_replaced(opener):
                self._is_away = False
                await self.back.go_back(way.steps)
            # What was there before was tried by itself, too.
            reached = await self.back.reached(opener, way.steps, known, is_bonus=pane is not None)
            if reached is None:
                continue
            brought = self._links.count + self.fruits
            yield opener, *reached
            if with_alike:
                is_fruitful = self._links.count + self.fruits > brought
                self._alike.note(alike, with_alike, is_fruitful=is_fruitful)

    def _is_tab(self, opener: Opener, pane: Pane | None) -> bool:
        """Whether it shows another pane, as what was clicked beside it did."""
        if pane is None or not pane.is_beside:
            return False
        return pane.is_turned_by(News().union(*self._turning.get(opener.place, {}).values()))

    def _is_worth_trying(self, thing: Thing, pane: Pane) -> bool:
        """Whether it may show something in this pane, too."""
        if self._alike.was_tried(thing, pane):
            return False
        if not self._alike.is_idle(thing, pane) or LIKE_A_CODE.search(thing[1]):
            return True
        return self._doubts().names(pane.says)

    async def go_anew(self, way: Way, *, is_bonus: bool = False) -> AsyncIterator[None]:
        """Go this way before anything else was tried: what was may have changed what it shows.

        What `is_bonus` is not missed.
        """
        if not await self._tries.load_anew():
            if not is_bonus:
                self._tries.first([way], 0)
            return
        *first, last = way.steps
        await self.back.go(first)
        node = self._hands.dom.of_place(last.place)
        if node is None or (at := await self._hands.met(node)) is None:
            return
        opener, anew = Opener(last.place, node.id, way.lead.text, 0), replace(way, tried=set())
        async for _ in self._click_and_on(opener, node, at, anew, way.state, 1):
            yield
