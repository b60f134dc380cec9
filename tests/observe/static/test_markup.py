"""Markup: what a visitor is shown counts; comments, templates and noscript do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.model import Visibility
from ycaudit.observe.static import markup
from ycaudit.observe.static.styles import parse_sheet

URL = "http://unit.test/home/index.html"


def hrefs(html: str) -> list[str]:
    return [link.href for link in markup.read(html, URL).links]


def sources(html: str) -> list[str]:
    return [image.src for image in markup.read(html, URL).images]


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


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <a href=http://p.test/>x</a> -->",
        "<template><a href=http://p.test/>x</a></template>",
        "<noscript><a href=http://p.test/>x</a></noscript>",
        "<head><noscript><img src=q.png></noscript></head>",
        "<script>var s = '<a href=\"http://p.test/\">x</a>';</script>",
        "<textarea><a href=http://p.test/>x</a></textarea>",
        "<a href='javascript:void(0)'>x</a><a href='#'>y</a><a>z</a>",
        "<a href='mailto:x@y.cn'>x</a>",
    ],
)
def test_what_a_visitor_never_gets_to_see_does_not_count(html: str) -> None:
    assert hrefs(html) == []
    assert sources(html) == []


@pytest.mark.parametrize(
    "name", ["data-src", "data-original", "original", "_src", "orisrc", "vurl"]
)
def test_images_that_scripts_load_late_are_found_beside_their_placeholder(name: str) -> None:
    html = f"<script>lazy()</script><img src=loading.gif {name}=/qr.png>"
    assert sources(html) == ["http://unit.test/qr.png", "http://unit.test/home/loading.gif"]


def test_without_a_script_nothing_loads_late() -> None:
    (late, _) = markup.read("<img src=loading.gif data-src=/qr.png>", URL).images
    assert late.visible is Visibility.HIDDEN


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img srcset='a.png 1x, b.png 2x'>", ["http://unit.test/home/a.png"]),
        (
            "<div style='background:url(\"q.png\") no-repeat'>x</div>",
            ["http://unit.test/home/q.png"],
        ),
        (
            "<style>.a{background-image:url(q.png)}</style><p class=a>x",
            ["http://unit.test/home/q.png"],
        ),
        ("<style>.b{background-image:url(q.png)}</style><p class=a>x", []),
        ("<style>@media print{p{background:url(q.png)}}</style><p>x", []),
        ("<style>/* p{background:url(q.png)} */</style><p>x", []),
        ("<input type=image src=q.png>", ["http://unit.test/home/q.png"]),
        ("<object data=q.svg type=image/svg+xml></object>", ["http://unit.test/home/q.svg"]),
        ("<table background=q.png><tr><td>x</table>", ["http://unit.test/home/q.png"]),
        ("<img src='data:image/png;base64,AAAA'>", ["data:image/png;base64,AAAA"]),
    ],
)
def test_images_of_every_kind_are_found(html: str, expected: list[str]) -> None:
    assert sources(html) == expected


def visibility(html: str, css: str = "") -> Visibility:
    sheets = [parse_sheet(css, URL)] if css else []
    return markup.read(html, URL, sheets=sheets).links[0].visible


LINK = "<a href=http://p.test/>x</a>"


@pytest.mark.parametrize(
    ("html", "css", "expected"),
    [
        (f"<div>{LINK}</div>", "", Visibility.SHOWN),
        (f"<div style='display:none'>{LINK}</div>", "", Visibility.HIDDEN),
        (f"<div style='display:none'>{LINK}</div><script>f()</script>", "", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{display:none}", Visibility.HIDDEN),
        (f"<div class=h>{LINK}</div>", ".h{position:absolute;left:-9999px}", Visibility.HIDDEN),
        (f"<div class=h>{LINK}</div>", ".h{height:0;overflow:hidden}", Visibility.HIDDEN),
        (f"<div class=h id=s>{LINK}</div>", ".h{display:none} #s{display:block}", Visibility.SHOWN),
        (f"<div class=h id=s>{LINK}</div>", "#s{display:block} .h{display:none}", Visibility.SHOWN),
        (
            f"<ul><li><div class=h>{LINK}</div></li></ul>",
            ".h{display:none} li:hover .h{display:block}",
            Visibility.ON_HOVER,
        ),
        ("<a href=http://p.test/></a>", "", Visibility.UNSURE),
        ("<a href=http://p.test/><img src=t.gif width=1 height=1></a>", "", Visibility.UNSURE),
        (f"<div class=h>{LINK}</div>", ".h{transform:translateX(-9999px)}", Visibility.HIDDEN),
        (f"<div class=h>{LINK}</div>", ".h{text-indent:-9999px}", Visibility.HIDDEN),
        (
            f"<div class=h>{LINK}</div>",
            ".h{text-indent:-9999px;background:url(logo.png)}",
            Visibility.SHOWN,
        ),
        (f"<div class=h>{LINK}</div>", ".h{height:0}", Visibility.SHOWN),
        ("<a class=i href=http://p.test/></a>", ".i{background:url(i.png)}", Visibility.SHOWN),
    ],
)
def test_what_styles_hide_is_told_from_what_they_show(
    html: str, css: str, expected: Visibility
) -> None:
    assert visibility(html, css) is expected


@pytest.mark.parametrize(
    "style", ["width:0;height:0", "display:none", "position:absolute;top:-999px"]
)
def test_a_picture_of_no_size_is_never_shown(style: str) -> None:
    (image,) = markup.read(f"<img src=q.png style='{style}'>", URL).images
    assert image.visible is Visibility.HIDDEN


def test_a_literal_in_an_unknown_call_may_be_opened_or_only_shown() -> None:
    (opened, told) = (
        markup.read(f'<p onclick="{code}">x</p>', URL).links[0]
        for code in ("window.open('http://p.test/')", "alert('http://p.test/')")
    )
    assert opened.visible is Visibility.SHOWN
    assert told.visible is Visibility.UNSURE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("0;url=/home", "http://unit.test/home"),
        ("2; URL='new.html'", "http://unit.test/home/new.html"),
        ("0;http://p.test", "http://p.test/"),
        ("300;url=/home", None),
        ("0;url=index.html", None),
        ("5", None),
    ],
)
def test_a_refresh_sends_on_unless_it_is_late_or_to_itself(
    content: str, expected: str | None
) -> None:
    assert markup.refresh_target(content, URL, URL) == expected


def test_frames_scripts_and_sheets_are_listed_in_order() -> None:
    read = markup.read(
        "<link rel=stylesheet href=a.css><link rel=stylesheet media=print href=p.css>"
        "<script src=a.js></script><script type=text/template>x</script><script>b()</script>"
        "<iframe src=f.html></iframe><body onload='go()'>",
        URL,
    )
    assert read.sheets == ("http://unit.test/home/a.css",)
    assert [tag.url or tag.source for tag in read.scripts][:2] == [
        "http://unit.test/home/a.js",
        "b()",
    ]
    assert [frame.url for frame in read.frames] == ["http://unit.test/home/f.html"]


def test_what_scripts_wrote_stands_where_they_stood() -> None:
    html = "<p>a</p><script>one()</script><p>b</p><script>two()</script>"
    spliced = markup.splice(html, ["<i>1</i>", ""])
    assert spliced.index("<p>a") < spliced.index("<i>1") < spliced.index("<p>b")
    assert "two()" in spliced
    assert "one()" not in spliced


def test_only_the_plain_loader_of_a_counting_service_is_taken_for_one() -> None:
    loader = """var _hmt = _hmt || [];
    (function() { var hm = document.createElement("script");
      hm.src = "https://hm.baidu.com/hm.js?0123";
      var s = document.getElementsByTagName("script")[0];
      s.parentNode.insertBefore(hm, s); })();"""
    assert markup.is_loader(loader)
    assert not markup.is_loader(loader + "document.write('x')")
    assert not markup.is_loader(loader.replace("hm.baidu.com", "hm.baidu.com.evil.test"))


@given(st.text(max_size=400), st.text(max_size=200))
def test_no_text_breaks_the_reader(html: str, css: str) -> None:
    read = markup.read(f"<style>{css}</style>{html}", URL)
    assert read.url == URL


def test_a_page_that_holds_more_than_a_look_takes_in_says_so() -> None:
    html = "<img src=a.png>" * (markup.MAX_IMAGES + 1)
    read = markup.read(html, URL)
    assert len(read.images) == markup.MAX_IMAGES
    assert read.cut
    assert not markup.read("<img src=a.png>", URL).cut


def test_what_nests_beyond_reason_is_cut_where_it_does() -> None:
    html, why = markup.shallow(LINK + "<div>" * 100_000)
    assert "nested" in str(why)
    assert markup.read(html, URL).links
    assert markup.shallow("<div>x</div>" * 100_000)[1] is None


def test_more_tags_than_any_page_has_are_cut_off() -> None:
    html, why = markup.shallow("<p>x" * (markup.MAX_TAGS + 10))
    assert str(why).endswith("tags: cut off")
    assert html.count("<") == markup.MAX_TAGS - 1


@pytest.mark.parametrize(
    ("attributes", "deferred"),
    [
        ("", False),
        ("async", True),
        ("defer", True),
        ("type=module", True),
        ("type=text/javascript", False),
    ],
)
def test_a_script_that_runs_later_is_told_as_that(attributes: str, deferred: bool) -> None:
    (script,) = markup.read(f"<script src=/a.js {attributes}></script>", URL).scripts
    assert script.deferred is deferred


def test_an_area_of_a_map_is_no_anchor() -> None:
    html = "<img usemap=#m src=/m.png><map name=m><area href=/x></map><a href=/y>y</a>"
    found = {(link.how, link.href[-2:]) for link in markup.read(html, URL).links}
    assert found == {("a", "/y"), ("area", "/x")}


def test_images_stand_in_objects_and_embeds_too() -> None:
    assert sources("<object data=/a.png></object><embed src=/b.png><embed src=/c.swf>") == [
        "http://unit.test/a.png",
        "http://unit.test/b.png",
    ]


def test_an_image_that_a_script_may_show_is_worth_a_look_and_unsure() -> None:
    html = "<div data-qr='/code.png' data-x='not an image'>x</div><script>1</script>"
    (image,) = markup.read(html, URL).images
    assert image.src == "http://unit.test/code.png"
    assert image.visible is Visibility.UNSURE
    (image,) = markup.read(html.partition("<script")[0], URL).images
    assert image.visible is Visibility.HIDDEN


def test_a_drawing_is_an_image_where_it_is_large_enough_for_a_code() -> None:
    dots = "<rect x='1' y='1' width='1' height='1'/>" * 20
    assert len(sources(f"<svg width=90 height=90>{dots}</svg>")) == 1
    assert sources("<svg width=90 height=90><rect/></svg>") == []
    assert sources(f"<svg width=9 height=9>{dots}</svg>") == []
    found = markup.read(f"<svg>{dots}<g><svg>{dots}</svg></g></svg>", URL)
    assert next(iter(found.svgs.values())).count("xmlns=") == 1


def test_of_candidates_of_no_sane_size_one_is_still_chosen() -> None:
    assert sources("<img srcset='/a.png 1.5.2x, /b.png 1x'>")[-1].endswith(".png")
