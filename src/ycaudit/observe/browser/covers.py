"""What lies over a page: notices that a visitor closes before all else, or once in his way."""

from __future__ import annotations

from ycaudit.model import Box
from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.tab import Point, Tab
from ycaudit.observe.static.sheets import WINDOW

MAX_SAMPLES, MOST = 8, 0.6
"""Things of a page that are asked for to know whether something lies over them, and the share of
them over which it does."""
NOTICE, NARROWER = (200, 120), 0.9
"""CSS pixels that a notice is wide and high at least; of the window it takes a smaller share."""
_FLOATS = ("fixed", "absolute")
"""Values of `position` with which something lies over other things."""


async def cover(tab: Tab, dom: Dom) -> Node | None:
    """What lies over most of the screen."""
    for across in (0.2, 0.5, 0.8):
        at = WINDOW[0] * across, WINDOW[1] * 0.3
        node = dom.numbered(await tab.hit(at))
        for outer in node.up() if node is not None else ():
            position = outer.css("position")
            x, y = dom.screen[:2]
            if outer is dom.modal and not holds(outer.box, at[0] + x, at[1] + y):
                return outer  # what lies behind it has been met
            if position not in _FLOATS or not outer.box or not _is_large(outer.box):
                continue
            # What a page as a whole stands in is often moved out of the flow, too.
            if position == "fixed" or await _covers_others(tab, dom, outer):
                return outer
    return None


async def _covers_others(tab: Tab, dom: Dom, over: Node) -> bool:
    """Whether most of what the screen would show else lies under it, and is not met there."""
    x, y = dom.screen[:2]
    on_screen = beneath = 0
    samples: list[tuple[Node, Point]] = []
    for node in dom.nodes:
        if node.name != "#text" or node.box is None or node.within(over) or node not in dom.shown:
            continue
        at = node.box[0] + node.box[2] / 2, node.box[1] + node.box[3] / 2
        if holds(dom.screen, *at):
            on_screen += 1
            if holds(over.box, *at):
                beneath += 1
                samples.append((node, (at[0] - x, at[1] - y)))
    if beneath <= MOST * on_screen:
        return False
    # A notice that stands beside its mask is among them, and is met.
    samples = samples[:: max(1, len(samples) // MAX_SAMPLES)]
    seen = 0
    for node, at in samples:
        found = dom.numbered(await tab.hit(at))
        seen += found is not None and found.within(node.parent or node)
    return seen < MOST * len(samples)


def is_notice(over: Node) -> bool:
    """Whether it is as large as a notice; bars of menus are wider, bars of icons narrower."""
    _, _, wide, high = over.box or (0, 0, 0, 0)
    return NOTICE[0] <= wide < NARROWER * WINDOW[0] and high >= NOTICE[1]


def is_on(opener: Opener, over: Node, dom: Dom) -> bool:
    """Whether it stands on what lies over the page, or beside it, and may close it."""
    node = dom.again(opener.node, opener.place)
    if node is None or not any(o.css("position") in _FLOATS for o in node.up()):
        return False
    return node.within(next((o for o in over.up() if o.name == "body"), over))


async def in_the_way(tab: Tab, dom: Dom, node: Node, at: Point) -> Node | None:
    """What lies over a thing at this point of the screen, and is no part of it or around it."""
    over = dom.numbered(await tab.hit(at))
    if over is None or over.within(node) or node.within(over):
        return None
    floats = [o for o in over.up() if o.css("position") in _FLOATS and not node.within(o)]
    return floats[-1] if floats else None


def _is_large(box: Box) -> bool:
    return box[2] * box[3] > 0.4 * WINDOW[0] * WINDOW[1]
