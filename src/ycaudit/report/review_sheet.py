"""Reads the sheets of workbooks that people fill in, such as their decisions."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ycaudit import i18n
from ycaudit.errors import AuditError, ConfigError, Problem, why_of
from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome
from ycaudit.report.rows import REVIEW, REVIEW_SHEET, TO_CALL, WORD, clean

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000


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
    """A row with a decision."""

    unit: str
    requirement: str
    outcome: Outcome
    by: str
    note: str
    row: int


def read_reviews(path: Path) -> tuple[Review, ...]:
    """Every filled row of the sheet 人工核定.

    Raises AuditError where the file is no such workbook, ConfigError with every row that is wrong.
    """
    problems: list[Problem] = []
    reviews = tuple(_reviews(path, problems))
    if problems:
        raise ConfigError(problems)
    return reviews


def _reviews(path: Path, problems: list[Problem]) -> Iterator[Review]:
    outcomes, to_call = _outcomes(), in_all(TO_CALL)
    wanted = (WORD[Outcome.PASS], WORD[Outcome.FAIL], TO_CALL)
    for number, cells in filled_rows(path, REVIEW_SHEET, REVIEW):
        word = cells[Message("人工核定")]
        if not word or word in to_call:
            continue
        unit, requirement, by = (
            cells[Message("编号")],
            cells[Message("要求编号")],
            cells[Message("核定人")],
        )
        if word not in outcomes:
            what = Message(
                "人工核定 is {0!r}; write {1}, {2} or {3}, or leave it empty", word, *wanted
            )
        elif not by:
            what = Message("核定人 is empty: a decision has a name")
        elif not unit or not requirement:
            what = Message(
                "编号 or 要求编号 is missing: the program needs both to find the verdict"
            )
        else:
            yield Review(unit, requirement, outcomes[word], by, cells[Message("备注")], number)
            continue
        problems.append(Problem(str(path), number, what))


def filled_rows(
    path: Path, title: Message, columns: Sequence[Message]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the sheet below its head: the number (1-based), and the text under each heading.

    The columns may stand in any order, and in any language. Raises AuditError where the file is no
    workbook, or has no such sheet or column.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        if path.stat().st_size > MAX_BYTES:
            raise AuditError("{0}: larger than {1} MB", path, MAX_BYTES >> 20)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that it does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", path, why_of(error)) from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise AuditError("{0}: not an Excel workbook (.xlsx)", path) from error
    try:
        sheet = next((name for name in in_all(title) if name in book.sheetnames), None)
        if sheet is None:
            raise AuditError("{0} has no sheet {1}: take one that ycaudit wrote", path, title)
        head, rows = _headed(path, title, columns, book[sheet].iter_rows(values_only=True))
        yield from _filled(path, head, rows)
    finally:
        book.close()


def _headed(
    path: Path, title: Message, columns: Sequence[Message], rows: Iterator[tuple[object, ...]]
) -> tuple[list[str], Iterator[tuple[object, ...]]]:
    """The headings as the source has them, and the rows below."""
    known = {word: column for column in columns for word in in_all(column)}
    head = [known.get(_text(cell), _text(cell)) for cell in next(rows, ())]
    if missing := [column for column in columns if column not in head]:
        raise AuditError("{0}: the sheet {1} lacks {2}", path, title, "、".join(missing))
    return head, rows


def _filled(
    path: Path, head: list[str], rows: Iterator[tuple[object, ...]]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in enumerate(rows, 2):
        if number > MAX_ROWS:
            raise AuditError("{0}: more than {1} rows", path, MAX_ROWS)
        yield number, dict(zip(head, map(_text, cells), strict=False))


def _text(cell: object) -> str:
    return "" if cell is None else clean(str(cell), 300).strip()
