"""Audits by a cluster, and schedulers and workers as on other machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ycaudit
from support.city import SECONDS, options
from ycaudit.auditing import demo_city, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.inputs.plan import load_rules
from ycaudit.model import ScanRun
from ycaudit.rules.judge import Unit

SOURCE = Path(ycaudit.__file__).parents[1]
QUICK = ("complies", "nothing", "server-error", "no-dns", "commented-code", "destroyed-code")


def units(there: demo_city.City, copies: int = 1) -> tuple[Unit, ...]:
    """The quick cases so many times over, each copy under an id of its own."""
    requirements, _ = load_rules([demo_city.folder() / "rules.yaml"])
    known = [u for u in there.units(requirements) if u.target.id in QUICK]
    return tuple(renamed(u, f"{u.target.id}-{n}") for n in range(copies) for u in known)


def renamed(unit: Unit, name: str) -> Unit:
    return replace(unit, target=unit.target.model_copy(update={"id": name}))


def audited(there: demo_city.City, copies: int = 1, **how: Any) -> ScanRun:
    _, policy = load_rules([demo_city.folder() / "rules.yaml"])
    request = service.Request(options=options(there), observer="static", seconds=SECONDS, **how)
    return service.run(units(there, copies), policy, request, MemoryRecorder())


def start(module: str, *words: object, source: Path = SOURCE) -> subprocess.Popen[bytes]:
    """One of dask's own programs, as on a machine that has this ycaudit."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """No process outlives its test."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=300)


@contextmanager
def scheduler_and_workers(
    folder: Path, *sources: Path
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and a worker without a nurse for each of the sources."""
    told = folder / "scheduler.json"
    here = ("--host", "127.0.0.1")
    with ExitStack() as stack:
        words = ("--port", 0, "--scheduler-file", told, *here)
        words += ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        address = address_in(told, stack.enter_context(ended(start("dask_scheduler", *words))))
        words = (address, "--no-nanny", "--no-dashboard", "--nthreads", 2, *here)
        words += ("--local-directory", folder)
        workers = [
            stack.enter_context(ended(start("dask_worker", *words, source=s))) for s in sources
        ]
        yield address, workers


def address_in(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    """The address that a scheduler writes into its file (asked for in short waits)."""
    while True:
        with suppress(FileNotFoundError, ValueError):  # not yet, or not all of it
            return str(json.loads(told.read_text())["address"])
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the scheduler ended by itself: {scheduler.wait(0.05)}")
