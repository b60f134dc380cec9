"""Following scripts: what a browser would have written, nothing else, whatever the page tries."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ycaudit.observe.static import scripts
from ycaudit.observe.static.scripts import MAX_WRITTEN, Effect, Followed, Script, ScriptSandbox

PAGE = "http://www.unit.test/dir/index.html?a=1"
follow = ScriptSandbox(timeout=60).follow
NOON = 1781496000.0  # 2026-06-15 12:00 in Shanghai


def followed(*texts: str | None, **sources: str | None) -> Followed:
    """Follow inline scripts (None: a lost external one); sources are named without .js."""
    given_scripts = [Script(text, None if text else "http://lost.test/x.js") for text in texts]
    known = {f"http://www.unit.test/{name}.js": text for name, text in sources.items()}
    return follow(given_scripts, page_url=PAGE, sources=known, now=NOON)


def effect(*texts: str | None, **sources: str | None) -> Effect:
    """The effect of the last script."""
    return followed(*texts, **sources).effects[-1]


def written(*texts: str | None, **sources: str | None) -> str:
    """What all scripts wrote together."""
    return "".join(one.markup for one in followed(*texts, **sources).effects)


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("document.write('<b>hi</b>')", "<b>hi</b>"),
        ("document.write('a', 1, null)", "a1null"),
        ("document.writeln(\"<img src=\\'a.png\\'>\")", "<img src='a.png'>\n"),
        ("document.write(unescape('%3Cb%3E%u5B9C'))", "<b>宜"),
        ("document.write(String.fromCharCode(60, 98, 62))", "<b>"),
        ("var d = document; d['wri' + 'te']('x')", "x"),
        ("document.write.call(document, 'x'); document.write.apply(document, ['y'])", "xy"),
        ("with (document) { var t = 'x'; write(t); }", "x"),
        ("for (var i = 0, a = ['x', 'y']; i < a.length; i++) document.write(a[i])", "xy"),
        ("document.write('<a hr'); document.write('ef=x>')", "<a href=x>"),
        ("document.write('<div>')", "<div>"),
        ("<!--\ndocument.write('x');\n//-->", "x"),
        ("document.write('<!-- <script>document.write(1)<\\/script> -->')", None),
        ("for (i = 0; i < 2; i++) document.write(i)", "01"),
        ("t = 'x'; for (k in {y: 1}) document.write(t + k)", "xy"),
        ("var a; if (!a) document.write('x')", "x"),
        ("var A = A || {t: 'x'}; document.write(A.t)", "x"),
        ("document.open(); document.write('x'); document.close()", "x"),
        ("console.log('y'); document.write('x')", "x"),
        ("var i = new Image(); i.src = 'beacon.gif'; document.write('x')", "x"),
        ("document.title = 'x'; document.write(document.title)", "x"),
    ],
)
def test_what_is_written_at_load_is_found_and_leaves_no_doubt(
    source: str, markup: str | None
) -> None:
    if markup is None:
        markup = "<!-- <script>document.write(1)</script> -->"
    assert effect(source) == Effect(markup, None, None)


@pytest.mark.parametrize(
    "source",
    [
        "function never() { document.write('x') }",
        "// document.write('x')",
        "/* document.write('x') */",
        "var text = \"document.write('x')\"",
        "if (false) document.write('x')",
        "document.onclick = function () { document.write('x') }",
        "document.addEventListener('click', function () { document.write('x') })",
        "function go() { window.open('http://x.test/') }",
        "document.write = function () {}; document.write('x')",
        "if (window.ActiveXObject) document.write('x')",
        "if (/android|mobile/i.test(navigator.userAgent)) document.write('x')",
        "if (screen.width < 800) document.write('x')",
        "if (top !== self) document.write('x')",
    ],
)
def test_code_that_does_not_run_writes_nothing_and_is_no_blind_spot(source: str) -> None:
    assert effect(source) == Effect("", None, None)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("document.getElementById('x').innerHTML = 'y'", "uses document.getElementById"),
        ("$('#x').html('y')", "uses $"),
        ("A = A || {}; document.write('x')", "uses A"),
        ("'use strict'; a = 1; document.write('x')", "uses a"),
        ("if (document.cookie) document.write('x')", "uses document.cookie"),
        ("if (typeof x === 'undefined') document.write('x')", "uses x"),
        ("if (!('x' in window)) document.write('x')", "uses x"),
        ("var performance; if (!performance) document.write('x')", "uses performance"),
        ("for (var k in window) document.write(k)", "uses window as a list"),
        ("document.write({...window})", "uses window as a list"),
        ("document.write(Object.keys(window))", "lists window by keys"),
        ("document.write(new Date().toLocaleString())", "uses toLocaleString"),
        ("document.write(new Date('2017年1月1日'))", "parses a date of its own form"),
        ("if (document.all) document.write('x')", "uses document.all"),
        ("fetch('/x')", "uses fetch"),
        ("throw new TypeError('uses nothing')", scripts.FAILS),
        ("document.write('x'); var = ;", scripts.FAILS),
        ("location = 'javascript:alert(1)'", "goes to a javascript: address"),
        ("location.reload()", "uses location.reload"),
        ("(async function () { await 1; document.write('x') })()", scripts.PROMISES),
        ("function onload() { document.write('x') }", scripts.FAILS),
    ],
)
def test_a_script_that_asks_what_only_a_browser_knows_is_a_blind_spot(
    source: str, reason: str
) -> None:
    assert effect(source) == Effect("", reason, None)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("setTimeout(function () { document.write('y') }, 1)", "sets a timer"),
        ("setInterval('f()', 9)", "sets a timer"),
        ("window.onload = function () {}", "registers an onload handler"),
        ("var onload = function () {}", "registers an onload handler"),
        ("document.addEventListener('DOMContentLoaded', function () {})", None),
    ],
)
def test_handlers_and_timers_leave_doubt_but_not_about_what_was_written(
    source: str, reason: str | None
) -> None:
    found = effect(f"document.write('a'); {source}; document.write('b')")
    assert found.markup == "ab"
    assert found.opaque == (reason or "registers an onDOMContentLoaded handler")


@pytest.mark.parametrize(
    "cheat",
    [
        "try { document.getElementById('x') } catch (e) { document.write('n') }",
        "try { document.getElementById('x') } finally { document.write('n') }",
        "try { nowhere } catch (e) {} try { document.write('n') } catch (e) {}",
        "Object.prototype.get = function () { return 1 }; try { q } catch (e) {}"
        "document.write('n')",
        "JSON.stringify = String; Reflect.apply = null; try { q } catch (e) {} document.write('n')",
        "String.prototype.indexOf = function () { throw 1 }; try { q } catch (e) {}"
        "document.write('n')",
        "Object.defineProperty(Object.prototype, 'halted', {get() { return false }});"
        "try { q } catch (e) {} document.write('n')",
        "document.write({toString() { try { q } catch (e) {} return 'n' }})",
    ],
)
def test_no_script_can_talk_its_way_past_what_halted_it(cheat: str) -> None:
    found = effect(f"document.write('w'); {cheat}")
    assert found.markup == "w"
    assert found.opaque is not None


def test_redefined_built_ins_neither_hide_nor_forge_what_is_written() -> None:
    source = """Array.prototype.push = String.prototype.replace = function () { return 'forged' };
        RegExp.prototype.exec = function () { return null }; String.prototype.substring = null;
        Array.prototype[Symbol.iterator] = null; Object.prototype.toJSON = () => 'forged';
        document.write('<b>1</b>', '<scr' + 'ipt>document.write(2)</scr' + 'ipt>')"""
    assert effect(source) == Effect("<b>1</b>2", None, None)


def test_a_torn_off_write_throws_as_in_a_browser() -> None:
    assert (
        written("try { var w = document.write; w('n') } catch (e) { document.write('y') }") == "y"
    )


def test_scripts_share_their_globals_in_order() -> None:
    assert written("let a = 'x'; function f(t) { document.write(a + t) }", "f('y')") == "xy"


def test_after_a_script_that_was_not_followed_only_independent_scripts_count() -> None:
    found = followed(
        "var on = document.cookie",
        "if (!on) document.write('n')",
        "var list = list || ['n']; document.write(list[0])",
        "var mine = ['y']; document.write(mine[0])",
        "document.write(mine[0])",
        "var define; if (typeof require === 'undefined') document.write('n')",
        "eval(\"var q = q || 'n'; document.write(q)\")",
    )
    assert [one.markup for one in found.effects] == ["", "", "", "y", "y", "", ""]
    assert [one.opaque is None for one in found.effects] == [
        False,
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_lost_script_is_a_blind_spot_and_taints_what_depends_on_it() -> None:
    found = followed(None, "document.write('y')", "if (!window.lost) document.write('n')")
    assert [one.markup for one in found.effects] == ["", "y", ""]
    assert [one.opaque for one in found.effects] == [scripts.LOST, None, "uses lost"]


def test_nothing_counts_after_a_script_that_may_have_replaced_write() -> None:
    found = followed("$(1); document.write = function () {}", "document.write('n')")
    assert found.effects[1] == Effect("", scripts.REPLACED, None)


def test_a_deferred_script_is_not_run_since_browsers_ignore_its_writes() -> None:
    late = Script("document.write('n')", "http://x.test/a.js", deferred=True)
    assert follow([late], page_url=PAGE, sources={}).effects == (Effect("", scripts.LATE, None),)


# --- scripts that scripts write ---


def test_a_nested_script_runs_where_it_is_written_and_is_replaced_by_what_it_writes() -> None:
    source = (
        "document.write('<p><script>var t=1;document.write(2)<\\/script></p>'); document.write(t)"
    )
    assert effect(source) == Effect("<p>2</p>1", None, None)


def test_a_nested_script_may_finish_a_tag_with_its_writer() -> None:
    source = "document.write('<script>document.write(\"<a hre\")<\\/script>f=x>')"
    assert written(source) == "<a href=x>"


def test_a_nested_external_script_is_wanted_first_and_followed_when_it_is_given() -> None:
    source = "document.write('<script src=\"/a.js?x&amp;y\"><\\/script><i>')"
    first = follow([Script(source, None)], page_url=PAGE, sources={})
    assert first.wanted == ("http://www.unit.test/a.js?x&y",)
    assert first.effects[0] == Effect("<i>", scripts.LOST, None)
    given_source = {first.wanted[0]: "document.write('<b>')"}
    then = follow([Script(source, None)], page_url=PAGE, sources=given_source)
    assert then == Followed((Effect("<b><i>", None, None),), ())


def test_a_nested_external_script_runs_after_its_writer_and_before_what_follows_it() -> None:
    source = "document.write('<script src=/a.js><\\/script>'); var t = 'later'; document.write('z')"
    assert written(source, a="document.write(t + '|')") == "later|z"


def test_a_script_lost_for_good_is_not_wanted_again() -> None:
    found = followed("document.write('<script src=/a.js><\\/script>')", a=None)
    assert found == Followed((Effect("", scripts.LOST, None),), ())


def test_addresses_of_nested_scripts_are_resolved_against_the_base() -> None:
    script = Script("document.write('<script src=a.js><\\/script>')", None)
    found = follow([script], page_url=PAGE, base_url="http://cdn.test/js/", sources={})
    assert found.wanted == ("http://cdn.test/js/a.js",)


@pytest.mark.parametrize(
    "markup",
    [
        "<textarea><script>document.write('n')<\\/script></textarea>",
        "<a title='<script>document.write(1)<\\/script>'>",
        '<script type="text/template">document.write(1)<\\/script>',
        "<script nomodule>document.write(1)<\\/script>",
    ],
)
def test_a_script_that_no_parser_would_run_is_left_as_it_is(markup: str) -> None:
    assert effect(f"document.write({markup!r}.replace(/\\\\/g, ''))").markup == markup.replace(
        "\\", ""
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<template><script>document.write(1)</script></template>",
        "<script type=module>document.write(1)</script>",
        "<script defer src=/a.js></script>",
        "<script>document.wri",
        "<script>$(1)</script>",
    ],
)
def test_a_nested_script_that_runs_later_or_elsewhere_is_a_blind_spot(markup: str) -> None:
    found = effect(f"document.write({markup!r})", a="document.write('n')")
    assert found.opaque is not None
    assert "1" not in found.markup.replace("document.write(1)", "")


def test_what_an_open_comment_may_swallow_does_not_count() -> None:
    found = followed("document.write('<!-- ')", "document.write('n')")
    assert found.effects == (Effect("<!-- ", None, None), Effect("", scripts.SWALLOWED, None))


# --- where the visitor is sent ---


@pytest.mark.parametrize(
    "source",
    [
        "location = '/m/'",
        "window.location = '/m/'",
        "top.location.href = '/' + 'm' + '/'",
        "self.location.replace('/m/')",
        "document.location.assign('/m/')",
        "var location = '/m/'",
        "if (!/mobile/i.test(navigator.userAgent)) location.href = '/m/'",
    ],
)
def test_a_redirect_at_load_is_seen(source: str) -> None:
    assert effect(source) == Effect("", None, "/m/")


def test_a_redirect_for_others_is_not_taken() -> None:
    source = "if (/android/i.test(navigator.userAgent)) location.href = '/m/'"
    assert effect(source).goes_to is None


def test_a_framed_page_does_not_know_its_top() -> None:
    script = Script("if (top === self) document.write('n')", None)
    found = follow([script], page_url=PAGE, sources={}, framed=True)
    assert found.effects == (Effect("", "uses top", None),)


def test_scripts_see_the_address_of_their_page() -> None:
    source = "document.write([location.host, location.pathname, location.search, location])"
    assert written(source) == f"www.unit.test,/dir/index.html,?a=1,{PAGE}"


# --- chance and time ---


def test_what_chance_decides_is_unknown_and_the_rest_stays() -> None:
    found = followed(
        "document.write(['x', 'y'][Math.floor(Math.random() * 2)])", "document.write('z')"
    )
    assert found.effects == (Effect("", scripts.CHANCE, None), Effect("z", None, None))


def test_a_random_number_against_caching_does_no_harm() -> None:
    source = "document.write('<script src=\"/a.js?' + Math.random() + '\"><\\/script>')"
    first = follow([Script(source, None)], page_url=PAGE, sources={}, now=NOON)
    known = dict.fromkeys(first.wanted, "document.write('y')")
    then = follow([Script(source, None)], page_url=PAGE, sources=known, now=NOON)
    assert then == Followed((Effect("y", None, None),), ())


def test_the_clock_stands_where_it_is_set_in_the_time_of_china() -> None:
    source = (
        "var d = new Date(); document.write(d.getFullYear(), '-', d.getHours(), '-', Date.now())"
    )
    assert written(source) == f"2026-12-{int(NOON * 1000)}"


# --- pages that mean harm ---

HOSTILE = {
    "endless loop": "while (1);",
    "endless loop that catches": "for (;;) { try { for (;;); } catch (e) {} }",
    "large writing": "document.write(new Array(5e6).join('x'))",
    "memory": "var a = []; while (1) a.push(new Array(1e5).fill(a.length))",
    "doubling": "var s = 'x'; while (1) s += s",
    "recursion": "(function f() { f() })()",
    "deep nesting": "eval(new Array(1e6).join('('))",
    "slow expression": "/(a+)+$/.test(new Array(50).join('a') + 'b')",
    "scripts without end": "var t = '<script>document.write(t)<\\/script>'; document.write(t)",
    "poisoned value": "({get then() { for (;;); }, toString() { for (;;); }})",
    "proxy written": "document.write(new Proxy({}, {get() { for (;;); }}))",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_script_ends_in_bounded_time_and_harms_only_itself(source: str) -> None:
    found = followed(source, "document.write('fine')")
    assert len(found.effects[0].markup) <= MAX_WRITTEN
    assert source == HOSTILE["poisoned value"] or found.effects[0].opaque is not None
    assert found.effects[1] == Effect("fine", None, None)


def test_endless_writing_is_cut_off() -> None:
    found = effect("for (var t = new Array(1e5).join('x'); ;) document.write(t)")
    assert found.opaque in ("writes too much", scripts.OUT_OF_TIME)
    assert 0 < len(found.markup) <= MAX_WRITTEN


@pytest.mark.parametrize(
    "source", ["var a = []; a.length = 4e9; a.sort()", "throw {toString() { for (;;); }}"]
)
def test_what_never_looks_at_the_clock_is_ended_from_outside(source: str) -> None:
    sandbox = ScriptSandbox(timeout=0.5)

    def run(text: str) -> Followed:
        return sandbox.follow([Script(text, None)], page_url=PAGE, sources={})

    assert run(f"document.write('w'); {source}").effects == (Effect("", scripts.OUT_OF_TIME, None),)
    sandbox._pool.timeout = 120  # a busy machine is slow to start the next worker
    assert run("document.write('next page')").effects == (Effect("next page", None, None),)
    sandbox.close()


def test_a_page_of_hostile_scripts_is_bounded_as_a_whole() -> None:
    found = followed(*["while (1);"] * 30)
    assert {one.opaque for one in found.effects} == {scripts.OUT_OF_TIME}


def test_characters_that_the_engine_cannot_hold_are_replaced() -> None:
    assert written("document.write('a\0\ud800b\\0\\ud800')").count("\ufffd") == 3


def test_pages_are_followed_side_by_side() -> None:
    found: dict[int, str] = {}

    def run(number: int) -> None:
        found[number] = written(f"var n = {number}; document.write(n)")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number) for number in range(8)}


def test_importing_the_module_does_not_load_the_engine() -> None:
    code = "import sys, ycaudit.observe.static.scripts; sys.exit('quickjs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


_TOKENS = """document.write( window. location.href= ' " ` ( ) { } [ ] ; = + <script> <\\/script>
    <!-- --> function var let try{ }catch(e){ }finally{ if( while( Proxy Reflect. Object. .prototype
    .constructor eval( new this Symbol. => ... async await class null 0 1e9 a b /re/"""
TOKENS = st.sampled_from([*_TOKENS.split(), "\n"])


@given(st.lists(st.one_of(st.text(max_size=30), st.lists(TOKENS).map(" ".join)), max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_text_at_all_is_followed_to_one_effect_a_script(texts: list[str]) -> None:
    found = followed(*texts)
    assert len(found.effects) == len(texts)
    assert found.wanted == () or "script" in " ".join(texts)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_without_markup_comes_out_as_it_was_written(text: str) -> None:
    plain = text.replace("<", "").replace("\0", "")
    literal = "".join(f"\\u{{{ord(letter):x}}}" for letter in plain)
    expected = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert effect(f"document.write('{literal}')") == Effect(expected, None, None)
