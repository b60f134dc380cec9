"""What is laid out in a tab: the tree of all its documents, from Chromium's own snapshot. Pure.

Chromium makes the snapshot (`DOMSnapshot.captureSnapshot`) outside of the page's scripts, and
pierces frames, shadow roots, closed ones too, and what style sheets put before and after elements.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Container, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from ycaudit.model import Box
from ycaudit.observe.browser.areas import lay_out_areas
from ycaudit.observe.browser.nodes import Document, Node
from ycaudit.observe.browser.reach import (
    FRAMES,
    Port,
    Reach,
    flows_in,
    locks_of,
    port_of,
    ports_of,
    position_of,
    reach_of,
)
from ycaudit.observe.browser.styles import FAINT, Style

_TEXT = 3
"""The node type (DOM standard)."""
MAX_TEXT, MAX_NODE_TEXT = 400, 10_000
MAX_NODES = 100_000
LOWEST, READABLE = 6, 0.5
"""CSS pixels of the lowest line that is read, and the least share of a line to be seen."""
OPAQUE = 0.9
TINY = 21
"""CSS pixels a side: no code can be seen in less."""


def strings_of(snapshot: dict[str, Any]) -> list[str]:
    """The words of a snapshot, by their numbers.

    An empty one, such as `alt=""` or the title of a page without any, has the number -1.
    """
    return [*map(whole, snapshot["strings"]), ""]


def whole(text: str) -> str:
    """The text without halves of characters, as scripts make them that cut words off."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


_Placed = tuple["Node | None", str]
"""What something stands in, and how it is placed there."""


class Dom:
    """All documents of a tab at one moment."""

    def __init__(self, snapshot: dict[str, Any], window: tuple[int, int]) -> None:
        """`snapshot`: the answer to `DOMSnapshot.captureSnapshot` with STYLES."""
        first = snapshot["documents"][0]
        x, y = first.get("scrollOffsetX", 0), first.get("scrollOffsetY", 0)
        self.screen: Box = (round(x), round(y), *window)
        """The part of the page that is on the screen."""
        self._strings = strings_of(snapshot)
        self._styles: dict[tuple[int, ...], Style] = {}
        self.documents: list[Document] = []
        self._texts: dict[Node, str] = {}
        self._where_seen: dict[Node, bool] = {}
        self._opacity_in: dict[Node | None, float] = {}
        self._ports: dict[_Placed, tuple[Port, ...]] = {}
        self.is_cut = False
        """Whether it holds more than MAX_NODES."""
        framed: dict[int, Node] = {}
        for number, raw in enumerate(snapshot["documents"]):
            self.documents.append(self._document(raw, framed.get(number), framed))
        self.size = first.get("contentWidth", 0), first.get("contentHeight", 0)
        """Of the whole page, in CSS pixels."""

    @property
    def main(self) -> Document:
        """The homepage itself."""
        return self.documents[0]

    @cached_property
    def nodes(self) -> list[Node]:
        """All nodes that the page shows or could show, in order."""
        return [node for document in self.documents for node in document.nodes]

    @cached_property
    def by_id(self) -> dict[int, Node]:
        """The nodes by Chromium's number."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def shown(self) -> dict[Node, None]:
        """The nodes that show something of their own, as far as the layout tells, in order."""
        return dict.fromkeys(n for n in self.nodes if _has_looks(n) and self.is_shown(n))

    @cached_property
    def looks(self) -> frozenset[tuple[int, str]]:
        """What is shown, as keys to compare two moments by."""
        return frozenset(node.key for node in self.shown)

    def is_alike(self, other: Dom) -> bool:
        """Whether another page shows much of the same, wherever it stands there: a notice that is
        put before it moves all places of the tree."""
        mine, theirs = ({looks for _, looks in dom.looks} for dom in (self, other))
        return 2 * len(mine & theirs) >= len(mine)

    def newly_shown(self, known: Container[tuple[int, str]]) -> list[Node]:
        """What is shown and not among these keys."""
        return [node for node in self.shown if node.key not in known]

    def is_shown(self, node: Node) -> bool:
        """Whether it is laid out where a visitor can come, as far as boxes and styles tell."""
        if node not in self._where_seen:
            self._where_seen[node] = not _is_flat(node) and self._is_on_page(node)
        return self._where_seen[node]

    def takes_clicks(self, node: Node) -> bool:
        """Whether it is laid out where a click meets it, be it seen or not: a list or a box may lie
        unseen over what is drawn in its place."""
        if self.is_shown(node):
            return True
        is_field = node.name == "select" or node.kind == "checkbox"
        return is_field and not _is_flat(node) and self.reach(node) is not None

    def is_hot_area(self, node: Node) -> bool:
        """Whether it is a bare box that a click meets and nothing is painted of, such as a part of
        a picture that leads on: old browsers took no clicks there unless it had a colour, and so it
        has one that nobody sees."""
        is_bare = not any(_has_looks(inner) for inner in islice(node.down(), 1, None))
        is_near = self._opacity_around(node) > FAINT and self.reach(node) is not None
        return is_bare and not _is_flat(node) and is_near

    def _is_on_page(self, node: Node) -> bool:
        """Whether neither its place nor what it stands in keeps it from the screen."""
        opacity = _opacity_of(node) * self._opacity_around(node)
        return opacity > FAINT and self.reach(node) is not None

    def _opacity_around(self, node: Node) -> float:
        """That of all in which it stands."""
        outer = node.outer
        if outer not in self._opacity_in:  # siblings share it
            around = 1.0
            for each in outer.up() if outer is not None else ():
                around *= _opacity_of(each)
            self._opacity_in[outer] = around
        return self._opacity_in[outer]

    def is_legible(self, node: Node) -> bool:
        """Whether a line of text is high enough to be read, and seen for the greater part."""
        if node.name != "#text" and any(n.name != "#text" for n in islice(node.down(), 1, None)):
            return True
        if node.box is None or _has_image(node) or node.name in _GRAPHIC or node.pseudo:
            return True
        reach = self.reach(node)
        high = reach.part[3] if reach and reach.part else node.box[3]
        line = max((n.line for n in node.down()), default=0) or node.box[3]
        if line < LOWEST and not any(map(_has_image, islice(node.up(), 4))):
            return False
        return high >= LOWEST and high >= min(line, node.box[3]) * READABLE

    def is_on_screen(self, node: Node) -> bool:
        """Whether some of it, or of what stands in it, lies on the screen, seen or not."""
        x, y, wide, high = self.screen
        boxes = (inner.box for inner in node.down() if inner.box)
        return any(
            b[0] < x + wide and b[0] + b[2] > x and b[1] < y + high and b[1] + b[3] > y
            for b in boxes
        )

    def reach(self, node: Node) -> Reach | None:
        """What of a node a visitor can get on the screen by scrolling; None if nothing."""
        if node.box is None:
            return None
        return reach_of(node, self._ports_of(node), self.size[0])

    def _ports_of(self, node: Node) -> tuple[Port, ...]:
        """What cuts it off or scrolls it: what stands in the flow has that of what it stands in."""
        chain: list[tuple[_Placed, Node]] = []
        while (key := (node.outer, position_of(node))) not in self._ports:
            outer = flows_in(node)
            if outer is None:
                self._ports[key] = tuple(ports_of(node, self.screen))
                break
            chain.append((key, outer))
            node = outer
        ports = self._ports[key]
        for key, outer in reversed(chain):
            own = port_of(outer)
            ports = self._ports[key] = ports if own is None else (own, *ports)
        return ports

    @property
    def height(self) -> float:
        """How far down a visitor gets on the page, in CSS pixels."""
        return self.screen[1] + self.screen[3] if self.main.locks[1] else float(self.size[1])

    @property
    def roots(self) -> list[int]:
        """The numbers of all documents and shadow roots."""
        return [n.id for n in self.nodes if n.name in ("#document", "#document-fragment")]

    @property
    def addresses(self) -> set[str]:
        """What the links lead to, as written."""
        return {n.attributes["href"] for n in self.nodes if "href" in n.attributes}

    @cached_property
    def attributes_of_links(self) -> Counter[str]:
        """How many links have an attribute of each name."""
        return Counter(name for n in self.nodes if n.name == "a" for name in n.attributes)

    @cached_property
    def places(self) -> frozenset[int]:
        """The places of all that is shown, also of what has no looks of its own."""
        return frozenset(node.place for node in self.nodes if self.is_shown(node))

    def numbered(self, number: int | None) -> Node | None:
        """The node of Chromium's number, as a hit test tells it; None for none.

        What lies behind a modal dialog and over all else has a number, and is no node: it counts as
        the dialog.
        """
        if number is None:
            return None
        return self.by_id.get(number) or self.modal

    @cached_property
    def modal(self) -> Node | None:
        """The dialog that was opened last, if one is open."""
        found = [n for n in self.nodes if n.name == "dialog" and "open" in n.attributes]
        return next((node for node in reversed(found) if self.is_shown(node)), None)

    def of_place(self, place: int) -> Node | None:
        """What stands at a place of the tree."""
        return self._by_place.get(place)

    def again(self, number: int, place: int) -> Node | None:
        """A node of an earlier moment, known by its place if the page was loaded anew since."""
        return self.by_id.get(number) or self.of_place(place)

    @cached_property
    def _by_place(self) -> dict[int, Node]:
        return {node.place: node for node in reversed(self.nodes)}

    def inside(self, node: Node) -> list[Node]:
        """What stands in a node, or in the document that a frame shows."""
        found = self.of_place(node.place)
        if found is None:
            return []
        framed = next((d for d in self.documents if d.holder is found), None)
        return framed.nodes if framed else [*found.down()]

    def text_of(self, node: Node) -> str:
        """The text in a node that is laid out; else all text of it."""
        if node not in self._texts:
            texts: list[str] = []
            size = 0
            for inner in node.down():
                if inner.name != "#text" or (inner.parent and inner.parent.name in _NO_WORDS):
                    continue
                if inner.text and size < MAX_TEXT:
                    texts.append(inner.text)
                    size += len(inner.text)
            self._texts[node] = squeezed(" ".join(texts))[:MAX_TEXT]
        return self._texts[node]

    def caption_of(self, node: Node) -> str:
        """What a visitor takes for its name: its text, title, or the name of its image."""
        text = self.text_of(node)
        if text:
            return text[:200]
        for inner in node.down():
            for name in ("title", "alt", "aria-label", "value"):
                if said := squeezed(inner.attributes.get(name, "")):
                    return said[:200]
        return ""

    def names_of(self, node: Node) -> str:
        """What the markup calls an image."""
        said = (squeezed(node.attributes.get(name, "")) for name in ("alt", "title", "aria-label"))
        return " ".join(dict.fromkeys(filter(None, said)))[:200]

    def nearby(self, node: Node) -> str:
        """The text around a node, from as near as there is some."""
        for level, outer in enumerate(node.up()):
            if level > 4 or outer.name in ("body", "html"):
                break
            if text := self.text_of(outer):
                return text if len(text) <= 200 else ""
        return ""

    @cached_property
    def text(self) -> str:
        """The words that the page shows, a line each."""
        return "\n".join(n.text for n in self.nodes if n.name == "#text" and n in self.shown)

    @property
    def text_size(self) -> int:
        """How many characters the page shows, spaces left aside."""
        return len("".join(self.text.split()))

    # --- reading the snapshot ---

    def _document(
        self, raw: dict[str, Any], holder: Node | None, framed: dict[int, Node]
    ) -> Document:
        strings = self._strings
        document = Document(
            url=strings[raw["documentURL"]], base=strings[raw["baseURL"]],
            title=strings[raw["title"]][:300], holder=holder,
        )  # fmt: skip
        if holder is not None and holder.box:
            x, y = holder.box[0], holder.box[1]
            document.offset = x - raw.get("scrollOffsetX", 0), y - raw.get("scrollOffsetY", 0)
        nodes = self._tree(raw["nodes"], document)
        self._lay_out(raw["layout"], nodes, document)
        self._set_lines(raw, nodes)
        lay_out_areas(nodes)
        self._mark(raw["nodes"], nodes, framed)
        document.nodes = nodes
        document.locks = locks_of(document)
        return document

    def _tree(self, raw: dict[str, Any], document: Document) -> list[Node]:
        strings = self._strings
        nodes: list[Node] = []
        kinds, names, values = raw["nodeType"], raw["nodeName"], raw["nodeValue"]
        for number, parent in enumerate(raw["parentIndex"][:MAX_NODES]):
            above = nodes[parent] if 0 <= parent < number else None
            node = Node(
                raw["backendNodeId"][number], strings[names[number]].lower(), document, above
            )
            given = raw["attributes"][number]
            if given:
                node.attributes = {
                    strings[name].lower(): strings[value]
                    for name, value in zip(given[::2], given[1::2], strict=True)
                }
            if kinds[number] == _TEXT:
                node.text = strings[values[number]][:MAX_NODE_TEXT]
            outer = above or document.holder
            index = len(above.children) if above else 0
            node.place = hash((outer.place if outer else 0, index, node.name))
            if above is not None:
                above.children.append(node)
            nodes.append(node)
        self.is_cut = self.is_cut or len(raw["parentIndex"]) > MAX_NODES
        return nodes

    def _lay_out(self, raw: dict[str, Any], nodes: list[Node], document: Document) -> None:
        strings, (dx, dy) = self._strings, document.offset
        for number, bounds, style in zip(
            raw["nodeIndex"], raw["bounds"], raw["styles"], strict=True
        ):
            if number >= len(nodes):
                continue
            x, y, wide, high = bounds
            node = nodes[number]
            box = (round(x + dx), round(y + dy), round(wide), round(high))
            # Text in several lines comes as several boxes of one node.
            node.box = box if node.box is None else _around(node.box, box)
            if style:  # a document has none
                if (shared := self._styles.get(key := tuple(style))) is None:
                    shared = self._styles[key] = Style([strings[value] for value in style])
                node.style = shared

    def _set_lines(self, raw: dict[str, Any], nodes: list[Node]) -> None:
        """How high the lines of texts are."""
        boxes, of_layout = raw["textBoxes"], raw["layout"]["nodeIndex"]
        for number, bounds in zip(boxes["layoutIndex"], boxes["bounds"], strict=True):
            if (index := of_layout[number]) < len(nodes):
                nodes[index].line = max(nodes[index].line, round(bounds[3]))

    def _mark(self, raw: dict[str, Any], nodes: list[Node], framed: dict[int, Node]) -> None:
        strings = self._strings
        clickable = raw.get("isClickable", _NONE)["index"]
        for node, _ in _rare(nodes, clickable, clickable):
            node.clickable = True
        for node, value in _rare(nodes, **raw.get("currentSourceURL", _NONE)):
            node.source = strings[value]
        for node, value in _rare(nodes, **raw.get("inputValue", _NONE)):
            if "readonly" in node.attributes:
                node.filled = strings[value]
        for node, value in _rare(nodes, **raw.get("pseudoType", _NONE)):
            node.pseudo = strings[value]
        for node, value in _rare(nodes, **raw.get("contentDocumentIndex", _NONE)):
            framed[value] = node


_CLEAR = "rgba(0, 0, 0, 0)"
_NONE: dict[str, list[int]] = {"index": [], "value": []}
_NO_WORDS = frozenset({"script", "style", "noscript", "template"})
_GRAPHIC = frozenset({"img", "canvas", "svg", "video", "input", "image", "object", "embed"})


def _rare(nodes: list[Node], index: list[int], value: list[int]) -> Iterator[tuple[Node, int]]:
    """The nodes that have a rare property, with its value; those past MAX_NODES left aside."""
    return ((nodes[n], v) for n, v in zip(index, value, strict=True) if n < len(nodes))


def _around(one: Box, other: Box) -> Box:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    right = max(one[0] + one[2], other[0] + other[2])
    bottom = max(one[1] + one[3], other[1] + other[3])
    return left, top, right - left, bottom - top


def _has_image(node: Node) -> bool:
    """Whether a style paints a picture or a gradient at it."""
    return node.style is not None and bool(node.style.images)


def _opacity_of(node: Node) -> float:
    """Its own; none where it is a frame that is hidden with all that it shows."""
    if node.name in FRAMES and node.css("visibility") == "hidden":
        return 0.0
    return node.style.opacity if node.style is not None else 1.0


def _is_flat(node: Node) -> bool:
    box = node.box
    return box is None or box[2] <= 1 or box[3] <= 1 or node.css("visibility") == "hidden"


def _has_looks(node: Node) -> bool:
    return bool(
        (node.name == "#text" and node.text.strip())
        or node.name in _GRAPHIC
        or node.pseudo
        or _has_image(node)
        or node.css("background-color") not in ("", _CLEAR)
        or node.css("box-shadow") not in ("", "none")
    )


def is_opaque(node: Node) -> bool:
    """Whether nothing is seen through it, as far as its style tells."""
    if node.style is None or node.css("mask-image") not in ("", "none"):
        return False
    opacity = 1.0
    for outer in node.up():
        if outer.css("mix-blend-mode") not in ("", "normal"):
            return False
        opacity *= _opacity_of(outer)
    if opacity < OPAQUE:
        return False
    colour = node.css("background-color")
    pictures = [node.source, *node.backgrounds]
    return colour.startswith("rgb(") or any(_PHOTO.search(src) for src in pictures)


def holds(box: Box | None, x: float, y: float) -> bool:
    """Whether a point is in a box."""
    return box is not None and box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


def squeezed(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def may_show_code(nodes: Collection[Node]) -> bool:
    """Whether what is newly shown could be a code: pictures, drawings, or very many small parts."""
    return len(nodes) >= MANY or any(map(may_draw, nodes))


def may_draw(node: Node) -> bool:
    """Whether a node by itself could draw a code: a picture, a gradient, shadows, block letters."""
    return bool(
        node.name in _GRAPHIC
        or node.backgrounds
        or _has_image(node)
        or _BLOCKS.search(node.text)
        or len(node.css("box-shadow")) > LONG_SHADOW
    )


_PHOTO = re.compile(r"\.jpe?g(?:[?#]|$)|^data:image/jpeg", re.IGNORECASE)
"""Of all formats the one in which nothing is transparent."""
_BLOCKS = re.compile(r"[\u2580-\u259f\u25a0-\u25ff]")
MANY = 200
LONG_SHADOW = 2000
"""Characters of a shadow that is drawn of many."""
