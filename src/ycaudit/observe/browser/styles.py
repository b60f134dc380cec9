"""The computed styles of what is laid out, and what follows from them alone. Pure.

Most nodes of a page have the styles of many others, and share one `Style` with these; so what
follows is worked out once, however often it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from math import hypot

STYLES = (
    *("visibility", "opacity", "cursor", "background-image", "position", "overflow-x"),
    *("overflow-y", "content", "list-style-image", "background-color", "box-shadow"),
    *("mask-image", "border-image-source", "transform", "display", "translate", "rotate", "scale"),
    *("perspective", "filter", "backdrop-filter", "offset-path", "contain", "will-change"),
    *("transform-style", "content-visibility", "mix-blend-mode", "zoom"),
)
"""What a snapshot must carry, in this order."""
FAINT = 0.05
"""An opacity that nobody sees."""
IMAGES = ("background-image", "mask-image", "border-image-source")
_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_NUMBER = {name: number for number, name in enumerate(STYLES)}
_AXES = {6: (0, 2), 16: (0, 4)}
"""Where in a matrix, in the plane and in space, it is told what becomes of each axis."""
_FILTERS = ("filter", "backdrop-filter")
_MOVES = ("transform", "translate", "rotate", "scale", "perspective", "offset-path")
_CONTAINS = frozenset({"paint", "layout", "strict", "content", "contain"})
_ROWS = frozenset(
    {
        *("table-row", "table-row-group", "table-header-group", "table-footer-group"),
        *("table-column", "table-column-group"),
    }
)


class Style:
    """Computed styles, and the containing blocks that they make.

    https://developer.mozilla.org/docs/Web/CSS/CSS_display/Containing_block, and what Chromium 156
    was seen to do.
    """

    def __init__(self, values: Sequence[str]) -> None:
        """`values`: one for each of STYLES."""
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[_NUMBER[name]]

    @cached_property
    def opacity(self) -> float:
        """From 0 to 1."""
        try:
            return float(self["opacity"])
        except ValueError:
            return 1.0

    @cached_property
    def images(self) -> tuple[str, ...]:
        """The styles that paint pictures or gradients, where there are any."""
        return tuple(self[name] for name in IMAGES if self[name] not in ("", "none"))

    @cached_property
    def enlarges(self) -> tuple[float, float]:
        """How many times as wide and as high as it is laid out it is painted."""
        zoom, scale, matrix = (
            [
                float(number)
                for number in _NUMBERS.findall(self[name].partition("(")[2] or self[name])
            ]
            for name in ("zoom", "scale", "transform")
        )
        x = y = zoom[0] if zoom else 1.0
        if scale:
            x, y = x * scale[0], y * scale[min(1, len(scale) - 1)]
        if len(matrix) in _AXES:
            across, down = _AXES[len(matrix)]
            x *= hypot(matrix[across], matrix[across + 1])
            y *= hypot(matrix[down], matrix[down + 1])
        return abs(x), abs(y)

    @cached_property
    def clips(self) -> bool:
        """Whether it cuts off or scrolls what is larger than the node."""
        over = {self["overflow-x"], self["overflow-y"]}
        return self["display"] != "inline" and not over <= {"", "visible"}

    @cached_property
    def holds_absolute(self) -> bool:
        """Whether absolute things in the node, though not fixed ones, stand where it stands."""
        return self["position"] not in ("", "static") or "position" in self._will_change

    @cached_property
    def holds_fixed(self) -> bool:
        """Whether absolute things in it, and fixed ones, stand where it stands."""
        return self._holds_fixed(_FILTERS)

    @cached_property
    def holds_fixed_as_root(self) -> bool:
        """The same of the element `html`, whose filters are those of the whole window."""
        return self._holds_fixed(())

    def _holds_fixed(self, filters: tuple[str, ...]) -> bool:
        is_inline = self["display"] == "inline"
        effects = filters if is_inline else (*_MOVES, *filters)
        if any(self[name] not in ("", "none") for name in effects):
            return True
        if not self._will_change.isdisjoint(effects):
            return True
        if is_inline:
            return False
        if self["transform-style"] == "preserve-3d":
            return True
        if self["display"] in _ROWS:
            return False
        contains = {*self["contain"].split(), *(self._will_change & {"contain"})}
        return not _CONTAINS.isdisjoint(contains) or self["content-visibility"] == "auto"

    @cached_property
    def _will_change(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self["will-change"].split(","))
