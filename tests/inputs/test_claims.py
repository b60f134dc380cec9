"""What clerks write into a form is a claim, a number, or told."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.figures import csv_file
from ycaudit.inputs.claims import Asked
from ycaudit.inputs.statistics import claim, read_figures

ASKED = Asked(
    {
        "portal-3x": "三峡宜昌网",
        "portal-gov": "中国·宜昌网",
        "app": "三峡宜昌（宜点通）",
        "yun": "云上宜昌",
        "weibo": "宜昌发布微博",
    }
)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (True, "有 是 √ ✓ 1 已设置 Y 有（首页底部） 有。 已添加"),
        (False, "无 否 × 0 未设置 没有 N 暂无 无（正在改版）"),
        (None, "有待完善 不清楚 2 有/无 部分 未能判定 不适用 —"),
    ],
)
def test_a_cell_says_yes_or_no_or_neither(said: bool | None, text: str) -> None:
    assert [claim(word) for word in text.split()] == [said] * len(text.split())


@pytest.mark.parametrize(
    ("head", "requirement"),
    [
        *(("三峡宜昌网", "portal-3x"), ("三峡宜昌网链接", "portal-3x")),
        *(("是否设置三峡宜昌网链接", "portal-3x"), ("首页是否有三峡宜昌网链接", "portal-3x")),
        *(("三峡宜昌网（有/无）", "portal-3x"), ("中国宜昌网", "portal-gov")),
        *(("中国·宜昌网链接", "portal-gov"), ("三峡宜昌（宜点通）", "app"), ("宜点通", "app")),
        *(("云上宜昌二维码", "yun"), ("yun", "yun"), ("宜昌发布微博二维码", "weibo")),
        *(("云上宜昌安装数", None), ("微博", None), ("三峡宜昌网站", None), ("备注", None)),
    ],
)
def test_a_heading_names_what_the_rules_ask_for(head: str, requirement: str | None) -> None:
    assert ASKED.meant(head) == requirement


def asked(head: str) -> bool:
    return ASKED.meant(head) is not None


def test_columns_are_of_claims_or_of_numbers(tmp_path: Path) -> None:
    text = (
        "单位,三峡宜昌网,云上宜昌,云上宜昌安装数,是否有公众号,情况,电话号\n"
        "甲,有,1,1,是,好,0717\n乙,无,0,0,否,一般,0718\n丙,部分,,12人,,,\n"
    )
    found = read_figures(csv_file(tmp_path, text), asked)
    assert (found.columns, found.claimed) == (
        *(("云上宜昌安装数", "电话号"), ("三峡宜昌网", "云上宜昌", "是否有公众号")),
    )
    first, second, third = found.rows
    assert first.claims == {"三峡宜昌网": True, "云上宜昌": True, "是否有公众号": True}
    assert second.claims == {"三峡宜昌网": False, "云上宜昌": False, "是否有公众号": False}
    assert (third.claims, third.figures) == ({}, {"云上宜昌安装数": 12})
    (problem,) = found.problems
    assert problem.line == 4
    assert problem.what == "三峡宜昌网 is '部分', neither 有 nor 无; left out"


def test_claims_are_known_without_the_rules_where_the_words_say_so(tmp_path: Path) -> None:
    found = read_figures(
        csv_file(tmp_path, "单位,三峡宜昌网,数\n甲,有,3\n乙,,4\n丙,建设中,5\n丁,无,\n")
    )
    assert (found.columns, found.claimed) == (("数",), ("三峡宜昌网",))
    assert [row.claims.get("三峡宜昌网") for row in found.rows] == [True, None, None, False]
