"""The text of a page: what rules ask for in it is met on the screen, as the links are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from ycaudit.model import Box, Sense, Text, Visibility, Where
from ycaudit.observe import Doubts
from ycaudit.observe.browser.dom import LOWEST, MAX_NODE_TEXT, Dom
from ycaudit.observe.browser.hands import Hands, on_screen
from ycaudit.observe.browser.links import where_of
from ycaudit.observe.browser.nodes import Document, Node
from ycaudit.observe.browser.painted import FLAT
from ycaudit.observe.browser.styles import FAINT
from ycaudit.observe.static.sheets import WINDOW
from ycaudit.observe.text_lines import (
    FIELDS,
    MAX_TEXT,
    WITHOUT_TEXT,
    Kept,
    Line,
    Piece,
    Sought,
    lines_of,
    parted,
    parts_lines,
    shown_in_field,
)
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.wordings import Span

MAX_SOUGHT, MAX_TRIES = 60, 200
"""Different places of what rules ask for, and states in which one of them is tried."""
INK, INKED, GROUND = 0.2, 0.01, 0.3
"""The share of the way from the ground to the colour of the text, of the pixels that go it, and of
those that are not of its colour: less is a ground of the same colour with a line in it."""
TALLER, LEVEL, GAP, OVERLAP = 1.7, 0.35, 1.0, 2
"""Pieces of text are of one row where neither is so much taller, their middles are no more apart
than this share of the height, and the gap between them neither, in pixels at most overlapping."""
MAX_BESIDE = 40
"""Characters of a name, or of its value, that stand in two cells or blocks."""
WIDE_GAP = 4.0
"""Of the height: pieces of one block that are further apart are not read in one go."""
_WITHIN_LINES = frozenset(
    {"inline", "inline-block", "inline-flex", "inline-grid", "inline-table", "contents", "ruby"}
)
"""Values of `display` with which a box stands within a line."""
_STYLES = ("-webkit-text-fill-color", "background-clip")
_COLOUR = re.compile(r"rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DRAWINGS = frozenset({"canvas", "svg", "video", "object", "embed"})
Key = tuple[str, str]


class Texts:
    """What is known of the text of one page; nothing where no rule asks for a text."""

    def __init__(self, unit: Unit, hands: Hands, doubts: Doubts) -> None:
        self._unit = unit
        self._hands = hands
        self._doubts = doubts
        self._sought: dict[Key, Text] = {}
        self._tries: dict[Key, int] = {}
        self._laid_out = Kept()
        self._hidden = Kept()
        self._is_cut = self._has_drawing = self._is_given_up = False

    async def try_all(self, state: Reason | None) -> None:
        """Take in the text that is laid out now, and meet what rules ask for on the screen.

        The window is scrolled back.
        """
        if not self._unit.asks_for_text or Sense.TEXT not in self._doubts():
            return
        dom = self._hands.dom
        todo: list[tuple[Key, Sought[Node], Where]] = []
        for document in dom.documents:
            todo += self._take_in(dom, document, state)
        self._has_drawing = self._has_drawing or any(
            node.name in _DRAWINGS and dom.is_shown(node) for node in dom.nodes
        )
        if todo:
            await self._meet(todo, state)

    @property
    def shown(self) -> int:
        """How much of what rules ask for a visitor gets to see."""
        return sum(text.visible.counts for text in self._sought.values())

    def told(self) -> tuple[Text, ...] | None:
        """All text that was seen; None where no rule asks for any."""
        if not self._unit.asks_for_text:
            return None
        where = Where(origin="browser", url=self._hands.dom.main.url[:2000])
        rest = ((self._laid_out, Visibility.UNSURE), (self._hidden, Visibility.HIDDEN))
        plain = (Text(value=kept.text, visible=v, where=where) for kept, v in rest if kept.text)
        return (*self._sought.values(), *plain)

    def unread(self) -> Iterator[tuple[frozenset[Sense], Reason]]:
        """What may hold text that was not read, and why."""
        if self._is_cut or self._laid_out.is_cut:
            yield frozenset({Sense.TEXT}), Reason.of("text_too_long", count=MAX_TEXT)
        if self._is_given_up:
            yield frozenset({Sense.TEXT}), Reason.of("not_waited_for")
        if self._has_drawing:
            yield frozenset({Sense.IMAGE}), Reason.of("drawing_not_read")

    def _take_in(
        self, dom: Dom, document: Document, state: Reason | None
    ) -> Iterator[tuple[Key, Sought[Node], Where]]:
        """Note all text of a document; what is to be met on the screen."""
        shown, hidden = _lines(dom, document)
        sought, plain = parted(shown, self._unit.text_spans)
        line_of = {piece.owner: n for n, line in enumerate(shown) for piece in line.pieces}

        def across(lines: Sequence[Line[Node]]) -> list[Sought[Node]]:
            found, _ = parted(lines, self._unit.text_spans)
            return [one for one in found if len({line_of[node] for node, _ in one.parts}) > 1]

        sought += across(rows(shown))
        broken = across(unbroken(shown))
        self._laid_out.add(plain)
        unseen, plain = parted(hidden, self._unit.text_spans)
        self._hidden.add(plain)
        self._is_cut = self._is_cut or any(
            len(node.text) >= MAX_NODE_TEXT for node in document.nodes if _is_text(node)
        )
        for one in unseen:
            self._note(one, document, Visibility.HIDDEN, where_of(one.parts[0][0], state))
        for one in broken:
            self._note(one, document, Visibility.UNSURE, where_of(one.parts[0][0], state))
        for one in sought:
            key = document.url, one.text
            known, tries = self._sought.get(key), self._tries.get(key, 0)
            if known is not None and known.visible.counts:
                continue
            if tries == MAX_TRIES:
                self._is_given_up = True
            else:
                self._tries[key] = tries + 1
                yield key, one, where_of(one.parts[0][0], state)

    def _note(
        self, one: Sought[Node], document: Document, visible: Visibility, where: Where
    ) -> None:
        key = document.url, one.text
        known = self._sought.get(key)
        if known is None and len(self._sought) >= MAX_SOUGHT:
            self._is_cut = True
        elif known is None or visible.rank < known.visible.rank:
            self._sought[key] = Text(value=one.text[:MAX_NODE_TEXT], visible=visible, where=where)

    async def _meet(
        self, todo: list[tuple[Key, Sought[Node], Where]], state: Reason | None
    ) -> None:
        _, before = await self._hands.tab.place()
        styles = await self._hands.tab.facts.styles(_STYLES)
        for _, one, where in todo:
            visible = Visibility.SHOWN if state is None else Visibility.ON_HOVER
            for node, span in one.parts:
                visible = visible.within(await self._seen(node, span, styles))
                if not visible.counts:
                    break
            self._note(one, one.parts[0][0].document, visible, where)
        if (await self._hands.tab.place())[1] != before:
            await self._hands.scroll_to(before)

    async def _seen(self, node: Node, span: Span, styles: dict[int, list[str]]) -> Visibility:
        """What a visitor gets to see of a part of a text, as far as its layout shows it."""
        if (select := _select_of(node)) is not None:
            met = await self._hands.met(select)
            return Visibility.HIDDEN if met is None else Visibility.ON_HOVER
        holder = node.parent if node.name == "#text" and node.parent else node
        ink = _ink_of(styles.get(holder.id, ()))
        worst = Visibility.SHOWN
        for number in range(len(await self._places(node, span))):
            boxes = await self._on_screen(node, span, number)
            worst = worst.within(await self._box_seen(boxes, number, holder, ink))
        return worst if await self._places(node, span) else Visibility.HIDDEN

    async def _places(self, node: Node, span: Span) -> list[Box]:
        """Where the part of the text is on the screen now, a box a line."""
        lines = sorted(await self._hands.tab.boxes(node.id), key=lambda box: (box[1], box[0]))
        if node.name in FIELDS:
            return lines
        return list(_part_of(lines, _text_of(node), span))

    async def _on_screen(self, node: Node, span: Span, number: int) -> list[Box]:
        """Its boxes once that of this number has been scrolled to."""
        await self._hands.bring(node)
        boxes = await self._places(node, span)
        if number < len(boxes) and not _is_on_screen(boxes[number]):
            _, y = await self._hands.tab.place()
            await self._hands.scroll_to(max(0, y + boxes[number][1] - WINDOW[1] / 2))
            boxes = await self._places(node, span)
        return boxes

    async def _box_seen(
        self, boxes: list[Box], number: int, holder: Node, ink: Ink | None
    ) -> Visibility:
        if number >= len(boxes) or not _is_on_screen(boxes[number]):
            return Visibility.HIDDEN
        box = boxes[number]
        if box[3] < LOWEST:
            return Visibility.HIDDEN
        if ink is None:  # a gradient may be seen through it, or nothing
            return Visibility.UNSURE
        seen = on_screen(box)
        if seen is None or not shows_ink(await self._hands.picture(seen), ink):
            return Visibility.HIDDEN
        at = box[0] + box[2] / 2, box[1] + box[3] / 2
        outer = holder.parent or holder if holder.pseudo else holder
        met = await self._hands.hits(at, outer, self._hands.dom)
        return Visibility.SHOWN if met else Visibility.UNSURE


Ink = tuple[int, int, int]


def _lines(dom: Dom, document: Document) -> tuple[list[Line[Node]], list[Line[Node]]]:
    """The lines that are laid out, and those that are not."""
    streams: tuple[list[tuple[Piece[Node], bool]], list[tuple[Piece[Node], bool]]] = ([], [])
    blocks: list[Node | None] = [None, None]
    begins = [True, True]
    last: Node | None = None
    for node in document.nodes:
        text = _text_of(node)
        if not text:
            if parts_lines(node.name):
                begins = [True, True]
            continue
        if not _is_text(node):
            continue
        which = 0 if _is_laid_out(dom, node) else 1
        block = next((o for o in node.up() if parts_lines(o.name)), None)
        is_apart = which == 0 and last is not None and not _reads_on(last, node)
        is_new = begins[which] or block is not blocks[which] or is_apart
        streams[which].append((Piece(text, node), is_new))
        if node.box is not None and min(node.box[2:]) > 0:
            last = node
        if text.strip():
            begins[which], blocks[which] = False, block
    return lines_of(streams[0]), lines_of(streams[1])


def _reads_on(one: Node, other: Node) -> bool:
    """Whether what names of elements put into one line stands in one, too."""
    if one.box is None or other.box is None or min(other.box[2:]) <= 0:
        return True
    is_one_block = _block_of(one) is _block_of(other)
    if not _is_level(one.box, other.box):
        are_signs = all(len(_text_of(node).strip()) == 1 for node in (one, other))
        return is_one_block or are_signs  # which may stand below each other
    if is_one_block:
        return _gap(one.box, other.box) <= WIDE_GAP * min(one.box[3], other.box[3])
    return _follows(one.box, other.box)


def _block_of(node: Node) -> Node | None:
    """The box, by its style, in whose lines a text stands."""
    outer = (o for o in node.up() if o.name != "#text" and not o.pseudo)
    return next((o for o in outer if o.css("display") not in _WITHIN_LINES), None)


def unbroken(lines: Sequence[Line[Node]]) -> list[Line[Node]]:
    """Lines of one block that only a `<br>` parts, or of short neighbouring blocks, as one: a text
    may go on in the next, and two texts may stand below each other."""
    found: list[Line[Node]] = []
    last: Node | None = None
    for line in lines:
        first = line.pieces[0].owner
        if last is None or not (_goes_on_below(last, first) or _is_next(last, first, line)):
            found.append(Line())
        found[-1].pieces.extend(line.pieces)
        last = line.pieces[-1].owner
    return found


def _is_next(one: Node, other: Node, line: Line[Node]) -> bool:
    """Whether two short texts stand in neighbouring blocks, such as a name and its value, which a
    visitor may read together; a number or a Latin word does not go on in the next block, nor does
    one link in another."""
    here, there = _block_of(one), _block_of(other)
    if here is None or there is None or here is there or len(line.text.strip()) > MAX_BESIDE:
        return False
    is_pair = (here.name, there.name) in _NAME_AND_VALUE
    ends = _text_of(one).rstrip()[-1:] + _text_of(other).lstrip()[:1]
    if not is_pair and ((ends.isascii() and ends.isalnum()) or _link_of(one) != _link_of(other)):
        return False
    return all(map(_is_short, _neighbours(one, other)))


def _link_of(node: Node) -> Node | None:
    """The link in which it stands."""
    return next((o for o in node.up() if o.name == "a" and "href" in o.attributes), None)


_NAME_AND_VALUE = frozenset({("td", "td"), ("th", "td"), ("dt", "dd")})


def _neighbours(one: Node, other: Node) -> tuple[Node, ...]:
    """What holds each of two nodes in the innermost that holds both."""
    holders: dict[Node, Node] = {}
    node = one
    while node.parent is not None:
        holders[node.parent] = node
        node = node.parent
    node = other
    while node.parent is not None and node.parent not in holders:
        node = node.parent
    return (holders[node.parent], node) if node.parent is not None else (one, other)


def _is_short(node: Node) -> bool:
    """Whether what is laid out in it has no more characters than a name or its value."""
    texts = (_text_of(each).strip() for each in node.down() if each.box is not None)
    return all(length <= MAX_BESIDE for length in accumulate(map(len, texts)))


def _goes_on_below(one: Node, other: Node) -> bool:
    """Whether a text stands in the next line of the same block, with no empty one between."""
    if one.box is None or other.box is None or _block_of(one) is not _block_of(other):
        return False
    return -OVERLAP <= other.box[1] - one.box[1] - one.box[3] <= GAP * min(one.box[3], other.box[3])


def rows(lines: Sequence[Line[Node]]) -> list[Line[Node]]:
    """What a visitor reads in one go although blocks part it: side by side, and of one height."""
    pieces = [(p, p.owner.box) for line in lines for p in line.pieces if p.text.strip()]
    boxed = sorted(
        ((piece, box) for piece, box in pieces if box is not None and min(box[2:]) > 0),
        key=lambda one: (one[1][1] + one[1][3] / 2, one[1][0]),
    )
    bands: list[list[tuple[Piece[Node], Box]]] = []
    for one in boxed:
        if not bands or not _is_level(bands[-1][0][1], one[1]):
            bands.append([])
        bands[-1].append(one)
    found: list[Line[Node]] = []
    for band in bands:
        before: Box | None = None
        for piece, box in sorted(band, key=lambda one: one[1][0]):
            if before is None or not _follows(before, box):
                found.append(Line())
            found[-1].pieces.append(piece)
            before = box
    return [row for row in found if len(row.pieces) > 1]


def _is_level(one: Box, other: Box) -> bool:
    low, high = sorted((one[3], other[3]))
    apart = abs(one[1] + one[3] / 2 - other[1] - other[3] / 2)
    return high < TALLER * low and apart < LEVEL * low


def _follows(one: Box, other: Box) -> bool:
    return -OVERLAP <= _gap(one, other) <= GAP * min(one[3], other[3])


def _gap(one: Box, other: Box) -> int:
    return other[0] - one[0] - one[2]


def _text_of(node: Node) -> str:
    """What it says itself."""
    if node.pseudo:
        return "".join(said[1] for said in _QUOTED.finditer(node.css("content")))
    if node.name in FIELDS:
        inner = "".join(child.text for child in node.children)
        return shown_in_field(node.name, node.attributes, inner)
    return node.text if node.name == "#text" else ""


def _is_text(node: Node) -> bool:
    """Whether what it says is for visitors."""
    outer = [o.name for o in (node.parent, node.parent and node.parent.parent) if o]
    return bool(_text_of(node)) and WITHOUT_TEXT.isdisjoint(outer)


def _is_laid_out(dom: Dom, node: Node) -> bool:
    return dom.is_shown(_select_of(node) or node)


def _select_of(node: Node) -> Node | None:
    """The list to choose from of which it is an option."""
    outer = [*node.up()][:5]
    if not any(o.name == "option" for o in outer):
        return None
    return next((o for o in outer if o.name == "select"), None)


def _part_of(lines: list[Box], text: str, span: Span) -> Iterator[Box]:
    """Where a part of a text stands that is laid out in these lines, by the width of characters."""
    low, high = (_width(text[:end].lstrip()) for end in span)
    whole = max(_width(text.strip()), 1)
    extent = sum(box[2] for box in lines)
    first, last = low / whole * extent, high / whole * extent
    at = 0.0
    for x, y, wide, tall in lines:
        left, right = max(first - at, 0), min(last - at, wide)
        if right - left >= 1:
            yield round(x + left), y, max(1, round(right - left)), tall
        at += wide


def _width(text: str) -> int:
    """In halves of a Chinese character."""
    return sum(1 if char.isascii() else 2 for char in " ".join(text.split()))


def _is_on_screen(box: Box) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return 0 <= x < WINDOW[0] and 0 <= y < WINDOW[1]


def _ink_of(styles: Sequence[str]) -> Ink | None:
    """The colour in which text is painted; None where nobody can tell."""
    found = _COLOUR.fullmatch(styles[0]) if styles else None
    if found is None or float(found[4] or 1) <= FAINT or "text" in styles[1]:
        return None
    return int(found[1]), int(found[2]), int(found[3])


def shows_ink(png: bytes, ink: Ink) -> bool:
    """Whether some of a picture of a text goes from the colour of its ground to that of the ink."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3).astype(np.int64)
    others = pixels[abs(pixels - ink).max(axis=1) > FLAT]
    if len(others) < GROUND * len(pixels):
        return False
    colours, counts = np.unique(others, axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    way, off = np.array(ink) - ground, pixels - ground
    goes = (off @ way >= INK * (way @ way)) & (abs(off).max(axis=1) > FLAT)
    return bool(goes.mean() > INKED)
