"""What a visitor tries though it is hard to get at, and what he cannot use though it is there."""

from __future__ import annotations

import asyncio
import random

import pytest

from support.browser_looks import (
    AWAY,
    CODE,
    FILES,
    FILLER,
    NEWS,
    finds_code,
    finds_links,
    host,
    is_reached,
    look,
    looked,
    page,
)
from support.browsers import needs_browser
from support.texts import ICP, NUMBER
from ycaudit.model import Page

pytestmark = [pytest.mark.browser, needs_browser]
LINK = "<a href=http://away.test/>away</a>"
LEAVE = "open('http://away.test/')"
TRIED = {
    "blinking": f"""<style>@keyframes b{{0%,100%{{opacity:1}} 50%{{opacity:0}}}}
        i{{animation:b 1s infinite}}</style><p><i id=o>our media</i></p>
        <script>o.onclick = function () {{ {LEAVE}; }};</script>""",
    "fading into another": f"""<style>@keyframes f{{0%,45%{{opacity:1}} 50%,95%{{opacity:0}}}}
        i{{position:absolute;width:90px;height:30px;background:#fff}}
        #b{{animation:f 8s infinite}}</style><div style="position:relative;height:40px">
        <i id=a>one</i><i id=b>two</i></div><script>
        b.onclick = function () {{ {LEAVE}; }};</script>""",
    "by a script of the whole document": f"""<p><span class=o>our media</span></p><script>
        document.addEventListener('click', function (e) {{
          if (e.target.closest('.o')) {LEAVE}; }});</script>""",
    "a picture by such a script": f"""<p><img class=o src=/i.png width=60 height=60></p><script>
        document.addEventListener('click', function (e) {{
          if (e.target.closest('.o')) {LEAVE}; }});</script>""",
    "as large as half the window": f"""<div id=o style="height:600px;background:#cde">welcome</div>
        <script>o.addEventListener('click', function () {{ {LEAVE}; }});</script>""",
    "under a picture that any click takes away": f"""<p>{LINK}</p><div id=o style="position:fixed;
        inset:0;background:#cde">welcome</div><script>o.onclick = function () {{ o.remove(); }};
        </script>""",
    "once one has agreed": f"""<p><label><input type=checkbox id=c> I agree</label>
        <button id=b disabled>go on</button></p><script>
        c.onchange = function () {{ b.disabled = !c.checked; }};
        b.onclick = function () {{ {LEAVE}; }};</script>""",
    "under a closed dialog that lets clicks through": f"""<div style="position:fixed;inset:0;
        opacity:0;pointer-events:none"><p style="background:#fff;height:100%">closed</div>{LINK}""",
    "under a veil of a day of mourning": f"""<i style="position:fixed;inset:0;background:#000;
        mix-blend-mode:saturation;pointer-events:none"></i>{LINK}""",
    "of more lines than are shown": f"""<p style="width:90px;height:20px;overflow:hidden">
        {LINK.replace("away<", "away to the news of the whole city<")}</p>""",
    "of a list that lies unseen over a drawn one": """<p style="position:relative"><b>choose</b>
        <select id=s style="position:absolute;left:0;opacity:0"><option value="">choose
        <option value=http://away.test/>away</select></p><script>
        s.onchange = function () { open(s.value); };</script>""",
    "by an unseen box and its label": f"""<style>#c~p{{display:none}} #c:checked~p{{display:block}}
        </style><input type=checkbox id=c style="position:absolute;opacity:0">
        <label for=c>our media</label><p>{LINK}</p>""",
    "of a list box that answers the mouse": """<select size=3 onclick="window.open(this.value)">
        <option value=http://x.test/>x<option value=http://away.test/>away</select>""",
    "once one has agreed under a notice": f"""<div id=n style="position:fixed;left:0;top:0;
        width:700px;height:700px;background:#def"><span onclick="n.remove()">关闭</span></div>
        <p><label><input type=checkbox id=c> yes</label> <button id=b disabled>go on</button></p>
        <script>c.onchange = function () {{ b.disabled = !c.checked; }};
        b.onclick = function () {{ {LEAVE}; }};</script>""",
    "a map of a picture that comes second": """<map name=m><area shape=rect coords=0,0,90,40
        href=http://away.test/></map><div style="position:relative;height:60px">
        <img src=/i.png usemap=#m width=90 height=40 style="position:absolute;left:200px;opacity:0">
        <img src=/i.png usemap=#m width=90 height=40></div>""",
}


@pytest.mark.parametrize("html", TRIED.values(), ids=TRIED)
@pytest.mark.series(2)
def test_a_visitor_gets_to_a_link(html: str) -> None:
    assert finds_links(NEWS + html, AWAY, (host("away"),), FILES)


@pytest.mark.series
def test_a_visitor_points_at_what_a_script_of_the_whole_document_knows() -> None:
    html = f"""<p><span class=o>our media</span></p><p id=r></p><script>
        document.addEventListener('mouseover', function (e) {{
          r.innerHTML = e.target.closest('.o') ? '{CODE}' : ''; }});</script>"""
    assert finds_code(NEWS + html, FILES)


def test_a_rule_that_a_script_puts_into_a_sheet_is_a_rule_like_others() -> None:
    html = f"""<style id=s></style><p class=o>our media <span class=c>{CODE}</span></p><script>
        s.sheet.insertRule('.c{{display:none}}');
        s.sheet.insertRule('.o:hover .c{{display:block}}');
        </script>"""
    assert finds_code(NEWS + html, FILES)


def test_an_advertisement_is_closed_by_the_button_in_it_and_not_by_what_holds_that() -> None:
    html = f"""<style>.c{{display:none}} .o:hover .c{{display:block}}</style>
        <p class=o style="height:90px">our app <span class=c>{CODE}</span></p>
        <div id=a style="position:absolute;top:400px;left:0;width:1900px;height:400px;
        background:#fff">关注我们 <a href="javascript:void(0)" onclick="a.style.display='none'"
        >关闭</a></div><script>a.style.top = document.querySelector('.o').offsetTop + 'px';
        </script>"""
    assert finds_code(NEWS + html, FILES)


ASKS = "您访问的链接即将离开本网站，是否继续？"
JUMPS = {
    "with a footer of its own": f"""{ASKS}<a href=http://away.test/>继续访问</a>
        <p><a href=http://icp.test/>ICP 2026</a>""",
    "with a button": f"""{ASKS}<button id=b>继续访问</button><script>
        b.onclick = function () {{ location.href = 'http://away.test/'; }};</script>""",
    "that counts down from ten": """10 秒后自动跳转<script>
        setTimeout(function () { location.href = 'http://away.test/'; }, 10000);</script>""",
    "with much to read": f"""{ASKS}<a href=http://away.test/>继续访问</a>{"本站介绍。" * 400}""",
}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
@pytest.mark.series(1)
def test_a_page_that_asks_whether_to_go_on_leads_on(jump: str) -> None:
    site = {"/go": f"<meta charset=utf-8>{jump}<a href=/>back</a>"}
    home = f"{FILLER}{NEWS}<a href=/go>门户</a>"
    found = page(home, requirements=(host("away", "门户"),), go=site["/go"])
    assert {link.href for link in found.links if link.visible.counts} >= AWAY


@pytest.mark.parametrize(
    "page_",
    [
        "关于推广门户的通知：请关注 <a href=http://away.test/>门户</a>，及时转发。",
        "我局工作受到好评。来源：<a href=http://away.test/>门户</a>",
        f"{'本站介绍。' * 60}本站不对第三方网站的内容负责。<a href=http://away.test/>来源</a>",
    ],
)
@pytest.mark.series(1)
def test_an_article_of_the_own_site_is_no_jump_however_short(page_: str) -> None:
    home = f"{FILLER}{NEWS}<a href=/t.html>门户</a>"
    article = f"<meta charset=utf-8>{page_}<a href=/>返回</a>"
    found = page(home, requirements=(host("away", "门户"),), t_html=article)
    assert not AWAY & {link.href for link in found.links}


@pytest.mark.series
def test_a_logo_among_links_to_others_may_lead_on_by_a_page_of_the_own_site() -> None:
    logo = "<p><a href=/t1.html><img src=/i.png width=90 height=30></a> <a href=//x.test/>x</a></p>"
    onward = "<script>location.href = 'http://away.test/'</script>"
    site = {"/": (FILLER + NEWS + logo).encode(), "/t1.html": onward.encode(), **FILES}
    found = look(site, (host("away"),))
    assert {link.href for link in found.links if link.visible.counts} >= AWAY


USELESS = {
    "under something that lets clicks through": f"""<p style="position:relative">{LINK}<span style=
        "position:absolute;inset:0;background:#fff;pointer-events:none">news</span></p>""",
    "in letters of two pixels": f'<p style="font-size:2px;line-height:2px">{LINK}</p>',
    "of which only the top is seen": f'<div style="height:6px;overflow:hidden">{LINK}</div>',
    "in an area of a picture that did not come": """<map name=m><area shape=rect
        coords=0,0,90,40 href=http://away.test/></map><img src=/gone.png usemap=#m width=90>""",
}


@pytest.mark.parametrize("html", USELESS.values(), ids=USELESS)
@pytest.mark.series(1)
def test_what_nobody_sees_is_no_link(html: str) -> None:
    assert not is_reached(NEWS + html)


MENU = """<style>ul{{position:relative;width:420px}} ul>li{{display:inline-block;width:100px;
    height:30px}} ol{{display:none;position:absolute;left:0;top:{top}px;width:400px;height:60px;
    background:#fff}} {opens} ol a{{position:absolute;right:0;top:30px}}</style>
    <ul>{items}</ul>"""
MENU_ITEMS = f"<li>ours<ol>{LINK}</ol><li>yours<ol>empty</ol><li>theirs<ol>empty</ol>"
BY_SCRIPT = """<script>document.querySelectorAll('ul>li').forEach(function (li) {
    var ol = li.querySelector('ol');
    li.onmouseenter = function () { ol.style.display = 'block'; };
    li.onmouseleave = function () { ol.style.display = 'none'; }; });</script>"""


@pytest.mark.parametrize("script", ["", BY_SCRIPT])
@pytest.mark.parametrize(
    ("top", "is_used"),
    [(30, True), (44, True), (130, False)],  # a hurried hand crosses a gap of some pixels
)
@pytest.mark.series(2)
def test_a_menu_is_there_if_the_mouse_gets_to_it_before_it_closes(
    script: str, top: int, *, is_used: bool
) -> None:
    opens = "" if script else "li:hover>ol{display:block}"
    menu = MENU.format(top=top, opens=opens, items=MENU_ITEMS)
    # On the straight way to the link the mouse crosses what opens other menus.
    assert is_reached(NEWS + menu + script) is is_used


@pytest.mark.series
def test_a_note_that_follows_the_mouse_holds_no_link() -> None:
    html = f"""<p><span id=o>our media</span></p><div id=t style="display:none;position:fixed;
        background:#fff">{LINK}</div><script>
        o.onmousemove = function (e) {{ t.style.display = 'block';
          t.style.left = e.clientX + 12 + 'px'; t.style.top = e.clientY + 12 + 'px'; }};
        o.onmouseleave = function () {{ t.style.display = 'none'; }};</script>"""
    assert not is_reached(NEWS + html)


@pytest.mark.parametrize(
    ("style", "is_read"),
    [("opacity:.07", False), ("opacity:.4", True), ("width:34px;height:34px", False)],
)
def test_a_code_that_no_camera_reads_is_not_shown(style: str, is_read: bool) -> None:
    assert finds_code(f'{NEWS}<img src=/i.png width=150 style="{style}">', FILES) is is_read


@pytest.mark.parametrize(
    ("picture", "hides"),
    [
        ("<img src=/gone.png width=16 height=16>", False),
        ("<p style='height:30px;background:url(/gone.png)'>", False),
        ("<img src=/gone.png onerror=\"this.src='/i.png'\">", False),
        ("<img src=/gone.png width=150>", True),
        ("<img src=/gone.png>", True),
    ],
)
@pytest.mark.series(1)
def test_a_lost_picture_hides_a_code_where_one_has_room(picture: str, hides: bool) -> None:
    found = look({"/": (FILLER + NEWS + picture).encode(), **FILES})
    assert ("image_lost" in {spot.why.code for spot in found.blind_spots}) is hides


@pytest.mark.parametrize("field", ["<textarea>{}</textarea>", "<input placeholder='{}'>"])
def test_what_stands_in_a_field_is_read(field: str) -> None:
    def has_number(found: Page) -> bool:
        return ICP.judge(found).outcome == "pass"

    html = FILLER + NEWS + field.format(NUMBER)
    assert has_number(page(html, requirements=(ICP,), until=has_number))


def test_half_a_character_is_no_end_of_a_look() -> None:
    html = """<p id=a></p><script>document.title = a.textContent = 'x\\ud83d';</script>"""
    assert finds_links(NEWS + html + LINK, AWAY, (host("away"),))


@pytest.mark.series
def test_a_page_that_sends_its_visitor_on_after_some_seconds_is_looked_at_there_too() -> None:
    onward = "<script>setTimeout(function () { location = '/home' }, 6000)</script>"
    first = f"{FILLER}{NEWS}<a href=http://first.test/>first</a>{onward}"
    site = {"/": first.encode(), "/home": f"{FILLER}news{CODE}".encode(), **FILES}
    found = look(site, (host("first"),))
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    assert "http://first.test/" in {link.href for link in found.links if link.visible.counts}
    assert found.final_url.endswith("/home")


@pytest.mark.series
def test_what_stands_on_a_bare_page_for_seconds_before_it_sends_its_visitor_on_is_seen() -> None:
    onward = "<script>setTimeout(function () { location = '/home' }, 6000)</script>"
    site = {
        "/": f"<h1>welcome</h1>{CODE}{LINK}{onward}".encode(),
        "/home": f"{FILLER}{NEWS}".encode(),
        **FILES,
    }
    found = look(site, (host("away"),))
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    assert {link.href for link in found.links if link.visible.counts} >= AWAY
    assert found.final_url.endswith("/home")


@pytest.mark.series
def test_a_page_that_sends_its_visitor_on_without_end_is_a_doubt() -> None:
    later = "<script>setTimeout(function () { location = '/NEXT' }, 6000)</script>"
    site = {
        f"/{n or ''}": f"{FILLER}{NEWS}{'page ' * n}{later.replace('NEXT', str(n + 1))}".encode()
        for n in range(9)
    }
    pages = {path: body.replace(b"news", path.encode() + b" news") for path, body in site.items()}
    found = look(pages, (host("away"),))
    assert "not_explored_yet" in {spot.why.code for spot in found.blind_spots}


@pytest.mark.series
def test_packed_data_that_breaks_off_is_no_end_of_the_page() -> None:
    words = " ".join(map(str, random.Random(7).sample(range(10**6), 2000)))
    html = f"<html><body>{FILLER}{NEWS}{words}{CODE}</body></html>"
    found = asyncio.run(looked({"/": html.encode(), **FILES}, cut=0.1))
    assert isinstance(found, Page)
    assert "page_cut_off" in {spot.why.code for spot in found.blind_spots}
