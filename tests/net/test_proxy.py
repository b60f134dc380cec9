"""An office's proxy is the way to the web where it is asked for, and its password stays inside."""

from __future__ import annotations

import asyncio
import pickle
import ssl
from dataclasses import replace

import pytest
import trustme

from support.proxies import OfficeProxy, office_proxy
from support.servers import PATIENT, answer, saying, server
from ycaudit.errors import AuditError
from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher, Options
from ycaudit.net.connect import check_proxy
from ycaudit.net.proxy import Proxy, parse_proxy, proxy_of

SECRET = "clerk:s3cret:%40"
"""As it is written in an address; its password is `s3cret:@`."""


def looked(
    host: str,
    *,
    wants: str = "",
    says: str = "",
    credentials: str = "",
    without: str = "",
    allow_private: bool = False,
    known: str = "",
    tunnels: bool = True,
    scheme: str = "http",
) -> tuple[Fetched | FetchError, OfficeProxy, list[bytes], int]:
    """What comes of a page through a proxy; what the proxy and the server were asked, its port."""

    async def look() -> tuple[Fetched | FetchError, OfficeProxy, list[bytes], int]:
        async with (
            server(saying(answer(b"seen"))) as (port, heads),
            office_proxy(wants=wants, says=says, tunnels=tunnels) as proxy,
        ):
            options = Options(
                allow_private=allow_private,
                resolve={(host, port): tuple(known.split())} if known else {},
                proxy=parse_proxy(proxy.url(credentials), without),
                limits=replace(PATIENT, dns=0.5),
            )
            async with Fetcher(options).session() as session:
                return await session.page(f"{scheme}://{host}:{port}/"), proxy, heads, port

    return asyncio.run(look())


def why(got: Fetched | FetchError) -> str:
    assert isinstance(got, FetchError), got
    return got.why.code


def test_a_name_that_nobody_knows_here_is_reached_through_the_proxy() -> None:
    got, proxy, heads, port = looked("www.office.invalid")
    assert isinstance(got, Fetched)
    assert got.body == b"seen"
    assert proxy.asked == [f"CONNECT www.office.invalid:{port}"]
    assert heads[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"Proxy" not in heads[0]


def test_tls_is_spoken_with_the_site_and_not_with_the_proxy() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("www.office.invalid").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"seen"))
        await writer.drain()
        writer.close()

    async def look() -> tuple[Fetched | FetchError, list[str], int]:
        started = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = started.sockets[0].getsockname()[1]
        async with started, office_proxy(tunnels=True) as proxy:
            options = Options(proxy=parse_proxy(proxy.url()), limits=replace(PATIENT, dns=0.5))
            async with Fetcher(options).session() as session:
                got = await session.page(f"https://www.office.invalid:{port}/")
            return got, proxy.asked, port

    got, asked, port = asyncio.run(look())
    assert isinstance(got, Fetched), got
    assert got.body == b"seen"
    assert set(asked) == {f"CONNECT www.office.invalid:{port}"}
    assert [remark.code for remark in got.remarks] == ["tls_unverified"]  # nobody knows this CA


def test_name_and_password_are_told_to_the_proxy_alone() -> None:
    got, proxy, heads, _ = looked("www.office.invalid", wants="clerk:s3cret:@", credentials=SECRET)
    assert isinstance(got, Fetched)
    assert proxy.tokens == ["Basic Y2xlcms6czNjcmV0OkA="]
    assert b"Y2xlcms6" not in heads[0]


def test_a_proxy_that_lets_only_tls_through_is_asked_to_connect_itself() -> None:
    got, proxy, heads, port = looked(
        "www.office.invalid", wants="clerk:s3cret:@", credentials=SECRET, tunnels=False
    )
    assert isinstance(got, Fetched)
    assert got.body == b"seen"
    assert proxy.asked == [
        f"CONNECT www.office.invalid:{port}",
        f"GET http://www.office.invalid:{port}/",
    ]
    assert len(set(proxy.tokens)) == 1
    assert heads[0].startswith(f"GET / HTTP/1.1\r\nHost: www.office.invalid:{port}\r\n".encode())
    assert b"Proxy" not in heads[0]


@pytest.mark.parametrize("credentials", ["", "clerk:wrong"])
def test_a_proxy_that_does_not_let_us_in_is_told_with_its_place_and_no_password(
    credentials: str,
) -> None:
    got, proxy, heads, _ = looked("www.office.invalid", wants="a:b", credentials=credentials)
    assert why(got) == "proxy_locked"
    assert isinstance(got, FetchError)
    assert got.cause is Cause.CONNECT
    assert f"127.0.0.1:{proxy.port}" in str(got.why)
    assert "wrong" not in repr(got)
    assert heads == []


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ("HTTP/1.1 403 Forbidden", "proxy_refuses"),
        ("HTTP/1.1 405 Method Not Allowed", "proxy_refuses"),
        ("HTTP/1.0 503 Service Unavailable", "proxy_found_no_way"),
        ("SSH-2.0-OpenSSH_9.2", "proxy_no_proxy"),
    ],
)
def test_what_a_proxy_answers_instead_has_a_reason(says: str, code: str) -> None:
    got, _, heads, _ = looked("www.office.invalid", says=says, scheme="https")
    assert why(got) == code
    assert heads == []


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254"])
def test_a_private_address_is_refused_before_the_proxy_is_asked(host: str) -> None:
    got, proxy, heads, _ = looked(host)
    assert why(got) == "refused_address"
    assert (proxy.asked, heads) == ([], [])


@pytest.mark.parametrize("known", ["10.1.2.3", "8.8.8.8 10.1.2.3"])
def test_a_name_that_may_be_private_here_is_refused_too(known: str) -> None:
    got, proxy, _, _ = looked("inside.test", known=known)
    assert why(got) == "refused_address"
    assert proxy.asked == []


def test_what_is_private_and_open_to_us_is_reached_without_the_proxy() -> None:
    got, proxy, _, _ = looked("127.0.0.1", allow_private=True)
    assert isinstance(got, Fetched)
    assert proxy.asked == []


def test_an_address_that_was_given_is_what_the_proxy_is_asked_for() -> None:
    got, proxy, _, port = looked("www.office.invalid", known="8.8.8.8")
    assert isinstance(got, Fetched)
    assert proxy.asked == [f"CONNECT 8.8.8.8:{port}"]


def test_hosts_of_no_proxy_are_reached_without_it() -> None:
    got, proxy, _, _ = looked("localhost", without="localhost", allow_private=True)
    assert isinstance(got, Fetched)
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("rule", "is_for"),
    [
        ("", True),
        ("*", False),
        ("x.cn", False),
        (".x.cn", False),
        ("*.x.cn", False),
        ("WWW.X.CN", False),
        ("w.x.cn", True),
        ("x.c", True),
        ("ww.x.cn", True),
        ("a.cn, b.cn  x.cn", False),
        ("x.cn:80", False),
        ("x.cn:81", True),
    ],
)
def test_no_proxy_is_read_as_other_programs_read_it(rule: str, is_for: bool) -> None:
    assert parse_proxy("http://p:1", rule).is_for("www.x.cn", 80) is is_for


def test_no_proxy_knows_networks() -> None:
    proxy = parse_proxy("p:1", "10.0.0.0/8,fd00::/8,[::1]:80")
    addresses = ("10.1.2.3", "11.1.2.3", "fd00::7", "::1")
    assert [proxy.is_for(address, 80) for address in addresses] == [False, True, False, False]
    assert proxy.is_for("::1", 443)


def test_an_address_of_a_proxy_is_read_with_and_without_its_parts() -> None:
    assert parse_proxy("http://p.cn:3128/") == parse_proxy("p.cn:3128") == Proxy("p.cn", 3128)
    assert parse_proxy("http://a:b%40c@[::1]:8080") == Proxy("::1", 8080, "a:b@c")
    assert str(parse_proxy("http://a:b@[::1]:8080")) == "[::1]:8080"


@pytest.mark.parametrize(
    "wrong",
    ["http://a:pass@p.cn", "socks5://a:pass@p:1080", "https://pass@p:3", "p:0", "p:70000", "pass"],
)
def test_an_odd_address_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(AuditError, match="write http://HOST:PORT") as caught:
        proxy_of(wrong, {})
    assert "pass@" not in str(caught.value)


def test_env_takes_what_the_environment_says_and_nothing_else_does() -> None:
    said = {"HTTP_PROXY": "http://b:2", "https_proxy": "http://a:1", "no_proxy": "x.cn"}
    assert proxy_of("env", said) == Proxy("a", 1, "", ("x.cn",))
    assert proxy_of("env", {"http_proxy": "b:2"}) == Proxy("b", 2)
    assert proxy_of("", said) is None
    assert proxy_of("http://c:3", said) == Proxy("c", 3)
    with pytest.raises(AuditError, match="none of HTTPS_PROXY"):
        proxy_of("env", {"NO_PROXY": "*"})


def test_no_way_of_printing_a_proxy_shows_its_password() -> None:
    options = Options(proxy=parse_proxy("http://clerk:s3cret@p:1"))
    assert "s3cret" not in f"{options!r} {options.proxy!s} {options.proxy!r}"
    assert pickle.loads(pickle.dumps(options)) == options  # workers need it


def test_a_proxy_is_tried_before_anything_depends_on_it() -> None:
    async def tried(*, wants: str, credentials: str) -> None:
        async with office_proxy(wants=wants) as proxy:
            await check_proxy(parse_proxy(proxy.url(credentials)))

    asyncio.run(tried(wants="a:b", credentials="a:b"))
    with pytest.raises(AuditError, match=r"asks for a name and password"):
        asyncio.run(tried(wants="a:b", credentials=""))


def test_a_proxy_that_is_not_there_is_told() -> None:
    async def gone() -> int:
        async with office_proxy() as proxy:
            return proxy.port

    port = asyncio.run(gone())
    with pytest.raises(AuditError, match=f"the proxy 127.0.0.1:{port} cannot be reached"):
        asyncio.run(check_proxy(Proxy("127.0.0.1", port)))
