"""What opens, opens more: a visitor goes on from there, and what is too deep is a doubt."""

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
    look,
    page,
    seen,
)
from support.browsers import needs_browser
from ycaudit.model import Page, Visibility
from ycaudit.rules.link import LinkRequirement

pytestmark = [pytest.mark.browser, needs_browser]
HOVER = "<style>.o{padding:6px;width:300px} .o>.i{display:none} .o:hover>.i{display:block}</style>"
OPENS = """<script>function opens(button, within, html) {
  document.getElementById(button).onclick = function () {
    document.getElementById(within).innerHTML = html; }; }</script>"""


def hovers(inner: str, times: int) -> str:
    """So many menus in each other."""
    for number in range(times):
        inner = f"<div class=o>menu {times - number}<div class=i>{inner}</div></div>"
    return inner


def why_not_all(html: str) -> list[str]:
    """Why a page with this on it may show more than was seen."""
    return reasons(page(FILLER + html, i_png="x"))


def reasons(found: Page) -> list[str]:
    return [spot.why.code for spot in found.blind_spots]


@pytest.mark.series
def test_menus_in_a_dialog_that_a_click_makes_are_pointed_at() -> None:
    inner = hovers(CODE, 2).replace('"', "&quot;")
    html = f"""{HOVER}<p id=b>open</p><div id=d></div><i id=t title="{inner}"></i>
        <script>b.onclick = function () {{ d.innerHTML = t.title; }}</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_tab_of_a_dialog_that_opens_a_panel_with_a_button_is_clicked_to_the_end() -> None:
    html = f"""{OPENS}<p id=a>one</p><div id=r></div><script>
        a.onclick = function () {{
          r.innerHTML = '<p id=b>two</p><p id=x>another</p><div id=s></div>';
          x.onclick = function () {{ s.innerHTML = ''; }};
          opens('b', 's', '<p id=c>three</p><div id=t></div>');
          b.addEventListener('click', function () {{ opens('c', 't', '{CODE}'); }}); }};
        </script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_panel_that_a_choice_closes_is_opened_again_wherever_the_window_stands_by_then() -> None:
    html = f"""<p id=b>open</p><div id=r hidden><p id=x>first</p>
        <div style='height:1500px'>long</div>
        <p id=c>last</p></div><div id=s></div><script>
        b.onclick = function () {{ r.hidden = false; }};
        x.onclick = function () {{ r.hidden = true; }};
        c.onclick = function () {{ s.innerHTML = '{CODE}'; r.hidden = true; }};
        c.onmouseover = function () {{ c.textContent = 'here'; }};</script>"""
    assert finds_code(html, FILES)


SLIDER = f"""<b id=x>next</b><div id=s><i>1</i></div><script>var n = 1;
    function next() {{ n = n % 5 + 1;
      s.innerHTML = n == 4 ? '{CODE}' : '<img src=/' + n + '.png width=90 height=90>' + n; }}
    x.onclick = next;</script>"""
OPEN = {
    "hovered": "<style>#w{padding:9px} #x{display:none} #w:hover #x{display:block}</style>"
    f"<div id=w>pictures {SLIDER}</div>",
    "in a pane": f"""<p id=o>pictures</p><div id=w hidden>{SLIDER}</div><script>
    o.onclick = function () {{ w.hidden = false; }};</script>""",
}


@pytest.mark.parametrize("html", OPEN.values(), ids=OPEN)
@pytest.mark.series(1)
def test_an_arrow_in_what_opens_is_clicked_as_often_as_it_brings_something(html: str) -> None:
    assert finds_code(html, FILES)


@pytest.mark.series
@pytest.mark.parametrize("within", ["<p id=o>sign in</p><div id=w hidden>{}</div>", "{}"])
def test_a_code_that_each_click_makes_anew_is_no_pager_without_an_end(within: str) -> None:
    inner = "<img id=c src='/i.png?0' width=150 height=150> <b id=x>anew</b>"
    html = f"""{within.format(inner)}<script>var n = 0;
        x.onclick = function () {{ c.src = '/i.png?' + ++n; }};
        if (window.o) o.onclick = function () {{ w.hidden = false; }};</script>"""
    assert reasons(look({"/": (FILLER + html).encode(), **FILES})) == []


@pytest.mark.series
def test_what_a_box_shows_only_while_it_is_scrolled_to_it_is_pointed_at_there() -> None:
    panes = "".join(f"<div class=p><p class=r>{n}</div>" for n in range(3))
    html = f"""<style>body{{margin:0;overflow:hidden}} .p{{height:900px}} .r{{opacity:0}}
        #b{{height:900px;overflow:auto}} .i .r{{opacity:1}} .w i{{display:none}}
        .w:hover i{{display:block}}</style><div id=b>{panes}<div class=p>
        <p class="r w">weixin<i>{CODE}</i></p></div>{panes}</div><script>
        var eye = new IntersectionObserver(function (found) {{ found.forEach(function (one) {{
          one.target.classList.toggle('i', one.isIntersecting); }}); }}, {{threshold: .5}});
        document.querySelectorAll('.p').forEach(function (p) {{ eye.observe(p); }});</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_dial_that_fades_in_is_opened_again_for_each_of_its_buttons() -> None:
    html = f"""<style>#d b{{display:block;visibility:hidden;opacity:0;transition:.3s}}
        .on + #d b{{visibility:visible;opacity:1}}</style>
        <button id=f>+</button><div id=d><b>one</b><b>two</b></div><div id=s></div><script>
        f.onclick = function () {{ f.classList.toggle('on'); }};
        document.querySelectorAll('#d b').forEach(function (b, n) {{ b.onclick = function () {{
          s.innerHTML = n ? '{CODE}' : 'nothing'; f.classList.remove('on'); }}; }});
        </script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_what_is_deeper_than_anybody_tries_is_a_doubt() -> None:
    deep = why_not_all(HOVER + hovers("<a href=http://deep.test/>x</a>", 8))
    assert "not_all_tried" in deep
    assert "not_all_tried" not in why_not_all(HOVER + hovers("<b>x</b>", 3))


def test_a_dialog_opened_from_a_menu_does_not_hide_the_next_menu() -> None:
    """It covers the page, and nothing closes it but loading the page anew."""
    html = f"""{HOVER}<style>#d{{position:fixed;inset:0;background:#eee;z-index:9}}</style>
        <div class=o>first<div class=i><button id=b>feedback</button></div></div>
        <div class=o>second<div class=i>{CODE}</div></div>
        <script>b.onclick = function () {{
          var d = document.createElement('div'); d.id = 'd'; d.textContent = 'thank you';
          document.body.appendChild(d); }}</script>"""
    assert finds_code(html, FILES)


LEAVE = """<style>#box{display:none;position:fixed;inset:0;background:#eee}</style>
    <div id=box>leaving<button id=on>continue</button><button id=no>stay</button></div><script>
    var to; function leave(host) { to = 'http://' + host + '.test/'; box.style.display = 'block'; }
    on.onclick = function () { box.style.display = 'none'; location.href = to; };
    no.onclick = function () { box.style.display = 'none'; };</script>"""


@pytest.mark.series
def test_each_thing_that_opens_one_and_the_same_dialog_is_followed_through_it() -> None:
    """The dialog looks the same each time, and leads elsewhere."""
    sites = "".join(f"<p onclick=\"leave('{name}')\">{name}</p>" for name in "abc")
    more = "".join(f"<p onclick=\"leave('{name}')\">{name}</p>" for name in "xyz")
    html = f"""{LEAVE}{sites}<p id=m>more</p><div id=d></div><script>
        m.onclick = function () {{ d.style.display = 'block'; }};</script>
        <style>#d{{display:none}}</style>"""
    html = html.replace("<div id=d></div>", f"<div id=d>{more}</div>")
    assert set(seen(html)) == {f"http://{name}.test/" for name in "abcxyz"}


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.series(1)
def test_a_button_among_things_that_close_what_it_stands_in_is_clicked(is_open: bool) -> None:
    """As in a calendar: each day closes it, and so does what stands before the button."""
    days = "".join(f"<b class=day>{n}</b> " for n in range(12))
    html = f"""<style>.day:hover{{background:#fcc}} #c{{display:{"block" if is_open else "none"}}}
        </style><input id=i readonly><div id=c>{days}<a href="javascript:;" id=w>book</a></div>
        <div id=r></div><script>
        i.onclick = function () {{ c.style.display = 'block'; }};
        c.onclick = function (e) {{
          if (e.target.className == 'day') c.style.display = 'none';
          if (e.target.id == 'w') r.innerHTML = '{CODE}'; }};</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_beside_slides_that_come_and_go_a_shared_dialog_is_followed_all_the_same() -> None:
    slides = "".join(f"<div class=s><button>slide {n}</button></div>" for n in range(3))
    sites = "".join(f"<p onclick=\"leave('{name}')\">{name}</p>" for name in "abc")
    html = f"""{LEAVE}<style>.s{{display:none}}</style>{slides}{sites}<script>
        var n = 0, all = document.querySelectorAll('.s');
        setInterval(function () {{ all[n % 3].style.display = 'none'; n += 1;
          all[n % 3].style.display = 'block'; }}, 3000);</script>"""
    assert set(seen(html)) == {f"http://{name}.test/" for name in "abc"}


@pytest.mark.series
def test_a_menu_of_many_things_is_tried_to_its_last() -> None:
    things = "".join(f"<div class=o>thing {n}<div class=i>{n}</div></div>" for n in range(24))
    last = f"<div class=o>last<div class=i>{CODE}</div></div>"
    html = f"{HOVER}<div class=o>all<div class=i>{things}{last}</div></div>"
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_box_is_scrolled_to_its_end() -> None:
    drawn = f"<div style='height:6000px'>long</div>{CODE}"
    box = f"<div style='height:300px;overflow-y:auto'>{drawn}</div>"
    assert finds_code(box, FILES)
    assert finds_code(f"<div style='height:3000px'>news</div>{box}", FILES)


@pytest.mark.series
def test_a_body_that_scrolls_within_the_window_is_scrolled() -> None:
    style = "<style>html,body{height:100%;margin:0;overflow:hidden;overflow-y:auto}</style>"
    assert finds_code(f"{style}<div style='height:5000px'>long</div>{CODE}", FILES)


FRAME = """<iframe width=300 height=300 srcdoc="<p style='cursor:pointer' id=p>x</p>
    <script>p.onclick = function () { location.href = %s; }</script>"></iframe>"""


@pytest.mark.series
def test_a_click_in_a_frame_that_leads_on_within_the_frame_is_followed() -> None:
    shown = seen(FRAME % "'http://' + 'away.test/'")
    assert shown["http://away.test/"] is Visibility.SHOWN


@pytest.mark.series
def test_what_a_click_in_a_frame_shows_there_of_the_own_site_is_seen() -> None:
    files = {**FILES, "/f.html": CODE.encode()}
    assert finds_code(FRAME % "'/f.html'", files)


@pytest.mark.series
def test_words_of_maintenance_that_nobody_sees_are_no_maintenance() -> None:
    hidden = "<p style='display:none'>系统维护中</p>"
    of_a_part = "<p>本栏目维护中，本栏目正在建设中，信息化建设中心</p>"
    few = "<p>" + "公开" * 100 + '</p><a href="/a">a</a>'
    assert isinstance(page(few + hidden + of_a_part), Page)
    with pytest.raises(AssertionError, match="maintenance"):
        page(few + "<p>正在维护中</p>")


@pytest.mark.series
def test_an_empty_attribute_is_empty_and_a_page_without_a_title_has_none() -> None:
    """Chromium's snapshot has no number for an empty string."""
    html = f"<body>{FILLER}<img alt='' title='' src=/i.png width=20 height=20><p hidden>last</p>"
    found = page(html, i_png="x")
    assert (found.title, [image.alt for image in found.images]) == ("", [""])


@pytest.mark.series
def test_a_name_without_an_address_comes_near_unless_a_click_on_it_leads_somewhere() -> None:
    rule = LinkRequirement(
        id="p", name="门户", kind="link", accept=[{"host": "portal.test"}], labels=["门户网站"]
    )
    seen_page = page(
        FILLER
        + """<a href="javascript:void(0)">门户网站</a> <a href="#">其他</a>
        <a href="#" onclick="window.open('http://' + 'elsewhere.test/')">门户之窗</a>
        <p style="display:none"><a href="#">隐藏的门户</a></p>""",
        requirements=(rule,),
    )
    told = {near.label: str(near.note) for near in rule.judge(seen_page).near}
    assert told == {
        "门户网站": "has the right name, but no address: a click leads nowhere",
        "门户之窗": "has the right name, but leads elsewhere",
    }


TWO = "<a href=http://away.test/>away</a> <a href=http://other.test/>other</a>"
CLOSING = {
    "a panel that any click closes": f"""<button id=b>links</button>
        <div id=p hidden>{TWO}</div><script>
        b.onclick = function (e) {{ e.stopPropagation(); p.hidden = !p.hidden; }};
        document.addEventListener('click', function () {{ p.hidden = true; }});</script>""",
    "an entry that each click on it toggles": f"""<ul><li id=l style='width:200px'>links
        <div id=p hidden>{TWO}</div></li></ul><script>
        l.onclick = function () {{ p.hidden = !p.hidden; }};</script>""",
    "a menu in a menu": f"""<style>.o{{width:300px}} .o>div{{display:none}}
        .o:hover>div{{display:block}}</style><div class=o>menu<div><b id=b>links</b>
        <p id=p hidden>{TWO}</p></div></div><script>
        b.onclick = function (e) {{ e.stopPropagation(); p.hidden = !p.hidden; }};
        document.onclick = function () {{ p.hidden = true; }};</script>""",
    "a notice that is there at first": f"""<div id=p>{TWO}</div><script>
        document.addEventListener('click', function () {{ p.remove(); }});</script>""",
    "what the pointer brings": f"""<div id=o style='width:300px'>menu
        <div id=p hidden>{TWO}</div></div>
        <script>o.onmouseenter = function () {{ p.hidden = false; }};
        o.onmouseleave = o.onclick = function () {{ p.hidden = true; }};</script>""",
}


@pytest.mark.parametrize("html", CLOSING.values(), ids=CLOSING)
@pytest.mark.series(1)
def test_what_a_click_on_one_link_closes_is_opened_again_for_the_next(html: str) -> None:
    wanted = {"http://away.test/", "http://other.test/"}
    assert finds_links(html, wanted, (host("away"), host("other")))


FOCUS = "<style>ul{display:none} b:focus+ul{display:block}</style>"


@pytest.mark.series
def test_a_menu_that_closes_as_the_mouse_is_pressed_leads_nowhere() -> None:
    menu = (
        f"<div>{FOCUS}<b tabindex=0>links</b><ul><li><a href=http://away.test/>away</a></ul></div>"
    )
    assert not finds_links(menu, AWAY, (host("away"),))
    stays = menu.replace("b:focus+ul", "div:focus-within ul")
    assert finds_links(stays, AWAY, (host("away"),))


DIALOG = """<div id=d style="display:none;position:fixed;inset:0;background:#fff">{}</div>"""
NAMED = {
    "a dialog that keeps its first target": f"""<p><b data-u=http://other.test/>other</b>
        <b data-u=http://away.test/>away</b></p>{DIALOG.format("<a id=g>go on</a> <i id=n>no</i>")}
        <script>document.querySelectorAll('b').forEach(function (b) {{ b.onclick = function () {{
          if (!g.getAttribute('href')) g.href = b.dataset.u;
          d.style.display = 'block'; }}; }});
        n.onclick = function () {{ d.style.display = 'none'; }};</script>""",
    "a dialog that opens but once": f"""<b>one</b> <b>away</b>{
        DIALOG.format("<p id=p></p><i id=n>close</i>")
    }<script>
        document.querySelectorAll('b').forEach(function (b) {{ b.onclick = function () {{
          p.innerHTML = b.textContent == 'away' ? '<a href=http://away.test/>go</a>' : '';
          d.style.display = 'block'; }}; }});
        n.onclick = function () {{ d.remove(); }};</script>""",
    "in a menu": f"""<button id=m>menu</button><ul id=u hidden><li>one<li>away</ul>{
        DIALOG.format("<p id=p></p><i id=n>close</i>")
    }<script>m.onclick = function () {{ u.hidden = !u.hidden; }};
        document.querySelectorAll('li').forEach(function (b) {{ b.onclick = function () {{
          p.innerHTML = b.textContent == 'away' ? '<a href=http://away.test/>go</a>' : '';
          d.style.display = 'block'; }}; }});
        n.onclick = function () {{ d.remove(); }};</script>""",
}


@pytest.mark.series
def test_buttons_that_the_first_click_disables_are_each_clicked_first() -> None:
    html = """<p><button>one</button><button>two</button></p><p id=d></p><script>
        var all = document.querySelectorAll('button'), shown = ['nothing', 'IN'];
        all.forEach(function (b, n) { b.onclick = function () { d.innerHTML = shown[n];
          all.forEach(function (b) { b.disabled = true; }); }; });</script>"""
    assert finds_code(html.replace("IN", CODE), FILES)


@pytest.mark.series
def test_a_link_that_waits_for_a_tick_is_clicked_once_all_is_ticked() -> None:
    html = """<p><input type=checkbox id=c> I agree</p>
        <a href=http://away.test/ onclick="return c.checked">away</a>"""
    assert is_reached(html)
    assert not is_reached(html.replace("return c.checked", "return false"))


@pytest.mark.parametrize("html", NAMED.values(), ids=NAMED)
@pytest.mark.series(1)
def test_what_is_called_as_it_is_asked_for_is_clicked_before_anything_else_too(html: str) -> None:
    assert finds_links(html, AWAY, (host("away"), host("other")))


def test_a_card_that_opens_only_once_the_last_has_closed_is_pointed_at_then() -> None:
    cards = """<style>.c{width:200px;height:40px} .c div{display:none}</style>
        <div class=c>one<div>nothing</div></div><div class=c>two<div>IN</div></div><script>
        var locked = false; document.querySelectorAll('.c').forEach(function (c) {
          var inner = c.querySelector('div');
          c.onmouseenter = function () { if (locked) return;
            locked = true; inner.style.display = 'block'; };
          c.onmouseleave = function () { if (inner.style.display != 'block') return;
            setTimeout(function () { inner.style.display = 'none'; locked = false; }, 500); };
        });</script>"""
    assert finds_code(cards.replace("IN", CODE), FILES)


@pytest.mark.series
def test_a_dead_link_elsewhere_closes_nothing_that_has_opened() -> None:
    html = f"""<a href=http://away.test/ onclick="event.preventDefault()">away</a>
        <button id=m>menu</button><ul id=u hidden><li>one<li>two</ul><div id=d></div><script>
        m.onclick = function () {{ u.hidden = !u.hidden; }};
        onkeydown = function (e) {{ if (e.key == 'Escape') u.hidden = true; }};
        document.querySelectorAll('li').forEach(function (l) {{ l.onclick = function () {{
          u.hidden = true;
          d.innerHTML = l.textContent == 'two' ? '{CODE}' : ''; }}; }});</script>"""
    found = look({"/": (FILLER + html).encode(), **FILES}, requirements=(host("away"),))
    assert "in there" in {code.payload for code in found.qr_codes if code.visible.counts}


@pytest.mark.series
def test_a_dialog_that_only_a_click_beside_it_closes_is_opened_again() -> None:
    html = """<button id=b>codes</button><div id=m style="display:none;position:fixed;inset:0;
        background:#0008"><div id=i style="margin:200px auto;width:300px;background:#fff"></div>
        </div><script>var shown = ['one', 'two', 'IN'], n = 0;
        b.onclick = function () { i.innerHTML = shown[n++ % 3]; m.style.display = 'block'; };
        m.onclick = function (e) { if (e.target == m) m.style.display = 'none'; };</script>"""
    assert finds_code(html.replace("IN", CODE), FILES)


@pytest.mark.series
def test_the_cards_of_a_pile_are_turned_to_the_last() -> None:
    cards = "".join(
        f"<div style='position:absolute;background:#fff'>{c}</div>" for c in ("IN", 1, 2)
    )
    html = f"""<div id=p style="position:relative;width:190px;height:190px">{cards}</div><style>
        #p div{{width:190px;height:190px;cursor:pointer}}</style><script>
        p.onclick = function (e) {{ var card = e.target.closest('#p>div');
          if (card) p.insertBefore(card, p.firstChild); }};</script>"""
    assert finds_code(html.replace("IN", CODE), FILES)


PANES = {
    "made anew": """s.innerHTML = '<p>medium ' + 'abcd'[n] + '</p><b id=c>open</b>';
        c.onclick = function () { %s };""",
    "filled in": """said.textContent = 'medium ' + 'abcd'[n]; c.onclick = function () { %s };""",
}
DOES = {
    "code": f"r.innerHTML = n == 2 ? '{CODE}' : 'medium ' + n;",
    "link": "location.href = n == 2 ? 'http://away.test/' : '/' + n;",
}


@pytest.mark.series(2)
@pytest.mark.parametrize("fills", PANES.values(), ids=PANES)
@pytest.mark.parametrize("does", DOES)
def test_a_button_that_is_the_same_in_each_pane_is_clicked_in_each(fills: str, does: str) -> None:
    html = f"""<b id=x>next</b><div id=s><p id=said>medium a</p><b id=c>open</b></div>
        <div id=r></div><script>var n = -1;
        function fill() {{ {fills % DOES[does]} }}
        x.onclick = function () {{ n = (n + 1) % 4; fill(); r.innerHTML = ''; }};
        x.onclick();</script>"""
    if does == "code":
        assert finds_code(NEWS + html, FILES)
    else:
        assert is_reached(html)
