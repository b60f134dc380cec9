"""A look of a browser that is recorded is had again when the server is gone."""

from __future__ import annotations

import asyncio
import os
import threading
from operator import attrgetter
from pathlib import Path

import pytest

from support.browsers import needs_browser
from support.codes import picture, saved
from support.requirements import PORTAL, WECHAT
from support.servers import Handler, answer, server
from ycaudit.auditing import self_test, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.model import Cause, Page, Policy, Target, UnitReport, Unseen
from ycaudit.net.client import Options
from ycaudit.observe.archive import ReplayedArchive
from ycaudit.observe.browser.recorder import Recorder
from ycaudit.rules.judge import Unit
from ycaudit.runs.recording import Recording, read_from

pytestmark = [needs_browser, pytest.mark.browser]
HTML = "Content-Type: text/html; charset=utf-8"
TEXT = "<p>本市政务公开信息，供市民随时查阅，欢迎提出意见和建议。</p>" * 30
HOME = f"""<!doctype html><meta charset=utf-8><title>云江市</title><h1>云江市</h1>{TEXT}
<a href=/a>概况</a><a href=/b>新闻</a><a href=/c>公告</a><a href=/d>服务</a>
<div id=links></div><b id=wx style="cursor:pointer">官方微信</b><div id=code></div>
<script>
document.cookie = 'seen=1';
fetch('/links?t=' + Date.now()).then(r => r.text()).then(t => links.innerHTML = t);
wx.onclick = () => code.innerHTML = '<img src=/code width=160 height=160>';
</script>"""
LINKS = '<a href="http://www.yichang.gov.cn/">中国·宜昌网</a>'
CODE = saved(picture("http://weixin.qq.com/r/RIGHT"))


async def city(head: bytes, writer: asyncio.StreamWriter) -> None:
    """A homepage behind two jumps, with links that a script fetches and a code behind a click."""
    match head.split(b" ")[1].partition(b"?")[0]:
        case b"/":
            writer.write(answer(b"", "Location: /jump", "Set-Cookie: a=1", status="302 Found"))
        case b"/jump":
            writer.write(answer(b"<script>location.href = '/home'</script>", HTML))
        case b"/home":
            writer.write(answer(HOME.encode(), HTML))
        case b"/links":
            writer.write(answer(LINKS.encode(), HTML))
        case b"/code":
            writer.write(answer(CODE, "Content-Type: image/png"))
        case _:
            writer.write(answer(b"", status="404 Not Found"))


def recorded(file: Path) -> Recording:
    with file.open("rb") as data:
        return read_from(data, file.name)


def looked(
    handler: Handler, folder: Path, path: str = "/"
) -> tuple[UnitReport, UnitReport, list[Recording]]:
    """The report of a scan that is recorded, and of its replay."""
    policy = Policy(name="规则", sha256="0")

    def run(url: str, **how: object) -> UnitReport:
        target = Target(id="u", name="云江市", url=url)
        unit = Unit(target=target, requirements=(PORTAL, WECHAT))
        request = service.Request(
            options=Options(allow_private=True), observer="browser", seconds=300,
            environment=os.environ, **how,
        )  # fmt: skip
        (report,) = service.run([unit], policy, request, MemoryRecorder()).reports
        return report

    async def scanned() -> tuple[UnitReport, str]:
        async with server(handler) as (port, _):
            url = f"http://127.0.0.1:{port}{path}"
            return await asyncio.to_thread(run, url, evidence=folder, record=True), url

    before, url = asyncio.run(scanned())
    recordings = [recorded(folder / name) for name in before.recordings]
    left = list(recordings)
    archive = ReplayedArchive(
        lambda unit, observer: left.pop(0) if left else None, unproven=self_test.UNITS
    )
    return before, run(url, replay=archive), recordings


def test_a_replayed_look_sees_what_the_recorded_one_saw(tmp_path: Path) -> None:
    before, after, (recording,) = looked(city, tmp_path)
    assert [v.outcome for v in before.verdicts] == ["pass", "pass"]
    assert [(v.outcome, v.why) for v in after.verdicts] == [
        (v.outcome, v.why) for v in before.verdicts
    ]
    (one,), (other,) = before.observations, after.observations
    assert isinstance(one, Page)
    assert isinstance(other, Page)
    assert (one.final_url, one.title, one.states) == (other.final_url, other.title, other.states)
    # A page that is left before its end is kept last; what was asked for comes in its order.
    exchanges = sorted(recording.exchanges, key=attrgetter("began"))
    asked = [(e.url.partition("?")[0].rpartition("/")[2], e.status) for e in exchanges]
    assert asked[:3] == [("", 302), ("jump", 200), ("home", 200)]
    assert ("links", 200) in asked
    assert next(e.body for e in recording.exchanges if e.url.endswith("/code")) == CODE
    assert recording.facts.software.partition(".")[0].isdigit()


@pytest.mark.series
def test_a_page_that_is_left_before_its_end_leads_on_when_it_is_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = b"<script>location.href = '/home'</script>"
    is_followed, is_left = threading.Event(), threading.Event()
    follow = Recorder._follow

    async def followed(self: Recorder, number: str) -> None:
        await follow(self, number)
        is_followed.set()

    async def slow(head: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ")[1]
        if path == b"/jump":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4000\r\n\r\n"
            writer.write(head + script)
            await writer.drain()
            await asyncio.to_thread(is_left.wait)
        elif path == b"/home":
            await asyncio.to_thread(is_followed.wait)
            is_left.set()
        await city(b"GET /nothing" if path == b"/jump" else head, writer)

    monkeypatch.setattr(Recorder, "_follow", followed)
    before, after, (recording,) = looked(slow, tmp_path)
    assert [v.outcome for v in before.verdicts] == ["pass", "pass"]
    assert [v.outcome for v in after.verdicts] == ["pass", "pass"]
    (jump,) = (e for e in recording.exchanges if e.url.endswith("/jump"))
    assert (jump.body, jump.broken) == (script, True)


@pytest.mark.series
def test_a_site_that_was_down_is_down_when_it_is_replayed(tmp_path: Path) -> None:
    async def gone(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    before, after, recordings = looked(gone, tmp_path)
    for report in (before, after):
        assert all(isinstance(seen, Unseen) for seen in report.observations)
    assert {seen.cause for seen in after.observations if isinstance(seen, Unseen)} == {
        Cause.CONNECT
    }
    assert recordings[0].exchanges[0].failure is not None
