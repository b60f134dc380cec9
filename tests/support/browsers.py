"""Tests that need an installed Chromium."""

from __future__ import annotations

import os

import pytest

from ycaudit.observe.browser.chromium import why_no_browser

NO_BROWSER = why_no_browser(os.environ)


needs_browser = pytest.mark.skipif(NO_BROWSER is not None, reason=NO_BROWSER or "")
