"""What papers say beside the run: the round before, of the same units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.history import START, run
from ycaudit import office_time
from ycaudit.auditing.papers import Office, background_of
from ycaudit.auditing.selection import narrowed
from ycaudit.inputs.plan import load_rules
from ycaudit.model import MemoryReports, ScanRun
from ycaudit.report.circular import template, written
from ycaudit.report.models import Words
from ycaudit.runs.history import History, opened
from ycaudit.runs.units import Choice

OFFICES = {"a": "教育局", "b": "教育局", "c": "卫健委", "d": "卫健委"}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with opened(tmp_path / "h.sqlite3") as kept:
        yield kept


def of_offices(whole: ScanRun) -> ScanRun:
    reports = [
        report.model_copy(
            update={
                "target": report.target.model_copy(
                    update={"office": OFFICES.get(report.target.id, "教育局")}
                )
            }
        )
        for report in whole.reports
    ]
    return whole.header.with_reports(MemoryReports(reports))


def circular(history: History, shown: ScanRun) -> str:
    today = office_time.today(START + timedelta(days=31))
    paper = written(shown, template(), background_of(shown, history, Office(), today=today))
    return "\n".join(paragraph.text for paragraph in paper.document.paragraphs)


def test_the_circular_of_an_office_compares_with_that_office(history: History) -> None:
    history.save(of_offices(run(0, a="-", b="+", c="+", d="+")))
    now = of_offices(run(30, a="+", b="+", c="-", d="+"))
    history.save(now)
    assert "（2026年6月1日，75%）持平" in circular(history, now)
    education = narrowed(now, Choice(offices=("教育局",)))
    assert "（2026年6月1日，50%）提高50个百分点" in circular(history, education)
    health = narrowed(now, Choice(offices=("卫健委",)))
    assert "（2026年6月1日，100%）下降50个百分点" in circular(history, health)


def test_papers_know_whether_a_text_is_each_units_own(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "name: 规则\n"
        "requirements:\n"
        "  - {id: icp, name: 备案号, kind: text, accept: [{pattern: '鄂ICP备\\d+号', "
        "sample: 鄂ICP备1号}]}\n"
        "  - {id: v6, name: IPv6, kind: text, accept: [{text: 已支持IPv6}]}\n"
        "  - {id: p, name: 门户, kind: link, accept: [{host: p.test}]}\n",
        encoding="utf-8",
    )
    _, policy = load_rules([rules])
    shown = run(0, a="-").model_copy(update={"rules": policy})
    told = background_of(shown, None, Office(rules=[rules]), today=office_time.today(START))
    assert told.words == {"icp": Words("鄂ICP备1号", True), "v6": Words("已支持IPv6", False)}
    assert list(told.official) == ["p"]
    other = background_of(run(0, a="-"), None, Office(rules=[rules]), today=START.date())
    assert (other.words, other.official) == ({}, {})


def test_an_office_with_a_new_unit_is_compared_with_nothing(history: History) -> None:
    history.save(of_offices(run(0, a="-", b="+", c="+")))
    now = of_offices(run(30, a="+", b="+", c="+", e="+"))
    history.save(now)
    assert "上次检查" not in circular(history, narrowed(now, Choice(offices=("教育局",))))
    assert "上次检查" in circular(history, narrowed(now, Choice(offices=("卫健委",))))
