"""Reads the sheet on which people wrote what they decided."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ycaudit import i18n
from ycaudit.errors import AuditError, ConfigError, Problem
from ycaudit.model import Outcome
from ycaudit.report.rows import (
    REVIEW,
    REVIEW_SHEET,
    WORD,
    clean,
)

MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000


def _in_all(text: str) -> dict[str, str]:
    """A word of the sheet in every language that it may have been written in."""
    said = {text: text}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            said[i18n.told(text)] = text
    return said


def _outcomes() -> dict[str, Outcome]:
    """What people may write, in every language."""
    with i18n.speaking(i18n.SOURCE):
        source = {outcome: WORD[outcome] for outcome in (Outcome.PASS, Outcome.FAIL)}
    return {said: outcome for outcome, word in source.items() for said in _in_all(word)}


@dataclass(frozen=True, slots=True)
class Review:
    """One row that somebody filled in."""

    unit: str
    requirement: str
    outcome: Outcome
    by: str
    note: str
    row: int


def read_reviews(path: Path) -> tuple[Review, ...]:
    """Every filled row of the sheet 人工复核.

    Raises AuditError where the file is no such workbook, ConfigError with every row that is wrong.
    """
    problems: list[Problem] = []
    reviews = tuple(_reviews(path, problems))
    if problems:
        raise ConfigError(problems)
    return reviews


def _reviews(path: Path, problems: list[Problem]) -> Iterator[Review]:
    outcomes = _outcomes()
    wanted = " or ".join(WORD[outcome] for outcome in (Outcome.PASS, Outcome.FAIL))
    for number, cells in _rows(path):
        said = cells["人工复核"]
        if not said:
            continue
        unit, requirement, by = cells["编号"], cells["要求编号"], cells["复核人"]
        if said not in outcomes:
            what = f"人工复核 is {said!r}; write {wanted}, or leave it empty"
        elif not by:
            what = "复核人 is empty: a decision has a name"
        elif not unit or not requirement:
            what = "编号 or 要求编号 is missing: the program needs both to find the verdict"
        else:
            yield Review(unit, requirement, outcomes[said], by, cells["备注"], number)
            continue
        problems.append(Problem(str(path), number, what))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        if path.stat().st_size > MAX_BYTES:
            raise AuditError(f"{path}: larger than {MAX_BYTES >> 20} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles that it does not know
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise AuditError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise AuditError(f"{path}: not an Excel workbook (.xlsx)") from error
    try:
        sheet = next((name for name in _in_all(REVIEW_SHEET) if name in book.sheetnames), None)
        if sheet is None:
            raise AuditError(f"{path} has no sheet {REVIEW_SHEET}: take one that ycaudit wrote")
        yield from _filled(path, book[sheet].iter_rows(values_only=True))
    finally:
        book.close()


def _filled(path: Path, rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    known = {said: title for title in REVIEW for said in _in_all(title)}
    head = [known.get(_text(cell), _text(cell)) for cell in next(rows, ())]
    if missing := [title for title in REVIEW if title not in head]:
        raise AuditError(f"{path}: the sheet {REVIEW_SHEET} lacks {'、'.join(missing)}")
    for number, cells in enumerate(rows, 2):
        if number > MAX_ROWS:
            raise AuditError(f"{path}: more than {MAX_ROWS} rows")
        yield number, dict(zip(head, map(_text, cells), strict=False))


def _text(cell: object) -> str:
    return "" if cell is None else clean(str(cell), 300).strip()
