"""Statistics of a run that point to a broken network or wrong rules rather than to the units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ycaudit.model import RunHeader
from ycaudit.reasons import Reason

MIN_UNITS = 10
"""Shares of fewer units mean nothing, but that all are gone at once."""
MIN_ALL = 3
"""From so many units on it is suspicious that every one cannot be reached, and some could be."""
JUMP = 0.2
"""A share of units that grows by more than this, against every earlier run, is suspicious."""
MAX_UNREACHABLE = 0.5
"""A share of unreachable units above this is suspicious even in a first run."""

OF_FIGURES = frozenset({"many_unreachable", "unreachable_jumped", "failing_jumped"})
"""The reasons that come from the figures alone."""


def may_be_vouched(run: RunHeader) -> bool:
    """Whether what is suspect are figures alone, so that a person may find that they are right.

    Where the control pages are misjudged, the program or the network is at fault until it is not.
    """
    return run.is_suspect and all(why.code in OF_FIGURES for why in run.suspicions)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of the units were never loaded, and how many failed."""

    units: int
    unseen: int
    failing: int
    is_alike: bool = True
    """Whether they were judged by the rules of the run: else that explains who fails."""


def jumps(now: Shares, before: Sequence[Shares]) -> Iterator[Reason]:
    """Yield a reason for each share that grew suspiciously; `before` has earlier runs."""
    if now.units < MIN_UNITS:
        known = [shares for shares in before if shares.units >= MIN_ALL]
        if known and now.unseen == now.units and all(s.unseen < s.units for s in known):
            yield Reason.of("many_unreachable", count=now.unseen, units=now.units)
        return
    before = [shares for shares in before if shares.units >= MIN_UNITS]
    unseen = now.unseen / now.units
    highest = max((s.unseen / s.units for s in before), default=None)
    if unseen > MAX_UNREACHABLE and (highest is None or unseen - highest > JUMP):
        yield Reason.of("many_unreachable", count=now.unseen, units=now.units)
    elif highest is not None and unseen - highest > JUMP:
        yield Reason.of("unreachable_jumped", before=highest, now=unseen)
    failing = now.failing / now.units
    highest = max((s.failing / s.units for s in before if s.is_alike), default=None)
    if highest is not None and failing - highest > JUMP:
        yield Reason.of("failing_jumped", before=highest, now=failing)
