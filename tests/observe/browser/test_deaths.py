"""Whatever dies at whatever moment: nothing hangs, nothing is lost, and nobody beside is harmed."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from support.browsers import browser_observer, chromium_processes, needs_browser
from support.city import PATIENT
from support.servers import answer, saying, server
from ycaudit.model import EVERY_SENSE, Observation, Page, Target
from ycaudit.net.client import Options
from ycaudit.observe.browser import chromium
from ycaudit.observe.browser.devtools import Connection, GoneError, launch
from ycaudit.rules.judge import InDoubt, Unit

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
            killed.extend(chromium_processes(kind))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        return await send(self, method, session, seconds=seconds, **params)

    monkeypatch.setattr(Connection, "send", counted)
    home = answer(HTML.encode(), "Content-Type: text/html; charset=utf-8")
    async with server(saying(home)) as (port, _):
        options = Options(allow_private=True, limits=PATIENT)
        async with browser_observer(options) as observer:

            async def look(name: str) -> Observation:
                url = f"http://127.0.0.1:{port}/"
                unit = Unit(target=Target(id=name, name=name, url=url), requirements=())
                seen = [o async for o in observer.look(unit, lambda: InDoubt((), EVERY_SENSE))]
                return seen[-1]

            found = await asyncio.gather(look("a"), look("b"))
    assert killed, "the look was over before"
    return list(found)


RENDERER, BROWSER = b"renderer", b""
MOMENTS = [(22, RENDERER), (46, BROWSER)]
MORE = [(3, BROWSER), (3, RENDERER), (8, RENDERER), (8, BROWSER), (22, BROWSER), (46, RENDERER)]


@pytest.mark.parametrize(
    ("moment", "kind"),
    [*MOMENTS, *(pytest.param(*one, marks=pytest.mark.series) for one in MORE)],
    ids=lambda one: one if isinstance(one, int) else one.decode() or "browser",
)
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
