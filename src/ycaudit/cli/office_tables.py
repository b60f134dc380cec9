"""The tables of the settings file in which an office says what is so with it: read, and checked."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from ycaudit.cli.settings import HEARING, LETTER, UNREACHABLE, Settings, find
from ycaudit.errors import ConfigError, InvalidValueError, Problem, nearest
from ycaudit.i18n import Message
from ycaudit.report.letterhead import Letterhead
from ycaudit.runs.office_settings import Hearing, Threshold

T = TypeVar("T")
_Read = Callable[[str, object], object]
"""Takes the key and its value; raises InvalidValueError."""
MOST_DAYS = 366


def letterhead() -> Letterhead:
    """What the settings file says of the office on its papers. Raises ConfigError."""
    return letterhead_of(_settings())


def hearing() -> Hearing:
    """How units are heard before they are named. Raises ConfigError."""
    return hearing_of(_settings())


def threshold() -> Threshold | None:
    """From when on a site counts as down; None where the office has not said. Raises ConfigError"""
    return threshold_of(_settings())


def check(settings: Settings | None) -> None:
    """Tell a mistake before the work is done. Raises ConfigError."""
    for of in (letterhead_of, hearing_of, threshold_of):
        of(settings)


def letterhead_of(settings: Settings | None) -> Letterhead:
    """The table `[letter]`, every key of which may be missing. Raises ConfigError."""
    return _LETTER.read(settings) or Letterhead()


def hearing_of(settings: Settings | None) -> Hearing:
    """The table `[hearing]`, every key of which may be missing. Raises ConfigError."""
    return _HEARING.read(settings) or Hearing()


def threshold_of(settings: Settings | None) -> Threshold | None:
    """The table `[unreachable]`; None where it is not there. Raises ConfigError."""
    return _UNREACHABLE.read(settings)


def _settings() -> Settings | None:
    return find(Path(), os.environ)


@dataclass(frozen=True, slots=True)
class _Table(Generic[T]):
    """A table of the settings file, and what is made of it."""

    name: str
    make: Callable[..., T]
    keys: Mapping[str, _Read]
    needed: tuple[str, ...] = ()

    def read(self, settings: Settings | None) -> T | None:
        """What the file says; None where it does not have the table. Raises ConfigError."""
        if settings is None or settings.table.get(self.name, {}) == {}:
            return None
        values: dict[str, object] = {}
        problems = list(self._problems(settings, settings.table[self.name], values))
        if problems:
            raise ConfigError(problems)
        try:
            return self.make(**values)
        except InvalidValueError as error:
            what = Message("[{0}] {1}", self.name, error.message)
            raise ConfigError([settings.problem(self.name, what)]) from error

    def _problems(
        self, settings: Settings, table: object, values: dict[str, object]
    ) -> Iterator[Problem]:
        if not isinstance(table, dict):
            yield settings.problem(self.name, Message("[{0}] must be a table", self.name))
            return
        for key, value in table.items():
            if key not in self.keys:
                yield settings.problem(key, self._no_key(key))
                continue
            try:
                values[key] = self.keys[key](key, value)
            except InvalidValueError as error:
                yield settings.problem(key, error.message)
        for key in self.needed:
            if key not in table:
                yield settings.problem(self.name, Message("[{0}] lacks {1}", self.name, key))

    def _no_key(self, key: str) -> Message:
        return Message("[{0}] has no key {1!r}{2}", self.name, key, nearest(key, self.keys))


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValueError("{0} must be text in quotes", key)
    return value


def _day(key: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidValueError(
            "{0} {1!r} is no day; write it like 2026-07-15", key, str(value)
        ) from error


def _whole(key: str, value: object, *, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise InvalidValueError("{0} must be a whole number from {1} to {2}", key, least, most)
    return value


def _per_cent(key: str, value: object) -> float:
    number = value if type(value) in (int, float) else math.nan
    if not isinstance(number, int | float) or not 0 < number <= 100:
        raise InvalidValueError("{0} must be a number of per cent, above 0 and up to 100", key)
    return float(number)


_days = partial(_whole, least=1, most=MOST_DAYS)
_LETTER = _Table(
    LETTER,
    Letterhead,
    {**dict.fromkeys(("issuer", "number", "contact", "phone"), _text), "deadline": _day},
)
_HEARING = _Table(
    HEARING, Hearing, {"persons": partial(_whole, least=1, most=9), "days": _days, "source": _text}
)
_UNREACHABLE = _Table(
    UNREACHABLE,
    Threshold,
    {
        "days": _days,
        "checks": partial(_whole, least=1, most=100_000),
        "per_day": partial(_whole, least=1, most=1000),
        "share": _per_cent,
        "source": _text,
    },
    needed=("days", "checks", "share", "source"),
)
