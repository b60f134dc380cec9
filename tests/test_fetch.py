"""Fetching: hostile and broken servers end in time, as values with a cause."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ycaudit.dial import is_public, parse_resolve
from ycaudit.errors import AuditError
from ycaudit.fetch import Fetched, Fetcher, Limits, Lost, Options
from ycaudit.model import Cause

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
QUICK = Limits(
    dns=1, connect=1, read=0.5, homepage=1.5, resource=1, wire_bytes=1 << 20, body_bytes=1 << 20,
    retry_pause=0,
)  # fmt: skip


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A raw server: its port, and the heads of the requests that it got."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            await handler(head, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield started.sockets[0].getsockname()[1], heads
    finally:
        started.close()


def saying(raw: bytes) -> Handler:
    """A server that says just this."""

    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return handler


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def got(
    handler: Handler, path: str = "/", *, allow_private: bool = True, host: str = "127.0.0.1"
) -> tuple[Fetched | Lost, list[bytes]]:
    """What a visit brings, and what the server was asked."""

    async def look() -> tuple[Fetched | Lost, list[bytes]]:
        async with server(handler) as (port, heads):
            options = Options(
                allow_private=allow_private,
                resolve={("*", port): ("127.0.0.1",)} if host != "127.0.0.1" else {},
                limits=QUICK,
            )
            async with Fetcher(options).visit() as visit:
                return await visit.page(f"http://{host}:{port}{path}"), heads

    return asyncio.run(look())


def fetched(handler: Handler, path: str = "/") -> Fetched:
    result, _ = got(handler, path)
    assert isinstance(result, Fetched), result
    return result


def lost(handler: Handler, path: str = "/") -> Lost:
    result, _ = got(handler, path)
    assert isinstance(result, Lost), result
    return result


def test_a_page_comes_with_status_headers_and_body() -> None:
    page = fetched(saying(answer(b"hello", "Content-Type: text/html")))
    assert (page.status, page.body, page.content_type) == (200, b"hello", "text/html")


def test_the_request_looks_like_a_browser_and_says_who_asks() -> None:
    _, heads = got(saying(answer(b"x")))
    assert b"Mozilla/5.0" in heads[0]
    assert b"ycaudit/" in heads[0]
    assert b"Accept-Encoding: gzip, deflate\r\n" in heads[0]
    assert b"zh-CN" in heads[0]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"text" * 100), "gzip"),
        (zlib.compress(b"text" * 100), "deflate"),
        (zlib.compress(b"text" * 100)[2:-4], "deflate"),
        (b"text" * 100, "gzip"),
        (b"text" * 100, "identity"),
    ],
)
def test_packed_bodies_are_unpacked_by_what_they_are(packed: bytes, encoding: str) -> None:
    assert fetched(saying(answer(packed, f"Content-Encoding: {encoding}"))).body == b"text" * 100


def test_a_bomb_ends_at_the_cap() -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    page = fetched(saying(answer(bomb, "Content-Encoding: gzip")))
    assert len(page.body) == QUICK.body_bytes
    assert page.truncated is not None


def test_an_encoding_that_was_not_asked_for_is_told() -> None:
    page = fetched(saying(answer(b"xx", "Content-Encoding: br")))
    assert "'br'" in (page.truncated or "")


def test_a_body_that_breaks_off_is_still_a_page_that_says_so() -> None:
    page = fetched(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 1000))
    assert len(page.body) == 1000
    assert "broke off" in (page.truncated or "")


def test_an_endless_body_ends_at_the_cap() -> None:
    async def endless(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    assert "cut off" in (fetched(endless).truncated or "")


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (b"", Cause.CONNECT),
        (b"junk\r\n\r\n", Cause.CONNECT),
        (b"HTTP/1.1 200 OK\r\nX: " + b"h" * 300_000, Cause.CONNECT),
        (answer(b"", "Location: file:///etc/passwd", status="302 Found"), Cause.REDIRECTS),
        (answer(b"", "Location: data:text/html,x", status="302 Found"), Cause.REDIRECTS),
        (answer(b"", "Location: /", status="302 Found"), Cause.REDIRECTS),
    ],
)
def test_what_is_no_answer_has_a_cause(raw: bytes, cause: Cause) -> None:
    trouble = lost(saying(raw))
    assert trouble.cause is cause
    assert trouble.detail


def test_a_server_that_never_answers_costs_the_deadline_and_no_more() -> None:
    async def silent(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert lost(silent).cause is Cause.TIMEOUT


def test_one_byte_now_and_then_does_not_get_around_the_deadline() -> None:
    async def drip(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        ticking = asyncio.Event()
        loop = asyncio.get_running_loop()
        while not writer.is_closing():
            writer.write(b"x")
            loop.call_later(0.1, ticking.set)
            await ticking.wait()
            ticking.clear()

    assert lost(drip).cause is Cause.TIMEOUT


def test_redirects_are_followed_with_cookies_and_gbk_addresses() -> None:
    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        if head.startswith(b"GET / "):
            raw = "Location: /首页\r\nSet-Cookie: seen=1".encode("gbk")
            writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + raw + b"\r\n\r\n")
        else:
            writer.write(answer(head.split(b" ")[1] + b" " * (b"seen=1" in head)))

    page = fetched(handler)
    assert page.body == b"/%CA%D7%D2%B3 "
    assert page.final_url.endswith("/%CA%D7%D2%B3")


def test_a_dropped_connection_is_tried_once_more() -> None:
    calls: list[int] = []

    async def flaky(head: bytes, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        if len(calls) == 1:
            writer.transport.abort()
        else:
            writer.write(answer(b"back"))

    assert fetched(flaky).body == b"back"


def test_a_resource_is_asked_for_once_for_all_units() -> None:
    async def look() -> list[bytes]:
        async with server(saying(answer(b"script"))) as (port, heads):
            fetcher = Fetcher(Options(allow_private=True, limits=QUICK))

            async def unit() -> None:
                async with fetcher.visit() as visit:
                    await visit.resource(f"http://127.0.0.1:{port}/jquery.js", kind="script")

            await asyncio.gather(*(unit() for _ in range(5)))
            return heads

    assert len(asyncio.run(look())) == 1


def test_private_addresses_are_refused_at_every_door() -> None:
    trouble, heads = got(saying(answer(b"secret")), allow_private=False)
    assert isinstance(trouble, Lost)
    assert trouble.cause is Cause.REFUSED_ADDRESS
    assert heads == []
    by_name, heads = got(saying(answer(b"secret")), allow_private=False, host="inside.test")
    assert isinstance(by_name, Lost)
    assert by_name.cause is Cause.REFUSED_ADDRESS
    assert heads == []


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "2002:0a00:0001::1", "64:ff9b::7f00:1", "::127.0.0.1",
        "198.18.0.1", "255.255.255.255", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["219.139.130.120", "8.8.8.8", "2400:da00::6666", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_internet(ip: str) -> None:
    assert is_public(ip)


def test_a_name_that_does_not_exist_is_a_dns_cause() -> None:
    async def look() -> Fetched | Lost:
        async with Fetcher(Options(limits=QUICK)).visit() as visit:
            return await visit.page("http://no-such-name.invalid/")

    result = asyncio.run(look())
    assert isinstance(result, Lost)
    assert result.cause is Cause.DNS


def test_resolve_is_read_as_curl_does_and_told_when_wrong() -> None:
    assert parse_resolve(["A.test:80:10.0.0.1", "*:443:[::1],1.2.3.4"]) == {
        ("a.test", 80): ("10.0.0.1",),
        ("*", 443): ("::1", "1.2.3.4"),
    }
    for wrong in ("a.test:10.0.0.1", "a.test:80:name", "a.test:x:10.0.0.1"):
        with pytest.raises(AuditError, match="--resolve"):
            parse_resolve([wrong])
