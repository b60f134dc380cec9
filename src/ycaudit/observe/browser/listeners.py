"""What listens for which events of a visitor's."""

from __future__ import annotations

from collections.abc import Mapping, Set

from ycaudit.observe.browser.nodes import Node

HOVERS = frozenset(
    {"mouseenter", "mouseover", "mousemove", "pointerenter", "pointerover", "pointermove"}
)
ENTERS = HOVERS - {"mousemove", "pointermove"}
"""Those of one who comes, and not of every step of his."""
CLICKS = frozenset(
    {"click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend", "tap"}
)
WHEELS = frozenset({"wheel", "mousewheel"})
FOCUSES = frozenset({"focus", "focusin"})
Listeners = Mapping[int, set[str]]
"""For which events nodes listen, by Chromium's number of the node."""
_NO_KINDS: set[str] = set()


def listens(node: Node, listeners: Listeners, to: Set[str] = CLICKS) -> bool:
    """Whether it does something of its own when it is clicked, or at these events."""
    kinds = listeners.get(node.id, _NO_KINDS)
    return bool(kinds & to) or any(f"on{kind}" in node.attributes for kind in to)


def reacts(node: Node, listeners: Listeners) -> bool:
    """Whether a script does something when the mouse comes to it, or to what it stands in."""
    return any(
        listens(o, listeners, HOVERS)
        for o in node.up()
        if o.name not in ("body", "html", "#document")
    )
