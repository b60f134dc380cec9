"""What a click begins, and what keeps things from being clicked at first."""

from __future__ import annotations

import pytest

from support.browser_looks import (
    AWAY,
    CODE,
    FILES,
    FILLER,
    NEWS,
    finds_code,
    host,
    is_reached,
    look,
    page,
)
from support.browsers import needs_browser
from support.codes import picture, saved

pytestmark = [pytest.mark.browser, needs_browser]
LINK = "<a href=http://away.test/>away</a>"
LATER = {
    "a link that counts down": """<a id=o href=http://away.test/>away</a> <i id=t></i><script>
        o.onclick = function () { t.innerHTML = '3 秒后跳转';
          setTimeout(function () { location = o.href; }, 3000); return false; };</script>""",
    "a button that counts down": """<button id=o>our media</button> <i id=t></i><script>
        o.onclick = function () { t.innerHTML = '3 秒后跳转';
          setTimeout(function () { location = 'http://away.test/'; }, 3000); };</script>""",
    "a list that counts down": """<select id=o><option value="">choose
        <option value=http://away.test/>away</select><script>
        o.onchange = function () {
          setTimeout(function () { location = o.value; }, 3000); };</script>""",
}


@pytest.mark.parametrize("html", LATER.values(), ids=LATER)
@pytest.mark.series(1)
def test_a_click_may_lead_somewhere_after_some_seconds(html: str) -> None:
    assert is_reached(NEWS + html)


@pytest.mark.series
def test_where_a_click_leads_after_seconds_is_another_page_than_the_homepage() -> None:
    onward = """<button id=o>work</button><script>
        o.onclick = function () { setTimeout(function () { location = '/sub' }, 3000); };
        </script>"""
    site = {"/": (FILLER + NEWS + onward).encode(), "/sub": f"{FILLER}{CODE}".encode(), **FILES}
    found = look(site)
    assert not found.qr_codes
    assert "sends_on" not in {remark.code for remark in found.remarks}
    assert found.final_url.endswith("/")


BAR = """<div style="position:fixed;left:0;right:0;bottom:0;height:100px;background:#fff">hotline
    </div>"""
UNDER_A_BAR = {
    "a button": "<button id=o>our media</button><script>o.onclick = function () {"
    " open('http://away.test/'); };</script>",
    "a list": "<select id=o><option value=''>choose<option value=http://away.test/>away</select>"
    "<script>o.onchange = function () { open(o.value); };</script>",
}


@pytest.mark.parametrize("html", UNDER_A_BAR.values(), ids=UNDER_A_BAR)
@pytest.mark.series(1)
def test_what_lies_under_a_bar_is_scrolled_past_it(html: str) -> None:
    there = f'<div style="position:absolute;top:1010px">{html}</div>'
    assert is_reached(f'<p style="height:1700px">{LINK.replace("away", "news")}</p>{there}{BAR}')


NOTICES = {
    "a modal dialog": """<dialog id=d><p>notice</p><button onclick="d.close()">我知道了</button>
        </dialog><script>d.showModal();</script>""",
    "a modal dialog whose button says go": """<dialog id=d><p>notice</p>
        <button onclick="d.close()">go</button></dialog><script>d.showModal();</script>""",
    "a box over it": """<div id=d style="position:fixed;left:0;top:0;width:800px;height:900px;
        background:#def"><p>notice</p><button onclick="d.remove()">我知道了</button></div>""",
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
@pytest.mark.series(1)
def test_a_notice_is_acknowledged_before_what_lies_under_it_is_tried(notice: str) -> None:
    hover = f"""<style>.c{{display:none}} .o:hover .c{{display:block}}</style>
        <p class=o style="width:300px;height:60px">our app <span class=c>{CODE}</span></p>"""
    assert finds_code(f"{hover}{NEWS}{notice}", FILES)


MOVING = {
    "a link that runs by": f"""<style>@keyframes r{{from{{transform:translateX(2000px)}}
        to{{transform:translateX(-300px)}}}} .r{{display:inline-block;animation:r 10s linear
        infinite}}</style><p class=r style="margin-left:700px">{LINK}</p>""",
    "a link that blinks": f"""<style>@keyframes b{{0%,60%{{opacity:0}} 70%,100%{{opacity:1}}}}
        .r{{animation:b 2s infinite}}</style><p class=r>{LINK}</p>""",
}


@pytest.mark.parametrize("html", MOVING.values(), ids=MOVING)
@pytest.mark.series(1)
def test_what_begins_to_move_once_it_was_opened_is_seen_at_more_than_one_moment(html: str) -> None:
    tabs = f"""<p><button onclick="t.style.display='block'">media</button></p>
        <div id=t style="display:none;overflow:hidden">{html}</div>"""
    assert is_reached(NEWS + tabs)


@pytest.mark.series
def test_a_strip_that_goes_back_and_forth_is_seen_at_both_ends() -> None:
    pictures = "".join(f"<img src=/{n}.png width=150 style='margin-right:450px'>" for n in range(2))
    strip = f"""<style>@keyframes s{{from{{transform:none}} to{{transform:translateX(-600px)}}}}
        .s{{width:600px;overflow:hidden}} .s p{{width:1200px;font-size:0;
        animation:s 8s infinite alternate -7s}}</style><div class=s><p>{pictures}</p></div>"""
    files = {f"/{n}.png": saved(picture(f"slide {n}")) for n in range(2)}
    found = look({"/": f"{FILLER}{NEWS}{strip}".encode(), **files})
    shown = {code.payload for code in found.qr_codes if code.visible.counts}
    assert shown == {"slide 0", "slide 1"}


@pytest.mark.series
def test_slides_that_wait_each_longer_than_the_one_before_are_all_seen() -> None:
    """None of them would be, if each stood still at the same share of its own round."""
    slides = "".join(
        f'<img src=/{n}.png width=150 style="animation-delay:{3 * n}s">' for n in range(3)
    )
    style = """<style>@keyframes f{0%,30%{opacity:1} 34%,100%{opacity:0}} b{position:relative;
        display:block;height:160px} b img{position:absolute;left:0;opacity:0;
        animation:f 9s infinite}</style>"""
    files = {f"/{n}.png": saved(picture(f"slide {n}")) for n in range(3)}
    found = look({"/": f"{FILLER}{NEWS}{style}<b>{slides}</b>".encode(), **files})
    shown = {code.payload for code in found.qr_codes if code.visible.counts}
    assert shown == {"slide 0", "slide 1", "slide 2"}


@pytest.mark.series
def test_what_has_the_right_name_is_tried_wherever_it_leads() -> None:
    """Where the rule is corrected afterwards, nobody has to look again."""
    home = f"""{FILLER}{NEWS}<a href=http://named.test/>门户</a> <a href=http://else.test/>x</a>
        <p style="position:relative"><a href=http://covered.test/>门户</a>
        <i style="position:absolute;inset:0;background:#fff"></i></p><a href=/jump?id=3>门户</a>"""
    onward = b"<script>location.href = 'http://behind.test/'</script>"
    site = {"/": home.encode(), "/jump": onward}
    found = look(site, (host("away", "门户"),))
    assert {link.href for link in found.links if link.reached} == {
        "http://named.test/",
        "http://behind.test/",
    }


ASKING = {
    "in the words of a notice": "您将访问以下网站，本站对其内容不负责任。",
    "of another kind of site": "您正在访问的网站为外部网站。",
}


@pytest.mark.parametrize("words", ASKING.values(), ids=ASKING)
@pytest.mark.series(1)
def test_a_jump_page_may_have_the_head_and_the_foot_of_its_site(words: str) -> None:
    jump = f"""<meta charset=utf-8>{NEWS}<p>{words}</p><a href=http://away.test/>三峡网</a>
        <a href=https://beian.miit.gov.cn/>ICP 2026</a>"""
    found = page(
        f"{FILLER}{NEWS}<a href=/go>门户</a>", requirements=(host("away", "门户"),), go=jump
    )
    assert {link.href for link in found.links if link.visible.counts} >= AWAY


@pytest.mark.series
def test_a_window_that_comes_long_after_a_click_is_a_pop_up() -> None:
    late = """<button id=o>our media</button><script>o.onclick = function () {
        o.innerHTML = '8 秒'; setTimeout(function () { open('http://away.test/'); }, 8000); };
        </script>"""
    found = page(FILLER + NEWS + late, requirements=(host("away"),))
    assert not AWAY & {link.href for link in found.links if link.visible.counts}


@pytest.mark.series
def test_what_a_bar_has_covered_is_used_once_that_was_closed_for_good() -> None:
    html = f"""<div style="height:900px">{NEWS}</div><p>our app <img src=/x.png width=40></p>
        <p>{LINK}</p><div id=k style="position:fixed;left:0;right:0;bottom:0;height:400px;
        background:#eee;display:none"><button id=b>同意</button></div><script>
        if (document.cookie.indexOf('k=') < 0) k.style.display = 'block';
        b.onclick = function () {{ document.cookie = 'k=1'; k.style.display = 'none'; }};
        </script>"""
    assert is_reached(html)


@pytest.mark.series
def test_a_column_of_the_own_site_that_says_what_is_being_visited_is_no_jump() -> None:
    column = f"""<meta charset=utf-8>您正在访问：首页 &gt; 新闻{NEWS}
        稿件来源：<a href=http://away.test/>门户</a>"""
    home = f"{FILLER}{NEWS}<a href=/c.html>门户</a>"
    found = page(home, requirements=(host("away", "门户"),), c_html=column)
    assert not AWAY & {link.href for link in found.links if link.visible.counts}


@pytest.mark.series
def test_the_pictures_of_a_strip_that_runs_have_not_been_opened_by_a_menu() -> None:
    pictures = "".join(
        f"<li><a href=/p{n}.html><img src=/x.png width=200 height=140>picture {n}</a>"
        for n in range(16)
    )
    menus = "".join(
        f"<div class=m>menu {n}<ol><li>a<li><button>b</button></ol></div>" for n in range(12)
    )
    home = f"""<style>#s{{width:640px;height:170px;overflow:hidden}} #s ul{{width:9999px;padding:0}}
        #s li{{float:left;width:220px;list-style:none}} .m ol{{display:none}}
        .m{{float:left;width:90px;height:60px}} .m:hover ol{{display:block}}</style>{menus}
        {NEWS}<div id=s><ul>{pictures}</ul></div><script>
        setInterval(function () {{ s.scrollLeft = (s.scrollLeft + 1) % 2800; }}, 25);
        document.querySelectorAll('#s li').forEach(function (li) {{
          li.onmouseover = function () {{ li.style.opacity = .8; }};
          li.onmouseout = function () {{ li.style.opacity = 1; }}; }});</script>"""
    found = look({"/": (FILLER + home).encode(), "/x.png": FILES["/i.png"][:0]}, (host("away"),))
    assert "not_all_tried" not in {spot.why.code for spot in found.blind_spots}
