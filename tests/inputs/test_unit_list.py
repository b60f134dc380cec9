"""Lists as offices keep them: what is understood, what is mended, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.lists import HEAD, csv_file, read_or_refuse, refusal, told, urls, workbook
from ycaudit.i18n import in_language, translate
from ycaudit.inputs.unit_list import Listing, Row, read_list


def test_a_list_with_titles_above_and_a_footer_below_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ("宜昌市市直部门网站名单",),
            (),
            ("序号", "单 位：", "类 别", "网址（首页）", "联系人", "联系\n电话", "E-mail", "编号"),
            (1, "教育局", "市直部门、教育", "http://jyj.a.cn/", "王", 13800000000, "w@a.cn", 7),
            (2, "财政局", None, "http://czj.a.cn/", None, None, None, None),
            ("合计", None, None, "2 家"),
            ("填表人：李", "http://left.a.cn/"),
        ],
    )
    found = read_list(path)
    assert found == Listing(
        rows=(
            Row(
                name="教育局",
                url="http://jyj.a.cn/",
                number=4,
                tags=("市直部门", "教育"),
                person="王",
                phone="13800000000",
                email="w@a.cn",
                id="7",
            ),
            Row(name="财政局", url="http://czj.a.cn/", number=5),
        )
    )


@pytest.mark.parametrize(
    "head", ["URL", "Ｗｅｂｓｉｔｅ", "home page", "*网 址：", "【网站】", "域名(主)"]
)
def test_an_address_column_is_known_by_many_names(tmp_path: Path, head: str) -> None:
    assert urls(read_list(workbook(tmp_path, [(head,), ("http://a.cn/",)]))) == ["http://a.cn/"]


def test_the_better_of_two_columns_is_taken(tmp_path: Path) -> None:
    head = ("部门", "学校", "网站", "网址")
    rows = [head, ("市教育局", "一中", "一中校园网", "http://yz.a.cn/")]
    row = read_list(workbook(tmp_path, rows)).rows[0]
    assert (row.name, row.url) == ("一中", "http://yz.a.cn/")


def test_a_header_repeated_on_every_page_is_no_unit(tmp_path: Path) -> None:
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "http://a.cn"), HEAD, ("乙", "b.cn")]))
    assert [row.number for row in found.rows] == [2, 4]
    assert found.problems == ()


def test_without_an_address_column_the_understood_names_are_told(tmp_path: Path) -> None:
    late = [("标题",)] * 20 + [HEAD, ("甲", "http://a.cn/")]
    for path in (workbook(tmp_path, late), csv_file(tmp_path, "序号,地址\n1,http://a.cn/\n")):
        assert "understood are 网址、" in refusal(path)


def test_a_list_of_nothing_says_so(tmp_path: Path) -> None:
    assert told(read_list(workbook(tmp_path, [HEAD]))) == (
        "名单.xlsx:1: no unit stands below this header"
    )


def test_sheets_become_tags_only_where_there_are_several(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/")]
    others = [("学校", "网址"), ("一中", "http://b.cn/"), ("二中", None)]
    one = read_list(workbook(tmp_path, rows, 说明=[("只有一张",)]))
    assert [row.tags for row in one.rows] == [()]
    both = read_list(workbook(tmp_path, rows, 学校=others))
    assert [(row.name, row.tags) for row in both.rows] == [("甲", ("Sheet",)), ("一中", ("学校",))]
    assert told(both) == "名单.xlsx:3: sheet 学校: 二中 has no address"


def test_the_same_address_twice_is_kept_once(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn"), ("乙", "http://A.cn:80/"), ("丙", "http://a.cn/x")]
    found = read_list(workbook(tmp_path, rows))
    assert [row.name for row in found.rows] == ["甲", "丙"]
    assert "名单.xlsx:3: 乙: http://A.cn:80/ stands in row 2 already; left out" in told(found)


def test_the_same_name_with_another_address_is_kept_and_told(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/"), ("甲", "http://b.cn/"), (None, "http://c.cn/")]
    found = read_list(workbook(tmp_path, rows))
    assert [row.name for row in found.rows] == ["甲", "甲", "http://c.cn/"]
    assert "名单.xlsx:3: 甲 stands in row 2 already, with another address" in told(found)
    assert "名单.xlsx:4: http://c.cn/ has no name" in told(found)


@given(text=st.text(alphabet='网址,;\t\n\r"htp:/\\.www@()。、a1 ', max_size=80))
def test_arbitrary_cells_below_a_header_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    read_or_refuse(tmp_path_factory.getbasetemp(), "b.csv", f"单位,网址\n{text}".encode())


def test_problems_and_notices_are_translated(tmp_path: Path) -> None:
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "a.cn"), ("乙", "")], 二=[HEAD]))
    with in_language("zh"):
        (problem,) = map(translate, (p.message for p in found.problems))
        (notice,) = map(translate, found.notices)
    assert problem.endswith("名单.xlsx:3: 表 Sheet：乙 没有网址")
    assert notice.endswith("名单.xlsx:2: 表 Sheet：'a.cn' 读作 http://a.cn")
