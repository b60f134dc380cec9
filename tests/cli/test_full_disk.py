"""Where nothing can be written any more, one sentence says so; it is no bug of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.history import run
from support.plans import RULES
from ycaudit.runs.history import opened

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
LIST = "units:\n  - {id: a, name: a, url: 'http://127.0.0.1:9/'}\n"
SCAN = ("scan", "--observer", "static", "--no-history")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--version",),
    ("--help",),
    ("check", "--help"),
    ("schema", "run"),
    ("doctor",),
    ("validate",),
    ("history", "--history", "h.sqlite3"),
    ("diff", "--history", "h.sqlite3"),
    ("show", "last", "--history", "h.sqlite3"),
    ("show", "last", "--format", "json", "--history", "h.sqlite3"),
    ("check", "http://127.0.0.1:9/", "--observer", "static"),
    SCAN,
    (*SCAN, "--format", "jsonl"),
)
"""Each prints in a way of its own."""


@pytest.mark.series
def test_every_command_that_prints_says_so_and_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(LIST, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(run(0, a="+", b="-"))
        history.save(run(1, a="-", b="-"))
    for command in COMMANDS:
        with FULL.open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "ycaudit", *command],
                stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False,
            )  # fmt: skip
        assert done.returncode == 2, (command, done.stderr)
        assert "cannot be written: the disk is full; free some space" in done.stderr
        assert "Traceback" not in done.stderr, command


def unread(*command: str, folder: Path) -> tuple[int, str]:
    """The exit code of a command whose output nobody reads, and what it says."""
    from_pipe, into_pipe = os.pipe()
    os.close(from_pipe)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ycaudit", *command],
            stdout=into_pipe, stderr=subprocess.PIPE, text=True, cwd=folder, check=False,
        )  # fmt: skip
    finally:
        os.close(into_pipe)
    return done.returncode, done.stderr


def test_a_reader_of_a_pipe_that_had_enough_ends_it_as_sigpipe_does(tmp_path: Path) -> None:
    with opened(tmp_path / "h.sqlite3") as history:
        history.save(run(0, a="+"))
    for command in (("history",), ("show", "last"), ("show", "last", "--format", "html")):
        assert unread(*command, "--history", "h.sqlite3", folder=tmp_path) == (141, "")


def test_a_scan_that_nobody_reads_while_it_goes_says_so(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(LIST, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULES, encoding="utf-8")
    code, said = unread(*SCAN, "--format", "jsonl", folder=tmp_path)
    assert code == 2
    assert "the output cannot be written: nobody reads it any more; " in said
