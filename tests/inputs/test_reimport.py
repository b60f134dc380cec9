"""A list that is imported again: ids, waivers and what was written by hand stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lists import Cells, workbook
from support.plans import RULES, TODAY
from ycaudit.errors import ConfigError
from ycaudit.inputs.plan import Plan, load
from ycaudit.inputs.reimport import content_of, earlier, taken
from ycaudit.inputs.targets_yaml import to_yaml
from ycaudit.inputs.unit_list import read_list
from ycaudit.model import Contact, Target

HEAD = ("单位名称", "网址")


def imported(folder: Path, rows: Cells, **sheets: Cells) -> list[str]:
    """Import the list over targets.yaml; what is told of the changes."""
    path = folder / "targets.yaml"
    before = earlier(path) if path.exists() else None
    content, told = content_of(read_list(workbook(folder, rows, **sheets)), before)
    path.write_text(to_yaml(content, source="名单.xlsx"), encoding="utf-8")
    return [str(line) for line in told]


def plan(folder: Path, file: str = "targets.yaml") -> Plan:
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return load(folder / file, [folder / "rules.yaml"], today=TODAY)


def sites(folder: Path) -> dict[str, Target]:
    return {unit.target.id: unit.target for unit in plan(folder).units}


def test_a_list_imported_twice_is_the_same_file(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.test/"), ("乙", "无"), ("丙", "http://c.test http://d.test")]
    assert imported(tmp_path, rows) == []
    first = (tmp_path / "targets.yaml").read_text(encoding="utf-8")
    assert imported(tmp_path, rows) == []
    assert (tmp_path / "targets.yaml").read_text(encoding="utf-8") == first


def test_ids_stay_whatever_else_changes(tmp_path: Path) -> None:
    imported(
        tmp_path,
        [HEAD, ("甲", "http://a.test/"), ("乙", "http://b.test/"), ("丙", "http://a.test/c"),
         ("丁", "无"), ("戊", "http://e.test/")],
    )  # fmt: skip
    assert set(sites(tmp_path)) == {"a.test", "b.test", "a.test-2", "e.test"}
    told = imported(
        tmp_path,
        [HEAD, ("丙", "http://a.test/c"), ("甲局", "http://a.test/"), ("乙", "http://new.test/"),
         ("丁", "http://d.test/"), ("己", "http://a.test/f")],
    )  # fmt: skip
    after = sites(tmp_path)
    assert {id_: target.name for id_, target in after.items()} == {
        "a.test-2": "丙", "a.test": "甲局", "b.test": "乙", "丁": "丁", "a.test-3": "己",
    }  # fmt: skip
    assert told == [
        "added, 1: 己",
        "removed, 1: 戊",
        "renamed: 甲 is 甲局 now; its id stays a.test",
        "moved: 乙 has http://new.test/ now, before http://b.test/; its id stays b.test",
        "moved: 丁 has http://d.test/ now, before no website; its id stays 丁",
    ]


def test_a_new_unit_never_gets_the_id_of_one_that_goes(tmp_path: Path) -> None:
    imported(tmp_path, [HEAD, ("甲", "http://a.test/")])
    told = imported(tmp_path, [HEAD, ("乙", "http://a.test/b")])
    assert {id_: target.name for id_, target in sites(tmp_path).items()} == {"a.test-2": "乙"}
    assert told == ["added, 1: 乙", "removed, 1: 甲"]


def test_a_second_site_leaves_the_first_its_id(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(
        'units: [{id: jyj, name: 甲, url: "http://a.test/"}]\n', encoding="utf-8"
    )
    told = imported(tmp_path, [HEAD, ("甲", "http://z.test/"), ("甲", "http://a.test/")])
    assert {id_: t.url for id_, t in sites(tmp_path).items()} == {
        "z.test": "http://z.test/", "jyj": "http://a.test/",
    }  # fmt: skip
    assert told[0] == "added, 1: 甲 z.test"


def test_what_the_list_has_no_column_for_stays(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(
        "note: 手工\ndefaults: {tags: [市直]}\nunits:\n"
        '  - {id: a, name: 甲, url: "http://a.test/", office: 市政府, tags: [机关],\n'
        "     contact: {person: 王}, intranet: [10.0.0.0/8]}\n",
        encoding="utf-8",
    )
    imported(tmp_path, [(*HEAD, "主管部门"), ("甲", "http://a.test/", "市委")])
    target = sites(tmp_path)["a"]
    assert (target.office, target.tags, target.intranet) == (
        *("市委", ("市直", "机关"), ("10.0.0.0/8",)),
    )
    assert target.contact == Contact(person="王")
    assert "note: 手工" in (tmp_path / "targets.yaml").read_text(encoding="utf-8")


WAIVERS = """\
units:
  - {id: a, name: 甲, url: "http://a.test/"}
  - {id: b, name: 乙, url: "http://b.test/"}
waivers:
  - {unit: a, requirement: portal, reason: r, approved_by: w, until: 2099-01-01}
  - {unit: 甲, requirement: 门户, reason: r, approved_by: w, until: 2098-01-01}
  - {unit: b, requirement: portal, reason: r, approved_by: w, until: 2099-01-01}
"""


def test_waivers_survive_and_go_only_with_their_unit(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(WAIVERS, encoding="utf-8")
    told = imported(tmp_path, [HEAD, ("甲局", "http://a.test/")])
    (unit,) = plan(tmp_path).units
    assert [str(w.until) for w in unit.waivers] == ["2099-01-01", "2098-01-01"]
    assert "the waiver of portal for b goes with it" in told


def test_waivers_stand_in_the_sheet_by_names(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.test/")]
    sheet = [
        ("单位", "豁免要求", "豁免理由", "批准人", "期限"),
        ("甲", "门户", "改版", "王", "2099年1月1日"),
    ]
    imported(tmp_path, rows, 豁免=sheet)
    for file in ("targets.yaml", "名单.xlsx"):
        ((waiver,),) = (unit.waivers for unit in plan(tmp_path, file).units)
        assert (waiver.unit, waiver.requirement, waiver.approved_by) == ("a.test", "portal", "王")


SHEET = ("单位", "豁免要求", "理由", "批准人", "期限")


def test_where_the_list_has_a_sheet_of_waivers_it_counts_and_what_changes_is_told(
    tmp_path: Path,
) -> None:
    rows = [
        HEAD,
        *((name, f"http://{site}.test/") for name, site in zip("甲乙丙", "abc", strict=True)),
    ]
    before = [
        SHEET,
        ("甲", "门户", "改版", "王", "2099-01-01"),
        ("乙", "门户", "改版", "王", "2099-01-01"),
        ("丙", "门户链", "改版", "王", "2099-01-01"),
    ]
    imported(tmp_path, rows, 豁免=before)
    assert imported(tmp_path, rows, 豁免=before) == []
    after = [
        SHEET,
        ("a.test", "门户", "改版", "王", "2098-01-01"),
        ("丙", "门户", "改版", "王", "2099-01-01"),
    ]
    assert imported(tmp_path, rows, 豁免=after) == [
        "dropped, since the list counts: the waiver of 门户 for 乙, until 2099-01-01",
        "dropped, since the list counts: the waiver of 门户链 for 丙, until 2099-01-01",
        "the waiver of 门户 for a.test holds until 2098-01-01 now, before until 2099-01-01",
        "added: the waiver of 门户 for 丙, until 2099-01-01",
    ]
    waived = {u.target.id: [str(w.until) for w in u.waivers] for u in plan(tmp_path).units}
    assert waived == {"a.test": ["2098-01-01"], "b.test": [], "c.test": ["2099-01-01"]}
    assert imported(tmp_path, rows) == []  # which has no sheet of them
    assert len(imported(tmp_path, rows, 豁免=[SHEET])) == 2
    assert not any(unit.waivers for unit in plan(tmp_path).units)


def test_a_waiver_by_ids_is_the_same_as_one_by_names(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(WAIVERS, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    rows = [HEAD, ("甲", "http://a.test/"), ("乙", "http://b.test/")]
    sheet = [SHEET, *((unit, "门户", "r", "w", "2099-01-01") for unit in "甲乙")]
    path = workbook(tmp_path, rows, 豁免=sheet)
    found = taken(path, tmp_path / "targets.yaml", [tmp_path / "rules.yaml"])
    assert found.changes == ()
    assert found.waivers == 2


def test_a_waiver_that_says_too_little_is_told_with_its_row(tmp_path: Path) -> None:
    sheet = [
        ("单位", "豁免要求", "豁免理由", "批准人", "期限"),
        ("甲", "门户", "改版", "", "2099-01-01"),
        ("甲", "门户", "改版", "王", "长期"),
        ("乙", "门户", "改版", "王", "2099.1.1"),
        ("甲", "门户", "改版", "王", "2099年2月30日"),
    ]
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.test/")], 豁免=sheet)
    with pytest.raises(ConfigError) as caught:
        plan(tmp_path, path.name)
    assert str(caught.value).replace(f"{path}", "").splitlines() == [
        ":2: sheet 豁免: the waiver lacks 批准人",
        ":3: sheet 豁免: '长期' is no day; write 2026-12-31",
        ":4: sheet 豁免: no unit has the id or the name '乙'; there are 甲, a.test",
        ":5: sheet 豁免: '2099年2月30日': the calendar has no such day",
    ]


def test_a_file_that_is_no_targets_file_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("mine", encoding="utf-8")
    assert earlier(tmp_path / "targets.yaml") is None


def test_what_was_written_by_hand_and_the_list_has_a_column_for_is_told_as_it_goes(
    tmp_path: Path,
) -> None:
    head = ("单位名称", "网址", "类别", "主管部门", "电话")
    rows = [
        head,
        ("甲", "http://a.test/", "机关", "市政府", "0717-1"),
        ("乙", "http://b.test/", "机关", None, None),
    ]
    imported(tmp_path, rows)
    file = tmp_path / "targets.yaml"
    by_hand = file.read_text(encoding="utf-8").replace("tags: [机关]", "tags: [机关, 重点]")
    contact = "office: 县政府, contact: {person: 王, email: w@b.test}"
    by_hand = by_hand.replace("name: 乙", f"name: 乙, {contact}")
    file.write_text(by_hand, encoding="utf-8")
    assert imported(tmp_path, rows) == [
        "dropped, since the list counts: tag 重点 of 甲, 乙",
        "dropped, since the list counts: office 县政府 of 乙",
        "dropped, since the list counts: contact person 王 of 乙",
        "dropped, since the list counts: e-mail w@b.test of 乙",
    ]
    assert imported(tmp_path, rows) == []
