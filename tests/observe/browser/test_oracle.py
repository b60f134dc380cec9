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
FEW = 4


@needs_browser
@pytest.mark.browser
@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(("--seed", "2", "--pages", str(FEW)), marks=pytest.mark.series),
        pytest.param(
            ("--seed", "2", "--first", str(FEW), "--pages", str(PAGES - FEW)),
            marks=pytest.mark.series,
        ),
        # A server's answer comes after a timer; a pointer brings up what a click then opens.
        pytest.param(("--seed", "23", "--page", "71"), marks=pytest.mark.series),
        pytest.param(("--seed", "23", "--page", "35"), marks=pytest.mark.series),
        ("--seed", "2", "--page", "5"),
    ],
    ids=" ".join,
)
def test_what_real_clicks_and_screenshots_show_is_what_is_judged(
    pages: tuple[str, ...], tmp_path: Path
) -> None:
    shutil.copytree(ORACLE / "known", tmp_path / "known")
    command = [sys.executable, str(ORACLE / "run.py"), *pages]
    done = subprocess.run(
        [*command, "--cache", str(tmp_path / "known")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 wrong pass, 0 wrong fail" in done.stdout
    kept = {file.name for file in (ORACLE / "known").iterdir()}
    assert {file.name for file in (tmp_path / "known").iterdir()} == kept, "old truths: renew them"
