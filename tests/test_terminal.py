"""Text for any encoding: nothing is lost in silence, and nothing fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit import terminal

ANY = st.text(st.characters(exclude_categories=()))
"""Halves of pairs (surrogates), too."""


@given(ANY, st.sampled_from(["ascii", "gbk", "gb2312", "cp1252", "cp437", "big5", "utf-8"]))
def test_every_text_can_be_written_in_every_encoding(text: str, encoding: str) -> None:
    written = terminal.legible(text, encoding)
    assert terminal.can_show(written, encoding)
    if encoding == "utf-8" and text.isprintable():
        assert written == text


@given(ANY)
def test_no_text_drives_a_terminal(text: str) -> None:
    lines = terminal.harmless(text).split("\n")
    assert not any(map(terminal.CONTROLS.search, lines))


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("✓ ✗ ? –", "ascii", "v x ? -"),
        ("✓ ✗ “”…", "gbk", "v x “”…"),
        ("“云江网”……", "ascii", r'"\u4e91\u6c5f\u7f51"......'),
        ("合格：是，（全部）。", "ascii", r"\u5408\u683c:\u662f,(\u5168\u90e8)."),
        ("䶮水镇 𬭎", "gbk", r"\u4dae水镇 \U0002cb4e"),
        ("caf\u00e9", "ascii", r"caf\xe9"),
        ("\udcc3\udcfb.yaml", "utf-8", r"\xc3\xfb.yaml"),
        ("\ud800", "utf-8", r"\ud800"),
    ],
)
def test_what_an_encoding_lacks_is_written_otherwise(text: str, encoding: str, shown: str) -> None:
    assert terminal.legible(text, encoding) == shown


def test_a_file_s_name_is_text_or_its_bytes() -> None:
    assert terminal.file_name("名单.yaml") == "名单.yaml"
    assert terminal.file_name("\udcc3\udcfb.yaml") == r"\xc3\xfb.yaml"
