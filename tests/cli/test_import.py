"""ycaudit import: writes a targets file, prints what was corrected and left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lists import HEAD, RULES, csv_file, plan_of, workbook
from ycaudit.cli import import_, init
from ycaudit.errors import AuditError, ConfigError


def test_import_writes_the_targets_and_tells_what_was_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "targets.yaml"
    path = csv_file(tmp_path, "单位,网址\n甲,a.cn\n")
    import_.command(path, output)
    out, err = capsys.readouterr()
    assert out == f"1 unit written to {output}\n"
    assert err == (
        f"ycaudit: {path}:1: columns taken: 网址 (address), 单位 (unit)\n"
        f"ycaudit: {path}:2: 'a.cn' is read as http://a.cn\n"
    )
    assert [unit["name"] for unit in plan_of(tmp_path, output)] == ["甲"]


def test_import_leaves_with_1_where_rows_were_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path, "单位,网址\n甲,见附件\n乙,http://b.cn/\n")
    with pytest.raises(import_.typer.Exit) as left:
        import_.command(path, tmp_path / "targets.yaml")
    assert left.value.exit_code == 1
    out, err = capsys.readouterr()
    assert out.endswith("targets.yaml; 1 left out; not on the list for it: 甲\n")
    assert err.endswith(f"ycaudit: {path}:2: 甲: '见附件' is no web address\n")


def test_a_row_whose_address_stands_above_counts_as_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n重复局,http://a.cn/\n乙,无\n丙,见附件\n")
    with pytest.raises(import_.typer.Exit) as left:
        import_.command(path, tmp_path / "targets.yaml")
    assert left.value.exit_code == 1
    told = capsys.readouterr().out
    assert told.endswith("1 without a website; 2 left out; not on the list for it: 重复局, 丙\n")


def test_waivers_are_counted_and_one_of_nobody_or_of_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = ("单位", "豁免要求", "理由", "批准人", "期限")
    waived = [("甲", "门户"), ("丙", "门户"), ("甲", "微信")]
    sheet = [head, *((*one, "改版", "王", "2099-1-1") for one in waived)]
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")], 豁免=sheet)
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    output = tmp_path / "targets.yaml"
    with pytest.raises(import_.typer.Exit) as left:
        import_.command(path, output, rules=[rules])
    assert left.value.exit_code == 1
    out, err = capsys.readouterr()
    assert out == f"1 unit written to {output}; 3 waivers\n"
    assert err.splitlines()[1:] == [
        f"ycaudit: {path}:3: sheet 豁免: no unit has the id or the name '丙'; there are 甲, a.cn",
        f"ycaudit: {path}:4: sheet 豁免: no requirement has the id or the name '微信'; "
        "there are 门户, portal",
    ]
    import_.command(workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")], 豁免=sheet[:2]), output,
                    force=True, rules=[tmp_path / "none.yaml"])  # fmt: skip
    assert capsys.readouterr().out == f"1 unit written to {output}; 1 waiver\n"


def test_what_is_told_of_rows_comes_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path, "单位,网址\n甲,见附件\n乙,b.cn\n丙,\n丁,http://b.cn\n戊,附件\n")
    with pytest.raises(import_.typer.Exit):
        import_.command(path, tmp_path / "targets.yaml")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[2] for line in lines] == ["1", "2", "3", "4", "5", "6"]


def test_import_writes_over_a_file_only_when_forced(tmp_path: Path) -> None:
    output = tmp_path / "targets.yaml"
    output.write_text("mine", encoding="utf-8")
    path = csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n")
    with pytest.raises(AuditError, match="--force"):
        import_.command(path, output)
    assert output.read_text(encoding="utf-8") == "mine"
    import_.command(path, output, force=True)
    assert output.read_text(encoding="utf-8").startswith("# Made of 名单.csv")


def test_import_of_a_list_without_units_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="甲: '见附件' is no web address"):
        import_.command(csv_file(tmp_path, "单位,网址\n甲,见附件\n"), tmp_path / "targets.yaml")
    assert not (tmp_path / "targets.yaml").exists()


def test_import_over_a_targets_file_keeps_ids_and_tells_what_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "targets.yaml"
    output.write_text('units: [{id: jyj, name: 甲, url: "http://a.cn/"}]\n', encoding="utf-8")
    path = csv_file(tmp_path, "单位,网址\n甲局,http://a.cn/\n乙,http://b.cn http://c.cn\n丙,无\n")
    import_.command(path, output, force=True)
    out, err = capsys.readouterr()
    assert out == f"3 units written to {output}; 3 sites; 1 without a website\n"
    assert err.splitlines()[-2:] == [
        "ycaudit: added, 3: 乙 b.cn, 乙 c.cn, 丙",
        "ycaudit: renamed: 甲 is 甲局 now; its id stays jyj",
    ]
    assert {unit["id"] for unit in plan_of(tmp_path, output)} == {"jyj", "b.cn", "c.cn"}


def test_import_over_what_is_no_targets_file_says_that_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "targets.yaml"
    output.write_text("mine", encoding="utf-8")
    import_.command(csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n"), output, force=True)
    assert "was no targets file: no id and no waiver of it could be kept" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["zh", "en"])
def test_import_keeps_nothing_of_the_example_that_init_wrote(
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", language)
    init.command(tmp_path)
    output = tmp_path / "targets.yaml"
    assert "defaults: {tags: " in output.read_text(encoding="utf-8")
    import_.command(csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n"), output, force=True)
    told = capsys.readouterr().err
    assert f"ycaudit: {output}" in told
    assert "`ycaudit init`" in told
    assert "defaults" not in output.read_text(encoding="utf-8")
    output.write_text("defaults: {tags: [x]}\nunits: ['http://a.cn/']\n", encoding="utf-8")
    import_.command(csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n"), output, force=True)
    assert "defaults: {tags: [x]}" in output.read_text(encoding="utf-8")
