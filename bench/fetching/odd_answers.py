"""Odd answers of servers, read by Chromium, by our transport and by httpx as it comes.

    python bench/fetching/odd_answers.py           # prints the table
    python bench/fetching/odd_answers.py --accept  # also keeps Chromium's readings for the tests

Chromium is driven by Playwright, by another hand than our own driver. What differs stands first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import httpx
from playwright.async_api import Browser, Error, TimeoutError, async_playwright

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from support.odd_answers import ANSWERS, READINGS, is_same, reading_of, serving, written
from support.servers import server

CHROMIUM = os.environ.get("ORACLE_BROWSER", "/usr/bin/chromium-headless-shell")
TAGS = re.compile(r"<[^>]*>")
Read = Callable[[str], Awaitable[str]]
"""Takes an address; gives status and text, or why there are none."""


@asynccontextmanager
async def chromium() -> AsyncIterator[tuple[str, Read]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield f"Chromium {browser.version}", lambda url: _visited(browser, url)
        await browser.close()


async def _visited(browser: Browser, url: str) -> str:
    """What a fresh context shows, though the body may break off."""
    context = await browser.new_context()
    page = await context.new_page()
    statuses: list[int] = []
    page.on("response", lambda response: statuses.append(response.status))
    trouble = ""
    try:
        await page.goto(url, wait_until="commit", timeout=10_000)
        with suppress(TimeoutError):  # a body that breaks off has no end for Playwright
            await page.wait_for_load_state(timeout=1_000)
    except Error as error:
        found = re.search(r"ERR_\w+", str(error))
        trouble = found[0] if found else str(error).splitlines()[0][:60]
    shown = page.url.startswith("http")
    text = await page.evaluate("document.body ? document.body.innerText : ''") if shown else ""
    await context.close()
    return written(statuses[-1], text) if shown and statuses else trouble


async def by_httpx(url: str) -> str:
    try:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
            answer = await client.get(url)
    except (httpx.HTTPError, UnicodeError) as error:
        return f"{type(error).__name__}"
    return written(answer.status_code, TAGS.sub("", answer.content.decode("utf-8", "replace")))


async def read_all(read: Read) -> dict[str, str]:
    readings = {}
    for name in ANSWERS:
        async with server(serving(name)) as (port, _):
            readings[name] = await read(f"http://127.0.0.1:{port}/")
    return readings


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accept", action="store_true", help="keep what Chromium reads")
    asked = parser.parse_args()
    async with chromium() as (browser, read):
        truth = await read_all(read)
    ours, stock = await read_all(reading_of), await read_all(by_httpx)
    names = sorted(ANSWERS, key=lambda name: is_same(ours[name], truth[name]))
    print(f"| answer | {browser} | ycaudit | httpx {version('httpx')} |\n|---|---|---|---|")
    for name in names:
        cells = (repr(row[name])[1:-1].replace("|", "\\|")[:60] for row in (truth, ours, stock))
        print(f"| {name} | {' | '.join(cells)} |")
    for who, row in (("ycaudit", ours), (f"httpx {version('httpx')}", stock)):
        same = sum(is_same(row[name], truth[name]) for name in ANSWERS)
        print(f"\n{who}: {same} of {len(ANSWERS)} as {browser}", end="")
    print()
    if asked.accept:
        kept = {"browser": browser, "readings": truth}
        READINGS.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
