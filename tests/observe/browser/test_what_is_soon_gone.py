"""What a page takes away again before it has come to rest is seen all the same."""

from __future__ import annotations

import pytest

from support.browser_looks import CODE, FILES, FILLER, finds_code, host, is_reached, page
from support.browsers import needs_browser

pytestmark = [pytest.mark.browser, needs_browser]
NEWS = "".join(f"<p><a href=/{number}>news {number}</a></p>" for number in range(12))
"""With it a page is none that seems to send its visitor on."""


def for_a_while(inner: str, seconds: float) -> str:
    """A box that a script takes away so long after the page has come."""
    return f"""<div id=box style="position:fixed;right:0;bottom:0;padding:20px">{inner}</div>
        <script>addEventListener("load", function () {{
          setTimeout(function () {{ document.getElementById("box").remove(); }},
            {1000 * seconds}); }});</script>"""


@pytest.mark.series(1)
@pytest.mark.parametrize(("before", "seconds"), [(NEWS, 1.5), ("", 8)], ids=["full", "bare"])
def test_a_link_in_a_box_that_closes_itself_is_followed(before: str, seconds: float) -> None:
    html = for_a_while("<a href=http://away.test/>away</a>", seconds)
    assert is_reached(before + html)


def test_a_code_in_a_box_that_closes_itself_is_read() -> None:
    assert finds_code(NEWS + for_a_while(CODE, 1.5), FILES)


def test_what_is_there_for_an_instant_is_not_seen() -> None:
    html = NEWS + for_a_while("<a href=http://away.test/>away</a>", 0.2)
    assert not is_reached(html)


def test_what_sends_its_visitor_on_at_once_shows_nothing_of_its_own() -> None:
    away = '<a href=http://away.test/>away</a><script>location.replace("/home")</script>'
    found = page(FILLER + away, requirements=(host("away"),), home=FILLER + NEWS)
    assert found.final_url.endswith("/home")
    assert "http://away.test/" not in {link.href for link in found.links}
