"""How a visitor meets a thing on the screen, and clicks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ycaudit.model import Box
from ycaudit.observe.browser import things
from ycaudit.observe.browser.areas import point_in
from ycaudit.observe.browser.dom import Dom, holds, is_opaque
from ycaudit.observe.browser.net_errors import cause_of
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.painted import shows_something
from ycaudit.observe.browser.reach import inner_part
from ycaudit.observe.browser.tab import Point, Tab
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.reasons import Reason

CLICK_MS = 1200
"""Milliseconds of the page's clock after a click, or a choice."""
COUNTDOWN, SECOND_MS = 6, 1000
"""Seconds, of the page's clock, within which what a click has begun leads somewhere."""
Follow = Callable[[Point], Awaitable[Point | None]]
MAX_CLOSERS = 5
"""Things of a dialog that may close it; the first that is met is clicked."""
MAX_PARTS, MAX_CLOSING = 4, 5
MOST_OF_A_BAR = 0.4 * WINDOW[0] * WINDOW[1]
"""CSS pixels of what stands still on the screen, and leaves room to scroll past it."""
_STILL = frozenset({"fixed", "sticky"})
MARGIN = 3
"""CSS pixels around a thing, whose colour it is told from."""


@dataclass(slots=True)
class Closers:
    """What has closed the page in the visits to one unit, and is left alone in the next."""

    closing: dict[int, str] = field(default_factory=dict)
    """What has closed it, by its place, with its caption."""
    last: tuple[int, str] | None = None
    """What was met last."""

    def blame(self) -> bool:
        """Leave alone what was met last, since the page has closed; False if nothing was."""
        if self.last is None or len(self.closing) >= MAX_CLOSING:
            return False
        place, caption = self.last
        self.closing[place], self.last = caption, None
        return True


class Hands:
    """A tab, what is laid out in it now, and what a visitor does there."""

    dom: Dom
    """As of the last look."""

    def __init__(self, tab: Tab, closers: Closers) -> None:
        self.tab = tab
        self.actions = 0
        """How often something was clicked or chosen."""
        self._closers = closers

    async def look(self) -> Dom:
        """What is laid out now."""
        self.dom = await self.tab.dom()
        return self.dom

    async def scroll_to(self, y: float) -> float:
        """Scroll the window there, if it can be scrolled; where it is then."""
        if self.dom.main.locks[1]:
            return (await self.tab.place())[1]
        return await self.tab.scroll_to(y, WINDOW[1])

    async def bring(self, node: Node, dom: Dom | None = None, *, middle: bool = False) -> list[Box]:
        """Scroll to a node as far as a visitor can; its boxes on the screen, the largest first.

        `middle`: to the middle of the screen, if it is not there already.
        """
        reach = (dom or self.dom).reach(node)
        if reach is not None:
            shown = node.over or node
            part = reach.part and _within(reach.part, shown.box)
            if reach.locks or any(self.dom.main.locks):
                before = await self.tab.place()
                await self.tab.bring(shown.id, part)
                await self._put_back(before, reach.locks)
            else:
                await self.tab.bring(shown.id, part)
        boxes = await self.boxes(node)
        high = WINDOW[1]
        if middle and boxes and not 0.25 * high < boxes[0][1] < 0.6 * high:
            _, y = await self.tab.place()
            await self.scroll_to(max(0, y + boxes[0][1] - high / 2))
            boxes = await self.boxes(node)
        return boxes

    async def boxes(self, node: Node) -> list[Box]:
        """Where a node is on the screen; of an area, a part that is in its shape."""
        if node.over is None:
            return await self.tab.boxes(node.id)
        images = await self.tab.boxes(node.over.id)
        found = point_in(node, images[0]) if images else None
        return [(round(found[0]) - 1, round(found[1]) - 1, 2, 2)] if found else []

    def is_in_a_box(self, node: Node) -> bool:
        """Whether a box or a frame has to be scrolled for it."""
        reach = self.dom.reach(node)
        return reach is not None and reach.has_scrolled

    async def _put_back(self, window: Point, locks: tuple[Node, ...]) -> None:
        """Put back what was scrolled along with something, and no visitor scrolls."""
        for first in locks:
            await self.tab.bring(first.id, (0, 0, 1, 1))
        across, down = self.dom.main.locks
        x, y = await self.tab.place()
        if (across and x != window[0]) or (down and y != window[1]):
            await self.tab.scroll_to(window[1] if down else y, WINDOW[1])

    async def listeners(self) -> dict[int, set[str]]:
        """For which events what is laid out listens, by Chromium's number of each node."""
        documents = [d.nodes[0].id for d in self.dom.documents if d.nodes]
        return await self.tab.facts.listeners(documents)

    async def met(self, node: Node, dom: Dom | None = None) -> Point | None:
        """A point of the screen at which the visitor meets it; None if there is none."""
        dom = dom or self.dom
        if node.place in self._closers.closing:
            return None
        self._closers.last = node.place, dom.caption_of(node)[:60]
        targets = [node] if node.box and node.box[2] > 1 and node.box[3] > 1 else []
        targets += [n for n in node.down() if n is not node and n.box and dom.is_shown(n)][:5]
        for target in targets:
            if (at := await self._met_in(await self.bring(target, dom), node, dom)) is not None:
                return at
        for target in targets[:1]:
            async for boxes in self._past_bars(target, dom):
                if (at := await self._met_in(boxes, node, dom)) is not None:
                    return at
        return None

    async def met_here(self, node: Node) -> Point | None:
        """A point of the screen as it is at which the visitor meets it: nothing is scrolled."""
        return await self._met_in(await self.boxes(node), node, self.dom)

    async def _met_in(self, boxes: list[Box], node: Node, dom: Dom) -> Point | None:
        for at in points(boxes):
            if await self.hits(at, node, dom):
                return at
        return None

    async def _past_bars(self, node: Node, dom: Dom) -> AsyncIterator[list[Box]]:
        """Boxes of a node as the window is scrolled further, where what lies over it stands still
        on the screen, such as a bar at its edge."""
        boxes = await self.boxes(node)
        over = dom.numbered(await self.tab.hit(middle(boxes[0]))) if boxes else None
        still = (o for o in over.up() if o.css("position") in _STILL) if over else iter(())
        bar = next((o for o in still if not node.within(o)), None)
        if bar is None or bar.box is None or bar.box[2] * bar.box[3] > MOST_OF_A_BAR:
            return
        for share in (0.5, 0.3, 0.7):
            _, y = await self.tab.place()
            top = boxes[0][1] if boxes else 0
            if abs(await self.scroll_to(max(0, y + top - share * WINDOW[1])) - y) > 1:
                boxes = await self.boxes(node)
                yield boxes

    async def hits(self, at: Point, node: Node, dom: Dom) -> bool:
        """Whether a click at this point meets the node."""
        found = dom.numbered(await self.tab.hit(at))
        return found is not None and found.within(node)

    async def click(
        self, at: Point, follow: Follow | None = None, *, node: int | None = None
    ) -> list[str]:
        """Where a click leads; nothing of the page is left.

        `follow` tells where a thing is that has moved as the mouse came to where it was; `node` is
        the thing, if it may be clicked once more.
        """
        with self._acting(node):
            if follow is not None:
                await self.tab.point(at)
                at = await follow(at) or at
            await self.tab.click(at)
            await self.tab.advance(CLICK_MS)
            return self.tab.departures.take()

    async def wait_on(self) -> list[str]:
        """Where what was done last leads after some seconds, as where a page counts down first."""
        for _ in range(COUNTDOWN):
            await self.tab.advance(SECOND_MS)
            if went := self.late():
                return went
        return []

    def late(self) -> list[str]:
        """Where the page has led since it was done, unless it sends its visitor there anyway."""
        return [url for url in self.tab.departures.take() if url not in self.tab.departures.sent_on]

    async def put_away(self, before: Dom) -> None:
        """Close what has opened since, so that it does not lie over what is tried next."""
        await self.tab.press("Escape")
        now = await self.tab.dom()
        for node in things.closing(now, now.newly_shown(before.looks))[:MAX_CLOSERS]:
            if (at := await self.met(node, now)) is not None:
                await self.click(at)
                return

    async def type(self, at: Point, words: str, then: str) -> list[str]:
        """Where it leads to put these words in a field and press a key; nothing is left."""
        with self._acting():
            await self.tab.click(at)
            await self.tab.select_all()
            await self.tab.insert(words)
            await self.tab.press(then)
            await self.tab.advance(CLICK_MS)
            return self.tab.departures.take()

    async def choose(self, select: Node, number: int | None) -> list[str]:
        """Where it leads to choose the option of this number, or all; nothing is left."""
        boxes = await self.tab.boxes(select.id)
        if not boxes or not await self.tab.focus(select.id):
            return []
        with self._acting():
            await self.tab.act_at(middle(boxes[0]))
            if number is None:
                await self.tab.select_all()
            else:
                await self.tab.press("ArrowDown", alt=True)
                await self.tab.press("Home")
                for _ in range(number):
                    await self.tab.press("ArrowDown")
                await self.tab.press("Enter")
            await self.tab.advance(CLICK_MS)
            return self.tab.departures.take()

    @contextmanager
    def _acting(self, node: int | None = None) -> Iterator[None]:
        """What leads away now is the visitor's doing."""
        self.actions += 1
        self.tab.departures.take()
        self.tab.traffic.acting = True
        self.tab.departures.act(node)
        try:
            yield
        finally:
            self.tab.close_popups()
            self.tab.traffic.acting = False

    async def is_painted(self, node: Node, at: Point) -> bool:
        """Whether a thing that is met at this point shows anything, such as text in another colour.

        Where it is not met in its middle, something lies over it: then only what is around the
        point counts, since the rest is not its own.
        """
        if node.name == "area":
            return self.why_lost(node) is None
        if await self._is_under(node, at):
            return False
        parts = [node, *(n for n in node.down() if n is not node and n.box)]
        parts = [part for part in parts if self.dom.is_legible(part)]
        for part in parts[:MAX_PARTS]:
            boxes = await self.tab.boxes(part.id)
            for box in sorted(boxes, key=lambda one: not holds(one, *at))[:2]:
                seen = box if at == middle_of(box) or not holds(box, *at) else _around(box, at)
                inside, outside = on_screen(seen), on_screen(grown(seen, MARGIN))
                if inside is None or outside is None:
                    continue
                left, top = inside[0] - outside[0], inside[1] - outside[1]
                if shows_something(await self.picture(outside), (left, top, *inside[2:])):
                    return True
        return False

    def why_lost(self, area: Node) -> Reason | None:
        """Why the picture of an area did not come: then nothing shows where the area is."""
        source = area.over.source if area.over is not None else ""
        got = self.tab.traffic.of(source) if source else None
        if got is None or not (got.failure or got.status >= 400):
            return None
        if got.failure:
            return cause_of(got.failure)[1]
        return Reason.of("http_status", status=got.status)

    async def _is_under(self, node: Node, at: Point) -> bool:
        """Whether something opaque lies over it through which clicks go."""
        over = self.dom.numbered(await self.tab.hit(at, is_seen=True))
        if over is None or over.within(node) or node.within(over):
            return False
        for outer in over.up():
            if node.within(outer) or outer.name == "#document":
                return False
            if is_opaque(outer) and any(holds(b, *at) for b in await self.tab.boxes(outer.id)):
                return True
        return False

    async def picture(self, box: Box) -> bytes:
        """What the screen shows in a box that lies on it, as PNG."""
        x, y = await self.tab.place()
        return await self.tab.screenshot((round(x) + box[0], round(y) + box[1], *box[2:]))


def _within(part: Box, box: Box | None) -> Box:
    """A part of the page as seen from the corner of a box in which it lies."""
    x, y, wide, high = inner_part(part)
    return (x - box[0], y - box[1], wide, high) if box else part


def points(boxes: list[Box]) -> Iterator[Point]:
    """Points of a thing to try a click at: its middle first."""
    for x, y, wide, high in boxes[:4]:
        for across in (0.5, 0.15, 0.85):
            for down in (0.5, 0.15, 0.85):
                at = x + wide * across, y + high * down
                if 0 <= at[0] < WINDOW[0] and 0 <= at[1] < WINDOW[1]:
                    yield at


def middle_of(box: Box) -> Point:
    """The first of the points at which a thing is tried."""
    return box[0] + box[2] * 0.5, box[1] + box[3] * 0.5


def _around(box: Box, at: Point) -> Box:
    """The part of a box that belongs to one of the points at which it is tried."""
    wide, high = max(1, box[2] // 3), max(1, box[3] // 3)
    left, top = round(at[0] - wide / 2), round(at[1] - high / 2)
    return max(left, box[0]), max(top, box[1]), wide, high


def middle(box: Box) -> Point:
    """The middle of what of a box is on the screen."""
    left, top, right, bottom = _edges(box)
    return (left + right) / 2, (top + bottom) / 2


def on_screen(box: Box) -> Box | None:
    """What of a box is on the screen; None if nothing. Beyond it Chromium paints white."""
    left, top, right, bottom = _edges(box)
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


def grown(box: Box, by: int) -> Box:
    """A box with so many CSS pixels around it."""
    return box[0] - by, box[1] - by, box[2] + 2 * by, box[3] + 2 * by


def _edges(box: Box) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a box, no further than those of the screen."""
    right, bottom = min(box[0] + box[2], WINDOW[0]), min(box[1] + box[3], WINDOW[1])
    return max(box[0], 0), max(box[1], 0), right, bottom
