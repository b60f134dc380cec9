"""Titles of papers: every line ends with a word, and all of the title is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.report.title import LONGEST, MARK, MOST, title_lines, width


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("整改通知书", ["整改通知书"]),
        (
            "云江市人民政府办公室|关于《云江市新媒体平台推广使用方案（虚构）》|落实情况的通报",
            [
                "云江市人民政府办公室",
                "关于《云江市新媒体平台推广使用",
                "方案（虚构）》落实情况的通报",
            ],
        ),
        (
            "宜昌市教育局|关于《新媒体平台推广使用方案》|落实情况的通报",
            ["宜昌市教育局", "关于《新媒体平台推广使用方案》", "落实情况的通报"],
        ),
        (
            "宜昌市网信办|关于《关于加强全市政府网站和政务新媒体首页链接规范管理的通知》|落实情况的通报",
            [
                "宜昌市网信办",
                "关于《关于加强全市政府网站和",
                "政务新媒体首页链接规范管理的通知》",
                "落实情况的通报",
            ],
        ),
    ],
)
def test_a_line_ends_where_a_word_does(title: str, lines: list[str]) -> None:
    assert title_lines(title.replace("|", MARK)) == lines


@given(st.text(st.sampled_from("市关于网站《》（）的，a1"), max_size=120))
def test_nothing_is_lost_and_no_line_is_too_long(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(width(line) <= MOST for line in lines)


@given(st.text(st.sampled_from("市县区网站新媒体平台推广"), min_size=21, max_size=60))
def test_no_line_begins_with_what_closes_or_ends_with_what_opens(title: str) -> None:
    for line in title_lines(f"关于《{title}》的通报"):
        assert line[0] not in "》），。的"
        assert line[-1] not in "《（"


def test_a_title_without_end_is_cut() -> None:
    assert len("".join(title_lines("长" * 10_000))) == LONGEST
