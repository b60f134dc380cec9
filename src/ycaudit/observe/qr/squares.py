"""Finds squares that are textured as a code is, beside codes that were read.

Pictures that hold one code often hold others of its size. So a place of that size, full of dark and
light in both directions, is suspected even where no finder pattern can be made out, as of blurred
codes or tiny ones. Where nothing was read, such a texture is no sign of a code: text, fabric and
foliage have it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr.unseen import ROOM, Box

if TYPE_CHECKING:
    from ycaudit.observe.qr.views import Grey

CONTRAST = 12
"""Grey levels that the modules differ from their surroundings, on average."""
STRONG = 30
"""Grey levels: a stronger contrast seldom is of something that grew."""
TWO_TONED = 0.87
"""Mean difference by its root mean square: 1 for two tones, 0.8 for shades as chance has them."""
STEEP = 0.8
"""Of that difference: how much a step between dark and light is, over three pixels or five."""
CROSSINGS = 6.5
"""Changes between dark and light on a line through the smallest code (21 modules), on average."""
FEWEST = 4
"""Changes on a line through its finder patterns; between lines of text there is none."""
LINES = 0.9
"""Share of the lines, upright and level, that have so many."""
LEAST_SIDE = 32
"""Pixels of a side; smaller squares are letters, too."""
SHRINK = 0.62
"""From one size that is looked for to the next."""
TOGETHER = 3.2
"""Sides of the square that codes which stand close together measure at most."""
ALONE = 2.0
"""Sides of the square that a smaller code may measure at most."""
STRIDE = 8
"""Of a square's side: how far it is moved."""


def code_like_squares(grey: Grey, side: float, read: Sequence[Box]) -> list[Box]:
    """Boxes in pixels of `grey` that may be codes of about this side or less, beside those read.

    What goes on and on is a texture; beside one, nothing of its size can be told.
    """
    found: list[Box] = []
    most = TOGETHER
    while side >= LEAST_SIDE:
        window = round(ROOM * side)
        full = _full_squares(grey, window, read) if min(grey.shape) >= window else ()
        fresh = [box for box in full if not any(_meet(box, known) for known in found)]
        if all(max(box[2] - box[0], box[3] - box[1]) <= most * window for box in fresh):
            found += fresh
        most = ALONE
        side *= SHRINK
    return found


def _full_squares(grey: Grey, window: int, read: Sequence[Box]) -> list[Box]:
    """The squares of this side that are textured as codes are; those that overlap are one box."""
    import numpy

    apart, strength = _relief(grey, max(3, window // 6))
    is_open = strength >= CONTRAST
    for left, top, right, bottom in read:
        is_open[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1] = False
    level = _crossings(apart, strength) & is_open
    upright = _crossings(apart.T, strength.T).T & is_open
    step = max(1, window // STRIDE)
    dense = numpy.minimum(_sums(level, window, step), _sums(upright, window, step))
    found: list[Box] = []
    for row, column in numpy.argwhere(dense >= CROSSINGS * window):
        x, y = int(column) * step, int(row) * step
        part = slice(y, y + window), slice(x, x + window)
        if _is_full(level[part], 1) and _is_full(upright[part], 0) and _has_two_tones(apart[part]):
            _join(found, (x, y, x + window, y + window))
    return found


def _relief(grey: Grey, reach: int) -> tuple[Any, Any]:
    """How far each pixel is from the mean of its surroundings, and how far those are on average."""
    import numpy
    from PIL import Image, ImageFilter

    blur = ImageFilter.BoxBlur(reach)
    apart = grey.astype(numpy.int16) - numpy.asarray(Image.fromarray(grey).filter(blur))
    strength = Image.fromarray(numpy.abs(apart).astype(numpy.uint8)).filter(blur)
    return apart, numpy.asarray(strength)


def _crossings(apart: Any, strength: Any) -> Any:
    """Where level lines go from dark to light or back, by more than noise beside an edge does."""
    import numpy

    crossings = numpy.zeros(apart.shape, dtype=bool)
    near = numpy.abs(apart[:, 4:-1] - apart[:, 1:-4])
    far = numpy.abs(apart[:, 5:] - apart[:, :-5])  # unsharp modules
    changes = (apart[:, 2:-3] < 0) != (apart[:, 3:-2] < 0)
    steps = numpy.maximum(near, far)
    crossings[:, 3:-2] = changes & (steps >= STEEP * strength[:, 3:-2])
    return crossings


def _sums(changes: Any, window: int, step: int) -> Any:
    """How many there are in each square, every `step` pixels."""
    import numpy

    total = numpy.zeros([n + 1 for n in changes.shape], dtype=numpy.int32)
    total[1:, 1:] = changes.cumsum(0, dtype=numpy.int32).cumsum(1, dtype=numpy.int32)
    return (
        total[window::step, window::step]
        - total[:-window:step, window::step]
        - total[window::step, :-window:step]
        + total[:-window:step, :-window:step]
    )


def _is_full(changes: Any, axis: int) -> bool:
    """Whether nearly all lines have as many changes as a line through a finder pattern."""
    return bool((changes.sum(axis) >= FEWEST).mean() >= LINES)


def _has_two_tones(apart: Any) -> bool:
    """Whether it is dark and light, as what is printed, and not all shades between, as foliage."""
    import numpy

    mean = float(numpy.abs(apart).mean())
    return (
        mean >= STRONG
        or mean >= TWO_TONED * float((apart.astype(numpy.float32) ** 2).mean()) ** 0.5
    )


def _join(found: list[Box], box: Box) -> None:
    for index, known in enumerate(found):
        if _meet(box, known):
            found[index] = (
                min(box[0], known[0]), min(box[1], known[1]),
                max(box[2], known[2]), max(box[3], known[3]),
            )  # fmt: skip
            return
    found.append(box)


def _meet(one: Box, other: Box) -> bool:
    level = one[0] < other[2] and other[0] < one[2]
    return level and one[1] < other[3] and other[1] < one[3]
