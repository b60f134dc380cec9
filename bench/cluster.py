"""A scheduler and two workers, one of them killed mid-run, against the same units in one process.

    .venv/bin/python bench/cluster.py [--units N] [--observer browser] [--lacking 3]

The pages are synthetic, served by a process of their own; each unit has a host of its own in
127.0.0.0/8. Memory is the peak resident set of the process that asks, apart for each way.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from ycaudit.auditing.dask_client import audit, setup_for
from ycaudit.auditing.dask_cluster import Place, connected
from ycaudit.auditing.engine import Pace
from ycaudit.auditing.runtime import Runtime, now
from ycaudit.model import Target, UnitReport
from ycaudit.net.client import Options
from ycaudit.observe.browser.chromium import find_browser
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement

WANTED = "http://www.wanted.test/"
RULE = LinkRequirement.model_validate(
    {"id": "portal", "name": "门户", "kind": "link", "accept": [{"payload": WANTED}]}
)


def host(number: int) -> str:
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


async def answer(lacking: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One page in so many lacks the link, every seventh is in trouble; it follows its host."""
    if not (await reader.read(65536)):  # the visitor, or its worker, is gone
        writer.close()
        return
    last = int(writer.get_extra_info("sockname")[0].rpartition(".")[2])
    link = f'<a href="{WANTED}">门户</a>' if last % lacking else '<a href="/other">其他</a>'
    filler = '<li><a href="/news">news</a></li>' * 100
    body = f"<title>unit</title>{link}<ul>{filler}</ul>".encode()
    status = 404 if last % 7 == 0 else 200
    start = f"HTTP/1.1 {status} X\r\nContent-Type: text/html; charset=utf-8\r\n"
    writer.write(f"{start}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    await writer.drain()
    writer.close()


def serve(there: Connection, lacking: int) -> None:
    async def live() -> None:
        server = await asyncio.start_server(partial(answer, lacking), "0.0.0.0", 0, backlog=1024)
        there.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(live())


def units(count: int, port: int) -> Iterator[Unit]:
    for number in range(count):
        target = Target(id=str(number), name=str(number), url=f"http://{host(number)}:{port}/")
        yield Unit(target=target, requirements=(RULE,))


class Tally:
    """Each unit's outcome, and nothing else: the memory measured is the dispatcher's."""

    def __init__(self, victim: int | None = None, after: int = 0) -> None:
        self.outcomes: dict[int, str] = {}
        self.twice = 0
        self._victim, self._after = victim, after

    def done(self, index: int, report: UnitReport) -> None:
        self.twice += index in self.outcomes
        self.outcomes[index] = f"{report.outcome} {report.observations[0].kind}"
        if self._victim and len(self.outcomes) >= self._after:
            os.kill(self._victim, signal.SIGKILL)
            print(f"worker {self._victim} killed after {len(self.outcomes)} units", flush=True)
            self._victim = None


async def alone(count: int, port: int, tally: Tally, observer: str) -> None:
    runtime = Runtime(Options(allow_private=True), browser=find_browser(os.environ))
    try:
        await runtime.scan(units(count, port), [observer], done=tally.done, pace=Pace())
    finally:
        await runtime.aclose()


async def together(count: int, port: int, tally: Tally, observer: str, scheduler: str) -> None:
    place = Place(scheduler=scheduler)
    setup = setup_for(place, Options(allow_private=True), units=32, seconds=45.0, store=None)
    async with connected(place) as client:
        await client.wait_for_workers(2, timeout=30)
        await audit(client, units(count, port), [observer], setup, done=tally.done, now=now)


@contextmanager
def dask(module: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", "--host", "127.0.0.1", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def measured(name: str, count: int, port: int, observer: str, there: Connection) -> None:
    """One way in a process of its own, so that its peak memory is its own."""
    with ExitStack() as stack:
        started = time.perf_counter()
        if name == "alone":
            tally = Tally()
            asyncio.run(alone(count, port, tally, observer))
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            file = folder / "scheduler.json"
            told = ("--scheduler-file", str(file))
            stack.enter_context(dask("dask_scheduler", "--port", "0", "--no-dashboard", *told))
            words = ("--no-nanny", "--nthreads", "4", "--local-directory", str(folder), *told)
            pids = [stack.enter_context(dask("dask_worker", *words)).pid for _ in range(2)]
            while not (file.exists() and file.read_text()):
                time.sleep(0.05)
            tally = Tally(pids[0], count // 3)
            scheduler = json.loads(file.read_text())["address"]
            asyncio.run(together(count, port, tally, observer, scheduler))
        wall = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:9}{len(tally.outcomes)} units, {tally.twice} twice, {wall:.1f} s, "
        f"peak {peak:.0f} MB  {dict(sorted(Counter(tally.outcomes.values()).items()))}"
    )
    there.send(tally.outcomes)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--observer", choices=("static", "browser"), default="static")
    parser.add_argument("--lacking", type=int, default=3, help="one page in so many lacks the link")
    parser.add_argument("--only", choices=("alone", "together"))
    asked = parser.parse_args()
    count = asked.units
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    server = spawn.Process(target=serve, args=(there, asked.lacking), daemon=True)
    server.start()
    port = here.recv()
    found = []
    ways = (asked.only,) if asked.only else ("alone", "together")
    for name in ways:
        process = spawn.Process(target=measured, args=(name, count, port, asked.observer, there))
        process.start()
        found.append(here.recv())
        process.join()
    server.terminate()
    same = found[0] == found[-1] and len(found[0]) == count
    print("the same outcomes" if same else "DIFFERENT outcomes")
    sys.exit(not same)


if __name__ == "__main__":
    main()
