"""What stands at the edge of the window, further down than at first, or held by what cuts it off;
and what is clicked no more often than a visitor would."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, UserDict

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
)
from support.browsers import needs_browser
from support.codes import picture, saved
from ycaudit.model import Page, Sense
from ycaudit.observe.browser import own_pages

pytestmark = [pytest.mark.browser, needs_browser]
FAR = "<style>body{margin:0}</style><div style='height:2000px'>news</div>"


class Counted(UserDict[str, bytes]):
    """Answers that tell how often each was asked for."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.asked: Counter[str] = Counter()
        super().__init__(answers)

    def __getitem__(self, path: str) -> bytes:
        self.asked[path] += 1
        return super().__getitem__(path)


def asked(html: str, path: str) -> int:
    """How often a whole look has the page ask for this path."""
    answers = Counted({"/": (FILLER + "<a href=/x>x</a>" + html).encode(), path: b"ok"})
    look(answers)
    return answers.asked[path]


@pytest.mark.parametrize(
    "link",
    [
        "<a href=http://away.test/>away</a>",
        "<a href=http://away.test/ style='display:block;background:#c22;height:60px'></a>",
        "<p style='text-align:right;margin:0'><a href=http://away.test/>away</a></p>",
        "<a href=http://away.test/><div style='background:#246;height:900px'>away</div></a>",
        "<a href=http://away.test/ style='position:fixed;inset:0;background:#246'></a>",
    ],
    ids=[
        "left edge",
        "of one colour, as wide as the window",
        "right edge",
        "nearly as high",
        "all of it",
    ],
)
@pytest.mark.series(1)
def test_a_link_at_the_edge_of_the_window_is_met_far_down_the_page(link: str) -> None:
    assert is_reached(FAR + link)


@pytest.mark.series
def test_a_link_as_wide_as_the_window_that_shows_nothing_is_none() -> None:
    html = FAR + "<a href=http://away.test/ style='display:block;height:60px'></a>"
    assert not is_reached(html + "<div style='height:2000px'>news</div>")


@pytest.mark.series(2)
@pytest.mark.parametrize(
    ("under", "words", "leads"),
    [
        ("<img src=/i.png width=300>", "", True),
        ("", "", False),
        ("<img src=/i.png>", "away", False),
    ],
    ids=["part of a picture", "over nothing", "words that nobody sees"],
)
def test_a_link_without_opacity_leads_on_where_it_is_a_bare_part_of_a_picture(
    under: str, words: str, leads: bool
) -> None:
    area = "position:absolute;left:20px;top:20px;width:90px;height:60px;background:#fff;opacity:0"
    link = f"<a href=http://away.test/ style='{area}'>{words}</a>"
    html = f"<div style='position:relative;height:300px'>{under}{link}</div>"
    assert finds_links(html, AWAY, (host("away"),), FILES) is leads


LONG = """<div style='height:3000px'>news</div><div id=s style='height:10px'></div>
    <div style='height:3500px'>news</div>"""
LOCKED = f"""<style>body{{overflow:hidden}}</style><div id=n style="position:fixed;inset:0;
    z-index:9;background:#eee">notice</div>{LONG}"""
LAZY = f"""<script>new IntersectionObserver(function (e) {{
    if (e[0].isIntersecting) s.innerHTML = '{CODE}'; }}).observe(s);</script>"""
LINKS = "".join(f"<a href=/p{n}>page {n}</a> " for n in range(12))


@pytest.mark.parametrize(
    "page",
    [
        LOCKED + """<script>setTimeout(function () { n.remove();
            document.body.style.overflow = 'visible'; }, 8000);</script>""",
        f"""<div id=n>loading</div><div id=r style='display:none'>{LONG}</div><script>
            setTimeout(function () {{ n.remove(); r.style.display = ''; }}, 8000);</script>""",
        f"""<button id=b>more</button><div id=r style='display:none'>{LONG}</div><script>
            b.onclick = function () {{ b.remove(); r.style.display = ''; }};</script>""",
        f"""<button id=b>more</button><div id=r hidden>{LONG}</div><script>
            b.onclick = function () {{ r.hidden = !r.hidden; }};</script>""",
        f"<details><summary>more</summary>{LONG}</details>",
        f"""<button id=b>one</button><button id=c>two</button><div id=q hidden>
            {LONG.replace("id=s", "")}</div><div id=r hidden>{LONG}</div><script>
            b.onclick = function () {{ r.hidden = true; q.hidden = false; }};
            c.onclick = function () {{ q.hidden = true; r.hidden = false; }};</script>""",
        """<button id=b>more</button><div id=r hidden><div style='height:1500px'>news</div>
            <div id=s style='height:10px'></div><div style='height:1500px'>news</div></div>
            <div style='height:7000px'>old</div><script>
            b.onclick = function () { r.hidden = false; };</script>""",
        f"""<select id=b><option value=0>short<option value=1>long</select><div id=r hidden>{LONG}
            </div><script>b.onchange = function () {{ r.hidden = b.value == '0'; }};</script>""",
        f"""<p id=b>more</p><div id=r hidden>{LONG}</div><script>
            b.onmouseenter = function () {{ r.hidden = false; }};</script>""",
    ],
    ids=[
        *("a notice that goes by itself", "what comes late", "what a click brings"),
        *("what a button opens and closes", "details", "one of two of the same height"),
        *("in the middle of the page", "what a choice brings", "what the pointer brings"),
    ],
)  # fmt: skip
@pytest.mark.series(1)
def test_a_page_that_becomes_longer_is_scrolled_through_once_more(page: str) -> None:
    assert finds_code(LINKS + page + LAZY, FILES)


HOLDERS = (
    *("transform:translateX(0)", "translate:1px", "rotate:0deg", "scale:1", "perspective:500px"),
    *("filter:grayscale(0)", "backdrop-filter:blur(1px)", "offset-path:path('M0 0')"),
    *("contain:paint", "contain:layout", "contain:content", "will-change:transform"),
    *("will-change:opacity, filter", "will-change:contain", "transform-style:preserve-3d"),
    *("content-visibility:auto", "position:relative", "position:sticky", "will-change:position"),
)
NO_HOLDERS = ("", "opacity:.9", "will-change:opacity", "isolation:isolate", "contain:style")


def boxed(style: str, position: str, name: str) -> str:
    """A box that shows 190 px, with a link 300 px below its top."""
    link = f"<a href=http://{name}.test/ style='position:{position};top:300px'>{name}</a>"
    return f'<div style="overflow:hidden;height:190px;{style}">{link}</div>'


def reached(htmls: list[str]) -> set[str]:
    """Which of these links, named `n0` and so on, a visitor gets to."""
    hosts = tuple(host(f"n{n}") for n in range(len(htmls)))
    answers = {"/": (FILLER + "".join(htmls)).encode()}
    found = look(answers, hosts)
    return {link.text for link in found.links if link.visible.counts}


@pytest.mark.series
def test_what_holds_an_absolute_thing_cuts_it_off() -> None:
    holders = [boxed(style, "absolute", f"n{n}") for n, style in enumerate(HOLDERS)]
    seen = boxed("", "absolute", f"n{len(HOLDERS)}")
    assert reached([*holders, seen]) == {f"n{len(HOLDERS)}"}


@pytest.mark.series
def test_what_is_inline_holds_nothing_unless_it_filters() -> None:
    styles = (
        *("contain:layout", "transform:rotate(0deg)", "perspective:5px", "will-change:transform"),
        *("content-visibility:auto", "filter:opacity(1)", "will-change:filter"),
    )
    boxes = [
        f"""<div style="overflow:hidden;height:100px"><span style="{style}">x<a href=http://n{n}.test/
        style="position:absolute;top:{1000 + 30 * n}px;left:600px">n{n}</a></span></div>"""
        for n, style in enumerate(styles)
    ]
    long = "<div style='height:2000px'>news</div>"
    assert reached([*boxes, long]) == {"n0", "n1", "n2", "n3", "n4"}


@pytest.mark.series
def test_what_does_not_hold_an_absolute_thing_does_not_cut_it_off() -> None:
    places = [f"left:{200 * n}px" for n in range(len(NO_HOLDERS))]
    boxes = [boxed(style, f"absolute;{places[n]}", f"n{n}") for n, style in enumerate(NO_HOLDERS)]
    assert reached(boxes) == {f"n{n}" for n in range(len(NO_HOLDERS))}


@pytest.mark.series
def test_what_holds_a_fixed_thing_cuts_it_off() -> None:
    loose = {"position:relative", "position:sticky", "will-change:position"}
    boxes = [boxed(style, f"fixed;left:{100 * n}px", f"n{n}") for n, style in enumerate(HOLDERS)]
    assert reached(boxes) == {f"n{n}" for n, style in enumerate(HOLDERS) if style in loose}


BAR = f"""{FILLER}<div style='height:3000px'>news</div><style>#bar {{ position: fixed; right: 20px;
    bottom: 90px; width: 60px; display: none; background: #456; color: #fff }}
    #q {{ display: none; position: absolute; right: 70px; bottom: 0 }} RULES</style>
    <div id=bar>INNER</div><script>addEventListener('scroll', function () {{
    bar.style.display = WHERE ? 'block' : 'none'; }}); SCRIPT</script>"""
ICON = "<p id=w>portal</p><img id=q src=/i.png width=150 height=150><p id=t>top</p>"
LIST = "<select id=s><option>portal<option value=http://away.test/>away</select>"
FURTHER, MIDDLE = "scrollY > 500", "scrollY > 500 && scrollY < 1500"
TOGGLES = """w.onclick = function () { q.style.display = q.style.display ? '' : 'block'; };
    t.onclick = function () { scrollTo(0, 0); };"""


def bar(inner: str, where: str, *, rules: str = "", script: str = "") -> str:
    """A page with a bar that is there only while the window is scrolled."""
    words = {"INNER": inner, "WHERE": where, "RULES": rules, "SCRIPT": script}
    html = BAR
    for word, text in words.items():
        html = html.replace(word, text)
    return html


@pytest.mark.parametrize(
    "html",
    [
        bar(ICON, FURTHER, script=TOGGLES),
        bar(ICON, MIDDLE, script=TOGGLES),
        bar(ICON, FURTHER, rules="#bar:hover #q { display: block }"),
        bar(ICON, MIDDLE, rules="#bar:hover #q { display: block }"),
        bar(
            "<input id=w><img id=q src=/i.png width=150 height=150>", FURTHER,
            rules="#w:focus ~ #q { display: block }",
        ),
    ],
    ids=["clicked", "clicked midway", "pointed at", "pointed at midway", "with the focus"],
)  # fmt: skip
@pytest.mark.series(1)
def test_what_is_there_only_while_the_window_is_scrolled_shows_a_code(html: str) -> None:
    assert finds_code(html, FILES)


@pytest.mark.parametrize(
    "html",
    [
        bar(ICON, FURTHER, script="w.onclick = function () { location = 'http://away.test/'; };"),
        bar(LIST, MIDDLE, script="s.onchange = function () { location = s.value; };"),
    ],
    ids=["clicked", "chosen midway"],
)
@pytest.mark.series(1)
def test_what_is_there_only_while_the_window_is_scrolled_leads_where_it_leads(html: str) -> None:
    assert finds_links(html, AWAY, (host("away", "portal"),))


@pytest.mark.series
def test_a_bar_that_is_there_nowhere_on_the_page_leads_nowhere() -> None:
    script = "w.onclick = function () { location = 'http://away.test/'; };"
    html = bar(ICON, "scrollY > 9000", script=script)
    assert not finds_links(html, AWAY, (host("away", "portal"),))


@pytest.mark.parametrize("foot", ["#181818", "#fff", "#c22"])
@pytest.mark.series(1)
def test_a_code_that_is_uncovered_is_read_whatever_else_stood_there(foot: str) -> None:
    html = f"""<style>*{{margin:0}} body{{height:2160px;position:relative;background:#fff}}
        #x{{width:150px;height:150px;position:absolute;left:300px;top:300px;clip-path:inset(0 0
        100% 0);background:#fff url(/i.png) 0 0/150px 150px no-repeat}} #x.on{{clip-path:none}}
        #f{{position:absolute;top:1080px;height:1080px;width:100%;background:{foot}}}</style>
        <p id=b>show</p><div id=x></div><div id=f></div><script>
        b.onmouseenter = function () {{ x.className = 'on'; }};
        b.onmouseleave = function () {{ x.className = ''; }};</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_code_is_read_where_something_has_changed_by_itself_and_does_so_no_more() -> None:
    html = f"""{LINKS}<style>#h{{width:400px;height:400px;position:relative;background:#a33}}
        #x{{width:150px;height:150px;position:absolute;left:40px;top:40px;
        background:#fff url(/i.png) 0 0/150px 150px no-repeat;clip-path:inset(0 0 90% 0)}}
        #x.on{{clip-path:none}}</style><div id=h><div id=x></div></div><p id=b>show</p><script>
        b.onclick = function () {{ x.className = 'on'; }};
        document.addEventListener('mousemove', function (e) {{
          if (e.target != b && e.target != x) x.className = ''; }});
        var n = 0, timer = setInterval(function () {{
          h.style.background = ['#3aa', '#fd8', '#224', '#a33'][n % 4];
          if (++n == 12) clearInterval(timer); }}, 1000);</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_the_button_that_leads_on_is_found_behind_others_beside_a_list() -> None:
    html = """<div><select id=s><option>choose<option value=1>away<option value=2>third</select>
        <button>A</button><button>B</button><button>C</button> %s</div><script>
        document.getElementById('g').onclick = function () {
          if (+s.value) location.href = 'http://' + ['away', 'third'][s.value - 1] + '.test/';
        };</script>"""
    both = {"http://away.test/", "http://third.test/"}
    for button in ("<button id=g>go</button>", "<button id=g>submit</button>"):
        assert finds_links(html % button, both, (host("away"), host("third"))), button


@pytest.mark.series
def test_what_each_click_paints_on_the_same_canvas_is_seen() -> None:
    html = """<canvas id=c width=300 height=300></canvas><button id=b>next</button><script>
        var n = 0, i = new Image(); i.src = '/i.png';
        b.onclick = function () { var t = c.getContext('2d');
          t.fillStyle = ['#a33', '#3aa', '#225'][n % 3]; t.fillRect(0, 0, 300, 300);
          if (++n == 4) t.drawImage(i, 0, 0, 300, 300); };</script>"""
    assert finds_code(html, FILES)


def test_a_drawing_is_clicked_as_a_whole() -> None:
    html = f"""<svg id=u width=198 height=198 viewBox="0 0 33 33" style="cursor:pointer"><symbol
        id=s viewBox="0 0 33 33"><rect width=33 height=33 fill=blue /><circle cx=16 cy=16 r=9
        fill=white /></symbol><use href="#s" width=33 height=33 /></svg><div id=r></div><script>
        u.addEventListener('click', function () {{ r.innerHTML = '{CODE}'; }});</script>"""
    assert finds_code(html, FILES)


PAGER = """<div id=u></div><button id=n>next page</button><script>var p = 0;
    function show() { u.innerHTML = PAGES[p]; } show();
    n.onclick = function () { if (p < 3) p++; show(); };</script>"""


@pytest.mark.parametrize(
    "pages",
    [
        [f"<a href=http://{name}.test/>{name}</a>" for name in ("one", "two", "away", "three")],
        [f"<a href=http://{name}.test/>portal</a>" for name in ("one", "two", "away", "three")],
        ["<p>one", "<p>two", "<p>three", "<a href=http://away.test/>away</a>"],
    ],
    ids=["other words", "other addresses", "words before"],
)
@pytest.mark.series(1)
def test_the_pages_of_a_pager_are_turned_whatever_stands_in_the_same_place(
    pages: list[str],
) -> None:
    wanted = (host("away", "portal"),)
    assert finds_links(PAGER.replace("PAGES", json.dumps(pages)), AWAY, wanted)


@pytest.mark.series
def test_a_picture_that_comes_twice_is_no_end_of_a_carousel() -> None:
    files = {**FILES, "/x.png": saved(picture("x")), "/y.png": saved(picture("y"))}
    html = """<img id=u src=/x.png width=150 height=150><button id=n>next</button><script>
        var p = 0; n.onclick = function () { u.src = '/' + 'xyxi'[++p % 4] + '.png'; };</script>"""
    assert finds_code(html, files)


@pytest.mark.series
def test_radio_buttons_lead_on_by_the_button_beside_them_whatever_they_are_called() -> None:
    radios = "".join(
        f"<label><input type=radio name=a value={value}>{name}</label>"
        for value, name in (("home", "one"), ("away", "two"), ("news", "three"))
    )
    html = f"""<div>{radios}<button type=button id=g>look it up</button></div><script>
        g.onclick = function () {{ var c = document.querySelector(':checked');
          if (c) location.href = 'http://' + c.value + '.test/'; }};</script>"""
    assert finds_links(html, AWAY, (host("away", "portal"),))


@pytest.mark.series
def test_a_list_on_a_tab_that_the_pointer_opens_is_chosen_from_once_it_was_pointed_at() -> None:
    html = """<style>#t > div {display: none; min-height: 30px} #t > div.on {display: block}</style>
        <b>news</b> <b>sites</b> <b>services</b><div id=t><div class=on>news</div><div><select
        onchange="if (this.selectedIndex > 1) location.href = this.value"><option value="">choose
        <option value="http://home.test/">home<option value="http://away.test/">away</select></div>
        <div>services</div></div><script>document.querySelectorAll('b').forEach(function (b, n) {
          b.onmouseover = function () { [].forEach.call(t.children, function (d, i) {
            d.className = i == n ? 'on' : ''; }); }; });</script>"""
    assert is_reached(html)


@pytest.mark.series
def test_headings_in_a_list_do_not_end_what_is_tried() -> None:
    headings = "".join(f"<option value=''>-- {n} --" for n in range(6))
    html = f"""<div><select id=s>{headings}<option value=away>two<option value=news>three</select>
        <button id=g>look it up</button></div><script>g.onclick = function () {{
          if (s.value) location.href = 'http://' + s.value + '.test/'; }};</script>"""
    assert finds_links(html, AWAY, (host("away", "portal"),))


WORDS = "<input list=w id=i %s><datalist id=w><option>home<option value=away>our</datalist>"
TO = "{ if (i.value == 'away') location.href = 'http://' + i.value + '.test/'; }"


@pytest.mark.parametrize(
    "script",
    [
        f"g.onclick = function () {TO}",
        f"i.oninput = function () {TO}",
        f"i.onchange = () => {TO}",
        f"i.onkeydown = function (e) {{ if (e.key == 'Enter') {TO} }}",
    ],
    ids=["beside", "as it is typed", "as it is chosen", "by Enter"],
)
@pytest.mark.series(1)
def test_the_words_that_a_field_offers_are_typed(script: str) -> None:
    html = f"<div>{WORDS} <button id=g>go</button></div><script>{script}</script>"
    assert finds_links(html % "value=search", AWAY, (host("away", "portal"),))


@pytest.mark.series
def test_a_field_that_nobody_can_type_in_leads_nowhere() -> None:
    fields = "".join(
        f"<p><input list=w value=home {reason}><button>go</button></p>"
        for reason in ("disabled", "readonly", "hidden", "type=range")
    )
    html = f"""{fields}<datalist id=w><option>away<option>our</datalist><script>
        document.onclick = function (e) {{ var i = e.target.previousSibling;
          if (i && i.value == 'away') location.href = 'http://away.test/'; }};</script>"""
    assert not is_reached(html)
    assert is_reached(html.replace("readonly", ""))


OPENED = """<select id=s style="%s"><option value=http://%s.test/>%s<option value=http://x.test/>x
    <option value=http://y.test/>y</select><script>
    s.onchange = function () { open(s.value); };</script>"""


def test_what_is_chosen_from_the_beginning_is_chosen_after_another() -> None:
    assert is_reached(NEWS + OPENED % ("", "away", "away"))


UNSEEN = {
    "over nothing": ('<p style="height:60px">%s</p>', False),
    "over a drawn one": ('<p style="height:60px;position:relative"><b>choose</b>%s</p>', True),
    "in a drawn one beside its words": (
        """<p style="width:300px;height:24px;background:#246;text-align:right;overflow:hidden">
        <b style="float:left">choose</b>%s</p>""",
        True,
    ),
}


@pytest.mark.parametrize(("html", "is_there"), UNSEEN.values(), ids=UNSEEN)
@pytest.mark.series(1)
def test_an_unseen_list_is_one_where_something_is_drawn_for_it(html: str, is_there: bool) -> None:
    listed = OPENED % ("opacity:0;width:200px;height:24px", "x", "x")
    listed = listed.replace("http://y.test/>y", "http://away.test/>away")
    if "relative" in html:
        listed = listed.replace("opacity:0", "opacity:0;position:absolute;left:0")
    assert is_reached(NEWS + html % listed) == is_there


@pytest.mark.series
def test_an_unseen_box_that_nothing_is_drawn_for_shows_nothing() -> None:
    html = f"""<style>#c~p{{display:none}} #c:checked~p{{display:block}}</style>
        <div><input type=checkbox id=c style="opacity:0"><p><a href=http://away.test/>away</a></p>
        </div><p>{"news " * 40}</p>"""
    assert not is_reached(NEWS + html)


@pytest.mark.series
def test_all_that_can_be_chosen_together_is() -> None:
    html = f"""<div><select multiple id=s size=4><option>a<option>b<option>c</select>
        <button id=g>go</button><p id=r></p></div><script>g.onclick = function () {{
          if (s.selectedOptions.length > 1) r.innerHTML = '{CODE}'; }};</script>"""
    assert finds_code(html, FILES)


MAP = """<img usemap=#m src=/i.png style="filter:blur(9px)" width=400 height=300><p id=r></p>
    <map name=m>%s</map>"""
SHAPES = {
    "a rectangle": 'coords="20,20,120,90"',
    "a circle": 'shape=circle coords="200,150,40"',
    "a polygon without its middle": 'shape=poly coords="10,10,390,10,390,40,40,40,40,290,10,290"',
    "the rest": "shape=default",
    "what is half outside": 'coords="300,200,700,600"',
}
SHOWS = f"r.innerHTML = '{CODE}'"


WAYS = ('href="javascript:show()"', "onclick=show()", "onmouseover=show()") * 2


@pytest.mark.parametrize(("shape", "way"), [*zip(SHAPES.values(), WAYS, strict=False)], ids=SHAPES)
@pytest.mark.series(1)
def test_an_area_of_an_image_is_clicked_and_pointed_at(shape: str, way: str) -> None:
    script = f"<script>function show() {{ {SHOWS} }}</script>"
    assert finds_code(MAP % f"<area {shape} {way}>" + script, FILES)


@pytest.mark.series
def test_an_area_leads_where_it_leads_and_one_beside_its_image_nowhere() -> None:
    ways = "href=http://away.test/", "onclick=\"location='http://away.test/'\""
    for shape, way in zip(SHAPES.values(), ways * 3, strict=False):
        html = MAP % f"<area {shape} {way}>"
        assert finds_links(html, AWAY, (host("away"),), FILES), shape
    outside = ('coords="500,20,600,90"', 'shape=poly coords="9,9,60,60"', "coords=20,20,20,90")
    nowhere = MAP % "".join(f"<area {shape} {way}>" for shape in outside for way in ways)
    hidden = MAP.replace("<img", "<img hidden").replace("m>", "h>").replace("#m", "#h")
    assert not is_reached(nowhere + hidden % f"<area {SHAPES['a circle']} {ways[0]}>")


LARGER = {
    "a zoomed page": ("<style>html{zoom:1.25}</style>", ""),
    "a body that is made smaller": ("<style>body{zoom:.75}</style>", ""),
    "a picture that is scaled": ("", "transform:scale(1.25);transform-origin:0 0"),
    "a picture that is scaled in one direction": ("", "scale:2 1;transform-origin:0 0"),
}


@pytest.mark.parametrize(("sheet", "style"), LARGER.values(), ids=LARGER)
@pytest.mark.series(1)
def test_an_area_is_where_its_image_is_painted(sheet: str, style: str) -> None:
    html = f"""{sheet}<div style="{style}"><img usemap=#m src=/i.png width=500 height=60
        style="padding:9px"><map name=m><area coords=400,10,490,60 href=http://away.test/></map>
        </div><div style="height:900px"></div>"""
    assert finds_links(html, AWAY, (host("away"),), FILES)


@pytest.mark.parametrize("image", ["/i.png width=400 height=300", "/busy.png"])
@pytest.mark.series(1)
def test_an_area_whose_image_is_lost_is_a_doubt(image: str) -> None:
    html = f"""<img usemap=#m src={image}><map name=m>
        <area coords=20,20,90,90 href=http://away.test/></map>"""
    found = look({"/": (FILLER + NEWS + html).encode()}, (host("away"),))
    assert not has_away(found)
    assert [spot.why.code for spot in found.blind_spots if spot.hides == {Sense.LINK}] == [
        "image_lost"
    ]


ONWARD = {
    "a refresh": "<meta http-equiv=refresh content='2; url=http://away.test/'>one moment",
    "a script": "<script>setTimeout(() => location.replace('http://away.test/'), 900)</script>",
    "who has come from the site": "<script>if (document.referrer.startsWith(location.origin))"
    " location = 'http://away.test/'</script>",
}
OWN = {
    "a counter of clicks": "<p><a href='/index.php?m=poster&a=poster_click&id=3'>us</a></p>",
    "a way out": "<p><a href=/e/public/GotoSite/12>us</a></p>",
    "a short way out": "<p><a href=/out/12>us</a></p>",
}


@pytest.mark.parametrize("page", ONWARD.values(), ids=ONWARD.keys())
@pytest.mark.parametrize("link", OWN.values(), ids=OWN.keys())
@pytest.mark.series(1)
def test_a_page_of_the_own_site_that_sends_its_visitor_on_leads_there(link: str, page: str) -> None:
    paths = ("/index.php", "/e/public/GotoSite/12", "/out/12")
    files = {**FILES, **dict.fromkeys(paths, page.encode())}
    found = look({"/": (FILLER + link).encode(), **files}, (host("away", "portal"),), has_away)
    assert has_away(found)


PICTURES = "".join(f"<a href=/p/{n}.html><img src=/i.png width=90></a> " for n in range(34))
LOGOS = "".join(f"<a href=/yl/{n}.html><img src=/i.png width=95></a> " for n in range(5))


@pytest.mark.series
@pytest.mark.parametrize("leads", [4, None])
def test_of_own_pages_that_nothing_is_said_of_few_of_a_kind_are_asked(leads: int | None) -> None:
    """More, where one of them sends its visitor on; and to ask them ends no look."""
    files = {f"/yl/{n}.html": b"<script>location = 'http://x.test/'</script>" for n in range(5)}
    files[f"/yl/{leads}.html"] = b"<script>location = 'http://away.test/'</script>"
    found = look({"/": (FILLER + PICTURES + LOGOS).encode(), **FILES, **files}, (host("away"),))
    assert has_away(found) is (leads is not None)
    assert found.blind_spots == ()


@pytest.mark.series
def test_an_own_page_like_others_that_send_their_visitor_on_may_be_one_of_the_site() -> None:
    stays = b"<p>spring</p><p>by <a href=http://away.test/>away</a></p><a href=/>back</a>"
    files = {"/yl/0.html": b"<script>location = 'http://x.test/'</script>", "/yl/1.html": stays}
    found = look({"/": (FILLER + LOGOS).encode(), **FILES, **files}, (host("away"),))
    assert not has_away(found)
    assert found.blind_spots == ()


def test_a_window_that_a_page_of_the_own_site_opens_by_itself_is_blocked() -> None:
    opens = b"<script>window.open('http://away.test/')</script><p>news"
    html = "<p><a href=/pictures/>away</a>"
    assert not has_away(look({"/": (FILLER + html).encode(), "/pictures/": opens}, (host("away"),)))


SECRET = {
    "rel": "<p><a href=/out/12 rel='noopener noreferrer'>us</a></p>",
    "attribute": "<p><a href=/out/12 referrerpolicy=no-referrer>us</a></p>",
    "meta": "<meta name=Referrer content=no-referrer><p><a href=/out/12>us</a></p>",
}


@pytest.mark.parametrize("link", SECRET.values(), ids=SECRET)
@pytest.mark.series(1)
def test_a_page_that_is_not_told_whence_its_visitor_comes_sends_him_nowhere(link: str) -> None:
    asks = ONWARD["who has come from the site"].encode()
    answers = {"/": (FILLER + link).encode(), **FILES, "/out/12": asks}
    assert not has_away(look(answers, (host("away", "portal"),), has_away))


@pytest.mark.series
def test_a_page_of_the_own_site_that_does_not_answer_costs_no_more_than_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own_pages, "JUMP_SECONDS", 0.1)
    requested, gate = asyncio.Event(), asyncio.Event()
    html = FILLER + "<a href=/x>x</a>" * 9 + "<a href=/slow?to=3>portal</a>"
    answers = {"/": html.encode(), **FILES, "/slow": b"late"}
    wanted = (host("away", "portal"),)
    found = asyncio.run(looked(answers, gate=gate, requested=requested, requirements=wanted))
    assert isinstance(found, Page)
    assert requested.is_set()
    assert [spot.why.code for spot in found.blind_spots] == ["destination_unknown"]


def has_away(page: Page) -> bool:
    return any(link.href in AWAY and link.visible.counts for link in page.links)


@pytest.mark.parametrize(
    "link",
    ["href=/i.png", "href=/large?id=3 data-fancybox=g", "href=/large?id=3 rel='lightbox[a]'"],
)
@pytest.mark.series(1)
def test_a_link_to_a_picture_that_a_script_shows_on_the_page_is_clicked(link: str) -> None:
    html = f"""<a {link}><img src=/i.png width=30 height=30></a><div id=r></div><script>
        document.addEventListener('click', function (e) {{
          if (e.target.closest('a')) {{ e.preventDefault(); r.innerHTML = '{CODE}'; }} }});
        </script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_link_opens_in_the_frame_that_its_document_names_for_all() -> None:
    files = {**FILES, "/left": b"<base target=main><a href=/code>us</a>",
             "/main": FILLER.encode(), "/code": CODE.encode()}  # fmt: skip
    html = "<frameset cols='220,*'><frame src=/left><frame src=/main name=main></frameset>"
    found = look({"/": html.encode(), **files}, until=lambda page: bool(page.qr_codes))
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    inner = "<iframe src=/inner width=400 height=300></iframe>"
    files |= {"/outer": (FILLER + inner).encode(), "/inner": b"<a target=_parent href=/code>us</a>"}
    assert finds_code("<iframe src=/outer width=900 height=600></iframe>", files)


@pytest.mark.series
def test_a_dialog_that_a_link_has_opened_lies_over_nothing_that_is_tried_later() -> None:
    html = f"""<a id=a href="javascript:" data-to="http://portal.test/">portal</a>
        <p><i id=o style="cursor:pointer">code</i></p><p id=r></p>
        <div id=d hidden style="position:fixed;left:0;top:90px;width:400px;height:400px;background:
        #eee">You are leaving this site. <button id=y>go on</button><button id=n>放弃</button></div>
        <script>a.onclick = function () {{ d.hidden = false; return false; }};
        y.onclick = function () {{ location.href = a.dataset.to; }};
        n.onclick = function () {{ d.hidden = true; }};
        o.onclick = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
    answers = {"/": html.encode() + FILLER.encode(), **FILES}
    found = look(answers, (host("portal"),), lambda page: bool(page.qr_codes))
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    assert "http://portal.test/" in {link.href for link in found.links if link.visible.counts}


def blind_spots(html: str, files: dict[str, bytes] | None = None) -> list[str]:
    found = look({"/": (FILLER + "<a href=/x>x</a>" + html).encode(), **(files or {})})
    return [spot.why.code for spot in found.blind_spots]


@pytest.mark.series
def test_a_page_without_end_is_not_scrolled_for_each_thing_on_it() -> None:
    html = """<p>one<p id=s>end</p><script>
        new IntersectionObserver(function (e) { if (e[0].isIntersecting) {
          setTimeout(function () { fetch('/more' + document.querySelectorAll('div').length);
            s.insertAdjacentHTML('beforebegin', '<div style="height:1300px">more</div>');
          }, 300); } }).observe(s);</script><button>a</button><button>b</button>"""
    assert asked(html, "/more20") < 6


@pytest.mark.series
def test_what_is_new_in_a_box_is_no_page_that_is_too_long() -> None:
    many = "<img src=/i.png width=300 height=300><br>" * 8
    html = f"""<button id=b>show</button><div id=r></div><script>b.onclick = function () {{
        r.innerHTML = '<div style="overflow:auto;height:400px">{many}</div>'; }};</script>"""
    assert "page_too_long" not in blind_spots(html, FILES)


@pytest.mark.series
def test_letters_to_be_typed_are_not_asked_for_again_and_again() -> None:
    html = f"""{NEWS}<img id=c src=/z.png width=90 height=30><a href='#' id=a>another</a><script>
        c.onclick = a.onclick = function () {{ c.src = '/z.png?' + Math.random(); }};</script>"""
    assert "not_all_tried" not in blind_spots(html, {"/z.png": saved(picture("z"))})
    assert asked(html, "/z.png") < 8


class Stuck(UserDict[str, bytes]):
    """Answers of which the first script never ends once something is clicked."""

    def __getitem__(self, path: str) -> bytes:
        found = super().__getitem__(path)
        if path == "/s.js":
            self[path] = f"b.onclick = function () {{ r.innerHTML = '{CODE}'; }};".encode()
        return found


@pytest.mark.series
def test_a_page_that_gets_stuck_on_the_way_is_looked_at_once_more() -> None:
    script = b"b.onclick = function () { for (;;); };"
    html = FILLER + "<a href=/x>x</a><button id=b>show</button><div id=r></div><script src=/s.js>"
    answers = Stuck({"/": f"{html}</script>".encode(), "/s.js": script, **FILES})
    found = asyncio.run(looked(answers, patience=0.25))
    assert isinstance(found, Page)
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]


SENDS = "fetch('/like', {method: 'POST'})"


@pytest.mark.series
def test_what_is_there_to_be_liked_is_pressed_once() -> None:
    html = f"""<button id=b>like <i id=n>7</i></button><script>
        b.onclick = function () {{ {SENDS}; n.textContent = +n.textContent + 1; }};</script>"""
    assert asked(html, "/like") == 1


@pytest.mark.series
def test_what_opens_and_closes_is_pressed_no_more_than_twice() -> None:
    html = f"""<b id=b>show</b><p id=t hidden>text</p><script>b.onclick = function () {{
        {SENDS}; t.hidden = !t.hidden; b.textContent = t.hidden ? 'show' : 'hide'; }};</script>"""
    assert 1 <= asked(html, "/like") <= 2


@pytest.mark.series
def test_a_poll_is_not_sent_for_each_of_its_answers() -> None:
    answers = "".join(
        f"<label><input type=radio name=a value={n}>answer {n}</label>" for n in "1234"
    )
    html = f'<p>{answers}<button type=button onclick="{SENDS}">vote</button></p>'
    assert asked(html, "/like") <= 2  # once with an answer, and once as what can be clicked


@pytest.mark.series
def test_a_button_that_never_ends_to_show_more_is_a_doubt() -> None:
    html = """<a href=/x>x</a><div id=l></div><button id=m>more</button><script>var n = 0;
        m.onclick = function () { l.innerHTML += '<p>news of day ' + ++n; };</script>"""
    found = look({"/": (FILLER + html).encode()})
    assert "not_all_tried" in [spot.why.code for spot in found.blind_spots]


TABS = "".join(f"<li><a href=/{n}>part {'abc'[n]}</a></li>" for n in range(3))
BY_PARTS = f"""<p id=r style="position:fixed;right:0;top:0"></p><script>
    %s.addEventListener('mouseover', function (e) {{
      r.innerHTML = e.target.textContent == 'part c' ? '{CODE}' : ''; }});</script>"""
STAFF = "".join(f"<p><span>unit {'abcdefgh'[n % 8]}</span> <b>Li</b></p>" for n in range(50))
POINTED = {
    "links in a list that listens": f"<ul id=t>{TABS}</ul>" + BY_PARTS % "t",
    "links of a document that listens": f"<ul>{TABS}</ul>" + BY_PARTS % "document",
    "parts behind a long list of names": f"""{STAFF}<div>
        <u>part a</u> <u>part b</u> <u>part c</u></div>{BY_PARTS % "document"}""",
}


@pytest.mark.parametrize("html", POINTED.values(), ids=POINTED)
@pytest.mark.series(1)
def test_what_another_listens_for_is_pointed_at_even_if_it_is_a_link(html: str) -> None:
    assert finds_code(NEWS + html, FILES)


OPENS = f"""<p id=r></p><script>document.addEventListener('click', function (e) {{
    var a = e.target.closest('.o'); if (!a) return; e.preventDefault();
    r.innerHTML = '{CODE}'; }});</script>"""
DATA = """<p><a href=/x class=o data-toggle=modal data-target=#r>our paper</a></p>"""
CLICKED = {
    "with data for a script": DATA,
    "called as a code": "<p><a class=o href=/x>官方微信</a></p>",
    "called as a list": "<p><a class=o href=/x>友情链接</a></p>",
    "with a class of its own": "<ul><li><a href=/x>us</a><li><a class=o href=/y>paper</a></ul>",
}


@pytest.mark.parametrize("html", CLICKED.values(), ids=CLICKED)
@pytest.mark.series(1)
def test_a_link_by_which_a_script_may_open_something_is_clicked(html: str) -> None:
    assert finds_code(NEWS + html + OPENS, FILES)


@pytest.mark.series
def test_a_link_leads_where_its_data_tell_a_script() -> None:
    html = """<ul id=l><li><a href=/x data-url=http://away.test/><img src=/i.png width=99 height=40>
        </a></ul><script>l.addEventListener('click', function (e) {
          e.preventDefault(); window.open(e.target.closest('a').dataset.url); });</script>"""
    assert finds_links(NEWS + html, AWAY, (host("away"),), FILES)
