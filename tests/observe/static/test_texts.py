"""Text that rules ask for, in the markup: shown only where nothing could keep it from sight."""

from __future__ import annotations

import pytest

from support.looks import unit
from support.texts import HIDDEN, ICP, NUMBER, OPENED, SHOWN, homepage
from ycaudit.model import Text, Visibility
from ycaudit.observe.static.document import Document, Source

URL = "http://u.test/"


def document(snippet: str) -> Document:
    spans = unit("u", ICP).text_spans
    return Document.opened(Source(homepage(snippet).decode(), URL), spans=spans)


def sought(snippet: str) -> list[Text]:
    texts = document(snippet).markup.texts
    return [text for text in texts if ICP.seeks(text.value)]


@pytest.mark.parametrize(
    "name",
    [
        *("plain", "in parts", "as entities", "lower case, wide, blanks", "in a table"),
        *("amid a long line", "below the first screen"),
    ],
)
def test_what_nothing_could_hide_is_shown(name: str) -> None:
    assert [text.visible for text in sought(SHOWN[name])] == [Visibility.SHOWN]


@pytest.mark.parametrize("name", [*HIDDEN, *OPENED])
def test_what_no_visitor_sees_at_once_is_never_taken_for_shown(name: str) -> None:
    assert not any(text.visible.counts for text in sought((HIDDEN | OPENED)[name]))


@pytest.mark.parametrize("field", ["<textarea>{}</textarea>", "<input placeholder='{}'>"])
def test_what_stands_in_a_field_is_unsure(field: str) -> None:
    assert [t.visible for t in sought(field.format(NUMBER))] == [Visibility.UNSURE]


def test_what_a_script_or_an_unread_sheet_could_hide_is_unsure() -> None:
    for what in ("<script>hide()</script>", '<link rel=stylesheet href="/s.css">'):
        assert [t.visible for t in sought(what + SHOWN["plain"])] == [Visibility.UNSURE]


def test_text_that_a_sheet_puts_on_the_page_is_a_blind_spot() -> None:
    spots = document(SHOWN["put there by a sheet"]).blind_spots()
    assert "sheet_shows_text" in [spot.why.code for spot in spots]


def test_all_other_text_is_kept_in_one_piece_of_which_nobody_says_that_it_is_shown() -> None:
    texts = document(f"<p>{NUMBER}</p><p>另一行</p>").markup.texts
    assert [text.visible for text in texts] == [Visibility.SHOWN, Visibility.UNSURE]
    assert "另一行" in texts[1].value.split("\n")


def test_where_no_rule_asks_for_a_text_none_is_read() -> None:
    html = homepage(SHOWN["plain"]).decode()
    assert Document.opened(Source(html, URL)).markup.texts == ()
