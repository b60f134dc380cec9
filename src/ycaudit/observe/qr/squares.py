"""Finds squares that are textured as a code is, beside codes that were read.

Pictures that hold one code often hold others of its size. So a place of that size, full of dark and
light in both directions, is suspected even where no finder pattern can be made out, as of blurred
codes or tiny ones. Where nothing was read, such a texture is no sign of a code: text, fabric and
foliage have it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr.filters import reduced, surroundings
from ycaudit.observe.qr.unseen import ROOM, Box

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

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
STROKE = 0.35
"""Of a line's length: what is dark, or light, as far as this is a stroke. The longest in a code
are the sides of its finder patterns, a third of the smallest."""
STROKES = 0.38
"""Share of the lines, upright or level, that have one, at most (measured: up to 0.32 in codes, a
half in large characters)."""
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
FINE = 64
"""Pixels of a side that are enough to see of a square: the modules of most codes have one then."""
REACHES = (8, 16)
"""Pixels: how far the surroundings go, in the picture itself and where it is reduced: there the
texture of photographs is finer than modules."""


def code_like_squares(grey: Grey, side: float, read: Sequence[Box]) -> list[Box]:
    """Boxes in pixels of `grey` that may be codes of about this side or less, beside those read.

    What goes on and on is a texture; beside one, nothing of its size can be told.
    """
    found: list[Box] = []
    reliefs: dict[int, _Relief] = {}
    most = TOGETHER
    while side >= LEAST_SIDE:
        window = round(ROOM * side)
        if min(grey.shape) >= window:
            factor = 1 << max(0, (window // FINE).bit_length() - 1)
            if factor not in reliefs:
                reliefs[factor] = _relief(grey, factor, read)
            full = _full_squares(reliefs[factor], window)
            fresh = [box for box in full if not any(_meet(box, known) for known in found)]
            if all(max(box[2] - box[0], box[3] - box[1]) <= most * window for box in fresh):
                found += fresh
        most = ALONE
        side *= SHRINK
    return found


@dataclass(frozen=True, slots=True)
class _Relief:
    """A picture, reduced by a factor, beside its surroundings."""

    factor: int
    apart: Any
    """How far each pixel is from the mean of its surroundings."""
    level: Any
    """Where a level line goes from dark to light or back, but not on what was read."""
    upright: Any
    """The same of upright lines."""


def _relief(grey: Grey, factor: int, read: Sequence[Box]) -> _Relief:
    import numpy

    reach = REACHES[factor > 1]
    small = reduced(grey, factor)
    apart = small.astype(numpy.int16) - surroundings(small, reach)
    strength = surroundings(numpy.abs(apart).astype(numpy.uint8), reach)
    is_open = strength >= CONTRAST
    for box in read:
        left, top, right, bottom = (max(0, int(v)) // factor for v in box)
        is_open[top : bottom + 1, left : right + 1] = False
    least = STEEP * strength.astype(numpy.float32)
    level = _crossings(apart, least) & is_open
    return _Relief(factor, apart, level, _crossings(apart.T, least.T).T & is_open)


def _full_squares(relief: _Relief, window: int) -> list[Box]:
    """The squares of this side that are textured as codes are; those that overlap are one box."""
    import numpy

    step = max(1, window // relief.factor // STRIDE)
    count = round(window / relief.factor / step)
    side = step * count
    dense = numpy.minimum(_sums(relief.level, step, count), _sums(relief.upright, step, count))
    found: list[Box] = []
    for row, column in numpy.argwhere(dense >= CROSSINGS * side):
        x, y = int(column) * step, int(row) * step
        part = slice(y, y + side), slice(x, x + side)
        if (
            _is_full(relief.level[part], 1)
            and _is_full(relief.upright[part], 0)
            and _has_two_tones(relief.apart[part])
            and _is_of_short_strokes(relief.apart[part])
        ):
            left, top = x * relief.factor, y * relief.factor
            _join(found, (left, top, left + window, top + window))
    return found


def _crossings(apart: Any, least: Any) -> Any:
    """Where level lines go from dark to light or back, by more than noise beside an edge does."""
    import numpy

    crossings = numpy.zeros(apart.shape, dtype=bool)
    near = numpy.abs(apart[:, 4:-1] - apart[:, 1:-4])
    far = numpy.abs(apart[:, 5:] - apart[:, :-5])  # unsharp modules
    is_dark = apart < 0
    changes = is_dark[:, 2:-3] != is_dark[:, 3:-2]
    crossings[:, 3:-2] = changes & (numpy.maximum(near, far) >= least[:, 3:-2])
    return crossings


def _sums(changes: Any, step: int, count: int) -> Any:
    """How many there are in each square of `count` steps a side, every step."""
    import numpy

    high, wide = (length // step for length in changes.shape)
    rows = changes[: high * step, : wide * step].reshape(high, step, wide * step)
    cells = rows.sum(1, dtype=numpy.uint16).reshape(high, wide, step).sum(2, dtype=numpy.int32)
    total = numpy.zeros((high + 1, wide + 1), dtype=numpy.int32)
    total[1:, 1:] = cells.cumsum(0).cumsum(1)
    return (
        total[count:, count:]
        - total[:-count, count:]
        - total[count:, :-count]
        + total[:-count, :-count]
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


def _is_of_short_strokes(apart: Any) -> bool:
    """Whether what is dark or light seldom goes on for long, as it does in characters."""
    import numpy

    is_dark = apart < 0
    for lines in (is_dark, is_dark.T):
        least = round(STROKE * lines.shape[1])
        sums = numpy.pad(lines.cumsum(1), ((0, 0), (1, 0)))
        among = sums[:, least:] - sums[:, :-least]
        if (numpy.isin(among, (0, least)).any(1)).mean() > STROKES:
            return False
    return True


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
