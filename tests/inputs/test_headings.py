"""Headings and layouts as offices have them: every column is taken, or kept and told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from support.lists import Cells, saved, urls
from support.old_lists import ods_file, xls_file
from ycaudit.inputs.headings import meanings
from ycaudit.inputs.unit_list import ListedUnit, read_list


@pytest.mark.parametrize(
    ("field", "heads"),
    [
        (
            "url",
            "网址 网站地址 首页地址 门户网站地址 学校网址 链接 网站首页地址 单位网址 网站链接 "
            "官方网站 域名 网站域名 单位门户网站 网址（必填） 政府网站 ＵＲＬ 官网地址",
        ),
        (
            "name",
            "单位名称 单位 责任单位 填报单位 学校名称 单位（学校）名称 主办单位 机构全称 部门 全称",
        ),
        ("site", "网站名称 站点名称"),
        ("office", "主管部门 主管单位 上级主管部门 主管部门/主管单位 单位主管部门 归口管理部门"),
        ("tags", "类别 单位性质 所属地区 县市区 所属地区/县市区 单位类别 行政区划 单位层级"),
        ("person", "联系人 联系人姓名 网站负责人 负责人 姓名 单位联系人 网站管理员 经办人"),
        ("phone", "联系电话 联系方式 手机号码 办公电话 手机 联系人电话 单位电话 电话/手机 座机"),
        ("email", "邮箱 电子邮箱 E-mail 联系人邮箱 单位邮箱"),
        ("id", "编号 单位编号"),
    ],
)
def test_the_words_of_offices_are_understood(field: str, heads: str) -> None:
    understood = {head: [*meanings(head)] for head in heads.split()}
    assert understood == {head: [field] for head in heads.split()}


@pytest.mark.parametrize(
    "head",
    [
        *("地址", "单位地址", "备注", "法定代表人", "统一社会信用代码", "政府门户链接", "微博链接"),
        *("微信公众号名称", "是否有网站", "在编人数", "网站标识码", "通讯地址", "三峡宜昌网"),
    ],
)
def test_what_only_looks_alike_is_left_to_be_kept(head: str) -> None:
    assert meanings(head) == {}


def test_a_heading_of_two_things_gives_both() -> None:
    assert {*meanings("联系人及电话")} == {"person", "phone"}
    assert [*meanings("联系人", "电话")] == ["phone"]
    assert [*meanings("网站信息", "名称")] == ["site"]
    assert [*meanings("基本情况", "单位名称")] == ["name"]


TWO_ROWS: Cells = [
    ("2026年宜昌市单位网站统计表", None, None, None, None, None, None, None),
    ("序号", "单位名称", "网站信息", None, "联系人", None, "主管部门", "备注"),
    (None, None, "名称", "网址", "姓名", "手机号码", None, None),
    (1, "教育局", "教育网", "http://jyj.test/", "王", 13800000001, "市政府", "新"),
    (2, "档案馆", None, "无", "李", "0717-6250000", "市委办", None),
]
MERGED = [(1, 2, 0, 0), (1, 2, 1, 1), (1, 1, 2, 3), (1, 1, 4, 5), (1, 2, 6, 6), (1, 2, 7, 7)]


def as_xlsx(folder: Path) -> Path:
    book = Workbook()
    for row in TWO_ROWS:
        book.active.append(list(row))
    book.active.merge_cells("A1:H1")
    for top, bottom, left, right in MERGED:
        book.active.merge_cells(
            start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1
        )
    return saved(folder, book)


def as_xls(folder: Path) -> Path:
    return xls_file(folder, TWO_ROWS, merged=[(0, 0, 0, 7), *MERGED])


def as_ods(folder: Path) -> Path:
    high = {(top, left): bottom - top + 1 for top, bottom, left, _ in MERGED if bottom > top}
    rows = [
        [(v, high[r, c]) if (r, c) in high else v for c, v in enumerate(row)]
        for r, row in enumerate(TWO_ROWS)
    ]
    return ods_file(folder, rows)


def as_csv(folder: Path) -> Path:
    with (folder / "名单.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(TWO_ROWS)
    return folder / "名单.csv"


@pytest.mark.parametrize("written", [as_xlsx, as_xls, as_ods, as_csv])
def test_headings_of_two_rows_are_read_in_every_format(
    tmp_path: Path, written: Callable[[Path], Path]
) -> None:
    found = read_list(written(tmp_path))
    first, second = found.units
    assert urls(found) == ["http://jyj.test/"]
    assert (first.name, first.person, first.phone, first.office) == (
        *("教育局", "王", "13800000001", "市政府"),
    )
    assert first.data == (("网站信息 名称", "教育网"), ("备注", "新"))
    assert second == ListedUnit("档案馆", 5, person="李", phone="0717-6250000", office="市委办")
    taken, kept = (line.partition(": ")[2] for line in found.columns)
    assert taken == (
        "columns taken: 序号 (row number), 网站信息 网址 (address), 单位名称 (unit), "
        "网站信息 名称 (site), "
        "主管部门 (office), 联系人 姓名 (contact person), 联系人 手机号码 (telephone)"
    )
    assert kept == "columns not taken, kept as data: 备注"


def read_rows(folder: Path, *rows: str) -> list[ListedUnit]:
    """The units of a CSV, its cells separated by |."""
    with (folder / "名单.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row.split("|") for row in rows)
    return list(read_list(folder / "名单.csv").units)


@pytest.mark.parametrize(
    "rows",
    [
        ("单位|网址|电话", "甲|http://a.test/|1"),
        ("名单", "单位|网址|电话", "甲|http://a.test/|1"),
        ("附件1", "名单||2026年6月", "单位|网址|电话", "甲|http://a.test/|1"),
        ("填报单位：局||填报人：王", "序号|单位|网址|电话", "1|甲|http://a.test/|1"),
        ("单位|网址|电话", "（全称）|（含http）|", "甲|http://a.test/|1"),
        ("单位|网站||电话", "|名称|网址|", "甲|甲网|http://a.test/|1"),
        ("基本情况||网站情况|", "单位|电话|网址|备注", "甲|1|http://a.test/|x"),
        ("责任单位||门户", "名称|电话|网站地址", "甲|1|http://a.test/"),
        ("序号|单位|联系人||网站", "||姓名|办公电话|首页地址", "1|甲|王|1|http://a.test/"),
        ("单位|网站首页地址|联系方式", "甲|http://a.test/|1", "单位|网站首页地址|联系方式"),
        ("单位|联系方式||网址", "|电话|邮箱|", "甲|1|a@a.test|http://a.test/"),
        ("单位||网址|电话", "甲|学校|http://a.test/|1"),
    ],
)
def test_the_layouts_of_offices_give_the_same_unit(tmp_path: Path, rows: tuple[str, ...]) -> None:
    (unit,) = read_rows(tmp_path, *rows)
    assert (unit.name, unit.phone, [s.url for s in unit.sites]) == ("甲", "1", ["http://a.test/"])


def test_a_row_of_the_table_is_no_second_row_of_headings(tmp_path: Path) -> None:
    units = read_rows(tmp_path, "单位|类别|网址", "一中|学校|无", "二中|学校|http://b.test/")
    assert [(u.name, u.tags) for u in units] == [("一中", ("学校",)), ("二中", ("学校",))]


@pytest.mark.parametrize("cell", ["王，13800000001", "王（13800000001）", "13800000001 王"])
def test_a_person_and_a_number_in_one_cell_are_told_apart(tmp_path: Path, cell: str) -> None:
    (unit,) = read_rows(tmp_path, "单位|网址|联系人及电话", f"甲|http://a.test/|{cell}")
    assert (unit.person, unit.phone) == ("王", "13800000001")


def test_two_columns_of_one_name_are_both_kept(tmp_path: Path) -> None:
    (unit,) = read_rows(tmp_path, "单位|网址|备注|备注", "甲|http://a.test/|一|二")
    assert unit.data == (("备注", "一；二"),)


def test_a_row_that_names_units_does_not_hide_the_headings_below(tmp_path: Path) -> None:
    (unit,) = read_rows(tmp_path, "责任单位|局", "单位|网址", "甲|http://a.test/")
    assert unit.name == "甲"


def test_a_table_that_stands_beside_itself_is_read_from_the_left(tmp_path: Path) -> None:
    units = read_rows(
        tmp_path,
        "名单",
        "序号|单位|网址||序号|单位|网址",
        "1|甲|http://a.test/||3|丙|http://c.test/",
        "2|乙|http://b.test/",
    )
    assert [(u.name, u.sites[0].url) for u in units] == [
        *(("甲", "http://a.test/"), ("乙", "http://b.test/"), ("丙", "http://c.test/"))
    ]


def test_numbered_columns_of_addresses_are_the_sites_of_one_unit(tmp_path: Path) -> None:
    one, two = read_rows(
        tmp_path, "单位|网址1|网址2|备用网址|联系人1|联系电话1",
        "甲|http://a.test/|b.test|c.test|王|1", "乙|d.test|无||李|2",
    )  # fmt: skip
    assert [site.url for site in one.sites] == ["http://a.test/", "http://b.test"]
    assert (one.person, one.phone, one.data) == ("王", "1", (("备用网址", "c.test"),))
    assert [site.url for site in two.sites] == ["http://d.test"]


@pytest.mark.parametrize("aside", ["审核人：王", "一、学校", "共2家", "2026年6月1日", "第1页"])
def test_what_stands_alone_below_the_units_is_no_unit(tmp_path: Path, aside: str) -> None:
    units = read_rows(tmp_path, "单位|网址", "甲|http://a.test/", f"{aside}|", "档案馆|")
    assert [unit.name for unit in units] == ["甲", "档案馆"]
