"""The circular as another office suite lays it out: nothing is lost, and the date has company."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import docx
import pytest

from support.papers import MIXED, written
from ycaudit.report.formats import Background
from ycaudit.report.letterhead import Letterhead

pytestmark = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs LibreOffice and pdftotext",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The circular with its office's words, as a document and as the PDF of it."""
    there = tmp_path_factory.mktemp("paper")
    due = date(2026, 7, 15)
    head = Letterhead("云江市人民政府办公室", "云政办函〔2026〕12号", due, "张三", "6251234")
    data = written("docx", MIXED, background=Background(letterhead=head))
    (there / "paper.docx").write_bytes(data)
    profile = f"-env:UserInstallation={(there / 'profile').as_uri()}"
    line = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(there)]
    subprocess.run([*line, str(there / "paper.docx")], check=True, capture_output=True)
    return there


def pages(folder: Path) -> list[str]:
    line = ["pdftotext", "-layout", str(folder / "paper.pdf"), "-"]
    told = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return told.split("\f")[:-1]


def test_no_character_of_the_text_is_lost(folder: Path) -> None:
    document = docx.Document(str(folder / "paper.docx"))
    cells = [c.text for t in document.tables for row in t.rows for c in dict.fromkeys(row.cells)]
    text = "".join([*(p.text for p in document.paragraphs), *cells])
    shown = Counter("".join(pages(folder)))
    wanted = Counter(re.sub(r"\s", "", text))
    assert {c: n for c, n in wanted.items() if shown[c] < n} == {}


def test_the_date_stands_below_text_of_the_circular(folder: Path) -> None:
    (page,) = (page for page in pages(folder) if "____年__月__日" in page)
    assert page.index("待核实的1" if "待核实的1" in page else "待核实的") < page.index(
        "____年__月__日"
    )


def test_odd_pages_are_numbered_right_and_even_ones_left(folder: Path) -> None:
    for number, page in enumerate(pages(folder), start=1):
        (line,) = (line for line in page.splitlines() if re.fullmatch(rf" *— ?{number} ?—", line))
        indent = len(line) - len(line.lstrip())
        assert (indent > 20) is (number % 2 == 1), line
