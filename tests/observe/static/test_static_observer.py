"""The cheap look: it stops when nothing is in doubt, and reads through broken TLS, saying so."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import product
from types import MappingProxyType

import pytest
import trustme
from PIL import Image

from support.codes import picture, saved
from support.servers import PATIENT
from ycaudit.auditing.engine import Clock, audit, blank, look_once
from ycaudit.model import Cause, Outcome, Page, Target, UnitReport, Unseen, Visibility
from ycaudit.net.answer import Fetched
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.challenges import unseen_because
from ycaudit.observe.static import document
from ycaudit.observe.static.beyond import beyond
from ycaudit.observe.static.observer import StaticObserver
from ycaudit.observe.static.refused import is_restricted, restricts, why_not_shown
from ycaudit.observe.static.tree import Tree
from ycaudit.observe.tools import Decoder, Threads, Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

PORTAL = LinkRequirement(
    id="p", name="门户", kind="link", accept=[{"host": "p.test", "path": "root"}]
)
CODE = QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": "x", "source": "a test"}])
NAVIGATION = "<p>" + "政务公开 " * 30 + "</p>" + "<a href=/n>新闻</a>" * 6


def test_a_page_in_utf_16_reads_its_scripts_in_it_too_so_that_nobody_knows_what_they_are() -> None:
    html = "<script src=/s.js></script><a href=http://p.test/>x</a>"
    for headers in ({"content-type": "text/html; charset=utf-16le"}, {}):
        body = html.encode("utf-16-le" if headers else "utf-16")
        got = Fetched("http://u.test/", "http://u.test/", 200, headers, body)
        assert is_restricted(got)
    assert not is_restricted(
        Fetched("http://u.test/", "http://u.test/", 200, {}, html.encode("gbk"))
    )


def test_a_page_that_breaks_off_before_it_shows_anything_is_not_an_empty_one() -> None:
    broke_off = Reason.of("body_broke_off", count=6)
    for truncated, code in ((broke_off, "nothing_readable"), (None, "almost_empty_page")):
        source = document.Source("<html>", "http://u.test/", truncated)
        why = document.Document.opened(source, hosts=None).why_no_homepage()
        assert why is not None
        assert (why.code, why.has("body_broke_off")) == (code, truncated is not None)


HEADLINES = ("全市安全检查动员会", "依法拦截不合格商品", "网络安全策略", "防火墙建设", "验证码说明")


def why_none(html: str) -> str | None:
    """The code of why a page is no homepage, which is the same at its first glimpse."""
    source = document.Source(html, "http://u.test/")
    glimpses = (None, frozenset({"p.test"}))
    found = [document.Document.opened(source, hosts=h).why_no_homepage() for h in glimpses]
    assert found[0] == found[1]
    return found[0].code if found[0] else None


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("host", ["www.u.test", "news.u.test", "other.test"])
def test_a_headline_of_a_site_that_links_to_itself_by_another_name_is_no_gateways_word(
    headline: str, host: str
) -> None:
    news = "".join(f"<li><a href=http://{host}/{n}>{headline}{n}</a>" for n in range(40))
    assert why_none(f"<title>市某局</title><ul>{news}</ul>") is None
    assert why_none(f"<title>Request Rejected</title><ul>{news}</ul>") == "stands_in_gateway"


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_page_without_a_site_is_a_gateways_however_long_it_is(headline: str) -> None:
    ads = "".join(f"<a href=http://a{n}.test/>x</a>" for n in range(20))
    assert why_none(f"<p>{headline}</p><p>{'请联系管理员 ' * 400}</p>{ads}") is not None
    assert why_none(f"<p>{headline}</p><a href=/>x</a>") is not None


def test_a_parked_domain_is_told_by_its_words_however_many_links_it_has() -> None:
    ads = "".join(f"<a href=http://ads.test/?{n}>广告</a>" for n in range(40))
    assert why_none(f"<h1>该域名可以出售</h1>{ads}") == "stands_in_parked"


def test_a_school_in_a_street_named_like_a_hosting_panel_is_a_school() -> None:
    links = "<a href=/a>校园新闻</a><a href=/b>招生</a>"
    assert why_none(f"<title>宝塔河小学</title><p>{'欢迎' * 60}</p>{links}") is None
    assert why_none(f"<title>x</title><p>您可以在宝塔面板修改{'本页' * 60}</p>{links}") is not None


def audited(
    html: str,
    *requirements: LinkRequirement | QrRequirement,
    tls: ssl.SSLContext | None = None,
    headers: str = "",
    sheets: Mapping[str, str] = MappingProxyType({}),
) -> tuple[UnitReport, list[str]]:
    """The report on a site with this homepage, and the paths that were asked for."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            asked.append(path)
            known = {"/": html, **sheets}
            body = known.get(path, "<h1>404</h1>").encode()
            status = "200 OK" if path in known else "404 Not Found"
            kind = "text/css" if path in sheets else "text/html; charset=utf-8"
            lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", headers]
            lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
            writer.write("\r\n".join(filter(None, lines[:-2])).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def run() -> UnitReport:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/"
        threads = Threads(1)
        clock = Clock(now=lambda: datetime.now(UTC), steady=lambda: 0.0)
        tools = Tools(
            Fetcher(Options(allow_private=True, limits=PATIENT)),
            Decoder(threads),
            threads,
            clock.now,
        )
        unit = Unit(target=Target(id="u", name="u", url=url), requirements=requirements)
        try:
            look = partial(look_once, clock=clock, seconds=600, redirects=None)
            return await audit(unit, blank(unit), [StaticObserver(tools)], look)
        finally:
            threads.close()
            server.close()

    return asyncio.run(run()), asked


def test_a_look_for_links_asks_for_no_image_once_they_are_found() -> None:
    html = NAVIGATION + "<a href=http://p.test/>x</a><img src=/a.png>"
    report, asked = audited(html, PORTAL)
    assert report.outcome is Outcome.PASS
    assert asked == ["/"]


HIDDEN = NAVIGATION + "<link rel=stylesheet href=/0><a class=x href=http://p.test/>x</a>"


def test_a_sheet_that_others_import_hides_too() -> None:
    sheets = {f"/{n}": f"@import '/{n + 1}';" for n in range(4)} | {"/4": ".x { display: none }"}
    report, asked = audited(HIDDEN, PORTAL, sheets=sheets)
    (reason,) = {verdict.reason for verdict in report.verdicts}
    assert "whether a visitor gets to see it is unknown" in reason
    assert set(asked) == {"/", "/0", "/1", "/2", "/3", "/4"}


def test_sheets_that_import_each_other_are_read_once() -> None:
    sheets = {"/0": "@import '/1';", "/1": "@import '/0'; @import '/1'; .y { display: none }"}
    report, asked = audited(HIDDEN, PORTAL, sheets=sheets)
    assert report.outcome is Outcome.PASS
    assert sorted(asked) == ["/", "/0", "/1"]


def test_what_a_sheet_that_nobody_read_may_hide_is_no_pass() -> None:
    sheets = {f"/{n}": f"@import '/{n + 1}';" for n in range(9)}
    report, _ = audited(HIDDEN, PORTAL, sheets=sheets)
    assert report.outcome is Outcome.UNDETERMINED
    assert "whether a visitor gets to see it is unknown" in report.verdicts[0].reason


def test_a_look_for_a_missing_code_asks_for_everything() -> None:
    html = (
        NAVIGATION + "<img src=/a.png><script src=/b.js></script><link rel=stylesheet href=/c.css>"
    )
    report, asked = audited(html, CODE)
    assert report.outcome is Outcome.UNDETERMINED
    assert set(asked) == {"/", "/a.png", "/b.js", "/c.css"}


IMAGE = "<img src=/i.png width=150 height=150>"
WRITES = f"""<div id=r></div><script>function go() {{ r.innerHTML = '{IMAGE}' }}</script>"""
DRAWING = "<svg width=150 height=150>{}</svg>"
BEYOND = [
    f"{WRITES}<b onclick=go()>show</b>",
    f"{WRITES}<b onMouseOver = 'go()'>show</b>",
    f"{WRITES}<a href=javascript:go()>show</a>",
    f"{WRITES}<a href=' java\tSCRIPT:go()'>show</a>",
    f"{WRITES}<a href='java&#115;cript:go()'>show</a>",
    f"{WRITES}<form action=javascript:go()><button>show</button></form>",
    f"{WRITES}<select onchange='return false; go()'><option>a<option>b</select>",
    f"{WRITES}<details ontoggle='go()'><summary>show</summary></details>",
    f"{WRITES}<body/onclick='go()'>",
    """<img src=data:, width=150 height=150 onmouseover="this.src = '/i.png'">""",
    """<b onclick="this.style.background = 'url(/i.png)'">show</b>""",
    """<b onmousedown="location = 'http://p.test/'">go</b>""",
    "<select onchange='location = this.value'><option>x<option value=/p>p</select>",
    "<form><button formaction=http://p.test/>go</button></form>",
    DRAWING.format("<image href=/i.png width=150 height=150 />"),
    DRAWING.format("<filter id=f><feImage xlink:href=/i.png /></filter><rect filter=url(#f) />"),
    DRAWING.format(f"<foreignObject width=150 height=150>{IMAGE}</foreignObject>"),
    DRAWING.format("<use href=/i.svg#q />"),
    DRAWING.format("<a><set attributeName=href to=http://p.test/ /><text y=20>go</text></a>"),
    "<object data=/frame width=150 height=150></object>",
    "<embed src=/frame.html width=150 height=150>",
    "<iframe src=/i.png width=150 height=150></iframe>",
    "<iframe src='data:text/html,<a href=http://p.test/>x</a>'></iframe>",
    "<iframe src=\"javascript:'<a href=http:'+'//p.test/>x</a>'\"></iframe>",
    "<img src=/icons.svg#code width=150 height=150>",
    "<object data=/code.svg width=150 height=150></object>",
    f"<i style='box-shadow:{'9px 9px #000,' * 200}0 0 #000'></i>",
    f"<style>i {{ background: {'linear-gradient(#000, #000) 9px 9px,' * 99} #fff }}</style><i></i>",
    "<style>@font-face { src: url(f) } b::after { content: '\\e601'; font: 9em f }</style><b>",
    "<base href=http://p.test/><a href=#top>x</a>",
    "<a href=/out/12>x</a>",
]
"""Each shows a code, or leads to the portal, in a browser: by what stands beside the scripts."""


def looked_at(html: str, headers: str = "") -> Page:
    """What is seen of a page that has this on it."""
    report, _ = audited(NAVIGATION + html, PORTAL, CODE, headers=headers)
    page = report.observations[-1]
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize("html", BEYOND)
def test_what_only_a_browser_can_follow_or_show_proves_no_absence(html: str) -> None:
    page = looked_at(html)
    addresses = {link.href.partition("#")[0] for link in page.links}
    assert page.blind_spots or "http://p.test/" in addresses


@pytest.mark.parametrize(
    "html",
    [
        "<a href=javascript:;>x</a><a href='javascript:void(0)' onclick='return false;'>x</a>",
        "<a href=javascript:history.back()>x</a><b onclick='window.print()'>x</b>",
        """<b onclick="this.style.behavior='url(#default#homepage)';return false;">x</b>""",
        """<b onmouseover="this.style.color='#c00'" onmouseout="this.className='a b'">x</b>""",
        """<b onclick="window.open('http://x.test/', '_blank')">x</b>""",
        DRAWING.format("<path id=a d='M0 0h9' /><use href='#a' />"),
    ],
)
def test_what_shows_nothing_and_leads_nowhere_is_no_reason_to_doubt(html: str) -> None:
    assert looked_at(html).blind_spots == ()


LINK = "<a href=http://p.test/>x</a>"


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        (f"<div contenteditable>{LINK}</div>", ""),
        (f"<style>p {{ -webkit-user-modify: read-write }}</style><p>{LINK}</p>", ""),
        (f"<base target=in><iframe name=in srcdoc=x hidden></iframe>{LINK}", ""),
        (
            "<style>b { position: relative } b::after { content: ''; position: absolute;"
            f" inset: -45px 0 0 }}</style><p>{LINK}</p><b>x</b>",
            "",
        ),
        (LINK, "Content-Security-Policy: sandbox"),
    ],
    ids=["edited", "edited by a sheet", "in a frame", "under what stands after", "in a sandbox"],
)
def test_whether_a_visitor_can_use_it_a_browser_decides(html: str, headers: str) -> None:
    found = [one for one in looked_at(html, headers).links if one.href == "http://p.test/"]
    assert [link.visible for link in found] == [Visibility.UNSURE]


def test_a_name_without_an_address_comes_near_unless_a_script_may_give_it_one() -> None:
    html = "".join(
        f"<p{style}><a{address}>{name}</a></p>"
        for style, address, name in (
            ("", ' href="#"', "门户一"),
            ("", ' href="javascript:void(0)"', "门户二"),
            ("", "", "门户三"),
            ("", ' href="#" onclick="go()"', "门户四"),
            ("", ' href="mailto:a@p.test"', "门户五"),
            (" style='display:none'", ' href="#"', "门户六"),
            ("", ' href="#"', "其他"),
            ("", ' href="#"', "门户七"),
            ("", ' href="http://p.test/a"', "门户七"),
        )
    )

    def idle(html: str) -> list[str]:
        return [link.text for link in looked_at(html).links if link.href.endswith("/#")]

    assert idle(html) == ["门户一", "门户二", "门户三"]
    assert idle("<script>open_portal()</script>" + html) == []
    near = PORTAL.judge(looked_at('<a href="#">门户</a>')).near
    assert [e.note.code for e in near if e.note] == ["named_leads_nowhere"]


def test_a_frame_that_is_refused_without_a_word_is_lost() -> None:
    assert [spot.why.code for spot in looked_at("<iframe src=/f></iframe>").blind_spots]


@pytest.mark.parametrize(
    ("hostile", "parts"),
    [
        (f"<b onclick='{' ' * 2_000_000}x'>", 1),
        ("".join(f"<i o{n}=1>" for n in range(20_000)), 0),
        (" ".join(f"on{a}{b}{c}=1" for a, b, c in product("abcdefghijklmnopqrst", repeat=3)), 1),
        (".svg" * 500_000, 0),
        (f"<a href='javascript:open(\"{'x,' * 500_000}'>x</a>", 1),
    ],
    ids=["blanks", "attributes", "events", "drawings", "an address"],
)
def test_no_markup_takes_the_square_of_its_length_to_be_read(hostile: str, parts: int) -> None:
    """Which would be hours."""
    assert len([*beyond(Tree(NAVIGATION + hostile, "http://u.test/"))]) == parts


def test_a_part_that_only_a_browser_can_follow_is_told_by_its_words_and_not_by_its_code() -> None:
    html = (
        "<div onmouseout='hide()' onmouseover='show()'><i></i>关注我们<p hidden>其他</p></div>"
        "<b onclick='show()'><img alt=微信></b><a href='javascript:show()'>更多</a>"
        "<u onclick='f()'>"
    )
    assert [*beyond(Tree(html, "http://u.test/"))] == [
        *("“微信” [onclick]", "<u> [onclick]", "“关注我们” [onmouseover]"),
        *("“关注我们” [onmouseout]", "“更多” [javascript]"),
    ]


def test_an_empty_document_in_an_attribute_comes_before_the_address_of_a_frame() -> None:
    _, asked = audited(NAVIGATION + "<iframe srcdoc src=/frame></iframe>", CODE)
    assert "/frame" not in asked


def test_of_what_is_sent_otherwise_than_as_a_picture_no_browser_makes_one() -> None:
    here, drawing = "http://u.test/", b" <svg xmlns='http://www.w3.org/2000/svg'/>"
    sent = {kind: Fetched(here, here, 200, {"content-type": kind}, drawing) for kind in KINDS}
    assert [kind for kind in KINDS if not why_not_shown(sent[kind], here)] == ["image/svg+xml"]
    assert restricts(["upgrade-insecure-requests"])  # and what has no TLS is lost


KINDS = ("image/svg+xml", "text/plain", "image/png", "")


@pytest.mark.parametrize(
    "css",
    [
        "@keyframes k { to { background: url(/i.png) } } p { animation: k 1s forwards }",
        "@property --q { syntax: '<image>'; inherits: true; initial-value: url(/i.png) }",
        "p { background: -webkit-cross-fade(url(/i.png), url(/i.png), 50%) }",
        "p { background: image-set('/x.png' 1x, '/i.png' 2x) }",
        "p::before { content: url(/i.png) / '' }",
    ],
)
def test_a_picture_that_a_sheet_names_anywhere_is_looked_at(css: str) -> None:
    _, asked = audited(f"{NAVIGATION}<style>{css}</style><p>x</p>", CODE)
    assert "/i.png" in asked


def test_a_certificate_that_nobody_vouches_for_is_read_through_and_told() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    report, _ = audited(NAVIGATION + "<a href=http://p.test/>x</a>", PORTAL, tls=context)
    assert report.outcome is Outcome.PASS
    observation = report.observations[0]
    assert isinstance(observation, Page)
    (remark,) = observation.remarks
    assert "without verifying TLS" in str(remark)


@pytest.mark.parametrize(
    "html", ["", "<html><body></body></html>", "<h1>网站维护中</h1>", "<script>$_ts={}</script>"]
)
def test_what_stands_in_place_of_a_homepage_is_never_judged(html: str) -> None:
    report, _ = audited(html, PORTAL, CODE)
    assert {v.outcome for v in report.verdicts} == {Outcome.UNDETERMINED}


BLOCKED = (
    "<title>405</title><h1>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</h1>"
    "<p>请求ID：7b4a1c9f</p><a href='/'>返回首页</a><p>云盾 Web应用防火墙</p>"
)
GUARDED = "<h2>网站防火墙</h2><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>"
LOGIN = (
    "<title>统一身份认证</title><form>用户名<input><br>密码<input type=password><br>"
    "验证码<input><button>登录</button></form><p>版权所有 临江市大数据局</p>"
)


@pytest.mark.parametrize(
    ("html", "code"),
    [
        (BLOCKED, "stands_in_gateway"),
        (GUARDED, "stands_in_gateway"),
        ("<p>您的访问请求可能对网站造成威胁，已被拦截</p>", "stands_in_gateway"),
        (LOGIN, "stands_in_login"),
        ("<p>请输入验证码以继续访问本网站的各项内容，感谢您的配合</p>", "checks_visitors"),
        ("<p>请完成验证，否则您的访问将被拦截，感谢您的配合</p>", "checks_visitors"),
        ("<p>Just a moment, please wait...</p>", "checks_visitors"),
    ],
)
def test_a_page_that_blocks_one_to_log_in_and_a_check_of_visitors_are_told_apart(
    html: str, code: str
) -> None:
    report, _ = audited(html, PORTAL, CODE)
    (observation, *_) = report.observations
    assert isinstance(observation, Unseen)
    assert observation.why.code == code


@pytest.mark.parametrize(
    ("html", "code"),
    [
        (BLOCKED, "stands_in_gateway"),
        (LOGIN, "stands_in_login"),
        ("<p>请完成人机验证</p>", "gateway_page"),
    ],
)
def test_of_an_error_too_it_is_told_what_its_page_says(html: str, code: str) -> None:
    got = Fetched("http://u.test/", "http://u.test/", 405, {"content-type": "text/html"}, b"x")
    lost = unseen_because(got, html)
    assert lost is not None
    assert (lost.cause, lost.why.chain()[-1].code) == (Cause.CHALLENGE, code)


def test_a_refresh_header_to_the_page_itself_is_no_redirect() -> None:
    report, asked = audited(
        NAVIGATION + "<a href=http://p.test/>x</a>", PORTAL, headers="Refresh: 0; url=/"
    )
    assert report.outcome is Outcome.PASS
    assert asked == ["/"]


def test_a_document_is_parsed_once_for_each_text_that_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts: list[str] = []

    class Counted(Tree):
        def __init__(self, html: str, url: str) -> None:
            texts.append(html)
            super().__init__(html, url)

    monkeypatch.setattr(document, "Tree", Counted)
    html = NAVIGATION + "<link rel=stylesheet href=/0><script>document.write('<b>x')</script>"
    audited(html, PORTAL, CODE, sheets={"/0": ".y { display: none }"})
    audited(html, PORTAL, sheets={"/0": ".y { display: none }"})
    assert ["<b>x" in text and "document" not in text for text in texts] == [False, True] * 2


def in_a_row(codes: int) -> str:
    """The address of a picture of so many codes side by side."""
    one = picture("x")
    whole = Image.new("RGB", (one.width * codes, one.height), "white")
    for number in range(codes):
        whole.paste(one if number == 0 else picture(str(number)), (one.width * number, 0))
    return f"data:image/png;base64,{b64encode(saved(whole)).decode()}"


@pytest.mark.parametrize(
    ("codes", "size", "outcome"),
    [
        (1, "", Outcome.PASS),
        (1, "width=150", Outcome.PASS),
        (2, "width=200", Outcome.PASS),
        (4, "width=600 height=150", Outcome.PASS),
        (4, "width=200 height=50", Outcome.UNDETERMINED),
        (4, "width=200", Outcome.UNDETERMINED),
        (1, "width=50 height=50", Outcome.UNDETERMINED),
    ],
)
def test_a_code_in_a_picture_of_several_may_be_too_small_to_be_scanned(
    codes: int, size: str, outcome: Outcome
) -> None:
    html = f"{NAVIGATION}<img src={in_a_row(codes)} {size}>"
    assert audited(html, CODE)[0].outcome is outcome
