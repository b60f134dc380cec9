"""Reads every QR code of an image: a table of steps from the cheap to the dear."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

from ycaudit.observe.qr import decoders
from ycaudit.observe.qr.decoders import Hit, overlap
from ycaudit.observe.qr.finder_patterns import codes_by_finder_patterns
from ycaudit.observe.qr.raster import Raster, open_raster

if TYPE_CHECKING:
    from ycaudit.observe.qr.raster import Grey

Corners = tuple[tuple[int, int], ...]

BORDER = 16
ROOMY = 0.35
"""Where the codes read cover less than this share of the picture, there is room for more."""
SMALL = 40_000
"""Pixels: a code alone with modules of less than two pixels is a picture no larger than this."""
MIDDLING = 110_000
"""Pixels: up to here a code of a strip or a sprite may have modules of less than two pixels."""
LARGE = 300_000
"""Pixels from which zbar, looking at every line, costs more than all that came before."""
CROP = 40_000
"""Pixels of a place that the neural decoder is given at first: it reads as much as of a million."""

UNREAD = "modules_blurred"
FINDER_PATTERNS_ONLY = "corner_marks_only"
"""Why a code was located and not read: codes of `ycaudit.reasons`."""


class Effort(IntEnum):
    """How hard to look at an image."""

    FAST = 1
    """One cheap pass, as every image gets."""
    NORMAL = 2
    """Every step that pays for images in general."""
    THOROUGH = 3
    """Every step there is, and what is there but unreadable: the rules still doubt this image."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One code that was read; corners in natural pixels, clockwise from the top left."""

    payload: str
    corners: Corners
    step: str


@dataclass(frozen=True, slots=True)
class Located:
    """A code that is there and could not be read."""

    corners: Corners
    why: str


@dataclass(frozen=True, slots=True)
class StepCost:
    """What one step cost, in CPU seconds of the thread, and how many codes it added."""

    step: str
    seconds: float
    added: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in an image of so many natural pixels."""

    symbols: tuple[Symbol, ...]
    located: tuple[Located, ...]
    width: int
    height: int
    truncated: bool
    steps: tuple[StepCost, ...] = ()


def read_codes(data: bytes, *, effort: Effort = Effort.NORMAL, timed: bool = False) -> Reading:
    """Every code in the image. Raises ImageTrouble where the bytes are no picture to read.

    The CPU time of each step is only told if `timed`: to ask for it is itself a price.
    """
    clock = time.thread_time if timed else float
    started = clock()
    session = _Session(open_raster(data), clock)
    session.costs.append(StepCost("open", clock() - started, 0))
    for step in STEPS:
        if session.wants(step, effort):
            session.take(step)
    if effort is Effort.THOROUGH:
        session.locate()
    return session.reading()


# --- the steps -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One way to look: what it does to the picture, from which effort on, and why it is there."""

    name: str
    look: Callable[[Raster], Iterator[Hit]]
    effort: Effort
    why: str
    most: int | None = None
    """Pixels of the picture above which it costs more than it finds."""
    alone: bool = False
    """What an engine by itself makes of the picture: no composite is given up without it."""
    least: int = 0
    """Pixels of the picture below which another step does the same better."""


def _native(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(raster.grey)


def _on_black(raster: Raster) -> Iterator[Hit]:
    if raster.on_black is not None:
        yield from decoders.zxing(raster.on_black)


def _frames(raster: Raster) -> Iterator[Hit]:
    for grey in raster.frames():
        yield from decoders.zxing(grey)


def _sized(raster: Raster, factor: float) -> Iterator[Hit]:
    yield from _scaled_back(decoders.zxing(_resized(raster.grey, factor)), factor)


def _histogram(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(raster.grey, binarizer="GlobalHistogram")


def _padded(raster: Raster) -> Iterator[Hit]:
    yield from _moved(decoders.zxing(_pad(raster.grey), binarizer="GlobalHistogram"), BORDER)


def _dotted(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(_minimum(raster.grey))


def _thinned(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(255 - _minimum(255 - raster.grey))


def _blurred(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(_box_blur(raster.grey), binarizer="GlobalHistogram")


def _brightest(raster: Raster) -> Iterator[Hit]:
    if raster.brightest is not None:
        yield from decoders.zxing(raster.brightest)


def _whole(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zxing(raster.grey, turned=True)


def _full_size(raster: Raster) -> Iterator[Hit]:
    if (grey := raster.full_size()) is not None:
        yield from _scaled_back(decoders.zxing(grey, turned=True), raster.scale)


def _zbar(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zbar(raster.grey)


def _zbar_dotted(raster: Raster) -> Iterator[Hit]:
    yield from decoders.zbar(_minimum(raster.grey), every=2)


def _zbar_every_line(raster: Raster) -> Iterator[Hit]:
    if raster.grey.size > LARGE:
        yield from decoders.zbar(raster.grey)
    yield from decoders.zbar(_minimum(raster.grey))


def _zbar_enlarged(raster: Raster) -> Iterator[Hit]:
    yield from _scaled_back(_moved(decoders.zbar(_pad(_resized(raster.grey, 2))), BORDER), 2)


def _neural(raster: Raster, most: int) -> Iterator[Hit]:
    yield from decoders.neural(raster.grey, most=most)


COMPOSITE = "composite"
STEPS: tuple[Step, ...] = (
    Step("native", _native, Effort.FAST, "reads nine of ten at the lowest price"),
    Step("on black", _on_black, Effort.FAST, "light modules on transparency vanish on white"),
    Step("frames", _frames, Effort.FAST, "an animation may show its code after the first frame"),
    Step("histogram", _histogram, Effort.NORMAL, "codes without quiet zone, at half the price"),
    Step("dotted", _dotted, Effort.NORMAL, "modules drawn as dots grow together"),
    Step("enlarged 3", partial(_sized, factor=3), Effort.NORMAL, "pitch below 1.5 px", SMALL),
    Step(
        "enlarged 2", partial(_sized, factor=2), Effort.NORMAL, "small codes", MIDDLING, least=SMALL
    ),
    Step(COMPOSITE, partial(_sized, factor=2), Effort.NORMAL, "half-read strips", 750_000),
    Step("zbar dotted", _zbar_dotted, Effort.NORMAL, "no quiet zone on dark ground, and dots"),
    Step("zbar", _zbar, Effort.NORMAL, "reads some that the other engine misses", LARGE),
    Step(
        "neural", partial(_neural, most=CROP), Effort.NORMAL, "styled and damaged; extra `vision`"
    ),
    Step("thinned", _thinned, Effort.THOROUGH, "modules that bled into each other"),
    Step("padded", _padded, Effort.THOROUGH, "codes that touch the edge of the picture"),
    Step("blurred", _blurred, Effort.THOROUGH, "noise and JPEG artefacts"),
    Step("brightest", _brightest, Effort.THOROUGH, "modules in light colours"),
    Step("shrunk", partial(_sized, factor=0.5), Effort.THOROUGH, "one real code reads only so"),
    Step("turned", _whole, Effort.THOROUGH, "codes that stand on a corner", alone=True),
    Step(
        "full size",
        _full_size,
        Effort.THOROUGH,
        "small codes of photos that were opened halved",
        alone=True,
    ),
    Step("enlarged 1.5", partial(_sized, factor=1.5), Effort.THOROUGH, "other aliasing", 1_300_000),
    Step(
        "neural, large",
        partial(_neural, most=1_000_000),
        Effort.THOROUGH,
        "codes of many modules",
        alone=True,
    ),
    Step("enlarged, all", partial(_sized, factor=2), Effort.THOROUGH, "small codes", 500_000),
    Step("enlarged 3, all", partial(_sized, factor=3), Effort.THOROUGH, "no quiet zone", 160_000),
    Step(
        "zbar, every line",
        _zbar_every_line,
        Effort.THOROUGH,
        "small codes, by the other engine",
        alone=True,
    ),
    Step("zbar enlarged", _zbar_enlarged, Effort.THOROUGH, "small codes, enlarged too", 110_000),
)


_PLAIN = frozenset(step.name for step in STEPS if step.effort is Effort.FAST)


@dataclass(slots=True)
class _Session:
    """One image on its way through the steps."""

    raster: Raster
    clock: Callable[[], float]
    found: list[Symbol] = field(default_factory=list)
    unread: list[Corners] = field(default_factory=list)
    costs: list[StepCost] = field(default_factory=list)
    seen: list[Corners] | None = None

    def wants(self, step: Step, effort: Effort) -> bool:
        """Whether a step is worth its price, after what is known so far."""
        pixels = self.raster.grey.size
        if step.effort > effort or pixels <= step.least or (step.most and pixels > step.most):
            return False
        if self.raster.flat and step.look not in (_on_black, _frames) and not self._started():
            return False
        if step.effort is Effort.FAST:
            return not self.found
        if not self.found or self._missing():
            return step.name != COMPOSITE or bool(self.found)
        return self._roomy() and self._is_for_composites(step, effort)

    def _is_for_composites(self, step: Step, effort: Effort) -> bool:
        """One more look, even when some of it was read; all, where more is seen than was read."""
        if effort is Effort.NORMAL:
            return step.name == COMPOSITE
        return step.effort is Effort.NORMAL or step.alone or bool(self._unexplained())

    def take(self, step: Step) -> None:
        """Do it, and keep what it found."""
        started, before = self.clock(), len(self.found)
        for hit in step.look(self.raster):
            self._keep(hit, step.name)
        cost = self.clock() - started
        self.costs.append(StepCost(step.name, cost, len(self.found) - before))

    def locate(self) -> None:
        """What is there without being read."""
        if not self.raster.flat and (self._roomy() or not self.found):
            self._unexplained()

    def _unexplained(self) -> list[Corners]:
        """Where eyes of a code are seen and none was read; looked for once."""
        if self.seen is None:
            started = self.clock()
            factor = 3 if self.raster.grey.size <= SMALL else 1
            places = codes_by_finder_patterns(_resized(self.raster.grey, factor))
            scaled = (tuple((x / factor, y / factor) for x, y in place) for place in places)
            self.seen = [self._natural(place) for place in scaled]
            self.costs.append(StepCost("located", self.clock() - started, 0))
        return [c for c in self.seen if not any(overlap(c, s.corners) for s in self.found)]

    def reading(self) -> Reading:
        """What came of it."""
        raster, missing = self.raster, self._missing()
        only_finder_patterns = [
            corners
            for corners in (self._unexplained() if self.seen else ())
            if not any(overlap(corners, known) for known in missing)
        ]
        located = [Located(corners, UNREAD) for corners in (*missing, *only_finder_patterns)]
        return Reading(
            symbols=tuple(sorted(self.found, key=lambda s: (s.corners[0][1], s.corners[0][0]))),
            located=tuple(located),
            width=raster.width,
            height=raster.height,
            truncated=raster.truncated or raster.cut,
            steps=tuple(self.costs),
        )

    def _keep(self, hit: Hit, step: str) -> None:
        corners = self._natural(hit.corners)
        if hit.payload is None:
            # Altered pictures show errors where there is nothing: text, padded, does so.
            if step in _PLAIN and not any(overlap(corners, known) for known in self.unread):
                self.unread.append(corners)
        elif not any(s.payload == hit.payload and overlap(s.corners, corners) for s in self.found):
            self.found.append(Symbol(hit.payload, corners, step))

    def _natural(self, points: Sequence[tuple[float, float]]) -> Corners:
        scale = self.raster.scale
        return tuple((round(x * scale), round(y * scale)) for x, y in points)

    def _started(self) -> bool:
        return bool(self.found or self.unread)

    def _missing(self) -> list[Corners]:
        return [c for c in self.unread if not any(overlap(c, s.corners) for s in self.found)]

    def _roomy(self) -> bool:
        """Whether there is room for more codes than were read."""
        covered = sum(_area(symbol.corners) for symbol in self.found)
        return covered < ROOMY * self.raster.width * self.raster.height


def _area(corners: Corners) -> float:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return float((max(xs) - min(xs)) * (max(ys) - min(ys)))


# --- pixels --------------------------------------------------------------------------------------


def _scaled_back(hits: Iterator[Hit], factor: float) -> Iterator[Hit]:
    """The hits in a picture enlarged by the factor, in pixels of the picture itself."""
    for hit in hits:
        yield Hit(hit.payload, tuple((x / factor, y / factor) for x, y in hit.corners))


def _moved(hits: Iterator[Hit], inset: int) -> Iterator[Hit]:
    for hit in hits:
        yield Hit(hit.payload, tuple((x - inset, y - inset) for x, y in hit.corners))


def _pad(grey: Grey) -> Grey:
    import numpy

    return numpy.pad(grey, BORDER, constant_values=255)


def _minimum(grey: Grey) -> Grey:
    """Each pixel the darkest of its 3 × 3; in numpy, since Pillow's filter costs a hundredfold."""
    import numpy

    rows = numpy.minimum(numpy.minimum(grey[:-2], grey[1:-1]), grey[2:])
    inner = numpy.minimum(numpy.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    out: Grey = numpy.ascontiguousarray(numpy.pad(inner, 1, mode="edge"))
    return out


def _box_blur(grey: Grey) -> Grey:
    import numpy

    wide = grey.astype(numpy.uint16)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    inner = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) // 9
    out: Grey = numpy.ascontiguousarray(numpy.pad(inner, 1, mode="edge").astype(numpy.uint8))
    return out


def _resized(grey: Grey, factor: float) -> Grey:
    """Enlarged or shrunk; Lanczos, since only it gives back what pitches below 1.5 px lost."""
    import numpy
    from PIL import Image

    if factor == 1:
        return grey
    high, wide = (max(1, round(side * factor)) for side in grey.shape)
    resized = Image.fromarray(grey).resize((wide, high), Image.Resampling.LANCZOS)
    return numpy.asarray(resized)
