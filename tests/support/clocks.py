"""Another hour, without waiting for it."""

from __future__ import annotations

import asyncio
import datetime
import importlib
import time
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import openpyxl.packaging.core
import openpyxl.writer.excel
import pytest

HOUR = datetime.timedelta(hours=1)


def at_another_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour later, for all that dates the parts of a workbook: ZIP's clock and openpyxl's."""
    now = time.time() + HOUR.total_seconds()
    monkeypatch.setattr(time, "time", lambda: now)

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.now(tz) + HOUR

    clock = SimpleNamespace(**{**vars(datetime), "datetime": Later})
    for module in (openpyxl.packaging.core, openpyxl.writer.excel):
        monkeypatch.setattr(module, "datetime", clock)


_DATED = (
    *("office_time", "auditing.booking", "auditing.cache", "auditing.correspondence"),
    *("auditing.runtime", "cli.cases", "cli.history", "cli.judge", "cli.mail", "cli.review"),
    *("cli.scan", "cli.show"),
)
"""The modules that ask what time it is."""


class OfficeClock:
    """A clock for all of the program that a test sets; each look at it takes a millisecond."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        tick = self._tick

        class Fixed(datetime.datetime):
            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> Any:
                return tick().astimezone(tz)

        for name in _DATED:
            monkeypatch.setattr(importlib.import_module(f"ycaudit.{name}"), "datetime", Fixed)

    def set(self, text: str) -> None:
        """To this hour in China, such as 2026-11-02 09:00."""
        self._at = datetime.datetime.fromisoformat(f"{text}+08:00")

    def _tick(self) -> datetime.datetime:
        self._at += datetime.timedelta(milliseconds=1)
        return self._at


class _Turned(asyncio.SelectorEventLoop):
    """An event loop whose clock the test turns."""

    turned = 0.0

    def time(self) -> float:
        return super().time() + self.turned


def leap(seconds: float) -> None:
    """Turn the clock of the running loop of `turned`."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _Turned)
    loop.turned += seconds


async def passed(seconds: float) -> None:
    """Let so much time pass at once."""
    leap(seconds)
    for _ in range(3):
        await asyncio.sleep(0)


def turned(work: Coroutine[Any, Any, None]) -> None:
    """Run it on a loop whose clock the test turns."""
    with asyncio.Runner(loop_factory=_Turned) as runner:
        runner.run(work)
