"""The table of decoding steps, from the cheapest to the most expensive. To add one, add a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ycaudit.observe.qr.decoders import Hit, neural, zbar, zxing
from ycaudit.observe.qr.filters import SMALL, box_blur, minimum, padded, reduced, resized
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.qr.views import View

BORDER = 16
MIDDLING = 160_000
"""Pixels: up to here a code of a strip or a sprite may have modules of less than two pixels."""
LARGE = 500_000
"""Pixels above which enlarging costs more than it finds: what is suspected is looked at closer."""
CROP = 40_000
"""Pixels of a place that the neural decoder is given: it reads as much as of a million."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way to look: what it does to the picture, from which effort on, and why it is there."""

    name: str
    look: Callable[[View], Iterable[Hit]]
    """Hits in the pixels of `View.grey`."""
    effort: Effort
    why: str
    most: int | None = None
    """Pixels of the picture above which it costs more than it finds."""
    least: int = 0
    """Pixels of the picture below which another step does the same better."""
    beside: bool = False
    """Worth its price beside codes that were read where nothing else is suspected."""


def _padded(view: View) -> Iterable[Hit]:
    hits = zxing(padded(view.grey, BORDER), binarizer="GlobalHistogram")
    return _in_picture(hits, inset=BORDER)


def _twofold(view: View) -> Iterable[Hit]:
    return _in_picture(zxing(resized(view.grey, 2)), factor=2)


def _threefold(view: View) -> Iterable[Hit]:
    return _in_picture(zxing(view.threefold), factor=3)


def _blurred(view: View) -> Iterable[Hit]:
    return zxing(box_blur(view.grey), binarizer="GlobalHistogram")


def _shrunk(view: View) -> Iterable[Hit]:
    return _in_picture(zxing(box_blur(reduced(view.grey, 2))), factor=0.5)


def _zbar(view: View) -> Iterable[Hit]:
    return zbar(view.grey, every=1 if view.grey.size <= LARGE else 2)


def _in_picture(hits: Iterable[Hit], *, inset: int = 0, factor: float = 1) -> Iterator[Hit]:
    """The hits in a picture that was enlarged, then bordered, in pixels of the picture itself."""
    for hit in hits:
        corners = tuple(((x - inset) / factor, (y - inset) / factor) for x, y in hit.corners)
        yield replace(hit, corners=corners)


_FAST, _NORMAL, _THOROUGH = Effort
STEPS = (
    Step("native", lambda v: zxing(v.grey), _FAST, "reads nine of ten at the lowest price"),
    Step("padded", _padded, _NORMAL, "no quiet zone, or none but the edge of the picture"),
    Step(
        "dotted", lambda v: zxing(minimum(v.grey)), _NORMAL, "modules drawn as dots grow together"
    ),
    Step("blurred", _blurred, _NORMAL, "rounded modules, noise and JPEG artefacts"),
    Step("enlarged 3", _threefold, _NORMAL, "pitch below 1.5 px", SMALL, beside=True),
    Step("enlarged 2", _twofold, _NORMAL, "small codes", LARGE, least=SMALL, beside=True),
    Step("zbar", _zbar, _NORMAL, "no quiet zone on dark ground: another engine"),
    Step(
        "neural", lambda v: neural(v.grey, most=CROP), _NORMAL, "styled and damaged; extra `vision`"
    ),
    Step(
        "enlarged 3, all",
        _threefold,
        _THOROUGH,
        "small codes in pictures of many",
        MIDDLING,
        least=SMALL,
        beside=True,
    ),
    Step(
        "zbar dotted",
        lambda v: zbar(minimum(v.grey), every=2),
        _THOROUGH,
        "no quiet zone on dark ground, and gaps between the modules",
        LARGE,
    ),
    Step("shrunk", _shrunk, _THOROUGH, "large and unsharp", least=MIDDLING),
)
"""Others that were tried (modules thinned, brightest colour, turned, enlarged 1.5-fold, zbar on
enlarged pictures, the neural decoder on a million pixels) won nothing beside these."""
