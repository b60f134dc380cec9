"""Which driver for the browser, by CPU: our pipe, Playwright, and cdp-use, at the same work.

    python bench/drivers.py [--pages-dir DIR] [--pages N] [--tabs 1 2] [--rounds N] [--save NAME]

For each page: a new context and a tab, navigate, wait for the load event, one snapshot
(DOMSnapshot.captureSnapshot), one full-page screenshot, close. All drivers start the same browser
with the same switches. "playwright" takes the screenshot by its own call, which waits for fonts and
frames; "playwright-cdp" takes it by the same command as the others, so that only the way differs.

Playwright and cdp-use are only for this comparison: `pip install playwright cdp-use`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contest import (
    BROWSER,
    DRIVER,
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
from homepages import homepages

from ycaudit.observe.browser.devtools import launch
from ycaudit.observe.browser.styles import STYLES
from ycaudit.observe.static.sheets import WINDOW

LOAD_SECONDS = 30.0
PEERS = {"playwright": "playwright", "playwright-cdp": "playwright", "cdp-use": "cdp_use"}
SPLIT = (BROWSER, DRIVER, PYTHON)
HEAD = (
    "| tabs | driver | came | wall s a page | CPU ms a page | min–max | ÷ pipe | browser "
    "| driver | Python | all but the browser ÷ pipe | peak MB: browser | driver | Python |\n"
    "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)

Ask = Callable[..., Awaitable[dict[str, Any]]]
"""A command by its name and parameters, to the session of a page or to the browser."""


@contextmanager
def profile() -> Iterator[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield folder


async def visit(ask: Ask, loaded: asyncio.Event, url: str) -> bool:
    """The work on a page once there is a tab."""
    await ask("Page.enable")
    wide, high = WINDOW
    await ask(
        "Emulation.setDeviceMetricsOverride",
        width=wide,
        height=high,
        deviceScaleFactor=1,
        mobile=False,
    )
    failed = "errorText" in await ask("Page.navigate", url=url)
    async with asyncio.timeout(LOAD_SECONDS):
        await loaded.wait()
    return await look(ask) and not failed


async def look(ask: Ask) -> bool:
    found = await ask("DOMSnapshot.captureSnapshot", computedStyles=list(STYLES))
    return await shoot(ask) and bool(found["documents"])


async def shoot(ask: Ask) -> bool:
    size = (await ask("Page.getLayoutMetrics"))["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
    shot = await ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    return len(b64decode(shot["data"])) > 0


# --- contestants ---


@asynccontextmanager
async def pipe() -> AsyncIterator[Load]:
    with profile() as folder:
        connection = launch((program(), *switches(), f"--user-data-dir={folder}", "about:blank"))
        ask = connection.send

        async def load(url: str) -> bool:
            loaded = asyncio.Event()

            def happened(name: str, _: dict[str, Any]) -> None:
                if name == "Page.loadEventFired":
                    loaded.set()

            context = (await ask("Target.createBrowserContext"))["browserContextId"]
            made = await ask("Target.createTarget", url="about:blank", browserContextId=context)
            found = await ask("Target.attachToTarget", targetId=made["targetId"], flatten=True)
            session = found["sessionId"]
            connection.listen(session, happened)

            async def to_page(method: str, **params: object) -> dict[str, Any]:
                return await ask(method, session, **params)  # type: ignore[arg-type]

            try:
                return await visit(to_page, loaded, url)
            finally:
                await ask("Target.disposeBrowserContext", browserContextId=context)
                connection.drop(session)

        try:
            yield load
        finally:
            await connection.aclose()


@asynccontextmanager
async def cdp_use() -> AsyncIterator[Load]:
    from cdp_use import CDPClient  # type: ignore[import-not-found]

    with profile() as folder:
        command = [program(), *switches(), f"--user-data-dir={folder}", "about:blank"]
        process = await asyncio.create_subprocess_exec(
            *command,
            "--remote-debugging-port=0",
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,
        )
        try:
            async with CDPClient(await _address(Path(folder))) as client:
                waiting: dict[str | None, asyncio.Event] = {}

                def loaded(_: object, session: str | None) -> None:
                    if session in waiting:
                        waiting[session].set()

                client.register.Page.loadEventFired(loaded)
                yield partial(_load_by_cdp_use, client, waiting)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # Debian's program is a script that starts it
            await process.wait()


async def _load_by_cdp_use(client: Any, waiting: dict[str | None, asyncio.Event], url: str) -> bool:
    ask = client.send.Target
    context = (await ask.createBrowserContext())["browserContextId"]
    made = await ask.createTarget({"url": "about:blank", "browserContextId": context})
    found = await ask.attachToTarget({"targetId": made["targetId"], "flatten": True})
    session = found["sessionId"]
    waiting[session] = asyncio.Event()

    async def to_page(method: str, **params: object) -> Any:
        domain, _, name = method.partition(".")
        command = getattr(getattr(client.send, domain), name)
        # Commands without parameters take none.
        return await (command(params, session) if params else command(session_id=session))

    try:
        return await visit(to_page, waiting[session], url)
    finally:
        await ask.disposeBrowserContext({"browserContextId": context})
        del waiting[session]


async def _address(folder: Path) -> str:
    """Where the browser listens, once it has written it down."""
    file = folder / "DevToolsActivePort"
    for _ in range(200):
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        await asyncio.sleep(0.1)
    raise TimeoutError("the browser opens no port")


@asynccontextmanager
async def playwright(*, by_command: bool) -> AsyncIterator[Load]:
    from playwright.async_api import async_playwright

    async with async_playwright() as started:
        browser = await started.chromium.launch(
            executable_path=program(),
            ignore_default_args=True,
            args=[*switches(), "--remote-debugging-pipe"],
        )

        async def load(url: str) -> bool:
            context = await browser.new_context(viewport={"width": WINDOW[0], "height": WINDOW[1]})
            try:
                page = await context.new_page()
                came = await page.goto(url, wait_until="load", timeout=LOAD_SECONDS * 1000)
                session = await context.new_cdp_session(page)

                async def to_page(method: str, **params: object) -> dict[str, Any]:
                    return await session.send(method, params)

                if by_command:
                    return await look(to_page) and came is not None
                styles = list(STYLES)
                found = await to_page("DOMSnapshot.captureSnapshot", computedStyles=styles)
                shot = await page.screenshot(full_page=True)
                return bool(found["documents"]) and len(shot) > 0 and came is not None
            finally:
                await context.close()

        yield load
        await browser.close()


DRIVERS: dict[str, Contestant] = {
    "pipe": pipe,
    "playwright": partial(playwright, by_command=False),
    "playwright-cdp": partial(playwright, by_command=True),
    "cdp-use": cdp_use,
}


# --- what is told ---


def row(tabs: int, name: str, rounds: Sequence[Round], pipes: Sequence[Round]) -> str:
    pages = rounds[0].pages
    cpus = [one.cpu_a_page for one in rounds]

    def beside(one: Round) -> float:
        return one.cpu_a_page * pages - one.cpu[BROWSER]

    def ratio(value: Callable[[Round], float]) -> str:
        """Round by round, as what else runs on the machine weighs on all of a round."""
        both = zip(rounds, pipes, strict=True)
        return f"{sorted(value(one) / value(pipe) for one, pipe in both)[len(rounds) // 2]:.2f}"

    cells = (
        tabs,
        name,
        f"{min(one.came for one in rounds)} of {pages}",
        f"{middle(rounds, lambda one: one.wall) / pages:.3f}",
        f"{1000 * middle(rounds, lambda one: one.cpu_a_page):.0f}",
        f"{1000 * min(cpus):.0f}–{1000 * max(cpus):.0f}",
        ratio(lambda one: one.cpu_a_page),
        *cpu_cells(rounds, SPLIT),
        ratio(beside),
        *peak_cells(rounds, SPLIT),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pages-dir", type=Path, help="saved pages: folders with an index.html")
    parser.add_argument("--pages", type=int, help="at most so many of the saved pages")
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--save", metavar="NAME", help="also to bench/results/NAME.md")
    asked = parser.parse_args()
    missing = sorted({peer for peer in PEERS.values() if find_spec(peer) is None})
    if missing:
        names = " ".join(missing).replace("_", "-")
        raise SystemExit(f"Not installed, and only needed here: pip install {names}")
    took: dict[tuple[int, str], list[Round]] = {}
    with homepages(asked.pages_dir, asked.pages) as pages:
        for number in range(asked.rounds):
            for size in asked.tabs:
                for name in in_turn(list(DRIVERS), number):
                    one = measured(DRIVERS[name], pages, pages.urls, size)
                    took.setdefault((size, name), []).append(one)
                    told = f"{1000 * one.cpu_a_page:.0f} CPU ms a page"
                    print(f"round {number + 1}, {size} tabs, {name}: {told}", file=sys.stderr)
    text = "\n".join(
        (
            heading(),
            f"playwright {version('playwright')}, cdp-use {version('cdp-use')}\n",
            f"{len(pages.urls)} pages, medians of {asked.rounds} rounds\n",
            HEAD,
            *(row(size, name, took[size, name], took[size, "pipe"]) for size, name in took),
        )
    )
    print(text)
    if asked.save:
        save(asked.save, "Drivers", text)


if __name__ == "__main__":
    main()
