"""A session that is replayed gets what the recorded one got, and asks nobody."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from support.servers import PATIENT, Handler, answer, saying, server
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher, Options
from ycaudit.net.exchange import Exchange, LookArchive, Replay

PAGE = "Content-Type: text/html"


class Log:
    """Keeps exchanges in memory."""

    def __init__(self) -> None:
        self.kept: list[Exchange] = []

    async def add(self, exchange: Exchange) -> None:
        self.kept.append(exchange)


def twice(
    handler: Handler, path: str = "/"
) -> tuple[Fetched | FetchError, Fetched | FetchError, Log]:
    """What a page was when it was recorded, and what it is when it is replayed, the server gone."""
    log = Log()
    options = Options(allow_private=True, limits=PATIENT)

    async def looked() -> tuple[Fetched | FetchError, str]:
        async with server(handler) as (port, _):
            url = f"http://127.0.0.1:{port}{path}"
            async with Fetcher(options).session(archive=LookArchive(log=log)) as visit:
                return await visit.page(url), url

    async def replayed(url: str) -> Fetched | FetchError:
        archive = LookArchive(replay=Replay(log.kept))
        async with Fetcher(options).session(archive=archive) as visit:
            return await visit.page(url)

    then, url = asyncio.run(looked())
    return then, asyncio.run(replayed(url)), log


@pytest.mark.parametrize(
    "handler",
    [
        saying(answer(b"hello", PAGE)),
        saying(answer(gzip.compress(b"hello" * 99), PAGE, "Content-Encoding: gzip")),
        saying(answer(b"", PAGE, status="404 Not Found")),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf"),
        saying(b""),
        saying(b"no HTTP at all"),
    ],
    ids=["plain", "packed", "missing", "chunks", "half", "nothing", "no-http"],
)
def test_a_page_is_replayed_as_it_was(handler: Handler) -> None:
    then, now, _ = twice(handler)
    if isinstance(then, Fetched):
        assert isinstance(now, Fetched)
        same = ("status", "body", "content_type", "truncated", "hops")
        assert [getattr(then, n) for n in same] == [getattr(now, n) for n in same]
    else:
        assert isinstance(now, FetchError)
        assert (then.cause, then.why, then.hops) == (now.cause, now.why, now.hops)


def test_redirects_are_replayed_hop_by_hop() -> None:
    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"GET / " in head:
            writer.write(answer(b"", "Location: /home", status="302 Found"))
        else:
            writer.write(answer(b"home", PAGE))

    then, now, log = twice(handler)
    assert isinstance(then, Fetched)
    assert isinstance(now, Fetched)
    assert (now.body, now.hops) == (b"home", then.hops)
    assert [one.status for one in log.kept] == [302, 200]
    assert dict(log.kept[0].received)["Location"] == "/home"


def test_who_answered_and_what_was_sent_is_kept() -> None:
    _, _, log = twice(saying(answer(b"x", PAGE)))
    (one,) = log.kept
    assert one.address == "127.0.0.1"
    assert "User-Agent" in dict(one.sent)
    assert one.began <= one.ended
