"""Numbers as offices write them: a count, or left out and said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pydantic import ValidationError

from support.figures import csv_file, numbers, taken
from support.history import run as history_run
from ycaudit.errors import ConfigError
from ycaudit.inputs.assignment import merged
from ycaudit.inputs.statistics import number, read_figures
from ycaudit.model import MAX_FIGURE, Figure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("120", 120), ("0", 0), ("1,234", 1234), ("１２３", 123), ("１，２３４", 1234),
        ("120人", 120), (" 120 ", 120), ("1,234,567 次", 1234567), ("12.0", 12), ("007", 7),
        ("", None), ("-5", None), ("−5", None), ("12.5", None), ("约100", None), ("1,23", None),
        ("120²", None), ("①", None), ("٣", None), ("1.2万", None), ("85%", None), ("1e3", None),
        ("=1+1", None), ("100-200", None), ("9" * 16, None), ("9" * 9999, None), ("无", None),
    ],
)  # fmt: skip
def test_a_count_is_read_as_offices_write_it_and_nothing_else_is_one(
    text: str, said: int | None
) -> None:
    assert number(text) == said


@given(st.text() | st.from_regex(r"[-+]?[0-9０-９,，.]{1,20}.?"))
def test_whatever_a_cell_says_the_number_is_a_count_or_none(text: str) -> None:
    said = number(text)
    assert said is None or 0 <= said <= MAX_FIGURE


def test_a_figure_of_the_document_is_a_count() -> None:
    for wrong in (-1, MAX_FIGURE + 1):
        with pytest.raises(ValidationError):
            Figure(name="数", number=wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_of_any_office_is_read(tmp_path: Path, encoding: str) -> None:
    text = '统计表,,,\n序号,单位名称,云上宜昌安装数,联系人\n1,a局,"1,234",张三\n2,b局,,李四\n'
    figures = read_figures(csv_file(tmp_path, text, encoding))
    assert (figures.columns, figures.problems) == (("云上宜昌安装数",), ())
    whole, problems = merged(history_run(0, a="+", b="-", c="?"), figures)
    assert problems == ()
    assert numbers(whole) == {
        "a": {"云上宜昌安装数": 1234},
        "b": {"云上宜昌安装数": None},
        "c": {"云上宜昌安装数": None},
    }


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["网址", "安装数"])
    book.active.append(["http://A.test", 12])
    more = book.create_sheet("二")
    more.append(["编号", "关注人数"])
    more.append(["b", "15人"])
    more.append(["b", -3])
    more.append(["合计", 27])
    book.save(tmp_path / "数字.xlsx")
    figures = read_figures(tmp_path / "数字.xlsx")
    whole, problems = merged(history_run(0, a="+", b="+"), figures)
    assert numbers(whole) == {
        "a": {"安装数": 12, "关注人数": None},
        "b": {"安装数": None, "关注人数": 15},
    }
    assert problems == ()
    assert [(p.line, p.what) for p in figures.problems] == [
        (3, "sheet 二: 关注人数 is '-3', no count; left out")
    ]


def test_what_is_no_count_is_told_cell_by_cell_and_text_is_no_number(tmp_path: Path) -> None:
    text = "单位,安装数,情况,手机号\na局,约100,好,13800000000\nb局,12,已完成,13900000000\n"
    got, told = taken(tmp_path, text, "a", "b")
    assert got == {"a": {"安装数": None}, "b": {"安装数": 12}}
    assert told == f"{tmp_path}/数字.csv:2: 安装数 is '约100', no count; left out"


def test_cells_that_may_be_shifted_are_not_taken(tmp_path: Path) -> None:
    got, told = taken(tmp_path, "单位,数,人\na局,1,234,5\nb局,1,2\n", "a", "b")
    assert got == {"a": {"数": None, "人": None}, "b": {"数": 1, "人": 2}}
    assert "'5' stands under no heading" in told
    assert "1,234 needs quotes" in told


def test_columns_without_a_name_or_with_one_twice_are_told(tmp_path: Path) -> None:
    got, told = taken(tmp_path, "单位,数,,数,人\na局,1,2,3,4\n", "a")
    assert got == {"a": {"数": 1, "人": 4}}
    assert ":1: column 3 holds numbers under no heading; left out" in told
    assert ":1: column 4 is called '数' once more; left out" in told


def test_a_file_without_units_or_numbers_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none of the first 20 rows names a column of units"):
        read_figures(csv_file(tmp_path, "甲,乙\n1,2\n"))
    with pytest.raises(ConfigError, match="no such file"):
        read_figures(tmp_path / "无.csv")
    got, told = taken(tmp_path, "单位,完成率\na局,85%\n", "a")
    assert got == {"a": {}}
    assert "完成率 is '85%', no count; left out" in told
    _, told = taken(tmp_path, "单位,情况\na局,好\n", "a")
    assert told == f"{tmp_path}/数字.csv:1: no column below holds numbers"


@settings(deadline=None)  # it writes a file, which takes what the disk takes
@given(st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=6))
def test_whatever_stands_in_the_file_no_number_is_below_nothing(rows: list[list[str]]) -> None:
    import csv
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            csv.writer(file).writerows([["单位", "数", "人"], ["a局", "1", ""], *rows])
        whole, _ = merged(history_run(0, a="+"), read_figures(path))
    for said in numbers(whole)["a"].values():
        assert said is None or said >= 0
