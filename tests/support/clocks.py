"""Another hour, without waiting for it."""

from __future__ import annotations

import datetime
import time
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
