"""What a site gives at first it may refuse later: that is a doubt, and proves no absence."""

from __future__ import annotations

from collections import UserDict

import pytest

from support.browser_looks import AWAY, CODE, FILES, FILLER, NEWS, finds_links, host, look
from support.browsers import needs_browser
from ycaudit.model import Page, Visibility

pytestmark = [pytest.mark.browser, needs_browser]
LINKS = "".join(f"<p><a href=/{n}>news of day {n}</a></p>" for n in range(9))
SPOILT = f"""<style>.i{{display:none}} .o:hover .i{{display:block}}</style>{LINKS}
    <select id=b><option>day<option>week</select><p id=r></p>
    <div class=o>menu<p class=i id=x>new design</p></div><script>
    x.onclick = function () {{ document.body.innerHTML = '<p>The new design comes soon.</p>'; }};
    b.onchange = function () {{ r.innerHTML = '{CODE}'; }};</script>"""
"""What is under the mouse is clicked before what is further up, and takes that away."""
SPLASH = b"<p>welcome</p><script>setTimeout(function () { location = '/home' }, 4000)</script>"


class Second(UserDict[str, bytes]):
    """Answers of which the first comes once; then another, or none."""

    def __init__(self, first: bytes, then: bytes | None, **more: bytes) -> None:
        self._then = then
        super().__init__({"/": first, **FILES, **{f"/{name}": body for name, body in more.items()}})

    def __getitem__(self, path: str) -> bytes:
        found = super().__getitem__(path)
        if path == "/":
            del self["/"]
            if self._then is not None:
                self["/"] = self._then
        return found


def looked_at(first: str, then: bytes | None, **more: bytes) -> Page:
    return look(Second((FILLER + first).encode(), then, **more))


def shown(page: Page) -> list[str]:
    return [code.payload for code in page.qr_codes if code.visible.counts]


@pytest.mark.parametrize(
    "then",
    [
        None,
        "<p>访问过于频繁，请稍后再试</p>".encode(),
        "<p>系统维护中</p><p><a href=/1>首页</a></p>".encode(),
        f"{FILLER}{LINKS}<p>系统繁忙，请稍后再试</p>".encode(),
    ],
    ids=["an error", "a gateway", "maintenance", "an error within the frame of the site"],
)
@pytest.mark.series(1)
def test_where_another_page_comes_what_was_not_tried_is_a_doubt(then: bytes | None) -> None:
    page = looked_at(SPOILT, then)
    assert (shown(page), page.status) == ([], 200)
    assert "other_page_came" in [spot.why.code for spot in page.blind_spots]


@pytest.mark.parametrize("asks", ["fetch('/busy')", "r.innerHTML = '<img src=/busy.png>'"])
@pytest.mark.series(1)
def test_what_the_site_is_too_busy_to_show_upon_a_click_is_a_doubt(asks: str) -> None:
    html = f'<p id=r></p><button onclick="{asks}">our codes</button>'
    page = look({"/": (FILLER + LINKS + html).encode()})
    assert {"request_lost", "image_lost"} & {spot.why.code for spot in page.blind_spots}


@pytest.mark.parametrize("asks", ["fetch('/none')", "new Image().src = 'http://counter.test/'"])
@pytest.mark.series(1)
def test_what_no_visitor_gets_upon_a_click_hides_nothing(asks: str) -> None:
    html = f'<p id=r></p><button onclick="{asks}">our codes</button>'
    assert look({"/": (FILLER + LINKS + html).encode()}).blind_spots == ()


JUMP = f"{FILLER}{LINKS}<a href=/{{}}?link=3>a newspaper</a>"


def doubts_of(path: str, **more: bytes) -> list[str]:
    """Why the address that only sends its visitor on may lead to the newspaper."""
    answers = {"/": JUMP.format(path).encode(), **{f"/{k}": body for k, body in more.items()}}
    page = look(answers, (host("away", "a newspaper"),))
    assert not [link for link in page.links if link.href in AWAY]
    return [spot.why.code for spot in page.blind_spots]


@pytest.mark.series
def test_where_a_jump_leads_that_the_site_refuses_is_not_known() -> None:
    assert doubts_of("busy") == ["destination_unknown"]
    assert doubts_of("go", go="<p>访问过于频繁，请稍后再试</p>".encode()) == ["destination_unknown"]


@pytest.mark.series
def test_a_jump_that_the_site_does_not_have_leads_nowhere() -> None:
    assert doubts_of("none") == []
    assert doubts_of("go", go="<p>您访问的栏目没有内容</p>".encode()) == []


@pytest.mark.parametrize(
    "page",
    [
        "您即将离开本网站，请勿泄露密码、验证码。<a href=http://other.test/>继续访问</a>",
        "<form>用户名<input>密码<input type=password>验证码<input></form>",
    ],
    ids=["to another site", "a place to log in"],
)
@pytest.mark.series(1)
def test_a_jump_that_says_where_it_leads_or_who_may_go_on_is_no_doubt(page: str) -> None:
    assert doubts_of("go", go=page.encode()) == []


@pytest.mark.series
def test_a_page_that_sends_its_visitor_on_does_so_again() -> None:
    home = (FILLER + SPOILT).encode()
    assert shown(look({"/": SPLASH, "/home": home, **FILES})) == ["in there"]


@pytest.mark.series
def test_what_the_page_has_more_or_less_of_each_time_makes_it_no_other() -> None:
    fewer = (
        FILLER + SPOILT.replace("<p><a href=/8>news of day 8</a></p>", "<p>no news</p>")
    ).encode()
    page = looked_at("<p>a notice</p><p>another</p>" + SPOILT, fewer)
    assert shown(page) == ["in there"]


@pytest.mark.series
def test_a_notice_of_the_first_visit_makes_the_page_no_other() -> None:
    page = f"<div>{FILLER}{SPOILT}</div>"
    first = "<div><p>a notice for those who come for the first time</p></div>" + page
    assert shown(look(Second(first.encode(), page.encode()))) == ["in there"]


@pytest.mark.parametrize(
    ("sub", "leads"),
    [
        ("您即将离开本网站，请勿泄露密码。<a href=http://away.test/>http://away.test/</a>", True),
        ("<a href=http://away.test/>进入</a>", True),
        ("友情链接 " + "".join(f"<a href=http://{n}.test/>{n}</a> " for n in ("a", "away")), False),
        ("会议在我校召开。" * 30 + "来源：<a href=http://away.test/>门户</a>", False),
    ],
)
@pytest.mark.series(1)
def test_a_page_of_the_own_site_is_no_jump_because_of_its_links(sub: str, leads: bool) -> None:
    site = {
        "/": f"{FILLER}<a href=/links.html>门户</a>".encode(),
        "/links.html": f"<meta charset=utf-8><title>x</title>{sub}<a href=/>首页</a>".encode(),
    }
    found = look(site, requirements=(host("away", "门户"),))
    there = [link for link in found.links if link.href == "http://away.test/"]
    assert bool(there) is leads
    assert all(link.visible is Visibility.SHOWN for link in there)  # it needs but a click


@pytest.mark.series(1)
@pytest.mark.parametrize("refresh", ["5; url=http://away.test/", "0.1; url=http://away.test/x#y"])
def test_where_a_page_sends_its_visitor_by_itself_is_no_link_and_is_told(refresh: str) -> None:
    # Once it is looked at nothing leads away any more: what goes sooner is followed.
    later = "<script>setTimeout(() => { document.body.append(m.content) }, 2600)</script>"
    onward = f'<template id=m><meta http-equiv=refresh content="{refresh}"></template>{later}'
    page = look({"/": (FILLER + LINKS + onward).encode()}, requirements=(host("away", "门户"),))
    assert [link.how for link in page.links if "away" in link.href] == ["onward"]
    (remark,) = (one for one in page.remarks if one.code == "sends_on")
    assert str(remark.params["url"]).startswith("http://away.test/")


@pytest.mark.series
def test_a_page_that_loads_itself_anew_sends_nobody_on() -> None:
    page = look({"/": (f"<meta http-equiv=refresh content=5>{FILLER}{LINKS}").encode()})
    assert not [one for one in page.remarks if one.code == "sends_on"]


ROW = """<div style="height:300px">news</div><p>partners: <a href=http://one.test/>one</a> {}
    <a href=http://two.test/>two</a></p>"""
TO_OTHERS = {
    "a name in a row of other sites": ROW.format("<a href=/n/7>their site</a>"),
    "a picture alone": "<a href=/n/7><img src=/i.png width=80 height=40></a>",
    "a script": "<b onclick=\"window.open('/n/7')\">their site</b>",
}


@pytest.mark.series(1)
@pytest.mark.parametrize("html", TO_OTHERS.values(), ids=TO_OTHERS)
def test_a_link_of_the_own_site_may_send_its_visitor_on_though_nothing_says_so(html: str) -> None:
    sends = b"<script>location.replace('http://away.test/')</script>"
    assert finds_links(NEWS + html, AWAY, (host("away"),), {"/n/7": sends, **FILES})
    shows = f"{FILLER}<a href=http://away.test/>away</a>".encode()
    assert not finds_links(NEWS + html, AWAY, (host("away"),), {"/n/7": shows, **FILES})
