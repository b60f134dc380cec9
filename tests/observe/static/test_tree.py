"""A parsed document: scripts and sheets in order, refreshes, and what is cut off."""

from __future__ import annotations

import pytest

from ycaudit.observe.static import markup
from ycaudit.observe.static.tree import MAX_TAGS, Tree, refresh_target, shallow

URL = "http://unit.test/home/index.html"


LINK = "<a href=http://p.test/>x</a>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("0;url=/home", "http://unit.test/home"),
        ("2; URL='new.html'", "http://unit.test/home/new.html"),
        ("0;http://p.test", "http://p.test/"),
        ("300;url=/home", None),
        ("0;url=index.html", None),
        ("5", None),
        ("1.2.3;url=/home", "http://unit.test/home"),
    ],
)
def test_a_refresh_sends_on_unless_it_is_late_or_to_itself(
    content: str, expected: str | None
) -> None:
    assert refresh_target(content, URL, URL) == expected


def test_what_scripts_wrote_stands_where_they_stood() -> None:
    html = "<p>a</p><script>one()</script><p>b</p><script>two()</script>"
    spliced = Tree(html, URL).with_written(["<i>1</i>", ""])
    assert spliced.index("<p>a") < spliced.index("<i>1") < spliced.index("<p>b")
    assert "two()" in spliced
    assert "one()" not in spliced


def test_a_tree_stays_as_it_is_whatever_its_scripts_wrote() -> None:
    tree = Tree("<script>one()</script>", URL)
    tree.with_written(["<i>1</i>"])
    assert [tag.source for tag in tree.scripts] == ["one()"]


def test_what_nests_beyond_reason_is_cut_where_it_does() -> None:
    html, why = shallow(LINK + "<div>" * 100_000)
    assert "nested" in str(why)
    assert markup.read(Tree(html, URL)).links
    assert shallow("<div>x</div>" * 100_000)[1] is None


def test_more_tags_than_any_page_has_are_cut_off() -> None:
    html, why = shallow("<p>x" * (MAX_TAGS + 10))
    assert str(why).endswith("tags: cut off")
    assert html.count("<") == MAX_TAGS - 1


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
    (script,) = Tree(f"<script src=/a.js {attributes}></script>", URL).scripts
    assert script.deferred is deferred


def test_frames_scripts_and_sheets_are_listed_in_order() -> None:
    tree = Tree(
        "<link rel=stylesheet href=a.css><link rel=stylesheet media=print href=p.css>"
        "<script src=a.js></script><script type=text/template>x</script><script>b()</script>"
        "<iframe src=f.html></iframe><body onload='go()'>",
        URL,
    )
    assert tree.sheet_urls == ("http://unit.test/home/a.css",)
    assert [tag.url or tag.source for tag in tree.scripts][:2] == [
        "http://unit.test/home/a.js",
        "b()",
    ]
    assert [frame.url for frame in markup.read(tree).frames] == ["http://unit.test/home/f.html"]


@pytest.mark.parametrize(
    ("html", "draws"),
    [
        ("<span style='background:#000'></span>" * 240, True),
        ("<table>" + ("<tr>" + "<td class=d></td>" * 25) * 25 + "</table>", True),
        ("<pre>" + "█▀▄ \n" * 60 + "</pre>", True),
        ("<pre>" + "&#9608;&#x2588;" * 60 + "</pre>", True),
        ("<td>12</td>" * 300 + "<i></i>" * 60, False),
        ("<p>■ 通知公告</p>" * 40, False),
    ],
)
def test_very_many_boxes_without_content_may_draw_a_code(html: str, draws: bool) -> None:
    assert Tree(html, "http://unit.test/").draws_with_boxes is draws
