"""Whatever dies at whatever moment: nothing hangs, nothing is lost, and nobody beside is harmed."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.browsers import needs_browser
from support.city import PATIENT
from support.servers import answer, saying, server
from ycaudit.model import Observation, Page, Sense, Target
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.browser import chromium
from ycaudit.observe.browser.devtools import Connection, GoneError, launch
from ycaudit.observe.browser.observer import BrowserObserver
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.rules.judge import Unit

pytestmark = [
    needs_browser,
    pytest.mark.browser,
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds its processes in /proc"),
]
HTML = (
    "<!DOCTYPE html><meta charset=utf-8><title>政务</title>"
    + "<p>本市政务公开信息，供市民随时查阅。</p>" * 40
    + '<a href="http://p.test/">门户</a> <b onclick="1">更多</b>'
)


def descendants(kind: bytes) -> list[int]:
    """The processes of Chromium below this one, by `--type`; the browser itself has none."""
    mine, found = {os.getpid()}, []
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda p: int(p.name)):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if parent in mine:
            mine.add(int(folder.name))
            typed = b"--type=" in command
            if (kind in command) if kind else (b"--headless" in command and not typed):
                found.append(int(folder.name))
    return found


async def both(moment: int, kind: bytes, monkeypatch: pytest.MonkeyPatch) -> list[Observation]:
    """Two homepages looked at side by side; at this command processes of a kind are killed."""
    sent = 0
    killed: list[int] = []
    send = Connection.send

    async def counted(
        self: Connection,
        method: str,
        session: str | None = None,
        *,
        seconds: float = 30.0,
        **params: object,
    ) -> dict[str, object]:
        nonlocal sent
        sent += session is not None
        if sent == moment and not killed:
            killed.extend(descendants(kind))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        return await send(self, method, session, seconds=seconds, **params)

    monkeypatch.setattr(Connection, "send", counted)
    home = answer(HTML.encode(), "Content-Type: text/html; charset=utf-8")
    async with server(saying(home)) as (port, _):
        threads = Threads(1)
        tools = Tools(
            Fetcher(Options(allow_private=True, limits=PATIENT)),
            Decoder(threads),
            threads,
            lambda: datetime.now(UTC),
            browser=chromium.find_browser(os.environ),
        )
        observer = BrowserObserver(tools)

        async def look(name: str) -> Observation:
            url = f"http://127.0.0.1:{port}/"
            unit = Unit(target=Target(id=name, name=name, url=url), requirements=())
            seen = [o async for o in observer.look(unit, lambda: frozenset(Sense))]
            return seen[-1]

        try:
            found = await asyncio.gather(look("a"), look("b"))
        finally:
            await observer.aclose()
            tools.close()
    assert killed, "the look was over before"
    return list(found)


@pytest.mark.parametrize("kind", [b"--type=renderer", b""], ids=["renderer", "browser"])
@pytest.mark.parametrize("moment", [3, 8, 22, 46])
def test_a_process_that_dies_costs_one_more_try(
    moment: int, kind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for observation in asyncio.run(both(moment, kind, monkeypatch)):
        assert isinstance(observation, Page), observation
        assert "http://p.test/" in {link.href for link in observation.links}


def test_commands_to_a_browser_that_is_gone_fail_at_once() -> None:
    async def run() -> None:
        connection = launch((str(chromium.find_browser(os.environ)), "--headless", "--no-sandbox"))
        await connection.send("Browser.getVersion")
        connection.kill()
        with pytest.raises(GoneError):
            while True:  # the commands under way when it ends, and all that come after
                await connection.send("Browser.getVersion")
        with pytest.raises(GoneError):
            await connection.send("Browser.getVersion")
        assert connection.is_gone
        await connection.aclose()

    asyncio.run(run())
