"""What lies under something else, or comes to its place: a visitor gets to see it, and goes on."""

from __future__ import annotations

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
    page,
)
from support.browsers import needs_browser
from support.texts import ICP, NUMBER
from ycaudit.model import Page

pytestmark = [pytest.mark.browser, needs_browser]
LINK = "<a href=http://away.test/>away</a>"
COVERED = """<style>.c{position:relative;width:220px;height:120px;overflow:hidden}
    .c>*{position:absolute;inset:0;background:#fff} .c i{transition:transform .4s}
    .c:hover i{transform:translateY(-100%)}</style><div class=c><p>IN</p><i>our media</i></div>"""
UNCOVERED = {
    "under a cover that slides off": COVERED.replace("IN", LINK),
    "on the back of a card that turns over": f"""<style>.c,.c *{{width:200px;height:120px}}
        .c div{{position:relative;transform-style:preserve-3d;transition:transform .4s}}
        .c p{{position:absolute;margin:0;backface-visibility:hidden;background:#fff}}
        .c .b,.c:hover div{{transform:rotateY(180deg)}}</style>
        <div class=c><div><p>our media<p class=b>{LINK}</div></div>""",
    "behind another pane": f"""<style>.p{{position:relative;height:120px}}
        .p div{{position:absolute;inset:0;background:#fff;z-index:1}} .p .on{{z-index:2}}</style>
        <p><span>one</span> <span>two</span></p><div class=p><div class=on>one</div><div>{LINK}
        </div></div><script>document.querySelectorAll('span').forEach(function (s, n) {{
          s.onclick = function () {{ document.querySelectorAll('.p div').forEach(
            function (d, i) {{ d.className = i == n ? 'on' : ''; }}); }}; }});</script>""",
    "in a menu that is cut off": f"""<style>.o{{position:relative;width:120px}}
        .o p{{position:absolute;top:4px;clip-path:inset(0 0 100% 0);transition:clip-path .3s}}
        .o:hover p{{clip-path:inset(0)}}</style><div class=o>our media<p>{LINK}</div>""",
}


@pytest.mark.parametrize("html", UNCOVERED.values(), ids=UNCOVERED)
@pytest.mark.series(1)
def test_a_link_that_is_uncovered_is_followed(html: str) -> None:
    assert is_reached(NEWS + html)


def is_read(html: str) -> bool:
    """Whether a visitor gets to read the number; it is looked for no longer than that takes."""

    def has_number(page: Page) -> bool:
        return ICP.judge(page).outcome == "pass"

    return has_number(page(FILLER + NEWS + html, requirements=(ICP,), until=has_number))


@pytest.mark.series
def test_a_text_that_is_uncovered_is_read() -> None:
    assert is_read(COVERED.replace("IN", NUMBER))
    assert not is_read(COVERED.replace("IN", NUMBER).replace(":hover", ":active"))


TABS = """<p><b>one</b> <b>two</b> <b>three</b></p><ul id=l></ul><p id=r></p>
    <style>li{width:200px} #r{height:160px}</style><script>
    var all = [['a', 'b'], ['c', 'away'], ['d', 'e']];
    function leave(name) { open('http://' + name + '.test/'); }
    function reveal(name) { r.innerHTML = name == 'away' ? '<img src=/i.png width=150>' : name; }
    function show(names) { MAKE }
    document.querySelectorAll('b').forEach(function (b, n) {
      b.onTAB = function () { show(all[n]); }; });
    show(all[0]);</script>"""
"""What is wanted is in the second tab, and the third takes its place again."""
MADE = """r.innerHTML = ''; l.innerHTML = '<li>' + names.join('<li>');
    l.childNodes.forEach(function (li) { li.onEVENT = function () { DO(li.textContent); }; });"""
MARKED = """r.innerHTML = ''; l.innerHTML = names.map(function (name) {
    return '<li onEVENT="DO(this.textContent)">' + name; }).join('');"""
KEPT = """if (!l.innerHTML) l.innerHTML = '<li><a href="javascript:;"></a>'.repeat(2);
    l.querySelectorAll('a').forEach(function (a, n) { a.textContent = names[n];
      a.onEVENT = function () { DO(names[n]); }; });"""


def tabs(make: str, do: str, tab: str = "click", event: str = "click") -> str:
    html = TABS.replace("MAKE", make)
    return html.replace("DO", do).replace("onTAB", f"on{tab}").replace("onEVENT", f"on{event}")


PAGER = """<ul id=l></ul><b id=v>before</b> <b id=x>next</b><script>
    var all = ['a', 'b', 'c', 'away', 'd', 'e'], n = 0;
    function show() { l.innerHTML = ''; all.slice(n, n + 2).forEach(function (name) {
      var a = document.createElement('a'); a.textContent = name; l.appendChild(a);
      a.onclick = function () { window.open('http://' + name + '.test/'); }; }); }
    v.onclick = function () { if (n) n -= 2; show(); };
    x.onclick = function () { if (n < 4) n += 2; show(); }; show();</script>"""
LINKS_REPLACED = {
    "tabs by a click": tabs(MADE, "leave"),
    "tabs by the pointer": tabs(MADE, "leave", tab="mouseover"),
    "tabs of the same links": tabs(KEPT, "leave"),
    "a pager": PAGER,
}
CODES_REPLACED = {
    "by clicks": tabs(MADE, "reveal"),
    "by clicks that the markup has": tabs(MARKED, "reveal"),
    "by the pointer": tabs(MARKED, "reveal", tab="mouseenter", event="mouseenter"),
}


@pytest.mark.parametrize("html", LINKS_REPLACED.values(), ids=LINKS_REPLACED)
@pytest.mark.series(1)
def test_a_link_that_takes_the_place_of_another_is_clicked_too(html: str) -> None:
    assert finds_links(NEWS + html, AWAY, (host("away"),))


@pytest.mark.parametrize("html", CODES_REPLACED.values(), ids=CODES_REPLACED)
@pytest.mark.series(1)
def test_what_shows_a_code_is_tried_where_it_takes_the_place_of_something(html: str) -> None:
    assert finds_code(NEWS + html, FILES)


def test_a_dialog_that_comes_where_a_notice_was_is_tried_as_it_was_not() -> None:
    html = f"""<button id=b>services</button><div id=l></div><script>
        function lay(text) {{ l.innerHTML = '<p style="position:fixed;right:0;bottom:0;' +
          'background:#eee">' + text + '</p>'; return l.querySelectorAll('span'); }}
        lay('<span>the site is</span> <span>made anew</span>');
        setTimeout(function () {{ l.innerHTML = ''; }}, 8000);
        b.onclick = function () {{ if (l.innerHTML) return;
          var last = lay('<span>by phone</span> <span>by code</span>')[1];
          last.onclick = function () {{ last.innerHTML = '{CODE}'; }}; }};</script>"""
    assert finds_code(NEWS + html, FILES)


HOVERED = f"""<style>.o{{width:80px;height:40px}} .o img{{display:none;position:absolute}}
    .o:hover img{{display:block}}</style><div class=o>more{CODE}</div>"""
CLICKED = f"""<b id=o style="cursor:pointer">more</b><p id=r></p>
    <script>o.onclick = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
MASK = """<div id=m style="position:absolute;left:0;top:0;width:100%;background:#0008;z-index:8">
    </div>BELOW<script>m.style.height = document.documentElement.scrollHeight + 'px';</script>"""
NEAR_THE_END = f"""<div style="height:1500px">news</div>
    <div style="position:relative;height:60px"><div style="position:absolute;right:60px">
    {HOVERED}</div></div><style>.o img{{right:90px;bottom:0}}</style>"""


def notice(place: str, below: str, says: str = "") -> str:
    """What has a sign that closes it, over what stands below it in the markup."""
    return f"""<div id=n style="position:{place};background:#fff;z-index:9">
        <b id=c title=关闭 style="display:block;width:30px;height:30px;background:#c22"></b>
        {says}</div>{below}<script>
        c.onclick = function () {{ n.hidden = true; if (window.m) m.hidden = true; }};</script>"""


MIDDLE, CORNER = "fixed;inset:300px 600px", "fixed;right:0;bottom:0;width:300px;height:250px"
ON_MASK = "absolute;left:500px;top:200px"
LOWER = "<div style='height:400px'>news</div><center>{}</center>"
NOTICES = {
    "in the middle, over what is pointed at": notice(MIDDLE, LOWER.format(HOVERED)),
    "in the middle, over what is clicked": notice(MIDDLE, LOWER.format(CLICKED)),
    "with a mask as high as the page": notice(ON_MASK, MASK.replace("BELOW", NEWS + HOVERED)),
    "in the corner, over the end of the page": notice(CORNER, NEAR_THE_END),
    "with a mask, and much to read": notice(
        ON_MASK, MASK.replace("BELOW", NEWS + HOVERED), "<p>made anew</p>" * 12
    ),
}


@pytest.mark.parametrize("html", NOTICES.values(), ids=NOTICES)
@pytest.mark.series(1)
def test_a_notice_that_lies_over_what_shows_a_code_is_closed(html: str) -> None:
    assert finds_code(html, FILES)


FOOTERS = {
    "fixed": """.p{margin-bottom:420px}
        .f{position:fixed;left:0;right:0;bottom:0;height:420px;z-index:-1}""",
    "sticky": ".f{position:sticky;bottom:0;height:420px;z-index:0}",
}


@pytest.mark.parametrize("style", FOOTERS.values(), ids=FOOTERS)
@pytest.mark.series(1)
def test_a_link_of_a_footer_under_the_page_is_met_where_the_page_ends(style: str) -> None:
    page = "body{margin:0} .p{position:relative;z-index:1;background:#fff;height:2000px}"
    html = f"<style>{page} {style}</style><div class=p>{NEWS}</div><div class=f>{LINK}</div>"
    assert is_reached(html)


WELCOME = f"""<p id=t></p><p>{NUMBER}</p><div id=w style="position:fixed;inset:0;background:#811">
    welcome <b id=b>进入网站</b></div><script>BUTTON
    setInterval(function () {{ t.textContent = new Date().toLocaleString(); }}, 1000);</script>"""


@pytest.mark.series
def test_a_text_under_a_layer_that_welcomes_is_read_while_a_clock_ticks() -> None:
    button = "b.onclick = function () { w.remove(); };"
    assert is_read(WELCOME.replace("BUTTON", button))
    assert not is_read(WELCOME.replace("BUTTON", ""))


@pytest.mark.series
def test_a_bar_that_one_of_its_buttons_ends_for_good_leaves_no_doubt() -> None:
    bar = """<div id=k style="position:fixed;left:0;right:0;bottom:0;height:320px;background:#fff">
        cookies <button id=y>同意</button> <button id=n>拒绝</button></div><script>
        if (document.cookie.includes('ok')) k.style.display = 'none';
        y.onclick = function () { document.cookie = 'ok=1'; k.style.display = 'none'; };
        n.onclick = function () { k.style.display = 'none'; };</script>"""
    found = page(FILLER + NEWS + bar, requirements=(host("away"),))
    assert [str(spot.why) for spot in found.blind_spots] == []


@pytest.mark.series
def test_a_site_of_one_page_whose_links_are_routes_is_a_homepage() -> None:
    news = "".join(f"<p><a href=#/news/{n}>news {n}</a></p>" for n in range(12))
    assert page(news).blind_spots == ()
    others = news.replace("#/", "#")
    assert [spot.why.code for spot in page(others).blind_spots] == ["stands_in_bare"]
