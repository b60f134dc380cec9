"""The browser look: crashed, hung and hostile pages cost one unit, and never the run."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
import trustme
from PIL import Image, ImageFilter

from support.browser_looks import FILES, FILLER, NEWS, codes, is_reached, look, looked, page, seen
from support.browsers import chromium_processes, needs_browser
from support.codes import picture, saved
from ycaudit.model import Cause, Observation, Page, Sense, ThirdParty, Unseen, Visibility
from ycaudit.observe.browser import chromium
from ycaudit.observe.static import markup
from ycaudit.observe.static.tree import Tree
from ycaudit.reasons import Reason
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.evidence import EvidenceStore

pytestmark = [pytest.mark.browser, needs_browser]


def test_what_opens_on_hover_click_or_by_itself_counts_as_shown() -> None:
    shown = seen(
        """
        <style>.menu ul{display:none} .menu:hover ul{display:block}</style>
        <div class=menu><b>hover</b><ul><li><a href=http://css.test/>x</a></ul></div>
        <div id=t>tab</div><div id=panel style="display:none"><a href=http://click.test/>x</a></div>
        <div style="position:relative;width:200px;height:50px;overflow:hidden">
          <div style="position:absolute;left:-400px;width:200px"><a href=http://slide.test/>x</a></div>
        </div>
        <p id=next style="display:none"><a href=http://later.test/>x</a></p>
        <script>
          document.getElementById('t').addEventListener('click', function () {
            document.getElementById('panel').style.display = 'block'; });
          setInterval(function () {
            document.getElementById('next').style.display = 'block'; }, 20000);
        </script>"""
    )
    assert shown == {
        "http://css.test/": Visibility.ON_HOVER,
        "http://click.test/": Visibility.ON_HOVER,
        "http://slide.test/": Visibility.HIDDEN,  # nothing ever moves it
        "http://later.test/": Visibility.ON_HOVER,
    }


@pytest.mark.series
def test_what_a_click_opens_that_the_pointer_has_brought_up_is_seen_before_it_goes() -> None:
    """The code stands in the fetched panel of one tab, and the next tab takes it away."""
    html = """<div id=tabs><b>one</b> <b>two</b> <b>three</b></div><div id=panel>x</div><script>
        var panel = document.getElementById('panel');
        [].forEach.call(document.querySelectorAll('#tabs b'), function (tab, n) {
          tab.onmouseover = function () {
            panel.textContent = 'panel ' + n;
            if (n != 1) return;
            panel.innerHTML = '<span id=s>scan</span><div id=d></div>';
            document.getElementById('s').onclick = function () {
              fetch('/f.html').then(function () {
                document.getElementById('d').innerHTML = '<img src=/i.png width=150 height=150>';
              }); }; }; });
        </script>"""
    site = {
        "/": (FILLER + html).encode(),
        "/f.html": b"x",
        "/i.png": saved(picture("within a tab")),
    }
    observation = asyncio.run(looked(site))
    assert isinstance(observation, Page)
    assert {found.payload for found in observation.qr_codes if found.visible.counts} == {
        "within a tab"
    }


@pytest.mark.series
def test_what_nothing_can_open_is_hidden() -> None:
    hidden = seen(
        """
        <div style="display:none"><a href=http://none.test/>x</a></div>
        <a href=http://off.test/ style="position:absolute;left:-9999px">x</a>
        <a href=http://clear.test/ style="opacity:0">x</a>
        <div style="height:0;overflow:hidden"><a href=http://squeezed.test/>x</a></div>
        <a href=http://empty.test/></a>
        <div style="visibility:hidden"><a href=http://invisible.test/>x</a></div>"""
    )
    assert set(hidden.values()) == {Visibility.HIDDEN}


def test_clicks_are_followed_to_where_they_lead_and_lead_nowhere() -> None:
    links = seen(
        """<script>function go(u) { window.open('http://' + u + '/'); }
           function leave() { location.href = 'http://' + 'leave.test/'; }</script>
        <p onclick="go('called.test')">x</p><p onclick="leave()">y</p>
        <div id=b style="cursor:pointer;width:50px;height:20px">bound</div>
        <script>document.getElementById('b').onclick = function () {
          location.assign('http://bound.test/'); };</script>"""
    )
    assert {"http://called.test/", "http://leave.test/", "http://bound.test/"} <= set(links)


def test_no_click_of_the_look_leads_away_from_the_page() -> None:
    links = seen(
        """<a href="javascript:history.go(-1);">back</a><a href="javascript:location.reload()">r</a>
        <form action=/away method=post><p onclick="this.parentNode.submit()">s</p></form>
        <a href=http://p.test/>x</a>"""
    )
    assert "http://p.test/" in links


@pytest.mark.parametrize(
    "closing",
    [
        "<a href=\"javascript:window.opener=null;window.open('','_self');window.close()\">关</a>",
        "<b onclick=end()>关闭窗口</b><i onclick=end()>close</i>"
        "<script>function end() { window.open('', '_self'); window['clo' + 'se'](); }</script>",
    ],
)
@pytest.mark.series
def test_a_page_that_closes_itself_on_a_click_is_seen_all_the_same(closing: str) -> None:
    found = page(
        FILLER
        + closing
        + """<p onclick="this.nextSibling.style.display='block'">x</p><div style="display:none">
        <a href=http://after.test/>x</a></div>"""
    )
    assert {link.href: link.visible for link in found.links} == {
        "http://after.test/": Visibility.ON_HOVER
    }
    assert not found.blind_spots


def test_late_and_shadowed_and_framed_links_are_seen() -> None:
    links = page(
        FILLER
        + """<div id=h></div><iframe src=/f.html width=300 height=100></iframe><script>
        document.getElementById('h').attachShadow({mode: 'open'}).innerHTML =
          '<a href="http://shadow.test/">x</a>';
        setTimeout(function () { document.body.insertAdjacentHTML('beforeend',
          '<a href="http://late.test/">x</a>'); }, 900);
        </script>""",
        f_html="<a href=http://frame.test/>x</a>",
    ).links
    assert {link.href for link in links} == {
        "http://shadow.test/",
        "http://late.test/",
        "http://frame.test/",
    }


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="{dead}" width=300 height=100></iframe>',
        '<iframe src="http://nobody.test/" width=300 height=100></iframe>',
        "<iframe src=/f.html width=300 height=100></iframe>",
        '<object data="{dead}" type="text/html" width=300 height=100></object>',
        '<embed src="{dead}" type="text/html" width=300 height=100>',
        "<div id=d></div><script>setTimeout(() => {{ const f = document.createElement('iframe');"
        "f.src = '{dead}'; document.getElementById('d').append(f) }}, 500)</script>",
        "<script>new EventSource('{dead}')</script>",
    ],
)
@pytest.mark.series(1)
def test_what_a_server_that_nobody_reaches_would_have_shown_in_a_frame_is_unseen(html: str) -> None:
    dead = "http://127.0.0.1:1/x.html"  # nobody listens there
    seen = page(
        FILLER + html.format(dead=dead),
        f_html=f'<iframe src="{dead}" width=200 height=80></iframe>',
    )
    (spot, *others) = seen.blind_spots
    assert Sense.LINK in spot.hides
    assert spot.why.code in ("frame_lost", "request_lost")
    assert [other.why.code for other in others if Sense.LINK in other.hides] == []


def test_lost_scripts_images_and_data_are_blind_spots_and_counters_are_not() -> None:
    whys = [
        str(spot.why)
        for spot in page(
            FILLER + "<img src=/lost.png width=100 height=100><script src=/lost.js></script>"
            "<script>fetch('/lost.json')</script><script src=http://hm.baidu.com/hm.js></script>"
        ).blind_spots
    ]
    # What is likelier to have shown something comes first.
    first = {
        name: min(number for number, why in enumerate(whys) if name in why)
        for name in ("lost.js was", "lost.json", "lost.png")
        if any(name in why for why in whys)
    }
    assert sorted(first, key=lambda name: first[name]) == ["lost.js was", "lost.json", "lost.png"]
    assert not any("baidu" in why for why in whys)


@pytest.mark.parametrize("src", [r"C:\Users\王\qr 1.png", "file:///C:/Users/wang/qr.png"])
@pytest.mark.series(1)
def test_a_picture_on_the_writers_own_disk_is_no_blind_spot_and_is_told_as_the_markup_has_it(
    src: str,
) -> None:
    html = f'{FILLER}<img src="{src}" alt="宜昌发布" width=90 height=90>'
    look = page(html)
    (in_markup,) = markup.read(Tree(html, "http://unit.test/")).disk_images
    assert look.blind_spots == ()
    assert [image.src for image in look.images] == [in_markup.src]


@pytest.mark.series
def test_what_is_named_like_a_code_is_told_first_and_a_service_of_the_rules_never() -> None:
    whys = [
        str(spot.why)
        for spot in page(
            FILLER + "<script src=/lost.js></script><img src=/qrcode_wx.png width=90 height=90>"
            "<script src=http://count.city.test/c.js></script>",
            third_parties=(
                ThirdParty(name="c", hosts=("*.city.test",), shows="badge", source="t"),
            ),
        ).blind_spots
    ]
    assert "qrcode_wx.png" in whys[0]
    assert "lost.js" in whys[1]
    assert not any("city.test" in why for why in whys)


def test_a_page_that_lacks_something_is_kept_as_it_looked_in_each_state(tmp_path: Path) -> None:
    html = """<style>#p{display:none;width:300px;height:200px;background:rgb(1,99,3)}
        #b{width:80px;height:30px} #b:hover+#p{display:block}</style><div id=b>contact</div>
        <div id=p>x</div>"""
    store = EvidenceStore(tmp_path, max_bytes=1 << 26)
    observation = asyncio.run(looked({"/": (FILLER + html).encode()}, evidence=store))
    assert isinstance(observation, Page)
    states = {f.state: f.file for f in observation.evidence_files if f.kind == "state"}
    assert set(states) == {Reason.of("state_hover", name="contact"), Reason.of("state_scrolled")}
    greens = {}
    for state, file in states.items():
        with Image.open(tmp_path / file) as picture:
            colours = picture.convert("RGB").getcolors(1 << 24) or []
        greens[state.code if state else ""] = sum(
            n for n, (r, g, b) in colours if r < 40 and 70 < g < 130 and b < 40
        )
    assert greens["state_hover"] > 50_000
    assert greens["state_scrolled"] == 0


@pytest.mark.parametrize(
    "script",
    [
        "while (true) {}",
        "alert(1); confirm(2); prompt(3); print(); window.close();",
        "window.open('/'); location.hash = 'x'; history.pushState(0, '', '/y');",
        "Object.defineProperty(document, 'title', {get() { throw 1; }});",
        "Element.prototype.getAttribute = function () { throw new Error('mine'); };",
        "setInterval(function () { document.body.appendChild(document.createElement('p')); }, 9);",
        pytest.param(
            "setInterval(() => { document.body.appendChild(document.createElement('p')); }, 1);",
            marks=pytest.mark.series,
        ),
        "navigator.serviceWorker && navigator.serviceWorker.register('/sw.js');",
        "var a = []; for (var i = 0; i < 1e5; i++) a.push(document.createElement('b'));",
    ],
)
@pytest.mark.series(1)
def test_no_script_ends_the_run(script: str) -> None:
    site = {"/": f"{FILLER}<script>{script}</script>".encode()}
    observation = asyncio.run(looked(site, patience=0.25))  # some of them never rest
    assert isinstance(observation, Page | Unseen)
    if isinstance(observation, Unseen):
        assert observation.cause in (Cause.TIMEOUT, Cause.CRASH)


@pytest.mark.parametrize(
    "code",
    [
        "open('/n.html')",  # in an attribute this is document.open
        "document.documentElement.remove()",
        "document.replaceChildren(document.createComment('x'))",
    ],
)
@pytest.mark.series
def test_a_click_that_leaves_nothing_of_the_page_takes_nothing_from_the_look(code: str) -> None:
    code = code.replace("'", "&#39;")
    away = (
        '<p id=p>more</p><script>p.onclick = function () { open("http://away.test/"); };</script>'
    )
    found = page(f'{FILLER}<b onclick="{code}">x</b> {away}')
    assert "http://away.test/" in {link.href for link in found.links}
    assert not found.blind_spots


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold to the limit")
@pytest.mark.series
def test_a_page_cannot_eat_the_memory_of_the_machine() -> None:
    links = page(
        FILLER
        + """<p id=p></p><script>
        var held = [], told = 'all';
        try { for (var i = 0; i < 100; i++) held.push(new Uint8Array(64 << 20)); }
        catch (error) { told = error.name; }
        document.getElementById('p').innerHTML = '<a href="http://told.test/' + told + '">x</a>';
        </script>"""
    ).links
    assert [link.href for link in links] == ["http://told.test/RangeError"]


@pytest.mark.skipif(sys.platform != "linux", reason="finds its processes in /proc")
def test_a_page_whose_pictures_unpack_without_measure_is_ended_before_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a page shares with the browser is in no limit of the system."""
    monkeypatch.setattr(chromium, "MAX_RESIDENT", 400 << 20)
    monkeypatch.setattr(chromium, "WATCH_SECONDS", 0.05)
    bomb = saved(Image.new("1", (6000, 6000)))
    shown = "".join(f"<img src=/{n}.png width=99 height=99>" for n in range(9))
    site = {f"/{n}.png": bomb + bytes([n]) for n in range(9)}
    observation = asyncio.run(looked({"/": (FILLER + shown).encode(), **site}))
    assert isinstance(observation, Unseen)
    assert observation.why == Reason.of("page_too_large")


def test_a_page_that_breaks_off_before_it_shows_anything_is_not_an_empty_one() -> None:
    observation = asyncio.run(looked({"/": b"<html><body><p>x"}, lacks=5000))
    assert isinstance(observation, Unseen)
    assert (observation.cause, observation.why.code) == (Cause.CONNECT, "nothing_readable")
    assert observation.why.has("page_cut_off")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds its processes in /proc")
def test_a_killed_renderer_costs_one_retry() -> None:
    killed: list[int] = []

    async def run() -> Observation:
        gate, requested = asyncio.Event(), asyncio.Event()

        async def kill() -> None:
            await requested.wait()
            killed.extend(chromium_processes(b"renderer"))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            gate.set()

        html = f"{FILLER}<a href=http://p.test/>x</a><script src=/slow.js></script>"
        return await looked(
            {"/": html.encode(), "/slow.js": b"1"}, during=kill, gate=gate, requested=requested
        )

    observation = asyncio.run(run())
    assert killed
    assert isinstance(observation, Page)
    assert [link.href for link in observation.links] == ["http://p.test/"]


def test_the_browser_reaches_private_addresses_no_more_than_the_fetcher() -> None:
    observation = asyncio.run(looked({"/": FILLER.encode()}, private=False))
    assert isinstance(observation, Unseen)
    assert observation.cause is Cause.REFUSED_ADDRESS
    inside = asyncio.run(looked({"/": FILLER.encode()}, private=False, intranet=("127.0.0.1/32",)))
    assert isinstance(inside, Page)


def test_the_browser_is_found_by_name_or_as_told(tmp_path: Path) -> None:
    told = chromium.find_browser({"YCAUDIT_BROWSER": "/bin/sh"})
    assert told == Path("/bin/sh")
    with pytest.raises(Exception, match="no such program"):
        chromium.find_browser({"YCAUDIT_BROWSER": str(tmp_path / "none")})


def test_a_page_finds_nothing_of_ours() -> None:
    links = page(
        FILLER
        + """<p id=p></p><script>
        var own = Object.getOwnPropertyNames(window).filter(function (n) {
          return /ycaudit|playwright|cdc_|webdriver|phantom/i.test(n); });
        var marks = [navigator.webdriver, own.length, /Headless/.test(navigator.userAgent),
          document.querySelectorAll('[data-ycaudit]').length, document.hasFocus(),
          document.visibilityState];
        p.innerHTML = '<a href="http://told.test/?' + marks.join('-') + '">x</a>';
        </script>"""
    ).links
    assert [link.href for link in links] == ["http://told.test/?false-0-false-0-true-visible"]


def test_a_page_finds_the_screen_and_the_mouse_of_a_visitor() -> None:
    html = """<style>.l{display:none} @media (hover: hover) and (pointer: fine) {
        @media (min-device-width: 1200px) { p:hover .l{display:inline} } }</style>
        <p>links <a class=l href=http://away.test/>away</a></p><script>
        if (screen.width < 1200 || outerWidth < innerWidth || Notification.permission != 'denied')
          document.body.innerHTML = 'the version for telephones';</script>"""
    assert is_reached(html)


LINK = "<a href=http://away.test/ {}>away</a>"
BASE = "<base target=_blank><a href=http://away.test/>away</a>"
ESCAPES = "allow-popups-to-escape-sandbox"


@pytest.mark.parametrize(
    ("html", "leads"),
    [
        (f'<iframe sandbox srcdoc="{LINK.format("target=_blank")}"></iframe>', False),
        (f"<div contenteditable>{LINK.format('')}</div>", False),
        (f'<iframe sandbox="{ESCAPES}" srcdoc="{BASE}"></iframe>', False),
        (f'<iframe sandbox="Allow-Popups" srcdoc="{BASE}"></iframe>', True),
        (f"<iframe name=h hidden></iframe>{LINK.format('target=h')}", False),
    ],
    ids=["sandbox", "text to edit", "escaping", "allowed", "hidden frame"],
)
@pytest.mark.series(2)
def test_a_link_that_a_click_does_not_follow_leads_nowhere(html: str, leads: bool) -> None:
    assert is_reached(html) is leads


def test_what_a_page_redefines_changes_nothing() -> None:
    links = seen(
        """<img name=querySelectorAll><form><input name=children><a href=http://in.test/>x</a></form>
        <a href=http://shown.test/>x</a><div style="display:none"><a href=http://hid.test/>x</a></div>
        <script>
        function lie() { throw new Error('mine'); }
        Document.prototype.querySelectorAll = Element.prototype.getBoundingClientRect = lie;
        Element.prototype.getAttribute = Element.prototype.checkVisibility = lie;
        window.getComputedStyle = window.fetch = JSON.stringify = Array.prototype.map = lie;
        Object.defineProperty(HTMLAnchorElement.prototype, 'href', {get: lie});
        </script>"""
    )
    assert links == {
        "http://in.test/": Visibility.SHOWN,
        "http://shown.test/": Visibility.SHOWN,
        "http://hid.test/": Visibility.HIDDEN,
    }


@pytest.mark.series
def test_what_is_on_a_slide_that_comes_by_is_clicked_while_it_is_there() -> None:
    def slides(name: str) -> str:
        link = f"<a href=http://{name}.test/>x</a>"
        each = (f"<div style='flex:0 0 100%'>{what}</div>" for what in (
            "one", f'<b onclick="this.innerHTML=\'{link}\'">go</b>', "three"
        ))  # fmt: skip
        return (
            "<div style='width:200px;height:60px;overflow:hidden'>"
            f"<div id={name} style='display:flex'>{''.join(each)}</div></div>"
        )

    found = page(
        FILLER
        + "".join(map(slides, "abc"))
        + """<script>var n = 0; setInterval(function () { n++;
        [a, b, c].forEach(function (s, at) {
          s.style.transform = 'translateX(-' + (n + at) % 3 * 100 + '%)' }) }, 1800)</script>"""
    )
    # Only one of them is there when all that is there is clicked.
    used = {link.href for link in found.links if link.visible.counts}
    assert {f"http://{name}.test/" for name in "abc"} <= used


MODAL = """<p style="height:1100px">below</p><b id=t>scan</b>
    <b style="position:fixed;left:6px;top:8px;z-index:20;background:#fff"
      onclick="this.title = 1">what lies below it, for which the page is loaded anew</b><script>
    document.getElementById('t').onclick = function () {
      var d = document.createElement('div');
      d.style.cssText = 'position:fixed;inset:0;background:rgba(0,0,0,.6);z-index:800';
      d.innerHTML = '<div style="position:absolute;left:35%;top:12%;background:#fff;' +
        'padding:16px;min-width:200px"><img src=/i.png width={0} height={0}></div>';
      document.body.appendChild(d);
    }</script>"""


@pytest.mark.parametrize("size, scale", [(96, 4), (150, 90)], ids=["small", "of many pixels"])
@pytest.mark.series
def test_a_screen_is_read_when_it_is_drawn_whole(size: int, scale: int) -> None:
    """Chromium draws a screen in tiles, large pictures later: some may show before others."""
    site = {
        "/": (FILLER + MODAL.replace("{0}", str(size))).encode(),
        "/i.png": saved(picture("within a modal", scale=scale)),
    }
    observation = asyncio.run(looked(site))
    assert isinstance(observation, Page)
    assert [(code.payload, code.visible) for code in observation.qr_codes] == [
        ("within a modal", Visibility.ON_HOVER)
    ]


@pytest.mark.series
def test_no_animation_is_over_before_the_scripts_of_the_page_have_come() -> None:
    html = f"""<style>@keyframes k{{from{{opacity:.2}}}} #b{{display:block;animation:k 9s}}</style>
        {FILLER}<b id=b>x</b><script src=/slow.js></script><script>
        b.onanimationend = function () {{ b.innerHTML = '<a href=http://p.test/>x</a>' }}
        </script>"""

    async def run() -> Observation:
        gate, requested = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            await requested.wait()
            # Animations go by the real clock: this is a twentieth of this one, and more.
            asyncio.get_running_loop().call_later(0.8, gate.set)

        site = {"/": html.encode(), "/slow.js": b"1"}
        return await looked(site, during=wait, gate=gate, requested=requested)

    observation = asyncio.run(run())
    assert isinstance(observation, Page)
    assert {link.href for link in observation.links if link.visible.counts} == {"http://p.test/"}


def test_the_ends_of_animations_come_between_the_timers_as_a_visitor_sees_them() -> None:
    links = seen(
        """<style>@keyframes k{from{opacity:.2}} b{display:block;animation:k 1s}</style>
        <b id=a>x</b><p id=early></p><p id=late></p><script>
        a.onanimationend = function () {
          early.innerHTML = '<a href=http://gone.test/>x</a>';
          late.innerHTML = '<a href=http://stays.test/>x</a>'; };
        setTimeout(function () { late.innerHTML = '' }, 500);
        setTimeout(function () { early.innerHTML = '' }, 1600);</script>"""
    )
    assert links.keys() == {"http://stays.test/"}
    assert links["http://stays.test/"].counts


def certified(kind: str, folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate that no visitor's browser takes."""
    context, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    now = datetime.now(UTC)
    if kind == "tls_self_signed":
        key, own = folder / "key.pem", folder / "own.pem"
        command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other.test -keyout"
        subprocess.run([*command.split(), key, "-out", own], check=True, capture_output=True)
        context.load_cert_chain(own, key)
        return context
    days = {"tls_expired": (-9, -1), "tls_not_yet_valid": (1, 9)}.get(kind, (-1, 9))
    name = "other.test" if kind == "tls_wrong_host" else "127.0.0.1"
    begin, end = (now + timedelta(day) for day in days)
    authority.issue_cert(name, not_before=begin, not_after=end).configure_cert(context)
    return context


@pytest.mark.parametrize(
    "kind",
    [
        *("tls_self_signed", "tls_wrong_host", "tls_expired", "tls_not_yet_valid"),
        "tls_unverifiable",
    ],
)
def test_a_certificate_that_does_not_hold_is_read_through_and_told(
    kind: str, tmp_path: Path
) -> None:
    site = {"/": f"{FILLER}<a href=/news>news</a>".encode()}
    observation = asyncio.run(looked(site, tls=certified(kind, tmp_path), until=lambda _: True))
    assert isinstance(observation, Page)
    (remark,) = observation.remarks
    assert remark.code == "tls_unverified"
    assert remark.has(kind)


def test_a_blurred_code_on_the_screen_is_told_as_unread_and_not_as_absent() -> None:
    with Image.open(io.BytesIO(saved(picture("http://weixin.qq.com/r/abcdefghijk", scale=8)))) as i:
        code = i.convert("L").resize((150, 150), Image.Resampling.LANCZOS)
    site = {
        "/": f'{FILLER}<img src="/i.png" width="150" height="150">'.encode(),
        "/i.png": saved(code.filter(ImageFilter.GaussianBlur(3.2))),
    }
    observation = asyncio.run(looked(site))
    assert isinstance(observation, Page)
    assert observation.qr_codes == ()
    assert "painted_unread" in {spot.why.code for spot in observation.blind_spots}


@pytest.mark.series(2)
@pytest.mark.parametrize(
    ("words", "is_doubt"),
    [
        pytest.param("", True, id="nothing over it"),
        pytest.param("<h1 style='top:150px'>WORDS</h1>", True, id="words below it"),
        pytest.param("<h1>WORDS</h1><h1 style='top:50px'>WORDS</h1>", False, id="words over it"),
        pytest.param("<h1>▚▚▚▚</h1><h1 style='top:50px'>▚▚▚▚</h1>", True, id="blocks over it"),
    ],
)
def test_what_is_like_a_code_behind_large_words_is_none(words: str, is_doubt: bool) -> None:
    """What has a code's texture and no finder patterns is suspected beside a code of its size."""
    modules = Image.new("L", (29, 29), 255)
    chance = random.Random(7)
    modules.putdata([chance.choice((0, 255)) for _ in range(29 * 29)])
    style = "<style>h1{position:absolute;top:0;margin:0;font:46px/60px mono;color:#777}</style>"
    html = f"""{FILLER}{style}<img src="/i.png" width="150" height="150">
        <div style="position:relative;width:150px;height:220px;margin:40px">
        <img src="/m.png" width="145" height="145">{words}</div>"""
    site = {
        "/": f"<meta charset=utf-8>{html}".encode(),
        "/i.png": saved(picture("http://weixin.qq.com/r/another", scale=6)),
        "/m.png": saved(modules.resize((145, 145), Image.Resampling.NEAREST)),
    }
    observation = asyncio.run(looked(site))
    assert isinstance(observation, Page)
    assert ("painted_unread" in {s.why.code for s in observation.blind_spots}) is is_doubt


def drawn(payload: str) -> str:
    """The modules of a code of version 3, as its rows of 0 and 1."""
    code = segno.make(payload, version=3, error="l", mask=2, boost_error=False)
    return ",".join("".join(map(str, row)) for row in code.matrix)


@pytest.mark.series
def test_a_code_that_is_drawn_over_another_of_its_size_is_read() -> None:
    payloads = [f"http://app.example.cn/down/{n}" for n in ("wx", "wb", "ys")]
    tabs = "".join(f"<b data-m={drawn(payload)}>tab</b> " for payload in payloads)
    html = f"""{tabs}<p><canvas id=c width=180 height=180></canvas><script>
        function draw(b) {{ var x = c.getContext('2d'); x.fillStyle = '#fff';
          x.fillRect(0, 0, 180, 180); x.fillStyle = '#000';
          b.dataset.m.split(',').forEach(function (row, j) {{
            for (var i = 0; i < row.length; i++)
              if (+row[i]) x.fillRect(17 + 5 * i, 17 + 5 * j, 5, 5); }}); }}
        document.querySelectorAll('b').forEach(function (b) {{
          b.onclick = function () {{ draw(b); }}; }});
        draw(document.querySelector('b'));</script>"""
    assert codes(html) == {*payloads}


@pytest.mark.series
def test_a_code_that_only_a_closer_look_can_read_is_read_as_a_state_has_shown_it() -> None:
    payload = "http://app.example.cn/download/yichang"
    with Image.open(io.BytesIO(saved(picture(payload, scale=6, border=0)))) as image:
        small = image.convert("L").resize((60, 60), Image.Resampling.LANCZOS)
    html = """<style>.w{width:90px} .w i{display:none;background:#222;padding:40px;width:99px}
        .w:hover i{display:block}</style>
        <div class=w>app<i><img src=/s.png width=60 height=60></i></div>"""
    asked = QrRequirement(id="q", name="app", kind="qr", accept=[{"payload": payload}])
    found = look({"/": f"{FILLER}{html}".encode(), "/s.png": saved(small)}, (asked,))
    (code,) = found.qr_codes
    assert code.visible is Visibility.ON_HOVER


@pytest.mark.series
def test_a_code_that_is_cut_off_is_no_doubt_where_it_was_read_as_a_whole() -> None:
    html = """<div style="width:260px;overflow:hidden;white-space:nowrap">
        <img src=/i.png width=150 height=150> <img src=/i.png width=150 height=150></div>"""
    found = look({"/": f"{FILLER}{NEWS}{html}".encode(), **FILES})
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    assert found.blind_spots == ()


@pytest.mark.series
def test_what_comes_with_scrolling_is_clicked_after_the_page_was_loaded_anew() -> None:
    """A dialog that nothing closes lies over tabs that are there only once one has scrolled."""
    links = seen(
        """<span id=scan>扫一扫二维码</span><p style="height:2000px">below</p>
        <div id=d></div><script>
        scan.onclick = function () {
          var cover = document.createElement('div');
          cover.style.cssText = 'position:fixed;inset:0;background:#fff;z-index:800';
          cover.innerHTML = '<img src=/i.png width=150 height=150>';
          document.body.appendChild(cover); };
        var timer; addEventListener('scroll', function () {
          clearTimeout(timer);
          timer = setTimeout(function () { if (!d.firstChild) come() }, 200); });
        function come() {
          d.innerHTML = '<span>first</span> <span>second</span><p id=p></p>';
          [].forEach.call(d.querySelectorAll('span'), function (tab) {
            tab.onclick = function () {
              fetch('/f.html').then(function () {
                p.innerHTML = '<a href=http://' + tab.innerText + '.test/>x</a>' }); }; }); }
        </script>"""
    )
    assert links == {
        "http://first.test/": Visibility.ON_HOVER,
        "http://second.test/": Visibility.ON_HOVER,
    }
