"""Official papers as Word documents: the paragraphs and tables of GB/T 9704-2012."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ycaudit import office_time
from ycaudit.report.blank_paper import FONT, blank_paper, set_font
from ycaudit.report.office_text import plain
from ycaudit.report.pictures import decoded
from ycaudit.report.title import title_lines, width

_MOST = 2_000
_PICTURE_SIDE = 1_000
_PT_OF_A_PIXEL = 0.75
_LINE, _SIZE = 28, 16
"""Points: of a line and of a character of the text."""
_TEXT_WIDTH = 156
"""Millimetres."""
_RED = RGBColor(0xFF, 0, 0)


@dataclass(frozen=True, slots=True)
class Style:
    """The format of a paragraph; sizes and spaces in points."""

    font: str = FONT
    size: float = _SIZE
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent: float = 2
    """Characters before the first line; fewer than 0: so many before all lines but the first."""
    left: float = 0
    """Characters before every line."""
    right: float = 0
    """Points behind every line."""
    line: float | None = _LINE
    """The line spacing in points; None where a picture must fit."""
    before: float = 0
    after: float = 0
    with_next: bool = False
    new_page: bool = False
    red: bool = False
    ruled: bool = False
    """Whether a red line as wide as the text runs below it."""
    titled: bool = False
    """Whether its lines are broken as those of a title."""


BODY = Style()
FLUSH = Style(indent=0)
ADDRESSED = Style(align=WD_ALIGN_PARAGRAPH.LEFT)
"""Text with addresses: justified, its words would stand far apart."""
_CENTER = Style(align=WD_ALIGN_PARAGRAPH.CENTER, indent=0)
# GB/T 9704-2012, 7.2.4 to 7.2.7: the mark of the issuer 35 mm below the edge of the text, the
# number two lines below it, and 4 mm below that a red line.
ISSUER = replace(_CENTER, font="方正小标宋简体", size=48, line=None, before=99, red=True)
NUMBER = replace(_CENTER, before=2 * _LINE, after=2 * _LINE, ruled=True)
TITLE = replace(
    _CENTER, font="方正小标宋简体", size=22, line=35, after=28, with_next=True, titled=True
)
HEADING = Style("黑体", with_next=True)
SUBHEADING = Style("楷体_GB2312", with_next=True)
ANNEX = Style("黑体", indent=0, with_next=True, new_page=True)
ANNEX_TITLE = replace(TITLE, before=_LINE)
"""On the third line of its page (7.3.7)."""
SIGNATURE = Style(align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0)
NOTE = Style(size=12, line=20, indent=0)
"""Below a table."""
CAPTION = Style(with_next=True)
# Exact line spacing would cut off a picture.
PICTURE = Style(align=WD_ALIGN_PARAGRAPH.LEFT, indent=0, line=None)
# 新宋体 is monospaced in Latin as in Chinese.
CODE = Style("新宋体", 12, WD_ALIGN_PARAGRAPH.LEFT, 0, line=20)
CELL = Style(size=10.5, align=WD_ALIGN_PARAGRAPH.LEFT, indent=0, line=15)
NUMBER_CELL = replace(CELL, align=WD_ALIGN_PARAGRAPH.CENTER)
_HEAD = replace(NUMBER_CELL, font="黑体")
GROUP_CELL = replace(CELL, font="黑体")


def annex_list(titles: Sequence[str]) -> list[tuple[str, Style]]:
    """What lists the annexes, a blank line below the text; long titles hang below themselves."""
    numbered = len(titles) > 1
    hang = 1.5 if numbered else 0
    lines = []
    for number, title in enumerate(titles, start=1):
        first = "附件：" if number == 1 else ""
        indent = -(hang + 3 if first else hang)
        style = Style(indent=indent, left=5 + hang, before=_LINE if first else 0, with_next=True)
        lines.append((f"{first}{number}．{title}" if numbered else f"{first}{title}", style))
    return lines


def signature(name: str, date: str) -> list[tuple[str, Style]]:
    """The issuer centred above the date, which stands four characters from the edge (7.3.5.1).

    Two lines above them are left for the seal, which lies upon both.
    """
    room = (width(name) - width(date)) / 2 * (_SIZE / 2)
    of_date = max(4 * _SIZE, 2 * _SIZE + room)
    above = replace(SIGNATURE, before=2 * _LINE, right=of_date - room, with_next=True)
    return [(name, above), (date, replace(SIGNATURE, right=of_date))]


class Paper:
    """An official paper, written from the top down; `begun` is the document that it continues."""

    def __init__(self, title: str, moment: datetime, begun: Document | None = None) -> None:
        self.document = begun or docx.Document(io.BytesIO(blank_paper()))
        self._moment = moment
        _properties(self.document, title, moment)

    def add(self, text: str, style: Style = BODY) -> None:
        """Add a paragraph."""
        write(self.document.add_paragraph(), text, style)

    def put_first(self, lines: Sequence[str], style: Style) -> None:
        """Put paragraphs before all that stands there."""
        first = self.document.element.body[0]
        for line in lines:
            paragraph = self.document.add_paragraph()
            write(paragraph, line, style)
            first.addprevious(paragraph._p)

    def head(self, issuer: str, number: str) -> None:
        """Add the red head: the mark of the issuer, the number, and the red line."""
        size = min(ISSUER.size, Mm(_TEXT_WIDTH).pt / max(1, width(issuer) / 2))
        self.add(issuer, replace(ISSUER, size=int(size * 2) / 2))
        self.add(number, NUMBER)

    def table(self, head: Sequence[str], widths: Sequence[float]) -> Table:
        """Add a table whose head is repeated on every page; widths in mm."""
        table: Table = self.document.add_table(0, len(widths), "Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = Mm(wide)
        if head:
            _row_properties(add_row(table, [[cell] for cell in head], _HEAD), "w:tblHeader")
        return table

    def picture(self, data: bytes | None, *, most: tuple[float, float] = (120, 60)) -> bool:
        """Add a PNG picture of at most so many mm; False where the bytes are none."""
        return self.captioned("", data, most=most)

    def captioned(self, caption: str, data: bytes | None, *, most: tuple[float, float]) -> bool:
        """Add a PNG picture below its caption; nothing, and False, where the bytes are none."""
        drawn = _redrawn(data)
        if drawn is None:
            return False
        png, size = drawn
        if caption:
            self.add(caption, CAPTION)
        paragraph = self.document.add_paragraph()
        _set(paragraph, PICTURE)
        paragraph.add_run().add_picture(io.BytesIO(png), width=_fitting(*size, most))
        return True

    def save(self) -> bytes:
        """The bytes of the document, the same for the same run."""
        out, written = io.BytesIO(), io.BytesIO()
        self.document.save(written)
        with ZipFile(written) as old, ZipFile(out, "w") as new:
            for name in old.namelist():
                pack(new, name, old.read(name), self._moment)
        return out.getvalue()


def add_row(
    table: Table, cells: Sequence[Sequence[str]], style: Style | Sequence[Style] = CELL
) -> _Row:
    """Add a row that is not split over pages; each line of a cell is a paragraph."""
    row: _Row = table.add_row()
    styles = [style] * len(cells) if isinstance(style, Style) else style
    for cell, lines, one in zip(row.cells, cells, styles, strict=True):
        for number, line in enumerate(lines or [""]):
            write(cell.add_paragraph() if number else cell.paragraphs[0], line, one)
    _row_properties(row, "w:cantSplit")
    return row


def add_group(table: Table, text: str) -> None:
    """Add a row of one cell, which stays with the row behind it."""
    row: _Row = table.add_row()
    cell = row.cells[0].merge(row.cells[-1])
    write(cell.paragraphs[0], text, replace(GROUP_CELL, with_next=True))
    _row_properties(row, "w:cantSplit")


def pack(archive: ZipFile, name: str, data: bytes, moment: datetime) -> None:
    """Add a file to an archive, with the date of the run."""
    local = office_time.local(moment)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    info = ZipInfo(name, max(stamp, (1980, 1, 1, 0, 0, 0)))
    info.compress_type = ZIP_DEFLATED
    info.create_system = 0  # else it depends on the operating system
    archive.writestr(info, data)


def write(paragraph: Paragraph, text: str, style: Style) -> None:
    """Write a text into an empty paragraph; of a title, line by line."""
    _set(paragraph, style)
    for number, line in enumerate(title_lines(text) if style.titled else [text]):
        if number:
            paragraph.add_run().add_break()
        _run(paragraph, line, style)


def _properties(document: Document, title: str, moment: datetime) -> None:
    core = document.core_properties
    core.title = plain(title, 200)
    core.author = core.last_modified_by = "ycaudit"
    core.comments = ""
    core.created = core.modified = moment.astimezone(UTC).replace(tzinfo=None)


def _set(paragraph: Paragraph, style: Style) -> None:
    layout = paragraph.paragraph_format
    layout.alignment = style.align
    layout.space_before, layout.space_after = Pt(style.before), Pt(style.after)
    layout.keep_with_next = style.with_next
    layout.page_break_before = style.new_page
    if style.right:
        layout.right_indent = Pt(style.right)
    if style.line is not None:
        layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        layout.line_spacing = Pt(style.line)
    if style.indent or style.left:
        _indent(paragraph, style)
    if style.ruled:
        _rule(paragraph)


def _indent(paragraph: Paragraph, style: Style) -> None:
    layout = paragraph.paragraph_format
    layout.first_line_indent = Pt(style.indent * style.size)
    # In characters, too, so that the indent follows a change of the font size.
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    name = "firstLineChars" if style.indent >= 0 else "hangingChars"
    indent.set(qn(f"w:{name}"), str(round(abs(style.indent) * 100)))
    if style.left:
        layout.left_indent = Pt(style.left * style.size)
        indent.set(qn("w:leftChars"), str(round(style.left * 100)))


def _rule(paragraph: Paragraph) -> None:
    """A red line 4 mm below the text."""
    borders: Any = OxmlElement("w:pBdr")
    line: Any = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "11"), ("color", str(_RED))):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    # The schema wants it here, before the spacing and the indents.
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _run(paragraph: Paragraph, text: str, style: Style) -> Run:
    run = paragraph.add_run(plain(text, _MOST))
    run.font.size = Pt(style.size)
    if style.red:
        run.font.color.rgb = _RED
    set_font(run._r.get_or_add_rPr(), style.font)
    return run


def _row_properties(row: _Row, flag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(flag))


def _fitting(wide: int, high: int, most: tuple[float, float]) -> Length:
    """The width at which a picture fits into so many millimetres; never enlarged."""
    scale = min(Pt(_PT_OF_A_PIXEL), Mm(most[0]) / wide, Mm(most[1]) / high)
    return Length(max(Pt(1), int(wide * scale)))


def _redrawn(data: bytes | None) -> tuple[bytes, tuple[int, int]] | None:
    """A PNG encoded anew and its size; None where the bytes are none."""
    picture = decoded(data)
    if picture is None:
        return None
    picture.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), picture.size
