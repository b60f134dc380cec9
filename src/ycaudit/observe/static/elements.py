"""What single elements of a parsed document say: their text, caption, size and surroundings."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ycaudit.url import resolve_href

MAX_TEXT = 200
"""Characters of a link's text or an image's caption."""
MAX_COUNTED = 1000
"""Characters after which the text of a page is not counted further."""
_UNREAD = frozenset({"script", "style", "noscript", "noframes", "textarea", "template", "title"})
_PIXELS = re.compile(r"\s*(\d{1,5})(?:px)?\s*")


def squeeze(text: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(text.split())


def text_of(node: LexborNode) -> str:
    """The text that a visitor reads: without scripts, styles and the like."""
    only = node.first_child
    if only is None:
        return ""
    if only.is_text_node and only.next is None and node.tag not in _UNREAD:
        return squeeze(only.text_content or "")  # most links are so: no search, no walk
    if node.css_first("script, style, noscript, noframes, textarea") is None:
        return squeeze(node.text(deep=True))
    parts = (n for n in node.traverse(include_text=True) if n.is_text_node)
    shown = (n.text() for n in parts if n.parent is None or n.parent.tag not in _UNREAD)
    return squeeze(" ".join(shown))


def text_size(body: LexborNode | None) -> int:
    """Visible characters, up to about MAX_COUNTED."""
    size = 0
    for node in body.traverse(include_text=True) if body else ():
        if node.is_text_node and (node.parent is None or node.parent.tag not in _UNREAD):
            size += len(squeeze(node.text_content or ""))
            if size > MAX_COUNTED:
                break
    return size


def caption_of(node: LexborNode) -> str:
    """What an element without text is called: its title, or the alt text of an image in it."""
    attributes = node.attributes
    image = node.css_first("img[alt]")
    alt = image.attributes.get("alt") if image else None
    return squeeze(attributes.get("title") or attributes.get("alt") or alt or "")[:MAX_TEXT]


def text_nearby(node: LexborNode) -> str:
    """The nearest text around an image, at most three steps out; empty if it is too long."""
    current = node.parent
    for _ in range(4):
        if current is None or current.tag in ("body", "html"):
            return ""
        if text := text_of(current):
            return text[:MAX_TEXT] if len(text) <= MAX_TEXT else ""
        current = current.parent
    return ""


def href_around(node: LexborNode, base: str) -> str | None:
    """The address of the anchor around an element, at most four steps out."""
    current = node.parent
    for _ in range(4):
        if current is None:
            return None
        if current.tag == "a":
            return resolve_href(current.attributes.get("href") or "", base)
        current = current.parent
    return None


def size_of(node: LexborNode) -> tuple[int, int] | None:
    """Width and height on screen, where the attributes give them in pixels."""
    wide, high = (_PIXELS.fullmatch(node.attributes.get(k) or "") for k in ("width", "height"))
    return (int(wide[1]), int(high[1])) if wide and high else None


def has_zero_size(node: LexborNode) -> bool:
    """Whether an attribute makes it at most one pixel wide or high."""
    sizes = [(node.attributes.get(k) or "").strip() for k in ("width", "height")]
    return any(size in ("0", "0px", "0%", "1", "1px") for size in sizes)


def has_nothing_to_click(node: LexborNode) -> bool:
    """Whether an anchor without text holds nothing else that is larger than two pixels."""
    inside = node.css("img, svg, canvas, input, i, [style]")
    return all((size_of(thing) or (9, 9)) <= (2, 2) for thing in inside)


def image_of_area(tree: LexborHTMLParser, area: LexborNode) -> LexborNode:
    """The image that uses the map of an area; the area itself where there is none."""
    holder = area.parent
    name = holder.attributes.get("name") or holder.attributes.get("id") if holder else None
    for image in tree.css("img[usemap], object[usemap], input[usemap]") if name else ():
        if (image.attributes.get("usemap") or "").lstrip("#").lower() == (name or "").lower():
            return image
    return area
