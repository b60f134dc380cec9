"""The program as a person runs it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ycaudit.auditing import demo_city
from ycaudit.cli.commands import COMMANDS, module_of

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([module_of(name) for name in COMMANDS])


def ycaudit(
    *words: object, cwd: Path | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as installed; `path` stands for the PATH where programs are looked for.

    In a process of its own, forked from one that has imported the program: that is most of what
    many commands cost.
    """
    where = {} if path is None else {"PATH": path, "HOME": "/nonexistent"}
    environment = {**os.environ, "COLUMNS": "160", **where}
    typed = [str(word) for word in words]
    with TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _FORKS.Process(target=_run, args=(typed, cwd or Path.cwd(), environment, said))
        process.start()
        process.join(600)  # against hanging
        if process.exitcode is None:
            process.kill()
        assert process.exitcode is not None, f"{typed} does not end"
        out, err = (file.read_text(encoding="utf-8") for file in said)
    return subprocess.CompletedProcess(typed, process.exitcode, out, err)


def _run(typed: list[str], cwd: Path, environment: dict[str, str], said: list[Path]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(said, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["ycaudit", *typed]
    from ycaudit.cli.main import main

    main()


def reach(there: demo_city.City) -> tuple[str, ...]:
    return "--allow-private", "--resolve", f"*:{there.port}:127.0.0.1", "--observer", "static"


@contextmanager
def started(
    *words: object, cwd: Path, in_background: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """The program while it runs; it does not outlive the block.

    `in_background` is as a script starts it with `&`: Ctrl-C is ignored.
    """
    with _signals(signal.SIG_IGN if in_background else signal.SIG_DFL):
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
def _signals(ctrl_c: signal.Handlers) -> Iterator[None]:
    """What a child inherits of the signals that may be ignored.

    Where the tests themselves are run by nohup or in the background, these are.
    """
    wanted = {signal.SIGINT: ctrl_c, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, how) for number, how in wanted.items()}
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
