"""Reads every QR code of an image by the table of steps, as far as each is worth its price."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ycaudit.observe.qr.decoders import Hit
from ycaudit.observe.qr.filters import legible
from ycaudit.observe.qr.finder_patterns import codes_by_finder_patterns, has_finder_patterns
from ycaudit.observe.qr.raster import Raster, open_raster
from ycaudit.observe.qr.reading import (
    ROUND,
    UNREAD,
    Corners,
    Effort,
    Located,
    Reading,
    StepCost,
    Symbol,
)
from ycaudit.observe.qr.squares import code_like_squares
from ycaudit.observe.qr.steps import STEPS, Step
from ycaudit.observe.qr.unseen import Unseen, overlap, side_of, unseen
from ycaudit.observe.qr.views import View, alike, tiles

MARGIN = 0.25
"""Of the side of a place at which is looked closer: what stands there may be larger."""
CLOSE = 0.5
"""Of a picture: a place of more than this was looked at as closely with the picture itself."""
MAX_PIXELS = 2048 * 2048
"""Pixels that are searched at once; more are searched tile by tile."""
_PLAIN = frozenset(step.name for step in STEPS if step.effort is Effort.FAST)


def read_codes(data: bytes, *, effort: Effort = Effort.NORMAL, timed: bool = False) -> Reading:
    """Every code in the image. Raises ImageTrouble where the bytes are no picture to read.

    Steps report their CPU time only if `timed`: to ask for it has a price itself.
    """
    clock = time.thread_time if timed else float
    session = _Session(clock, effort)
    started = clock()
    raster = open_raster(data)
    for view in raster.views():
        session.note(view, "open", started, 0)
        session.search(view)
        started = clock()
    if effort is Effort.THOROUGH and (full := raster.full_size()) is not None:
        session.note(full, "open", started, 0)
        session.search_tiles(full, Effort.FAST)
    return session.reading(raster)


@dataclass(frozen=True, slots=True)
class _Found:
    """A code that was read, and the pixels of its place in the view where it was read."""

    symbol: Symbol
    frame: int
    part: View

    def is_same(self, other: Symbol, frame: int) -> bool:
        """Whether it is the same code; where its charset is guessed, decoders may disagree."""
        if not overlap(self.symbol.corners, other.corners):
            return False
        if self.symbol.payload == other.payload:
            return True
        sides = side_of(self.symbol.corners), side_of(other.corners)
        return bool(other.guessed) and self.frame == frame and max(sides) < 1.5 * min(sides)

    def stands_in(self, view: View) -> bool:
        """Whether another view shows the same at its place."""
        return alike(self.part.grey, view.part(self.symbol.corners).grey)


@dataclass(slots=True)
class _Session:
    """What was read in the views of one image so far."""

    clock: Callable[[], float]
    effort: Effort
    found: list[_Found] = field(default_factory=list)
    unread: list[tuple[Corners, View]] = field(default_factory=list)
    round: list[Corners] = field(default_factory=list)
    """Places of round finder patterns."""
    textures: list[Corners] = field(default_factory=list)
    """Places that are suspected for their texture alone."""
    costs: list[StepCost] = field(default_factory=list)

    def search(self, view: View) -> None:
        """Read what this view shows, and note what it may show and was not read."""
        if view.grey.size > MAX_PIXELS:
            self._look(view.reduced(MAX_PIXELS), Effort.FAST)  # what is larger than a tile
            self.search_tiles(view, self.effort)
        else:
            self._look(view, self.effort)

    def search_tiles(self, view: View, effort: Effort) -> None:
        """Search a large view tile by tile, in bounded memory, the likeliest first."""
        for tile in tiles(view):
            self._look(tile, effort)

    def _look(self, view: View, effort: Effort) -> None:
        if view.is_flat:
            return
        known = [f.symbol.corners for f in self.found if f.stands_in(view)]
        look = _Look(view, self, known)
        look.search(effort)
        self.unread += ((corners, view) for corners in look.rest.places)

    def keep(self, hit: Hit, step: str, view: View) -> Corners:
        """Keep a code that was read; its place."""
        corners = view.natural(hit.corners)
        assert hit.payload is not None
        symbol = Symbol(hit.payload, corners, step, hit.guessed)
        if not any(found.is_same(symbol, view.frame) for found in self.found):
            self.found.append(_Found(symbol, view.frame, view.part(corners)))
        return corners

    def smallest(self, known: Iterable[Corners], *, not_in: int) -> float | None:
        """The side of the smallest of these codes and of those that other frames showed."""
        others = (found.symbol.corners for found in self.found if found.frame != not_in)
        return min(map(side_of, (*known, *others)), default=None)

    def note(self, view: View, step: str, started: float, added: int) -> None:
        """Note what a step cost."""
        name = f"{step} ({view.name})" if view.name else step
        self.costs.append(StepCost(name, self.clock() - started, added))

    def reading(self, raster: Raster) -> Reading:
        """What came of it."""
        symbols = (found.symbol for found in self.found)
        return Reading(
            symbols=tuple(sorted(symbols, key=lambda s: (s.corners[0][1], s.corners[0][0]))),
            located=tuple(map(self._located, self._places())),
            width=raster.width,
            height=raster.height,
            truncated=raster.truncated,
            steps=tuple(self.costs),
            varies=raster.varies,
        )

    def _located(self, place: Corners) -> Located:
        is_round = any(overlap(place, known) for known in self.round)
        patterned = (known for known, _ in self.unread if known not in self.textures)
        is_texture = not any(overlap(place, known) for known in patterned)
        return Located(place, ROUND if is_round else UNREAD, is_texture)

    def _places(self) -> list[Corners]:
        """Where codes are that no view shows well enough, each once."""
        places: list[Corners] = []
        for corners, view in self.unread:
            read = (f.symbol.corners for f in self.found if f.frame == view.frame)
            if not any(overlap(corners, known) for known in (*read, *places)):
                places.append(corners)
        return places


class _Look:
    """One view on its way through the steps."""

    def __init__(self, view: View, session: _Session, known: list[Corners]) -> None:
        self.view = view
        self.session = session
        self.known = known
        """The places of the codes that it shows and that were read."""
        self.suspected: list[Corners] = []
        self.is_located = False
        """Whether what nobody read was searched for."""
        self.rest = self._rest()

    def search(self, effort: Effort) -> None:
        """Take all steps of this effort that are worth their price; then, if the session is to be
        thorough, look closer at what was not read."""
        is_thorough = self.session.effort is Effort.THOROUGH
        for step in STEPS:
            if is_thorough and self.known:
                self._locate()
            self._take(step, effort)
        if is_thorough:
            self._locate()
            self._look_closer()

    def _look_closer(self) -> None:
        """Take all steps at each place that is suspected: in a small picture they see more."""
        for place in self.rest.places:
            part = self.view.part(place, MARGIN)
            if part.grey.size <= CLOSE * self.view.grey.size:
                closer = _Look(part, self.session, [])
                for step in STEPS:
                    closer._take(step, Effort.THOROUGH)
                self.known += closer.known
        self.rest = self._rest()

    def _locate(self) -> None:
        """Suspect a code wherever its finder patterns are, and where it looks like one beside
        others; once, and beside codes that were read before any other step: most win nothing there
        but what is suspected."""
        if self.is_located or not self.rest.may_be_small:
            return
        self.is_located = True
        started, grey = self.session.clock(), self.view.grey
        enlarged = legible(grey)
        factor = enlarged.shape[0] / grey.shape[0]
        for seen in codes_by_finder_patterns(enlarged):
            corners = self._suspect((x / factor, y / factor) for x, y in seen.corners)
            if seen.is_round:
                self.session.round.append(corners)
        # On another tile of a page the codes may be of any size, in another frame seldom.
        if (side := self.session.smallest(self.known, not_in=self.view.frame)) is not None:
            read = [self.view.inside(corners) for corners in self.known]
            for left, top, right, bottom in code_like_squares(grey, side / self.view.scale, read):
                square = self._suspect(((left, top), (right, top), (right, bottom), (left, bottom)))
                self.session.textures.append(square)
        self.session.note(self.view, "located", started, 0)
        self.rest = self._rest()

    def _suspect(self, points: Iterable[tuple[float, float]]) -> Corners:
        corners = self.view.natural(points)
        if not any(overlap(corners, known) for known in self.suspected):
            self.suspected.append(corners)
        return corners

    def _wants(self, step: Step, effort: Effort) -> bool:
        """Whether a step is worth its price, after what is known so far."""
        pixels = self.view.grey.size
        fits = pixels > step.least and (step.most is None or pixels <= step.most)
        if step.effort > effort or self.rest.is_nothing or not fits:
            return False
        if self.known and not self.rest.places:
            return step.beside
        return True

    def _take(self, step: Step, effort: Effort) -> None:
        """Do it if it is worth its price, and keep what it found."""
        if not self._wants(step, effort):
            return
        started, before = self.session.clock(), len(self.session.found)
        for hit in step.look(self.view):
            if hit.payload is not None:
                self.known.append(self.session.keep(hit, step.name, self.view))
            elif step.name in _PLAIN:
                # Altered pictures show errors where there is nothing: text, padded, does so.
                self._check(hit)
        self.session.note(self.view, step.name, started, len(self.session.found) - before)
        self.rest = self._rest()

    def _check(self, hit: Hit) -> None:
        """Suspect a code where a decoder failed, but in dense text, where it does so, too."""
        part = self.view.part(self.view.natural(hit.corners), MARGIN)
        grey = legible(part.grey)
        factor = grey.shape[0] / max(1, part.grey.shape[0])
        left, top, *_ = self.view.inside((part.origin, part.origin))
        corners = tuple(((x - left) * factor, (y - top) * factor) for x, y in hit.corners)
        if has_finder_patterns(grey, corners):
            self._suspect(hit.corners)

    def _rest(self) -> Unseen:
        view = self.view
        return unseen(view.size, self.known, self.suspected, origin=view.origin)
