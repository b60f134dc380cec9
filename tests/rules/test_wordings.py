"""Patterns are of the lines of a page, and say so where they cannot be met."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ycaudit.rules.wordings import Wording

PAGE = "首页\n粤ICP备12345678号-1\n地址"


def test_the_ends_of_a_pattern_are_those_of_a_line() -> None:
    whole = Wording(pattern=r"^粤ICP备\d{8}号-\d+$", sample="粤ICP备00000000号-1")
    assert whole.matches(PAGE)
    assert not whole.matches(PAGE.replace("地址", "").replace("-1", "-1 版权所有"))


def test_a_later_match_begins_where_a_line_does() -> None:
    assert [*Wording(pattern="^a", sample="a").spans("aaa\na")] == [(0, 1), (4, 5)]


def test_a_pattern_of_the_whole_page_is_refused() -> None:
    with pytest.raises(ValidationError, match="only where nothing stands above or below it"):
        Wording(pattern=r"\A粤ICP备\d+", sample="粤ICP备1")


@pytest.mark.parametrize("pattern", [r"\b粤ICP备\d+", r"粤ICP备\d+号\b", r"号\b"])
def test_a_boundary_beside_chinese_is_refused_as_what_it_is(pattern: str) -> None:
    with pytest.raises(ValidationError, match="boundary of Latin letters and digits only"):
        Wording(pattern=pattern, sample="粤ICP备1号")
