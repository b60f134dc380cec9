"""The areas of images that are maps (HTML standard, "Image maps"): where they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, product
from math import hypot, prod

from ycaudit.model import Box
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.styles import FAINT

Point = tuple[float, float]
_GRID = 15
"""Points across and down at which a shape is tried for one that lies in it."""


def lay_out_areas(nodes: Sequence[Node]) -> None:
    """Give each area the place that it has on the first image that shows its map."""
    found = [n for n in nodes if n.box and "usemap" in n.attributes]
    found.sort(key=_is_seen_through)
    images = {n.attributes["usemap"].lstrip("#").lower(): n for n in reversed(found)}
    for area in nodes if images else ():
        if area.name != "area":
            continue
        held = next((outer for outer in area.up() if outer.name == "map"), None)
        name = held.attributes.get("name") or held.attributes.get("id", "") if held else ""
        area.over = images.get(name.lower())
        if area.over is not None and area.over.box is not None:
            area.box = _box_of(area, area.over.box)


def _is_seen_through(image: Node) -> bool:
    """Whether nothing of it is painted, as of the slides that are not shown."""
    return image.css("visibility") == "hidden" or any(
        outer.style is not None and outer.style.opacity <= FAINT for outer in image.up()
    )


def point_in(area: Node, image: Box) -> Point | None:
    """A point of an area, near its middle, of an image that stands there; None if it has none."""
    box = _box_of(area, image)
    if box is None:
        return None
    shape, numbers = _shape_of(area)
    wide, high = _painted(area)
    middle = box[0] + box[2] / 2, box[1] + box[3] / 2
    parts = [(n + 0.5) / _GRID for n in range(_GRID)]
    found = ((box[0] + box[2] * x, box[1] + box[3] * y) for x, y in product(parts, parts))
    inside = [
        (x, y)
        for x, y in found
        if _holds(shape, numbers, (x - image[0]) / wide, (y - image[1]) / high)
    ]
    return min(inside, key=lambda p: hypot(p[0] - middle[0], p[1] - middle[1]), default=None)


def _painted(area: Node) -> Point:
    """How wide and how high each of its pixels is painted: its image may be enlarged."""
    styles = [outer.style for outer in area.up() if outer.style is not None and outer is not area]
    return prod(s.enlarges[0] for s in styles) or 1.0, prod(s.enlarges[1] for s in styles) or 1.0


def _shape_of(area: Node) -> tuple[str, list[float]]:
    given = area.attributes.get("coords", "")
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", given)]
    shape = area.attributes.get("shape", "").strip().lower()
    for name, least in (("circ", 3), ("poly", 6), ("default", 0)):
        if shape.startswith(name):
            return (name, numbers) if len(numbers) >= least else ("", [])
    return ("rect", numbers[:4]) if len(numbers) >= 4 else ("", [])


def _box_of(area: Node, image: Box) -> Box | None:
    """What of an area's surroundings lies in the image."""
    shape, numbers = _shape_of(area)
    wide, high = image[2], image[3]
    xs: list[float] = [0, wide]
    ys: list[float] = [0, high]
    if shape == "circ":
        x, y, radius = numbers[:3]
        xs, ys = [x - radius, x + radius], [y - radius, y + radius]
    elif shape != "default":
        xs, ys = numbers[::2], numbers[1::2]
    if not shape:
        return None
    if shape != "default":
        across, down = _painted(area)
        xs, ys = [x * across for x in xs], [y * down for y in ys]
    left, top = max(0, min(xs)), max(0, min(ys))
    right, low = min(wide, max(xs)), min(high, max(ys))
    if right - left < 1 or low - top < 1:
        return None
    return round(image[0] + left), round(image[1] + top), round(right - left), round(low - top)


def _holds(shape: str, numbers: list[float], x: float, y: float) -> bool:
    """Whether a point, from the corner of the image, is in a shape."""
    if shape == "circ":
        return hypot(x - numbers[0], y - numbers[1]) <= numbers[2]
    if shape != "poly":
        return True  # as large as its surroundings
    corners = list(zip(numbers[::2], numbers[1::2], strict=False))
    inside = False
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            inside = not inside
    return inside
