"""Config: every problem of every file, each with its line and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.errors import ConfigError
from ycaudit.inputs import yaml_files
from ycaudit.inputs.yaml_files import Plan, load, unit_for

TODAY = date(2026, 6, 15)
TARGETS = 'units:\n  - {id: a, name: 甲, url: "http://a.test/"}\n'
RULES = """\
name: 规则
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}
"""


def loaded(folder: Path, targets: str = TARGETS, rules: str = RULES) -> Plan:
    (folder / "targets.yaml").write_text(targets, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return load(folder / "targets.yaml", [folder / "rules.yaml"], today=TODAY)


def problems(folder: Path, targets: str = TARGETS, rules: str = RULES) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, targets, rules)
    return str(caught.value).replace(f"{folder}/", "")


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


def test_values_stay_what_was_written(tmp_path: Path) -> None:
    targets = 'units:\n  - {id: 0123, name: no, url: "http://a.test/"}\n'
    rules = RULES.replace("path: root", "query: {uid: 0123, on: yes}")
    unit = loaded(tmp_path, targets, rules).units[0]
    assert (unit.target.id, unit.target.name) == ("0123", "no")
    assert unit.requirements[0].accept[0].query == {"uid": "0123", "on": "yes"}


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        'units:\n  - {id: a, nmae: 甲, url: "http://a.test/"}\n  - {id: b, url: www.b.test}\n',
        RULES.replace("kind: link", "kind: lnik") + "  - {id: x, name: y, kind: qr, lables: [z]}\n",
    )
    assert "targets.yaml:2: unknown key 'nmae'; did you mean 'name'?" in told
    assert "rules.yaml:3: 'kind' must be one of link, qr; did you mean 'link'?" in told
    assert "rules.yaml:4: unknown key 'lables'; did you mean 'labels'?" in told


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("", "targets.yaml: the file is empty"),
        ("units: []\n", "targets.yaml:1: units: "),
        ("units:\n  - {id: a}\n", "targets.yaml:2: 'url' is missing"),
        ("units:\n  - {id: a, url: www.a.test}\n", "targets.yaml:2: 'www.a.test' has no scheme"),
        (
            "units:\n  - {id: a, url: 'http://a b/'}\n",
            "targets.yaml:2: 'http://a b/' is not an http",
        ),
        ("units:\n  - a: [\n", "not valid YAML"),
        ("units:\n  - 'http://a.test/'\nunits: []\n", "targets.yaml:3: 'units' stands here twice"),
        (
            "units:\n  - {id: a, url: 'http://a.test/'}\n  - {id: a, url: 'http://b.test/'}\n",
            "targets.yaml:3: unit id 'a' is already used in line 2",
        ),
        (
            TARGETS + "waivers:\n  - {unit: aa, requirement: portel, reason: r, approved_by: w, "
            "until: 2027-01-01}\n",
            "targets.yaml:4: no requirement has the id 'portel'; did you mean 'portal'?",
        ),
        ("- just a list\n", "must be a mapping"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(
    tmp_path: Path, targets: str, expected: str
) -> None:
    assert expected in problems(tmp_path, targets)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{path: root}", "must name a payload, a host or an account"),
        ("{host: 'http://a.test/'}", "is not a host name"),
        ("{host: a.test, path: index.html}", "must be `root` or begin with a slash"),
        ("{host: a.test, verified: soon}", "must be a day like 2026-11-23"),
    ],
)
def test_a_wrong_accept_entry_is_told(tmp_path: Path, entry: str, expected: str) -> None:
    rules = RULES.replace("{host: www.p.test, path: root}", entry)
    assert expected in problems(tmp_path, rules=rules)


def test_an_id_used_in_two_rules_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(TARGETS, encoding="utf-8")
    folder = tmp_path / "rules"
    folder.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.yaml:3: .*already used in .*a\.yaml:3"):
        load(tmp_path / "targets.yaml", [folder], today=TODAY)


def test_files_that_are_none_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.yaml", [tmp_path / "none2.yaml"], today=TODAY)
    with pytest.raises(ConfigError, match="folder"):
        load(tmp_path, [tmp_path], today=TODAY)
    (tmp_path / "gbk.yaml").write_bytes("units: 宜昌".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "gbk.yaml", [tmp_path / "gbk.yaml"], today=TODAY)


def test_a_yaml_bomb_and_a_huge_file_are_refused_before_they_cost_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_files, "MAX_NODES", yaml_files.MAX_NODES // 20)  # seconds of counting
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    layers = "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairs)
    assert "unfold to millions" in problems(
        tmp_path, "a: &a [x, x, x, x, x, x, x, x, x]\n" + layers
    )
    assert "too many aliases" in problems(tmp_path, "a: &a x\nb: [" + "*a, " * 200 + "]\n")
    assert "nested deeper" in problems(tmp_path, "[" * 1000)
    with (tmp_path / "targets.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    with pytest.raises(ConfigError, match="larger than 32 MB"):
        load(tmp_path / "targets.yaml", [tmp_path / "rules.yaml"], today=TODAY)


def test_an_expired_waiver_no_longer_holds_and_says_so(tmp_path: Path) -> None:
    waiver = "waivers:\n  - {unit: a, requirement: portal, reason: r, approved_by: w, until: %s}\n"
    assert loaded(tmp_path, TARGETS + waiver % "2026-06-15").units[0].waivers
    plan = loaded(tmp_path, TARGETS + waiver % "2026-06-14")
    assert plan.units[0].waivers == ()
    assert "ended on 2026-06-14" in plan.notices[0]


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


@pytest.mark.parametrize("nothing", ["", "~", "null", "# only a comment", "---"])
def test_a_file_that_says_nothing_is_empty(tmp_path: Path, nothing: str) -> None:
    assert "the file is empty" in problems(tmp_path, rules=nothing)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_config_error_and_never_a_crash(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.yaml"
        path.write_bytes(data)
        with pytest.raises(ConfigError):
            load(path, [path], today=TODAY)


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
