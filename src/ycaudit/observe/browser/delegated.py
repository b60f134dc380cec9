"""What does not say that it does something: something around it listens for what happens to its
parts, as scripts of lists and of whole documents do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass

from ycaudit.observe.browser.dom import TINY, Dom, squeezed
from ycaudit.observe.browser.leads import LIKE_A_CODE
from ycaudit.observe.browser.listeners import ENTERS, Listeners, listens
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.things import MENUS, NEVER_SHOWN, is_small, name_of

MAX_WORD, MAX_UNMARKED = 12, 40
MAX_ROW, MAX_IN_ROWS = 20, 60
"""Of what is alike: in a longer one, such as a list of names, hardly any opens anything."""
_WORD = re.compile(r"[^\W\d_]{2}")
"""Letters, as dates and numbers have none."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something in what listens for events of its parts."""

    node: Node
    kind: int
    """Lower for what is likelier to answer."""
    row: int
    """Of how many like it it is one; 0 where what listens is no larger than a part of the page."""


def unmarked(
    dom: Dom, listeners: Listeners, to: Set[str], window: tuple[int, int], labels: re.Pattern[str]
) -> list[Node]:
    """What does not say that it does something, and may all the same, since something around it
    listens for events of its parts: names and pictures, the likeliest first.

    More than MAX_UNMARKED of a kind no visitor tries that do not even change the mouse. The mouse
    says nothing of what only answers to being pointed at: all of a short row is, such as tabs.
    """
    found = sorted(_parts(dom, listeners, to, window, labels), key=lambda p: (p.kind, p.row))
    least = MAX_ROW if to is ENTERS else -1
    kept: list[Node] = []
    for kind in range(3):
        of_kind = [part for part in found if part.kind == kind]
        kept += [part.node for part in of_kind if part.row == 0 <= least]
        kept += [part.node for part in of_kind if 0 < part.row <= least][:MAX_IN_ROWS]
        kept += [part.node for part in of_kind if part.row > least][:MAX_UNMARKED]
    return kept


def _parts(
    dom: Dom, listeners: Listeners, to: Set[str], window: tuple[int, int], labels: re.Pattern[str]
) -> Iterator[Part]:
    # Links and buttons are clicked for what they are, but may answer the mouse as anything may.
    alone = {"svg"} if to is ENTERS else {"a", "label", "button", "svg"}
    rows: dict[Node | None, Counter[str]] = {}
    links: set[Node] = set()
    for node in dom.nodes:
        if node.name in NEVER_SHOWN or node.name in ("input", "select", "textarea"):
            continue
        if any(o.name in alone for o in node.up()):
            continue
        is_picture = node.name == "img" and node.box is not None and min(node.box[2:]) > TINY
        own = squeezed(" ".join(child.text for child in node.children if child.name == "#text"))
        is_named = len(own) <= MAX_WORD and _WORD.search(own)
        is_part = to is ENTERS and node.parent is not None and listens(node.parent, listeners, to)
        if not (is_picture or is_named or is_part):
            continue
        listening = (o for o in node.up() if o is not node and listens(o, listeners, to))
        if (nearest := next(listening, None)) is None:
            continue
        is_near = is_small(nearest, window)
        if not (is_picture or is_named or is_near):
            continue
        link = next((o for o in node.up() if o.name in ("a", "button")), None)
        if link in links:
            continue  # the mouse comes to it by one part as by another
        if link is not None:
            links.add(link)
        name = name_of(dom, node)
        is_likely = LIKE_A_CODE.search(name) or labels.search(name) or MENUS.search(name)
        kind = 0 if is_likely else 1 if is_picture else 2
        yield Part(node, kind, 0 if is_near else _row_of(node, rows))


def _row_of(node: Node, rows: dict[Node | None, Counter[str]]) -> int:
    """How many of the same name stand beside it, or beside the nearest around it that has some."""
    for inner in node.up():
        outer = inner.parent
        if outer is None:
            break
        if outer not in rows:
            rows[outer] = Counter(child.name for child in outer.children)
        if (number := rows[outer][inner.name]) > 1:
            return number
    return 1
