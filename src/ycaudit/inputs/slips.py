"""Reads what units answered (回执) from a sheet: of any kind of file, under the usual headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ycaudit.errors import ConfigError, InvalidValueError, Problem, UnrecordedError
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.cell_url import quoted
from ycaudit.inputs.cells import day_in, no_day, row_problem
from ycaudit.inputs.headings import heading
from ycaudit.inputs.unit_table import Grid, Line, read_grids

HEADERS: dict[str, tuple[str, ...]] = {
    "told": ("告知日期", "通知日期", "送达日期", "签收日期", "告知时间", "送达时间", "toldon"),
    "answer": ("答复", "回执", "答复意见", "回复", "回复意见", "是否有异议", "有无异议", "answer"),
    "grounds": ("异议理由", "异议内容", "异议", "理由", "不同意见", "说明", "备注", "grounds"),
    "on": ("答复日期", "回复日期", "回执日期", "答复时间", "回复时间", "收到日期", "answeredon"),
    "by": ("答复人", "回复人", "填报人", "签收人", "经办人", "联系人", "answeredby"),
}
"""The headings of each field; where several columns fit, the earlier heading is preferred."""
ANSWERS: dict[str, tuple[bool, str]] = {
    **dict.fromkeys(("无异议", "无", "没有异议", "同意", "否", "noobjection"), (False, "")),
    **dict.fromkeys(("已整改", "已完成", "已完成整改", "mended"), (False, "已整改")),
    **dict.fromkeys(("有异议", "有", "提出异议", "不同意", "是", "objection"), (True, "")),
}
"""The words of answers: whether it is an objection, and what else it says."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A row: when the unit was told, and what it answered; either may be missing."""

    unit: Line
    sheet: str
    told: date | None = None
    objects: bool = False
    on: date | None = None
    """The day of the answer; None where there is none."""
    by: str = ""
    note: str = ""


def read_slips(path: Path) -> tuple[Slip, ...]:
    """The rows of the sheet that say something. Raises ConfigError with every row that is wrong."""
    grids = [(grid, columns) for grid in read_grids(path) if (columns := _columns(grid))]
    if not grids:
        words = Listed(("告知日期", "答复", "答复日期", "答复人"))
        what = Message("no table of it has a column for an answer; understood are {0}", words)
        raise ConfigError([Problem(str(path), None, what)])
    problems: list[Problem] = []
    slips = tuple(
        slip for grid, columns in grids for slip in _slips(str(path), grid, columns, problems)
    )
    if problems:
        raise UnrecordedError(problems)
    return slips


def _columns(grid: Grid) -> Mapping[str, int]:
    """The column (0-based) of each field; empty where it is no table of slips."""
    heads = [heading(head) for head in grid.heads]
    found = {
        field: heads.index(next(word for word in words if word in heads))
        for field, words in HEADERS.items()
        if not set(words).isdisjoint(heads)
    }
    return found if "answer" in found or "told" in found else {}


def _slips(
    file: str, grid: Grid, columns: Mapping[str, int], problems: list[Problem]
) -> Iterator[Slip]:
    for line in grid.lines:
        cells = {field: _cell(line.cells, column) for field, column in columns.items()}
        try:
            slip = _slip(line, grid.sheet, cells)
        except InvalidValueError as error:
            problems.append(row_problem(file, grid.sheet, line.number, error.message))
            continue
        if slip is not None:
            yield slip


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _slip(line: Line, sheet: str, cells: Mapping[str, str]) -> Slip | None:
    """What a row says; None where nothing. Raises InvalidValueError."""
    said = {field: cells.get(field, "") for field in HEADERS}
    told = _day("告知日期", said["told"]) if said["told"] else None
    if not said["answer"]:
        if said["on"]:
            raise InvalidValueError("答复 is empty: write 无异议, 有异议 or 已整改")
        return Slip(line, sheet, told) if told else None
    word = heading(said["answer"])
    if word not in ANSWERS:
        raise InvalidValueError(
            "答复 is {0}; write 无异议, 有异议 or 已整改, and the rest into 异议理由",
            quoted(said["answer"]),
        )
    objects, note = ANSWERS[word]
    if objects and not said["grounds"]:
        raise InvalidValueError("异议理由 is empty: an objection says why")
    if not said["by"]:
        raise InvalidValueError("答复人 is empty: an answer has a name")
    on = _day("答复日期", said["on"])
    note = "；".join(filter(None, (note, said["grounds"])))
    return Slip(line, sheet, told, objects, on, said["by"], note)


def _day(column: str, text: str) -> date:
    if (found := day_in(text)) is None:
        raise InvalidValueError("{0}: {1}", column, no_day(quoted(text)))
    return found
