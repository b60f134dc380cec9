"""What of a page a visitor gets on the screen by scrolling. Pure.

A box or a frame whose overflow is hidden, or a window of that kind, is scrolled by nobody's wheel;
scripts can scroll it all the same, and so does Chromium's own protocol when it is asked to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ycaudit.model import Box
from ycaudit.observe.browser.nodes import Document, Locks, Node

FRAMES = frozenset({"iframe", "frame", "object", "embed"})
_FLOWS = frozenset({"", "static", "relative"})
_SCROLLS = frozenset({"auto", "scroll"})
_CUTS = frozenset({"hidden", "clip"})
_NO = frozenset({"no", "off", "noscroll"})
"""Values of a frame's `scrolling`: https://html.spec.whatwg.org/multipage/rendering.html#the-page"""
_EDGE = 4
"""CSS pixels left aside where something is cut off: borders, and what is rounded."""
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which part of something a visitor gets to see at most."""

    part: Box | None = None
    """On the whole page; None where it is all of it."""
    has_scrolled: bool = False
    """Whether a box or a frame has to be scrolled for that, and not the window alone."""
    locks: tuple[Node, ...] = ()
    """What cuts off something that has to be scrolled, and must not be scrolled itself: what stands
    at the beginning of each."""


def locks_of(document: Document) -> Locks:
    """Whether nobody can scroll the window, or the frame, that shows this document.

    https://drafts.csswg.org/css-overflow-3/#overflow-propagation
    """
    holder = document.holder
    if holder is not None and holder.attributes.get("scrolling", "").strip().lower() in _NO:
        return True, True
    for node in document.nodes:
        if node.name == "html" or is_windows(node):
            found = node.css("overflow-x"), node.css("overflow-y")
            if not {*found} <= {"", "visible"}:
                return found[0] in _CUTS, found[1] in _CUTS
            if node.name == "body":
                break
    return False, False


def is_windows(node: Node) -> bool:
    """Whether what scrolls a body is the window: it is the body where `html` scrolls, too."""
    root = node.parent
    return node.name == "body" and (root is None or root.css("overflow-y") in ("", "visible"))


def reach_of(node: Node, ports: Iterable[Port], wide: float) -> Reach | None:
    """What of a node a visitor can get on the screen; None if nothing.

    `ports`: as of `ports_of`; `wide`: of the whole page.
    """
    assert node.box is not None
    walk = _Walk(node)
    for port in ports:
        if not walk.passes(port):
            return None
    if walk.left >= max(wide, 1):
        return None
    return Reach(walk.part, walk.has_scrolled, tuple(walk.locks))


@dataclass(frozen=True, slots=True)
class Port:
    """What shows something of what stands in it."""

    holder: Node | None
    box: Box
    locks: Locks
    scrolls: Locks
    """Whether a visitor can scroll it across, and down."""
    begins: tuple[float, float] = (float("-inf"), float("-inf"))
    """Where on the page its content begins: before that it cannot be scrolled."""
    first: Node | None = None
    """What stands at the beginning of it."""


def position_of(node: Node) -> str:
    """How a node is placed, if not in the flow: the style of text is that of what it stands in."""
    own = "" if node.name == "#text" else node.css("position")
    return own if own in ("absolute", "fixed") else ""


def flows_in(node: Node) -> Node | None:
    """The element in whose flow it stands: what cuts that off cuts off this, too."""
    outer = node.outer
    if outer is None or outer.style is None or outer.name == "#document" or position_of(node):
        return None
    return outer


def port_of(outer: Node, *, floats: bool = False) -> Port | None:
    """What of an element cuts off or scrolls what stands in it."""
    style = outer.style
    if style is None or outer.box is None or outer.name in ("html", *FRAMES) or is_windows(outer):
        return None
    if not style.clips or (floats and not _holds(outer)):
        return None
    over = style["overflow-x"], style["overflow-y"]
    first = next((n for n in outer.children if n.box and n.css("position") in _FLOWS), None)
    return Port(
        outer,
        outer.box,
        (over[0] in _CUTS, over[1] in _CUTS),
        (over[0] in _SCROLLS, over[1] in _SCROLLS),
        (_left_of(outer.box, first), float("-inf")),
        first,
    )


def _holds(outer: Node) -> bool:
    """Whether what is absolutely placed in it stands in it."""
    return outer.style is not None and (_holds_fixed(outer) or outer.style.holds_absolute)


def _holds_fixed(outer: Node) -> bool:
    if outer.style is None:
        return False
    return outer.style.holds_fixed_as_root if outer.name == "html" else outer.style.holds_fixed


def ports_of(node: Node, screen: Box) -> Iterator[Port]:
    """What cuts off or scrolls a node, from the innermost outwards: the same for all that stand in
    one and are placed alike.

    `screen`: the part of the whole page on which the window stands.
    """
    own = position_of(node)
    floats, is_fixed = own == "absolute", own == "fixed"
    for outer in node.up():
        document = outer.document
        if outer.name == "#document":
            holder = document.holder
            locks = (True, True) if is_fixed else document.locks
            if holder is None:
                yield Port(None, screen, locks, (False, False), (0, 0))
                return
            if holder.box is not None:
                scrolls = not locks[0], not locks[1]
                root = next((n for n in document.nodes if n.name == "html"), None)
                yield Port(holder, holder.box, locks, scrolls, document.offset, root)
            floats, is_fixed = holder.css("position") == "absolute", False
        style = outer.style
        if outer is node or style is None:
            continue
        if is_fixed and not _holds_fixed(outer):
            continue
        if (port := port_of(outer, floats=floats)) is not None:
            yield port
        if _holds(outer):
            floats = style["position"] == "absolute"
        is_fixed = style["position"] == "fixed"


def _left_of(box: Box, first: Node | None) -> float:
    """Where what can be scrolled across begins: further left stands what nobody gets to see."""
    return min(box[0], first.box[0]) if first is not None and first.box else box[0]


class _Walk:
    """Where a node can be seen, from port to port."""

    def __init__(self, node: Node) -> None:
        assert node.box is not None
        self.part: Box | None = None
        x, y, wide, high = node.box
        self.has_scrolled = False
        self.locks: list[Node] = []
        self._spans: list[_Span] = [(x, x + wide), (y, y + high)]

    @property
    def left(self) -> float:
        """Where it begins, across."""
        return self._spans[0][0]

    def passes(self, port: Port) -> bool:
        """Whether anything of it can be seen through this port."""
        is_cut = has_moved = False
        if port.holder is not None and min(port.box[2:]) <= 1:
            return False
        for axis in (0, 1):
            low, high = self._spans[axis]
            first, last = port.box[axis], port.box[axis] + port.box[axis + 2]
            if high <= port.begins[axis] and not (axis == 0 and port.locks[0]):
                return False
            if port.locks[axis]:
                if low < first or high > last:
                    is_cut = True
                    low, high = max(low, first), min(high, last)
                    if high - low <= 1:
                        return False
            elif port.scrolls[axis] and (high > last or low < first):
                has_moved = True
                low, high = first, last
            self._spans[axis] = low, high
        if is_cut and not self.has_scrolled:
            self.part = self._box()
        elif is_cut and port.first is not None:
            self.locks.append(port.first)
        self.has_scrolled = self.has_scrolled or has_moved
        return True

    def _box(self) -> Box:
        (left, right), (top, bottom) = self._spans
        return round(left), round(top), round(right - left), round(bottom - top)


def inner_part(part: Box) -> Box:
    """A part without its edge, where it is large enough for that."""
    x, y, wide, high = part
    dx, dy = min(_EDGE, (wide - 1) // 2), min(_EDGE, (high - 1) // 2)
    return x + dx, y + dy, wide - 2 * dx, high - 2 * dy
