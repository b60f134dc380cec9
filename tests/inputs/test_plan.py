"""Config: every problem of every file, each with its line and what to do."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from support.lists import HEAD, csv_file, workbook
from support.plans import RULES, TARGETS, TODAY, loaded
from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import load, unit_for


def test_units_get_defaults_ids_and_the_rules_that_apply(tmp_path: Path) -> None:
    targets = """\
defaults: {tags: [市直部门]}
units:
  - {id: jyj, name: 教育局, url: "http://jyj.test/", tags: [学校], contact: {person: 李}}
  - http://bare.test/home
"""
    rules = RULES + "  - {id: only, name: 校, kind: qr, applies_to: {tags: [学校]}, accept: []}\n"
    first, second = loaded(tmp_path, targets, rules).units
    assert first.target.tags == ("市直部门", "学校")
    assert first.target.contact is not None
    assert [r.id for r in first.requirements] == ["portal", "only"]
    assert second.target.id == "bare.test-home"
    assert [r.id for r in second.requirements] == ["portal"]


def test_an_id_used_in_two_rules_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(TARGETS, encoding="utf-8")
    folder = tmp_path / "rules"
    folder.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.yaml:3: .*already used in .*a\.yaml:3"):
        load(tmp_path / "targets.yaml", [folder], today=TODAY)


def test_an_expired_waiver_no_longer_holds_and_says_so(tmp_path: Path) -> None:
    waiver = "waivers:\n  - {unit: a, requirement: portal, reason: r, approved_by: w, until: %s}\n"
    assert loaded(tmp_path, TARGETS + waiver % "2026-06-15").units[0].waivers
    plan = loaded(tmp_path, TARGETS + waiver % "2026-06-14")
    assert plan.units[0].waivers == ()
    assert plan.notices == (
        f"{tmp_path}/targets.yaml:4: the waiver of portal for a ended on 2026-06-14: the "
        "requirement holds again",
    )


def test_one_address_is_a_unit_and_a_wrong_one_a_sentence() -> None:
    assert unit_for("www.a.test", []).target.url == "http://www.a.test"
    with pytest.raises(ConfigError, match="not an http"):
        unit_for("ftp://a.test/", [])


def test_the_shipped_lists_are_in_order() -> None:
    root = Path(__file__).parents[2]
    plan = load(root / "targets.yaml", [root / "rules"], today=TODAY)
    assert len(plan.units) == 82
    assert [r.id for r in plan.units[0].requirements] == [
        "portal-3x",
        "portal-gov",
        "app-yunshang",
        "app-yidiantong",
        "weibo",
        "wechat",
    ]


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-06-14", "ended on"),
        ("2026-06-15", "ends on"),
        ("2026-06-22", "ends on"),
        ("2026-06-23", ""),
    ],
)
def test_a_waiver_says_a_week_ahead_that_it_ends(tmp_path: Path, until: str, told: str) -> None:
    targets = tmp_path / "targets.yaml"
    targets.write_text(
        "units: [{id: a, url: 'http://a.test/'}]\n"
        "waivers:\n  - {unit: a, requirement: portal, reason: r, approved_by: 王, "
        f"until: {until}}}\n",
        encoding="utf-8",
    )
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    notices = load(targets, [rules], today=date(2026, 6, 15)).notices
    assert [told in notice for notice in notices] == [True] * bool(told)


def test_samples_that_were_left_in_the_list_are_named(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    said = {}
    for language in ("zh", "en"):
        start = files("ycaudit") / "starting" / language / "targets.yaml"
        (tmp_path / "targets.yaml").write_bytes(start.read_bytes())
        plan = load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=TODAY)
        said[language] = [text.partition("targets.yaml:")[2] for text in plan.notices]
    assert said["zh"] == [
        "5: the list still has samples: put your own units in the place of 教育局, "
        "https://www.museum.example.org/"
    ]
    assert len(said["en"]) == 1
    own = "units: [http://www.example.org.cn/, http://myexample.org/]\n"
    (tmp_path / "targets.yaml").write_text(own, encoding="utf-8")
    assert load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=TODAY).notices == ()


def test_a_plan_knows_the_rows_and_what_was_mended(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    path = workbook(tmp_path, [("标题",), HEAD, ("甲", "a.cn")])
    plan = load(path, [tmp_path / "rules.yaml"], today=TODAY)
    listed = plan.units[0].target.listed
    assert listed is not None
    assert (listed.file, listed.line) == (str(path), 3)
    assert plan.notices == (
        f"{path}:2: columns taken: 网址 (address), 单位名称 (unit)",
        f"{path}:3: 'a.cn' is read as http://a.cn",
    )


def test_problems_of_a_list_come_with_those_of_the_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.replace("kind: link", "kind: lnik"), encoding="utf-8")
    path = csv_file(tmp_path, "单位,网址\n甲,见附件\n乙,http://b.cn/\n")
    with pytest.raises(ConfigError) as caught:
        load(path, [rules], today=TODAY)
    assert {(p.file, p.line) for p in caught.value.problems} == {(str(path), 2), (str(rules), 3)}
    with pytest.raises(ConfigError, match=r"none\.xlsx: no such file"):
        load(tmp_path / "none.xlsx", [rules], today=TODAY)
