"""What of a page was looked at: the whole of it as its screens were read last, small and in grey.

A script can paint, uncover, turn or move a thing without anything being laid out anew; only the
screen itself tells. A small picture of it costs no more than the frame that is painted anyway.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING

from ycaudit.observe.static.sheets import WINDOW

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

SHRINK = 4
"""CSS pixels of the page, each way, for one of a glance."""
_LEAST = 40 // SHRINK
"""A smaller change, each way, shows no code."""
_SHARE = 0.3
"""Of such a square, what must have changed: two codes of one size have a third of their modules
otherwise."""
_DIFFERENCE = 24
"""Of 255: a smaller one nobody sees."""
_RESTLESS = 2
"""What has changed by itself so often goes on doing so."""
_WIDE, _HIGH = WINDOW[0] // SHRINK, WINDOW[1] // SHRINK
_MAX_HIGH = 24_000 // SHRINK
"""Of the page; what is further down is read each time."""
_MAX_PAGES = 4
"""Places across at which a page that is wider than the window is kept."""


class Change(Enum):
    """What may have changed the screen since it was looked at last."""

    TRY = auto()
    """What was tried; what else changes on the page is left aside."""
    SCROLLING = auto()
    """A box that was scrolled, through which anything may come by: nothing is left aside."""
    TIME = auto()
    """Time alone: where it has changed something, it may do so again."""
    LONG_TIME = auto()
    """So much of it that what has not changed by itself does so no more."""


@dataclass(frozen=True)
class Glance:
    """The screen in a quarter of its size, cut so that its pixels fall together with those of all
    others of the page."""

    at: tuple[int, int]
    """Where its corner stands on the page, in pixels of a glance."""
    phase: int
    """How far the window stood from there, in CSS pixels."""
    png: bytes

    @cached_property
    def grey(self) -> Grey:
        """Its pixels."""
        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(self.png)) as image:
            return np.asarray(image.convert("L"))[:_HIGH, :_WIDE]

    @classmethod
    def clip(cls, x: float, y: float) -> tuple[int, int, int, int]:
        """The part of the page that is to be painted where the window is scrolled so far."""
        left, top = -(-round(x) // SHRINK), -(-round(y) // SHRINK)
        return left * SHRINK, top * SHRINK, _WIDE * SHRINK, _HIGH * SHRINK


def differ(one: Glance, other: Glance) -> bool:
    """Whether something as large as a code looks otherwise, the window standing where it stood."""
    if one.at != other.at:
        return True
    return bool(_squares(_differs(one.grey, other.grey)).any())


class Mosaic:
    """The page as its screens were when codes were looked for last."""

    def __init__(self) -> None:
        self._pages: dict[int, _Strip] = {}
        self._screens: dict[int, Grey] = {}
        """The last screens by their phase: what does not scroll with the page stands there."""

    def is_new(self, glance: Glance, by: Change) -> bool:
        """Whether something as large as a code looks otherwise than when it was read last."""
        strip, rows = self._part(glance)
        if strip is None:
            return True
        known = strip.known[rows]
        calm = strip.changes[rows] < _RESTLESS if by is Change.TRY else True

        def unlike(memory: Grey) -> Mask:
            changed = _differs(glance.grey, memory)
            changed[~known] = True
            return _squares(changed & calm)

        found = unlike(strip.grey[rows])
        screen = self._screens.get(glance.phase)
        if screen is not None and found.any():
            # Each by itself: of a code, one may have had the dark parts, the other the light ones.
            found &= unlike(screen)
        if by in (Change.TIME, Change.LONG_TIME) and bool(known.all()):
            whole = _spread(found)
            strip.changes[rows] += whole & (strip.changes[rows] < _RESTLESS)
            if by is Change.LONG_TIME:
                strip.changes[rows] *= whole
        return bool(found.any())

    def note(self, glance: Glance) -> None:
        """The codes of the screen have been read."""
        self._screens[glance.phase] = glance.grey
        strip, rows = self._part(glance)
        if strip is not None:
            strip.grey[rows] = glance.grey
            strip.known[rows] = True

    def _part(self, glance: Glance) -> tuple[_Strip | None, slice]:
        """Where a glance belongs; None where that is not kept."""
        left, top = glance.at
        if left not in self._pages and len(self._pages) < _MAX_PAGES:
            self._pages[left] = _Strip()
        strip = self._pages.get(left) if 0 <= top <= _MAX_HIGH - _HIGH else None
        if strip is not None:
            strip.grow(top + _HIGH)
        return strip, slice(top, top + _HIGH)


class _Strip:
    """The page from its top, at one place across."""

    def __init__(self) -> None:
        import numpy as np

        self.grey: Grey = np.zeros((0, _WIDE), np.uint8)
        self.known: Mask = np.zeros(0, bool)
        """The rows that were read."""
        self.changes: Grey = np.zeros((0, _WIDE), np.uint8)
        """How often something has changed there by itself."""

    def grow(self, high: int) -> None:
        """Have so many rows at least."""
        import numpy as np

        more = high - len(self.known)
        if more > 0:
            self.grey = np.vstack((self.grey, np.zeros((more, _WIDE), np.uint8)))
            self.known = np.concatenate((self.known, np.zeros(more, bool)))
            self.changes = np.vstack((self.changes, np.zeros((more, _WIDE), np.uint8)))


def _differs(one: Grey, other: Grey) -> Mask:
    import numpy as np

    difference: Mask = abs(one.astype(np.int16) - other) > _DIFFERENCE
    return difference


def _squares(changed: Mask) -> Mask:
    """The corners of the squares of the least size of which enough has changed."""
    import numpy as np

    sums = np.zeros((changed.shape[0] + 1, changed.shape[1] + 1), np.int32)
    sums[1:, 1:] = changed.cumsum(0, dtype=np.int32).cumsum(1)
    n = _LEAST
    inside = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    found: Mask = inside >= _SHARE * n * n
    return found


def _spread(corners: Mask) -> Mask:
    """All that lies in the squares with these corners, and a little around."""
    import numpy as np

    whole = np.zeros((_HIGH, _WIDE), bool)
    for y, x in zip(*corners.nonzero(), strict=True):
        whole[max(0, y - 2) : y + _LEAST + 2, max(0, x - 2) : x + _LEAST + 2] = True
    return whole
