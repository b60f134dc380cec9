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

from ycaudit.observe.qr.filters import surroundings

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

Points = tuple[tuple[float, float], ...]

RATIO = (1.0, 1.0, 3.0, 1.0, 1.0)
TOLERANCE = 0.7
"""How far a run may be from its share, in modules: small codes are drawn unevenly."""
LEAST_MODULE = 1.2
MAX_PATTERNS = 40
MAX_CROSSINGS = 4000
EVERY_LINE_BELOW = 300_000
"""Pixels; of larger pictures every second line is looked at, which still crosses each pattern."""
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
INK = (0.1, 0.8)
"""Share of dark cells that the inside of a code may have."""

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
    """Every code whose three patterns are seen."""
    dark = _dark(grey)
    found: list[Seen] = []
    for ink in (dark, ~dark):  # codes may be inverted
        patterns = sorted(_patterns(ink), key=lambda pattern: -pattern.module)[:MAX_PATTERNS]
        used: set[FinderPattern] = set()
        for trio in _right_angles(patterns):
            if used.isdisjoint(trio):
                corners = _corners(trio)
                if _is_drawn(ink, trio, corners):
                    used.update(trio)
                    found.append(Seen(corners, _are_round(ink, trio, corners)))
    return found


def has_finder_patterns(grey: Grey, corners: Points | None = None) -> bool:
    """Whether two finder patterns of one size are seen; as those of a code with these corners, if
    they are given: a decoder that failed there saw one."""
    dark = _dark(grey)
    for ink in (dark, ~dark):
        patterns = _patterns(ink)[:MAX_PATTERNS]
        if corners is not None:
            patterns = _fitting(ink, patterns, corners)
        modules = sorted(pattern.module for pattern in patterns)
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


def _dark(grey: Grey) -> Any:
    """Darker than its surroundings."""
    import numpy

    around = surroundings(grey, max(8, min(grey.shape) // 8))
    return grey < around - numpy.minimum(around, 2)


def _patterns(ink: Any) -> list[FinderPattern]:
    """Patterns that a level and an upright line both see, each once."""
    groups: list[list[FinderPattern]] = []
    for x, y, _ in _crossings(ink):
        upright = _through(ink[:, int(x)], int(y))
        level = _through(ink[int(upright[0])], int(x)) if upright else None
        if upright is None or level is None:
            continue
        module, other = sorted((upright[1], level[1]))
        if other < 1.6 * module and module >= LEAST_MODULE:
            _add(groups, FinderPattern(level[0], upright[0], (module + other) / 2))
    return _rings(ink, [_mean(group) for group in groups])


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


def _crossings(ink: Any) -> list[tuple[float, float, float]]:
    """Where a level line crosses 1:1:3:1:1: middle, line, module width."""
    import numpy

    step = 1 if ink.size < EVERY_LINE_BELOW else 2
    lines = ink[::step]
    framed = numpy.zeros((lines.shape[0], lines.shape[1] + 2), dtype=bool)
    framed[:, 1:-1] = lines
    flat = numpy.flatnonzero(framed[:, 1:] != framed[:, :-1])
    if len(flat) < 6:
        return []
    widths = numpy.diff(flat).astype(numpy.float32)  # from one line to the next it is no run, but
    count = len(widths) - 4  # five in a row that span lines are wider than the picture
    window = numpy.stack([widths[i : i + count] for i in range(5)])
    module = window.sum(0) / 7
    good = (module >= LEAST_MODULE) & (module * 7 <= ink.shape[1])
    for run, share in zip(window, RATIO, strict=True):
        good &= abs(run - share * module) < TOLERANCE * share**0.5 * module
    rows, edges = numpy.divmod(flat, framed.shape[1] - 1)
    places = numpy.flatnonzero(good & (rows[:count] == rows[5:]))
    places = places[framed[rows[places], edges[places] + 1]][:MAX_CROSSINGS]  # ink comes first
    middles = (edges[places] + edges[places + 5] - 1) / 2
    lines_seen, modules = rows[places] * step, module[places]
    return list(zip(middles.tolist(), lines_seen.tolist(), modules.tolist(), strict=True))


def _through(line: Any, start: int) -> tuple[float, float] | None:
    """The middle and the module width of a pattern on a line, or None where there is none."""
    if not line[start]:
        return None
    ahead = _runs(line[start:])
    behind = _runs(line[start::-1])
    if ahead is None or behind is None:
        return None
    runs = [behind[2], behind[1], ahead[0] + behind[0] - 1, ahead[1], ahead[2]]
    module = sum(runs) / 7
    for run, share in zip(runs, RATIO, strict=True):
        if abs(run - share * module) >= TOLERANCE * share**0.5 * module:
            return None
    return start + (ahead[0] - behind[0]) / 2, module


def _runs(line: Any) -> tuple[int, int, int] | None:
    """The lengths of the first three runs."""
    pixels = line[:400].tobytes()
    here, there = (b"\x01", b"\x00") if line[0] else (b"\x00", b"\x01")
    one = pixels.find(there)
    two = pixels.find(here, one)
    three = pixels.find(there, two)
    if one < 0 or two < 0:
        return None
    three = three if three > 0 else len(pixels)  # the pattern may touch the edge of the picture
    return one, two - one, three - two


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
    """Whether the patterns are round or square rings indeed, and something stands between them."""
    import numpy

    module = sum(pattern.module for pattern in trio) / 3
    if not all(_is_turned(ink, pattern, module, box) for pattern in trio):
        return False
    side, right, down = _axes(box)
    grid = numpy.linspace(module, side - module, 32)
    low, high = grid < 8 * module, grid > side - 8 * module
    eyes = low[:, None] & low | high[:, None] & low | low[:, None] & high
    inside = numpy.stack(numpy.meshgrid(grid, grid, indexing="ij"), -1)[~eyes]
    places = numpy.array(box[0]) + inside[:, :1] * right + inside[:, 1:] * down
    return bool(INK[0] < _at(ink, places).mean() < INK[1])


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
