"""Addresses as people type them: corrected, with a notice, or refused."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from support.lists import HEAD, fill, of_cell, saved, told, urls
from ycaudit.inputs.cell_url import find
from ycaudit.inputs.cells import Cell
from ycaudit.inputs.unit_list import read_list


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("jyj.a.gov.cn", "http://jyj.a.gov.cn"),
        ("ｗｗｗ．ａ．ｇｏｖ．ｃｎ", "http://www.a.gov.cn"),
        ("https：／／a.gov.cn/x", "https://a.gov.cn/x"),
        ("http//:a.gov.cn", "http://a.gov.cn"),
        ("http:\\\\a.gov.cn\\x", "http://a.gov.cn/x"),
        ("HTTP:/a.gov.cn", "http://a.gov.cn"),
        ("http://https://a.gov.cn", "https://a.gov.cn"),
        ("http:// a.gov.cn", "http://a.gov.cn"),
        ("www。a。gov。cn", "http://www.a.gov.cn"),
        ("\u200bhttp://a.gov.cn；", "http://a.gov.cn"),
        ("www.a.gov.cn/risk/SKI/", "http://www.a.gov.cn/risk/SKI/"),
        ("10.1.2.3:8080/oa", "http://10.1.2.3:8080/oa"),
        ("宜昌.政务", "http://宜昌.政务"),
        ("贵州.政务.cn", "http://贵州.政务.cn"),
    ],
)
def test_a_careless_address_is_mended_and_told(tmp_path: Path, text: str, url: str) -> None:
    found = of_cell(tmp_path, text)
    assert urls(found) == [url]
    assert told(found).endswith(f" is read as {url}")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/col/1,2.html;x=1?u=http://b.cn/&c=a,b#/home",
        "http://贵州.政务.cn/",
        "http://localhost:8080/http/x",
        "http://[::1]/",
    ],
)
def test_a_sound_address_stays_as_it_is_without_a_word(tmp_path: Path, url: str) -> None:
    found = of_cell(tmp_path, url)
    assert urls(found) == [url]
    assert told(found) == ""


@pytest.mark.parametrize(
    ("text", "url", "rest"),
    [
        ("www.a.gov.cn（新）", "http://www.a.gov.cn", "'(新)'"),
        ("http://a.gov.cn 备用", "http://a.gov.cn", "'备用'"),
        ("http://a.gov.cn备用", "http://a.gov.cn", "'备用'"),
        ("官网：http://a.gov.cn/x", "http://a.gov.cn/x", "'官网:'"),
        (
            "http://a.gov.cn（原 http://b.gov.cn、c.cn）",
            "http://a.gov.cn",
            "'(原 http://b.gov.cn、c.cn)'",
        ),
        ("原网址b.gov.cn，现网址a.gov.cn", "http://a.gov.cn", "'原网址b.gov.cn,现网址'"),
        ("老站 b.gov.cn", "http://b.gov.cn", "'老站'"),
    ],
)
def test_what_stands_around_an_address_is_told(
    tmp_path: Path, text: str, url: str, rest: str
) -> None:
    found = of_cell(tmp_path, text)
    assert urls(found) == [url]
    assert told(found).endswith(f"is read as {url}, without {rest}")


@pytest.mark.parametrize(
    "text",
    [
        "http://a.gov.cn/、http://b.gov.cn",
        "http://a.gov.cn/,b.gov.cn",
        "http://a.gov.cn/;b.gov.cn",
        "1.http://a.gov.cn/ 2.http://b.gov.cn",
        "http://a.gov.cn/ b.gov.cn http://a.gov.cn",
    ],
)
def test_several_addresses_of_a_cell_are_several_sites(tmp_path: Path, text: str) -> None:
    assert urls(of_cell(tmp_path, text)) == ["http://a.gov.cn/", "http://b.gov.cn"]


@pytest.mark.parametrize(
    "text", ["见附件", 12345, 3.5, date(2020, 1, 1), "wang.li@a.cn", "无法访问", "有", "同上"]
)
def test_what_is_no_address_is_a_problem(tmp_path: Path, text: object) -> None:
    found = of_cell(tmp_path, text)
    assert found.units == ()
    assert told(found).startswith("名单.xlsx:2: 教育局: '")
    assert told(found).endswith("' is no web address")


def test_a_link_counts_where_the_text_is_no_address(tmp_path: Path) -> None:
    book = Workbook()
    texts = ("点击访问", "http://b.cn/", "http://c.cn/", "写信")
    links = ("http://a.cn/", "http://b.cn", "http://d.cn/", "mailto:a@a.cn")
    fill(book.active, [HEAD, *zip("甲乙丙丁", texts, strict=True)])
    for row, link in enumerate(links, 2):
        book.active.cell(row, 2).hyperlink = link
    book.active["B2"].hyperlink.location = "/home"  # as Excel writes what follows "#"
    book.active["A6"], book.active["B6"] = "戊", '=HYPERLINK("http://e.cn/","进入")'
    found = read_list(saved(tmp_path, book))
    assert urls(found) == ["http://a.cn/#/home", "http://b.cn/", "http://c.cn/", "http://e.cn/"]
    assert told(found).splitlines() == [
        "名单.xlsx:5: 丁: '写信' is no web address",
        "名单.xlsx:2: '点击访问' links to http://a.cn/#/home, which is taken",
        "名单.xlsx:4: http://c.cn/ links to http://d.cn/; what is written was taken",
        "名单.xlsx:6: the empty cell links to http://e.cn/, which is taken",
    ]


@pytest.mark.parametrize("sign", [*string.ascii_letters, *string.digits, *"-._~!$&'*+=:@%/"])
def test_every_sign_of_a_path_and_of_a_query_is_kept(sign: str) -> None:
    for url in (
        f"http://www.a.gov.cn/x{sign}x/y.html",
        f"http://www.a.gov.cn/y.aspx?x{sign}x=y",
        f"http://www.a.gov.cn/{sign}",
    ):
        found = find(Cell(url))
        assert found is not None
        assert found.urls == (url.rstrip(".:!'"),)
