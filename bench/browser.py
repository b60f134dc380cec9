"""The browser look: pages a second, CPU and peak memory by pool size, and memory over many pages.

    .venv/bin/python bench/browser.py [--pages N] [--long N]

The pages are those of the embedded city that need a browser, served from a process of their own.
Memory is the proportional set (PSS) of the browser and its driver, asked ten times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import time
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from measure import Memory, family

from ycaudit.auditing import demo_city
from ycaudit.inputs.plan import load_rules
from ycaudit.model import Sense, Unseen
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.browser import observer as browser
from ycaudit.observe.browser.chromium import find_browser
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.rules.judge import Unit

CASES = (
    "tabs",
    "canvas",
    "dom-links",
    "late-writer",
    "shadow-links",
    "hover-menu",
    "complies",
    "svg",
)


def serve(there: Connection) -> None:
    async def live() -> None:
        async with demo_city.serve(demo_city.folder()) as running:
            there.send((running.port, running.closed_port))
            await asyncio.Event().wait()

    asyncio.run(live())


async def look_at(units: list[Unit], size: int, options: Options) -> int:
    """All units through a pool of this size; how many were not seen."""
    browser.POOL = size
    threads = Threads(2)
    program = find_browser(os.environ)
    tools = Tools(
        Fetcher(options), Decoder(threads), threads, lambda: datetime.now(UTC), browser=program
    )
    observer = browser.BrowserObserver(tools)
    unseen = 0

    async def one(unit: Unit) -> None:
        nonlocal unseen
        async with observer.place():
            last = None
            async for observation in observer.look(unit, lambda: frozenset(Sense)):
                last = observation
            unseen += last is None or isinstance(last, Unseen)

    await asyncio.gather(*(one(unit) for unit in units))
    await observer.aclose()
    threads.close()
    return unseen


def measured(units: list[Unit], size: int, options: Options, server: int) -> Memory:
    memory = Memory(lambda: [pid for pid in family(os.getpid())[1:] if pid != server])
    memory.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time()
    started = time.perf_counter()
    unseen = asyncio.run(look_at(units, size, options))
    wall = time.perf_counter() - started
    peak = memory.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cpu += time.process_time() - own
    print(
        f"pool {size}: {len(units) / wall:5.2f} pages/s  {wall / len(units):5.2f} s and "
        f"{cpu / len(units):5.2f} CPU s a page  peak {peak:5.0f} MB  unseen {unseen}"
    )
    return memory


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--long", type=int, default=300)
    asked = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    pid = server.pid or 0
    port, closed = here.recv()
    running = demo_city.City(demo_city.load_cases(demo_city.folder()), port, closed)
    requirements, _ = load_rules([demo_city.folder() / "rules.yaml"])
    known = {unit.target.id: unit for unit in running.units(requirements)}
    units = [known[CASES[i % len(CASES)]] for i in range(max(asked.pages, asked.long))]
    options = replace(Options(allow_private=True), resolve=running.resolve)
    for size in (1, 2, 4):
        measured(units[: asked.pages], size, options, pid)
    print(f"{asked.long} pages in one run:")
    samples = measured(units[: asked.long], 2, options, pid).samples
    tenth = max(1, len(samples) // 10)
    told = [f"{sum(samples[i : i + tenth]) / tenth:.0f}" for i in range(0, tenth * 10, tenth)]
    print(f"mean MB in each tenth of the run: {' '.join(told)}")
    server.terminate()


if __name__ == "__main__":
    main()
