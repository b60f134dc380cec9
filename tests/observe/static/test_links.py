"""Links: every way to lead somewhere, and whether a visitor gets to see it."""

from __future__ import annotations

import pytest

from ycaudit.model import Visibility
from ycaudit.observe.static import markup
from ycaudit.observe.static.styles import Sheet
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
    (opened, told) = (
        markup.read(Tree(f'<p onclick="{code}">x</p>', URL)).links[0]
        for code in ("window.open('http://p.test/')", "alert('http://p.test/')")
    )
    assert opened.visible is Visibility.SHOWN
    assert told.visible is Visibility.UNSURE


def test_an_area_of_a_map_is_no_anchor() -> None:
    html = "<img usemap=#m src=/m.png><map name=m><area href=/x></map><a href=/y>y</a>"
    found = {(link.how, link.href[-2:]) for link in markup.read(Tree(html, URL)).links}
    assert found == {("a", "/y"), ("area", "/x")}
