"""What is pointed at, clicked and chosen, however large it is and whatever was tried before it."""

from __future__ import annotations

import pytest

from support.browser_looks import CODE, FILES, NEWS, finds_code, is_reached
from support.browsers import needs_browser

pytestmark = [pytest.mark.browser, needs_browser]
BANNER = "<style>.b{display:block;height:620px;background:#bcd;position:relative} .q{display:none}"
LARGE = {
    "a rule for it": f"{BANNER} .b:hover .q{{display:block}}</style><div class=b>"
    f"<p class=q>{CODE}</div>",
    "its listener": f"""{BANNER}</style><div class=b onmouseenter="q.className=''"><p id=q class=q>
        {CODE}</div>""",
    "a script for its address": f"""{BANNER}</style><a class=b href="javascript:q.className='';
        void 0">news</a><p id=q class=q>{CODE}""",
    "the hand on it": f"""{BANNER} .b{{cursor:pointer}}</style><div><div class=b>news</div></div>
        <p id=q class=q>{CODE}<script>document.addEventListener('click', function (e) {{
        if (e.target.className == 'b') q.className = ''; }});</script>""",
    "arrows on it": f"""{BANNER} .b{{overflow:hidden}} .b:hover i{{display:block}} i{{display:none;
        position:absolute;top:300px;padding:20px;background:#fff}}</style><div class=b><p id=s>one
        </p><i id=n>next</i></div><script>var at = 0; n.onclick = function () {{
        s.innerHTML = ['one', 'two', '{CODE}'][++at % 3]; }};</script>""",
}


@pytest.mark.parametrize("html", LARGE.values(), ids=LARGE)
@pytest.mark.series(1)
def test_what_is_larger_than_half_of_the_window_is_tried_too(html: str) -> None:
    assert finds_code(NEWS + html, FILES)


SHOWS = """<div id=z style="display:none;position:fixed;inset:0;background:#fffe;z-index:9">
    <b id=x>×</b><img id=y width=300 height=200></div><script>
    x.onclick = function () { z.style.display = 'none'; };
    function larger(n) { y.src = '/p.png?' + n; z.style.display = 'block'; }</script>"""
PANES = {
    "a pager": "s.innerHTML = at == 3 ? '%s' : picture(at);",
    "load more": "s.insertAdjacentHTML('beforeend', at == 3 ? '%s' : picture(at));",
}


@pytest.mark.parametrize("brings", PANES.values(), ids=PANES)
@pytest.mark.parametrize("within", [False, True], ids=["on the page", "in a dialog"])
@pytest.mark.series
def test_what_was_tried_in_a_pane_keeps_nobody_from_the_next_pane(
    brings: str, within: bool
) -> None:
    html = f"""<div id=a><div id=s></div><b id=n>next</b></div>{SHOWS}<script>var at = 0;
        function picture(n) {{ return '<img src=/p.png?' + n + ' width=90 height=60 onclick=larger('
          + n + ')>'; }}
        s.innerHTML = picture(0); n.onclick = function () {{ at++; {brings % CODE} }};</script>"""
    if within:
        html += """<b id=o>open</b><script>a.hidden = true; o.onclick = function () {
            a.hidden = false; };</script>"""
    assert finds_code(NEWS + html, FILES | {"/p.png": FILES["/i.png"][:0]})


TABS = f"""<style>.q{{display:none}} .k:hover .q{{display:block}} .k{{padding:9px;width:300px}}
    </style>
    <i id=a>one</i> <i id=b>two</i><div id=p><div class=k>ours<div class=q>{CODE}</div></div></div>
    <div id=r hidden>other</div><script>
    a.onmouseover = function () {{ p.hidden = false; r.hidden = true; }};
    b.onmouseover = function () {{ p.hidden = true; r.hidden = false; }};</script>"""


@pytest.mark.series(1)
@pytest.mark.parametrize("in_menu", [False, True], ids=["at rest", "in a menu"])
def test_what_pointing_at_others_has_hidden_is_pointed_at_all_the_same(in_menu: bool) -> None:
    menu = "<style>.m>.n{display:none} .m:hover>.n{display:block} .m{padding:9px}</style>"
    html = f"{menu}<div class=m>menu<div class=n>{TABS}</div></div>" if in_menu else TABS
    assert finds_code(NEWS + html, FILES)


@pytest.mark.series(1)
@pytest.mark.parametrize(
    "heading", ["disabled selected", "hidden", "disabled"], ids=["disabled", "hidden", "neither"]
)
def test_a_list_with_one_choice_is_chosen_from_where_it_does_not_begin_with_it(
    heading: str,
) -> None:
    html = f"""<select onchange="if (value) window.open(value)"><option value="" {heading}>choose
        <option value=http://away.test/>ours</select>"""
    assert is_reached(html) == (heading != "disabled")  # then it begins with the other one


BROUGHT = {
    "pointed at": f"""<style>.q{{display:none}} .k:hover .q{{display:block}}</style>
        <div class=k>ours<div class=q>{CODE}</div></div>""",
    "clicked": f"""<b onclick="q.innerHTML=this.title" title='{CODE}'>ours</b><div id=q></div>""",
}
LISTS = {
    "list": "<select onchange=go(value)><option>1<option>2<option>3</select>",
    "field": """<input list=l onchange=go(value)><datalist id=l><option value=1><option value=2>
        </datalist>""",
}


@pytest.mark.parametrize("brought", BROUGHT.values(), ids=BROUGHT)
@pytest.mark.parametrize("offer", LISTS.values(), ids=LISTS)
@pytest.mark.series(1)
def test_what_a_choice_has_brought_is_gone_into(offer: str, brought: str) -> None:
    html = f"""{offer}<div id=p>one</div><div id=r hidden>{brought}</div><script>
        function go(n) {{ p.hidden = n == 2; r.hidden = n != 2; }}</script>"""
    assert finds_code(NEWS + html, FILES)


MEDIA = ("one", "two", "three", "four", "five", "in there", "six")
PICKED = {
    "list": "<select id=s>" + "".join(f"<option>{name}" for name in MEDIA) + "</select>",
    "buttons": "".join(
        f"<label><input type=radio name=r value='{name}'>{name}</label>" for name in MEDIA
    ),
}


@pytest.mark.parametrize("offer", PICKED.values(), ids=PICKED)
@pytest.mark.series(1)
def test_what_confirms_a_choice_shows_a_code_for_each_medium(offer: str) -> None:
    html = f"""<p>{offer} <button id=b>show</button><div id=o></div><script>
        b.onclick = function () {{
          var name = (document.querySelector(':checked') || {{}}).value;
          o.innerHTML = name == 'in there' ? '{CODE}' : '<img src=/p.png?' + name
            + ' width=120 height=120>'; }};</script>"""
    assert finds_code(NEWS + html, FILES | {"/p.png": FILES["/i.png"][:0]})


SMALL = {
    "the only one with a class of its own": f"""<p><a class=n href=/1>one</a> <a class=n href=/2>two
        </a> <a class="n js" href=/3>three</a><div id=o></div><script>
        document.addEventListener('click', function (e) {{ if (e.target.closest('.js')) {{
        e.preventDefault(); o.innerHTML = '{CODE}'; }} }});</script>""",
    "a pin that is clicked": f"""<style>g{{cursor:pointer}}</style><svg id=v width=400 height=200>
        <g><circle cx=80 cy=50 r=14 /></g><g class=p><circle cx=190 cy=90 r=14 /></g></svg>
        <div id=o></div><script>v.addEventListener('click', function (e) {{
        if (e.target.closest('.p')) o.innerHTML = '{CODE}'; }});</script>""",
    "a pin that is pointed at": f"""<style>g{{cursor:pointer}}</style><svg id=v width=400
        height=200><g><circle cx=80 cy=50 r=14 /></g><g class=p><circle cx=190 cy=90 r=14 />
        <text x=180 y=160>ours</text></g></svg><div id=o></div><script>
        v.addEventListener('mouseover', function (e) {{
        o.innerHTML = e.target.closest('.p') ? '{CODE}' : ''; }});</script>""",
    "a picture that a rule brings to light": f"""<style>.k{{width:400px;height:200px;
        overflow:hidden;position:relative}} .k img{{position:absolute;left:0;top:0;opacity:0}}
        .k:not(:hover) i{{color:red}} .k:is(:hover,:active) img{{opacity:1}}</style>
        <div class=k>{CODE}</div>""",
    "rows that differ in numbers": f"""<ul id=u></ul><b id=n>next</b><script>var at = 0;
        function draw() {{ for (var html = '', i = 1; i < 5; i++)
          html += '<li>issue no. ' + (at * 4 + i); u.innerHTML = at == 3 ? '{CODE}' : html; }}
        n.onclick = function () {{ at++; draw(); }}; draw();</script>""",
    "a dialog that opens but once": f"""<ul><li><b onclick="f('one')">one</b><li>
        <b onclick="f('two')">two</b><li><b onclick='f("{CODE}")'>three</b></ul><div id=d></div>
        <script>function f(html) {{ if (!d.innerHTML) d.innerHTML = html; }}</script>""",
}


@pytest.mark.parametrize("html", SMALL.values(), ids=SMALL)
@pytest.mark.series(1)
def test_what_hardly_says_that_it_does_something_is_tried(html: str) -> None:
    assert finds_code(NEWS + html, FILES)
