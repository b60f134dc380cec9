"""An inspector's week and the round two weeks later, by a fixed clock: each figure, each date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from support.clocks import OfficeClock
from support.codes import PAYLOAD, picture, saved
from support.desk import Desk, paper
from support.inbox import Inbox, environment, serving
from support.letters import body
from support.town import PORTAL, built
from ycaudit.model import ScanRun
from ycaudit.report.rows import REVIEW_SHEET
from ycaudit.runs.checks import CheckDay, check_days
from ycaudit.runs.manifests import manifests_in

CODE = '<p>政府微信 <img src="/code.png" alt="微信" width="148" height="148"></p>'
RULES = """\
name: 云江市网站规定
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: p.test}]}
  - {id: wechat, name: 微信, kind: qr, accept: []}
"""
LETTER = """\
[letter]
issuer = "云江市网信办"
number = "云网办〔2026〕12号"
deadline = 2026-11-16
contact = "张三"
phone = "0717-6251234"
"""
LOOK = ("--allow-private", "--observer", "static", "--no-cache", "--evidence", "proof")
NAMES = {"a": "甲局", "b": "乙局", "c": "丙局", "d": "丁局", "e": "戊局"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    box = Inbox()
    with built() as town, serving(box) as port:
        for key, value in environment(port).items():
            monkeypatch.setenv(key, value)
        town.files["code.png"] = saved(picture())
        town.pages = {"a": PORTAL + CODE, "b": CODE, "c": CODE, "e": CODE}  # 丁局 is down
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "rules.yaml").write_text(RULES, encoding="utf-8")
        (tmp_path / "ycaudit.toml").write_text(LETTER, encoding="utf-8")
        yield Desk(tmp_path, OfficeClock(monkeypatch), box, town)


def outcomes(run: ScanRun) -> str:
    """The outcomes of the units in their order, a letter each."""
    return "".join(str(report.outcome)[0] for report in run.reports)


def test_a_week_and_the_round_after_it(desk: Desk) -> None:
    monday(desk)
    tuesday(desk)
    wednesday(desk)
    thursday(desk)
    two_weeks_later(desk)


def monday(desk: Desk) -> None:
    """The list."""
    desk.clock.set("2026-11-02 09:00")
    rows = [f"{id},{name},{desk.town.url(id)},w@city.test" for id, name in NAMES.items()]
    text = "\n".join(["编号,单位,网址,邮箱", *rows])
    (desk.folder / "名单.csv").write_text(text, encoding="utf-8")
    desk.does("import", "名单.csv")


def tuesday(desk: Desk) -> None:
    """The scan."""
    desk.clock.set("2026-11-03 09:30")
    printed = desk.does("scan", *LOOK, code=1)
    run = desk.last()
    assert outcomes(run) == "uffuf"
    assert "不合格 3, 待核实 2" in printed
    (listed,) = desk.does("history").splitlines()
    assert "2026-11-03 09:30  5 sites: 不合格 3，待核实 2" in listed
    assert desk.does("diff").splitlines()[0] == "新增 3 项"


def wednesday(desk: Desk) -> None:
    """What the machine could not tell: the code is pinned, one is waived, fails are confirmed."""
    desk.clock.set("2026-11-04 10:00")
    scanned = desk.last()
    desk.does("pin", "wechat", PAYLOAD, "--source", "市网信办提供")
    with (desk.folder / "targets.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "waivers:\n  - {unit: e, requirement: portal, reason: 迁站, approved_by: 网信办, "
            "until: 2026-12-31}\n"
        )
    desk.does("judge", "last", code=1)
    judged = desk.last()
    assert judged.judges == scanned.id
    assert outcomes(judged) == "pffup"
    desk.does("show", "last", "--output", "table.xlsx")
    book = load_workbook(desk.folder / "table.xlsx")
    sheet = book[REVIEW_SHEET]
    head = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if (
            row[head.index("编号")].value in ("b", "c")
            and row[head.index("要求编号")].value == "portal"
        ):
            row[head.index("人工核定")].value = "不合格"
            row[head.index("核定人")].value = "王敏"
    book.save(desk.folder / "table.xlsx")
    desk.does("review", "last", "--from", "table.xlsx")
    decided_by = [v.decision for r in desk.last().reports for v in r.verdicts if v.decision]
    assert [one.by for one in decided_by] == ["王敏"] * 2
    assert "on 2026-11-04" in next(iter(desk.last().reports.briefs([1]))).verdicts[0].reason
    assert check_days(desk.last()) == (CheckDay(date(2026, 11, 3), first=5, again=0),)
    newest, older = desk.does("history").splitlines()
    assert "2026-11-03 09:30  5 sites: 不合格 2，待核实 1，合格 2" in newest
    assert f"(judges {scanned.id} anew)" in newest
    assert "不合格 3，待核实 2" in older


def thursday(desk: Desk) -> None:
    """The circular, and a letter to each unit though the line breaks off at the second."""
    desk.clock.set("2026-11-05 15:00")
    desk.does("show", "last", "--evidence", "proof", "--output", "通报.docx")
    told = paper(desk.folder / "通报.docx")
    assert "2026年11月3日" in told
    assert "复查" not in told
    assert "检查结果：合格2家，不合格2家，待核实1家。" in told
    assert "2026年11月16日前完成" in told
    issued = ("--on", "2026-11-05", "--until", "2026-11-16", "--by", "王敏")
    desk.does("cases", "record", "all", "named", *issued)
    desk.box.breaks_off_at = 2
    units = ("mail", "last", "--to-units", "--send", "--evidence", "proof")
    desk.does(*units, code=2)
    assert "1 of 2 letters handed over" in desk.told
    desk.box.breaks_off_at = None
    desk.does(*units)
    desk.does(*units)
    assert [str(one["Subject"])[2:4] for one in desk.box.letters] == ["乙局", "丙局"]
    for one, name in zip(desk.box.letters, "bc", strict=True):
        text = body(one, "plain")
        assert f"我们于 2026-11-03 检查了贵单位网站首页 {desk.town.url(name)} " in text
        assert "整改通知书见附件。" in text
        assert "请于 2026年11月16日 前完成整改" in text
        assert text.endswith("联系人：张三，电话：0717-6251234\n\n云江市网信办\n")
        assert "05 Nov 2026" in one["Date"]
        (notice,) = one.iter_attachments()
        assert NAMES[name] in str(notice.get_filename())
    desk.does("mail", "last", "--to", "office@city.test", "--send", "--attach", "csv")
    office = desk.box.letters[-1]
    assert str(office["Subject"]) == ("云江市网站规定：不合格 2，待核实 1，合格 2（新增 2 家）")
    text = body(office, "plain")
    assert "云江市网站规定（2026-11-03 09:30）" in text
    assert "应检 5 家：不合格 2 家，待核实 1 家，合格 2 家" in text
    assert text.count("2 家：乙局、丙局") == 1


def two_weeks_later(desk: Desk) -> None:
    """One has mended it, one has not; the others are taken as they were."""
    desk.clock.set("2026-11-17 09:00")
    desk.town.pages["b"] = PORTAL + CODE
    before = desk.last()
    desk.does("scan", *LOOK, "--only", "failed", code=1)
    scanned = desk.last()
    assert scanned.carries == before.id
    assert outcomes(scanned) == "ppfup"
    days = (CheckDay(date(2026, 11, 3), 5, 0), CheckDay(date(2026, 11, 17), 0, 2))
    assert check_days(scanned) == days
    desk.clock.set("2026-11-18 09:00")
    desk.does("judge", "last", code=1)
    run = desk.last()
    assert (run.judges, outcomes(run)) == (scanned.id, "ppfup")
    assert check_days(run) == days
    assert desk.does("diff") == (
        "仍未整改 1 项\n"
        "  丙局  门户（自 2026-11-03，连续 2 次未整改，2026-11-05 已通报）\n"
        "已整改 1 项\n"
        "  乙局  门户（2026-11-05 已通报）\n"
        "从未看到 1 个网站的首页\n"
        "  丁局  从未看到首页，已检 1 次\n"
    )
    desk.does("show", "last", "--output", "复查通报.docx")
    told = paper(desk.folder / "复查通报.docx")
    assert "2026年11月3日" in told
    assert "17日复查2家" in told
    assert "检查结果：合格3家，不合格1家，待核实1家。" in told
    assert "11月16日" not in told
    desk.does("mail", "last", "--to", "office@city.test", "--send", "--attach", "csv")
    text = body(desk.box.letters[-1], "plain")
    assert "2026-11-03 检查 5 家，2026-11-17 复查 2 家" in text
    assert "新增" not in text + str(desk.box.letters[-1]["Subject"])
    assert "（已整改 1 家）" in str(desk.box.letters[-1]["Subject"])
    the_unit_that_still_fails(desk, run)


def the_unit_that_still_fails(desk: Desk, run: ScanRun) -> None:
    """Its page shows the same, so that what a person confirmed still holds; the old deadline
    does not. Its proof is of the run that looked."""
    shown = desk.does("mail", "last", "--to-units")
    assert "我们于 2026-11-03 检查、2026-11-17 复查了贵单位网站首页" in shown
    assert "请及时整改" in shown
    assert set(re.findall(r"\d{4}-\d{2}-\d{2}", shown)) <= {
        "2026-11-03",
        "2026-11-04",
        "2026-11-17",
    }
    assert "2026年11月16日" not in shown
    looked = [one.manifest.run for one in manifests_in(desk.folder / "proof")]
    assert len(looked) == 2
    assert looked[1] == run.judges
    desk.does("verify", "proof")
    desk.does("show", "last", "--unit", "丙局", "--evidence", "proof", "--output", "证据包.zip")
    with ZipFile(desk.folder / "证据包.zip") as archive:
        files = archive.namelist()
        text = archive.read("01_丙局/结论与原因.txt").decode("utf-8-sig")
    assert f"证据清单_{run.judges}.json" in files
    assert "检查时间：2026-11-03 09:30、2026-11-17 09:00（北京时间）" in text
    assert "✗ 门户：不合格" in text
    assert "依据人工核定" in text
    assert "✓ 微信：合格" in text
