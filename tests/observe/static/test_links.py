"""Links: every way to lead somewhere, and whether a visitor gets to see it."""

from __future__ import annotations

import pytest

from ycaudit.model import Visibility
from ycaudit.observe.static import markup
from ycaudit.observe.static.document import Document, Source
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.tree import Tree

URL = "http://unit.test/home/index.html"


def hrefs(html: str) -> list[str]:
    return [link.href for link in markup.read(Tree(html, URL)).links]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<a href=/x>x</a>", "http://unit.test/x"),
        ("<a href='x y'>x</a>", "http://unit.test/home/x%20y"),
        ("<a href='http://p.test\n/a'>x</a>", "http://p.test/a"),
        ("<base href='http://b.test/c/'><a href=d>x</a>", "http://b.test/c/d"),
        ("<a href=//p.test>x</a>", "http://p.test/"),
        ("<a href='http://p.test/?a=1&amp;b=2'>x</a>", "http://p.test/?a=1&b=2"),
        ("<img usemap=#m src=a.png><map name=m><area href=http://p.test/></map>", "http://p.test/"),
        ("<select><option VALUE=HTTP://P.test/>x</select>", "http://p.test/"),
        ("<form action=http://p.test/><input></form>", "http://p.test/"),
        ("<p onclick=\"window.open('http://p.test/')\">x</p>", "http://p.test/"),
        ("<a href=\"javascript:location.href='http://p.test/'\">x</a>", "http://p.test/"),
        ("<svg><a xlink:href='http://p.test/'><text>x</text></a></svg>", "http://p.test/"),
        ("<!-- x --!><a href=http://p.test/>x</a>", "http://p.test/"),
    ],
)
def test_links_of_every_kind_lead_where_a_browser_goes(html: str, expected: str) -> None:
    assert hrefs(html) == [expected]


def visibility(html: str, css: str = "") -> Visibility:
    sheets = [Sheet(css, URL)] if css else []
    return markup.read(Tree(html, URL), sheets=sheets).links[0].visible


LINK = "<a href=http://p.test/>x</a>"
AT_S = f"<div class=h id=s>{LINK}</div>"


@pytest.mark.parametrize(
    ("html", "css", "expected"),
    [
        (f"<div>{LINK}</div>", "", Visibility.SHOWN),
        (f"<div style='display:none'>{LINK}</div>", "", Visibility.HIDDEN),
        (f"<div style='display:none'>{LINK}</div><script>f()</script>", "", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{display:none}", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{position:absolute;left:-9999px}", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{height:0;overflow:hidden}", Visibility.UNSURE),
        (
            f"<div class=h id=s>{LINK}</div>",
            ".h{display:none} #s{display:block}",
            Visibility.UNSURE,
        ),
        (
            f"<div class=h id=s>{LINK}</div>",
            "#s{display:block} .h{display:none}",
            Visibility.UNSURE,
        ),
        (
            f"<ul><li><div class=h>{LINK}</div></li></ul>",
            ".h{display:none} li:hover .h{display:block}",
            Visibility.UNSURE,
        ),
        ("<a href=http://p.test/></a>", "", Visibility.UNSURE),
        ("<a href=http://p.test/><img src=t.gif width=1 height=1></a>", "", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{transform:translateX(-9999px)}", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{text-indent:-9999px}", Visibility.UNSURE),
        (
            f"<div class=h>{LINK}</div>",
            ".h{text-indent:-9999px;background:url(logo.png)}",
            Visibility.UNSURE,
        ),
        (f"<div class=h>{LINK}</div>", ".h{height:0}", Visibility.UNSURE),
        ("<a class=i href=http://p.test/></a>", ".i{background:url(i.png)}", Visibility.UNSURE),
    ],
)
def test_what_a_sheet_may_hide_is_unsure_and_only_what_is_trivially_so_is_shown_or_hidden(
    html: str, css: str, expected: Visibility
) -> None:
    assert visibility(html, css) is expected


def test_a_literal_in_an_unknown_call_may_be_opened_or_only_shown() -> None:
    assert visibility("<p onclick=\"window.open('http://p.test/')\">x</p>") is Visibility.SHOWN
    assert visibility("<p onclick=\"alert('http://p.test/')\">x</p>") is Visibility.UNSURE


@pytest.mark.parametrize("code", ["open('http://p.test/')", "document.open('http://p.test/','')"])
def test_an_attribute_that_opens_the_document_anew_leads_nowhere_for_sure(code: str) -> None:
    """https://html.spec.whatwg.org/#getting-the-current-value-of-the-event-handler"""
    assert visibility(f'<p onclick="{code}">x</p>') is Visibility.UNSURE


def test_an_area_of_a_map_is_no_anchor() -> None:
    html = "<img usemap=#m src=/m.png><map name=m><area href=/x></map><a href=/y>y</a>"
    found = {(link.how, link.href[-2:]) for link in markup.read(Tree(html, URL)).links}
    assert found == {("a", "/y"), ("area", "/x")}


IMAGE = "<img src=/i.png>"


@pytest.mark.parametrize(
    "html",
    [
        f"<body link=white>{LINK}",
        f"<body text=white><style>a{{color:inherit}}</style>{LINK}",
        f"<div style='background:rgb(0 0 238)'>{LINK}</div>",
        f"<style>a{{color:white;background:linear-gradient(#fff,#fff)}}</style>{LINK}",
        f"<style>div{{box-shadow:inset 0 0 0 999px #00e}}</style><div>{LINK}</div>",
        f"<style>:root{{color-scheme:dark}}a{{color:#111}}</style>{LINK}",
        f"<progress>{LINK}</progress>",
        f"<ruby>x<rp>{LINK}</rp></ruby>",
        f"<details><summary style='display:none'>x</summary>{LINK}</details>",
        f"<svg><foreignObject>{LINK}</foreignObject></svg>",
        f"<div><template shadowrootmode=open></template>{LINK}</div>",
        f'<link rel=stylesheet href="data:text/css,a{{display:none}}">{LINK}',
        f'<style>@import "data:text/css,a{{display:none}}";</style>{LINK}',
        f"<div style='padding-left:9999px;overflow:hidden'>{LINK}</div>",
        f"<div style='-webkit-line-clamp:1;overflow:hidden'>x<br>y<br>{LINK}</div>",
        f"<div style='aspect-ratio:9999;overflow:hidden'>{LINK}</div>",
        f"<div style='container-type:size;overflow:hidden'>{LINK}</div>",
        f"<div style='display:grid;grid-template-rows:0;overflow:hidden'>{LINK}</div>",
        f"<div style='display:flex'><div style='flex:0 0 0;overflow:hidden'>{LINK}</div></div>",
        f"<table><col style='visibility:collapse'><tr><td>{LINK}<td>x</table>",
        f"<div style='display:grid'><b style='grid-area:1/1'>{LINK}</b><i style=grid-area:1/1></i>",
        f"<style>a:not([target]){{opacity:0}}</style>{LINK}",
        f"<style>.x{{&.y a{{opacity:0}}}}</style><p class='x y'>{LINK}</p>",
        f"<style>@container (width>1px){{a{{display:none}}}}</style>{LINK}",
        f"<style>@layer a,b;@layer b{{a{{opacity:0}}}}</style>{LINK}",
        f"<style>@media (width>=9em){{a{{opacity:0}}}}</style>{LINK}",
        f"<style>@media not all and (max-width:9px){{a{{opacity:0}}}}</style>{LINK}",
        f"<style>:root{{--d:none}}a{{display:var(--d)}}</style>{LINK}",
        f"<style>div{{position:relative}}i{{position:absolute;inset:0}}</style><div>{LINK}<i></i></div>",
        f"<div>{LINK}</div><div style='margin-top:-80px;height:90px;background:#fff'></div>",
        f"<div style='margin-top:-999px'></div><p>{LINK}</p>",
        f"<header><b style='display:block;margin-block-start:-200vh'></b></header><p>{LINK}</p>",
        f"<ul><li>{LINK}</ul><div><p style='margin:-99px 0 0;height:99px;background:#fff'></div>",
        f"{'<div style=opacity:.5>' * 6}{LINK}",
        f"{'<div style=opacity:.9>' * 30}{LINK}",
        f"<div style='display:grid;grid:0/0;overflow:hidden'>{LINK}</div>",
        f"<div style='display:grid;grid-auto-rows:0;overflow:hidden'>{LINK}</div>",
        f"<table style='table-layout:fixed'><col width=0><tr><td>{LINK}<td>x</table>",
        f"<div style='position:fixed;top:0'>{'<br>' * 99}{LINK}</div>",
        f"{LINK}<div style='position:fixed;top:0;width:99%;height:60px;background:#fff'></div>",
        f"<p>{LINK}</p><p style='outline:90px solid #fff'>x</p>",
        f"<p>{LINK}</p><p style='box-shadow:0 0 0 90px #fff'>x</p>",
        f"<div style='writing-mode:vertical-rl;height:1px'>{LINK}</div>",
        f"<div style='direction:rtl;width:9px'>x{LINK}</div>",
        f"<div style='some-new-property:on'>{LINK}</div>",
    ],
)
def test_what_chromium_does_not_show_is_not_shown(html: str) -> None:
    """Each was looked at in Chromium by a script of another hand: no visitor sees these links."""
    assert not markup.read(Tree(html, URL)).links[0].visible.counts


def test_what_stands_in_a_shadow_root_of_the_markup_is_not_said_to_be_missing() -> None:
    html = f"<div><template shadowrootmode=open>{LINK}</template></div>"
    whys = [spot.why.code for spot in Document.opened(Source(html, URL)).blind_spots()]
    assert "shadow_roots" in whys


@pytest.mark.parametrize(
    "style",
    [
        "scale:0", "zoom:0", "width:.1vw", "display:contents", "max-width:1px",
        "width:60px;box-sizing:border-box;padding:30px", "object-view-box:inset(50%)",
        "animation:k .1s both", "inline-size:1px", "mix-blend-mode:lighten",
    ],
)  # fmt: skip
def test_a_picture_that_chromium_does_not_show_is_not_shown(style: str) -> None:
    html = f"<style>img{{{style}}}</style>{IMAGE}"
    assert not markup.read(Tree(html, URL)).images[0].visible.counts


@pytest.mark.parametrize(
    "style", ["/*display:none*/", "}display:none", "zz:(;display:none", "@media all{display:none}"]
)
def test_a_style_attribute_that_is_not_plain_hides_nothing_for_sure(style: str) -> None:
    html = f'<a style="{style}" href=http://p.test/>x</a>'
    assert markup.read(Tree(html, URL)).links[0].visible is not Visibility.HIDDEN


def test_plain_pages_are_still_shown() -> None:
    html = f"""<style>body{{margin:0;color:#333;font:14px/1.5 SimSun}}
        .f{{width:1200px;margin:0 auto;background:#eee;padding:4px;overflow:hidden}}
        .f a{{color:#069;margin-right:9px}}</style>
        <div class=f>{LINK}{IMAGE}</div>"""
    found = markup.read(Tree(html, URL))
    assert found.links[0].visible is Visibility.SHOWN
    assert found.images[0].visible is Visibility.SHOWN
