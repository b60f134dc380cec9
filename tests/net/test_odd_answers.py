"""Answers that no RFC allows are read as Chromium reads them; it was asked by another script."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.odd_answers import ANSWERS, chromium_readings, is_same, reading_of, serving
from support.servers import server
from ycaudit.net.answer import ProtocolFailedError
from ycaudit.net.answer_parser import AnswerParser
from ycaudit.net.body import Unpacker

UNLIKE = {
    "ICY instead of HTTP": "not_http",  # of radio stations: Chromium shows the head as text
    "brotli over http": "200 (body_encoding_unknown)",  # we did not ask for it, and say so
    "zstd over http": "200 (body_encoding_unknown)",
}
"""What we read otherwise, and how."""
READINGS = chromium_readings()


def read(name: str) -> str:
    async def look() -> str:
        async with server(serving(name)) as (port, _):
            return await reading_of(f"http://127.0.0.1:{port}/")

    return asyncio.run(look())


def test_chromium_was_asked_about_every_answer() -> None:
    assert READINGS.keys() == ANSWERS.keys()


@pytest.mark.parametrize("name", [name for name in ANSWERS if name not in UNLIKE])
def test_an_odd_answer_is_the_page_that_chromium_shows(name: str) -> None:
    reading = read(name)
    assert is_same(reading, READINGS[name]), (reading, READINGS[name])


@pytest.mark.parametrize(("name", "reading"), UNLIKE.items())
def test_what_is_read_otherwise_says_why(name: str, reading: str) -> None:
    assert read(name) == reading
    assert not is_same(reading, READINGS[name])


@pytest.mark.parametrize(
    "name", ["two different lengths", "a list of different lengths", "two different Locations"]
)
def test_two_different_lengths_or_locations_are_told_as_what_they_are(name: str) -> None:
    assert read(name) == "http_ambiguous"


def parsed(raw: bytes, cuts: set[int]) -> tuple[object, ...]:
    """What a parser makes of bytes that come in such pieces."""
    body: list[bytes] = []
    parser = AnswerParser(body.append)
    ends = [*sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    rest, trouble = b"", ""
    try:
        for begin, end in zip([0, *ends], ends, strict=False):
            rest += parser.feed(raw[begin:end])
    except ProtocolFailedError as error:
        trouble = error.reason.code
    return parser.head, b"".join(body), parser.is_whole, rest, trouble


@given(st.sampled_from(sorted(set(ANSWERS) - {"a header of 300 KB"})), st.sets(st.integers(1, 300)))
def test_where_the_bytes_are_cut_changes_nothing(name: str, cuts: set[int]) -> None:
    assert parsed(ANSWERS[name], cuts) == parsed(ANSWERS[name], set())


@given(st.binary(max_size=60), st.sets(st.integers(1, 80)))
def test_no_head_of_gzip_is_too_odd_to_be_cut_anywhere(junk: bytes, cuts: set[int]) -> None:
    head = b"\x1f\x8b\x08\x1e" + b"\0" * 6 + len(junk).to_bytes(2, "little") + junk + b"a\0b\0cc"
    packer = zlib.compressobj(wbits=-15)
    packed = head + packer.compress(b"text") + packer.flush()
    packed += zlib.crc32(b"text").to_bytes(4, "little")
    unpacker = Unpacker("gzip", 100)
    ends = [*sorted(cut for cut in cuts if cut < len(packed)), len(packed)]
    for begin, end in zip([0, *ends], ends, strict=False):
        unpacker.feed(packed[begin:end])
    unpacker.finish()
    assert (unpacker.body, unpacker.trouble) == (b"text", None)


def test_bombs_in_bombs_end_at_the_cap() -> None:
    bomb = b"\0" * (8 << 20)
    for _ in range(3):
        bomb = gzip.compress(bomb, mtime=0)
    unpacker = Unpacker("gzip, gzip, gzip", 1 << 20)
    unpacker.feed(bomb)
    assert unpacker.full
    assert len(unpacker.body) == 1 << 20


def test_what_fails_its_check_is_shown_as_browsers_show_it_and_says_so() -> None:
    assert read("gzip with a wrong check") == "200 seen (body_encoding_damaged)"
