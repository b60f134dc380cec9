"""The program as a person runs it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
        timeout=600,  # against hanging
        cwd=cwd,
        check=False,
        env={**os.environ, "COLUMNS": "160", **where},
    )


def reach(there: demo_city.City) -> tuple[str, ...]:
    return "--allow-private", "--resolve", f"*:{there.port}:127.0.0.1", "--observer", "static"


@contextmanager
def started(*words: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """The program while it runs; it does not outlive the block."""
    with _as_from_a_terminal():
        process = subprocess.Popen(
            [sys.executable, "-m", "ycaudit", *map(str, words)],
            cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _as_from_a_terminal() -> Iterator[None]:
    """Where the tests themselves are run by nohup or in the background, a child would inherit that
    these signals are ignored."""
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def finished(history: Path) -> int:
    """How many reports are on disk."""
    with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as db:
        (count,) = db.execute("SELECT count(*) FROM reports").fetchone()
    return int(count)
