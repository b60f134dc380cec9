"""What in a page could lead somewhere or show something: to be tried, not to be believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ycaudit.model import Box
from ycaudit.observe.browser.dom import TINY, Dom, may_draw
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.static.links import handler_addresses, script_of
from ycaudit.url import parse_url, parse_web_url, stays_on

How = Literal["a", "area", "option", "handler", "form"]
LIKE_A_CODE = re.compile(
    r"二维码|微信|微博|公众号|客户端|小程序|扫一扫|扫码|关注|移动端|手机版|手机网|新媒体|矩阵|"
    r"wechat|weixin|weibo|qr|erweima|ewm|(?<![a-z])(app|wx|wb|gzh|sina|share|code)(?![a-z])",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?<![-\w])(?:width|height)\s*:\s*(\d+)(?:\.\d+)?px", re.IGNORECASE)
SMALLEST_CODE = 40
"""CSS pixels a side."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Something that says in the markup that it leads to an address."""

    node: Node
    href: str
    how: How
    text: str
    is_plain: bool
    """Whether the address is an attribute that browsers follow by themselves."""


def leads_of(dom: Dom) -> Iterator[Lead]:
    """Every link of the page and every handler that names an address."""
    for node in dom.nodes:
        match node.name:
            case "a" | "area":
                yield from _anchor(dom, node)
            case "option":
                yield from _lead(dom, node, node.attributes.get("value", ""), "option", plain=False)
            case "form":
                yield from _lead(dom, node, node.attributes.get("action", ""), "form", plain=False)
            case "button" | "input" if node.attributes.get("formaction"):
                yield from _lead(dom, node, node.attributes["formaction"], "form", plain=False)
        for name in ("onclick", "onmousedown", "onmouseup"):
            if code := node.attributes.get(name):
                for href, _ in handler_addresses(code):
                    yield from _lead(dom, node, href, "handler", plain=False)


def anchors_to_nowhere(dom: Dom) -> Iterator[Node]:
    """Anchors that are shown and have no address but that of the page they stand on."""
    for node in (node for node in dom.nodes if node.name == "a"):
        href = node.attributes.get("href", "").strip()
        is_bare = script_of(href) is not None or _stays(href, node)
        if is_bare and not any(_anchor(dom, node)) and any(map(dom.is_shown, node.down())):
            yield node


def _stays(href: str, node: Node) -> bool:
    return stays_on(node.document.url, href, node.document.base)


def _anchor(dom: Dom, node: Node) -> Iterator[Lead]:
    href = (node.attributes.get("href") or node.attributes.get("xlink:href") or "").strip()
    if (code := script_of(href)) is not None:
        for target, _ in handler_addresses(code):
            yield from _lead(dom, node, target, "handler", plain=False)
    elif not _stays(href, node):
        yield from _lead(dom, node, href, "area" if node.name == "area" else "a", plain=True)


def _lead(dom: Dom, node: Node, href: str, how: How, *, plain: bool) -> Iterator[Lead]:
    if not href.strip():
        return
    if how == "option" and not re.match(r"\s*(https?:)?//", href, re.IGNORECASE):
        return
    found = parse_web_url(href, node.document.base)
    if found is not None:
        yield Lead(node, found.href, how, dom.caption_of(node), plain)


@dataclass(frozen=True, slots=True)
class Graphic:
    """Something that could show a code: an image, a drawing, a background."""

    node: Node
    src: str
    """Its address; for a drawing, the address of its document."""
    box: Box | None
    """None where it is not laid out."""
    is_file: bool


def graphics_of(dom: Dom) -> Iterator[Graphic]:
    """All images and drawings of the page, shown or not."""
    framed = {document.holder for document in dom.documents}
    for node in dom.nodes:
        if node in framed:
            continue
        for src in _sources(node):
            found = src if src[:5].lower() in ("data:", "blob:") else _absolute(src, node)
            if found:
                yield Graphic(node, found, node.box, is_file=True)
        if node.name in ("canvas", "svg") and node.box and min(node.box[2:]) >= TINY:
            yield Graphic(node, f"{node.document.url}#{node.name}", node.box, is_file=False)


def _sources(node: Node) -> list[str]:
    found = list(node.backgrounds)
    match node.name:
        case "img":
            found.append(node.source or node.attributes.get("src", ""))
        case "input" if node.kind == "image":
            found.append(node.attributes.get("src", ""))
        case "image":
            found.append(node.attributes.get("href") or node.attributes.get("xlink:href", ""))
        case "object":
            found.append(node.attributes.get("data", ""))
        case "embed":
            found.append(node.attributes.get("src", ""))
        case "video":
            found.append(node.attributes.get("poster", ""))
    return [src for src in found if src]


def _absolute(src: str, node: Node) -> str:
    found = parse_url(src, node.document.base)
    return found.href if found else ""


def is_of_a_codes_size(node: Node) -> bool:
    """Whether what it draws has room for a code."""
    box = node.box
    drawn = node.name == "table" or may_draw(node)
    return drawn and box is not None and min(box[2:]) >= SMALLEST_CODE


def has_room(graphic: Graphic) -> bool:
    """Whether a picture, had it come, could be large enough for a code: of one that has not, only
    what its markup says tells; where that is nothing, it may be of any size."""
    node = graphic.node
    if graphic.src in node.backgrounds:
        return graphic.box is None or min(graphic.box[2:]) >= SMALLEST_CODE
    if graphic.box is not None and min(graphic.box[2:]) >= SMALLEST_CODE:
        return True  # a style may make it larger than its markup says
    given = [*map(node.attributes.get, ("width", "height"))]
    given += _SIZE.findall(node.attributes.get("style", ""))
    return not any(size and size.isdecimal() and int(size) < SMALLEST_CODE for size in given)


def is_like_a_code(dom: Dom, graphic: Graphic) -> bool:
    """Whether a picture has the shape, the name or the caption of a code."""
    if graphic.box is None:
        return False
    wide, high = graphic.box[2], graphic.box[3]
    square = 0.8 < wide / high < 1.25 and wide >= SMALLEST_CODE
    said = (
        f"{graphic.src[-120:] if graphic.src[:5] != 'data:' else ''} {dom.names_of(graphic.node)}"
    )
    return square or bool(LIKE_A_CODE.search(f"{said} {dom.nearby(graphic.node)}"))
