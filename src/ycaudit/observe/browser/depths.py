"""What opens from what has opened, and the ways by which a visitor comes back to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from ycaudit.observe import Doubts
from ycaudit.observe.browser import things
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.leads import LIKE_A_CODE, is_of_a_codes_size
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import Choice, Offer, offers
from ycaudit.observe.browser.opened import Alike, Thing, new_places, panes
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.repeats import MAX_REPEATS, Repeats
from ycaudit.observe.browser.sight import Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import Tries
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
from ycaudit.url import parse_web_url

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
        self._steps: Steps = ()
        """How the visitor came to what is open now."""
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
        sight.links.back = self
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
        state = Reason.of("state_chosen", name=choice.text[:40])
        step = Step(is_click=True, place=offer.node.place, choice=choice.number)
        lead, steps = handler(offer.node, choice.text), (*self._steps, step)
        self.fruits += self._has_brought(before)
        way = Way(steps, lead, state, self._tried_by_choices)
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
        found = [Opener(n.place, n.id, here.caption_of(n)[:40], 0) for n in nodes]
        async for opener, node, _ in self._each(found, inner, way, "unrolled"):
            if offer := lists.get(opener.place):

                async def back(opener: Opener = opener) -> bool:
                    return await self._reached(opener, way.steps, here.places) is not None

                pane = inner[opener.place]
                with self.on(way):
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
            with self.on(on):
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
            with self.on(way):
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
            reached = await self._reached(opener, way.steps[:-1], known, is_bonus=True)
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
            if self._is_away or self._is_replaced(opener):
                self._is_away = False
                await self._go_back(way.steps)
            # What was there before was tried by itself, too.
            reached = await self._reached(opener, way.steps, known, is_bonus=pane is not None)
            if reached is None:
                continue
            brought = self._links.count + self.fruits
            yield opener, *reached
            if with_alike:
                is_fruitful = self._links.count + self.fruits > brought
                self._alike.note(alike, with_alike, is_fruitful=is_fruitful)

    def _is_tab(self, opener: Opener, pane: Pane | None) -> bool:
        """Whether it shows another pane, as what was clicked beside it did."""
        news = News().union(*self._turning.get(opener.place, {}).values())
        return pane is not None and pane.is_beside and pane.is_turned_by(news)

    def _is_worth_trying(self, thing: Thing, pane: Pane) -> bool:
        """Whether it may show something in this pane, too."""
        if self._alike.was_tried(thing, pane):
            return False
        if not self._alike.is_idle(thing, pane) or LIKE_A_CODE.search(thing[1]):
            return True
        return self._doubts().names(pane.says)

    @contextmanager
    def on(self, way: Way) -> Iterator[None]:
        """What is shown meanwhile is there by this way."""
        before, self._steps = self._steps, way.steps
        try:
            yield
        finally:
            self._steps = before

    async def reach(self, node: Node, *, anew: bool) -> tuple[Node, Point] | None:
        """A thing that has closed, by the way by which it was shown, and where it is met.

        `anew`: on the page as it was before anything was clicked.
        """
        known = self._hands.dom.places
        if not anew:
            await self._hands.look()
        elif not await self._tries.load_anew():
            return None
        elif any(step.times > 1 for step in self._steps):  # on its first page others stand there
            await self._go(self._steps)
        opener = Opener(node.place, node.id, self._hands.dom.caption_of(node)[:40], 0)
        return await self._reached(opener, self._steps, known)

    async def restore(self, before: Dom) -> None:
        """Have open again, by the way by which it was, what clicks on links have closed since."""
        now = await self._hands.look()
        if not self._steps or before.places - self._tries.restless <= now.places:
            return
        nodes = [now.of_place(step.place) for step in self._steps]
        there = [n for n, node in enumerate(nodes) if node is not None and now.is_shown(node)]
        for step in self._steps[there[-1] :] if there else ():
            await self._redo(step)

    async def _go(self, steps: Iterable[Step]) -> None:
        """Go this way from its beginning."""
        for step in steps:
            for _ in range(step.times):
                await self._redo(step)

    def _is_replaced(self, opener: Opener) -> bool:
        """Whether another thing has come to its place, such as what leads back from an article."""
        dom = self._hands.dom
        node = None if opener.node in dom.by_id else dom.of_place(opener.place)
        return node is not None and dom.caption_of(node)[:40] not in ("", opener.caption)

    async def _go_back(self, steps: Steps) -> None:
        """Have the pane again that is shown on this way."""
        # What turns pages is clicked from the first one.
        if all(step.times == 1 for step in steps) or await self._tries.load_anew():
            await self._go(steps)

    async def _redo(self, step: Step) -> None:
        if step.choice is None:
            await self._tries.redo(step.place, is_click=step.is_click)
        else:
            await self._tries.choices.make_again(step.place, step.choice)

    async def go_anew(self, way: Way, *, is_bonus: bool = False) -> AsyncIterator[None]:
        """Go this way before anything else was tried: what was may have changed what it shows.

        What `is_bonus` is not missed.
        """
        if not await self._tries.load_anew():
            if not is_bonus:
                self._tries.first([way], 0)
            return
        *first, last = way.steps
        await self._go(first)
        node = self._hands.dom.of_place(last.place)
        if node is None or (at := await self._hands.met(node)) is None:
            return
        opener, anew = Opener(last.place, node.id, way.lead.text, 0), replace(way, tried=set())
        async for _ in self._click_and_on(opener, node, at, anew, way.state, 1):
            yield

    async def _reached(
        self, opener: Opener, steps: Steps, known: frozenset[int], *, is_bonus: bool = False
    ) -> tuple[Node, Point] | None:
        """A thing as it is now, and where it is met; `known` was shown when it was found.

        What led to it is done once more where it has closed, twice where that closes it, and from
        the beginning where what was tried before has hidden it. What `is_bonus` is not missed.
        """
        is_anew = False
        for attempt in range(4):
            node = self._hands.dom.of_place(opener.place)
            if node is not None and (at := await self._hands.met(node)) is not None:
                return node, at
            is_shown = node is not None and self._hands.dom.is_shown(node)
            if node and is_shown and attempt == 0 and await self._is_bared(node, known):
                continue
            if is_anew and not is_shown:
                if not is_bonus:
                    self._give_up(opener, node)
                return None
            if is_anew or (node and is_shown and not await self._is_covered(node, known)):
                return None  # nor does a visitor get at it
            if is_shown or attempt == 2:
                if is_shown and not self._tries.has_clicked:
                    return None
                if not await self._tries.load_anew():
                    self._tries.first([opener], 0)
                    return None
                is_anew = True
            await self._tries.take_stand()
            if is_anew:
                await self._go(steps)
            else:
                for step in steps:
                    await self._redo(step)
        return None

    async def _is_bared(self, node: Node, known: frozenset[int]) -> bool:
        """Whether what had opened over a thing could be closed."""
        if not await self._is_covered(node, known):
            return False
        boxes = await self._hands.boxes(node)
        return bool(boxes) and await self._tries.bare(node, middle(boxes[0])) is not None

    def _give_up(self, opener: Opener, node: Node | None) -> None:
        """Note as untried what may show something: not a link to another site that has moved on,
        nor what would close a message that has closed itself."""
        if things.closes(opener.caption):
            return
        href = node.attributes.get("href", "") if node is not None and node.name == "a" else ""
        found = parse_web_url(href, node.document.base) if node is not None and href else None
        if found is None or self._links.is_own(found.href):
            self._tries.first([opener], 0)

    async def _is_covered(self, node: Node, known: frozenset[int]) -> bool:
        """Whether something lies over it that was not there when it was found."""
        boxes = await self._hands.bring(node)
        met = await self._tab.hit(middle(boxes[0])) if boxes else None
        over = self._hands.dom.numbered(met)
        return over is None or over.place not in known
