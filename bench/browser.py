"""What the browser observer costs, beside the bare load of the same pages: wall, CPU, memory.

    python bench/browser.py [--pages-dir DIR] [--pages N] [--tabs 1 2 4] [--rounds N]
    python bench/browser.py --long N     the memory in each tenth of N pages: does it grow?
    python bench/browser.py --calls      which commands the observer sends, and how long each takes

Contestants, which take turns in each round:

- bare: a context and a tab, navigate, wait for the load event; no observer and no proxy
- first look: the observer, with nothing in doubt once it has seen what is there at first
- all tried: the observer, with everything in doubt to the end, so that it explores all it can

The pages are those of homepages.py; each is loaded once a round. Memory is the proportional set.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import mean
from typing import Any

from contest import (
    BROWSER,
    DECODERS,
    PYTHON,
    Contestant,
    Load,
    Round,
    cpu_cells,
    heading,
    in_turn,
    measured,
    middle,
    peak_cells,
    program,
    save,
    switches,
)
from homepages import Homepages, homepages

from ycaudit.model import EVERY_SENSE, Page, Sense, Target
from ycaudit.net.client import Fetcher, Options
from ycaudit.net.connect import Resolve
from ycaudit.observe.browser import chromium
from ycaudit.observe.browser.devtools import CommandError, Connection, GoneError, launch
from ycaudit.observe.browser.observer import BrowserObserver
from ycaudit.observe.browser.page_clock import PageClock
from ycaudit.observe.browser.tab import Tab
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.rules import Requirement
from ycaudit.rules.judge import InDoubt, Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

ABSENT: tuple[Requirement, ...] = (
    LinkRequirement.model_validate(
        {"id": "link", "name": "门户", "kind": "link", "accept": [{"host": "absent.test"}]}
    ),
    QrRequirement.model_validate(
        {"id": "qr", "name": "平台", "kind": "qr", "accept": [{"payload": "http://absent.test/"}]}
    ),
)
LOAD_SECONDS = 30.0
SPLIT = (BROWSER, PYTHON, DECODERS)
HEAD = (
    "| tabs | | came | pages/s | wall s a page | CPU ms a page | min–max | × bare | browser "
    "| Python | decoders | peak MB: browser | Python | decoders |\n"
    "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


# --- contestants ---


@asynccontextmanager
async def bare() -> AsyncIterator[Load]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        connection = launch((program(), *switches(), f"--user-data-dir={folder}", "about:blank"))
        try:
            yield partial(load_bare, connection)
        finally:
            await connection.aclose()


async def load_bare(connection: Connection, url: str) -> bool:
    loaded = asyncio.Event()

    def happened(name: str, _: dict[str, Any]) -> None:
        if name == "Page.loadEventFired":
            loaded.set()

    ask = connection.send
    context = (await ask("Target.createBrowserContext"))["browserContextId"]
    made = await ask("Target.createTarget", url="about:blank", browserContextId=context)
    found = await ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)
    session = found["sessionId"]
    connection.listen(session, happened)
    try:
        await ask("Page.enable", session)
        failed = "errorText" in await ask("Page.navigate", session, url=url)
        async with asyncio.timeout(LOAD_SECONDS):
            await loaded.wait()
    except (TimeoutError, GoneError, CommandError):
        return False
    finally:
        await ask("Target.disposeBrowserContext", browserContextId=context)
        connection.drop(session)
    return not failed


@asynccontextmanager
async def observed(resolve: Resolve, doubts: frozenset[Sense]) -> AsyncIterator[Load]:
    chromium.TABS = chromium.MOST_TABS = 1000  # the bench itself counts the tabs
    threads = Threads(2)
    fetcher = Fetcher(Options(allow_private=True, resolve=resolve))
    tools = Tools(
        fetcher, Decoder(threads), threads, lambda: datetime.now(UTC), browser=Path(program())
    )
    observer = BrowserObserver(tools)

    async def load(url: str) -> bool:
        last = None
        unit = Unit(target=Target(id="u", name="某局", url=url), requirements=ABSENT)
        async for observation in observer.look(unit, lambda: InDoubt(ABSENT, doubts)):
            last = observation
        return isinstance(last, Page)

    try:
        yield load
    finally:
        await observer.aclose()
        tools.close()


def contestants(resolve: Resolve) -> dict[str, Contestant]:
    return {
        "bare": bare,
        "first look": partial(observed, resolve, frozenset()),
        "all tried": partial(observed, resolve, EVERY_SENSE),
    }


# --- what is told ---


def row(tabs: int, name: str, rounds: Sequence[Round], bare_cpu: float | None) -> str:
    pages = rounds[0].pages
    cpus = [one.cpu_a_page for one in rounds]
    cpu = middle(rounds, lambda one: one.cpu_a_page)
    wall = middle(rounds, lambda one: one.wall)
    cells = (
        tabs,
        name,
        f"{min(one.came for one in rounds)} of {pages}",
        f"{pages / wall:.2f}",
        f"{wall / pages:.2f}",
        f"{1000 * cpu:.0f}",
        f"{1000 * min(cpus):.0f}–{1000 * max(cpus):.0f}",
        f"{cpu / bare_cpu:.1f}" if bare_cpu else "–",
        *cpu_cells(rounds, SPLIT),
        *peak_cells(rounds, SPLIT),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def compare(
    pages: Homepages, tabs: Sequence[int], rounds: int, only: Sequence[str]
) -> Iterator[str]:
    """The table after each round, so that a run that is ended early has told something."""
    known = {k: c for k, c in contestants(pages.resolve).items() if not only or k in only}
    took: dict[tuple[int, str], list[Round]] = {}
    for number in range(rounds):
        for size in tabs:
            for name in in_turn(list(known), number):
                one = measured(known[name], pages, pages.urls, size)
                took.setdefault((size, name), []).append(one)
                told = f"{1000 * one.cpu_a_page:.0f} CPU ms a page"
                say(f"round {number + 1}, {size} tabs, {name}: {told}")
        lines = [f"{len(pages.urls)} pages, medians of {number + 1} rounds\n", HEAD]
        for size in tabs:
            base = took.get((size, "bare"))
            floor = middle(base, lambda one: one.cpu_a_page) if base else None
            lines += [row(size, name, took[size, name], floor) for name in known]
        yield "\n".join(lines)


def long(pages: Homepages, count: int, tabs: int) -> str:
    urls = list(islice(cycle(pages.urls), count))
    one = measured(contestants(pages.resolve)["all tried"], pages, urls, tabs)
    samples = one.samples[1:-1]
    tenths = [samples[len(samples) * i // 10 : len(samples) * (i + 1) // 10] for i in range(10)]
    lines = [
        f"{one.came} of {count} pages came, {one.wall / count:.2f} s a page.\n",
        f"| mean MB in each tenth | {' | '.join(map(str, range(1, 11)))} | peak |",
        "|---" + "|--:" * 11 + "|",
    ]
    for role in SPLIT:
        means = (f"{mean(sample.memory[role] for sample in tenth):.0f}" for tenth in tenths)
        lines.append(f"| {role} | {' | '.join(means)} | {one.peak(role):.0f} |")
    return "\n".join(lines)


def calls(pages: Homepages, senses: frozenset[Sense]) -> str:
    """Commands by the seconds that one tab waits for their answers, and waits of other kinds."""
    counts, seconds = Counter[str](), defaultdict[str, float](float)

    def timed(of: type, method: str, name: str) -> None:
        """Count the calls of a coroutine method under a name, or that of its first argument."""
        original = getattr(of, method)

        async def wrapped(self: object, *given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return await original(self, *given, **named)
            finally:
                called = name or given[0]
                counts[called] += 1
                seconds[called] += time.perf_counter() - started

        setattr(of, method, wrapped)

    timed(Connection, "send", "")
    timed(PageClock, "_run", "(the page's clock)")
    timed(Tab, "screenshot", "(a screenshot, with frames)")
    timed(Decoder, "read", "(a picture decoded)")

    async def visit() -> float:
        async with observed(pages.resolve, senses) as load:
            await load(pages.warm_up)
            counts.clear()
            seconds.clear()
            started = time.perf_counter()
            for url in pages.urls:
                await load(url)
            return time.perf_counter() - started

    wall = asyncio.run(visit())
    lines = [
        f"{len(pages.urls)} pages, one tab, {wall / len(pages.urls):.2f} s a page. In brackets: "
        "waits that hold commands.\n",
        "| command | a page | ms each | s a page | of the wall |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, total in sorted(seconds.items(), key=lambda item: -item[1])[:16]:
        count, each = counts[name] / len(pages.urls), 1000 * total / counts[name]
        lines.append(
            f"| {name} | {count:.1f} | {each:.1f} | {total / len(pages.urls):.2f} "
            f"| {100 * total / wall:.0f}% |"
        )
    return "\n".join(lines)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pages-dir", type=Path, help="saved pages: folders with an index.html")
    parser.add_argument("--pages", type=int, help="at most so many of the saved pages")
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], help="names of contestants")
    parser.add_argument("--long", type=int, metavar="N", help="memory over so many pages")
    parser.add_argument(
        "--calls",
        action="store_true",
        help="the commands of the observer: of all tried, or of --only 'first look'",
    )
    parser.add_argument("--save", metavar="NAME", help="also to bench/results/NAME.md")
    asked = parser.parse_args()
    with homepages(asked.pages_dir, asked.pages) as pages:
        if asked.long:
            told = iter([long(pages, asked.long, asked.tabs[-1])])
        elif asked.calls:
            first = asked.only == ["first look"]
            told = iter([calls(pages, frozenset() if first else EVERY_SENSE)])
        else:
            told = compare(pages, asked.tabs, asked.rounds, asked.only)
        for text in told:
            print(f"{heading()}\n{text}\n", flush=True)
            if asked.save:
                save(asked.save, "The browser observer", f"{heading()}\n{text}")


if __name__ == "__main__":
    main()
