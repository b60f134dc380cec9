"""Every format, as it is written today: what changes in one is seen in a diff and meant.

To accept a change: YCAUDIT_ACCEPT=1 pytest tests/test_golden.py, and read the diff.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import docx
import openpyxl
import pytest
from test_formats import HOSTILE

from conftest import NOON, blind, code, link, page, unseen
from ycaudit.model import (
    Contact,
    Decision,
    Listed,
    Outcome,
    Page,
    Policy,
    ScanRun,
    Sense,
    Target,
    Tool,
    UnitReport,
    Unseen,
    Visibility,
    Waiver,
)
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.rules.requirements import LinkRequirement, QrRequirement
from ycaudit.runs.decisions import decided, fingerprint

GOLDEN = Path(__file__).parent / "golden"
RULES = (
    LinkRequirement(id="portal", name="门户网", clause="三、1", kind="link",
                    accept=[{"host": "p.test", "path": "root"}]),
    QrRequirement(id="weixin", name="发布微信", clause="三、2", kind="qr",
                  accept=[{"payload": "http://weixin.qq.com/r/right"}]),
    LinkRequirement(id="advert", name="广告", kind="link", expect="absent", level="should",
                    accept=[{"host": "ads.test"}]),
)  # fmt: skip
RIGHT = (link("http://p.test/", "门户网"), code("http://weixin.qq.com/r/right", "发布微信"))


def report(number: int, name: str, observation: Page | Unseen, waived: str = "") -> UnitReport:
    target = Target(
        id=f"u{number}",
        name=name,
        url="http://unit.test/",
        tags=("学校",) if number % 2 else (),
        contact=Contact(person="王", email="w@unit.test"),
        listed=Listed(file="targets.yaml", line=number + 2),
    )
    waivers = ()
    if waived:
        waivers = (
            Waiver(unit=target.id, requirement=waived, reason="网站迁移", approved_by="李",
                   until=date(2026, 12, 31)),
        )  # fmt: skip
    unit = Unit(target=target, requirements=RULES, waivers=waivers)
    return UnitReport(
        target=target,
        observations=(observation,),
        waivers=waivers,
        verdicts=unit.judge(observation),
        seconds=1.5,
    )


def golden_run() -> ScanRun:
    """One unit of every fate, and one whose words are hostile."""
    hostile = " ".join(h for h in HOSTILE if h[0] not in "长\ud800")
    other = page(link("http://p.test/news", "门户网"), code("http://x.test/", "发布微信"))
    evil = page(link(f"http://p.test.evil.test/?{hostile}", hostile), code(hostile, hostile))
    reports = (
        report(0, "甲局", page(*RIGHT)),
        report(1, "乙中学", other),
        report(2, "丙医院", unseen()),
        report(3, "丁公司", page(RIGHT[0], blind(Sense.QR_CODE))),
        report(4, "戊局", page(RIGHT[0]), waived="weixin"),
        report(5, "己小学", page(link("http://p.test/", "", Visibility.HIDDEN), RIGHT[1])),
        report(6, "庚馆", page(*RIGHT, link("http://ads.test/", "广告"))),
        report(7, hostile, evil),
    )  # fmt: skip
    run = ScanRun(
        id="20260615T120000.000000Z",
        tool=Tool(version="1"),
        rules=Policy(name="推广方案", sha256="0" * 64),
        started_at=NOON,
        finished_at=NOON + timedelta(minutes=3),
        reports=reports,
    )
    doubtful = reports[3]
    by_hand = Decision(
        outcome=Outcome.FAIL,
        by="赵",
        at=NOON + timedelta(hours=1),
        note="打电话问过",
        page=fingerprint(doubtful),
    )
    return decided(run, {(doubtful.target.id, "weixin"): by_hand})


def workbook_text(data: bytes) -> str:
    lines = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        lines.append(f"# {sheet.title}")
        for row in sheet.iter_rows():
            lines += [
                f"{cell.coordinate}\t{cell.value!r}" for cell in row if cell.value is not None
            ]
    return "\n".join(lines) + "\n"


def letter_text(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [
            " | ".join(cell.text.replace("\n", " / ") for cell in row.cells) for row in table.rows
        ]
    return "\n".join(lines) + "\n"


def folder_text(data: bytes) -> str:
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        for name in folder.namelist():
            inside = folder.read(name)
            text = letter_text(inside) if name.endswith(".docx") else inside.decode("utf-8-sig")
            parts.append(f"## {name}\n{text}")
    return "\n".join(parts)


def page_text(data: bytes) -> str:
    """The report without its looks, which tests of their own hold fast."""
    text = re.sub(r"(?s)<(style|script)[^>]*>.*?</\1>", "", data.decode())
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", text)


def as_text(name: str, data: bytes) -> str:
    if name == "html":
        return page_text(data)
    if data[:2] != b"PK":
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        names = set(folder.namelist())
    if "xl/workbook.xml" in names:
        return workbook_text(data)
    return letter_text(data) if "word/document.xml" in names else folder_text(data)


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_is_written_as_it_was(name: str) -> None:
    out = io.BytesIO()
    FORMATS[name].render(golden_run(), out)
    text = as_text(name, out.getvalue())
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("YCAUDIT_ACCEPT"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_run_is_written_in_the_same_bytes(name: str) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    FORMATS[name].render(golden_run(), first)
    FORMATS[name].render(golden_run(), second)
    assert first.getvalue() == second.getvalue()
