"""What a page takes away again after a while is seen all the same."""

from __future__ import annotations

import pytest

from support.browser_looks import CODE, FILES, FILLER, NEWS, finds_code, host, is_reached, page
from support.browsers import needs_browser

pytestmark = [pytest.mark.browser, needs_browser]


def for_a_while(inner: str, seconds: float) -> str:
    """A box that a script takes away so long after the page has come."""
    return f"""<div id=box style="position:fixed;right:0;bottom:0;padding:20px">{inner}</div>
        <script>addEventListener("load", function () {{
          setTimeout(function () {{ document.getElementById("box").remove(); }},
            {1000 * seconds}); }});</script>"""


@pytest.mark.series(1)
@pytest.mark.parametrize(("before", "seconds"), [("", 8), (NEWS, 4)], ids=["bare", "full"])
def test_a_link_in_a_box_that_closes_itself_is_followed(before: str, seconds: float) -> None:
    html = for_a_while("<a href=http://away.test/>away</a>", seconds)
    assert is_reached(before + html)


@pytest.mark.series
def test_a_code_in_a_box_that_closes_itself_is_read() -> None:
    assert finds_code(for_a_while(CODE, 8), FILES)


@pytest.mark.series
def test_what_nobody_has_time_for_is_not_seen() -> None:
    for before in ("", NEWS):
        assert not is_reached(before + for_a_while("<a href=http://away.test/>away</a>", 1.5))


def test_what_sends_its_visitor_on_at_once_shows_nothing_of_its_own() -> None:
    away = '<a href=http://away.test/>away</a><script>location.replace("/home")</script>'
    found = page(FILLER + away, requirements=(host("away"),), home=FILLER + NEWS)
    assert found.final_url.endswith("/home")
    assert "http://away.test/" not in {link.href for link in found.links}
