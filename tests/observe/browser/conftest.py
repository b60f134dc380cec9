"""The browser that these tests share is closed at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import browser_looks


@pytest.fixture(scope="session", autouse=True)
def _close_shared() -> Iterator[None]:
    yield
    browser_looks.SHARED.close()
