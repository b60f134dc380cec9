"""The images of a document: elements, drawings, backgrounds, and what scripts may load late."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from ycaudit.model import Image, Visibility, Where
from ycaudit.observe.static.sheets import WINDOW, applies, parse_inline
from ycaudit.observe.static.tree import StyledTree, href_around, size_of, squeeze, text_nearby
from ycaudit.url import is_on_disk, parse_url

SMALLEST_CODE = 21
"""A QR code has at least 21 modules a side: shown smaller than that in pixels, it is none."""
SMALLEST_DRAWING = 200
"""The dark modules of the smallest code take more characters than this in any notation."""

# Where scripts find the address of an image that they load late (seen on real pages).
_LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-echo", "lay-src",
    "original", "_src", "orisrc", "vurl", "source-url", "original-src", "oldsrc", "lazysrc",
)  # fmt: skip
_IMAGE_ADDRESS = re.compile(
    r"^[^\s<>\"'{}]{1,2000}\.(?:png|jpe?g|gif|webp|bmp|svg|avif|ico)(?:[?#]\S*)?$", re.IGNORECASE
)
_POINTING = re.compile(
    r"\bdata-[\w-]{1,60}\s{0,5}=\s{0,5}[\"']?[^\s\"'<>]{1,2000}?\.(?:png|jpe?g|gif|webp|bmp|svg|avif|ico)",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")


class Images:
    """Every use of an image in a document, in the order of their kinds."""

    def __init__(self, page: StyledTree, where: Where) -> None:
        self.svgs: dict[str, str] = {}
        """Inline drawings, by the `src` of their image; filled by `all`."""
        self.on_disk: list[Image] = []
        """Those that name a file of the computer on which the page was written: for nobody."""
        self._page = page
        self._tree = page.tree
        self._where = where
        self._styled = Where(origin="style", url=page.tree.url)

    def all(self) -> Iterator[Image]:
        """The images, one at a time, for pages hold more than anybody wants."""
        css = self._tree.parser.css
        for node in css("img, input[type=image], source[srcset], video[poster]"):
            yield from self._of_element(node)
        for node in css("object[data], embed[src]"):
            data = node.attributes.get("data") or node.attributes.get("src") or ""
            if is_image_file((node.attributes.get("type") or "").lower(), data):
                yield from self._image(node, data)
        for node in css("svg"):
            yield from self._drawing(node)
        for node in css("[background]"):
            yield from self._image(node, node.attributes.get("background") or "", sure=False)
        yield from self._backgrounds()
        yield from self._named_for_scripts()

    def _of_element(self, node: LexborNode) -> Iterator[Image]:
        attributes = node.attributes
        if node.tag == "source":
            if applies(attributes.get("media") or ""):
                chosen = _chosen(attributes.get("srcset") or "")
                yield from self._image(node.parent or node, chosen, sure=False)
            return
        for src in dict.fromkeys(_late_sources(node)):
            yield from self._image(node, src, late=True)
        chosen = _chosen(attributes.get("srcset") or attributes.get("data-srcset") or "")
        if chosen:
            yield from self._image(node, chosen, sure=False)
        # Which of several a browser chooses, and whether it shows a poster, only it knows.
        is_choice = bool(chosen) or (node.parent is not None and node.parent.tag == "picture")
        only = node.tag != "video" and not is_choice
        source = attributes.get("src") or attributes.get("poster") or ""
        yield from self._image(node, source, sure=only)

    def _image(
        self, node: LexborNode, src: str, *, late: bool = False, sure: bool = True
    ) -> Iterator[Image]:
        src = src.strip()
        absolute = src if src[:5].lower() == "data:" else self._tree.absolute(src)
        if not absolute:
            if is_on_disk(src):
                found = parse_url(src)  # as the browser writes it, so that both tell of one
                src = found.href if found else src
                self.on_disk.append(self._record(node, src, Visibility.HIDDEN, self._where))
            return
        shown = size_of(node)
        visible = self._page.large(node, absolute)
        named = "referrerpolicy" in node.attributes or self._tree.hides_referrer
        if not sure or named:
            visible = visible.within(Visibility.UNSURE)
        if late and not self._page.scripted:  # nothing on the page ever loads it
            visible = Visibility.HIDDEN
        yield self._record(node, absolute, visible, self._where, shown)

    def _drawing(self, node: LexborNode) -> Iterator[Image]:
        text = node.html or ""
        size = size_of(node)
        if len(text) < SMALLEST_DRAWING or (size and min(size) < SMALLEST_CODE):
            return
        src = f"{self._tree.url}#svg-{len(self.svgs) + 1}"
        if "xmlns=" not in text[:500]:
            text = text.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        self.svgs[src] = text
        yield self._record(node, src, self._page.large(node), self._where, size)

    def _backgrounds(self) -> Iterator[Image]:
        """Unsure: other rules may paint something else, and the box may be empty."""
        for node in self._tree.parser.css("[style]"):
            style = node.attributes.get("style") or ""
            if "url(" in style.lower():
                for src in parse_inline(style, self._tree.base).images:
                    visible = self._page.visible(node).within(Visibility.UNSURE)
                    yield self._record(node, src, visible, self._styled)
        for found in self._page.styling.backgrounds():
            yield self._record(found.node, found.src, Visibility.UNSURE, self._styled)

    def _named_for_scripts(self) -> Iterator[Image]:
        """Images that an element names for a script to show: unsure, but worth a look."""
        if "data-" not in self._tree.lower or not _POINTING.search(self._tree.html):
            return
        visible = Visibility.UNSURE if self._page.scripted else Visibility.HIDDEN
        for node in self._tree.parser.css("a, div, span, li, i, p, td"):
            for value in _data_addresses(node):
                if src := self._tree.absolute(value):
                    yield self._record(node, src, visible, self._where)

    def _record(
        self,
        node: LexborNode | None,
        src: str,
        visible: Visibility,
        where: Where,
        shown: tuple[int, int] | None = None,
    ) -> Image:
        attributes = node.attributes if node else {}
        return Image(
            src=src,
            alt=squeeze(f"{attributes.get('alt') or ''} {attributes.get('title') or ''}"),
            nearby=text_nearby(node) if node else "",
            href=href_around(node, self._tree.base) if node else None,
            shown=shown,
            visible=visible,
            where=where,
        )


def is_image_file(kind: str, address: str) -> bool:
    """Whether an object of this media type, or without one, is an image."""
    by_name = not kind and _IMAGE_ADDRESS.match(address.strip()) is not None
    return kind.startswith("image/") or by_name


def _late_sources(node: LexborNode) -> Iterator[str]:
    attributes = node.attributes
    yield from (value for k in _LAZY if (value := attributes.get(k)) and value.strip())
    yield from _data_addresses(node, but=_LAZY)


def _data_addresses(node: LexborNode, but: tuple[str, ...] = ()) -> Iterator[str]:
    """The values of data attributes that look like the address of an image."""
    for key, value in node.attributes.items():
        if value and key.startswith("data-") and key not in but and _IMAGE_ADDRESS.match(value):
            yield value


def _chosen(srcset: str) -> str:
    """The candidate that a desktop screen of ordinary density shows."""
    best: tuple[float, str] | None = None
    for found in _CANDIDATE.finditer(srcset):
        size = float(found[2]) if found[2] and found[2].count(".") < 2 and found[2] != "." else 1.0
        distance = abs(size - (1.0 if found[3] != "w" else WINDOW[0]))
        if best is None or distance < best[0]:
            best = (distance, found[1])
    return best[1] if best else ""
