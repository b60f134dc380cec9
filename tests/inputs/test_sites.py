"""Units of several sites and of none: one unit, however its sites are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.plans import RULES, loaded, problems
from ycaudit.auditing.selection import chosen
from ycaudit.errors import AuditError
from ycaudit.model import Datum, NoWebsite

SEVERAL = """\
defaults: {office: 市教育局, tags: [市直]}
units:
  - id: jyj
    name: 教育局
    data: {法定代表人: 王, 在编人数: 12}
    sites:
      - {url: "http://jyj.test/"}
      - {url: "http://jyj.test/zs/", name: 招生网, id: zs}
  - {name: 体育局, url: "http://tyj.test/", office: 市政府}
  - {name: 档案馆, no_website: true, tags: [事业单位]}
"""


def test_a_unit_of_several_sites_is_one_unit(tmp_path: Path) -> None:
    first, second, other = (unit.target for unit in loaded(tmp_path, SEVERAL).units)
    assert [(t.id, t.name, t.unit, t.unit_name) for t in (first, second, other)] == [
        ("jyj.test", "教育局 jyj.test", "教育局", "教育局"),
        ("zs", "教育局（招生网）", "教育局", "教育局"),
        ("tyj.test", "体育局", None, "体育局"),
    ]
    assert [t.office for t in (first, second, other)] == ["市教育局", "市教育局", "市政府"]
    assert (
        first.data
        == second.data
        == (Datum(name="法定代表人", text="王"), Datum(name="在编人数", text="12"))
    )
    assert [t.listed.line for t in (first, second) if t.listed] == [7, 8]


def test_a_unit_without_a_website_is_counted_and_nothing_is_asked_of_it(tmp_path: Path) -> None:
    plan = loaded(tmp_path, SEVERAL)
    (without,) = plan.no_website
    assert without == NoWebsite(
        id="档案馆", name="档案馆", office="市教育局", tags=("市直", "事业单位")
    )
    assert "档案馆" not in [unit.target.name for unit in plan.units]


def test_what_is_chosen_of_a_list_is_chosen_of_its_units_without_a_website(tmp_path: Path) -> None:
    plan = loaded(tmp_path, SEVERAL)
    assert chosen(plan, ["教育"], [], []).no_website == ()
    assert [u.target.id for u in chosen(plan, ["教育"], [], []).units] == ["jyj.test", "zs"]
    assert [u.target.id for u in chosen(plan, [], ["市政府"], []).units] == ["tyj.test"]
    assert chosen(plan, [], ["市政府"], []).no_website == ()
    assert chosen(plan, [], [], ["市直"]).no_website == plan.no_website
    with pytest.raises(AuditError, match="of 3 units of the list none fits"):
        chosen(plan, [], [], ["事业单位"])
    none = loaded(tmp_path, "units: [{name: 甲, no_website: true}]\n")
    with pytest.raises(AuditError, match="no unit of this list runs a website"):
        chosen(none, [], [], [])


def test_the_tag_of_a_unit_without_a_website_is_no_typo(tmp_path: Path) -> None:
    rules = RULES + (
        "  - {id: s, name: 校, kind: link, applies_to: {tags: [事业单位]}, accept: [{host: s.t}]}\n"
    )
    assert loaded(tmp_path, SEVERAL, rules).units


def test_twins_by_http_and_https_need_no_ids_and_are_a_notice(tmp_path: Path) -> None:
    listed = """\
units:
  - {name: 甲, url: "http://a.test:81/"}
  - {name: 乙, url: "https://a.test:81/"}
  - {name: 丙, sites: [{url: "https://b.test/"}, {url: "http://b.test/x"}, {url: "http://b.test/"}]}
"""
    plan = loaded(tmp_path, listed)
    ids = ["a.test-81", "a.test-81-https", "b.test", "b.test-x", "b.test-http"]
    assert [unit.target.id for unit in plan.units] == ids
    told = [str(notice) for notice in plan.notices]
    assert any("a.test-81 and a.test-81-https are likely the same homepage" in n for n in told)
    twice = listed + '  - {name: 丁, url: "http://a.test:81/"}\n'
    assert "unit id 'a.test-81' is already used in line 2" in problems(tmp_path, twice)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{name: 甲, url: 'http://a.test/', no_website: true}", "exclude each other: keep one"),
        ("{name: 甲, url: 'http://a.test/', sites: [{url: 'http://b.test/'}]}", "keep one"),
        ("{name: 甲}", "'url' is missing; a unit that runs no website says no_website: true"),
        ("{no_website: true}", "'name' is missing"),
        ("{name: 甲, sites: [{url: a.test}]}", "'a.test' has no scheme"),
        ("{name: 甲, sites: [{rul: 'http://a.test/'}]}", "unknown key 'rul'; did you mean 'url'?"),
        (
            "{id: a, name: 甲, sites: [{url: 'http://a.test/', id: x}, {url: 'http://b/', id: x}]}",
            "unit id 'x' is already used in line 3",
        ),
        (
            "{id: first, name: 甲, sites: [{url: 'http://a.test/'}, {url: 'http://b.test/'}]}",
            "unit id 'first' is already used in line 2",
        ),
        ("{id: first, name: 甲, no_website: true}", "unit id 'first' is already used in line 2"),
    ],
)
def test_what_a_unit_cannot_be_is_told_with_line_and_cure(
    tmp_path: Path, entry: str, told: str
) -> None:
    units = "units:\n  - {id: first, url: 'http://first.test/'}\n  - " + entry + "\n"
    said = problems(tmp_path, units)
    assert "targets.yaml:3: " in said
    assert told in said
