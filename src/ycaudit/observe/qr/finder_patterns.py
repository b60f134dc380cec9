"""Finds the three finder patterns of a code without reading it: unreadable is not absent.

Both QR codes and the round mini-program codes have them at the corners of a right angle. A line
through the middle of a pattern crosses dark, light, dark, light, dark in widths of 1:1:3:1:1
(ISO/IEC 18004, finder pattern), from every side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr.filters import reduced

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

Points = tuple[tuple[float, float], ...]

RATIO = (1.0, 1.0, 3.0, 1.0, 1.0)
TOLERANCE = 0.7
"""How far a run may be from its share, in modules: small codes are drawn unevenly."""
LEAST_MODULE = 1.2
MAX_PATTERNS = 40
MAX_CROSSINGS = 20_000
REACH = 5
"""Pixels around each that it is compared with: two modules or so, as far as the next ring."""
NOISE = 1
"""Grey levels that are no difference."""
SMALLEST_CODE = 21
"""Modules of a side."""
LEGS = (10.0, 175.0)
"""Modules between the middles of two patterns: 14 in the smallest code, 170 in the largest."""
LARGEST = 0.42
"""Of a code's side: a pattern, which is a third of the smallest code, measured generously."""
AGREEMENT = 0.86
"""Share of the cells of a pattern that must be as they should."""
LIGHT_RING = 2.15
"""Modules from the middle of a pattern: there is a light one in every direction, however it is
turned."""
ROUGHLY = 0.55
"""Share of the places around the middle that are light, or dark, in the worst pattern that passes
the closer look."""
CHANGES = 0.33
"""Share of modules beside which another ink is: half in codes, more than a third in blurred ones
(measured: 0.34 and more); 0.32 and less between marks that are no code's."""

# The cells of a pattern, seen from its middle, that square and round ones have in common.
_ACROSS = [(i, j) for i in range(-3, 4) for j in (-1, 0, 1)]
_CELLS = sorted({*_ACROSS, *((j, i) for i, j in _ACROSS)})
_DARK_CELLS = [max(abs(i), abs(j)) != 2 for i, j in _CELLS]


@dataclass(frozen=True, slots=True)
class FinderPattern:
    """The middle of a pattern and the width of its modules, in pixels."""

    x: float
    y: float
    module: float


Trio = tuple[FinderPattern, FinderPattern, FinderPattern]
"""The one at the corner of the right angle first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A code whose three patterns are seen: its corners, clockwise from the top left."""

    corners: Points
    is_round: bool
    """Whether the patterns are rings, as those of mini-program codes and some styled QR codes."""


def codes_by_finder_patterns(grey: Grey) -> list[Seen]:
    """Every code whose three patterns are seen, in each size in which they are."""
    found: list[Seen] = []
    for factor, ink, patterns in _patterns_by_size(grey):
        largest = sorted(patterns, key=lambda pattern: -pattern.module)[:MAX_PATTERNS]
        used: set[FinderPattern] = set()
        for trio in _right_angles(largest):
            if used.isdisjoint(trio):
                corners = _corners(trio)
                if _is_drawn(ink, trio, corners):
                    used.update(trio)
                    place = tuple((x * factor, y * factor) for x, y in corners)
                    found.append(Seen(place, _are_round(ink, trio, corners)))
    return found


def has_finder_patterns(grey: Grey, corners: Points | None = None) -> bool:
    """Whether two finder patterns of one size are seen; as those of a code with these corners, if
    they are given: a decoder that failed there saw one."""
    for factor, ink, patterns in _patterns_by_size(grey):
        seen = patterns[:MAX_PATTERNS]
        if corners is not None:
            seen = _fitting(ink, seen, tuple((x / factor, y / factor) for x, y in corners))
        modules = sorted(pattern.module for pattern in seen)
        if any(b < 1.35 * a for a, b in pairwise(modules)):
            return True
    return False


def _fitting(ink: Any, patterns: Sequence[FinderPattern], corners: Points) -> list[FinderPattern]:
    """Those that stand at a corner of the code, turned as it is, no larger than in the smallest."""
    most = LARGEST * dist(corners[0], corners[1])
    return [
        pattern
        for pattern in patterns
        if 7 * pattern.module < most
        and min(dist((pattern.x, pattern.y), corner) for corner in corners) < most
        and _is_turned(ink, pattern, pattern.module, corners)
    ]


def _patterns_by_size(grey: Grey) -> Iterator[tuple[int, Any, list[FinderPattern]]]:
    """A factor by which the picture is reduced, the ink in it, and the patterns of this ink: what
    is darker than its near surroundings, then what is lighter, since codes may be inverted.

    The light ring of a blurred pattern is darker than the paper around the code. It is light beside
    its own dark rings only, so nothing farther off than those may be compared with it; in reduced
    pictures large patterns are as near.
    """
    factor, small = 1, grey
    while True:
        half = reduced(small, 2)
        dark = _dark(small, half)
        patterns = _patterns(dark)
        for ink in (dark, ~dark):
            its = [p for p in patterns if ink[int(p.y), int(p.x)]]
            yield factor, ink, _rings(ink, its)
        if min(small.shape) < SMALLEST_CODE * REACH:
            return
        factor, small = 2 * factor, half


def _dark(grey: Grey, half: Grey) -> Any:
    """Darker than the near surroundings, which are the same to the eye in half the size."""
    import numpy
    from PIL import Image, ImageFilter

    near = Image.fromarray(half).filter(ImageFilter.BoxBlur((REACH - 1) / 2))
    high, wide = half.shape
    around = numpy.asarray(near.resize((2 * wide, 2 * high), Image.Resampling.BILINEAR))
    around = around[: grey.shape[0], : grey.shape[1]]
    return grey < around - numpy.minimum(around, NOISE)


@dataclass(frozen=True, slots=True)
class _Edges:
    """Where dark runs and light ones begin and end on the level lines of a picture, one line after
    the other."""

    at: Any
    length: int
    """Places on one line."""

    @classmethod
    def of(cls, ink: Any) -> _Edges:
        import numpy

        high, wide = ink.shape
        edges = numpy.ones((high, wide + 1), dtype=bool)  # a pattern may touch the picture's edge
        numpy.not_equal(ink[:, 1:], ink[:, :-1], out=edges[:, 1:-1])
        return cls(numpy.flatnonzero(edges), wide + 1)

    def likely(self) -> Any:
        """The edges from which on five runs follow of which the third may be three modules wide:
        few of all, and found at the lowest price."""
        import numpy

        at = self.at.astype(numpy.int32)
        middle, whole = 7 * (at[3:-2] - at[2:-3]), at[5:] - at[:-5]
        least, most = (3 + sign * TOLERANCE * 3**0.5 for sign in (-1, 1))
        return numpy.flatnonzero((middle > least * whole) & (middle < most * whole))

    def around(self, lines: Any, places: Any) -> tuple[Any, Any, Any]:
        """Of the pattern whose middle run is there: the middle, the width of a module, whether
        there is one."""
        import numpy

        here = lines * self.length + places
        return self.across(numpy.searchsorted(self.at, here, "right") - 3)

    def across(self, firsts: Any) -> tuple[Any, Any, Any]:
        """The same of the five runs from each of these edges on."""
        import numpy

        within = (firsts >= 0) & (firsts + 5 < len(self.at))
        edges = self.at[(firsts[:, None] + numpy.arange(6)).clip(0, len(self.at) - 1)]
        runs = numpy.diff(edges)
        module = runs.sum(1) / 7
        shares = numpy.array(RATIO)
        is_like = abs(runs - shares * module[:, None]) < TOLERANCE * shares**0.5 * module[:, None]
        line = edges[:, 0] // self.length
        good = within & (line == edges[:, 5] // self.length) & is_like.all(1)
        middle = (edges[:, 2] + edges[:, 3] - 1) / 2 - line * self.length
        return middle, module, good & (module >= LEAST_MODULE)


def _patterns(dark: Any) -> list[FinderPattern]:
    """Patterns of either ink that a level and an upright line both see, each once."""
    import numpy

    level = _Edges.of(dark)
    firsts = level.likely()
    x, _, good = level.across(firsts)
    firsts, columns = firsts[good][:MAX_CROSSINGS], x[good][:MAX_CROSSINGS].astype(int)
    if not len(firsts):
        return []
    y, high, good = _Edges.of(dark.T).around(columns, level.at[firsts] // level.length)
    columns, y, high = columns[good], y[good], high[good]
    x, wide, good = level.around(y.astype(int), columns)
    good &= numpy.maximum(wide, high) < 1.6 * numpy.minimum(wide, high)
    groups: list[list[FinderPattern]] = []
    for values in zip(x[good], y[good], (wide + high)[good] / 2, strict=True):
        _add(groups, FinderPattern(*map(float, values)))
    return [_mean(group) for group in groups]


def _rings(ink: Any, patterns: list[FinderPattern]) -> list[FinderPattern]:
    """Those with a light ring around a dark middle, however they are turned."""
    import numpy

    if not patterns:
        return []
    angles = numpy.linspace(0, 2 * numpy.pi, 24, endpoint=False)
    circle = numpy.stack([numpy.cos(angles), numpy.sin(angles)], 1)
    middles = numpy.array([(pattern.x, pattern.y) for pattern in patterns])
    modules = numpy.array([pattern.module for pattern in patterns])

    def inked(radius: float) -> Any:
        places = middles[:, None] + circle * (radius * modules)[:, None, None]
        return _at(ink, places.reshape(-1, 2)).reshape(len(patterns), -1).mean(1)

    light = numpy.minimum(inked(LIGHT_RING), inked(0.9 * LIGHT_RING))
    good = (light <= 1 - ROUGHLY) & (inked(0.8) >= ROUGHLY)
    return [pattern for pattern, is_ring in zip(patterns, good, strict=True) if is_ring]


def _add(groups: list[list[FinderPattern]], pattern: FinderPattern) -> None:
    for group in groups:
        if dist((group[0].x, group[0].y), (pattern.x, pattern.y)) < 2 * pattern.module:
            group.append(pattern)
            return
    groups.append([pattern])


def _mean(group: list[FinderPattern]) -> FinderPattern:
    count = len(group)
    x, y = sum(e.x for e in group) / count, sum(e.y for e in group) / count
    return FinderPattern(x, y, sum(e.module for e in group) / count)


def _right_angles(patterns: Sequence[FinderPattern]) -> Iterator[Trio]:
    """Three patterns of about one size at a right angle with equal legs, the largest first."""
    import numpy

    place = numpy.array([(pattern.x, pattern.y) for pattern in patterns]).reshape(-1, 2)
    module = numpy.array([pattern.module for pattern in patterns])
    legs = place - place[:, None]  # [corner, other]
    length = numpy.maximum(numpy.hypot(legs[..., 0], legs[..., 1]), 1e-9)
    size = (module + module[:, None]) / 2
    alike = numpy.maximum.outer(module, module) <= 1.35 * numpy.minimum.outer(module, module)
    is_leg = alike & (length >= LEGS[0] * size) & (length <= LEGS[1] * size)
    way = legs / length[..., None]
    is_right = is_leg[:, :, None] & is_leg[:, None, :] & alike
    is_right &= abs(way @ way.transpose(0, 2, 1)) < 0.17
    is_right &= length[:, :, None] < 1.15 * length[:, None, :]
    is_right &= length[:, None, :] < 1.15 * length[:, :, None]
    found = ((c, a, b) for c, a, b in numpy.argwhere(is_right).tolist() if a < b)
    for corner, side, other in sorted(found, key=sorted):
        yield patterns[corner], patterns[side], patterns[other]


def _corners(trio: Trio) -> Points:
    """The outer corners of a code: the patterns' middles lie three and a half modules inside."""
    corner, side, other = trio
    a, b = (side.x - corner.x, side.y - corner.y), (other.x - corner.x, other.y - corner.y)
    out = 3.5 * sum(pattern.module for pattern in trio) / 3 / dist((0, 0), a)
    if a[0] * b[1] - a[1] * b[0] < 0:
        a, b = b, a

    def at(along: float, down: float) -> tuple[float, float]:
        return (corner.x + a[0] * along + b[0] * down, corner.y + a[1] * along + b[1] * down)

    return at(-out, -out), at(1 + out, -out), at(1 + out, 1 + out), at(-out, 1 + out)


def _is_drawn(ink: Any, trio: Trio, box: Points) -> bool:
    """Whether the patterns are round or square rings indeed, and modules stand between them."""
    module = sum(pattern.module for pattern in trio) / 3
    if not all(_is_turned(ink, pattern, module, box) for pattern in trio):
        return False
    return _changes(ink, module, box) >= CHANGES


def _changes(ink: Any, module: float, box: Points) -> float:
    """The share of modules, beside one another or below, of which one is dark and one is light: of
    all outside the patterns, or of those between them, which no logo covers."""
    import numpy

    side, right, down = _axes(box)
    count = max(SMALLEST_CODE, round(side / module))
    middles = (numpy.arange(count) + 0.5) * side / count
    grid = numpy.stack(numpy.meshgrid(middles, middles), -1)
    places = numpy.array(box[0]) + grid[..., :1] * right + grid[..., 1:] * down
    cells = _at(ink, places.reshape(-1, 2)).reshape(count, count)
    beyond = numpy.arange(count) >= 8
    low, high = ~beyond, ~beyond[::-1]
    eyes = low[:, None] & low | high[:, None] & low | low[:, None] & high
    between = (low[:, None] | low) & ~eyes
    return max(min(_differ(cells, m), _differ(cells.T, m.T)) for m in (~eyes, between))


def _differ(cells: Any, mask: Any) -> float:
    """The share of cells that are not as the next on their line, of those in the mask."""
    pairs = mask[:, 1:] & mask[:, :-1]
    return float((cells[:, 1:] != cells[:, :-1])[pairs].mean())


def _is_turned(ink: Any, pattern: FinderPattern, module: float, box: Points) -> bool:
    """Whether it is a square ring, turned as the code in the box is, or a round one."""
    import numpy

    _, right, down = _axes(box)
    cells = numpy.array(_CELLS) @ numpy.stack([right, down]) * module
    middle, wanted = numpy.array([pattern.x, pattern.y]), numpy.array(_DARK_CELLS)
    # Blurred patterns measure larger than they are.
    agreed = ((_at(ink, middle + cells * size) == wanted).mean() for size in (1, 0.9))
    return bool(max(agreed) >= AGREEMENT)


def _axes(box: Points) -> tuple[float, Any, Any]:
    """The upper side's length, and the directions of the upper and of the left side."""
    import numpy

    (x0, y0), (x1, y1), _, (x3, y3) = box
    side = dist(box[0], box[1])
    return (
        side,
        numpy.array([(x1 - x0) / side, (y1 - y0) / side]),
        numpy.array([(x3 - x0) / side, (y3 - y0) / side]),
    )


def _are_round(ink: Any, trio: Trio, box: Points) -> bool:
    """Whether the corners of the patterns are empty."""
    import numpy

    (x0, y0), (x1, y1), _, _ = box
    side = dist(box[0], box[1])
    right = numpy.array([(x1 - x0) / side, (y1 - y0) / side])
    down = numpy.array([-right[1], right[0]])
    corners = numpy.array([(i, j) for i in (-2.8, 2.8) for j in (-2.8, 2.8)])
    cells = corners @ numpy.stack([right, down])
    inked = [_at(ink, (p.x, p.y) + cells * p.module).mean() for p in trio]
    return bool(numpy.mean(inked) < 0.5)


def _at(ink: Any, places: Any) -> Any:
    """The ink at these places; none beyond the edges."""
    import numpy

    xs, ys = numpy.rint(places).astype(int).T
    high, wide = ink.shape
    within = (xs >= 0) & (ys >= 0) & (xs < wide) & (ys < high)
    return ink[ys.clip(0, high - 1), xs.clip(0, wide - 1)] & within
