"""All that a visitor tries on a page: scrolls, waits, points, chooses, clicks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ycaudit.model import Box, Sense
from ycaudit.observe import Doubts
from ycaudit.observe.browser import leads, openers
from ycaudit.observe.browser.dom import MANY, TINY, Dom, Node, holds
from ycaudit.observe.browser.hands import Hands, middle, points
from ycaudit.observe.browser.hover_rules import hover_rules
from ycaudit.observe.browser.leads import Graphic, Lead
from ycaudit.observe.browser.links import MAX_ONWARD, Links
from ycaudit.observe.browser.openers import Listeners, Opener
from ycaudit.observe.browser.painted import Screen
from ycaudit.observe.browser.sight import OVERLAP, SCREEN, SCROLLED, Sight
from ycaudit.observe.browser.tab import HALFWAY, LIVE_SECONDS, Point
from ycaudit.observe.page_images import labels_of
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

FIRST_MS, STEP_MS, HOVER_MS = 2500, 500, 800
"""Milliseconds of the page's clock: after it came, after a scroll, and a hover."""
LINGER_MS = (2500, 7500)
"""How long a visitor stays on what did something, in steps: what it shows may come late. Where it
has shown something at once, he soon turns to that: it may be gone again before the second step."""
MAX_LINGERS = 150
CLOCK_MS = (1000, 1000, 1000, 1000, 1000, 1000, 2000, 2000, 5000, 5000, 10_000)
"""How long a visitor stays on the page, in steps: half a minute."""
MAX_SCREENS = 80
MAX_HOVERS, MAX_CLICKS, MAX_FOCUSES, MAX_SCROLLED = 300, 150, 40, 20
MAX_RELOADS, MAX_NOTICES = 8, 3
TURN, MAX_TURNS = 400, 8
"""CSS pixels of a turn of the wheel, and turns over a box that scrolls by itself."""
MAX_CLOSER = 60
"""Pictures that are looked at enlarged."""
MAX_INNER = 40
PASSES, PASS_MS, MAX_CAUGHT = 14, 450, 60
"""Moments at which what comes by, such as a slide, is met: six seconds of the page's clock."""
TURNS = 16
"""Moments of its round at which what moves without end is looked at."""
MAX_DEPTH = 3
"""Of menus within menus."""
MAX_REPEATS = 12
"""Clicks on the same thing, while each shows something new: the arrows of a carousel."""
AROUND = 12
"""CSS pixels that are seen around a picture that is looked at enlarged."""


class Explorer:
    """A visitor who tries everything, until nothing is in doubt."""

    def __init__(
        self, unit: Unit, sight: Sight, hands: Hands, doubts: Doubts, untried: list[Reason]
    ) -> None:
        """What is left out is added to `untried`."""
        self._unit = unit
        self._sight = sight
        self._links: Links = sight.links
        self._hands = hands
        self._tab = hands.tab
        self._doubts = doubts
        self._untried = untried
        self._labels = labels_of(unit)
        self._pointed: set[int] = set()
        self._focused: set[int] = set()
        """What style sheets change while it is pointed at, or has the focus."""
        self._is_still = True
        """Whether nothing changes by itself any more."""
        self._listening: Listeners = {}
        self._lingers = 0
        self._has_pointed: set[int] = set()
        self._has_clicked: set[int] = set()
        """The places of what was pointed at, and of what was clicked."""

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
            self._catch_what_passes,
            self._wait_for_workers,
            self._read_files,
            self._look_closer,
        )

    async def _scroll_through(self) -> AsyncIterator[None]:
        """Screen by screen to the end of the page, and what comes as the visitor gets there."""
        async for y in self._scrolled():
            await self._sight.collect(None if y == 0 else SCROLLED, read=True)
            yield

    async def _scrolled(self) -> AsyncIterator[float]:
        """Where the window stands, screen by screen to the end of the page."""
        y, last = 0.0, -1.0
        for _ in range(MAX_SCREENS):
            at = await self._tab.scroll_to(y, SCREEN)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            yield y
            if at <= last and y > 0:
                break
            last, y = at, at + SCREEN - OVERLAP
            if y >= self._hands.dom.size[1] or at + SCREEN >= self._hands.dom.size[1]:
                break
        else:
            self._untried.append(Reason.of("page_too_long", count=MAX_SCREENS))
        await self._tab.scroll_to(0, SCREEN)

    async def _let_time_pass(self) -> AsyncIterator[None]:
        """Stay on the page: what comes by itself."""
        seconds = 0.0
        for step in CLOCK_MS:
            self._is_still = not await self._changes_in(step)
            await self._tab.frame()
            seconds += step / 1000
            self._tab.departed()
            if await self._sight.collect(Reason.of("state_waited", seconds=seconds)):
                yield

    async def _turn_round(self) -> AsyncIterator[None]:
        """See what goes round without end at every part of its round."""
        if not self._tab.moves:
            return
        for step in range(TURNS):
            await self._tab.turn((step + 0.5) / TURNS)
            await self._tab.frame()
            if await self._sight.collect(Reason.of("state_turned"), read=True):
                yield
        await self._tab.turn(HALFWAY)

    async def _scroll_boxes(self) -> AsyncIterator[None]:
        """Scroll what scrolls by itself to its end."""
        for node in openers.to_scroll(self._hands.dom)[:MAX_SCROLLED]:
            await self._scroll_box(node, Reason.of("state_box_scrolled"))
            yield

    async def _scroll_box(self, node: Node, state: Reason) -> None:
        at = await self._hands.met(node)
        if at is None:
            return
        for _ in range(MAX_TURNS):
            before = self._hands.dom.inside(node)
            await self._tab.wheel(at, TURN)
            await self._tab.frame()
            await self._tab.advance(STEP_MS)
            await self._tab.frame()
            # What was laid out outside of the box is perhaps on the screen only now.
            if not await self._sight.collect(state, read=True):
                if self._hands.dom.inside(node) == before:
                    break
                await self._links.try_all(state)
                await self._sight.texts.try_all(state)
        await self._tab.wheel(at, -TURN * MAX_TURNS)
        await self._tab.frame()
        await self._hands.look()

    async def _point_at_things(self) -> AsyncIterator[None]:
        """Point at what may open something: first what is there only at the end of the page."""
        await self._close_what_covers()
        rules = hover_rules([*self._hands.dom.sheets, *await self._tab.style_sheets()])
        self._pointed = await self._tab.matching(rules.pointed, self._hands.dom.roots)
        self._focused = await self._tab.matching(rules.focused, self._hands.dom.roots)
        await self._tab.scroll_to(self._hands.dom.size[1], SCREEN)
        await self._tab.frame()
        await self._sight.collect(SCROLLED)
        at_end = await self._pointable()
        await self._tab.scroll_to(0, SCREEN)
        await self._tab.frame()
        await self._hands.look()
        at_top = await self._pointable()
        known = {opener.place for opener in at_top}
        only_there = [opener for opener in at_end if opener.place not in known]
        self._note_untried([*only_there, *at_top], MAX_HOVERS)
        if only_there:
            await self._tab.scroll_to(self._hands.dom.size[1], SCREEN)
            await self._tab.frame()
        for opener in [*only_there, *at_top][:MAX_HOVERS]:
            boxes = await self._tab.bring(opener.node, middle=opener not in only_there)
            if not boxes:
                continue
            self._has_pointed.add(opener.place)
            state = Reason.of("state_hover", name=opener.caption)
            is_new = False
            async for _ in self._point_and_on(opener, boxes[0], state):
                is_new = True
                yield
            if is_new:
                continue
            if Sense.LINK in self._doubts() and await self._changes_address(opener, state):
                yield

    async def _point_and_on(self, opener: Opener, box: Box, state: Reason) -> AsyncIterator[None]:
        """Point at it, and go on with what that shows."""
        before = self._hands.dom
        if not await self._point(opener, box, state):
            return
        yield
        async for _ in self._click_what_hovers(before, opener, state):
            yield
        async for _ in self._point_deeper(before, state, depth=1):
            yield

    async def _changes_address(self, opener: Opener, state: Reason) -> bool:
        """Whether pointing at a link has put another address behind it."""
        node = self._hands.dom.by_id.get(opener.node)
        if node is None or not any(n.name == "a" for n in (*node.down(), *node.up())):
            return False
        return await self._sight.collect(state)

    async def _close_what_covers(self) -> None:
        """Close the notices that lie over the page, as a visitor does before all else."""
        for _ in range(MAX_NOTICES):
            cover = await self._cover()
            if cover is None:
                return
            inside = [o for o in await self._clickable() if self._is_in(o, cover)]
            for opener in sorted(inside, key=lambda o: o.score)[:MAX_ONWARD]:
                await self._click_opener(opener)
                if all(node.place != cover.place for node in self._hands.dom.shown):
                    break

    async def _cover(self) -> Node | None:
        """What lies fixed over most of the screen."""
        for across in (0.2, 0.5, 0.8):
            met = await self._tab.hit((WINDOW[0] * across, SCREEN * 0.3))
            node = self._hands.dom.by_id.get(met) if met is not None else None
            for outer in node.up() if node is not None else ():
                if outer.css("position") == "fixed" and outer.box and _is_large(outer.box):
                    return outer
        return None

    def _is_in(self, opener: Opener, cover: Node) -> bool:
        node = self._hands.dom.by_id.get(opener.node)
        if node is None or not any(o.css("position") == "fixed" for o in node.up()):
            return False
        return node.within(next((o for o in cover.up() if o.name == "body"), cover))

    async def _point(self, opener: Opener, box: Box, state: Reason) -> bool:
        """Whether pointing at it shows something new."""
        before = await self._tab.paints()
        await self._tab.point(middle(box))
        await self._tab.advance(HOVER_MS)
        await self._tab.hit(middle(box))  # has styles and boxes computed
        if await self._tab.paints() == before:
            return False
        await self._tab.come_to_rest()
        found = await self._sight.collect(state)
        if self._has_set_going(opener):
            found = await self._linger(state, found=found)
        if found:
            return True
        return await self._read_uncovered(opener, state)

    def _has_set_going(self, opener: Opener) -> bool:
        """Whether what has changed is this thing's doing, and not the page's own."""
        node = self._hands.dom.by_id.get(opener.node)
        return self._is_still or (node is not None and openers.reacts(node, self._listening))

    async def _changes_in(self, milliseconds: float) -> bool:
        """Whether anything changes while the page's clock runs on for so long."""
        before = await self._tab.paints()
        await self._tab.advance(milliseconds)
        await self._tab.hit((1, 1))  # has styles and boxes computed
        return await self._tab.paints() != before

    async def _shows(self, state: Reason, still: tuple[float, ...]) -> bool:
        """Whether an action has shown anything new, at once or late.

        `still`: what `Tab.paints` told before it.
        """
        found = await self._sight.collect(state)
        if await self._tab.paints() == still:
            return found
        return await self._linger(state, found=found)

    async def _linger(self, state: Reason, *, found: bool) -> bool:
        """Stay on what did something; whether it has shown anything new, at once or late."""
        if self._lingers >= MAX_LINGERS:
            return found
        self._lingers += 1
        for step in LINGER_MS[: 1 if found else None]:
            if not self._doubts():
                break
            if await self._changes_in(step):
                await self._tab.frame()
                found = await self._sight.collect(state) or found
        if self._lingers == MAX_LINGERS and self._doubts():
            self._untried.append(Reason.of("not_waited_for"))
        return found

    async def _read_uncovered(self, opener: Opener, state: Reason) -> bool:
        """Read a picture beside it that was laid out before, and is turned to us only now."""
        node = self._hands.dom.by_id.get(opener.node)
        around = node.parent if node is not None else None
        if around is None or around.box is None or Sense.QR_CODE not in self._doubts():
            return False
        inner = [n for n in around.down() if n.box]
        pictures = [n for n in inner if leads.is_of_a_codes_size(n)]
        fresh = any(n.box and not self._sight.painted.has_read(n.box) for n in pictures)
        if not fresh and len(inner) < MANY:  # very many small parts may draw one, too
            return False
        before = len(self._sight.painted.codes)
        await self._sight.read_screen(state)
        return len(self._sight.painted.codes) > before

    async def _point_deeper(self, before: Dom, state: Reason, *, depth: int) -> AsyncIterator[None]:
        """Point at what has come up: menus open menus."""
        if depth > MAX_DEPTH:
            return
        here = self._hands.dom
        inner = _new_nodes(before, here)
        for opener in [o for o in await self._pointable() if o.node in inner][:MAX_ONWARD]:
            boxes = await self._tab.boxes(opener.node)
            if boxes and await self._point(opener, boxes[0], state):
                yield
                async for _ in self._point_deeper(here, state, depth=depth + 1):
                    yield

    async def _click_what_hovers(
        self, before: Dom, opener: Opener, state: Reason
    ) -> AsyncIterator[None]:
        """Click what a pointer has opened and a script has bound."""
        inner = _new_nodes(before, self._hands.dom)
        for found in [o for o in await self._clickable() if o.node in inner][:MAX_ONWARD]:
            node = self._hands.dom.by_id.get(found.node)
            boxes = await self._tab.boxes(found.node)
            at = next(iter(points(boxes)), None)
            if node is None or at is None or not await self._hands.hits(at, node, self._hands.dom):
                continue
            lead = Lead(node, "", "handler", f"{found.caption} {opener.caption}", is_plain=False)
            clicked = Reason.of("state_click", name=found.caption)
            still = await self._tab.paints()
            went = await self._hands.click(at)
            await self._tab.come_to_rest()
            await self._links.led(went, lead, state)
            if await self._shows(clicked, still):
                yield

    async def _pointable(self) -> list[Opener]:
        self._listening = await self._tab.listeners()
        return openers.to_point_at(
            self._hands.dom, self._listening, WINDOW, self._labels, self._pointed
        )

    async def _focus_things(self) -> AsyncIterator[None]:
        """Give the focus to what listens for it."""
        listeners = await self._tab.listeners()
        for opener in openers.to_focus(self._hands.dom, listeners, self._focused)[:MAX_FOCUSES]:
            still = await self._tab.paints()
            if await self._tab.focus(opener.node):
                await self._tab.advance(HOVER_MS)
                state = Reason.of("state_focus", name=opener.caption)
                if await self._shows(state, still):
                    yield

    async def _choose_options(self) -> AsyncIterator[None]:
        """Choose each option of each list, by keys, and see where it leads."""
        for select, options in openers.options_of(self._hands.dom):
            if Sense.LINK in self._doubts():
                await self._links.choose_each(select, options, None)
                yield

    async def _click_things(self) -> AsyncIterator[None]:
        """Click what does something; what a click has opened is clicked, too."""
        found = await self._clickable()
        self._note_untried(found, MAX_CLICKS)
        todo = found[:MAX_CLICKS]
        for reloads in range(MAX_RELOADS + 1):
            blocked: list[Opener] = []
            for opener in todo:
                if not await self._click_opener(opener):
                    blocked.append(opener)
                else:
                    yield
            if not blocked or len(blocked) == len(todo) or reloads == MAX_RELOADS:
                break
            todo = await self._again(blocked)

    async def _clickable(self) -> list[Opener]:
        return openers.to_click(self._hands.dom, await self._tab.listeners(), WINDOW, self._labels)

    async def _click_opener(self, opener: Opener) -> bool:
        """Click it and take in what comes of it; False where something lies over it."""
        node = self._hands.dom.by_id.get(opener.node)
        if node is None or not self._hands.dom.is_shown(node):
            return False
        at = await self._hands.met(node)
        if at is None:
            return False
        self._has_clicked.add(opener.place)
        before = self._hands.dom
        lead = Lead(node, "", "handler", opener.caption, is_plain=False)
        state = Reason.of("state_click", name=opener.caption)
        moved = False
        for _ in range(MAX_REPEATS):
            still = await self._tab.paints()
            went = await self._hands.click(at)
            await self._tab.come_to_rest()
            await self._links.led(went, lead, None)
            now = self._hands.dom
            if went:
                break
            if not await self._shows(state, still):
                if moved or (at := await self._moved(opener, at)) is None:
                    break
                moved = True
                continue
            await self._try_what_came(now, state)
            await self._click_what_came(now, at, lead, state)
        if _uncovers(before, self._hands.dom):
            await self._sight.read_screen(state)
            async for _ in self._scroll_through():
                pass
        return True

    async def _catch_what_passes(self) -> AsyncIterator[None]:
        """Where something comes and goes by itself: point at and click what was never there."""
        if self._is_still:
            return
        left, last = MAX_CAUGHT, PASSES
        for number in range(2 * PASSES):
            if number == last:
                return
            await self._tab.advance(PASS_MS)
            await self._tab.frame()
            state = Reason.of("state_turned")
            has_opened = last > PASSES  # which may itself have gone by, and comes again
            if await self._sight.collect(state, read=has_opened):
                yield
            elif has_opened:
                await self._links.try_all(state)
                await self._sight.texts.try_all(state)
                yield
            fresh = [o for o in await self._pointable() if o.place not in self._has_pointed]
            for opener in fresh[:left]:
                left -= 1
                self._has_pointed.add(opener.place)
                if boxes := await self._tab.boxes(opener.node):
                    state = Reason.of("state_hover", name=opener.caption)
                    async for _ in self._point_and_on(opener, boxes[0], state):
                        yield
            fresh = [o for o in await self._clickable() if o.place not in self._has_clicked]
            for opener in fresh[:left]:
                left -= 1
                if await self._click_opener(opener):
                    last = number + PASSES
                    yield

    async def _moved(self, opener: Opener, at: Point) -> Point | None:
        """Where it is now, if the click closed something else and so moved it from under it."""
        node = self._hands.dom.by_id.get(opener.node)
        if node is None or any(holds(box, *at) for box in await self._tab.boxes(node.id)):
            return None
        return await self._hands.met(node)

    async def _try_what_came(self, before: Dom, state: Reason) -> None:
        """Scroll, choose and point in what a click has opened."""
        inner = _new_nodes(before, self._hands.dom)
        here = self._hands.dom
        for node in openers.to_scroll(here):
            if node.id in inner:
                await self._scroll_box(node, state)
        for select, options in openers.options_of(here):
            if select.id in inner:
                await self._links.choose_each(select, options, state)
        async for _ in self._point_deeper(before, state, depth=MAX_DEPTH):
            pass

    async def _click_what_came(self, before: Dom, at: Point, lead: Lead, state: Reason) -> None:
        """What a click has opened may itself open something, or lead on."""
        inner = _new_nodes(before, self._hands.dom)
        for opener in [o for o in await self._clickable() if o.node in inner][:MAX_INNER]:
            node = self._hands.dom.by_id.get(opener.node)
            spot = await self._hands.met(node) if node is not None else None
            if spot is None:  # the choice before has closed the list
                await self._hands.click(at)
                await self._hands.look()
                node = next((n for n in self._hands.dom.nodes if n.place == opener.place), None)
                spot = await self._hands.met(node) if node is not None else None
            if node is None or spot is None:
                continue
            on = Lead(node, "", "handler", f"{opener.caption} {lead.text}", is_plain=False)
            still = await self._tab.paints()
            await self._links.led(await self._hands.click(spot), on, state)
            await self._shows(state, still)

    async def _again(self, blocked: list[Opener]) -> list[Opener]:
        """Load the page anew, since what was opened lies over the rest; what comes with scrolling
        comes again."""
        await self._tab.leave(self._unit.target.url)
        await self._tab.arrive(FIRST_MS)
        await self._tab.stay()
        wanted = {opener.place for opener in blocked}
        await self._hands.look()
        found = await self._clickable()
        if not wanted <= {opener.place for opener in found}:
            async for _ in self._scrolled():
                await self._hands.look()  # the page may have grown
            await self._hands.look()
            found = await self._clickable()
        return [opener for opener in found if opener.place in wanted]

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
            await self._sight.page_images.read(
                self._sight.images.values(), Effort.NORMAL, labels=self._labels
            )
            yield

    async def _look_closer(self) -> AsyncIterator[None]:
        """Read each picture that may be a code enlarged, and every screen with all effort."""
        if Sense.QR_CODE not in self._doubts():
            return
        await self._tab.point((1, 1))
        await self._hands.look()
        for graphic in self._candidates()[:MAX_CLOSER]:
            boxes = await self._tab.bring(graphic.node.id)
            if not boxes:
                continue
            await self._read_enlarged(boxes[0])
            yield
        await self._sight.painted.read_thoroughly(self._hands.dom)
        yield

    def _candidates(self) -> list[Graphic]:
        held = self._sight.page_images.holders(self._sight.images.values(), self._unit.seeks_code)
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
        x, y = await self._tab.place()
        left, top = max(0, box[0] - AROUND), max(0, box[1] - AROUND)
        wide = min(WINDOW[0] - left, box[0] + box[2] + AROUND - left)
        high = min(SCREEN - top, box[1] + box[3] + AROUND - top)
        if wide < TINY or high < TINY:
            return
        at = round(x + left), round(y + top)
        png = await self._tab.screenshot((*at, wide, high), scale=2)
        await self._sight.painted.read(Screen(png, at, 2, None), Effort.THOROUGH, self._hands.dom)

    def _note_untried(self, found: list[Opener], most: int) -> None:
        if len(found) > most:
            self._untried.append(Reason.of("not_all_tried", count=len(found) - most))


def _new_nodes(before: Dom, now: Dom) -> set[int]:
    """The numbers of what is shown now and was not before, and of what it stands in."""
    known = {n.place for n in before.shown}
    outer = {
        o.id for n in now.newly_shown(before.looks) for o in n.up() if o.document is n.document
    }
    return {number for number in outer if now.by_id[number].place not in known}


def _is_large(box: Box) -> bool:
    return box[2] * box[3] > 0.4 * WINDOW[0] * SCREEN


def _uncovers(before: Dom, after: Dom) -> bool:
    """Whether something large is gone that lay over the page."""
    gone = [n for n in before.newly_shown(after.looks) if n.box]
    return any(n.box and n.box[2] * n.box[3] > 0.1 * WINDOW[0] * SCREEN for n in gone) or any(
        outer.css("position") == "fixed" for n in gone for outer in n.up()
    )
