"""The statistics table and the numbers in it: nothing is invented, and nothing is lost untold."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.testing
from openpyxl import load_workbook

from support.clocks import at_another_hour
from support.figures import csv_file, numbers
from support.history import run as history_run
from support.pages import NOON, link, page, unseen
from support.reports import CONTROLS, report, run, verdict
from support.runs import HOSTILE
from ycaudit.auditing import service
from ycaudit.auditing.recorder import Recorder
from ycaudit.cli.app import build
from ycaudit.cli.commands import COMMANDS
from ycaudit.cli.mail import _attachment
from ycaudit.errors import AuditError
from ycaudit.i18n import in_language
from ycaudit.model import (
    MAX_FIGURE,
    Decision,
    Figure,
    MemoryReports,
    NoWebsite,
    Outcome,
    Policy,
    ScanRun,
    Target,
    UnitReport,
    Visibility,
)
from ycaudit.report.formats import FORMATS, NO_BACKGROUND, by_suffix
from ycaudit.report.outputs import Outputs
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.runs.decisions import decided, fingerprint, page_of
from ycaudit.runs.history import opened

ASKED = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])
FORBIDDEN = LinkRequirement(
    id="old", name="旧门户", kind="link", accept=[{"host": "old.test"}], expect="absent"
)


def judged(*observations: Any, rules: tuple[LinkRequirement, ...] = (ASKED,)) -> ScanRun:
    """A run with one unit a sight: 甲, 乙, 丙 …"""
    reports = []
    for name, observation in zip("甲乙丙丁戊", observations, strict=False):
        target = Target(id=name, name=f"{name}局", url=f"http://{ord(name):x}.test/")
        verdicts = Unit(target=target, requirements=rules).judge(observation)
        reports.append(UnitReport(target=target, observations=(observation,), verdicts=verdicts))
    return run(*reports)


def written(whole: ScanRun) -> bytes:
    out = io.BytesIO()
    FORMATS["form"].render(whole, out)
    return out.getvalue()


def opened_sheet(whole: ScanRun) -> Any:
    return load_workbook(io.BytesIO(written(whole))).active


def lines(whole: ScanRun) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in opened_sheet(whole).iter_rows()]


def table(whole: ScanRun) -> list[dict[str, Any]]:
    """The units by heading."""
    head, *rest = lines(whole)[2:]
    return [dict(zip(head, row, strict=True)) for row in rest[: len(whole.reports)]]


def total(whole: ScanRun) -> dict[str, Any]:
    rows = lines(whole)
    return dict(zip(rows[2], next(row for row in rows if row[0] == "合计"), strict=True))


def test_a_cell_says_what_the_page_shows_and_units_stand_in_the_order_of_the_list() -> None:
    whole = judged(page(link("http://p.test/")), page(), unseen())
    rows = table(whole)
    assert [(row["序号"], row["单位"], row["门户"]) for row in rows] == [
        (1, "甲局", "有"),
        (2, "乙局", "无"),
        (3, "丙局", "待核实"),
    ]
    assert [row["结论"] for row in rows] == ["合格", "不合格", "待核实"]
    assert rows[0]["网址"] == "http://7532.test/"
    assert rows[2]["备注"] == "首页未能打开（域名无法解析）"


def test_what_must_not_be_there_is_there_or_not_whatever_that_means_for_the_outcome() -> None:
    there, hidden = link("http://old.test/"), link("http://old.test/", "", Visibility.HIDDEN)
    rules = (FORBIDDEN.model_copy(update={"visible": "required"}),)
    rows = table(judged(page(there), page(), page(hidden), rules=rules))
    assert [(row["旧门户（不得有）"], row["结论"]) for row in rows] == [
        ("有", "不合格"),
        ("无", "合格"),
        ("无", "合格"),
    ]


@pytest.mark.parametrize(
    ("rule", "passed", "failed"), [(ASKED, "有", "无"), (FORBIDDEN, "无", "有")]
)
def test_what_a_person_decided_is_read_by_what_the_rule_asks_for(
    rule: LinkRequirement, passed: str, failed: str
) -> None:
    whole = judged(page(), unseen(), unseen("timeout"), rules=(rule,))
    decisions = {
        (r.target.id, rule.id): [
            Decision(outcome=o, by="王敏", at=NOON, page=page_of(r.verdicts[0], fingerprint(r)))
        ]
        for r, o in zip(whole.reports[1:], (Outcome.PASS, Outcome.FAIL), strict=True)
    }
    rows = table(decided(whole, decisions))
    title = f"{rule.name}（不得有）" if rule is FORBIDDEN else rule.name
    assert [row[title] for row in rows[1:]] == [passed, failed]
    assert [row["备注"] for row in rows[1:]] == [f"人工核定：{rule.name}"] * 2


def test_a_confirmed_fail_says_what_the_machine_saw() -> None:
    whole = judged(page(link("http://old.test/")), rules=(FORBIDDEN,))
    made = Decision(outcome=Outcome.FAIL, by="王敏", at=NOON, page=fingerprint(whole.reports[0]))
    assert table(decided(whole, {("甲", "old"): [made]}))[0]["旧门户（不得有）"] == "有"


def test_what_a_person_settled_stands_as_what_the_page_shows() -> None:
    whole = judged(unseen(), unseen())
    made = Decision(outcome=Outcome.PASS, by="王敏", at=NOON, page=fingerprint(whole.reports[0]))
    whole = decided(whole, {("甲", "p"): [made]})
    assert [row["门户"] for row in table(whole)] == ["有", "待核实"]


def test_what_is_waived_or_asked_of_others_only_is_called_so() -> None:
    whole = run(
        report("甲", verdict(Outcome.PASS, "p"), verdict(Outcome.WAIVED)),
        report("乙", verdict(Outcome.PASS, "p")),
    )
    assert [row["微信公众号"] for row in table(whole)] == ["豁免", "不适用"]
    assert total(whole)["微信公众号"] == "0 / 1"


def test_the_lines_above_and_below_tell_the_day_the_figures_and_who_signs() -> None:
    whole = judged(page(link("http://p.test/")), page(), unseen())
    rows = lines(whole)
    assert rows[0][0] == "宜昌市网站检查统计表"
    assert rows[1][0] == (
        "检查日期：2026年6月15日　　应检 3 家：合格 1，不合格 1，待核实 1，豁免 0"
    )
    assert total(whole)["门户"] == "1 / 3"
    for word in ("填报人", "联系电话", "填报日期", "（盖章）"):
        assert word in rows[-1][0]
    stopped = lines(whole.model_copy(update={"complete": False}))
    assert "检查中断，已检 3 家" in stopped[1][0]


def test_numbers_are_numbers_and_what_is_not_reported_is_empty_and_told() -> None:
    def carrying(name: str, *said: int | None) -> UnitReport:
        figures = tuple(
            Figure(name=n, number=s) for n, s in zip(("安装数", "关注"), said, strict=True)
        )
        one = report(name, verdict(Outcome.PASS))
        return one.model_copy(update={"target": one.target.model_copy(update={"figures": figures})})

    whole = run(carrying("甲", 1234, 0), carrying("乙", None, 7), report("丙"))
    assert [(row["安装数"], row["关注"]) for row in table(whole)] == [
        (1234, 0),
        (None, 7),
        (None, None),
    ]
    assert (total(whole)["安装数"], total(whole)["关注"]) == (1234, 7)
    (note,) = (row[0] for row in lines(whole) if str(row[0]).startswith("空白"))
    assert note == "空白为未报，不按 0 计：安装数已报 1 / 3 家，关注已报 2 / 3 家"
    sheet = opened_sheet(whole)
    assert sheet.cell(4, 5).number_format == "#,##0"
    assert list(table(whole)[0])[-4:] == ["安装数", "关注", "结论", "备注"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_is_a_formula_or_holds_what_cannot_be_seen(name: str) -> None:
    whole = run(report(f"x{name}", verdict(Outcome.FAIL)), report(name, verdict(Outcome.PASS)))
    figures = (Figure(name=name.replace("\ud800", "?"), number=1),)
    odd = tuple(
        r.model_copy(
            update={
                "target": r.target.model_copy(update={"figures": figures}),
                "verdicts": tuple(v.model_copy(update={"name": name}) for v in r.verdicts),
            }
        )
        for r in whole.reports
    )
    rules = Policy(name=name, sha256="0")
    sheet = opened_sheet(
        whole.header.model_copy(update={"rules": rules}).with_reports(MemoryReports(odd))
    )
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    for cell in cells:
        assert not CONTROLS.search(str(cell.value))
        assert len(str(cell.value)) < 600
    assert all((d.height or 0) <= 409 for d in sheet.row_dimensions.values())


def test_it_is_made_for_the_desk_and_for_paper() -> None:
    sheet = opened_sheet(judged(page(), page()))
    assert sheet.freeze_panes == "C4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.page_setup.fitToWidth == 1
    assert "A1:F1" in {str(merged) for merged in sheet.merged_cells.ranges}


def test_a_big_sum_fits_its_column() -> None:
    one = report("甲", verdict(Outcome.PASS))
    figures = (Figure(name="数", number=MAX_FIGURE),)
    target = one.target.model_copy(update={"figures": figures})
    sheet = opened_sheet(run(one.model_copy(update={"target": target})))
    assert sheet.column_dimensions["E"].width > len(f"{MAX_FIGURE:,}")


def test_the_same_run_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = judged(page(), unseen())
    first = written(whole)
    at_another_hour(monkeypatch)
    assert written(whole) == first


def test_a_run_of_nothing_is_a_table_of_nothing() -> None:
    rows = lines(run())
    assert "应检 0 家" in rows[1][0]
    assert rows[3][0] == "合计"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a history of one run, and a file of numbers."""
    with opened(tmp_path / "history.sqlite3") as history:
        history.save(history_run(0, a="-", b="+"))
    csv_file(tmp_path, "单位,安装数\na局,5\nz局,6\n", "gb18030")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*words: str) -> typer.testing.Result:
    return typer.testing.CliRunner().invoke(build(*COMMANDS), list(words))


def test_a_stored_run_is_shown_as_a_form_with_numbers(desk: Path) -> None:
    done = ask("show", "last", "--numbers", "数字.csv", "--output", "form:统计表.xlsx")
    assert done.exit_code == 0, done.output
    assert "ycaudit: 数字.csv:3: 'z局' is no unit of this run; left out" in done.output
    head, *rows = list(load_workbook(desk / "统计表.xlsx").active.iter_rows(3, 6, values_only=True))
    assert head[3:] == ("门户", "安装数", "结论", "备注")
    assert [row[1:5] for row in rows[:2]] == [
        ("a局", "http://a.test/", "无", 5),
        ("b局", "http://b.test/", "有", None),
    ]


def test_the_suffix_still_means_the_workbook(desk: Path) -> None:
    assert by_suffix(".xlsx") == "xlsx"
    assert ask("show", "last", "--output", "a.xlsx", "--output", "xlsx:b.xlsx").exit_code == 0
    for name in ("a.xlsx", "b.xlsx"):
        assert "汇总" in load_workbook(desk / name).sheetnames
    assert ask("show", "last", "--output", "json:run.txt").exit_code == 0
    assert json.loads((desk / "run.txt").read_text(encoding="utf-8"))["reports"]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("form:统计表", "form is written as .xlsx"),
        ("form:统计表.html", "form is written as .xlsx"),
        ("form:", "the suffix says no format"),
        ("nothing:统计表", "nothing is no format"),
        ("form:no/where/x.xlsx", "no file can be written there"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(
    desk: Path, output: str, told: str
) -> None:
    done = ask("show", "last", "--output", output)
    assert isinstance(done.exception, AuditError)
    assert told in str(done.exception)


@pytest.mark.skipif(sys.platform == "win32", reason="colons in names")
def test_a_drive_and_an_unknown_name_stay_parts_of_the_path(desk: Path) -> None:
    assert ask("show", "last", "--output", r"C:\x.html", "--output", "统计:x.json").exit_code == 0
    assert (desk / r"C:\x.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert (desk / "统计:x.json").exists()


def test_a_terminal_is_told_how_to_choose_it() -> None:
    with pytest.raises(AuditError, match=r"write it with --output form:NAME\.xlsx"):
        Outputs.of("form", [], to_terminal=True)
    with pytest.raises(AuditError, match=r"write it with --output NAME\.xlsx"):
        Outputs.of("xlsx", [], to_terminal=True)


def test_a_scan_reads_the_numbers_before_it_looks_and_keeps_them(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []

    def audit(
        units: Sequence[Unit],
        _policy: Policy,
        _request: object,
        recorder: Recorder,
        _listener: object,
        *,
        no_website: object,
    ) -> ScanRun:
        looked.extend(units)
        run = history_run(1).header
        recorder.begin(run)
        for place, unit in enumerate(units):
            seen = page(link("http://p.test/"))
            report = UnitReport(target=unit.target, observations=(seen,), verdicts=unit.judge(seen))
            recorder.take(place, report)
        return recorder.finish(run)

    monkeypatch.setattr(service, "run", audit)
    (desk / "targets.yaml").write_text(
        'units:\n  - {id: a, name: a局, url: "http://a.test/"}\n', encoding="utf-8"
    )
    (desk / "rules.yaml").write_text(
        "name: 规则\nrequirements:\n"
        "  - {id: p, name: 门户, kind: link, accept: [{host: p.test}]}\n",
        encoding="utf-8",
    )
    words = ("scan", "--rules", "rules.yaml", "--numbers")
    refused = ask(*words, "none.csv")
    assert "none.csv: no such file" in str(refused.exception)
    assert looked == []
    done = ask(*words, "数字.csv", "--output", "form:x.xlsx")
    assert done.exit_code == 0, done.output
    with opened(desk / "history.sqlite3") as history:
        assert numbers(history.load("last")) == {"a": {"安装数": 5}}


def test_a_form_goes_by_mail_under_its_own_name(desk: Path) -> None:
    refused = ask("mail", "last", "--attach", "form", "--attach", "github")
    assert str(refused.exception).startswith("--attach 'github': choose one of ")
    assert "form" in str(refused.exception)
    whole = history_run(0, a="-")
    file = _attachment(whole, "form", None, NO_BACKGROUND)
    assert file.name.startswith("统计表_2026060")
    assert file.name.endswith(".xlsx")
    assert load_workbook(io.BytesIO(file.data)).sheetnames == ["统计表"]
    assert _attachment(whole, "xlsx", None, NO_BACKGROUND).name.startswith("检查结果_")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_is_chinese_for_whoever_reads(language: str) -> None:
    whole = run(
        report("甲", verdict(Outcome.PASS), verdict(Outcome.UNDETERMINED, "p", level="should")),
        report("乙", verdict(Outcome.WAIVED), verdict(Outcome.FAIL, "p")),
        suspicions=(),
    )
    with in_language(language):
        first, second = table(whole)
        told = lines(whole)[1][0]
    assert told.endswith("应检 2 家：合格 1，不合格 1，待核实 0，豁免 0")
    assert (first["微信公众号"], first["政府门户链接（建议）"]) == ("有", "待核实")
    assert (second["微信公众号"], second["结论"]) == ("豁免", "不合格")


def test_units_and_sites_are_told_apart_and_units_without_a_website_are_there() -> None:
    whole = judged(page(link("http://p.test/")), page(), page(link("http://p.test/")))
    named = [{"unit": "丁局", "figures": (Figure(name="安装数", number=5),)}, {"unit": "丁局"}, {}]
    reports = MemoryReports(
        r.model_copy(update={"target": r.target.model_copy(update=more)})
        for r, more in zip(whole.reports, named, strict=True)
    )
    without = (NoWebsite(id="w", name="档案馆"),)
    whole = whole.header.model_copy(update={"no_website": without}).with_reports(reports)
    _, told, head, *rows = lines(whole)
    assert (
        "应检 3 家（其中未开设网站 1 家），网站 3 个（以下按网站计）：合格 2，不合格 1" in told[0]
    )
    assert [row[1:3] for row in rows[:2]] == [
        ["丁局", "http://7532.test/"],
        ["丁局", "http://4e59.test/"],
    ]
    assert dict(zip(head, rows[3], strict=True)) == {
        "序号": 4, "单位": "档案馆", "网址": "未开设网站", "门户": "不适用", "安装数": None,
        "结论": "未开设网站", "备注": None,
    }  # fmt: skip
    assert rows[4][3:5] == ["2 / 3", 5]
    assert rows[5][0] == "空白为未报，不按 0 计：安装数已报 1 / 3 家"
