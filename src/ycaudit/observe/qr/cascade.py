"""Reads every QR code of an image by the table of steps, as far as each is worth its price."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ycaudit.observe.qr.decoders import Hit, overlap
from ycaudit.observe.qr.finder_patterns import codes_by_finder_patterns
from ycaudit.observe.qr.raster import Raster, open_raster
from ycaudit.observe.qr.reading import UNREAD, Corners, Effort, Located, Reading, StepCost, Symbol
from ycaudit.observe.qr.steps import COMPOSITE, SMALL, STEPS, Step, resized

ROOMY = 0.35
"""Where the codes read cover less than this share of the picture, there is room for more."""
_PLAIN = frozenset(step.name for step in STEPS if step.effort is Effort.FAST)


def read_codes(data: bytes, *, effort: Effort = Effort.NORMAL, timed: bool = False) -> Reading:
    """Every code in the image. Raises ImageTrouble where the bytes are no picture to read.

    Steps report their CPU time only if `timed`: to ask for it has a price itself.
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


@dataclass(slots=True)
class _Session:
    """One image on its way through the steps."""

    raster: Raster
    clock: Callable[[], float]
    found: list[Symbol] = field(default_factory=list)
    unread: list[Corners] = field(default_factory=list)
    costs: list[StepCost] = field(default_factory=list)
    patterns: list[Corners] | None = None
    """Places of finder patterns, once they were looked for."""
    looks: set[object] = field(default_factory=set)
    """What the steps taken so far did to the picture."""

    def wants(self, step: Step, effort: Effort) -> bool:
        """Whether a step is worth its price, after what is known so far."""
        pixels = self.raster.grey.size
        if step.effort > effort or pixels <= step.least or (step.most and pixels > step.most):
            return False
        if step.look in self.looks or (self.raster.flat and not step.flat and not self._started()):
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
        self.looks.add(step.look)
        for hit in step.look(self.raster):
            self._keep(hit, step.name)
        cost = self.clock() - started
        self.costs.append(StepCost(step.name, cost, len(self.found) - before))

    def locate(self) -> None:
        """What is there without being read."""
        if not self.raster.flat and (self._roomy() or not self.found):
            self._unexplained()

    def _unexplained(self) -> list[Corners]:
        """Where the finder patterns of a code are and none was read."""
        if self.patterns is None:
            started = self.clock()
            factor = 3 if self.raster.grey.size <= SMALL else 1
            places = codes_by_finder_patterns(resized(self.raster.grey, factor))
            scaled = (tuple((x / factor, y / factor) for x, y in place) for place in places)
            self.patterns = [self._natural(place) for place in scaled]
            self.costs.append(StepCost("located", self.clock() - started, 0))
        return [c for c in self.patterns if not any(overlap(c, s.corners) for s in self.found)]

    def reading(self) -> Reading:
        """What came of it."""
        raster, missing = self.raster, self._missing()
        only_finder_patterns = [
            corners
            for corners in (self._unexplained() if self.patterns else ())
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
