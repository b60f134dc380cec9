"""Pictures of the screen, and what was laid out on them as they were taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category

from ycaudit.model import Box
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.leads import graphics_of, is_of_a_codes_size
from ycaudit.observe.page_images import shortened
from ycaudit.observe.qr.reading import Corners
from ycaudit.observe.qr.unseen import largest_free_square
from ycaudit.reasons import Reason

LARGE = (24, 90)
"""CSS pixels: how high lines are whose letters are like modules; a higher one may be a picture."""
FREE = 0.6
"""Of the side of what has a code's texture: so much of a code is not behind words."""
WHOLE = 0.95
"""Of a picture, what is to be seen of one that nothing cuts off."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A picture of the screen, or of a part of it."""

    png: bytes
    at: tuple[float, float]
    """Where its corner stands on the page, in CSS pixels."""
    scale: int
    """Pixels of the picture for one of the page."""
    state: Reason | None

    def box(self, corners: Corners) -> Box:
        """The place on the page of what stands at these corners of the picture."""
        xs, ys = [x / self.scale for x, _ in corners], [y / self.scale for _, y in corners]
        x, y = min(xs) + self.at[0], min(ys) + self.at[1]
        return round(x), round(y), round(max(xs) - min(xs)), round(max(ys) - min(ys))


@dataclass(frozen=True, slots=True)
class Picture:
    """What could hold a code and is shown on a screen."""

    src: str
    box: Box
    is_cut: bool
    """Whether something cuts a part of it off."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What is laid out on a screen that matters to the codes on it."""

    words: tuple[Box, ...]
    """Where large words stand."""
    pictures: tuple[Picture, ...]

    @classmethod
    def out(cls, dom: Dom) -> Laid:
        """What is laid out now."""
        return cls(tuple(_large_words(dom)), tuple(_pictures(dom)))

    def is_of_words(self, box: Box) -> bool:
        """Whether what has a code's texture is crossed by words wherever a code could stand."""
        x, y, wide, high = box
        lines = [(left - x, top - y, left - x + w, top - y + h) for left, top, w, h in self.words]
        met = [b for b in lines if b[0] < wide and b[1] < high and b[2] > 0 and b[3] > 0]
        return largest_free_square((wide, high), met) < FREE * min(wide, high)

    def is_cut_off(self, box: Box, read: Sequence[str]) -> bool:
        """Whether it is a part of a picture that was read where nothing cuts it off."""
        return any(p.is_cut and p.src in read and within(box, p.box) for p in self.pictures)


def _large_words(dom: Dom) -> Iterator[Box]:
    for node in dom.nodes:
        is_large = LARGE[0] <= node.line <= LARGE[1]
        if is_large and node.box and _is_said(node.text) and dom.is_shown(node):
            yield node.box


def _is_said(text: str) -> bool:
    """Whether it is words, and not of characters that draw something."""
    return all(c.isascii() or category(c)[0] in "LMNPZ" for c in text)


def _pictures(dom: Dom) -> Iterator[Picture]:
    for graphic in graphics_of(dom):
        node, box = graphic.node, graphic.box
        if box is None or not is_of_a_codes_size(node):
            continue
        if dom.is_on_screen(node) and dom.is_shown(node):
            reach = dom.reach(node)
            part = reach.part if reach is not None and reach.part is not None else box
            is_cut = part[2] * part[3] < WHOLE * box[2] * box[3]
            yield Picture(shortened(graphic.src), box, is_cut)


def within(box: Box, other: Box) -> bool:
    """Whether one box lies in another, to a few pixels."""
    left, top, right, low = other[0] - 2, other[1] - 2, *_end_of(other)
    end = _end_of(box)
    return box[0] >= left and box[1] >= top and end[0] <= right + 2 and end[1] <= low + 2


def _end_of(box: Box) -> tuple[int, int]:
    return box[0] + box[2], box[1] + box[3]
