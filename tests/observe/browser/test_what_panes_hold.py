"""Panes, pagers and lists that show one thing after the other: what is in each is tried in each."""

from __future__ import annotations

import pytest

from support.browser_looks import CODE, FILES, FILLER, NEWS, finds_code, left_in_doubt, look
from support.browsers import needs_browser
from support.requirements import WECHAT, WEIBO

pytestmark = [pytest.mark.browser, needs_browser]
OTHERS = FILES | {"/p.png": FILES["/i.png"][:0]}
NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "in there", "last")
PICTURE = "<img src=/p.png?{} width=150 height=150>"
DIALOG = """<div id=z style="display:none;position:fixed;inset:0;background:#fffe;z-index:9">
    <b id=x>×</b><div id=y></div></div><script>x.onclick = function () { z.style.display = 'none' };
    function pop(html) { y.innerHTML = html; z.style.display = 'block'; }</script>"""


def shown(at: int, others: str = PICTURE) -> str:
    """A script that opens one thing for each name, of which this one is the code."""
    brought = [CODE if number == at else others.format(number) for number in range(len(NAMES))]
    return f"""{DIALOG}<script>var at = 0, N = {list(NAMES)}, B = {brought};
        function go(n) {{ at = n % N.length; h.innerHTML = N[at];
          t.innerHTML = 'about ' + N[at].split('').join(' '); }}
        function open_it() {{ pop(B[at]); }}</script>"""


def tabs(number: int) -> str:
    return "".join(f"<i onclick=go({n})>{NAMES[n]}</i> " for n in range(number))


DRAWS = f"""<script>var t = 0, p = 0, N = {list(NAMES)}; function draw() {{
    b.innerHTML = 'abcdefghijklmnopqrstuvwxyz'.split('').map(function (w) {{
      return '<tr><td>' + N[t] + w + '<td>' + w + N[p + 4]; }}).join('')
      + (t == 1 && p == 2 ? '<tr><td>{CODE}' : ''); }}
    function go(n) {{ t = n; p = 0; draw() }} function to(n) {{ p = n; draw() }} draw();</script>"""
PANE = "<h3 id=h>one</h3><p id=t>about o n e</p><p><b onclick=open_it()>show</b></p>"
STAYS = "".join(f"<p>step {n}, as ever" for n in range(6))
DATA = "data:image/svg+xml," + "%20" * 800 + "<svg xmlns='http://www.w3.org/2000/svg'/>"
FRAMES = {
    f"/{n}": f"""<h3>{NAMES[n]}</h3><p>about it</p><b onclick="d.hidden = false">show</b>
        <p id=d hidden>{CODE if n == 2 else "words"}""".encode()
    for n in range(4)
}
PUT_AWAY = "".join(
    f"<div class=t{' style=display:none' * bool(n)}><h3>{NAMES[n]}</h3><p>about it</div>"
    for n in range(4)
)
PANES = {
    "panes that are put away": f"""<div>{tabs(4)}</div><div>{PUT_AWAY}<b onclick=open_it()>show</b>
        </div>{shown(2)}<script>function go(n) {{ at = n;
          document.querySelectorAll('.t').forEach(function (t, i) {{
            t.style.display = i == n ? 'block' : 'none' }}) }}</script>""",
    "a list in each": f"""<div>{tabs(4)}</div><div><h3 id=h>one</h3><p id=t>about o n e</p>
        <select id=s onchange="r.innerHTML = s.value && B[at * 2 + (s.value == 'b')]">
        <option value="">choose<option value=a>a<option value=b>b</select><div id=r></div></div>
        {shown(5)}<script>var turn = go;
        go = function (n) {{ turn(n); s.value = ''; r.innerHTML = '' }}</script>""",
    "a list in each, and nothing for any choice of the first": f"""<div>{tabs(4)}</div><div>
        <h3 id=h>one</h3><p id=t>about o n e</p><select id=s onchange="r.innerHTML = at == 2 &&
          s.value == 1 ? B[2] : 'none'"><option value=0>a<option value=1>b</select>
        <div id=r>none</div></div>{shown(2)}<script>var turn = go;
        go = function (n) {{ turn(n); r.innerHTML = 'none' }}</script>""",
    "a long list in each, and nothing for any choice of the first": f"""<div>{tabs(4)}</div><div>
        <h3 id=h>one</h3><p id=t>about o n e</p><select id=s onchange="r.innerHTML = at - 2 ? 'none'
          : s.value == 22 ? B[2] : 'about ' + N[s.value % 9] + ' here'">{
        "".join(f"<option value={n}>place {n}" for n in range(24))
    }</select><div id=r>none</div></div>{shown(2)}<script>var turn = go;
        go = function (n) {{ turn(n); r.innerHTML = 'none' }}</script>""",
    "a list in each, and a button that answers the same to nearly all": f"""<div>{tabs(4)}</div>
        <div><h3 id=h>one</h3><p id=t>about o n e</p><select id=s><option value=0>a<option value=1>b
        </select> <b onclick="r.innerHTML = 'there is '; r.innerHTML += at == 2 && s.value == 1
          ? B[2] : 'none'">show</b><div id=r></div></div>{shown(2)}<script>var turn = go;
        go = function (n) {{ turn(n); r.innerHTML = '' }}</script>""",
    "what turns it is called like what opens it": f"""<div><div><h3 id=h>one</h3><p id=t>about
        o n e</p></div><button id=u>last</button> <button id=v>next</button>
        <button id=w>show</button></div>{shown(2)}<script>
        u.addEventListener('click', function () {{ go(at + 10) }});
        v.addEventListener('click', function () {{ go(at + 1) }});
        w.addEventListener('click', open_it)</script>""",
    "cards beside each other": "<div>"
    + "".join(
        f"""<div><h4 id=h{n}>a</h4><p><b
        onclick="turn({n})">next</b> <b onclick="look({n})">show</b></div>"""
        for n in range(2)
    )
    + f"""</div>{shown(5)}<script>var is = [0, 0]; function turn(n) {{ is[n] = (is[n] + 1) % 3;
        document.getElementById('h' + n).innerHTML = 'abc'[is[n]]; }}
        function look(n) {{ pop(B[n * 3 + is[n]]); }}</script>""",
    "a long address": f"""<div>{tabs(4)}</div><div><img width=40 height=40 src="{DATA}">{PANE}
        </div>{shown(2)}""",
    "a heading alone": f"""<div>{tabs(4)}</div><div><h3 id=h>one</h3><p id=t hidden></p>
        {"<p>as ever</p>" * 20}<b onclick=open_it()>show</b></div>{shown(2)}""",
    "a drawn list": f"""<div><span id=h onclick="l.style.display='block'">choose</span>
        <ul id=l style=display:none>{
        "".join(f"<li onclick=choose({n})>{NAMES[n]}" for n in range(4))
    }</ul><b onclick=open_it()>show</b><p id=t hidden></div>{shown(2)}<script>
        function choose(n) {{ go(n); l.style.display = 'none' }}</script>""",
    "a field that a script fills": f"""<div><input readonly id=i onclick="l.style.display='block'">
        <ul id=l style=display:none>{
        "".join(f"<li onclick=choose({n})>{NAMES[n]}" for n in range(4))
    }</ul><b onclick=open_it()>show</b></div>{shown(2)}<script>
        function choose(n) {{ at = n; i.value = N[n]; l.style.display = 'none' }}</script>""",
    "pages below it": f"""<div><div>{tabs(3)}</div><table id=b></table><p>
        <i onclick=to(p+1)>next</i></div>{DRAWS}""",
    "in a frame": f"""{"".join(f"<a target=f href=/{n}>{NAMES[n]}</a> " for n in range(4))}
        <p><iframe name=f src=/0 width=500 height=400></iframe>""",
    "ten tabs": f"<div>{tabs(11)}</div><div>{PANE}</div>{shown(9)}",
    "words before the code": f"<div>{tabs(6)}</div><div>{PANE}</div>{shown(4, '<p>words {}</p>')}",
    "tabs in the pane": f"<div><p>{tabs(4)}</p>{PANE}</div>{shown(2)}",
    "an arrow beside the button": f"""<div><h3 id=h>one</h3><p id=t>about o n e</p>
        <b onclick=open_it()>show</b> <b onclick=go(at+1)>next</b></div>{shown(2)}""",
    "most of it stays": f"<div>{tabs(4)}</div><div>{PANE}{STAYS}</div>{shown(2)}",
    "another block before it": f"""<div><i onclick="w.innerHTML='ours'">a</i>
        <i onclick="w.innerHTML='theirs'">b</i> <i onclick="w.innerHTML='all'">c</i></div>
        <div><p id=w>ours</p><b onclick="v.innerHTML=w.innerHTML">show</b><p id=v></div>
        <div>{tabs(4)}</div><div>{PANE}</div>{shown(2)}""",
    "an arrow and the button are bound alike, and it answers beside": f"""<div><h3 id=h>one</h3>
        <p id=t>about o n e</p><p id=r>press it</p><p><button id=v>next</button>
        <button id=w>show</button></div>{shown(2)}<script>
        v.addEventListener('click', function () {{ go(at + 1); r.innerHTML = 'press it' }});
        w.addEventListener('click', function () {{ r.innerHTML = at == 2 ? B[2] : 'none' }})
        </script>""",
    "what asks before it shows": f"""<div><div id=m>{tabs(4)}<h3 id=h>one</h3><p id=t>about o n e
        </p><b onclick="m.hidden = true; q.hidden = false; r.innerHTML = ''">show</b></div>
        <div id=q hidden><p>First read what we say.</p><b onclick="r.innerHTML = at == 2 ? B[2]
          : 'there is none'">agreed</b> <b onclick="m.hidden = false; q.hidden = true">back</b>
        <div id=r></div></div></div>{shown(2)}""",
    "pages by number": f"""<div><div>{tabs(3)}</div><table id=b></table><p>
        {"".join(f"<i onclick=to({n})>{n + 1}</i> " for n in range(3))}</div>{DRAWS}""",
    "pages by an arrow with a word": f"""<div><div>{tabs(3)}</div><table id=b></table><p>
        <i onclick=to(p+1)>下一页 &gt;&gt;</i></div>{DRAWS}""",
    "two rows of tabs": f"""<div><p>{"".join(f"<i onclick=to({n})>202{n}</i> " for n in range(3))}
        <p>{tabs(3)}<table id=b></table></div>{DRAWS}<script>
        go = function (n) {{ t = n; draw() }}</script>""",
    "rows in each": f"""<div>{tabs(4)}</div><table id=l></table>{shown(2)}<script>
        go = function (n) {{ l.innerHTML = 'abcdef'.split('').map(function (w, i) {{
          return '<tr><td>' + N[n] + w + '<td><b onclick=of(' + (n * 6 + i) + ')>QR code</b>';
          }}).join('') }}; function of(n) {{ pop(n == 22 ? B[2] : 'not yet') }} go(0)</script>""",
    "figures alone": f"""<div><p id=n>house 1</p><p id=m>call 0700</p>
        <b onclick=open_it()>show</b></div><b onclick=next()>next</b>{shown(3)}<script>
        function next() {{ at++; n.innerHTML = 'house ' + (at + 1);
          m.innerHTML = 'call 070' + at; }}</script>""",
}


@pytest.mark.parametrize("html", PANES.values(), ids=PANES)
@pytest.mark.series(1)
def test_a_button_is_tried_in_each_pane_in_which_it_stands(html: str) -> None:
    assert finds_code(NEWS + html, OTHERS | FRAMES)


@pytest.mark.parametrize("row", [0, 1], ids=["first row", "second row"])
@pytest.mark.series
def test_a_button_of_a_later_page_of_a_list_is_tried_though_dialogs_are_in_the_way(
    row: int,
) -> None:
    html = f"""<table id=l></table><b onclick=go(1)>next</b>{DIALOG}<script>var page = -1;
        function go(n) {{ page = Math.min(3, page + n); l.innerHTML = [0, 1, 2].map(function (i) {{
          return '<tr><td>' + 'abcdefghijkl'[page * 3 + i] + 'ville<td><b onclick=show('
            + (page * 3 + i) + ')>show</b>'; }}).join(''); }}
        function show(n) {{ pop(n == {6 + row} ? '{CODE}' : '{PICTURE}'.replace('{{}}', n)); }}
        go(1);</script>"""
    assert finds_code(NEWS + html, OTHERS)


def test_a_pager_of_words_without_end_is_no_doubt() -> None:
    html = """<p id=p>week</p><b onclick=go()>next</b><script>var at = 0; function go() { at++;
        p.innerHTML = 'the week of ' + 'abcdefghijklmnopqrstuvwxyz'[at % 26] + at; }</script>"""
    assert not left_in_doubt(NEWS + html, FILES)


@pytest.mark.parametrize("pane", [PANE.partition("<b ")[0], PANE], ids=["alone", "and a button"])
@pytest.mark.series
def test_a_list_of_which_no_choice_does_anything_is_chosen_from_in_one_pane_alone(
    pane: str,
) -> None:
    many = "".join(f"<option value={n}>place {n}" for n in range(42))
    html = f"<div>{tabs(5)}</div><div>{pane}<select>{many}</select></div>{shown(-1, 'words')}"
    assert not left_in_doubt(NEWS + html, OTHERS)


@pytest.mark.series
def test_what_leads_back_to_a_list_is_no_doubt() -> None:
    html = """<p><b onclick=menu(0)>rooms</b> <b onclick=menu(1)>halls</b></p><div id=c></div>
        <script>var N = [['red', 'blue', 'green'], ['long', 'wide', 'high']];
        function menu(n) { c.innerHTML = '<h3>our list</h3>' + N[n].map(function (w, i) {
          return '<p><a href="javascript:article(' + n + ',' + i + ')">the ' + w + '</a>';
          }).join(''); }
        function article(n, i) { c.innerHTML = '<h3>one</h3><p>It is ' + N[n][i]
          + '<p><a href="javascript:menu(' + n + ')">back</a>'; } menu(0);</script>"""
    assert not left_in_doubt(NEWS + html, FILES)


def test_the_next_one_of_a_row_confirms_nothing() -> None:
    html = f"""<p><b id=a>宜昌发布微信</b> <b id=b>宜昌发布微博</b></p><div id=c></div><script>
        var waits = false, own = localStorage; a.onclick = function () {{ waits = true;
          setTimeout(function () {{ waits = false;
            if (!own.hurried) c.innerHTML = '{CODE}'; }}, 1500); }};
        b.onclick = function () {{ if (waits) own.hurried = 1; }};</script>"""
    page = look({"/": (FILLER + NEWS + html).encode(), **FILES}, (WECHAT, WEIBO))
    assert [code.payload for code in page.qr_codes] == ["in there"]


RESULTS = {
    "in a dialog": f"pop(n == 2 ? '{CODE}' : '{PICTURE}');",
    "words before the code": f"o.innerHTML = n == 4 ? '{CODE}' : 'words of ' + n;",
    "in place of the list": f"""l.hidden = true; o.innerHTML = n == 2 ? '{CODE}'
        : 'words of ' + n + '<b onclick="location.reload()">back</b>';""",
    "the same words for all others": f"o.innerHTML = n == 4 ? '{CODE}' : 'there is none';",
    "a while later": f"""o.innerHTML = 'please wait'; setTimeout(function () {{
        o.innerHTML = n == 1 ? '{CODE}' : 'words of ' + n; }}, 2500);""",
}
LISTS = {
    "list": "<p><select id=s>" + "".join(f"<option value={n}>{NAMES[n]}" for n in range(6))
    + "</select><button onclick=show()>show</button>",
    "buttons": "<p>" + "".join(f"<label><input type=radio name=r value={n}>{NAMES[n]}</label>"
    for n in range(6)) + "<button onclick=show()>show</button>",
    "a link that is drawn as a button": "<div><select id=s>"
    + "".join(f"<option value={n}>{NAMES[n]}" for n in range(6))
    + "</select></div><div><a class=btn href=javascript:show()>look</a></div>",
}  # fmt: skip


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
@pytest.mark.parametrize("offer", LISTS.values(), ids=LISTS)
@pytest.mark.series(1)
def test_each_choice_of_a_list_is_confirmed(offer: str, result: str) -> None:
    html = f"""<div id=l>{offer}</div><div id=o></div>{DIALOG}<script>function show() {{
        var n = (document.querySelector('select,:checked') || {{}}).value; {result} }}</script>"""
    assert finds_code(NEWS + html, OTHERS)


BESIDE = {
    "what explains it hides the list": """<div id=f><select id=s>{}</select>
        <button onclick="f.hidden = true; g.hidden = false">show how</button>
        <button onclick="o.innerHTML = s.value == 3 ? B : 'words'">search</button></div>
        <div id=g hidden>Choose a place, and press the button.</div><div id=o></div>""",
    "a plain word beside the one that undoes it": """<div><div><div><select id=s>{}</select></div>
        <span onclick="s.value == 3 && (o.innerHTML = B)" style=cursor:pointer>跳转</span>
        <span onclick="s.value = 0" style=cursor:pointer>重置</span></div></div><div id=o></div>""",
}


@pytest.mark.parametrize("html", BESIDE.values(), ids=BESIDE)
@pytest.mark.series(1)
def test_a_choice_is_confirmed_by_what_does_it(html: str) -> None:
    options = "".join(f"<option value={n}>{NAMES[n]}" for n in range(5))
    html = html.replace("{}", options)
    assert finds_code(f"{NEWS}<script>var B = '{CODE}'</script>{html}", OTHERS)


HOVER = (
    """<style>.k{padding:9px;width:300px} .k i{display:none} .k:hover i{display:block}</style>"""
)
POINTED = {
    "a pane that pointing draws anew": f"""{HOVER}<p><u onmouseover=go(0)>one</u> <u
        onmouseover=go(1)>two</u></p><div><div id=c></div></div><script>function go(n) {{
        c.innerHTML = '<h4>' + ['one', 'two'][n] + '</h4><p class=k>ours<i>'
          + (n ? 'words' : '{CODE}') + '</i></p>'; }} go(0);</script>""",
    "tabs within tabs": f"""{HOVER}<p><u onmouseover=go(0)>one</u> <u onmouseover=go(1)>two</u></p>
        <div><div id=c></div></div><script>function go(n) {{ c.innerHTML = n ? 'words'
          : '<p><u onmouseover=to(0)>a</u> <u onmouseover=to(1)>b</u></p><div id=e></div>';
          n || to(0); }} function to(n) {{ e.innerHTML = n ? 'words'
          : '<p class=k>ours<i>{CODE}</i></p>'; }} go(0);</script>""",
    "its middle lies under something else": f"""<style>.a{{position:relative;height:600px}}
        .b{{height:600px;background:#bcd}} .s{{position:absolute;left:400px;top:150px;width:900px;
        height:300px;background:#fff}} .q{{display:none;position:absolute;right:9px;top:9px}}
        .b:hover~.q{{display:block}}</style><div class=a><div class=b></div><div class=s>search
        </div><div class=q>{CODE}</div></div>""",
    "its ground is taken away": f"""<style>.a{{position:relative;width:200px}} .c{{
        position:absolute;inset:0;background:#bcd}} .a:hover .c{{
        background-color:rgba(0, 0, 0, 0)}}</style>
        <div class=a>{CODE}<div class=c></div></div>""",
}


@pytest.mark.parametrize("html", POINTED.values(), ids=POINTED)
@pytest.mark.series(1)
def test_what_pointing_changes_is_pointed_at_as_it_was(html: str) -> None:
    assert finds_code(NEWS + html, OTHERS)
