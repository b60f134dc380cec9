"""Looks at a homepage as the inspections that an office counts: a check and those again are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ycaudit import office_time
from ycaudit.model import Outcome


@dataclass(frozen=True, slots=True)
class Settled:
    """A determined verdict, and when the homepage was looked at for it."""

    outcome: Outcome
    at: datetime
    again: bool = False
    """Whether it was a check again (复查) of what an earlier run had found."""


@dataclass(frozen=True, slots=True)
class Notified:
    """That a unit was told what it lacks: by a letter, a notice or a circular."""

    on: date
    due: date | None = None
    """The last day that it was given; None where none is known."""


def is_further(looks: Sequence[Settled], look: Settled, notified: Iterable[Notified]) -> bool:
    """Whether a look is another inspection than that of the looks before it, oldest first.

    Never on the same office day, nor within the time that the unit was given, so that nobody is
    counted twice; a check again only where the unit had been told since that inspection began.
    """
    first, last, day = (office_time.today(one.at) for one in (looks[0], looks[-1], look))
    told = [one for one in notified if one.on < day]
    if day <= last or any(one.due is not None and day <= one.due for one in told):
        return False
    return not look.again or any(first <= one.on for one in told)


def inspections(looks: Iterable[Settled], notified: Sequence[Notified]) -> tuple[Settled, ...]:
    """The last look of each inspection, the oldest first."""
    found: list[list[Settled]] = []
    for look in looks:
        if not found or is_further(found[-1], look, notified):
            found.append([])
        found[-1].append(look)
    return tuple(each[-1] for each in found)
