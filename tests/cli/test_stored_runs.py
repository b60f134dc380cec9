"""Run documents that commands are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import ycaudit
from support.history import run as history_run
from ycaudit.cli.stored_runs import chosen
from ycaudit.errors import AuditError
from ycaudit.model import MemoryReports, NoWebsite, ScanRun
from ycaudit.runs.history import LAST, opened


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("x", "（不是 JSON）"),
        ("[]", "（应是键值对）"),
        ('{"format": 7}', "（format: 应是以下之一：2）"),
        ('{"format": 2}', "（id: 缺失）"),
    ],
)
def test_what_is_no_run_document_is_refused_in_the_language_of_the_reader(
    tmp_path: Path, written: str, why: str
) -> None:
    (tmp_path / "run.json").write_text(written)
    done = ycaudit("--lang", "zh", "show", "run.json", cwd=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr


def supervised() -> ScanRun:
    """a of 甲局, b of 乙局 with a tag, c of nobody, and a unit without a website of 甲局."""
    says = {"a": {"office": "甲局"}, "b": {"office": "乙局", "tags": ("学校",)}, "c": {}}
    scan = history_run(0, a="+", b="-", c="+")
    reports = (
        r.model_copy(update={"target": r.target.model_copy(update=says[r.target.id])})
        for r in scan.reports
    )
    without = (NoWebsite(id="w", name="馆", office="甲局"),)
    header = scan.header.model_copy(update={"no_website": without})
    return header.with_reports(MemoryReports(reports))


@pytest.mark.parametrize(
    ("offices", "tags", "left"),
    [
        ([], [], ["a", "b", "c", "w"]),
        (["甲局"], [], ["a", "w"]),
        (["甲局", "乙局"], [], ["a", "b", "w"]),
        ([], ["学校"], ["b"]),
        (["乙局"], ["学校"], ["b"]),
    ],
)
def test_a_run_is_narrowed_to_offices_and_tags(
    offices: list[str], tags: list[str], left: list[str]
) -> None:
    found = chosen(supervised(), offices, tags)
    assert [*(r.target.id for r in found.reports), *(n.id for n in found.no_website)] == left


def test_an_office_that_nobody_has_is_told_with_those_that_there_are() -> None:
    with pytest.raises(AuditError, match="its offices are 甲局, 乙局"):
        chosen(supervised(), ["丙局"], [])
    with pytest.raises(AuditError, match="its list names no offices"):
        chosen(history_run(0, a="+"), ["丙局"], [])
    with pytest.raises(AuditError, match="--tag '学枝': no unit carries it; they carry 学校"):
        chosen(supervised(), [], ["学校", "学枝"])
    with pytest.raises(AuditError, match="none of the 3 sites of run"):
        chosen(supervised(), ["甲局"], ["学校"])


def test_last_is_the_last_run_that_came_to_its_end_and_a_newer_one_is_told_of(
    tmp_path: Path,
) -> None:
    whole, broken_off = history_run(0, a="-", b="+"), history_run(7, complete=False, b="+")
    with opened(tmp_path / "history.sqlite3") as kept:
        kept.save(whole)
        kept.save(broken_off)
    told = f"ycaudit: `last` is run {whole.id}; run {broken_off.id} has not come to its end\n"
    listed = ycaudit("cases", cwd=tmp_path)
    assert listed.stderr == told
    assert "a局" in listed.stdout
    slips = ycaudit("cases", "--slips", "slips.xlsx", cwd=tmp_path)
    assert slips.stdout == "1 unit in slips.xlsx\n"
    assert ycaudit("diff", cwd=tmp_path).stdout == "新增 1 项\n  a局  门户\n"
    said = ("--on", "2026-06-01", "--by", "王敏")
    recorded = ycaudit("cases", "record", "a局", "told", *said, cwd=tmp_path)
    assert recorded.stdout.startswith("recorded: a局")


def test_where_no_run_came_to_its_end_the_newest_is_the_last(tmp_path: Path) -> None:
    with opened(tmp_path / "history.sqlite3") as kept:
        for day in (0, 1):
            kept.save(history_run(day, complete=False, a="-"))
        assert kept.load(LAST).id == history_run(1).id
    assert ycaudit("cases", cwd=tmp_path).stderr == ""
