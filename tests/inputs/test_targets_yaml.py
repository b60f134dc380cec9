"""A list written as a targets file gives the same units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.lists import plan_of, told, urls, workbook
from ycaudit.inputs.reimport import content_of
from ycaudit.inputs.targets_yaml import entries, to_yaml
from ycaudit.inputs.unit_list import ListedSite, ListedUnit, Listing, read_list


def one(name: str, url: str, number: int, **more: Any) -> ListedUnit:
    id_ = more.get("id")
    return ListedUnit(name, number, (ListedSite(url, number, id=id_),), **more)


def test_units_are_written_one_a_line_and_numbered_where_the_host_is_taken() -> None:
    two = (ListedSite("http://c.cn/", 6), ListedSite("http://b.cn/z", 7, "招生网"))
    units = (
        one(
            "教育局",
            "http://jyj.a.cn/",
            2,
            tags=("市直部门",),
            person="王",
            email="a@b.cn",
            id="jyj",
        ),
        one("甲", "http://b.cn/", 3, office="市政府", data=(("法人", "李"),)),
        one("乙: [x] #1", "http://b.cn/x", 4, id="b.cn-2"),
        one("no", "http://b.cn/y", 5),
        ListedUnit("丙", 6, two),
        ListedUnit("档案 馆", 8),
    )
    content = {"note": "一 # 二", "units": entries(Listing(units))}
    assert to_yaml(content, source="名\n单.xlsx").splitlines() == [
        "# Made of 名 单.xlsx by `ycaudit import`.",
        "note: '一 # 二'",
        "units:",
        '  - {id: jyj, name: 教育局, url: "http://jyj.a.cn/", tags: [市直部门], '
        "contact: {person: 王, email: a@b.cn}}",
        '  - {id: b.cn, name: 甲, url: "http://b.cn/", office: 市政府, data: {法人: 李}}',
        "  - {id: b.cn-2, name: '乙: [x] #1', url: \"http://b.cn/x\"}",
        "  - {id: b.cn-3, name: 'no', url: \"http://b.cn/y\"}",
        '  - {name: 丙, sites: [{id: c.cn, url: "http://c.cn/"}, '
        '{id: b.cn-4, name: 招生网, url: "http://b.cn/z"}]}',
        "  - {id: 档案-馆, name: 档案 馆, no_website: true}",
    ]


def test_a_list_gives_the_same_units_directly_and_by_import(tmp_path: Path) -> None:
    rows = [
        ("编号", "单位", "网址", "标签", "电话"),
        ("0123", "甲", "a.cn", "x，y", "0717-6250000"),
        ("0123", "null", "http://a.cn/b", "", ""),
        (None, "“乙” \\ 'n' {}", "http://a.cn/c?x=1#{y}", None, None),
    ]
    path = workbook(tmp_path, rows)
    found = read_list(path)
    written = tmp_path / "targets.yaml"
    written.write_text(to_yaml(content_of(found, None)[0], source=path.name), encoding="utf-8")
    direct = plan_of(tmp_path, path)
    assert [unit["id"] for unit in direct] == ["0123", "a.cn", "a.cn-2"]
    assert plan_of(tmp_path, written) == direct
    assert "名单.xlsx:3: the id 0123 is used in row 2; one is made of the address" in told(found)


@given(names=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_whatever_a_cell_says_can_be_written_and_loaded(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = [(f'"{n.replace(chr(34), "")}"', f"http://{i}.cn/") for i, n in enumerate(names)]
    text = "单位,网址\n" + "".join(f"{name},{url}\n" for name, url in rows)
    path = folder / "d.csv"
    path.write_bytes(text.encode("utf-8", "replace"))
    found = read_list(path)
    if not urls(found):
        return
    written = folder / "d.yaml"
    written.write_text(to_yaml(content_of(found, None)[0], source="x"), encoding="utf-8")
    units = plan_of(folder, written)
    listed = [(unit.name, site.url) for unit in found.units for site in unit.sites]
    assert [(u["unit"] or u["name"], u["url"]) for u in units] == listed
