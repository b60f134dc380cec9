"""What in a document only a browser can follow or show: where there is any, nothing is absent.

Scripts are followed (`scripts`), and of those that were not each is told. Here is what runs or
loads beside them: code in attributes, which acts when the page is used, and elements that put
something on the screen in ways of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ycaudit.observe.static.images import is_image_file
from ycaudit.observe.static.links import MAX_CODE, is_plain, script_of
from ycaudit.observe.static.tree import Tree, called, squeeze

MAX_EVENTS = 200
MAX_PART = 80
"""Characters of what is told of a part."""
_UNDOING = frozenset({"onmouseout", "onmouseleave", "onblur", "onpointerout", "onpointerleave"})
"""Events that mostly take back what another has shown: told after all others."""
_HANDLER = re.compile(r"""[\s"'/](on[a-z]{3,30})\s*=""", re.IGNORECASE)
_ADDRESSES = ("href", "xlink:href", "action", "formaction", "src", "data")
_ADDRESSED = "a[href], area[href], svg a, form[action], [formaction], iframe[src], frame[src]"
_BROWSERS = (
    "applet, portal, fencedframe, svg image, svg feImage, svg foreignObject, svg set, svg animate,"
    " svg animateTransform, svg animateMotion, svg use"
)
_PART_OF_A_DRAWING = re.compile(r"""\.svgz?#[^\s"'()<>]{1,100}""", re.IGNORECASE)
_BETWEEN = re.compile(r"""[\s"'()<>=]""")
_LABEL = re.compile(r"^\s*javascript:", re.IGNORECASE)
_OWN = re.compile(r"\s*#")
# One statement that changes nothing but how its own element looks, or where the reader is.
_WORD = r"""(?:'[\w#,.%\s-]*'|"[\w#,.%\s-]*")"""
_STATEMENT = re.compile(
    rf"""(?:
      (?:return\s+)?(?:true|false|null|undefined|void\s*\(?\s*0\s*\)?|0|['"]['"])?
      | return
      | (?:window\.|self\.|top\.)?history\.(?:back|forward|go)\(\s*-?\d*\s*\)
      | (?:window\.|self\.|this\.)?(?:print|close|blur|focus|select)\(\s*\)
      | (?:window\.)?scrollTo\(\s*\d+\s*,\s*\d+\s*\)
      | (?:window\.)?event\.(?:stopPropagation|preventDefault)\(\s*\)
      | (?:window\.)?event\.(?:returnValue|cancelBubble)\s*=\s*(?:true|false)
      | this\.style\.\w+\s*=\s*{_WORD}
      | this\.(?:className|value)\s*=\s*{_WORD}
      | window\.opener\s*=\s*null
      | window\.open\(\s*(?:''|"")\s*,\s*['"]_self['"]\s*\)
      | this\.style\.behavior\s*=\s*['"]url\(\#default\#homepage\)['"]
      | this\.setHomePage\(\s*['"][^'"]*['"]\s*\)
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def beyond(tree: Tree) -> Iterator[str]:
    """Each part of a document of which only a browser can tell what comes of it, by its words."""
    told = set[str]()
    for part in _parts(tree):
        if part not in told:
            told.add(part)
            yield part


def _parts(tree: Tree) -> Iterator[str]:
    yield from _elements(tree)
    yield from _parts_of_drawings(tree)
    yield from _handlers(tree)
    yield from _addresses(tree)


def _addresses(tree: Tree) -> Iterator[str]:
    """Addresses that are code, and documents that are written into one."""
    for node in tree.parser.css(_ADDRESSED):
        for name in _ADDRESSES:
            address = node.attributes.get(name) or ""
            is_page = name == "src" and address[:5].lower() == "data:"
            if is_page and node.tag in ("iframe", "frame"):
                yield f"<{node.tag}>"
            elif _acts(node.tag, address):
                yield f"{called(node)} [javascript]"


def _acts(tag: str | None, address: str) -> bool:
    """Whether an address is code that does more than a link."""
    code = script_of(address)
    is_link = code is not None and tag in ("a", "area") and is_plain(code)
    return code is not None and not is_link and not _is_harmless(code)


def _elements(tree: Tree) -> Iterator[str]:
    for node in tree.parser.css(_BROWSERS):
        href = node.attributes.get("href") or node.attributes.get("xlink:href") or ""
        if node.tag != "use" or not _OWN.match(href):
            yield f"<{node.tag}>"
    for node in tree.parser.css("object, embed"):
        kind = (node.attributes.get("type") or "").lower()
        data = node.attributes.get("data") or node.attributes.get("src") or ""
        is_drawing = "svg" in kind or ".svg" in data.lower()  # which loads what it names
        if is_drawing or (kind != "text/html" and not is_image_file(kind, data)):
            yield f"<{node.tag}>"


def _parts_of_drawings(tree: Tree) -> Iterator[str]:
    """Pictures of a part of a drawing, such as icons.svg#wechat."""
    for found in _PART_OF_A_DRAWING.finditer(tree.html):
        before = tree.html[max(0, found.start() - MAX_PART) : found.start()]
        yield _told(_BETWEEN.split(before)[-1] + found[0])


def _handlers(tree: Tree) -> Iterator[str]:
    """What acts when it is used; what acts by itself as the body has loaded runs as a script."""
    names = {found.lower() for found in _HANDLER.findall(tree.html)}
    if len(names) > MAX_EVENTS:  # browsers know half as many: each costs a walk through the page
        yield "on…"
        return
    for name in sorted(names, key=lambda name: (name in _UNDOING, name)):
        for node in tree.parser.css(f"[{name}]"):
            code = node.attributes.get(name) or ""
            is_script = node.tag == "body" and name == "onload"
            is_link = name == "onclick" and is_plain(code)
            if not (is_script or is_link or _is_harmless(code)):
                yield f"{called(node)} [{name}]"


def _is_harmless(code: str) -> bool:
    if len(code) > MAX_CODE:
        return False
    bare = _LABEL.sub("", code)
    return all(_STATEMENT.fullmatch(statement.strip()) for statement in bare.split(";"))


def _told(part: str) -> str:
    return squeeze(part)[:MAX_PART]
