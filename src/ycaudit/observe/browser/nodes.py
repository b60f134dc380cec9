"""What a document is laid out as: its nodes, with their boxes and computed styles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ycaudit.model import Box
from ycaudit.observe.browser.styles import Style

Locks = tuple[bool, bool]
"""Whether nobody can scroll something across, and down."""
_URL = re.compile(r'url\("((?:[^"\\]|\\.)*)"\)')


@dataclass(slots=True, eq=False)
class Node:
    """An element, text, or what a style sheet puts before or after an element."""

    id: int
    """Chromium's own number, by which it is pointed at, scrolled to and clicked."""
    name: str
    document: Document
    parent: Node | None
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    pseudo: str = ""
    box: Box | None = None
    """On the whole page, in CSS pixels; None where nothing is laid out."""
    line: int = 0
    """Of text: how high its highest line is, in CSS pixels."""
    style: Style | None = None
    """None where nothing is laid out, and of documents."""
    clickable: bool = False
    source: str = ""
    """The address of the image that it shows."""
    filled: str = ""
    """What a script has written in a field in which nobody else can."""
    children: list[Node] = field(default_factory=list)
    place: int = 0
    """Stands for its place in the tree: the same after the page is loaded anew."""
    over: Node | None = None
    """Of an area: the image that is its map."""
    _key: tuple[int, str] | None = None

    @property
    def key(self) -> tuple[int, str]:
        """Its place and its looks, to compare two moments by."""
        if self._key is None:
            self._key = self.place, _looks_of(self)
        return self._key

    @property
    def kind(self) -> str:
        """The `type` of an input or a button."""
        return self.attributes.get("type", "").lower()

    def css(self, name: str) -> str:
        """A computed style of `STYLES`; empty where nothing is laid out."""
        return self.style[name] if self.style else ""

    def up(self) -> Iterator[Node]:
        """Itself and all that it stands in, through shadow roots and frames."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.outer

    @property
    def outer(self) -> Node | None:
        """What it stands in: of a document, the frame that shows it; of an area, its image."""
        return self.over or self.parent or self.document.holder

    def down(self) -> Iterator[Node]:
        """Itself and all that stands in it, in order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    @property
    def row(self) -> list[Node]:
        """Those of one name, in the nearest thing around it that holds several; empty if none."""
        for inner in self.up():
            beside = inner.parent.children if inner.parent else []
            found = [child for child in beside if child.name == inner.name]
            if len(found) > 1:
                return found
        return []

    def within(self, other: Node) -> bool:
        """Whether it stands in the other one, or is it, even if that was seen at another moment."""
        return any(node.id == other.id for node in self.up())

    @property
    def backgrounds(self) -> list[str]:
        """The addresses of its background images, and of what `content` puts in its place."""
        if self.style is None:
            return []
        found = [*self.style.images]
        if self.pseudo or self.style["content"] not in ("", "normal", "none"):
            found.append(self.style["content"])
        if self.name == "li":
            found.append(self.style["list-style-image"])
        return [m[1] for value in found for m in _URL.finditer(value)]


@dataclass(slots=True, eq=False)
class Document:
    """One document of the tab; `holder` is the frame element that shows it."""

    url: str
    base: str
    title: str
    holder: Node | None = None
    offset: tuple[float, float] = (0, 0)
    """Where its corner stands on the whole page."""
    nodes: list[Node] = field(default_factory=list)
    locks: Locks = (False, False)
    """Whether nobody can scroll it across, and down."""


def _looks_of(node: Node) -> str:
    """What of it can change without its being another node."""
    if node.name == "#text":
        return node.text
    return " ".join((node.source, node.filled, *node.backgrounds, node.attributes.get("src", "")))
