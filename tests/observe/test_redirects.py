"""Where addresses lead: every hop guarded, each asked once a run, what is unknown said so."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from functools import partial

import pytest
import segno

from support.pages import code, link, page
from support.servers import PATIENT, answer, server
from ycaudit.auditing.engine import Clock, audit, blank, confirmed, look_once
from ycaudit.auditing.second_look import second
from ycaudit.model import Target
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.redirects import Destination, RedirectFollower, with_redirects
from ycaudit.observe.static.observer import StaticObserver
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.rules.judge import Unit
from ycaudit.rules.qr import QrRequirement

PAGE = "Content-Type: text/html; charset=utf-8"
BODY = ("<p>" + "官方微博 " * 40 + "</p>" + "<a href=/x>新闻</a>" * 5).encode()


def leads(paths: dict[str, bytes], *asked: str, allow_private: bool = True) -> list[Destination]:
    """Where the paths of a server lead, which answers as the table says."""
    return asyncio.run(_leads(paths, *asked, allow_private=allow_private))[0]


async def _leads(
    paths: dict[str, bytes], *asked: str, allow_private: bool = True
) -> tuple[list[Destination], list[bytes]]:
    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(paths.get(head.split(b" ")[1].decode(), answer(b"", status="404 Not Found")))

    async with server(handler) as (port, heads):
        options = Options(allow_private=allow_private, limits=PATIENT)
        redirects = RedirectFollower(Fetcher(options))
        try:
            base = f"http://127.0.0.1:{port}"
            hrefs = [base + path if path.startswith("/") else path for path in asked]
            known = await redirects.of(hrefs)
            again = await redirects.of(hrefs)
        finally:
            await redirects.aclose()
        assert known == again
        found = [known[href] for href in hrefs]
        plain = [
            Destination(tuple(h.replace(base, "") for h in d.hops), d.unresolved) for d in found
        ]
        return plain, heads


def to(target: str) -> bytes:
    return answer(b"", f"Location: {target}", status="302 Found")


def test_a_chain_is_followed_to_its_end() -> None:
    paths = {"/a": to("/b"), "/b": to("/u/1999404300"), "/u/1999404300": answer(BODY, PAGE)}
    assert leads(paths, "/a") == [Destination(("/a", "/b", "/u/1999404300"))]


def test_a_refresh_in_the_markup_is_a_hop() -> None:
    stub = answer(b'<meta http-equiv="refresh" content="0;url=/end">', PAGE)
    assert leads({"/a": stub, "/end": answer(BODY, PAGE)}, "/a") == [Destination(("/a", "/end"))]


LOGIN = "/login?url=http%3A%2F%2Fweibo.com%2Fu%2F1"


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        ({}, "404"),
        ({"/a": to("/a")}, "redirects"),
        ({"/a": answer(b"<script>location='/b'</script>", PAGE)}, "script"),
        ({"/a": to(LOGIN), LOGIN: answer(BODY, PAGE)}, "may send the visitor on"),
        ({"/a": answer(b"<html>_cf_chl</html>", PAGE, status="403 Forbidden")}, "403"),
        ({"/a": answer("请完成人机验证".encode(), PAGE)}, "checks its visitors"),
        ({"/a": answer("您的访问已被拦截".encode(), PAGE)}, "does not let everybody in"),
    ],
)
def test_an_end_that_may_not_be_one_is_said_to_be_open(paths: dict[str, bytes], why: str) -> None:
    (found,) = leads(paths, "/a")
    assert found.unresolved is not None
    assert why in str(found.unresolved)


def test_an_app_at_the_end_of_a_chain_is_told_as_a_hop() -> None:
    (found,) = leads({"/a": to("itms-apps://itunes.apple.com/app/id1")}, "/a")
    assert found.hops[-1] == "itms-apps://itunes.apple.com/app/id1"


def test_an_address_that_cannot_be_reached_is_told_as_a_hop() -> None:
    account = "http://127.0.0.1:1/u/1999404300"
    (found,) = leads({"/a": to("/b"), "/b": to(account)}, "/a")
    assert found.hops == ("/a", "/b", account)
    assert found.unresolved is not None


def test_an_address_behind_a_prefix_for_phones_is_followed() -> None:
    async def where() -> tuple[str, ...]:
        async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(BODY, PAGE) if b" /b " in head else to("/b"))

        async with server(handler) as (port, _):
            redirects = RedirectFollower(Fetcher(Options(allow_private=True, limits=PATIENT)))
            payload = f"URL:http://127.0.0.1:{port}/a"
            found = (await redirects.of([payload]))[payload]
            await redirects.aclose()
            return tuple(hop.rpartition("/")[2] for hop in found.hops)

    assert asyncio.run(where()) == ("a", "b")


FULL = BODY * 20
"""A page that is there to be read."""
TALK = ("<p>" + "您即将离开本站，正在为您跳转，请稍候。" * 150 + "</p>").encode()
"""One that is long and holds no link."""


def scripted(script: str, around: bytes) -> dict[str, bytes]:
    return {"/a": answer(f"<script>{script}</script>".encode() + around, PAGE)}


@pytest.mark.parametrize(
    ("script", "around"),
    [
        ("setTimeout(function(){location.href='https://m.weibo.cn/u/1999404300'},500)", TALK),
        ("document.forms[0].submit()", TALK),
        ("top.location.replace(where)", FULL),
        ("window.location = 'http://' + host", FULL),
        ("window.open('http://b.test/', '_self')", FULL),
    ],
)
def test_a_script_that_may_send_the_visitor_on_leaves_the_end_open_however_long_the_page_is(
    script: str, around: bytes
) -> None:
    (found,) = leads(scripted(script, around), "/a")
    assert found.unresolved is not None
    assert found.unresolved.code == "url_has_script"


def test_a_script_that_is_loaded_may_send_on_from_where_there_is_nothing_to_read() -> None:
    loads = b"<script src=/x.js></script>"
    (found,) = leads({"/a": answer(loads + TALK, PAGE)}, "/a")
    assert found.unresolved is not None
    assert leads({"/a": answer(loads + FULL, PAGE)}, "/a") == [Destination(("/a",))]


COUNTER = """<script>var _hmt = _hmt || [];
(function() {
  var hm = document.createElement("script");
  hm.src = "https://hm.baidu.com/hm.js?abc";
  var s = document.getElementsByTagName("script")[0];
  s.parentNode.insertBefore(hm, s);
})();</script>"""


@pytest.mark.parametrize(
    "loads",
    [
        COUNTER,
        "<script src=https://s4.cnzz.com/z_stat.php?id=1></script>",
        "<script src=/js/jquery.min.js></script><script src=/js/swiper-bundle.min.js?v=2></script>",
        "<script src=/jquery-3.6.0.min.js></script><script src=/bootstrap.bundle.js></script>",
    ],
)
@pytest.mark.parametrize("around", [TALK, BODY])
def test_counters_and_well_known_libraries_send_nobody_on(loads: str, around: bytes) -> None:
    assert leads({"/a": answer(loads.encode() + around, PAGE)}, "/a") == [Destination(("/a",))]


@pytest.mark.parametrize(
    "loads",
    [
        "<script src=/js/jquery.redirect.min.js></script>",
        "<script src=/js/jump.js?u=/jquery.js></script>",
        "<script src=/jquery.js/go.js></script>",
        COUNTER + "<script>location = where</script>",
        "<script src=/js/jquery.min.js></script><script>$(go)</script>",
    ],
)
def test_what_stands_beside_them_or_is_only_called_like_them_may_send_on(loads: str) -> None:
    (found,) = leads({"/a": answer(loads.encode() + BODY, PAGE)}, "/a")
    assert found.unresolved is not None


@pytest.mark.parametrize(
    ("script", "around"),
    [
        ("document.title = '云江'", TALK),
        ("function find() { location.href = '/search?q=' + q; }", FULL),
        ("if (location.href == here) open('http://b.test/')", FULL),
    ],
)
def test_a_script_that_stays_on_the_site_leaves_the_end_as_it_is(
    script: str, around: bytes
) -> None:
    assert leads(scripted(script, around), "/a") == [Destination(("/a",))]


def test_a_refresh_is_a_hop_wherever_the_page_or_its_headers_say_so() -> None:
    late = TALK + b'<meta http-equiv="refresh" content="0;url=/end">'
    paths = {
        "/a": answer(late, PAGE),
        "/b": answer(TALK, f"Refresh: 0;url=/end\r\n{PAGE}"),
        "/end": answer(BODY, PAGE),
    }
    assert leads(paths, "/a", "/b") == [Destination(("/a", "/end")), Destination(("/b", "/end"))]


ACCOUNT, ANOTHER = "https://m.weibo.cn/u/1999404300", "https://weibo.com/u/6666666666"


def by_device(phone: bytes, computer: bytes) -> tuple[Destination, Destination]:
    """Where a code leads, and a link to the same address, that phones are answered otherwise."""

    async def asked() -> tuple[Destination, Destination]:
        async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
            is_first = head.split(b" ")[1] == b"/a"
            is_phone = b"Android" in head and b"Mobile" in head
            writer.write((phone if is_phone else computer) if is_first else answer(BODY, PAGE))

        async with server(handler) as (port, _):
            # Only the server itself is reached: what the account would answer is not asked.
            own = {("127.0.0.1", port): ("127.0.0.1",), ("*", 443): ("127.0.0.1",)}
            options = Options(allow_private=True, limits=PATIENT, resolve=own)
            redirects = RedirectFollower(Fetcher(options))
            href = f"http://127.0.0.1:{port}/a"
            try:
                scanned = (await redirects.of([href], scanned=True))[href]
                clicked = (await redirects.of([href]))[href]
            finally:
                await redirects.aclose()
            return scanned, clicked

    return asyncio.run(asked())


def test_a_code_is_asked_as_a_phone_too_and_a_link_is_not() -> None:
    scanned, clicked = by_device(to(ACCOUNT), to("/pc"))
    assert scanned.hops[-1] == ACCOUNT
    assert ACCOUNT not in clicked.hops
    assert clicked.unresolved is None


def test_a_code_that_leads_a_phone_and_a_computer_apart_leads_nobody_knows_where() -> None:
    scanned, _ = by_device(answer(BODY, PAGE), to(ANOTHER))
    assert ANOTHER in scanned.hops
    assert scanned.unresolved is not None
    assert scanned.unresolved.code == "url_by_device"


@pytest.mark.parametrize(
    "computer", [to(ANOTHER), answer(BODY, PAGE), answer(b"", status="403 Forbidden")]
)
def test_what_a_phone_finds_settles_where_a_computer_finds_nothing_else(computer: bytes) -> None:
    scanned, _ = by_device(to(ANOTHER), computer)
    assert scanned.hops[-1] == ANOTHER
    assert scanned.unresolved is None or scanned.unresolved.code != "url_by_device"


@pytest.mark.parametrize("computer", [to("http://127.0.0.1:1/app"), to("/app")])
def test_how_far_a_computer_comes_proves_nothing_where_a_phone_is_refused(computer: bytes) -> None:
    scanned, _ = by_device(answer(b"", status="403 Forbidden"), computer)
    assert [hop.rpartition("/")[2] for hop in scanned.hops] == ["a"]
    assert scanned.unresolved is not None
    assert scanned.unresolved.code == "http_status"


def test_the_phone_version_of_a_site_is_the_same_site() -> None:
    scanned, _ = by_device(to("/m"), to("/pc"))
    assert scanned.unresolved is None


def test_every_hop_is_guarded() -> None:
    (found,) = leads({"/a": answer(BODY, PAGE)}, "/a", allow_private=False)
    assert "no public address" in str(found.unresolved)


def test_an_address_is_asked_once_a_run_and_text_never() -> None:
    paths = {"/a": answer(BODY, PAGE)}
    found, heads = asyncio.run(_leads(paths, "/a", "云江", "/a"))
    assert found[1] == Destination(("云江",))
    assert len(heads) == 1


def test_a_page_learns_where_its_links_and_codes_lead() -> None:
    observation = page(link("http://a.test/"), code("http://t.cn/x"), code("text"))
    known = {
        "http://t.cn/x": Destination(("http://t.cn/x", "http://b.test/")),
        "http://a.test/": Destination(("http://a.test/",), "timed out"),
    }
    told = with_redirects(observation, known, known)
    assert told.qr_codes[0].leads_to == ("http://t.cn/x", "http://b.test/")
    assert told.links[0].unresolved == "timed out"
    assert told.qr_codes[1] == observation.qr_codes[1]


@pytest.mark.parametrize(
    ("account", "outcome"), [("1999404300", "pass"), ("6666666666", "fail"), (None, "undetermined")]
)
def test_a_scan_follows_a_short_link_to_the_account(account: str | None, outcome: str) -> None:
    assert asyncio.run(_audit(account)) == outcome


async def _audit(account: str | None) -> str:
    """The verdict on a page whose only code is a short link to this account, or to nowhere."""
    images: dict[str, bytes] = {}

    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ")[1].decode()
        home = BODY + b"<img src=/q.png alt=weibo>"
        paths = {"/": answer(home, PAGE), "/q.png": answer(images["q"], "Content-Type: image/png")}
        if account:
            paths |= {"/g/x": to(f"/u/{account}"), f"/u/{account}": answer(BODY, PAGE)}
        writer.write(paths.get(path, answer(b"", status="404 Not Found")))

    async with server(handler) as (port, _):
        out = io.BytesIO()
        segno.make_qr(f"http://127.0.0.1:{port}/g/x").save(out, kind="png", scale=5)
        images["q"] = out.getvalue()
        accept = [{"host": f"127.0.0.1:{port}", "path": "/u/1999404300"}]
        weibo = QrRequirement(id="w", name="微博", kind="qr", resolve=True, accept=accept)
        target = Target(id="u", name="u", url=f"http://127.0.0.1:{port}/")
        threads = Threads(1)
        clock = Clock(now=lambda: datetime.now(UTC), steady=lambda: 0.0)
        fetcher = Fetcher(Options(allow_private=True, limits=PATIENT))
        tools = Tools(fetcher, Decoder(threads), threads, clock.now)
        redirects = RedirectFollower(fetcher)
        try:
            unit = Unit(target=target, requirements=(weibo,))
            look = partial(look_once, clock=clock, seconds=600, redirects=redirects)
            observers = [StaticObserver(tools)]
            report = await audit(unit, blank(unit), observers, look)
            report = await confirmed(unit, report, second(observers[0], look))
        finally:
            await redirects.aclose()
            threads.close()
        return report.verdicts[0].outcome
