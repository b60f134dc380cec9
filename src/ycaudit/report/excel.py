"""Shared by all workbooks: inert text, styles, print setup, and reproducible files."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from ycaudit.i18n import Message
from ycaudit.model import Outcome, ScanRun
from ycaudit.report.rows import clean

MAX_CHARACTERS = 32_767
"""UTF-16 units in a cell: Excel repairs a file with more by dropping text."""
LINE, HIGHEST = 14.5, 400.0
"""Points of a line of text, and of a row (Excel allows 409)."""

FONT = Message("等线")
# Not allowed in XML: Excel refuses the whole file.
_NO_XML = re.compile("[\ufffe\uffff]")
# Excel reads _x0007_ as that control character.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

# The fill and font colour of each outcome, whose mark means the same to colour-blind readers.
COLOURS = {
    Outcome.PASS: ("C6EFCE", "006100"),
    Outcome.FAIL: ("FFC7CE", "9C0006"),
    Outcome.UNDETERMINED: ("FFEB9C", "7F6000"),
    Outcome.WAIVED: ("E7E6E6", "595959"),
}


def properties(run: ScanRun, title: str) -> DocumentProperties:
    """Author and dates, taken from the run: the same run gives the same bytes."""
    finished = run.finished_at.astimezone(UTC).replace(tzinfo=None)
    return DocumentProperties(
        creator=inert(f"{run.tool.name} {run.tool.version}"),
        title=inert(title),
        created=finished,
        modified=finished,
    )


def write(book: Workbook, out: IO[bytes]) -> None:
    """Write the workbook without `Workbook.save`, which stores the current time."""
    with _Archive(out, book.properties.created) as archive:
        ExcelWriter(book, archive).save()


class _Archive(ZipFile):
    """A ZIP file whose members all have the same date."""

    def __init__(self, out: IO[bytes], moment: datetime) -> None:
        super().__init__(out, "w", ZIP_DEFLATED)
        # The earliest year in ZIP.
        self._moment = max(moment, datetime(1980, 1, 1))

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *_: Any, **__: Any) -> None:
        """Add a member of this name."""
        super().writestr(self._member(zinfo_or_arcname), data, ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Add the content of a file, piece by piece and without its date."""
        member = self._member(arcname or filename)
        member.compress_type, member.file_size = ZIP_DEFLATED, Path(filename).stat().st_size
        with Path(filename).open("rb") as source, self.open(member, "w") as target:
            copyfileobj(source, target)

    def _member(self, name: object) -> ZipInfo:
        return ZipInfo(str(name), self._moment.timetuple()[:6])


def for_paper(sheet: Any, head: int) -> None:
    """Print on A4 landscape, one page wide, the headings on each page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = f"{head}:{head}"
    sheet.HeaderFooter.oddFooter.center.text = Message("第 &P 页，共 &N 页")


def height(width: float, room: float) -> float:
    """The height in points of wrapped text: not every program computes it.

    `width` and `room` are in narrow characters.
    """
    # A word that does not fit leaves its line short: add a tenth.
    return min(ceil(width * 1.1 / room) * LINE, HIGHEST)


@lru_cache(maxsize=2_000)
def width(text: str) -> int:
    """The width of a text in narrow characters; a wide one counts two."""
    return len(text) + (
        0 if text.isascii() else sum(unicodedata.east_asian_width(c) in "WFA" for c in text)
    )


@lru_cache(maxsize=2_000)
def inert(text: str) -> str:
    """Any text as a cell can hold it and Excel shows it unchanged."""
    line = _NO_XML.sub("", clean(text, MAX_CHARACTERS))
    if len(line) * 2 > MAX_CHARACTERS:
        line = line.encode("utf-16-le")[: MAX_CHARACTERS * 2].decode("utf-16-le", "ignore")
    return _ESCAPE.sub("_x005F_", line)


def fill_in(cell: Any, value: str | int) -> None:
    """Set the value of a cell; text is never taken for a formula."""
    if isinstance(value, int):
        cell.value = value
    elif text := inert(value):
        cell.value = text
        cell.data_type = "s"  # openpyxl takes what starts with = for a formula


def called(style: str) -> str:
    """The name of a style in the workbook, distinct from Excel's own styles."""
    return f"ycaudit {style}"


def style(
    name: str,
    *,
    fill: str | None = None,
    horizontal: str | None = None,
    vertical: str = "top",
    number_format: str = "@",
    **font: Any,
) -> NamedStyle:
    """A wrapped cell with a border; its text stays text when it is edited."""
    line = Side("thin", "BFBFBF")
    return NamedStyle(
        called(name),
        font=Font(FONT, **{"sz": 11, **font}),
        fill=PatternFill("solid", fill) if fill else PatternFill(),
        border=Border(line, line, line, line),
        alignment=Alignment(horizontal, vertical, wrap_text=True),
        number_format=number_format,
    )


def bare(name: str, alignment: Alignment | None = None, **font: Any) -> NamedStyle:
    """A cell without border, whose text runs over empty cells to its right."""
    return NamedStyle(
        called(name),
        font=Font(FONT, **{"sz": 11, **font}),
        alignment=alignment or Alignment(),
        number_format="@",
    )
