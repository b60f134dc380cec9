"""CSV with one row per unit and requirement, which Excel opens without garbled Chinese."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import IO

from ycaudit.i18n import Message, translate
from ycaudit.model import ScanRun
from ycaudit.report.rows import WORD, Row, clean, described, rows

HEADER = (
    Message("序号"),
    Message("单位"),
    Message("网址"),
    Message("要求"),
    Message("结论"),
    Message("说明"),
    Message("依据"),
    Message("近似"),
    Message("编号"),
    Message("结果代码"),
)


def render(run: ScanRun, out: IO[bytes]) -> None:
    """UTF-8 with a byte order mark, which tells Excel the encoding."""
    out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(map(translate, HEADER))
    for number, row in enumerate(rows(run), start=1):
        writer.writerow([inert(cell) for cell in _cells(number, row)])
    text.detach()


def _cells(number: int, row: Row) -> tuple[str, ...]:
    target, verdict = row.report.target, row.verdict
    return (
        str(number),
        target.name,
        target.url,
        verdict.name,
        WORD[verdict.outcome],
        verdict.why.translated(),
        "; ".join(map(described, verdict.evidence)),
        "; ".join(map(described, verdict.near)),
        target.id,
        verdict.outcome,
    )


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP: CSV injection).

    What nobody sees may stand before it: programs that drop it find the formula.
    """
    text = clean(cell, 2000)
    return f"'{text}" if _FORMULA.match(text) else text


_FORMULA = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*[=+\-@＝＋－＠]"
)
"""What begins a formula, behind what is not shown: Default_Ignorable_Code_Point of Unicode
(DerivedCoreProperties.txt), and the blank pattern of Braille."""
