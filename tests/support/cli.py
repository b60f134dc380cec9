"""The program as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ycaudit.auditing import demo_city


def ycaudit(
    *words: object, cwd: Path | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as installed; `path` stands for the PATH where programs are looked for."""
    where = {} if path is None else {"PATH": path, "HOME": "/nonexistent"}
    return subprocess.run(
        [sys.executable, "-m", "ycaudit", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        check=False,
        env={**os.environ, "COLUMNS": "160", **where},
    )


def reach(there: demo_city.City) -> tuple[str, ...]:
    return "--allow-private", "--resolve", f"*:{there.port}:127.0.0.1", "--observer", "static"
