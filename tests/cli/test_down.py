"""A site that is down by plan: nightly scans feed the history, and papers say what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from support.clocks import OfficeClock
from support.desk import Desk, paper
from support.inbox import Inbox
from support.town import PORTAL, built
from ycaudit.i18n import in_language

LOOK = ("--allow-private", "--observer", "static", "--no-cache")
THRESHOLD = """\
[unreachable]
days = 3
checks = 6
per_day = 2
share = 50
source = "《某市网站检查办法》第九条"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """甲局 is always up; 乙局 is up on the first night alone; 丙局 is down whenever asked."""
    monkeypatch.chdir(tmp_path)
    with built() as town:
        town.pages = {"a": PORTAL, "b": "更新中"}
        town.write_list(tmp_path, a="甲局", b="乙局", c="丙局")
        (tmp_path / "ycaudit.toml").write_text(THRESHOLD, encoding="utf-8")
        yield Desk(tmp_path, OfficeClock(monkeypatch), Inbox(), town)


def nights(desk: Desk) -> None:
    """A scan of all, then twice a day of those that are still to be verified."""
    desk.clock.set("2026-06-01 02:00")
    desk.does("scan", *LOOK, code=1)
    del desk.town.pages["b"]
    again = ("2026-06-01 20:00", "2026-06-02 02:00", "2026-06-02 20:00", "2026-06-03 02:00")
    for when in again:
        desk.clock.set(when)
        desk.does("scan", *LOOK, "--only", "undetermined", code=1)
    desk.clock.set("2026-06-03 20:00")
    desk.does("scan", *LOOK, code=3)


def told(desk: Desk, *words: str) -> list[str]:
    with in_language("zh"):
        return desk.does("history", *words).splitlines()


def test_every_check_is_told_and_whether_the_threshold_is_reached(desk: Desk) -> None:
    nights(desk)
    head, figures, first_last, why, reached = told(desk, "--unit", "丙局")
    assert head == f"丙局  {desk.town.url('c')}"
    assert figures == (
        "  3 天内（2026-06-01 至 2026-06-03）检查 6 次，可访问 0 次，无法访问 6 次。"
    )
    assert first_last == (
        "  首次：2026-06-01 02:00 无法访问（服务器返回 503）；"
        "末次：2026-06-03 20:00 无法访问（服务器返回 503）。"
    )
    assert why == "  未能看到首页的原因：服务器返回 503 6 次。"
    assert reached == (
        "  已达到认定网站无法访问的标准（无法访问的次数不少于 50%）：《某市网站检查办法》第九条。"
    )
    up_once = told(desk, "--unit", "乙局")
    assert "检查 2 次，可访问 1 次，无法访问 1 次" in up_once[1]
    assert up_once[-1].startswith("  检查次数不足（标准要求3 天内至少 6 次、每天至少 2 次）")
    # Other days are counted, and the threshold is not asked of them.
    assert (
        "1 天内（2026-06-03 至 2026-06-03）检查 2 次"
        in told(desk, "--unit", "丙局", "--days", "1")[1]
    )
    assert len(told(desk, "--unit", "丙局", "--days", "30")) == 4


def test_the_report_and_the_list_of_what_is_to_be_verified_say_it(desk: Desk) -> None:
    nights(desk)
    desk.does("show", "last", "--output", "r.html", "--output", "undetermined:待核实.docx")
    page = (desk.folder / "r.html").read_text(encoding="utf-8")
    assert page.count("检查 6 次，可访问 0 次") == 1
    assert page.count('class="availability"') == 2  # 甲局 is up
    text = paper(desk.folder / "待核实.docx")
    assert "检查 6 次，可访问 0 次，无法访问 6 次" in text
    assert "已达到认定网站无法访问的标准" in text


def test_the_circular_proves_it_of_whom_a_person_has_named(desk: Desk) -> None:
    nights(desk)
    desk.does("show", "last", "--output", "通报.docx")
    assert "无法访问" not in paper(desk.folder / "通报.docx")  # nobody is named by the machine
    desk.does("show", "last", "--output", "核定.xlsx")
    book = openpyxl.load_workbook(desk.folder / "核定.xlsx")
    for row in book["人工核定"].iter_rows(min_row=2):
        if row[8].value == "c":
            row[5].value, row[6].value = "不合格", "王敏"
    book.save(desk.folder / "核定.xlsx")
    desk.does("review", "last", "--from", "核定.xlsx")
    desk.does("show", "last", "--output", "通报.docx")
    text = paper(desk.folder / "通报.docx")
    assert "首页未能打开的网站的检查记录" in text
    assert "检查 6 次，可访问 0 次，无法访问 6 次" in text
    assert "门户：首页未能打开（服务器返回 503）" in text
    assert "使首页能够正常打开" in text
    assert "乙局" not in re.sub(r"应检.*", "", text)


def test_what_cannot_be_meant_is_told(desk: Desk) -> None:
    desk.clock.set("2026-06-01 02:00")
    desk.does("scan", *LOOK, code=1)
    desk.does("history", "--unit", "丁", code=2)
    assert "has looked at a site whose id, name or address contains 丁" in desk.told
    desk.does("history", "--days", "3", code=2)
    assert "--days is for --unit" in desk.told
