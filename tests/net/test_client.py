"""Fetching: hostile and broken servers end in time, as values with a cause."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.servers import PATIENT, Handler, answer, saying, server
from ycaudit.errors import AuditError
from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher, Limits, Options
from ycaudit.net.connect import parse_resolve
from ycaudit.reasons import Reason


def got(
    handler: Handler,
    path: str = "/",
    *,
    allow_private: bool = True,
    host: str = "127.0.0.1",
    limits: Limits = PATIENT,
) -> tuple[Fetched | FetchError, list[bytes]]:
    """What a visit brings, and what the server was asked."""

    async def look() -> tuple[Fetched | FetchError, list[bytes]]:
        async with server(handler) as (port, heads):
            options = Options(
                allow_private=allow_private,
                resolve={("*", port): ("127.0.0.1",)} if host != "127.0.0.1" else {},
                limits=limits,
            )
            async with Fetcher(options).session() as visit:
                return await visit.page(f"http://{host}:{port}{path}"), heads

    return asyncio.run(look())


def fetched(handler: Handler, path: str = "/") -> Fetched:
    result, _ = got(handler, path)
    assert isinstance(result, Fetched), result
    return result


def lost(handler: Handler, path: str = "/", limits: Limits = PATIENT) -> FetchError:
    result, _ = got(handler, path, limits=limits)
    assert isinstance(result, FetchError), result
    return result


def test_a_page_comes_with_status_headers_and_body() -> None:
    page = fetched(saying(answer(b"hello", "Content-Type: text/html")))
    assert (page.status, page.body, page.content_type) == (200, b"hello", "text/html")


def test_an_address_is_read_as_browsers_read_it() -> None:
    page, heads = got(saying(answer(b"hello")), host="ｗｗｗ。Unit。test")
    assert isinstance(page, Fetched)
    assert page.final_url.startswith("http://www.unit.test:")
    assert b"Host: www.unit.test:" in heads[0]


def test_the_request_looks_like_a_browser_and_says_who_asks() -> None:
    _, heads = got(saying(answer(b"x")))
    assert b"Mozilla/5.0" in heads[0]
    assert b"ycaudit/" in heads[0]
    assert b"Accept-Encoding: gzip, deflate\r\n" in heads[0]
    assert b"zh-CN" in heads[0]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"text" * 100, mtime=0), "gzip"),
        (zlib.compress(b"text" * 100), "deflate"),
        (zlib.compress(b"text" * 100)[2:-4], "deflate"),
        (gzip.compress(gzip.compress(b"text" * 100, mtime=0), mtime=0), "gzip, gzip"),
        (b"text" * 100, "identity"),
    ],
)
def test_packed_bodies_are_unpacked_by_what_they_are(packed: bytes, encoding: str) -> None:
    assert fetched(saying(answer(packed, f"Content-Encoding: {encoding}"))).body == b"text" * 100


def test_a_bomb_ends_at_the_cap() -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    page = fetched(saying(answer(bomb, "Content-Encoding: gzip")))
    assert len(page.body) == PATIENT.body_bytes
    assert page.truncated is not None


def test_an_encoding_that_was_not_asked_for_is_told() -> None:
    page = fetched(saying(answer(b"xx", "Content-Encoding: br")))
    assert page.truncated == Reason.of("body_encoding_unknown", encoding="br")


def test_a_body_that_breaks_off_is_still_a_page_that_says_so() -> None:
    page = fetched(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 1000))
    assert len(page.body) == 1000
    assert page.truncated is not None
    assert page.truncated.has("body_broke_off")


def test_an_endless_body_ends_at_the_cap() -> None:
    async def endless(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    assert str(fetched(endless).truncated).endswith("cut off")


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
    assert trouble.why.sentence


def test_a_server_that_never_answers_costs_the_deadline_and_no_more() -> None:
    async def silent(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    for limits in (replace(PATIENT, homepage=0.2), replace(PATIENT, read=0.2)):
        assert lost(silent, limits=limits).cause is Cause.TIMEOUT


def test_one_byte_now_and_then_does_not_get_around_the_deadline() -> None:
    async def drip(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        ticking = asyncio.Event()
        loop = asyncio.get_running_loop()
        while not writer.is_closing():
            writer.write(b"x")
            loop.call_later(0.02, ticking.set)
            await ticking.wait()
            ticking.clear()

    # No read waits for long: only the limit of the whole can end it.
    trouble = lost(drip, limits=replace(PATIENT, homepage=0.3))
    assert (trouble.cause, str(trouble.why)) == (Cause.TIMEOUT, "no whole answer within 0.3 s")


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
            fetcher = Fetcher(Options(allow_private=True, limits=PATIENT))

            async def unit() -> None:
                async with fetcher.session() as visit:
                    await visit.resource(f"http://127.0.0.1:{port}/jquery.js", kind="script")

            await asyncio.gather(*(unit() for _ in range(5)))
            return heads

    assert len(asyncio.run(look())) == 1


def test_private_addresses_are_refused_at_every_door() -> None:
    trouble, heads = got(saying(answer(b"secret")), allow_private=False)
    assert isinstance(trouble, FetchError)
    assert trouble.cause is Cause.REFUSED_ADDRESS
    assert heads == []
    by_name, heads = got(saying(answer(b"secret")), allow_private=False, host="inside.test")
    assert isinstance(by_name, FetchError)
    assert by_name.cause is Cause.REFUSED_ADDRESS
    assert heads == []


def test_a_name_that_does_not_exist_is_a_dns_cause() -> None:
    async def look() -> Fetched | FetchError:
        # A resolver that does not answer says the same about the name.
        async with Fetcher(Options(limits=replace(PATIENT, dns=1))).session() as visit:
            return await visit.page("http://no-such-name.invalid/")

    result = asyncio.run(look())
    assert isinstance(result, FetchError)
    assert result.cause is Cause.DNS


def test_resolve_is_read_as_curl_does_and_told_when_wrong() -> None:
    assert parse_resolve(["A.test:80:10.0.0.1", "*:443:[::1],1.2.3.4"]) == {
        ("a.test", 80): ("10.0.0.1",),
        ("*", 443): ("::1", "1.2.3.4"),
    }
    for wrong in ("a.test:10.0.0.1", "a.test:80:name", "a.test:x:10.0.0.1"):
        with pytest.raises(AuditError, match="--resolve"):
            parse_resolve([wrong])


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        ("Retry-After: 0", 2),
        ("Retry-After: Mon, 01 Jan 2001 00:00:00 GMT", 2),
        ("Retry-After: soon", 2),
        ("Retry-After: 86400", 1),
        ("X-Other: 1", 2),
    ],
)
def test_an_overloaded_server_is_asked_again_when_it_says_so(after: str, asked: int) -> None:
    page, heads = got(saying(answer(b"busy", after, status="503 Service Unavailable")))
    assert isinstance(page, Fetched)
    assert page.status == 503
    assert len(heads) == asked


def test_a_host_is_left_in_peace_for_the_interval() -> None:
    pauses: list[float] = []
    asked_meanwhile: list[int] = []

    async def look() -> None:
        async with server(saying(answer(b"ok"))) as (port, heads):

            async def sleep(seconds: float) -> None:
                pauses.append(seconds)
                asked_meanwhile.append(len(heads))

            options = Options(allow_private=True, limits=replace(PATIENT, interval=5))
            fetcher = Fetcher(options, steady=lambda: 100.0, sleep=sleep)
            async with fetcher.session() as visit:
                urls = [f"http://127.0.0.1:{port}/{n}" for n in range(4)]
                await asyncio.gather(*(visit.resource(url, kind="css") for url in urls))
            assert len(heads) == 4

    asyncio.run(look())
    assert pauses == [0, 5, 10, 15]
    assert asked_meanwhile == [0, 0, 0, 0]  # nobody asks before the pause is over


# --- the transport -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more than was said",
        b"HTTP/1.0 200 OK\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1 \r\ni\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n"
        b"2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 好\r\nX-Name: 值\r\nContent-Length: 2\r\n\r\nhi".encode("gbk"),
    ],
)
def test_an_answer_that_a_browser_puts_up_with_is_read(raw: bytes) -> None:
    page = fetched(saying(raw))
    assert (page.status, page.body) == (200, b"hi")


def test_headers_without_end_are_no_answer_and_fill_no_memory() -> None:
    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
            await writer.drain()

    lost, _ = got(handler)
    assert isinstance(lost, FetchError)
    assert lost.cause is Cause.CONNECT
    assert lost.why.has("http_headers_too_long")


def test_a_connection_is_used_again_and_a_kept_one_that_has_ended_is_no_failure() -> None:
    connections = 0

    async def look() -> list[int]:
        open_writers = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            open_writers.append(writer)
            for _ in range(2):  # two answers, then it hangs up without a word
                try:
                    await reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError:
                    break
                writer.write(answer(b"ok"))
            writer.close()

        started = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = started.sockets[0].getsockname()[1]
        seen = []
        async with Fetcher(Options(allow_private=True, limits=PATIENT)).session() as visit:
            for number in range(5):
                page = await visit.resource(f"http://127.0.0.1:{port}/{number}", kind="css")
                assert isinstance(page, Fetched)
                seen.append(page.status)
        started.close()
        for writer in open_writers:
            writer.transport.abort()
        await asyncio.sleep(0)
        return seen

    assert asyncio.run(look()) == [200] * 5
    assert connections == 3


def test_a_slow_reader_makes_the_server_wait() -> None:
    """The body is larger than what may wait in memory; all of it comes, in pieces."""
    body = bytes(range(256)) * 3000

    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(body))

    assert fetched(handler).body == body


def test_a_header_cannot_break_out_of_its_line() -> None:
    async def look() -> Fetched | FetchError:
        async with server(saying(answer(b"ok"))) as (port, heads):
            options = Options(allow_private=True, user_agent="me\r\nX-Evil: 1", limits=PATIENT)
            async with Fetcher(options).session() as visit:
                found = await visit.page(f"http://127.0.0.1:{port}/")
            assert heads == []
            return found

    assert isinstance(asyncio.run(look()), FetchError)


@given(st.binary(max_size=300), st.booleans())
@settings(deadline=None, max_examples=60)
def test_whatever_a_server_says_is_an_answer_or_a_cause(junk: bytes, is_begun: bool) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + junk if is_begun else junk
    found, _ = got(saying(raw))
    assert isinstance(found, (Fetched, FetchError))


def test_a_unit_of_the_intranet_opens_its_own_network_and_no_other() -> None:
    async def look() -> list[Fetched | FetchError]:
        async with server(saying(answer(b"inside"))) as (port, _):
            fetcher = Fetcher(Options(limits=PATIENT))
            found: list[Fetched | FetchError] = []
            for networks in (("127.0.0.0/8",), ("10.0.0.0/8",), ()):
                async with fetcher.session(networks) as visit:
                    found.append(await visit.page(f"http://127.0.0.1:{port}/"))
            return found

    own, other, none = asyncio.run(look())
    assert isinstance(own, Fetched)
    for closed in (other, none):
        assert isinstance(closed, FetchError)
        assert closed.cause is Cause.REFUSED_ADDRESS


def test_what_was_fetched_inside_one_intranet_is_not_given_to_another_unit() -> None:
    async def look() -> tuple[Fetched | FetchError, Fetched | FetchError]:
        async with server(saying(answer(b"secret"))) as (port, _):
            fetcher = Fetcher(Options(limits=PATIENT))
            url = f"http://127.0.0.1:{port}/x.png"
            async with fetcher.session(("127.0.0.1/32",)) as visit:
                inside = await visit.resource(url, kind="image")
            async with fetcher.session() as visit:
                return inside, await visit.resource(url, kind="image")

    inside, outside = asyncio.run(look())
    assert isinstance(inside, Fetched)
    assert isinstance(outside, FetchError)


def test_addresses_of_one_link_carry_their_zone() -> None:
    import socket

    from ycaudit.net.connect import _info

    assert _info("fe80::1", 80)[4] == ("fe80::1", 80, 0, 0)
    assert _info("fe80::1%3", 80)[4] == ("fe80::1", 80, 0, 3)
    index, name = socket.if_nameindex()[0]
    assert _info(f"fe80::1%{name}", 80)[4] == ("fe80::1", 80, 0, index)
    assert _info("10.0.0.1", 80)[4] == ("10.0.0.1", 80)


def test_a_name_that_cannot_be_one_is_a_dns_cause() -> None:

    async def look() -> Fetched | FetchError:
        async with Fetcher(Options(limits=PATIENT)).session() as visit:
            return await visit.page(f"http://{'a' * 70}.test/")

    result = asyncio.run(look())
    assert isinstance(result, FetchError)
    assert result.cause is Cause.DNS


def test_https_at_a_port_of_plain_http_is_told_as_such() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"x", status="400 Bad Request"))
        await writer.drain()
        writer.close()

    async def look() -> Fetched | FetchError:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as plain:
            port = plain.sockets[0].getsockname()[1]
            options = Options(allow_private=True, limits=PATIENT)
            async with Fetcher(options).session() as visit:
                return await visit.page(f"https://127.0.0.1:{port}/")

    result = asyncio.run(look())
    assert isinstance(result, FetchError)
    assert result.why.has("tls_not_spoken")


def test_an_address_of_our_own_is_refused_without_being_named_twice() -> None:
    result, _ = got(saying(answer(b"x")), allow_private=False)
    assert isinstance(result, FetchError)
    assert str(result.why).startswith("127.0.0.1, no public address")
