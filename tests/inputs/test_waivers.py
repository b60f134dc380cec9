"""Waivers name units and requirements by id or by name, and hold for every site of a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.plans import RULES, loaded, problems

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
