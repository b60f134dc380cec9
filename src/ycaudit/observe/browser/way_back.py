"""The way back to what a visitor has come by, and what has closed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ycaudit.observe.browser import things
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands, middle
from ycaudit.observe.browser.links import Links
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.tab import Point
from ycaudit.observe.browser.tries import Tries
from ycaudit.observe.browser.ways import Step, Steps, Way
from ycaudit.url import parse_web_url


class WayBack:
    """How the visitor has come to what is open now, and gets there again."""

    def __init__(self, tries: Tries, hands: Hands, links: Links) -> None:
        self._tries = tries
        self._hands = hands
        self._tab = hands.tab
        self._links = links
        self.steps: Steps = ()
        """How he came to what is open now; empty where nothing has opened."""

    @contextmanager
    def on(self, way: Way) -> Iterator[None]:
        """What is shown meanwhile is there by this way."""
        before, self.steps = self.steps, way.steps
        try:
            yield
        finally:
            self.steps = before

    async def reach(self, node: Node, *, anew: bool) -> tuple[Node, Point] | None:
        """A thing that has closed, by the way by which it was shown, and where it is met.

        `anew`: on the page as it was before anything was clicked.
        """
        known = self._hands.dom.places
        if not anew:
            await self._hands.look()
        elif not await self._tries.load_anew():
            return None
        elif any(step.times > 1 for step in self.steps):  # on its first page others stand there
            await self.go(self.steps)
        opener = Opener.of(self._hands.dom, node)
        return await self.reached(opener, self.steps, known)

    async def restore(self, before: Dom) -> None:
        """Have open again, by the way by which it was, what clicks on links have closed since."""
        now = await self._hands.look()
        if not self.steps or before.places - self._tries.restless <= now.places:
            return
        nodes = [now.of_place(step.place) for step in self.steps]
        there = [n for n, node in enumerate(nodes) if node is not None and now.is_shown(node)]
        for step in self.steps[there[-1] :] if there else ():
            await self._redo(step)

    async def reached(
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
                await self.go(steps)
            else:  # how often it was clicked counts from a page loaded anew alone
                for step in steps:
                    await self._redo(step)
        return None

    async def go(self, steps: Iterable[Step]) -> None:
        """Go this way from its beginning."""
        for step in steps:
            for _ in range(step.times):
                await self._redo(step)

    async def go_back(self, steps: Steps) -> None:
        """Have the pane again that is shown on this way."""
        # What turns pages is clicked from the first one.
        if all(step.times == 1 for step in steps) or await self._tries.load_anew():
            await self.go(steps)

    def is_replaced(self, opener: Opener) -> bool:
        """Whether another thing has come to its place, such as what leads back from an article."""
        dom = self._hands.dom
        node = None if opener.node in dom.by_id else dom.of_place(opener.place)
        return node is not None and Opener.of(dom, node).caption not in ("", opener.caption)

    async def _redo(self, step: Step) -> None:
        """Do once more what he did with one thing."""
        if step.choice is None:
            await self._tries.redo(step.place, is_click=step.is_click)
        else:
            await self._tries.choices.make_again(step.place, step.choice)

    async def _is_bared(self, node: Node, known: frozenset[int]) -> bool:
        """Whether what had opened over a thing could be closed."""
        if not await self._is_covered(node, known):
            return False
        boxes = await self._hands.boxes(node)
        return bool(boxes) and await self._tries.bare(node, middle(boxes[0])) is not None

    async def _is_covered(self, node: Node, known: frozenset[int]) -> bool:
        """Whether something lies over it that was not there when it was found."""
        boxes = await self._hands.bring(node)
        met = await self._tab.hit(middle(boxes[0])) if boxes else None
        over = self._hands.dom.numbered(met)
        return over is None or over.place not in known

    def _give_up(self, opener: Opener, node: Node | None) -> None:
        """Note as untried what may show something: not a link to another site that has moved on,
        nor what would close a message that has closed itself."""
        if things.closes(opener.caption):
            return
        href = node.attributes.get("href", "") if node is not None and node.name == "a" else ""
        found = parse_web_url(href, node.document.base) if node is not None and href else None
        if found is None or self._links.is_own(found.href):
            self._tries.first([opener], 0)
