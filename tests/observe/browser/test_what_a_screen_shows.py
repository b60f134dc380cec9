"""What a visitor can scroll to, and what is painted without anything being laid out anew."""

from __future__ import annotations

import asyncio

import pytest

from support.browser_looks import (
    CODE,
    FILLER,
    codes,
    finds_code,
    finds_links,
    host,
    is_reached,
    looked,
    page,
)
from support.browser_looks import FILES as IN_THERE
from support.browsers import needs_browser
from support.codes import picture, saved
from ycaudit.model import Page

pytestmark = [pytest.mark.browser, needs_browser]
FILES = {**IN_THERE, "/j.png": saved(picture("out there"))}
LOW = f"<div style='height:110px'>head</div>{CODE}"
"""What stands 110 to 260 px below the top of what holds it."""
LINK = "<a href=http://away.test/>away</a>"
LOW_LINK = f"<div style='height:300px'>head</div>{LINK}"


def framed(inner: str, attributes: str = "") -> str:
    inner = inner.replace("&", "&amp;").replace('"', "&quot;")
    return f'<iframe width=300 height=190 {attributes} srcdoc="{inner}"></iframe>'


BOXES = (
    "<div style='overflow:hidden;height:190px'>%s</div>",
    "<div style='overflow:auto;height:400px;width:400px'><p style='height:900px'>x</p>"
    "<div style='overflow:hidden;height:190px'>%s</div></div>",
    "<div style='overflow:hidden;height:190px'><div style='overflow-y:auto;height:600px'>%s</div>"
    "</div>",
)
FRAMES = (
    ("", "scrolling=no"),
    ("<style>html{overflow:hidden}</style>", ""),
    ("<style>body{overflow:hidden}</style>", ""),
    ("<style>html{overflow-x:auto}body{overflow:hidden;height:170px;margin:0}</style>", ""),
)
"""What no visitor can scroll so far that he sees what stands low in it."""


@pytest.mark.series
def test_what_a_box_or_a_frame_that_nobody_can_scroll_cuts_off_is_not_seen() -> None:
    """Nor the link below it: each has a code and a link of its own."""
    wholes = [box.__mod__ for box in BOXES]
    wholes += [lambda low, s=style, a=more: framed(s + low, a) for style, more in FRAMES]
    files = {f"/{n}.png": saved(picture(f"code {n}")) for n in range(len(wholes))}
    hosts = (host("seen"), *(host(f"low{n}") for n in range(len(wholes))))
    low = """<div style='height:110px'>head</div><img src=/{0}.png width=150 height=150>
        <p style='height:90px'>more</p><a href=http://low{0}.test/>low</a>"""
    seen = "<img src=/i.png width=150 height=150><a href=http://seen.test/>seen</a>"
    html = FILLER + seen + "".join(whole(low.format(n)) for n, whole in enumerate(wholes))
    found = asyncio.run(looked({"/": html.encode(), **files, **FILES}, requirements=hosts))
    assert isinstance(found, Page)
    assert [code.payload for code in found.qr_codes if code.visible.counts] == ["in there"]
    assert [link.href for link in found.links if link.visible.counts] == ["http://seen.test/"]


@pytest.mark.series
def test_what_a_frame_or_a_box_shows_once_it_is_scrolled_is_seen() -> None:
    assert finds_code(framed(LOW), FILES)
    assert is_reached(framed(LOW_LINK))
    box = f"<div style='overflow:auto;height:190px'>{LOW_LINK}</div>"
    assert is_reached(box)
    long = f"<div style='overflow:auto;height:280px'>{LOW}<p style='height:900px'>x</p></div>"
    assert finds_code(f"<div style='overflow:hidden;height:190px'>{long}</div>", FILES)
    assert is_reached(f"<div style='overflow:hidden;height:400px'>{box}</div>")


LOCKED = "<style>html,body{height:100%;overflow:hidden;margin:0}</style>"
FAR = "<div style='height:1500px'>news</div>"


@pytest.mark.series
def test_what_a_window_that_nobody_can_scroll_cuts_off_is_not_seen() -> None:
    wide = f"<div style='position:absolute;left:2000px'>{CODE}</div>"
    assert codes(f"{LOCKED}{wide}{FAR}{CODE}", FILES) == set()
    assert not is_reached(f"{LOCKED}{FAR}{LINK}")


@pytest.mark.series
def test_a_window_that_a_notice_locks_is_scrolled_once_it_is_closed() -> None:
    notice = """<div id=n style="position:fixed;inset:0;background:#eee;z-index:9">notice
        <button onclick="n.remove(); document.documentElement.style.overflow = 'visible';
          document.body.style.overflow = 'visible'">close</button></div>"""
    assert finds_code(f"{LOCKED}{notice}{FAR}{CODE}", FILES)


PANES = """<style>#all{transition:transform .7s} .pane{height:100vh}</style>
    <div id=all><div class=pane>one</div><div class=pane>two</div><div class=pane>%s</div></div>
    <script>var n = 0, busy = false;
    addEventListener('wheel', function (e) {
      if (busy) return;
      busy = true; setTimeout(function () { busy = false; }, 800);
      n = Math.max(0, Math.min(2, n + (e.deltaY > 0 ? 1 : -1)));
      all.style.transform = 'translateY(' + -100 * n + 'vh)'; });</script>"""


@pytest.mark.series
def test_panes_that_a_script_turns_with_the_wheel_are_turned() -> None:
    assert finds_code(LOCKED + PANES % CODE, FILES)
    assert is_reached(LOCKED + PANES % LINK)
    hidden = f"<div class=o>code<div class=i>{CODE}</div></div>"
    style = "<style>.o>.i{display:none}.o:hover>.i{display:block}</style>"
    assert finds_code(LOCKED + style + PANES % hidden, FILES)


@pytest.mark.series
def test_a_box_that_a_script_turns_with_the_wheel_is_turned() -> None:
    html = f"""<div id=b style="height:200px;overflow:hidden"><div id=m>
        <p style="height:500px">x</p>{CODE}</div></div><script>
        var y = 0; b.onwheel = function (e) {{ e.preventDefault();
          y = Math.max(0, Math.min(520, y + e.deltaY));
          m.style.marginTop = -y + 'px'; }};</script>"""
    assert finds_code(html, FILES)


PAINTS = """<canvas id=c width=1100 height=320></canvas><p id=b>show</p><script>
    var image = new Image(); image.src = '/i.png';
    function paint() { c.getContext('2d').drawImage(image, 60, 60, 180, 180); }
    function wipe() { c.getContext('2d').clearRect(0, 0, 1100, 320); }
    b.%s = %s; b.onmouseleave = wipe;</script>"""


@pytest.mark.parametrize("event", ["onclick", "onmouseenter"])
@pytest.mark.parametrize("when", ["paint", "function () { setTimeout(paint, 3000); }"])
@pytest.mark.series(1)
def test_a_code_that_is_painted_on_a_wide_canvas_is_read(event: str, when: str) -> None:
    assert finds_code(PAINTS % (event, when), FILES)


TOGGLES = {
    "a blur": "#x{filter:blur(20px)} #x.on{filter:none}",
    "a sprite": "#x{background-position:-150px 0} #x.on{background-position:0 0}",
    "a cut": "#x{clip-path:inset(0 0 90% 0)} #x.on{clip-path:none}",
    "a turned back": "#x{transform:rotateY(180deg);backface-visibility:hidden} #x.on{transform:none"
    "}",
    "what is faint": "#x{opacity:.06} #x.on{opacity:1}",
    "what slides in": "#x{left:-120px} #x.on{left:0}",
}


@pytest.mark.parametrize("style", TOGGLES.values(), ids=TOGGLES.keys())
@pytest.mark.parametrize("event", ["onclick", "onmouseenter"])
@pytest.mark.series(1)
def test_what_looks_otherwise_after_a_try_is_read(style: str, event: str) -> None:
    """It is gone again when something else is tried."""
    html = f"""<style>#h{{overflow:hidden;width:150px;height:150px;position:relative}}
        #x{{width:150px;height:150px;position:absolute;left:0;
        background:#fff url(/i.png) 0 0/150px 150px no-repeat}} {style}</style>
        <div id=h><div id=x></div></div><p id=b>show</p><p id=k>hide</p><script>
        b.{event} = function () {{ x.className = 'on'; }};
        document.body.addEventListener('mousemove', function (e) {{
          if (e.target != b && e.target != x) x.className = ''; }});</script>"""
    assert finds_code(html, FILES)


def test_what_a_small_cover_hid_is_read_while_it_is_away() -> None:
    html = f"""<div style="position:relative;width:150px">{CODE}<div id=v style="position:absolute;
        inset:0;background:#ccc">click to show</div></div><script>
        v.onclick = function () {{ v.style.visibility = 'hidden'; setTimeout(function () {{
          v.style.visibility = 'visible'; }}, 4000); }};</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_code_of_many_parts_that_only_change_their_colour_is_read() -> None:
    html = """<div id=g style="width:174px;background:#fff;padding:20px"></div><p id=b>show</p>
        <script>fetch('/m.txt').then(r => r.text()).then(function (t) {
          var rows = t.trim().split('\\n');
          g.innerHTML = rows.map(r => '<div style="height:6px;white-space:nowrap;font-size:0">' +
            r.split('').map(m => '<i style="display:inline-block;width:6px;height:6px;' +
            'background:#fff" class=m' + m + '></i>').join('') + '</div>').join('');
          b.onmouseenter = function () { document.querySelectorAll('.m1').forEach(
            i => i.style.background = '#000'); };
          b.onmouseleave = function () { document.querySelectorAll('.m1').forEach(
            i => i.style.background = '#fff'); }; });</script>"""
    assert finds_code(html, {"/m.txt": modules("in there")})


def modules(payload: str) -> bytes:
    """The modules of a code, a row each."""
    import segno

    rows = segno.make(payload, micro=False).matrix
    return "\n".join("".join(str(int(bool(m))) for m in row) for row in rows).encode()


DIALOG = """<style>#d{display:none;position:fixed;left:200px;top:40px;width:500px;background:#eee}
    #s{height:300px;overflow-y:auto}</style><p id=b>open</p><div id=d><div id=s>
    <p style="height:1400px">long</p><p id=f>further</p></div><div id=r></div></div><script>
    b.onclick = function () { d.style.display = 'block'; };
    f.onclick = function () { %s };</script>"""


@pytest.mark.series
def test_a_button_low_in_a_box_in_a_dialog_is_clicked() -> None:
    assert finds_code(DIALOG % f"r.innerHTML = '{CODE}'", FILES)
    assert is_reached(DIALOG % "location.href = 'http://away.test/'")


@pytest.mark.series
def test_a_button_that_comes_while_a_box_in_a_dialog_is_scrolled_is_clicked() -> None:
    html = (
        DIALOG % ""
        + f"""<script>s.onscroll = function () {{
        if (s.scrollTop > 900 && !document.getElementById('w')) {{
          var w = document.createElement('p'); w.id = 'w';
          w.textContent = 'code'; w.onclick = function () {{ r.innerHTML = '{CODE}'; }};
          s.append(w); }} }};</script>"""
    )
    assert finds_code(html, FILES)


OPTIONS = "<select id=s><option>choose<option value=1>home<option value=2>away</select>"
GOES = "if (s.value == 2) location.href = 'http://' + 'away.test/'"


@pytest.mark.parametrize("go", ["<button id=g>go</button>", "<a id=g>go</a>", "<b id=g>go</b>",
                                "<input id=g type=button value=go>"])  # fmt: skip
@pytest.mark.parametrize("far", ["", "</div></div><div>" + "<p>text</p>" * 5 + "<div>"])
@pytest.mark.series
def test_a_choice_and_a_button_with_a_listener_lead_where_they_lead(go: str, far: str) -> None:
    html = f"""<div><div>{OPTIONS}{far}{go}</div></div>
        <script>g.addEventListener('click', function () {{ {GOES} }});</script>"""
    assert is_reached(html)


@pytest.mark.parametrize("order", ["12", "21"])
@pytest.mark.series
def test_two_choices_with_one_button_lead_to_two_places(order: str) -> None:
    one, two = (f"<option value=http://{n}.test/>{n}" for n in order.replace("1", "b"))
    html = f"""<select id=s>{one}{two}</select><hr><div><div><div><button id=g>go</button></div>
        </div></div><script>g.onclick = function () {{ window.open(s.value); }};</script>"""
    assert finds_links(html, {"http://b.test/", "http://2.test/"}, (host("b"), host("2")))


SITES = host("gov", "云江市政府"), host("news", "三江新闻网")


@pytest.mark.parametrize("sites", ["<li>云江市政府<li>三江新闻网", "<li>三江新闻网<li>云江市政府"])
@pytest.mark.series(1)
def test_what_a_drop_down_of_a_script_has_chosen_is_confirmed_by_a_button(sites: str) -> None:
    html = f"""<div><b id=v>choose</b><ul id=l hidden>{sites}</ul><button id=g>前往</button></div>
        <script>var to = {{'云江市政府': 'gov', '三江新闻网': 'news'}};
        v.onclick = function () {{ l.hidden = !l.hidden; }};
        l.onclick = function (e) {{ v.textContent = e.target.textContent; l.hidden = true; }};
        g.onclick = function () {{ location.href = 'http://' + to[v.textContent] + '.test/'; }};
        </script>"""
    assert finds_links(html, {"http://gov.test/", "http://news.test/"}, SITES)


@pytest.mark.series
def test_what_stands_beside_a_list_and_hides_it_does_not_end_the_choosing() -> None:
    """It is taken for what confirms a choice, and opens a layer that nothing closes."""
    html = f"""<div>{OPTIONS.replace("away", "other")}<b id=k>scan</b></div>
        <div id=l hidden style="position:fixed;inset:0;background:#eee">layer</div><script>
        k.onclick = function () {{ l.hidden = false; }};
        s.onchange = function () {{ {GOES} }};</script>"""
    assert is_reached(html)


@pytest.mark.series
def test_an_option_that_cannot_be_chosen_is_left_out_of_the_count() -> None:
    options = OPTIONS.replace("<option value=1>", "<option disabled>none<option value=1>")
    assert is_reached(f"{options}<script>s.onchange = function () {{ {GOES} }};</script>")


def test_a_choice_fills_the_next_list() -> None:
    html = """<select id=a><option>-<option value=1>city</select><select id=s><option>-</select>
        <script>a.onchange = function () { s.innerHTML = a.value == 1 ?
          '<option>-<option value=away>away' : '<option>-'; };
        s.onchange = function () { location.href = 'http://' + s.value + '.test/'; };</script>"""
    assert is_reached(html)


@pytest.mark.series
def test_a_choice_shows_another_code() -> None:
    html = """<select id=s><option>-<option value=j>out<option value=i>in<option value=->-</select>
        <img id=m width=150 height=150><script>s.onchange = function () {
        m.src = '/' + s.value + '.png'; };</script>"""
    assert codes(html, FILES) == {"in there", "out there"}


@pytest.mark.series
def test_each_of_a_group_of_radio_buttons_is_chosen_before_the_button_beside() -> None:
    sites = "".join(f"<label><input type=radio name=r value={n}>{n}</label>" for n in "abc")
    html = f"""<div>{sites}<button id=g>go</button></div><script>g.onclick = function () {{
        location.href = 'http://' + document.querySelector(':checked').value + '.test/'; }};
        </script>"""
    assert finds_links(html, {f"http://{n}.test/" for n in "abc"}, tuple(map(host, "abc")))


@pytest.mark.series
def test_a_list_in_a_panel_that_the_pointer_opens_or_in_a_frame_leads_where_it_leads() -> None:
    goes = "onchange=\"if (this.value == 2) parent.location.href = 'http://' + 'away.test/'\""
    options = OPTIONS.replace("id=s", goes)
    style = "<style>.o>.i{display:none}.o:hover>.i{display:block}</style>"
    assert is_reached(f"{style}<div class=o>links<div class=i>{options}</div></div>")
    assert is_reached(framed(options))


@pytest.mark.series
def test_what_opens_with_the_focus_is_gone_on_from() -> None:
    html = f"""<input id=i><div id=d hidden><p id=p>code</p></div><div id=r></div><script>
        i.onfocus = function () {{ d.hidden = false; }};
        p.onclick = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
    assert finds_code(html, FILES)


def test_a_layer_that_a_link_of_a_script_leaves_open_hides_nothing() -> None:
    html = f"""<style>#l{{position:fixed;inset:0;background:#eee;display:none;z-index:9}}
        .o>.i{{display:none}}.o:hover>.i{{display:block}}</style>
        <div id=l>please log in</div>
        <a href="http://elsewhere.test/" onclick="l.style.display='block'; return false">post</a>
        <div class=o>code<div class=i>{CODE}</div></div>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_many_hidden_boxes_are_no_doubt() -> None:
    box = "<div style='visibility:hidden;height:30px;overflow:auto'><p>long<p>long<p>long</div>"
    found = page(FILLER + "<a href=/x>x</a>" + box * 30)
    assert "not_all_tried" not in [spot.why.code for spot in found.blind_spots]


@pytest.mark.series
def test_a_button_that_is_pressed_again_shows_more_each_time() -> None:
    html = f"""<div id=l></div><button id=m>more</button><script>var n = 0;
        m.onclick = function () {{ n += 1;
          l.innerHTML += n == 5 ? '{CODE}' : '<p>news of the day ' + n; }};</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_what_comes_a_moment_after_the_end_of_the_page_is_reached_is_scrolled_to() -> None:
    html = f"""<div id=more></div><p id=s>loading</p><script>var n = 0, busy = false;
        new IntersectionObserver(function (e) {{
          if (!e[0].isIntersecting || busy || n == 4) return;
          busy = true; setTimeout(function () {{ n += 1; busy = false;
            more.insertAdjacentHTML('beforeend', n == 4 ? '{CODE}' :
              '<div style="height:1200px">' + n + '</div>'); }}, 900); }}).observe(s);</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_a_link_that_opens_in_a_frame_of_the_page_is_followed_there() -> None:
    html = FILLER + "<a href=/in.html target=f>tab</a><iframe name=f width=300 height=200></iframe>"
    found = page(
        html, requirements=(host("away"),), in_html="<a href=http://away.test/ target=_top>x</a>"
    )
    assert {link.href: link.visible.counts for link in found.links}["http://away.test/"]


@pytest.mark.series
def test_a_field_in_a_layer_that_the_focus_opened_shows_more_with_the_focus() -> None:
    html = """<input id=i><div id=d hidden><input id=j><p id=p hidden>go</p></div><script>
        i.onfocus = function () { i.blur(); d.hidden = false; };
        j.onfocus = function () { p.hidden = false; };
        p.onclick = function () { location.href = 'http://away.test/'; };</script>"""
    assert is_reached(html)


@pytest.mark.series
def test_a_list_that_a_tick_frees_is_chosen_from() -> None:
    options = OPTIONS.replace("id=s", "id=s disabled")
    html = f"""<div><select><option>a<option>b</select><label><input type=checkbox id=c>agreed
        </label>{options}</div><script>
        c.onchange = function () {{ s.disabled = !c.checked; }};
        s.onchange = function () {{ {GOES} }};</script>"""
    assert is_reached(html)


@pytest.mark.series
def test_what_a_button_low_in_a_frame_shows_at_its_top_is_read() -> None:
    html = f"""<div id=r></div><div style='height:900px'>long</div><p id=b>show</p>
        <script>b.onclick = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
    assert finds_code(framed(html), FILES)


DELEGATES = """<a id=a href="%s">portal</a><script>document.addEventListener('mouseover',
    function (e) { if (e.target == a) a.href = '%s'; });</script>"""


@pytest.mark.series
def test_a_link_to_which_a_script_gives_another_address_as_the_mouse_comes_leads_there() -> None:
    titled = (host("away", "portal"),)
    wanted = "http://away.test/"
    assert finds_links(DELEGATES % ("/x", wanted), {wanted}, titled)
    assert not finds_links(DELEGATES % (wanted, "/x"), {wanted}, titled)


@pytest.mark.series
def test_a_link_whose_click_the_window_stops_leads_nowhere() -> None:
    stops = "<script>addEventListener('click', function (e) { e.preventDefault(); });</script>"
    assert not is_reached(f"{LINK}{stops}")
    assert not is_reached(framed(f"{LINK}{stops}"))


@pytest.mark.series
def test_what_the_window_does_with_a_click_is_seen() -> None:
    html = f"""<p style="cursor:pointer" id=p>code</p><div id=r></div><script>
        window.addEventListener('click', function (e) {{
          if (e.target == p) r.innerHTML = '{CODE}'; }});</script>"""
    assert finds_code(html, FILES)


SHELLS = (
    "<style>html,body{height:100%%;overflow:hidden;margin:0}</style><div style='height:60px'>head"
    "</div><div style='height:100%%;overflow:auto'>%s</div>",
    "<div style='height:600px;overflow:hidden'><div style='height:60px'>head</div>"
    "<div style='height:100%%;overflow:auto'>%s</div></div>",
)
"""What scrolls stands in something that does not, and is larger by its head."""


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.series
def test_what_stands_low_in_a_box_whose_end_is_cut_off_is_tried_all_the_same(shell: str) -> None:
    opener = f"""<p id=b>show</p><div id=r></div><script>
        b.onmouseenter = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
    long = "<div style='height:2500px'>news</div>"
    assert finds_code(shell % (FILLER + long + opener + long), FILES)


@pytest.mark.series
def test_what_is_low_in_a_box_over_slides_is_read() -> None:
    html = f"""<style>#c{{height:700px;background:#a33}} #s{{height:300px;overflow-y:auto}}
        #d{{display:none;position:fixed;left:100px;top:160px;width:500px;background:#fff}}</style>
        <div id=c></div><p id=b>open</p><p id=k>close</p><div id=d><div id=s>
        <p style="height:450px">long</p>{CODE}<p style="height:300px">end</p></div></div><script>
        var n = 0; setInterval(function () {{
          c.style.background = ['#a33', '#3aa', '#fd8', '#224'][++n % 4]; }}, 900);
        b.onclick = function () {{ d.style.display = 'block'; }};
        k.onclick = function () {{ d.style.display = 'none'; }};</script>"""
    assert finds_code(html, FILES)


@pytest.mark.series
def test_slides_on_a_short_page_are_no_panes() -> None:
    html = """<div id=c style="height:300px;background:#a33"></div><script>var n = 0;
        setInterval(function () { c.style.background = ['#a33', '#3aa', '#fd8', '#224'][++n % 4];
          }, 900);</script>"""
    found = page(FILLER + "<a href=/x>x</a>" + html)
    assert "not_all_tried" not in [spot.why.code for spot in found.blind_spots]


@pytest.mark.series
def test_a_button_behind_other_things_beside_a_list_confirms_each_choice() -> None:
    html = """<div><select id=s><option value=home>one<option value=b>two<option value=c>three
        </select><a href="#a">A</a><a href="#b">B</a><a href="#c">C</a><button id=g>go</button>
        </div><script>g.onclick = function () {
          location.href = 'http://' + s.value + '.test/'; };</script>"""
    assert finds_links(html, {"http://b.test/", "http://c.test/"}, (host("b"), host("c")))


def test_a_box_that_a_script_has_scrolled_across_is_scrolled_back() -> None:
    html = f"""<div id=b style="overflow-x:auto;width:600px"><div style="width:3000px">{LINK}</div>
        </div><script>b.scrollLeft = 2000;</script>"""
    assert is_reached(html)
