"""What is seen in a picture: its frames in proper grey, on white and on black."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr.filters import resized
from ycaudit.observe.qr.reading import Corners
from ycaudit.observe.qr.unseen import Box, box_of

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

FLAT = 16
"""A span of grey levels below this holds no code (measured: lost none)."""
STRIP = 1_000_000
"""Pixels that are blended at a time."""
TILE, OVERLAP = 1600, 500
"""Pixels of a side: a code up to the second stands on one tile whole."""
EDGE = 60
"""Grey levels between neighbours that are dark and light."""
TOPS = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""The highest values that pictures of more than 8 bits, or of fractions, are made for."""
LIGHT_INK = 200
"""Opaque light pixels that the smallest code in white has."""


@dataclass
class View:
    """One frame on one ground: `grey` is (height, width) uint8.

    `scale` is how many natural pixels one of its pixels stands for.
    """

    name: str
    """Empty for the picture as everybody sees it first."""
    grey: Grey = field(repr=False)
    scale: float = 1.0
    frame: int = 0
    origin: tuple[int, int] = (0, 0)
    """Where it begins in the picture, in natural pixels."""

    @cached_property
    def is_flat(self) -> bool:
        """Whether it has too little contrast for a code."""
        return int(self.grey.max()) - int(self.grey.min()) < FLAT

    @cached_property
    def threefold(self) -> Grey:
        """Three times as wide and as high."""
        return resized(self.grey, 3)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in natural pixels."""
        high, wide = self.grey.shape
        return wide * self.scale, high * self.scale

    def natural(self, points: Iterable[tuple[float, float]]) -> Corners:
        """Points of `grey` in natural pixels of the picture."""
        (left, top), scale = self.origin, self.scale
        return tuple((round(left + x * scale), round(top + y * scale)) for x, y in points)

    def inside(self, corners: Corners) -> Box:
        """The upright box around a place of the picture, in pixels of `grey`."""
        (x, y), scale = self.origin, self.scale
        left, top, right, bottom = box_of(corners)
        return (left - x) / scale, (top - y) / scale, (right - x) / scale, (bottom - y) / scale

    def part(self, corners: Corners, margin: float = 0.0) -> View:
        """The part of it around these corners; `margin` is a share of its longer side."""
        left, top, right, bottom = self.inside(corners)
        more = margin * max(right - left, bottom - top)
        high, wide = self.grey.shape
        x0, x1 = (min(max(round(x), 0), wide) for x in (left - more, right + more))
        y0, y1 = (min(max(round(y), 0), high) for y in (top - more, bottom + more))
        origin = self.natural([(x0, y0)])[0]
        grey = self.grey[y0:y1, x0:x1]
        return replace(self, grey=grey, origin=origin)

    def reduced(self, most: int) -> View:
        """The same in no more than so many pixels."""
        import numpy
        from PIL import Image

        factor = (most / self.grey.size) ** 0.5
        high, wide = (max(1, int(side * factor)) for side in self.grey.shape)
        small = Image.fromarray(self.grey).resize((wide, high), Image.Resampling.BOX)
        scale = self.scale * self.grey.shape[1] / wide
        return replace(self, grey=numpy.asarray(small), scale=scale)


def tiles(view: View) -> list[View]:
    """Parts of a large view that overlap, those first in which there is most to see."""
    high, wide = view.grey.shape
    boxes = ((x, y) for y in _starts(high) for x in _starts(wide))
    parts = [
        view.part(view.natural(((x, y), (min(x + TILE, wide), min(y + TILE, high)))))
        for x, y in boxes
    ]
    return sorted(parts, key=lambda part: -_busyness(part.grey))


def _starts(length: int) -> range:
    return range(0, max(1, length - OVERLAP), TILE - OVERLAP)


def _busyness(grey: Grey) -> float:
    """The share of places where dark and light meet on level and on upright lines, as in codes."""
    import numpy

    few = grey[::2, ::2].astype(numpy.int16)
    level, upright = (numpy.abs(numpy.diff(few, axis=axis)) > EDGE for axis in (1, 0))
    return float(min(level.mean(), upright.mean()))


def alike(one: Grey, other: Grey) -> bool:
    """Whether nobody sees a difference between two views."""
    import numpy

    if one.shape != other.shape:
        return False
    apart = numpy.maximum(one, other) - numpy.minimum(one, other)
    return int(apart.max(initial=0)) < FLAT


def needs_black(image: Any) -> bool:
    """Whether something of it is seen better on black than on white: light ink on nothing."""
    import numpy

    if not _transparent(image):
        return False
    grey, alpha = (numpy.asarray(band) for band in image.convert("LA").split())
    if int(alpha.min()) > 127:
        return False
    return int(numpy.count_nonzero((alpha > 127) & (grey > 127))) >= LIGHT_INK


def lets_through(image: Any) -> bool:
    """Whether what is behind it is seen anywhere."""
    if not _transparent(image):
        return False
    layers = image if "A" in image.getbands() else image.convert("RGBA")
    least, _ = layers.getchannel("A").getextrema()
    return int(least) < 255


def flattened(image: Any, ground: int) -> Grey:
    """In grey of 8 bits, on this ground."""
    import numpy

    if image.mode.startswith("I;16"):
        return _stretch(numpy.asarray(image, dtype=numpy.uint16))
    if image.mode in ("I", "F"):
        return _stretch(numpy.asarray(image, dtype=numpy.float32))
    if _transparent(image):
        return _blend(numpy.asarray(image.convert("RGBA")), ground)
    return numpy.ascontiguousarray(numpy.asarray(image.convert("L")))


def _blend(layers: Any, ground: int) -> Grey:
    """Colours with transparency on this ground; in strips, since a pixel takes 32 bytes."""
    import numpy

    high, wide, _ = layers.shape
    grey: Grey = numpy.empty((high, wide), dtype=numpy.uint8)
    strip = max(1, STRIP // wide)
    for top in range(0, high, strip):
        part = layers[top : top + strip].astype(numpy.uint32)
        red, green, blue, alpha = (part[..., i] for i in range(4))
        shade = (299 * red + 587 * green + 114 * blue) // 1000
        grey[top : top + strip] = (shade * alpha + ground * (255 - alpha)) // 255
    return grey


def _stretch(values: Any) -> Grey:
    """Values of an unknown range as 8 bits: 10 bits come in 16, 16 in 32, and fractions up to 1."""
    import numpy

    finite = numpy.nan_to_num(values, posinf=0, neginf=0)
    highest = float(finite.max(initial=0))
    top = next((top for top in TOPS if highest <= top), highest)
    stretched: Grey = numpy.clip(finite * (255.0 / top), 0, 255).astype(numpy.uint8)
    return stretched


def _transparent(image: Any) -> bool:
    return image.mode in ("LA", "RGBA", "PA", "La", "RGBa") or "transparency" in image.info
