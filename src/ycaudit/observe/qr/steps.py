"""The table of decoding steps, from the cheapest to the most expensive. To add one, add a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ycaudit.observe.qr.decoders import Hit, neural, zbar, zxing
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.qr.views import View

if TYPE_CHECKING:
    from ycaudit.observe.qr.views import Grey


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


BORDER = 16
SMALL = 40_000
"""Pixels: a code alone with modules of less than two pixels is a picture no larger than this."""
MIDDLING = 110_000
"""Pixels: up to here a code of a strip or a sprite may have modules of less than two pixels."""
LARGE = 300_000
"""Pixels from which zbar, looking at every line, costs more than all that came before."""
CROP = 40_000
"""Pixels of a place that the neural decoder is given at first: it reads as much as of a million."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way to look: what it does to the picture, from which effort on, and why it is there."""

    name: str
    look: Callable[[View], Iterable[Hit]]
    """Hits in the pixels of `View.grey`. Of steps that share one, only the first is taken."""
    effort: Effort
    why: str
    most: int | None = None
    """Pixels of the picture above which it costs more than it finds."""
    least: int = 0
    """Pixels of the picture below which another step does the same better."""
    alone: bool = False
    """What an engine by itself makes of the picture: no composite is given up without it."""


def _histogram(view: View) -> Iterable[Hit]:
    return zxing(view.grey, binarizer="GlobalHistogram")


def _padded(view: View) -> Iterable[Hit]:
    hits = zxing(padded(view.grey, BORDER), binarizer="GlobalHistogram")
    return _in_picture(hits, inset=BORDER)


def _sized(view: View, factor: float) -> Iterable[Hit]:
    return _in_picture(zxing(resized(view.grey, factor)), factor=factor)


_doubled, _tripled = partial(_sized, factor=2), partial(_sized, factor=3)


def _blurred(view: View) -> Iterable[Hit]:
    return zxing(box_blur(view.grey), binarizer="GlobalHistogram")


def _brightest(view: View) -> Iterable[Hit]:
    return zxing(view.brightest) if view.brightest is not None else ()


def _full_size(view: View) -> Iterable[Hit]:
    if (grey := view.full_size()) is None:
        return ()
    return _in_picture(zxing(grey, turned=True), factor=view.scale)


def _zbar_every_line(view: View) -> Iterator[Hit]:
    if view.grey.size > LARGE:
        yield from zbar(view.grey)
    yield from zbar(minimum(view.grey))


def _zbar_enlarged(view: View) -> Iterable[Hit]:
    hits = zbar(padded(resized(view.grey, 2), BORDER))
    return _in_picture(hits, inset=BORDER, factor=2)


def _in_picture(hits: Iterable[Hit], *, inset: int = 0, factor: float = 1) -> Iterator[Hit]:
    """The hits in a picture that was enlarged, then bordered, in pixels of the picture itself."""
    for hit in hits:
        corners = tuple(((x - inset) / factor, (y - inset) / factor) for x, y in hit.corners)
        yield Hit(hit.payload, corners)


_FAST, _NORMAL, _THOROUGH = Effort
COMPOSITE = "composite"
STEPS = (
    Step("native", lambda v: zxing(v.grey), _FAST, "reads nine of ten at the lowest price"),
    Step("histogram", _histogram, _NORMAL, "codes without quiet zone, at half the price"),
    Step(
        "dotted", lambda v: zxing(minimum(v.grey)), _NORMAL, "modules drawn as dots grow together"
    ),
    Step("enlarged 3", _tripled, _NORMAL, "pitch below 1.5 px", SMALL),
    Step("enlarged 2", _doubled, _NORMAL, "small codes", MIDDLING, least=SMALL),
    Step(COMPOSITE, _doubled, _NORMAL, "half-read strips", 750_000),
    Step(
        "zbar dotted",
        lambda v: zbar(minimum(v.grey), every=2),
        _NORMAL,
        "no quiet zone on dark ground, and dots",
    ),
    Step("zbar", lambda v: zbar(v.grey), _NORMAL, "reads some that the other engine misses", LARGE),
    Step(
        "neural", lambda v: neural(v.grey, most=CROP), _NORMAL, "styled and damaged; extra `vision`"
    ),
    Step(
        "thinned", lambda v: zxing(maximum(v.grey)), _THOROUGH, "modules that bled into each other"
    ),
    Step("padded", _padded, _THOROUGH, "codes that touch the edge of the picture"),
    Step("blurred", _blurred, _THOROUGH, "noise and JPEG artefacts"),
    Step("brightest", _brightest, _THOROUGH, "modules in light colours"),
    Step("shrunk", partial(_sized, factor=0.5), _THOROUGH, "one real code reads only so"),
    Step(
        "turned",
        lambda v: zxing(v.grey, turned=True),
        _THOROUGH,
        "codes that stand on a corner",
        alone=True,
    ),
    Step(
        "full size",
        _full_size,
        _THOROUGH,
        "small codes of photos that were opened halved",
        alone=True,
    ),
    Step("enlarged 1.5", partial(_sized, factor=1.5), _THOROUGH, "other aliasing", 1_300_000),
    Step(
        "neural, large",
        lambda v: neural(v.grey, most=1_000_000),
        _THOROUGH,
        "codes of many modules",
        alone=True,
    ),
    Step("enlarged, all", _doubled, _THOROUGH, "small codes", 500_000),
    Step("enlarged 3, all", _tripled, _THOROUGH, "no quiet zone", 160_000),
    Step(
        "zbar, every line",
        _zbar_every_line,
        _THOROUGH,
        "small codes, by the other engine",
        alone=True,
    ),
    Step("zbar enlarged", _zbar_enlarged, _THOROUGH, "small codes, enlarged too", 110_000),
)
