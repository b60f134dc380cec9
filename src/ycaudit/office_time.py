"""The day of the office: what waivers, pins, decisions and papers are dated by.

One time zone for all of them, whatever the clock of the machine is set to.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ycaudit.errors import InvalidValueError
from ycaudit.i18n import Message

VARIABLE = "YCAUDIT_TIMEZONE"
# A fixed offset: China has no summer time, and Windows has no database of time zones.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_chosen: ContextVar[tzinfo] = ContextVar("chosen", default=CHINA)


def zone_of(name: str) -> tzinfo:
    """The time zone of this name. Raises InvalidValueError."""
    if name == str(CHINA):
        return CHINA
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, a path, a folder of zones
        raise InvalidValueError(
            "no time zone is called {0!r}; write it like Asia/Shanghai", name
        ) from error


def use(zone: tzinfo) -> None:
    """From now on date everything by this zone."""
    _chosen.set(zone)


def named() -> Message:
    """The time zone in use, as papers name it behind a time."""
    zone = _chosen.get()
    return Message("（北京时间）") if zone is CHINA else Message("（{0}）", zone)


def local(moment: datetime) -> datetime:
    """The moment as the office's clock shows it."""
    return moment.astimezone(_chosen.get())


def begin(day: date) -> datetime:
    """The moment at which a day begins at the office."""
    return datetime.combine(day, time.min, _chosen.get())


def today(now: datetime | None = None) -> date:
    """The day that it is at the office."""
    return local(now or datetime.now(UTC)).date()
