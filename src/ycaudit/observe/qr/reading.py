"""What is read in an image, and how hard it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

Corners = tuple[tuple[int, int], ...]
"""In natural pixels, clockwise from the top left."""

UNREAD = "modules_blurred"
"""Why a code was located and not read: a code of `ycaudit.reasons`."""
ROUND = "may_be_mini_program"
"""The same of a code with round finder patterns."""


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
    """One code that was read, and the step that read it first."""

    payload: str
    corners: Corners
    step: str
    guessed: str = ""
    """The charset of the payload, where neither the code nor its bytes tell."""


@dataclass(frozen=True, slots=True)
class Located:
    """A code that is there and could not be read."""

    corners: Corners
    why: str
    is_texture: bool = False
    """Whether only its texture is that of a code, and no finder patterns are seen."""


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
    varies: bool = False
    """Whether it looks otherwise by what is behind it, or from one moment to the next."""
