"""Reads a paper back as plain text: for eyes, before it is taken or sent."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from docx import Document
from docx.table import Table

from ycaudit.report.rows import clean

MAX_TEXT = 2000
"""Characters of a paragraph or a cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the rows of a table."""

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_of(data: bytes) -> Iterator[Block]:
    """The paragraphs and tables of a Word document of our own, in their order."""
    for item in Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(item, Table):
            yield Block(rows=tuple(tuple(_cells(row.cells)) for row in item.rows))
        elif text := clean(item.text, MAX_TEXT).strip():
            yield Block(text)


def _cells(cells: tuple[object, ...]) -> Iterator[str]:
    return (clean(str(getattr(cell, "text", "")), MAX_TEXT) for cell in cells)
