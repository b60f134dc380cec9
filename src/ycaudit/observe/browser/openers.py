"""What a visitor would try on a page: point at, focus, scroll, choose from, click."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Self

from ycaudit.observe.browser.delegated import MAX_UNMARKED, unmarked
from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.leads import LIKE_A_CODE, is_of_a_codes_size
from ycaudit.observe.browser.listeners import (
    CLICKS,
    ENTERS,
    FOCUSES,
    HOVERS,
    WHEELS,
    Listeners,
    listens,
)
from ycaudit.observe.browser.nodes import Document, Node
from ycaudit.observe.browser.reach import is_windows
from ycaudit.observe.browser.things import (
    BUTTONS,
    MENUS,
    NEVER_SHOWN,
    closes,
    is_button,
    is_small,
    name_of,
)
from ycaudit.observe.static.links import script_of
from ycaudit.observe.static.sheets import WINDOW

_ENDS = re.compile(
    r"^(?!.*open\(\s*['\"]\s*http).*\b(?:window|self|top|parent)\.close\(", re.DOTALL
)
"""Scripts that close the window, and open no other."""
_PICTURES = re.compile(r"\.(?:png|jpe?g|gif|webp|bmp|svg|avif)(?:[?#]|$)", re.IGNORECASE)
_BOXES = re.compile(r"lightbox|fancybox|colorbox|prettyphoto|magnific|popup|zoom", re.IGNORECASE)
"""Attributes by which the usual scripts know a link that they open on the page."""
_FOR_SCRIPTS = re.compile(
    r"^data-(?:bs-|(?:[a-z]+-)?(?:toggle|target|url|href|link|src|img|qr|qrcode|code|modal|dialog|"
    r"layer|pop|popup|popover|show|open)$)"
)
"""Attributes that tell a script what a link opens, or where it leads."""
_LISTS = re.compile(r"链接")
_STATES = frozenset({"on", "active", "current", "cur", "first", "last", "hover", "selected", "new"})
_ICON = (8, 90)
"""CSS pixels a side."""
MAX_CAPTION = 40
"""Characters of a name by which a thing is told apart from others, and named in reasons."""
_ROLES = frozenset({"button", "tab", "link", "menuitem", "option", "switch"})


@dataclass(frozen=True, slots=True)
class Opener:
    """Something to point at or to click, known again by its place after the page is loaded anew."""

    place: int
    node: int
    caption: str
    score: int
    """Higher for what is likelier to open something."""

    @classmethod
    def of(cls, dom: Dom, node: Node, score: int = 0) -> Self:
        """A thing that is called by its own name alone; empty where it has none."""
        return cls(node.place, node.id, dom.caption_of(node)[:MAX_CAPTION], score)


def to_point_at(
    dom: Dom,
    listeners: Listeners,
    window: tuple[int, int],
    labels: re.Pattern[str],
    ruled: Container[int] = (),
) -> list[Opener]:
    """What may show more while the mouse is on it, the likeliest first.

    `ruled`: the numbers of the nodes for which a style sheet says that something changes.
    """
    scores: dict[Node, int] = {}

    def add(node: Node, score: int) -> None:
        if _can_be_met(dom, node, window):
            scores[node] = max(score, scores.get(node, 0))

    for node in dom.nodes:
        if listens(node, listeners, HOVERS) or node.id in ruled:
            add(node, 3)
            if not is_small(node, window) and _can_be_met(dom, node, window, large=True):
                scores[node] = -1  # such as slides as large as the window: last
        if node.clickable and node.name not in ("a", "body", "html"):
            add(node, 1)
        if _is_pin(node, listeners, HOVERS):
            for part in (node, *node.children):  # in its middle there may be nothing
                add(part, 1)
        if _is_icon(node):
            add(node, 2)
        if node.parent is not None and _is_hidden(dom, node):
            for beside in (node.parent, *node.parent.children):
                add(beside, 2)
    for node in unmarked(dom, listeners, ENTERS, window, labels):
        add(node, 0)
    for node in dom.nodes:
        name = name_of(dom, node) if node.box and node.name != "#text" else ""
        if name and (LIKE_A_CODE.search(name) or labels.search(name)):
            add(node, 4 + scores.get(node, 0))
    return _openers(dom, scores)


def frames_of(dom: Dom) -> Iterator[Node]:
    """The elements that show a document."""
    return (node for node in dom.nodes if node.name in ("iframe", "frame"))


def base_target(document: Document) -> str:
    """Where the links of a document open that do not say it."""
    bases = (n.attributes.get("target", "") for n in document.nodes if n.name == "base")
    return next(filter(None, bases), "")


def referrer_policy(document: Document) -> str:
    """What the last of its `meta` says of telling others whence a visitor comes; empty for none."""
    metas = (n.attributes for n in document.nodes if n.name == "meta")
    said = [m.get("content", "") for m in metas if m.get("name", "").lower() == "referrer"]
    return next(filter(None, reversed(said)), "")


def _for_frames(dom: Dom) -> Iterator[Node]:
    """Links that open in a frame of the page: by their own target, or that of all in a document."""
    names = {node.attributes.get("name", "") for node in frames_of(dom)}
    names = {name for name in names if name and not name.startswith("_")}
    for document in dom.documents if len(dom.documents) > 1 else ():
        of_all = base_target(document)
        for node in document.nodes:
            if node.name not in ("a", "area") or "href" not in node.attributes:
                continue
            target = (node.attributes.get("target") or of_all).strip()
            holder = document.holder
            if target in names or (target == "_parent" and holder and holder.document.holder):
                yield node


def to_click(
    dom: Dom, listeners: Listeners, window: tuple[int, int], labels: re.Pattern[str]
) -> list[Opener]:
    """What does something when it is clicked, as far as one can tell, the likeliest first."""
    delegated = any(
        kinds & CLICKS and (node := dom.by_id.get(number)) and not is_small(node, window)
        for number, kinds in listeners.items()
    )
    scores: dict[Node, int] = {}
    for_frames = {*_for_frames(dom)}
    for node in dom.nodes:
        if node not in for_frames and not _is_clickable(dom, node, listeners, delegated, labels):
            continue
        # A picture as large as the window may be one link; what is large is tried last.
        is_large = not is_small(node, window)
        says_so = node.name in ("a", "area", *BUTTONS) or node.css("cursor") == "pointer"
        if not _can_be_met(dom, node, window, large=says_so or listens(node, listeners)):
            continue
        name = name_of(dom, node)
        score = (
            1 + 4 * bool(LIKE_A_CODE.search(name) or labels.search(name)) + bool(MENUS.search(name))
        )
        scores[node] = score - 3 * closes(name) - 4 * is_large
    for node in unmarked(dom, listeners, CLICKS, window, labels):
        if node not in scores and _can_be_met(dom, node, window):
            scores[node] = 0
    # The innermost: what happens there bubbles.
    outer = {o for n in scores for o in n.up() if o is not n and o in scores and _same(n, o)}
    return _openers(dom, {n: s for n, s in scores.items() if n not in outer})


def _same(inner: Node, outer: Node) -> bool:
    """Whether pointing at the middle of the outer one meets the inner one."""
    box = outer.box
    return box is not None and holds(inner.box, box[0] + box[2] / 2, box[1] + box[3] / 2)


def to_focus(dom: Dom, listeners: Listeners, ruled: Container[int] = ()) -> list[Opener]:
    """What listens for the focus, takes it beside something hidden, or is `ruled` by a sheet."""
    found = [
        node
        for node in dom.nodes
        if (dom.is_shown(node) or _comes_with_focus(node, ruled))
        and (
            listens(node, listeners, FOCUSES)
            or (_takes_focus(node) and (_is_beside_hidden(dom, node) or _is_in(node, ruled)))
        )
    ]
    return _openers(dom, dict.fromkeys(found, 1))


def _comes_with_focus(node: Node, ruled: Container[int]) -> bool:
    """Whether a key leads to something that is shown only then, such as "skip to the content"."""
    is_near = node.box is not None and node.css("visibility") != "hidden"
    return is_near and node.id in ruled and _takes_focus(node)


def _is_in(node: Node, ruled: Container[int]) -> bool:
    return any(outer.id in ruled for outer in node.up())


def _takes_focus(node: Node) -> bool:
    if node.attributes.get("tabindex", "").strip().startswith("-"):
        return False
    if node.name == "a":
        return "href" in node.attributes
    return node.name in ("button", "input", "textarea") or "tabindex" in node.attributes


def _is_beside_hidden(dom: Dom, node: Node) -> bool:
    """Whether something hidden stands in it, or with it in what holds it."""
    inner = (n for n in (node.parent or node).down() if n is not node)
    return any(_holds_something(n) and not dom.is_shown(n) for n in inner)


def to_scroll(dom: Dom, listeners: Listeners) -> list[Node]:
    """Boxes on the page that a visitor can scroll by themselves, or that a script turns."""
    found = []
    for node in dom.nodes:
        if not node.box or node.name in ("html", "#document", *NEVER_SHOWN):
            continue
        if node.name in ("iframe", "frame"):  # of what is beyond its layout tells nothing here
            scrolls = not all(next((d.locks for d in dom.documents if d.holder is node), (True,)))
        else:
            over = {node.css("overflow-y"), node.css("overflow-x")}
            scrolls = bool(over & {"auto", "scroll"}) and not is_windows(node)
            scrolls = (scrolls and _reaches_beyond(node)) or is_turned(node, listeners)
        if scrolls and dom.is_shown(node):
            found.append(node)
    return found


def is_turned(node: Node, listeners: Listeners) -> bool:
    """Whether a script turns what is in a box with the wheel."""
    if not is_small(node, WINDOW):
        return False  # it is the page
    return listens(node, listeners, WHEELS)


def _openers(dom: Dom, scores: Mapping[Node, int]) -> list[Opener]:
    ranked = sorted(scores, key=lambda n: -scores[n])
    at: dict[tuple[int, int], list[Node]] = {}
    found = []
    for node in ranked:
        assert node.box is not None
        middle = (node.box[0] * 2 + node.box[2]) // 12, (node.box[1] * 2 + node.box[3]) // 12
        # A click meets what stands within another alike; of what lies on another, only the upper.
        if not any(node.within(one) or one.within(node) for one in at.get(middle, ())):
            at.setdefault(middle, []).append(node)
            opener = Opener.of(dom, node, scores[node])
            around = "" if opener.caption else dom.nearby(node)[:MAX_CAPTION]
            found.append(replace(opener, caption=opener.caption or around))
    return found


def _can_be_met(dom: Dom, node: Node, window: tuple[int, int], *, large: bool = False) -> bool:
    return (
        node.name not in ("#text", "#document", "html", "body", "option", "script", "style")
        and not node.pseudo
        and (large or is_small(node, window))
        and dom.takes_clicks(node)
    )


def _is_icon(node: Node) -> bool:
    box = node.box
    if box is None or not (_ICON[0] <= box[2] <= _ICON[1] and _ICON[0] <= box[3] <= _ICON[1]):
        return False
    return (
        node.name in ("img", "svg", "i", "canvas", "button")
        or node.css("background-image") not in ("", "none")
        or any(child.pseudo or child.name in ("i", "svg", "img") for child in node.children)
    )


def _holds_something(node: Node) -> bool:
    """Whether what is not laid out holds a picture, a link or some text."""
    holders = {"img", "a", "canvas", "svg", "iframe"}
    return node.name not in NEVER_SHOWN and any(
        n.name in holders or n.text.strip() for n in node.down()
    )


def _is_hidden(dom: Dom, node: Node) -> bool:
    """Whether it holds something, and is not laid out or where nobody sees it."""
    if node.box is None:
        return _holds_something(node)
    is_block = node.name not in ("#text", "a", "html", "body") and bool(node.children)
    return (is_block or is_of_a_codes_size(node)) and not dom.is_shown(node)


def _is_clickable(
    dom: Dom, node: Node, listeners: Listeners, delegated: bool, labels: re.Pattern[str]
) -> bool:
    attributes = node.attributes
    if any(_ENDS.search(attributes.get(name, "")) for name in ("href", "onclick")):
        return False
    is_bound = listens(node, listeners)
    if node.name in ("a", "area"):
        return is_bound or _may_do_more(dom, node, listeners, delegated, labels)
    if is_bound or node.name in BUTTONS or attributes.get("role") in _ROLES:
        return node.name != "label" or not _names_a_box(dom, node)
    if node.name == "input":
        return is_button(node)
    # Of a drawing, a shape is not as large as its box: the whole of it is clicked, and its pins.
    if any(o.name in ("a", "label", "button", "svg") for o in node.up() if o is not node):
        return _is_pin(node, listeners)
    pointer = node.css("cursor") == "pointer"
    marked = delegated and (pointer or any(a.startswith("data-") for a in attributes))
    return _begins_hand(node) or marked or _is_listened_for(node, listeners)


def _begins_hand(node: Node) -> bool:
    """Whether the mouse becomes a hand on it, and not around it."""
    is_hand = node.css("cursor") == "pointer"
    return is_hand and (node.parent is None or node.parent.css("cursor") != "pointer")


def _is_pin(node: Node, listeners: Listeners, to: Set[str] = CLICKS) -> bool:
    """Whether it is a part of a drawing, such as a pin of a map, that answers by itself."""
    outer = [o for o in node.up() if o is not node]
    if not any(o.name == "svg" for o in outer) or not _begins_hand(node):
        return False
    return any(listens(o, listeners, to) for o in outer)


def _names_a_box(dom: Dom, label: Node) -> bool:
    """Whether it is the label of a box that is there to be ticked itself: twice is not at all."""
    named = label.attributes.get("for", "")
    boxes = label.document.nodes if named else label.down()
    return any(
        box.kind in ("checkbox", "radio")
        for box in boxes
        if box.name == "input"
        and dom.is_shown(box)
        and (not named or box.attributes.get("id") == named)
    )


def _leads_nowhere(href: str) -> bool:
    """Whether a link with this address is there for a script."""
    return not href or href.startswith("#") or script_of(href) is not None


def _shows_picture(node: Node, href: str) -> bool:
    """Whether a script may show what a link leads to on the page itself, in a large picture."""
    marks = " ".join((*node.attributes, node.attributes.get("rel", "")))
    return _PICTURES.search(href) is not None or _BOXES.search(marks) is not None


def _may_do_more(
    dom: Dom, link: Node, listeners: Listeners, delegated: bool, labels: re.Pattern[str]
) -> bool:
    """Whether a script may do something else than to follow a link: it leads nowhere by itself, or
    something around it listens for clicks, and it has data for that, is called so, or is the only
    one of its row with a class that the others lack."""
    href = link.attributes.get("href", "").strip()
    if _leads_nowhere(href) or (delegated and _shows_picture(link, href)):
        return True
    if not any(listens(o, listeners) for o in link.up() if o is not link):
        return False
    if any(_is_for_scripts(dom, *each) for each in link.attributes.items()):
        return True
    name = name_of(dom, link)
    if LIKE_A_CODE.search(name) or labels.search(name) or _LISTS.search(name):
        return True
    row = _row(link)
    common = set[str].intersection(*map(_classes, row)) if row else set[str]()
    return len(row) > 1 and [one for one in row if _classes(one) - common] == [link]


def _is_for_scripts(dom: Dom, name: str, value: str) -> bool:
    """Whether an attribute of a link is for a script that does something else than to follow it:
    what very many have counts clicks, or shows a tip."""
    if _FOR_SCRIPTS.search(name) is None or value in ("tooltip", "popover"):
        return False
    return dom.attributes_of_links[name] <= MAX_UNMARKED


def _row(link: Node) -> list[Node]:
    """The links in the row of a link."""
    return [n for one in link.row for n in one.down() if n.name == "a"]


def _classes(node: Node) -> set[str]:
    """Its classes, but for those that only tell which of its row is the current one."""
    return {*node.attributes.get("class", "").split()} - _STATES


def _is_listened_for(node: Node, listeners: Listeners) -> bool:
    """Whether something close around it listens for clicks on its parts, as lists do."""
    outer = [o for o in node.up() if o is not node][:4]
    listening = any(listens(o, listeners) for o in outer)
    is_leaf = not any(
        child.name in ("div", "ul", "dl", "table", "section") for child in node.children
    )
    return listening and is_leaf


def _reaches_beyond(node: Node) -> bool:
    """Whether something in a box lies outside of it, wherever it is scrolled to."""
    box = node.box
    assert box is not None
    left, top, right, low = box[0] - 2, box[1] - 2, box[0] + box[2] + 2, box[1] + box[3] + 2
    return any(
        n.box[0] < left
        or n.box[1] < top
        or n.box[0] + n.box[2] > right
        or n.box[1] + n.box[3] > low
        for n in node.down()
        if n.box
    )
