"""What may still be unseen in a picture after what was read in it: the one rule by which looking
ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ycaudit.observe.qr.reading import Corners

ROOM = 0.8
"""A free square of this share of the smallest code that was read may hold another."""
LEAST_SIDE = 60
"""Pixels; where this much is free, at least the finder patterns of smaller codes are looked for."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a picture may still hold."""

    places: tuple[Corners, ...]
    """Where a code is seen and none was read."""
    free: float
    """The side of the largest square that meets no code that was read."""
    smallest: float | None
    """The side of the smallest code that was read."""

    @property
    def has_room(self) -> bool:
        """Whether another code like those that were read may stand beside them."""
        return self.smallest is None or self.free >= ROOM * self.smallest

    @property
    def is_nothing(self) -> bool:
        """Whether all was read that can be there."""
        return not self.places and not self.has_room

    @property
    def may_be_small(self) -> bool:
        """Whether a code smaller than those that were read may stand beside them."""
        return self.has_room or self.free >= LEAST_SIDE


def unseen(
    size: tuple[float, float],
    read: Sequence[Corners],
    suspected: Iterable[Corners] = (),
    *,
    origin: tuple[float, float] = (0, 0),
) -> Unseen:
    """What may still be unseen in a picture, or in a part of it, of this width and height."""
    x, y = origin
    boxes = [(b[0] - x, b[1] - y, b[2] - x, b[3] - y) for b in map(box_of, read)]
    return Unseen(
        places=tuple(c for c in suspected if not any(overlap(c, known) for known in read)),
        free=largest_free_square(size, boxes),
        smallest=min(map(side_of, read), default=None),
    )


def largest_free_square(size: tuple[float, float], boxes: Sequence[Box]) -> float:
    """The side of the largest square of the picture that meets none of the boxes.

    Such a square can be pushed to the left and up until it rests on the picture's edge or a box.
    """
    lefts = {0.0, *(box[2] for box in boxes)}
    tops = {0.0, *(box[3] for box in boxes)}
    return max((_grown((x, y), size, boxes) for x in lefts for y in tops), default=0.0)


def _grown(corner: tuple[float, float], size: tuple[float, float], boxes: Sequence[Box]) -> float:
    """The side of the largest free square with this upper left corner."""
    x, y = corner
    side = min(size[0] - x, size[1] - y)
    for left, top, right, bottom in boxes:
        if right > x and bottom > y:  # it stands in the way of what grows right and down
            side = min(side, max(left - x, top - y))
    return max(0.0, side)


def overlap(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> bool:
    """Whether the middle of one lies in the box of the other."""
    return _inside(_middle(box_of(one)), box_of(other)) or _inside(
        _middle(box_of(other)), box_of(one)
    )


def box_of(corners: Sequence[tuple[float, float]]) -> Box:
    """The upright box around corners."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def side_of(corners: Sequence[tuple[float, float]]) -> float:
    """The longer side of the upright box around corners."""
    left, top, right, bottom = box_of(corners)
    return max(right - left, bottom - top)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _inside(point: tuple[float, float], box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
