"""Waivers name units and requirements by id or by name, and hold for every site of a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lists import HEAD, workbook
from support.plans import RULES, TODAY, loaded, problems
from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import load

UNITS = """\
units:
  - id: jyj
    name: 教育局
    sites: [{url: "http://jyj.test/"}, {url: "http://zs.test/", name: 招生网}]
  - {id: a, name: 一中, office: 甲县, url: "http://a.test/"}
  - {id: b, name: 一中, office: 乙县, url: "http://b.test/"}
  - {name: 档案馆, no_website: true}
  - {id: c, name: b, url: "http://c.test/"}
waivers:
  - {unit: %s, requirement: %s, reason: r, approved_by: w, until: 2099-01-01}
"""


@pytest.mark.parametrize(
    ("unit", "sites"),
    [
        ("教育局", {"jyj.test", "zs.test"}),
        ("jyj", {"jyj.test", "zs.test"}),
        ("招生网", {"zs.test"}),
        ("jyj.test", {"jyj.test"}),
        ("b", {"b"}),
        ("档案馆", set()),
    ],
)
@pytest.mark.parametrize("requirement", ["portal", "门户"])
def test_a_waiver_holds_for_the_sites_that_its_unit_means(
    tmp_path: Path, unit: str, sites: set[str], requirement: str
) -> None:
    plan = loaded(tmp_path, UNITS % (unit, requirement))
    waived = {u.target.id: w for u in plan.units for w in u.waivers}
    assert set(waived) == sites
    assert all(w.unit == id_ and w.requirement == "portal" for id_, w in waived.items())


def test_a_waiver_that_could_mean_several_or_none_is_refused(tmp_path: Path) -> None:
    line = "targets.yaml:10: "
    said = problems(tmp_path, UNITS % ("一中", "portal"))
    assert said == f"{line}'一中' may be several: write the id"
    said = problems(tmp_path, UNITS % ("教育", "门"))
    assert f"{line}no unit has the id or the name '教育'; did you mean '教育局'?" in said
    assert f"{line}no requirement has the id or the name '门'" in said
    twice = RULES + "  - {id: p2, name: 门户, kind: link, accept: [{host: x.test}]}\n"
    assert "'门户' may be several" in problems(tmp_path, UNITS % ("a", "门户"), twice)


HEADS = ("单位", "豁免要求", "理由", "批准人", "期限")


def test_what_is_told_of_a_waiver_names_its_sheet(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    units = [HEAD, ("甲局", "http://a.test/")]
    waived = [
        HEADS,
        ("甲局", "门户", "改版", "王", "2026-06-14"),
        ("乙局", "门", "r", "王", "2099-1-1"),
    ]
    book = workbook(tmp_path, units, 豁免=waived)
    with pytest.raises(ConfigError) as caught:
        load(book, [tmp_path / "rules.yaml"], today=TODAY)
    assert [problem.what for problem in caught.value.problems] == [
        "sheet 豁免: no requirement has the id or the name '门'; did you mean '门户'?",
        "sheet 豁免: no unit has the id or the name '乙局'; there are 甲局, a.test",
    ]
    assert {problem.line for problem in caught.value.problems} == {3}
    plan = load(workbook(tmp_path, units, 豁免=waived[:2]), [tmp_path / "rules.yaml"], today=TODAY)
    assert plan.notices[-1] == (
        f"{book}:2: sheet 豁免: the waiver of 门户 for 甲局 ended on 2026-06-14: the requirement "
        "holds again"
    )


def test_what_is_told_of_a_unit_names_its_sheet(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    schools = [HEAD, ("一中", "http://b.test/"), ("二中", "https://a.test/")]
    book = workbook(tmp_path, [HEAD, ("甲局", "http://a.test/")], 学校=schools)
    plan = load(book, [tmp_path / "rules.yaml"], today=TODAY)
    assert plan.notices[-1] == (
        f"{book}:3: sheet 学校: a.test and a.test-2 are likely the same homepage (http://a.test/, "
        "https://a.test/): if so, take one out"
    )
