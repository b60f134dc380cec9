"""What a visitor is after may move away from under his hand, or move all the time: he follows."""

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
    page,
)
from support.browsers import needs_browser

pytestmark = [pytest.mark.browser, needs_browser]
MENU = """<style>.m ul{display:none} .m li:hover ul{display:block} .m li{width:200px}</style>
    <ul class=m><li>links<ul><li><a href="http://links.test/">one</a><li>two<li>three</ul></ul>"""
"""A menu that pushes down what stands below it while it is open."""
LATE = """<style>#u{display:none;height:120px}</style><div id=m style="width:200px">links
    <div id=u><a href="http://links.test/">one</a></div></div><script>
    m.onmouseenter = function () { u.style.display = 'block'; };
    m.onmouseleave = function () { setTimeout(function () { u.style.display = 'none'; }, 300); };
    </script>"""
"""The same by a script, which closes it a moment after the mouse has left it."""
HOVERED = f"""<style>.b{{position:relative;width:80px;height:20px}} .b i{{display:none}}
    .b:hover i{{display:block;position:absolute;left:90px;top:0}}</style>
    <div class=b>more<i>{CODE}</i></div>"""
ENTERED = f"""<div id=b style="width:80px;height:20px">more</div><div id=r></div>
    <i id=t title='{CODE}'></i>
    <script>b.onmouseenter = function () {{ r.innerHTML = t.title; }};</script>"""
CLICKED = f"""<p id=b style="width:80px;height:20px;margin:0">more</p>
    <p id=x style="width:80px;height:20px;margin:0">news</p><div id=r></div>
    <i id=t title='{CODE}'></i><script>
    b.onclick = function () {{ r.innerHTML = t.title; }};
    x.onclick = function () {{ location.href = 'http://news.test/'; }};</script>"""


@pytest.mark.series
def test_lines_that_move_up_are_tried_once_each_wherever_they_stand() -> None:
    lines = "".join(f"<li>news {chr(97 + n)}</li>" for n in range(20))
    html = f"""<div style="height:90px;overflow:hidden"><ul id=u>{lines}</ul></div><script>
        document.querySelectorAll('li').forEach(function (line) {{
          line.onmouseenter = function () {{ line.className = 'on'; }}; }});
        setInterval(function () {{ u.appendChild(u.firstElementChild); }}, 1000);</script>"""
    assert [spot.why.code for spot in page(FILLER + NEWS + html).blind_spots] == []


@pytest.mark.parametrize("menu", [MENU, LATE], ids=["sheet", "script"])
@pytest.mark.parametrize("thing", [HOVERED, ENTERED, CLICKED], ids=["sheet", "script", "click"])
@pytest.mark.series(1)
def test_what_moves_up_as_a_menu_above_it_closes_is_pointed_at_where_it_is_then(
    menu: str, thing: str
) -> None:
    assert finds_code(FILLER + menu + thing, FILES)


def test_a_click_meets_what_it_is_meant_for_though_the_mouse_closes_a_menu_on_its_way() -> None:
    """Where it was aimed at, there is something else by then, which leads away."""
    menu = """<style>#u{display:none;height:20px} #m:hover #u{display:block}</style>
        <div id=m style="width:200px">links<div id=u>one</div></div>
        <script>m.onclick = function () { u.textContent = 'two'; };</script>"""
    assert finds_code(menu + CLICKED, FILES)


LINK = '<a href="http://away.test/">away</a>'
MOVING = {
    "marquee": f"<marquee>{LINK}</marquee>",
    "up": f"""<marquee direction=up scrollamount=3 onmouseover="this.stop()"
        onmouseout="this.start()">{LINK}</marquee>""",
    "alternate": f"<marquee behavior=alternate scrollamount=2 width=600>{LINK}</marquee>",
    "sheet": f"""<style>@keyframes go {{ from {{ transform: translateX(0) }}
        to {{ transform: translateX(900px) }} }} p {{ animation: go 40s linear 3 }}</style>
        <p>{LINK}</p>""",
}


@pytest.mark.parametrize("moving", MOVING.values(), ids=MOVING)
@pytest.mark.series(1)
def test_a_link_that_moves_is_met_where_it_is_painted(moving: str) -> None:
    assert finds_links(moving, AWAY, (host("away"),))
