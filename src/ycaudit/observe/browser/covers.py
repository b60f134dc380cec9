"""What lies over a page: notices that a visitor closes before all else."""

from __future__ import annotations

from ycaudit.model import Box
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.observe.browser.tab import Tab
from ycaudit.observe.static.sheets import WINDOW


async def cover(tab: Tab, dom: Dom) -> Node | None:
    """What lies fixed over most of the screen."""
    for across in (0.2, 0.5, 0.8):
        met = await tab.hit((WINDOW[0] * across, WINDOW[1] * 0.3))
        node = dom.by_id.get(met) if met is not None else None
        for outer in node.up() if node is not None else ():
            if outer.css("position") == "fixed" and outer.box and _is_large(outer.box):
                return outer
    return None


def is_on(opener: Opener, over: Node, dom: Dom) -> bool:
    """Whether it stands on what lies over the page, or beside it, and may close it."""
    node = dom.again(opener.node, opener.place)
    if node is None or not any(o.css("position") == "fixed" for o in node.up()):
        return False
    return node.within(next((o for o in over.up() if o.name == "body"), over))


def _is_large(box: Box) -> bool:
    return box[2] * box[3] > 0.4 * WINDOW[0] * WINDOW[1]
