"""What stands beside a thing, and confirms that it is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from math import hypot

from ycaudit.model import Box
from ycaudit.observe.browser import things
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.hands import Hands
from ycaudit.observe.browser.leads import LIKE_A_CODE
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.offers import met
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.static.links import script_of
from ycaudit.reasons import Reason

Clickable = Callable[[], Awaitable[list[Opener]]]
"""Tells what can be clicked now."""
Shows = Callable[[Reason, tuple[float, ...]], Awaitable[bool]]
"""Looks at what came of something, at once or late."""
MAX_BESIDE, MAX_BESIDE_LIKELY = 3, 12
"""Things beside a list that may confirm a choice, and the first that may be what is asked for."""
_LEVELS = 3
"""How far out of a list something stands beside it."""
_NEAR, MAX_IDLE_CLICKS = 1, 12
"""How far out it still stands near; clicks in turn after which what is farther, and shows nothing,
confirms no choice of any list."""
_NO_LIKENESS = 3


class Confirming:
    """What was clicked on one page to confirm a choice."""

    def __init__(
        self, hands: Hands, untried: list[Reason], clickable: Clickable, shows: Shows
    ) -> None:
        """What is left out is added to `untried`."""
        self._hands = hands
        self._untried = untried
        self._clickable = clickable
        self._shows = shows
        self._leading: set[int] = set()
        """The places of what has confirmed a choice: it comes first for the next ones."""
        self._hiding: set[int] = set()
        """The places of what confirms nothing, and hides the list beside which it stands."""
        self._idle = Counter[int]()
        """By place, how often in turn a click on it has shown nothing."""

    async def confirm(
        self,
        chosen: Node,
        own: set[int],
        tried: set[int],
        *,
        is_named: bool = False,
        tries_all: bool = False,
    ) -> list[str] | None:
        """Where what stands beside a thing leads, once it, or what has its `own` places, is chosen;
        None where that was hidden before all was tried.

        `tried`: the places of what was tried with this choice, to which those tried now are added.
        `is_named`: only what says that it leads on, or of a code, and is no other one of its row.
        `tries_all`: since it may be what is asked for.
        """
        found = await self._beside(chosen, own)
        if is_named:
            row = {node.place for node in chosen.row}
            found = [o for o in found if things.goes_on(o.caption) or self._is_code(o, row)]
        if tries_all and len(found) > MAX_BESIDE_LIKELY:
            more = len(found) - MAX_BESIDE_LIKELY
            self._untried.append(Reason.of("not_all_tried", count=more))
        found = found[: MAX_BESIDE_LIKELY if tries_all else MAX_BESIDE]
        left = [opener for opener in found if opener.place not in tried]
        for number, opener in enumerate(left, start=1):
            tried.add(opener.place)
            node = self._hands.dom.again(opener.node, opener.place)
            at = await self._hands.met(node) if node is not None else None
            if node is None or at is None or not await self._hands.is_painted(node, at):
                continue
            still = await self._hands.tab.paints()
            looks = self._hands.dom.looks
            if went := await self._hands.click(at):
                self._leading.add(opener.place)
                return went
            self._idle[opener.place] += 1
            if await self._hands.tab.paints() == still:
                continue
            await self._hands.tab.come_to_rest()
            await self._shows(Reason.of("state_click", name=opener.caption), still)
            has_shown = bool(self._hands.dom.newly_shown(looks))
            if has_shown:
                self._idle[opener.place] = 0
            if await met(self._hands, chosen) is None:
                if not has_shown:
                    self._hiding.add(opener.place)
                return None if number < len(left) else []
        return []

    async def _beside(self, chosen: Node, own: set[int]) -> list[Opener]:
        """What may confirm a choice: a button, or anything that can be clicked close by."""
        node = self._hands.dom.again(chosen.id, chosen.place)
        if node is None:
            return []
        by_id = {opener.node: opener for opener in await self._clickable() if opener.score > 0}
        found: dict[int, Opener] = {}
        for level, outer in enumerate([*node.up()][1 : _LEVELS + 1]):
            others = list[Opener]()
            for inner in outer.down():
                opener = by_id.get(inner.id)
                if opener is None or inner.within(node) or things.undoes(opener.caption):
                    continue
                is_idle = level > _NEAR and self._idle[opener.place] >= MAX_IDLE_CLICKS
                if is_idle or opener.place in self._hiding:
                    continue
                if inner.name == "label" or inner.kind in ("checkbox", "radio", "reset"):
                    continue  # that is a choice itself, or undoes this one
                if any(n.place in own for n in inner.down()):
                    continue
                if level == 0 or _likeness(self._hands.dom, opener) < _NO_LIKENESS:
                    found.setdefault(inner.id, opener)
                else:
                    others.append(opener)
            if len(others) == 1 and not found:
                found[others[0].node] = others[0]
        return sorted(found.values(), key=lambda o: self._rank(o, node))

    def _is_code(self, opener: Opener, row: set[int]) -> bool:
        """Whether it says that it shows a code, outside of what has these places."""
        node = self._hands.dom.by_id.get(opener.node)
        around = {outer.place for outer in node.up()} if node is not None else set[int]()
        return LIKE_A_CODE.search(opener.caption) is not None and row.isdisjoint(around)

    def _rank(self, opener: Opener, chosen: Node) -> tuple[bool, int, float]:
        """What has led on comes first, then what is most like a button, then the near."""
        found = self._hands.dom.by_id.get(opener.node)
        far = _distance(found.box, chosen.box) if found and found.box and chosen.box else 0.0
        return opener.place not in self._leading, _likeness(self._hands.dom, opener), far


def _distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[0] - other[2], other[0] - one[0] - one[2], 0)
    down = max(one[1] - other[1] - other[3], other[1] - one[1] - one[3], 0)
    return hypot(across, down)


def _likeness(dom: Dom, opener: Opener) -> int:
    """How like a button beside a list it is, from 0: what says so, a button, what is drawn as one,
    a link that only a script makes one."""
    node = dom.by_id.get(opener.node)
    if node is None or things.confirms(opener.caption):
        return 0
    if things.is_button(node) or things.is_drawn_as_button(node):
        return 1
    is_script = node.name == "a" and script_of(node.attributes.get("href", "")) is not None
    return 2 if is_script else _NO_LIKENESS
