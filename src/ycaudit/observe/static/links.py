"""The links of a document: every element and every click handler that leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from ycaudit.model import Link, Visibility, Where
from ycaudit.observe.static.styles import up
from ycaudit.observe.static.tree import (
    MAX_TEXT,
    StyledTree,
    caption_of,
    has_nothing_to_click,
    image_of_area,
    text_of,
)
from ycaudit.url import nowhere, stays_on

# What links, and the text without which a page has none of it: searching for it costs more.
_LINKING = (
    ("a[href]", "<a"),
    ("area[href]", "<area"),
    ("svg a", "<svg"),
    ("option[value]", "<option"),
    ("form[action]", "<form"),
    ("[formaction]", "formaction"),
    ("[onclick]", "onclick"),
)
_LEFT_OUT = re.compile(r"^[\0-\x20]+|[\t\n\r]+")
MAX_CODE = 3000
"""Characters of code that is read at all; it takes longer with the square of them."""
MAX_BEFORE = 100
"""Characters within which an address says what it is."""
_HOST_NAME = re.compile(r"[\w.-]+")
_OPEN = r"(?:\bopen\s*\(|\blocation(?:\.href)?\s*=(?!=)|\blocation\.(?:assign|replace)\s*\()\s*"
_GOES = re.compile(_OPEN + r"""(['"])((?:(?!\1)[^\\]){1,2000})\1(?!\s*\+)""", re.IGNORECASE)
# One statement, with nothing that could keep it from being done. A mere `open(` in an attribute is
# that of the document, which empties the page.
_PLAIN = re.compile(
    r"""\s*(?:(?:window|self|top)\.open\s*\(|(?:(?:window|self|top|document)\.)?"""
    r"""location(?:(?:\.href)?\s*=|\.(?:assign|replace)\s*\())"""
    r"""\s*(['"])[^'"\\]*\1(?:\s*,\s*(['"])[^'"\\]*\2)*\s*\)?\s*;?\s*"""
    r"""(?:return\s+(?:false|true)\s*;?\s*)?""",
    re.IGNORECASE,
)
_LITERAL = re.compile(
    r"""(['"])\s*((?:https?:)?//[^'"\s<>\\]{3,2000})\s*\1(?!\s*\+)""", re.IGNORECASE
)


def links_in(page: StyledTree, where: Where, hosts: frozenset[str] | None = None) -> Iterator[Link]:
    """Every link, grouped by kind; with `hosts` only anchors whose address contains one."""
    selector = _any_link(page.tree.lower) if hosts is None else _anchors_to(hosts)
    # By identity: an element that fits two selectors of the list comes twice.
    nodes = {node.mem_id: node for node in page.tree.parser.css(selector)} if selector else {}
    for node in nodes.values():
        yield from _links_of(node, page, where)


def idle_in(page: StyledTree, where: Where) -> Iterator[Link]:
    """Anchors in sight without an address, where no script makes a click on them lead anywhere."""
    for node in page.tree.parser.css("a") if not page.scripted else ():
        href = (node.attributes.get("href") or node.attributes.get("xlink:href") or "").strip()
        is_bare = script_of(href) is not None or stays_on(page.tree.url, href, page.tree.base)
        if not is_bare or _is_bound(node) or any(_anchor(node, href, page, where)):
            continue
        visible = page.legible(node)
        text = text_of(node)[:MAX_TEXT] or caption_of(node)
        if text and visible is not Visibility.HIDDEN:
            href = nowhere(page.tree.url)
            yield Link(href=href, text=text, how="a", visible=visible, where=where)


def _any_link(lower: str) -> str:
    return ", ".join(selector for selector, sign in _LINKING if sign in lower)


def _anchors_to(hosts: frozenset[str]) -> str:
    plain = (host for host in hosts if _HOST_NAME.fullmatch(host))
    return ", ".join(f'a[href*="{host}" i]' for host in sorted(plain))


def script_of(href: str) -> str | None:
    """The code of a javascript: address; None for any other.

    What browsers leave out of an address is left out: https://url.spec.whatwg.org/#url-parsing
    """
    bare = _LEFT_OUT.sub("", href[:MAX_BEFORE]) + href[MAX_BEFORE:]
    return unquote(bare[11:]) if bare[:11].lower() == "javascript:" else None


def is_plain(code: str) -> bool:
    """Whether code opens one address and does nothing else."""
    return len(code) < MAX_CODE and _PLAIN.fullmatch(code) is not None


def handler_addresses(code: str) -> list[tuple[str, bool]]:
    """Addresses in the code of a click, each with whether it is surely opened.

    What is opened or assigned to location is; a literal in another call may only be shown.
    """
    certain = sorted({found[2].strip() for found in _GOES.finditer(code)})
    others = sorted({found[2].strip() for found in _LITERAL.finditer(code)} - set(certain))
    plain = is_plain(code)
    return [(href, plain) for href in certain] + [(href, False) for href in others]


def _links_of(node: LexborNode, page: StyledTree, where: Where) -> Iterator[Link]:
    attributes = node.attributes
    match node.tag:
        case "a" | "area":
            href = attributes.get("href") or attributes.get("xlink:href") or ""
            yield from _anchor(node, href, page, where)
        case "option":
            value = (attributes.get("value") or "").strip()
            if value.lower().startswith(("http:", "https:", "//", "http//")):
                yield from _link(node, value, "option", page, where)
        case "form":
            yield from _link(node, attributes.get("action") or "", "form", page, where)
        case "button" | "input" if attributes.get("formaction"):
            yield from _link(node, attributes["formaction"] or "", "form", page, where)
    if code := attributes.get("onclick"):
        yield from _handler(node, code, page, where)


def _anchor(node: LexborNode, href: str, page: StyledTree, where: Where) -> Iterator[Link]:
    bare = href.strip()
    if (code := script_of(bare)) is not None:
        yield from _handler(node, code, page, where)
    elif not stays_on(page.tree.url, bare, page.tree.base):
        yield from _link(node, href, "area" if node.tag == "area" else "a", page, where)


def _handler(node: LexborNode, code: str, page: StyledTree, where: Where) -> Iterator[Link]:
    """Addresses that a click on the element opens."""
    for href, sure in handler_addresses(code):
        yield from _link(node, href, "handler", page, where, unsure=not sure)


def _link(
    node: LexborNode,
    href: str,
    how: Literal["a", "area", "option", "handler", "form"],
    page: StyledTree,
    where: Where,
    *,
    unsure: bool = False,
) -> Iterator[Link]:
    target = page.tree.absolute(href)
    if target is None:
        return
    own = text_of(node)
    visible = page.legible(node) if own else page.visible(node)
    if how == "area":
        image = image_of_area(page.tree.parser, node)
        visible = page.visible(image) if image else Visibility.UNSURE
    blank = how == "a" and not own and has_nothing_to_click(node)
    # Whether a list or a form leads there, and what else a click does, only a browser tells.
    other = how in ("option", "form") or (how == "a" and _is_bound(node))
    if unsure or blank or other or _opens_in_a_frame(node, page):
        visible = visible.within(Visibility.UNSURE)
    text = own[:MAX_TEXT] or caption_of(node)
    yield Link(href=target, text=text, how=how, visible=visible, where=where)


def _opens_in_a_frame(node: LexborNode, page: StyledTree) -> bool:
    """Whether it opens in a frame of the page, which nobody may see."""
    target = node.attributes.get("target") or page.tree.base_target
    return target in page.tree.frame_names


def _is_bound(node: LexborNode) -> bool:
    """Whether a script may do something else with a click on it."""
    return any(name.startswith("on") for outer in up(node) for name in outer.attributes)
