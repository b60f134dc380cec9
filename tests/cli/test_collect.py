"""ycaudit collect: tables that come back in every format are booked against the list."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import typer.testing
from openpyxl import Workbook, load_workbook

from support.history import run as history_run
from support.old_lists import ods_file, xls_file
from ycaudit.cli.app import build
from ycaudit.cli.commands import COMMANDS
from ycaudit.errors import AuditError, ConfigError
from ycaudit.model import MemoryReports, NoWebsite
from ycaudit.runs.history import opened

HEAD = ("单位名称", "是否有门户链接", "在编人数", "云上宜昌安装数")
Rows = list[tuple[object, ...]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a history of one run: a, b of 甲局; c, d of 乙局, and 馆 without a site."""
    scan = history_run(0, a="+", b="-", c="+", d="?")
    offices = {"a": "甲局", "b": "甲局", "c": "乙局", "d": "乙局"}
    reports = MemoryReports(
        r.model_copy(
            update={"target": r.target.model_copy(update={"office": offices[r.target.id]})}
        )
        for r in scan.reports
    )
    without = (NoWebsite(id="w", name="馆", office="乙局"),)
    header = scan.header.model_copy(update={"no_website": without})
    with opened(tmp_path / "history.sqlite3") as history:
        history.save(header.with_reports(reports))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setenv("YCAUDIT_LANG", "zh")
    return tmp_path


def collect(*words: object) -> typer.testing.Result:
    line = ["collect", *map(str, words)]
    return typer.testing.CliRunner().invoke(build(*COMMANDS), line)


def filled_form(folder: Path) -> Path:
    """The table as the program makes it, filled in by a clerk of 甲局 in Excel."""
    made = typer.testing.CliRunner().invoke(
        build(*COMMANDS), ["show", "last", "--output", "form:统计表.xlsx"]
    )
    assert made.exit_code == 0, made.output
    book = load_workbook(folder / "统计表.xlsx")
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    end = sheet.max_column
    sheet.cell(head[0].row, end + 1).value = "在编人数"
    sheet.cell(head[0].row, end + 2).value = "云上宜昌安装数"
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        if row[1].value == "a局":
            row[3].value, row[end].value, row[end + 1].value = "√", "10人", 8
        elif row[1].value == "b局":
            row[3].value, row[end].value, row[end + 1].value = "有（首页底部）", 10, "1,2"
    book.save(folder / "甲局.xlsx")
    return folder / "甲局.xlsx"


def test_the_form_comes_back_filled_in_by_clerks(desk: Path) -> None:
    rows = [HEAD, ("c局", "无", 20, 30), ("馆", "/", 5, 1), ("合计", None, 25, 31)]
    done = collect(filled_form(desk), xls_file(desk, rows), "--output", "汇总.xlsx")
    assert done.exit_code == 1
    assert "甲局.xlsx:5: " in done.output
    assert "云上宜昌安装数" in done.output
    assert "'1,2'" in done.output
    book = load_workbook(desk / "汇总.xlsx")
    assert book.sheetnames == ["汇总", "申报与检查", "不一致", "未报单位", "各单位", "未采用"]
    assert [row[3:6] for row in book["各单位"].values] == [
        *(("门户", "在编人数", "云上宜昌安装数"), ("申报有，实有", 10, 8)),
        *(("申报有，未发现", 10, None), ("申报无，实有", 20, 30)),
        *(("未申报", None, None), (None, 5, 1)),
    ]  # fmt: skip
    assert [c.value for c in book["未报单位"]["A"]] == ["单位", "d局"]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "csv"])
def test_what_comes_back_is_booked_in_every_format(desk: Path, kind: str) -> None:
    rows = [HEAD, ("a局", "有", 10, 8), ("b局", "有", 10, 4), ("c局", "无", 20, 30)]
    done = collect(returned(desk, kind, rows), "--output", "汇总.xlsx")
    assert done.exit_code == 1, done.output
    book = load_workbook(desk / "汇总.xlsx")
    table = {sheet.title: list(sheet.values) for sheet in book}
    assert table["汇总"][1][0] == "清单单位 5 家，其中 1 家未开设网站：已报 3 家，未报 2 家"
    assert table["汇总"][-3:] == [
        (
            *("主管部门", "单位数", "已报", "未报"),
            *("云上宜昌安装数 / 在编人数", "云上宜昌安装数名次", "备注"),
        ),
        ("乙局", 3, 1, 2, "150%（30 / 20，1 / 3 家）", 1, "比率超过 100%，请核对"),
        ("甲局", 2, 2, 0, "60%（12 / 20，2 / 2 家）", 2, None),
    ]
    assert table["申报与检查"] == [
        (
            "要求",
            "申报有，实有",
            "申报有，未发现",
            "申报无，实有",
            "申报无，未发现",
            "未能核实",
            "未申报",
        ),
        ("门户", 1, 1, 1, 0, 0, 1),
    ]
    assert table["不一致"][1:] == [
        ("b局", "甲局", "门户", "申报有，未发现", "http://b.test/", "未复核"),
        ("c局", "乙局", "门户", "申报无，实有", None, None),
    ]
    assert table["未报单位"][1:] == [("d局", "乙局", None), ("馆", "乙局", "未开设网站")]
    assert [row[-1] for row in table["各单位"][1:]] == [
        *(None, None, "比率超过 100%，请核对", "未报", "未报")
    ]
    for told in (
        "已报 3 家，未报 2 家",
        "b局  门户：申报有，未发现（未复核）  http://b.test/",
        "150%",
        "比率超过 100%，请核对",
    ):
        assert told in done.output


def returned(folder: Path, kind: str, rows: Rows) -> Path:
    if kind == "xls":
        return xls_file(folder, rows)
    if kind == "ods":
        return ods_file(folder, rows)
    path = folder / f"回收.{kind}"
    if kind == "csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_an_office_sees_its_own_units_and_others_rows_are_no_mistake(desk: Path) -> None:
    rows: list[tuple[object, ...]] = [
        HEAD,
        ("a局", "有", 1, 1),
        ("b局", "有", 1, 1),
        ("c局", "有", 1, 1),
    ]
    path = returned(desk, "csv", rows)
    done = collect(path, "--office", "甲局")
    assert done.exit_code == 0, done.output
    assert "清单单位 2 家：已报 2 家，未报 0 家" in done.output
    assert "c局" not in done.output
    refused = collect(path, "--office", "丁局")
    assert isinstance(refused.exception, AuditError)


def test_what_cannot_be_read_or_written_is_told_before_the_work(desk: Path) -> None:
    (desk / "a.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    refused = collect("a.csv", "none.xlsx")
    assert isinstance(refused.exception, ConfigError)
    assert "a.csv: none of the first 20 rows names a column of units" in str(refused.exception)
    assert "none.xlsx: no such file" in str(refused.exception)
    for output, told in (("x.csv", "is written as .xlsx"), ("no/x.xlsx", "can be written there")):
        refused = collect("a.csv", "--output", output)
        assert told in str(refused.exception)


def test_a_return_with_formulas_is_inert_in_the_workbook(desk: Path) -> None:
    rows: list[tuple[object, ...]] = [
        HEAD,
        ("=cmd|' /C calc'!A0", "有", 1, 1),
        ("a局", "=1+1", 1, 1),
    ]
    collect(returned(desk, "csv", rows), "--output", "汇总.xlsx")
    book = load_workbook(desk / "汇总.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("cmd|" in str(cell.value) for cell in cells)


def test_an_office_is_remarked_whose_rate_is_sound_only_in_the_sum(desk: Path) -> None:
    rows: Rows = [HEAD, ("a局", "有", 10, 12), ("b局", "有", 100, 4), ("c局", "有", 10, 10)]
    done = collect(returned(desk, "csv", rows), "--output", "汇总.xlsx")
    (line,) = [line for line in done.output.splitlines() if "甲局" in line and "%" in line]
    assert "14.5%" in line
    assert "比率超过 100%，请核对" in line
    assert done.output.count("比率超过 100%") == 1
    remarks = [row[-1] for row in load_workbook(desk / "汇总.xlsx")["汇总"].values][-2:]
    assert remarks == [None, "比率超过 100%，请核对"]


def test_a_rate_that_may_be_needs_no_column_of_remarks(desk: Path) -> None:
    done = collect(returned(desk, "csv", [HEAD, ("a局", "有", 10, 10)]))
    assert "100%（10 / 10" in done.output
    assert "备注" not in done.output


def test_a_table_that_came_back_is_not_written_over(desk: Path) -> None:
    rows: Rows = [HEAD, ("a局", "有", 10, 8)]
    path = returned(desk, "xlsx", rows)
    before = path.read_bytes()
    refused = collect(path, "--output", path)
    assert "nothing is written over it: choose another name" in str(refused.exception)
    assert path.read_bytes() == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_own_summary_among_the_tables_is_left_out_and_made_anew(
    desk: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", language)
    path = returned(desk, "xlsx", [HEAD, ("a局", "有", 10, 8)])
    first = collect(path, "--output", "汇总.xlsx")
    made = (desk / "汇总.xlsx").read_bytes()
    second = collect(path, "汇总.xlsx", "--output", "汇总.xlsx")
    assert (second.exit_code, second.stdout) == (1, first.stdout)
    assert second.stderr.count("汇总.xlsx") == 1
    assert (desk / "汇总.xlsx").read_bytes() == made


def test_a_workbook_with_some_sheets_of_such_names_is_a_table_that_came_back(desk: Path) -> None:
    book = Workbook()
    for row in [HEAD, ("a局", "有", 10, 8)]:
        book.active.append(row)
    book.active.title = "汇总"
    book.create_sheet("各单位")
    book.save(desk / "回收.xlsx")
    assert "已报 1 家，未报 4 家" in collect("回收.xlsx").stdout


def test_english_has_english_punctuation(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", "en")
    heads = ("单位名称", "是否有门户链接", "有甲", "有乙")
    rows: Rows = [heads, ("b局", "有", "有", "有"), ("c局", "无", "有", "无")]
    done = collect(returned(desk, "csv", rows))
    assert "b局  门户: claimed, missing (not confirmed)  http://b.test/" in done.output
    assert "  d局 (乙局)" in done.output
    assert "named by 有甲, 有乙" in done.output
