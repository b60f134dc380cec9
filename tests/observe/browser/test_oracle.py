"""A small part of the differential corpus, with its truth by another hand (bench/oracle)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.browsers import needs_browser

ORACLE = Path(__file__).parents[3] / "bench/oracle"
PAGES = 8


@needs_browser
@pytest.mark.browser
def test_what_real_clicks_and_screenshots_show_is_what_is_judged(tmp_path: Path) -> None:
    shutil.copytree(ORACLE / "known", tmp_path / "known")
    command = [sys.executable, str(ORACLE / "run.py"), "--seed", "2", "--pages", str(PAGES)]
    done = subprocess.run(
        [*command, "--cache", str(tmp_path / "known")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 wrong pass, 0 wrong fail" in done.stdout
