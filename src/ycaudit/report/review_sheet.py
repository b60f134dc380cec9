"""Reads the sheets of workbooks that people fill in, such as their decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ycaudit import i18n
from ycaudit.errors import AuditError, ConfigError, Problem, UnrecordedError
from ycaudit.i18n import Listed, Message, translate
from ycaudit.inputs.cells import NumberedRow, UnreadableError, row_problem
from ycaudit.inputs.spreadsheet import read_sheets
from ycaudit.model import Outcome
from ycaudit.report.rows import REVIEW, REVIEW_SHEET, TO_CALL, WORD, clean

_FORMER = {"人工核定": ("人工复核",), "核定人": ("复核人",), "系统检测结果": ("机器结论",)}
"""What the words of the sheet were before: workbooks that went around are taken, too."""


def in_all(text: str) -> dict[str, str]:
    """The translations of a word of the sheet, and its former ones, each mapped to the word."""
    words = {text: text, **dict.fromkeys(_FORMER.get(text, ()), text)}
    for language in i18n.LANGUAGES:
        with i18n.in_language(language):
            words[translate(text)] = text
    return words


def _outcomes() -> dict[str, Outcome]:
    """The words for outcomes in every language."""
    with i18n.in_language(i18n.SOURCE):
        source = {outcome: WORD[outcome] for outcome in (Outcome.PASS, Outcome.FAIL)}
    return {name: outcome for outcome, word in source.items() for name in in_all(word)}


@dataclass(frozen=True, slots=True)
class Review:
    """A row with a decision, or with a note that the unit is to be called."""

    unit: str
    requirement: str
    outcome: Outcome | None
    """None where the unit is to be called."""
    by: str
    note: str
    sheet: str
    row: int

    def problem(self, file: str, what: str) -> Problem:
        """A problem with this row of the file."""
        return row_problem(file, self.sheet, self.row, what)


def read_reviews(path: Path) -> tuple[Review, ...]:
    """Every filled row of the sheet 人工核定.

    Raises AuditError where the file is no such workbook, ConfigError with every row that is wrong.
    """
    problems: list[Problem] = []
    reviews = tuple(_reviews(path, problems))
    if problems:
        raise UnrecordedError(problems)
    return reviews


def _reviews(path: Path, problems: list[Problem]) -> Iterator[Review]:
    words: dict[str, Outcome | None] = {**_outcomes(), **dict.fromkeys(in_all(TO_CALL))}
    wanted = (WORD[Outcome.PASS], WORD[Outcome.FAIL], TO_CALL)
    called = i18n.of_office(REVIEW_SHEET)
    for sheet, number, cells in filled_rows(path, REVIEW_SHEET, REVIEW, called=called):
        word = cells[Message("人工核定")]
        if not word:
            continue
        unit, requirement, by = (
            cells[Message("编号")],
            cells[Message("要求编号")],
            cells[Message("核定人")],
        )
        if word not in words:
            what = Message(
                "人工核定 is {0!r}; write {1}, {2} or {3}, or leave it empty", word, *wanted
            )
        elif not by and words[word] is not None:
            what = Message("核定人 is empty: a decision has a name")
        elif not unit or not requirement:
            what = Message(
                "编号 or 要求编号 is missing: the program needs both to find the verdict"
            )
        else:
            note = cells[Message("备注")]
            yield Review(unit, requirement, words[word], by, note, sheet, number)
            continue
        problems.append(row_problem(str(path), sheet, number, what))


def filled_rows(
    path: Path, title: Message, columns: Sequence[Message], *, called: str
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The rows of the sheet that are filled, below its head: the sheet's name, the number
    (1-based), and the text under each heading.

    The columns may stand in any order, and in any language; `called` is what the sheet is called
    where ycaudit writes it. Raises AuditError where the file is no
    workbook, or has no such sheet or column.
    """
    try:
        sheets = [sheet for found in read_sheets(path, in_all(title)) for sheet in found]
    except UnreadableError as error:
        raise ConfigError([Problem(str(path), None, error.message)]) from error
    if not sheets:
        raise AuditError("{0} has no sheet “{1}”: take one that ycaudit wrote", path, called)
    name, rows = sheets[0].name, sheets[0].rows
    known = {word: column for column in columns for word in in_all(column)}
    head = [known.get(text, text) for text in _texts(rows[0])] if rows else []
    if missing := [column for column in columns if column not in head]:
        raise AuditError("{0}: the sheet “{1}” lacks {2}", path, name, Listed(missing))
    for row in rows[1:]:
        yield name, row[0], dict.fromkeys(head, "") | dict(zip(head, _texts(row), strict=False))


def _texts(row: NumberedRow) -> list[str]:
    return [clean(cell.text, 300).strip() for cell in row[1]]
