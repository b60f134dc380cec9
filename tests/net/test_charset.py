"""Encodings: what the page says, unless its bytes plainly say otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.net.charset import decode

TEXT = "宜昌市教育局 网站群 囧㐀"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode(), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=gbk"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), ""),
        (TEXT.encode("gb18030"), "text/html; charset=gb2312"),
        (TEXT.encode("gb18030"), "text/html; charset=nonsense"),
        (TEXT.encode("gb18030"), ""),
        (TEXT.encode("gb18030"), "text/html; charset=utf-8"),
        (TEXT.encode(), "text/html; charset=ascii-but-not"),
    ],
)
def test_a_page_reads_the_same_however_it_is_encoded(body: bytes, header: str) -> None:
    assert decode(body, header) == TEXT


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="gb2312">',
        '<meta http-equiv="Content-Type" content="text/html; charset=GBK" />',
        '<?xml version="1.0" encoding="GB18030"?>',
        '<!-- <meta charset="utf-8"> --><meta charset=gbk>',
        " " * 3000 + "<meta charset=gbk>",
    ],
)
def test_the_declaration_in_the_page_is_found(head: str) -> None:
    assert decode((head + TEXT).encode("gb18030")) == head + TEXT


def test_the_header_wins_over_the_page() -> None:
    body = ("<meta charset=big5>" + TEXT).encode("gb18030")
    assert decode(body, "text/html; charset=gbk").endswith(TEXT)


@given(st.binary(max_size=500), st.text(max_size=60))
def test_no_bytes_break_the_decoder(body: bytes, header: str) -> None:
    assert isinstance(decode(body, header), str)
