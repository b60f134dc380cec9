"""Formats: each a function of the run, and none lets a hostile page out."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.runs import HOSTILE, rendered, run_of
from ycaudit.report.csv_rows import inert
from ycaudit.report.formats import FORMATS, by_suffix
from ycaudit.report.rows import clean, worst_first


@pytest.mark.parametrize("name", [name for name, f in FORMATS.items() if f.text])
def test_every_format_tells_every_unit_of_every_run(name: str) -> None:
    for run in (run_of(), run_of("宜昌市教育局"), run_of("甲", "乙", "丙")):
        text = rendered(name, run)
        assert all(report.target.name in text for report in run.reports)


@pytest.mark.parametrize("name", ["table", "csv"])
def test_nothing_hostile_reaches_a_terminal_or_a_sheet(name: str) -> None:
    names = [n for n in HOSTILE if n != "\ud800"]
    text = rendered(name, run_of(*names))
    for forbidden in ("\x1b", "\x07", "\u202e", "\u2028"):
        assert forbidden not in text
    assert "[red]" in text  # told as written, not obeyed


def test_no_cell_of_the_sheet_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(rendered("csv", run_of("=1+1", "@x", "＝2", "普通")))))
    assert len(rows) == 9
    for cell in (cell for row in rows for cell in row):
        assert cell[:1] not in ("=", "+", "-", "@", "＝")


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u2060", "\u00ad", "\u180e", "\u061c", "\u3164", "\ufe0f", "\U000e0020"]
)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝"])
def test_a_formula_is_none_behind_what_nobody_sees_either(unseen: str, sign: str) -> None:
    hidden = f"{unseen}{sign}1+1"
    assert inert(hidden) == f"'{hidden}"
    assert inert(f"{unseen}普通{sign}") == f"{unseen}普通{sign}"


def test_json_lines_hold_one_report_each() -> None:
    names = ["甲", "乙\n", "丙\u2028丁", "戊\u2029己\x85庚", "辛\x1c壬\x0b癸\\u2028"]
    lines = rendered("jsonl", run_of(*names)).splitlines()
    assert [json.loads(line)["target"]["name"] for line in lines] == names


def test_the_table_puts_columns_under_each_other_whatever_the_script() -> None:
    from rich.cells import cell_len

    table = rendered("table", run_of("宜昌市教育局", "ABC School")).splitlines()
    bordered = [line for line in table if line.startswith(("│", "┃", "└", "┏"))]
    assert len({cell_len(line) for line in bordered}) == 1


def test_the_worst_unit_stands_first_and_equals_keep_their_order() -> None:
    run = run_of("甲", "乙")
    assert [r.target.name for r in worst_first(run)] == ["甲", "乙"]


def test_suffixes_name_formats() -> None:
    assert by_suffix(".JSON") == "json"
    assert by_suffix(".exe") is None
    suffixes = [suffix for f in FORMATS.values() for suffix in f.suffixes]
    assert len(suffixes) == len(set(suffixes))


@given(st.text())
def test_any_text_becomes_one_harmless_line(text: str) -> None:
    line = clean(text, 50)
    assert len(line) <= 50
    assert line.isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line)
    assert len(line.splitlines()) <= 1
