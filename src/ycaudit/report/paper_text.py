"""Reads a paper back as plain text: for eyes, before it is taken or sent."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from docx import Document
from docx.table import Table, _Row

from ycaudit.report.rows import clean

MAX_TEXT = 2000
"""Characters of a paragraph or a cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the rows of a table."""

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    """A row of one cell goes through all columns."""

    @property
    def width(self) -> int:
        """The columns of the table."""
        return max(map(len, self.rows), default=0)


def of_sheet(rows: Sequence[Sequence[str]]) -> Block:
    """A sheet without the empty rows and columns at its end; a line alone goes through them all."""
    width = max((number for row in rows for number, text in enumerate(row, 1) if text), default=0)
    cut = [(*row[:width], *[""] * (width - len(row))) for row in rows if any(row)]
    return Block(rows=tuple(row[:1] if row[0] and not any(row[1:]) else row for row in cut))


def blocks_of(data: bytes) -> Iterator[Block]:
    """The paragraphs and tables of a Word document of our own, in their order."""
    for item in Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(item, Table):
            yield Block(rows=tuple(tuple(_cells(row)) for row in item.rows))
        elif text := clean(item.text, MAX_TEXT).strip():
            yield Block(text)


def _cells(row: _Row) -> Iterator[str]:
    """The texts of a row; a cell that spans several columns stands once."""
    for _, same in groupby(row.cells, key=lambda cell: cell._tc):  # as python-docx names its XML
        yield clean(next(same).text, MAX_TEXT)
