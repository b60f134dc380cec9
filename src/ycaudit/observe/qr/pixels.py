"""Pixel operations on grey pictures, in numpy and Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ycaudit.observe.qr.raster import Grey


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


def maximum(grey: Grey) -> Grey:
    """Each pixel the lightest of its 3 × 3."""
    return 255 - minimum(255 - grey)


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
