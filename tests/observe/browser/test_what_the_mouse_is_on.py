"""What the mouse keeps from being seen while it is on something, and what lies under notices that
do not say how they are closed."""

from __future__ import annotations

import pytest

from support.browser_looks import CODE, FILES, NEWS, finds_code, is_reached
from support.browsers import needs_browser

pytestmark = [pytest.mark.browser, needs_browser]
STYLE = """<style>body{margin:0} .q{display:none} .i:hover .q{display:block}
    .i{display:inline-block;padding:9px}</style>"""
HELD = """b.onmouseenter = function () { held = true; };
    b.onmouseleave = function () { held = false; };</script>"""
SLIDES = f"""{STYLE}<div id=b style="height:300px"><p>one<p hidden>{CODE}<p hidden>three</div>
    {NEWS}<script>var n = 0, held = false; setInterval(function () {{ if (held) return;
      b.children[n].hidden = true; n = (n + 1) % 3;
      b.children[n].hidden = false; }}, 4000);{HELD}"""
MENUS = f"""{STYLE}<div class=i style="display:block;padding:0;background:#cde">menu
    <div class=q style="position:absolute;width:100%;height:300px;background:#eee">all of it</div>
    </div>{CODE}{NEWS}"""


@pytest.mark.parametrize("html", [SLIDES, MENUS], ids=["slides", "a bar of menus"])
def test_nothing_is_pointed_at_that_stands_in_the_corner_of_the_page(html: str) -> None:
    assert finds_code(html, FILES)


NOTICE = f"""{STYLE}{NEWS}<p style="margin:0 900px"><span class=i>weixin<b class=q>{CODE}</b></span>
    <div style="height:900px">news</div><div id=n style="position:fixed;left:620px;top:300px;
    width:640px;height:440px;background:#fff;border:2px solid">
    <p>important <a href=/n.html>more</a>%s</div>
    <script>function away() {{ n.style.display = 'none'; }}</script>"""
CLOSERS = {
    "a picture": "<img src=/i.png width=20 height=20 onclick=away()>",
    "a link in the middle": "<a href='javascript:away()'>fine</a>",
    "a drawing": "<i onclick=away()><svg width=20 height=20><path d='M0 0L20 20'/></svg></i>",
    "a letter with a class": "<i class=b onclick=away()>X</i>",
    "a large picture": "<img src=/i.png width=600 height=300 onclick=away()>",
    "the notice itself": "<script>n.onclick = function () { away(); };</script>",
}


@pytest.mark.parametrize("closer", CLOSERS.values(), ids=CLOSERS)
@pytest.mark.series(1)
def test_a_notice_in_the_way_is_closed_by_what_stands_in_it(closer: str) -> None:
    assert finds_code(NOTICE % closer, FILES)


def test_a_mouse_that_is_on_nothing_has_not_left_by_the_top() -> None:
    """There pages take their visitor to go, and ask him to stay."""
    html = f"""{STYLE}{NEWS}<p id=b>more</p><div id=r></div><div id=s hidden
        style="position:fixed;inset:0;background:#fff;z-index:9"><p>will you not stay?</div><script>
        document.addEventListener('mouseout', function (e) {{
          if (!e.relatedTarget && e.clientY <= 0) s.hidden = false; }});
        b.onclick = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
    assert finds_code(html, FILES)


TABS = f"""{STYLE}{NEWS}<div id=b style="width:600px"><i>one</i> <i>two</i> <i>three</i>
    <p>first<p hidden>second<p hidden><span class=i>weixin<b class=q>{CODE}</b></span></div>
    <script>var held = false, now = 0, panes = b.querySelectorAll('p');
    function go(n) {{ panes[now].hidden = true; now = n; panes[n].hidden = false; }}
    setInterval(function () {{ if (!held) go((now + 1) % 3); }}, 3000);
    b.querySelectorAll('i').forEach(function (tab, n) {{
      tab.addEventListener('click', function () {{ go(n); }}); }});{HELD}"""


def test_what_stands_still_under_the_mouse_goes_on_for_what_comes_by() -> None:
    assert finds_code(TABS, FILES)


TICKER = f"""{STYLE}{NEWS}<div style="height:30px;overflow:hidden"><div id=b><p>one<p>two<p>ours<p>
    four</div></div><style>p{{height:30px;margin:0}}</style><script>var held = false;
    [].forEach.call(b.children, function (line) {{ line.addEventListener('click', function () {{
      var name = line.innerText.trim();
      open(name == 'ours' ? 'http://away.test/' : '/n/' + name); }}); }});
    setInterval(function () {{ if (!held) b.appendChild(b.firstElementChild); }}, 3000);{HELD}"""


def test_what_comes_by_in_the_place_of_another_thing_is_clicked_too() -> None:
    assert is_reached(TICKER)
