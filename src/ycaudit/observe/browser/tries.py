"""One thing that a visitor tries: what pointing or clicking shows, and what opens from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Container
from functools import partial
from typing import TypeVar

from ycaudit.model import Box
from ycaudit.observe import Doubts
from ycaudit.observe.browser import leads, openers, things
from ycaudit.observe.browser.choices import Choices
from ycaudit.observe.browser.confirming import Confirming
from ycaudit.observe.browser.covers import cover, in_the_way, is_notice, is_on
from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.hands import MAX_CLOSERS, Hands, middle
from ycaudit.observe.browser.hover_rules import hover_rules
from ycaudit.observe.browser.links import MAX_ONWARD
from ycaudit.observe.browser.listeners import Listeners, reacts
from ycaudit.observe.browser.mosaic import Change
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import is_drawn, offers
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.sight import OVERLAP, SCREEN, STEP_MS, Sight
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.challenges import stands_in
from ycaudit.observe.page_images import labels_of
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

FIRST_MS, HOVER_MS = 2500, 800
"""Milliseconds of the page's clock: after it came, and after a hover."""
MAX_RELOADS, RESERVED, MAX_NOTICES = 40, 6, 3
"""How often a page is loaded anew, how many of these what is tried on the mere chance leaves to
what comes after it, and how many notices may lie over it."""
SPLASH_MS, SPLASH_STEPS = 1000, 15
"""Milliseconds of the page's clock: a page that may send its visitor on is given so many steps."""
LINGER_MS = (2500, 7500)
"""How long a visitor stays on what did something, in steps: what it shows may come late. Where it
has shown something at once, he soon turns to that: it may be gone again before the second step."""
MAX_LINGERS = 600
"""How often it is waited for that something changes late."""
MAX_TURNED = 30
"""How often what begins to go round without end is looked at, and at which shares of its round."""
SHARES = (0.04, 0.2, 0.35, 0.65, 0.8, 0.96)
LEAST_TURN, MAX_TURNS, MAX_LARGE = 60, 50, 10
"""CSS pixels of a turn of the wheel, at least; turns over what scrolls by itself, and pictures in
it that are brought to the middle, since they need more than half of it."""
MAX_TOLD = 500
"""Things in a box by which it is told whether it has moved."""
PANE = 400
"""CSS pixels by which the wheel is turned where a script may answer."""
FAR = PANE / 4
"""CSS pixels, up or down, that tell that it does."""
CLOSER_AREA = 120 * 80
"""Square CSS pixels of what is there to close a notice, and nothing else, at most."""
_BESIDE = ((0.03, 0.5), (0.97, 0.5), (0.5, 0.97), (0.5, 0.03))
"""Parts of the window in which a dialog leaves what it lies on to be seen."""
MAX_FOLLOWED = 3
"""How often something is pointed at that moves away."""
_T = TypeVar("_T")


class OtherPageError(Exception):
    """The page was loaded anew, and what came is another."""


class Tries:
    """A visitor's hands on one thing after the other, and what he sees by that."""

    def __init__(
        self, unit: Unit, sight: Sight, hands: Hands, doubts: Doubts, untried: list[Reason]
    ) -> None:
        """What is left out is added to `untried`."""
        self.is_still = True
        """Whether nothing changes by itself any more."""
        self.restless: set[int] = set()
        """The places of what comes and goes by itself, such as slides."""
        self.changing: set[int] = set()
        """The places of what came to look otherwise by itself, such as a countdown."""
        self.shown_at_first: frozenset[tuple[int, str]] = frozenset()
        """The places and looks of what is shown somewhere on the page before anything is tried."""
        self.focused: Collection[int] = ()
        self._pointed: Collection[int] = ()
        """The numbers of what style sheets change while it has the focus, or is pointed at."""
        self._actions = 0
        """How much was clicked when nothing that was shown at rest was hidden."""
        self.loads = 0
        """How often the page was loaded anew."""
        self.stand = 0.0
        """How far the window is scrolled for what is tried now: some of it is there only then."""
        self.turned: list[int] = []
        """The places of boxes in which something is shown only while they are scrolled to it."""
        self._unit = unit
        self._sight = sight
        self._links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._doubts = doubts
        self._untried = untried
        self._first = hands.dom
        self._said = stands_in(hands.dom.text)
        self._labels = labels_of(unit)
        self._confirming = Confirming(hands, untried, self.clickable, self.shows)
        self.choices = Choices(unit, sight, hands, doubts, untried, self._confirming, self.shows)
        self._listening: Listeners = {}
        self._lingers = self._turned = 0

    @property
    def has_clicked(self) -> bool:
        """Whether anything was clicked, or chosen, that may have changed the page for good."""
        return self._hands.actions > self._actions

    @property
    def may_chance(self) -> bool:
        """Whether the page may be loaded anew for what most likely shows nothing."""
        return self.loads < MAX_RELOADS - RESERVED

    def note_unspoiled(self) -> None:
        """Nothing that was clicked so far has changed the page for good."""
        self._actions = self._hands.actions

    def passing(self) -> list[Node]:
        """What comes by as others of its row do, such as the pictures of a strip that runs: the
        last may come long after the first."""
        by_itself, nodes = self.restless | self.changing, self._hands.dom.nodes
        rows = Counter(_row_of(n) for n in nodes if n.place in by_itself)
        return [n for n in nodes if (row := _row_of(n)) is not None and rows[row] > 1]

    async def pointable(self) -> list[Opener]:
        """What may show more while the mouse is on it, the likeliest first."""
        self._listening = await self._hands.listeners()
        return openers.to_point_at(
            self._hands.dom, self._listening, WINDOW, self._labels, self._pointed
        )

    async def clickable(self) -> list[Opener]:
        """What does something when it is clicked, the likeliest first."""
        return openers.to_click(
            self._hands.dom, await self._hands.listeners(), WINDOW, self._labels
        )

    async def focusable(self) -> list[Opener]:
        """What may show more while it has the focus."""
        return openers.to_focus(self._hands.dom, await self._hands.listeners(), self.focused)

    async def scrollable(self) -> list[Node]:
        """What scrolls by itself."""
        return openers.to_scroll(self._hands.dom, await self._hands.listeners())

    async def choose(self, known: Container[int] = ()) -> AsyncIterator[None]:
        """Make each choice of each list that is there, but for those at `known` places."""
        for offer in tuple(offers(self._hands.dom)):
            if offer.node.place not in known:
                await self.choices.make_each(offer, None, self._back_at_rest)
                yield

    async def _back_at_rest(self) -> bool:
        if not self.has_clicked:
            return False  # nor does a visitor get at it
        if await self.load_anew():
            return True
        self.first([self], 0)
        return False

    def first(self, found: list[_T], most: int) -> list[_T]:
        """So many of them; the rest is noted as untried."""
        if len(found) > most:
            self._untried.append(Reason.of("not_all_tried", count=len(found) - most))
        return found[:most]

    async def learn_rules(self) -> None:
        """What style sheets change while it is pointed at, or has the focus."""
        rules = hover_rules(await self._tab.facts.style_sheets())
        roots = self._hands.dom.roots
        self._pointed = await self._tab.facts.matching(rules.pointed, roots)
        self.focused = await self._tab.facts.matching(rules.focused, roots)

    async def load_anew(self, *, as_new: bool = False) -> bool:
        """Load the page anew, since what was opened has changed it; False where it was too often.

        `as_new`: for a visitor who was never there. Notices that lie over it are closed again.
        Raises OtherPageError where the page does not come: what is met there later says nothing of
        it.
        """
        if self.loads == MAX_RELOADS:
            return False
        self.loads += 1
        if as_new:
            await self._tab.forget(self._hands.dom.main.url)
        try:
            failed = await self._tab.leave(self._unit.target.url)
        except TimeoutError as error:
            raise OtherPageError from error
        if failed:
            raise OtherPageError
        await self._tab.arrive(FIRST_MS)
        for _ in range(SPLASH_STEPS):
            if self._is_the_page(await self._hands.look()):
                break
            await self._tab.advance(SPLASH_MS)
        else:
            raise OtherPageError
        await self._tab.stay()
        await self._hands.look()
        await self.uncover(lambda opener: self.redo(opener.place, is_click=True))
        await self.learn_rules()
        await self.take_stand()
        self.note_unspoiled()
        return True

    def _is_the_page(self, dom: Dom) -> bool:
        """Whether it is the one that came first, more or less: news and notices come and go."""
        return self._first.is_alike(dom) and stands_in(dom.text) == self._said

    async def take_stand(self) -> None:
        """Have the window where it is to stand, if that is not wherever a try brings it."""
        if self.stand:
            await self._hands.scroll_to(self.stand)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            await self._hands.look()

    async def uncover(self, click: Callable[[Opener], Awaitable[object]]) -> None:
        """Close the notices that lie over the page, as a visitor does before all else."""
        for _ in range(MAX_NOTICES):
            over = await cover(self._tab, self._hands.dom)
            if over is None:
                return
            found = [o for o in await self.clickable() if is_on(o, over, self._hands.dom)]
            for opener in sorted(found, key=lambda o: o.score)[:MAX_ONWARD]:
                await click(opener)
                if over.place not in self._hands.dom.places:
                    break

    async def bare(self, node: Node, at: Point) -> Point | None:
        """Where a thing is met once the notice is closed that lies over it at this point."""
        over = await in_the_way(self._tab, self._hands.dom, node, at)
        if over is None:
            return None
        closers = things.closing(self._hands.dom, over.down())[:MAX_CLOSERS]
        buttons = [n for n in over.down() if n not in closers and things.is_button(n)]
        buttons = buttons[:MAX_CLOSERS]
        others = [n for n in await self._parts_of(over) if n not in (*closers, *buttons)]
        for closer in (*closers, *buttons, *others[:MAX_CLOSERS]):
            if (there := await self._hands.met(closer)) is None:
                continue
            await self._hands.click(there)
            await self._tab.point_away()  # what the notice lay over is not pointed at yet
            await self._hands.look()
            found = self._hands.dom.again(node.id, node.place)
            if found is None:
                continue
            still = await in_the_way(self._tab, self._hands.dom, found, at)
            if still is not None and still.place == over.place:
                continue
            if (met := await self._hands.met(found)) is not None:
                return met
        return None

    async def _parts_of(self, over: Node) -> list[Node]:
        """What may close a notice without saying so, the likeliest first: what is small and stands
        in its upper right corner, then what is large or the notice itself, and last the links that
        lead elsewhere."""
        if not is_notice(over):
            return []
        dom = self._hands.dom
        found = (dom.of_place(opener.place) for opener in await self.clickable())
        boxes = {n: n.box for n in found if n is not None and n.box and n.within(over)}
        lead_on = {lead.node for lead in leads.leads_of(dom) if lead.is_plain}

        def likeliest(node: Node) -> tuple[bool, bool, int]:
            left, top, wide, high = boxes[node]
            return node in lead_on, wide * high >= CLOSER_AREA, top - left - wide

        return sorted(boxes, key=likeliest)

    async def uncovered(self, node: Node) -> Point | None:
        """Where a thing is met once a click beside a dialog has put that away."""
        over = await cover(self._tab, self._hands.dom)
        for across, down in _BESIDE if over is not None else ():
            at = across * WINDOW[0], down * WINDOW[1]
            if over is not None and await self._tab.hit(at) == over.id:
                await self._hands.click(at)
                await self._hands.look()
                return await self._hands.met(node)
        return None

    # --- one thing ---

    async def point(self, opener: Opener, at: Point, state: Reason) -> bool:
        """Whether pointing at it shows something new."""
        before = await self._tab.paints()
        await self._point_at(opener, at)
        if await self._tab.paints() == before:
            return False
        await self._tab.come_to_rest()
        found = await self._sight.collect(state)
        found = await self._turn_what_began(state) or found
        if self._has_set_going(opener):
            found = await self._linger(state, found=found)
        return found

    async def _point_at(self, opener: Opener, at: Point) -> None:
        """Point at it, and after it where what the mouse has left closes and moves it away."""
        for _ in range(MAX_FOLLOWED):
            before = await self._tab.paints()
            await self._tab.point(at)
            await self._tab.advance(HOVER_MS)
            await self._tab.hit(at)  # has styles and boxes computed
            if await self._tab.paints() == before:
                return
            if (there := await self.moved(opener, at)) is None:
                return
            at = there

    async def moved(self, opener: Opener, at: Point) -> Point | None:
        """Where it is now, if what was done has moved it from under the mouse."""
        node = self._hands.dom.again(opener.node, opener.place)
        if node is None or any(holds(box, *at) for box in await self._hands.boxes(node)):
            return None
        await self._hands.look()
        node = self._hands.dom.again(opener.node, opener.place)
        return await self._hands.met(node) if node is not None else None

    def _has_set_going(self, opener: Opener) -> bool:
        """Whether what has changed is this thing's doing, and not the page's own."""
        node = self._hands.dom.again(opener.node, opener.place)
        return self.is_still or (node is not None and reacts(node, self._listening))

    async def changes_in(self, milliseconds: float) -> bool:
        """Whether anything changes while the page's clock runs on for so long."""
        before = await self._tab.paints()
        await self._tab.advance(milliseconds)
        await self._tab.hit((1, 1))  # has styles and boxes computed
        return await self._tab.paints() != before

    async def click(self, node: Node, opener: Opener, at: Point) -> list[str]:
        """Where a click leads, or what confirms it where it only chooses what is asked for."""
        if node.kind == "checkbox" and not await is_drawn(self._hands, node, at):
            return []
        before = self._hands.dom
        follow = partial(self.moved, opener)
        went = await self._hands.click(at, follow, node=node.id)
        await self._tab.come_to_rest()
        if went or not self._unit.names(opener.caption):
            return went
        await self._hands.look()
        went = await self._confirming.confirm(node, set(), set(), is_named=True) or []
        if went:
            await self._hands.put_away(before)
            await self._hands.look()
        return went

    async def shows(self, state: Reason, still: tuple[float, ...]) -> bool:
        """Whether an action has shown anything new, at once or late.

        `still`: what `Tab.paints` told before it.
        """
        found = await self._sight.collect(state)
        if await self._tab.paints() == still:
            return found
        found = await self._turn_what_began(state) or found
        return await self._linger(state, found=found)

    async def _turn_what_began(self, state: Reason) -> bool:
        """See what goes round without end since the last try, at other parts of its round; whether
        that shows anything new."""
        animations = self._tab.animations
        began, found = animations.take_unturned(), False
        if not began or self._turned >= MAX_TURNED:
            return False
        self._turned += 1
        for share in (*SHARES, *animations.ends(began)):
            await animations.turn(share, began)
            await self._tab.frame()
            found = await self._sight.collect(state) or found
        await animations.turn(animations.rest, began)
        return found

    async def _linger(self, state: Reason, *, found: bool) -> bool:
        """Stay on what did something; whether it has shown anything new, at once or late."""
        if self._lingers >= MAX_LINGERS:
            return found
        for step in LINGER_MS[: 1 if found else None]:
            if not self._doubts():
                break
            if await self.changes_in(step):
                self._lingers += 1
                await self._tab.frame()
                found = await self._sight.collect(state) or found
        if self._lingers >= MAX_LINGERS and self._doubts():
            self._untried.append(Reason.of("not_waited_for"))
        return found

    async def scroll_box(self, node: Node, state: Reason) -> None:
        """Scroll what scrolls by itself from its beginning, where links were perhaps brought from,
        to its end, and back."""
        at = await self._hands.met(node)
        if at is None:
            return
        is_turned = openers.is_turned(node, await self._hands.listeners())
        turn, high = self.turn_of(node), self._height_seen(node)
        back = -turn * MAX_TURNS
        idle, shown = 0, set[int]()
        for step in (back, *[turn] * MAX_TURNS):
            before = _boxes(self._hands.dom.inside(node))
            await self._tab.wheel(at, step)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            await self._tab.frame()
            shown |= self._hands.dom.places
            # What was laid out outside of the box is perhaps on the screen only now.
            if not await self._sight.collect(state, Change.SCROLLING):
                idle += step != back and _boxes(self._hands.dom.inside(node)) == before
                if idle > is_turned:  # a script that moves it may not listen meanwhile
                    break
                await self._links.try_all(state)
                await self._sight.texts.try_all(state)
            if step == back:  # where it was at its beginning, that has scrolled the window
                at = await self._hands.met(node) or at
        else:
            if self.is_still:
                self.first([node], 0)
        pictures = (n for n in self._hands.dom.inside(node) if leads.is_of_a_codes_size(n))
        large = [n for n in pictures if n.box and high / 2 < n.box[3] < 2 * high]
        for picture in large[:MAX_LARGE]:  # turns of half the box may all have shown but a part
            await self._hands.bring(picture)
            await self._tab.frame()
            await self._sight.collect(state)
        await self._tab.wheel(at, back)
        await self._tab.frame()
        at_rest = (await self._hands.look()).places
        if not shown <= at_rest | self.restless and node.place not in self.turned:
            self.turned.append(node.place)

    def turn_of(self, node: Node) -> float:
        """How far a turn of the wheel scrolls a box."""
        high = self._height_seen(node)
        return max(high / 2, high - OVERLAP, LEAST_TURN)

    def _height_seen(self, node: Node) -> float:
        """How much of a box, from its top to its end, a visitor has on the screen at once."""
        reach = self._hands.dom.reach(node)
        box = (reach.part if reach else None) or node.box
        return min(box[3], SCREEN) if box else SCREEN

    def moved_far(self, before: Dom, after: Dom) -> set[int]:
        """The places of what stands well above or below where it stood, and not by itself."""
        boxes = {n.place: n.box for n in before.nodes if n.box}
        leave = self.restless | self.changing
        there = ((n, boxes.get(n.place)) for n in after.nodes if n.box and n.place not in leave)
        return {
            now.place for now, box in there if box and now.box and abs(box[1] - now.box[1]) > FAR
        }

    async def redo(self, place: int, *, is_click: bool) -> None:
        """Point at once more, or click, what stands at this place."""
        node = self._hands.dom.of_place(place)
        if node is None:
            return
        opener = Opener(place, node.id, "", 0)
        if is_click:
            if (at := await self._hands.met(node)) is not None:
                await self._hands.click(at, partial(self.moved, opener))
                await self._tab.come_to_rest()
        elif boxes := await self._hands.bring(node):  # what it opens may lie over it
            await self._point_at(opener, middle(boxes[0]))
        await self._hands.look()

    async def redo_clicks(self, place: int, number: int) -> tuple[Node, Point] | None:
        """Click so many times what stands at this place; as it is then, and where it is met."""
        for _ in range(number):
            await self.redo(place, is_click=True)
        node = self._hands.dom.of_place(place)
        at = await self._hands.met(node) if node is not None else None
        return (node, at) if node is not None and at is not None else None


def _row_of(node: Node) -> tuple[int, str] | None:
    """What those have in common that are of one row, be it those with which a script fills it up;
    None of what has a name of its own, or stands on the page itself, as dialogs do."""
    outer = node.parent
    if outer is None or outer.name == "body" or node.name == "#text" or "id" in node.attributes:
        return None
    return outer.place, node.name


def _boxes(nodes: list[Node]) -> list[Box]:
    """Where things are: of what stands in a box, it tells how far that is scrolled."""
    return [node.box for node in nodes if node.box][:MAX_TOLD]
