"""What an office has set: how units are heard before they are named, and when a site is down."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from ycaudit.errors import InvalidValueError


@dataclass(frozen=True, slots=True)
class Hearing:
    """How many persons confirm a fail, and how long a unit may object; nothing by default."""

    persons: int = 1
    """Different persons who must have confirmed a fail before the unit is named."""
    days: int | None = None
    """Days in which a unit may object; the day on which it is told does not count."""
    source: str = ""
    """The rule that says so, as papers quote it."""

    def due(self, told: date) -> date | None:
        """The last day on which a unit may object that was told on this day; None: no deadline."""
        return None if self.days is None else told + timedelta(self.days)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From when on the office holds that a site cannot be reached."""

    days: int
    """Office days that are looked back upon, the last one among them."""
    checks: int
    """At least so many checks in these days tell."""
    share: float
    """Per cent of those that tell: at least so many were in vain."""
    source: str
    """The rule that says so, as papers quote it."""
    per_day: int = 0
    """At least so many checks on each of these days tell."""

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise InvalidValueError("source is empty: say which rule sets this threshold")


def person(name: str) -> str:
    """A name as persons are told apart by it: 张 三 and 张三 are one."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
