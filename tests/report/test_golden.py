"""Every format, as it is written today: what changes in one is seen in a diff and meant.

To accept a change: YCAUDIT_ACCEPT=1 pytest tests/report/test_golden.py, and read the diff.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from support.golden import golden_run
from ycaudit.report.formats import FORMATS

GOLDEN = Path(__file__).parent / "golden"


def workbook_text(data: bytes) -> str:
    lines = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        lines.append(f"# {sheet.title}")
        for row in sheet.iter_rows():
            lines += [
                f"{cell.coordinate}\t{cell.value!r}" for cell in row if cell.value is not None
            ]
    return "\n".join(lines) + "\n"


def letter_text(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [
            " | ".join(cell.text.replace("\n", " / ") for cell in row.cells) for row in table.rows
        ]
    return "\n".join(lines) + "\n"


def plain_text(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def folder_text(data: bytes) -> str:
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        for name in folder.namelist():
            inside = folder.read(name)
            is_paper = name.endswith(".docx")
            text = letter_text(inside) if is_paper else plain_text(inside)
            parts.append(f"## {name}\n{text}")
    return "\n".join(parts)


def page_text(data: bytes) -> str:
    """The report without its looks, which tests of their own hold fast."""
    text = re.sub(r"(?s)<(style|script)[^>]*>.*?</\1>", "", data.decode())
    return re.sub(r"sha256-[\w+/=]+", "sha256-…", text)


def as_text(name: str, data: bytes) -> str:
    if name == "html":
        return page_text(data)
    if data[:2] != b"PK":
        return plain_text(data)
    with zipfile.ZipFile(io.BytesIO(data)) as folder:
        names = set(folder.namelist())
    if "xl/workbook.xml" in names:
        return workbook_text(data)
    return letter_text(data) if "word/document.xml" in names else folder_text(data)


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_is_written_as_it_was(name: str) -> None:
    out = io.BytesIO()
    FORMATS[name].render(golden_run(), out)
    text = as_text(name, out.getvalue())
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("YCAUDIT_ACCEPT"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_run_is_written_in_the_same_bytes(name: str) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    FORMATS[name].render(golden_run(), first)
    FORMATS[name].render(golden_run(), second)
    assert first.getvalue() == second.getvalue()
