"""What is done to grey pictures before decoders and searches look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    Grey = NDArray[uint8]


SMALL = 40_000
"""Pixels: a code alone with modules of less than two pixels is a picture no larger than this."""


def padded(grey: Grey, border: int) -> Grey:
    """With a white border of so many pixels."""
    import numpy

    return numpy.pad(grey, border, constant_values=255)


def minimum(grey: Grey) -> Grey:
    """Each pixel the darkest of its 3 × 3; in numpy, since Pillow's filter costs a hundredfold."""
    import numpy

    rows = numpy.minimum(numpy.minimum(grey[:-2], grey[1:-1]), grey[2:])
    inner = numpy.minimum(numpy.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    out: Grey = numpy.ascontiguousarray(numpy.pad(inner, 1, mode="edge"))
    return out


def box_blur(grey: Grey) -> Grey:
    """Each pixel the mean of its 3 × 3."""
    import numpy

    wide = grey.astype(numpy.uint16)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    inner = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) // 9
    out: Grey = numpy.ascontiguousarray(numpy.pad(inner, 1, mode="edge").astype(numpy.uint8))
    return out


def resized(grey: Grey, factor: float) -> Grey:
    """Enlarged or shrunk; Lanczos, since only it gives back what pitches below 1.5 px lost."""
    import numpy
    from PIL import Image

    if factor == 1:
        return grey
    high, wide = (max(1, round(side * factor)) for side in grey.shape)
    out = Image.fromarray(grey).resize((wide, high), Image.Resampling.LANCZOS)
    return numpy.asarray(out)


def legible(grey: Grey) -> Grey:
    """Small pictures enlarged, so that finder patterns of small modules are seen."""
    return resized(grey, 2 if grey.size <= SMALL else 1)


def reduced(grey: Grey, factor: int) -> Grey:
    """Each pixel the mean of `factor` × `factor`."""
    import numpy
    from PIL import Image

    return grey if factor == 1 else numpy.asarray(Image.fromarray(grey).reduce(factor))


def surroundings(grey: Grey, reach: int) -> Grey:
    """Each pixel the mean of all that are so near to it, the same for blocks of a few pixels.

    As good as each pixel's own, at a tenth of the price.
    """
    import numpy
    from PIL import Image, ImageFilter

    block = min(4, max(1, reach // 4))
    small = Image.fromarray(reduced(grey, block)).filter(ImageFilter.BoxBlur(reach / block))
    high, wide = grey.shape
    return numpy.asarray(small).repeat(block, 0).repeat(block, 1)[:high, :wide]
