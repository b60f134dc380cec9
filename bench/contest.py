"""Measures ways of loading pages: each round in a fresh process, watched from outside.

CPU is told apart by who used it, and nobody pays for the watching: the process that measures is
neither the one that is measured nor one of its children. What runs before the first page that
counts (imports, the browser's start) is left out.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from homepages import HOST_RULES, Homepages
from measure import Process, pss_megabytes, tree

from ycaudit.observe.browser.chromium import _FLAGS, find_browser

RESULTS = Path(__file__).parent / "results"
PYTHON, BROWSER, DRIVER, DECODERS = "Python", "browser", "driver", "decoders"
ROLES = (BROWSER, PYTHON, DRIVER, DECODERS)
SAMPLE_SECONDS = 0.25
"""Asking takes about 10 ms of CPU, which the pages would miss."""

Load = Callable[[str], Awaitable[bool]]
"""Loads a page; whether it came."""
Contestant = Callable[[], AbstractAsyncContextManager[Load]]
"""Starts what it needs and ends it; it goes to another process, so it must be picklable."""


@dataclass(frozen=True, slots=True)
class Sample:
    """CPU seconds so far and megabytes now, by role."""

    cpu: Mapping[str, float]
    memory: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Round:
    """What all pages together took."""

    pages: int
    came: int
    wall: float
    cpu: Mapping[str, float]
    samples: Sequence[Sample]

    @property
    def cpu_a_page(self) -> float:
        return sum(self.cpu.values()) / self.pages

    def peak(self, *roles: str) -> float:
        return max(sum(sample.memory[role] for role in roles) for sample in self.samples)


def program() -> str:
    """The browser that ycaudit would take."""
    found = find_browser(os.environ)
    if found is None:
        raise SystemExit("no browser is installed")
    return str(found)


def switches() -> list[str]:
    """As ycaudit starts it, but that it finds the pages by itself."""
    return [*_FLAGS, HOST_RULES, *(("--no-sandbox",) if os.geteuid() == 0 else ())]


def measured(contestant: Contestant, pages: Homepages, urls: Sequence[str], tabs: int) -> Round:
    """All pages once, so many at a time."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_run, args=(there, contestant, pages.warm_up, urls, tabs))
    process.start()
    there.close()  # so that a contestant that dies ends the wait
    assert process.pid is not None
    try:
        here.recv()
        samples = [_sample(process.pid)]
        here.send(None)
        while not here.poll(SAMPLE_SECONDS):
            samples.append(_sample(process.pid))
        came, wall = here.recv()
        samples.append(_sample(process.pid))  # before the browser ends, and its account with it
        here.send(None)
    finally:
        process.join()
    cpu = {role: samples[-1].cpu[role] - samples[0].cpu[role] for role in ROLES}
    return Round(len(urls), came, wall, cpu, samples)


def _run(
    there: Connection, contestant: Contestant, warm_up: str, urls: Sequence[str], tabs: int
) -> None:
    async def contest() -> None:
        places = asyncio.Semaphore(tabs)

        async def one(load: Load, url: str) -> bool:
            async with places:
                return await load(url)

        async with contestant() as load:
            await load(warm_up)
            there.send(None)
            there.recv()
            started = time.perf_counter()
            came = sum(await asyncio.gather(*(one(load, url) for url in urls)))
            there.send((came, time.perf_counter() - started))
            there.recv()

    asyncio.run(contest())


def _sample(root: int) -> Sample:
    cpu, pids = dict.fromkeys(ROLES, 0.0), {role: list[int]() for role in ROLES}
    roles: dict[int, str] = {}
    for process in tree(root):
        role = roles[process.pid] = _role(process, roles.get(process.parent))
        cpu[role] += process.own
        cpu[DECODERS if role == PYTHON else role] += process.reaped
        pids[role].append(process.pid)
    return Sample(cpu, {role: pss_megabytes(pids[role]) for role in ROLES})


def _role(process: Process, parent: str | None) -> str:
    if parent is None:
        return PYTHON
    if re.match(r"chrom|headless|msedge", process.name):
        return BROWSER
    if process.name.startswith("node"):
        return DRIVER
    return DECODERS if parent == PYTHON else parent


def middle(rounds: Sequence[Round], value: Callable[[Round], float]) -> float:
    """The median of the rounds."""
    return median(map(value, rounds))


def cpu_cells(rounds: Sequence[Round], roles: Sequence[str]) -> list[str]:
    """The median CPU milliseconds a page of each role."""
    return [
        f"{1000 * median(one.cpu[role] for one in rounds) / rounds[0].pages:.1f}" for role in roles
    ]


def peak_cells(rounds: Sequence[Round], roles: Sequence[str]) -> list[str]:
    """The median peak of each role, in MB."""
    return [f"{median(one.peak(role) for one in rounds):.0f}" for role in roles]


def in_turn(items: Sequence[str], number: int) -> Iterator[str]:
    """The items from another one on in each round, so that none has the best place always."""
    start = number % len(items)
    yield from (*items[start:], *items[:start])


def machine() -> str:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = cpu[1] if cpu else platform.machine()
    return f"{os.cpu_count()} cores ({name}), Python {platform.python_version()}"


def versions() -> str:
    from ycaudit import __version__

    git = ["git", "-C", str(RESULTS), "describe", "--always", "--dirty"]
    told = [
        subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        for command in (git, [program(), "--version"])
    ]
    return f"ycaudit {__version__} ({told[0]}), {told[1]}"


def heading() -> str:
    """When, where, with what and how it was measured, without where the pages are kept."""
    words = ["python", f"bench/{Path(sys.argv[0]).name}", *sys.argv[1:]]
    if "--pages-dir" in words:
        words[words.index("--pages-dir") + 1] = "DIR"
    command = shlex.join(words)
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine()}\n\n{versions()}\n\n`{command}`\n"


def save(name: str, title: str, text: str) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.md").write_text(f"# {title}\n\n{text}\n", "utf-8")
