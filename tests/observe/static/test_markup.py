"""Markup: what a visitor is shown counts; comments, templates and noscript do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.observe.static import markup
from ycaudit.observe.static.tree import Tree
from ycaudit.url import parse_web_url

URL = "http://unit.test/home/index.html"


def hrefs(html: str) -> list[str]:
    return [link.href for link in markup.read(Tree(html, URL)).links]


def sources(html: str) -> list[str]:
    return [image.src for image in markup.read(Tree(html, URL)).images]


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


@given(st.text(max_size=400), st.text(max_size=200))
def test_no_text_breaks_the_reader(html: str, css: str) -> None:
    tree = Tree(f"<style>{css}</style>{html}", URL)
    assert not markup.read(tree).cut
    assert tree.refresh is None or parse_web_url(tree.refresh)
    assert tree.text_size <= len(tree.html)
    assert tree.title == " ".join(tree.title.split())
    assert isinstance(tree.with_written(["x"]), str)


def test_a_page_that_holds_more_than_a_look_takes_in_says_so() -> None:
    html = "<img src=a.png>" * (markup.MAX_IMAGES + 1)
    read = markup.read(Tree(html, URL))
    assert len(read.images) == markup.MAX_IMAGES
    assert read.cut
    assert not markup.read(Tree("<img src=a.png>", URL)).cut
