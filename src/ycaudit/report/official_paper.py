"""Official papers as Word documents: the page, the fonts and the paragraphs of GB/T 9704-2012."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.text.font import CT_RPr
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ycaudit import office_time
from ycaudit.report.office_text import plain
from ycaudit.report.pictures import decoded

_MOST = 2_000
_PICTURE_SIDE = 1_000
# Substitutes where the fonts of GB/T 9704, which only offices own, are not installed.
_INSTEAD = {"方正小标宋简体": "宋体", "仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体"}
_FONT_TABLE = "/word/fontTable.xml"
_NEEDED = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "TableGrid", "Footer"}
_UNNEEDED = ("/stylesWithEffects", "/thumbnail", "/customXml", "/numbering")
_PT_OF_A_PIXEL = 0.75


@dataclass(frozen=True, slots=True)
class Style:
    """The format of a paragraph; sizes and spaces in points."""

    font: str = "仿宋_GB2312"
    size: float = 16
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY
    indent: int = 2
    """Characters before the first line."""
    line: float | None = 28
    """The line spacing in points; None where a picture must fit."""
    after: float = 0
    with_next: bool = False
    new_page: bool = False


BODY = Style()
FLUSH = Style(indent=0)
TITLE = Style("方正小标宋简体", 22, WD_ALIGN_PARAGRAPH.CENTER, 0, 35, after=28, with_next=True)
HEADING = Style("黑体", with_next=True)
SUBHEADING = Style("楷体_GB2312", with_next=True)
ANNEX = Style("黑体", indent=0, with_next=True, new_page=True)
SIGNATURE = Style(align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0)
# Exact line spacing would cut off a picture.
PICTURE = Style(align=WD_ALIGN_PARAGRAPH.LEFT, indent=0, line=None)
# 新宋体 is monospaced in Latin as in Chinese.
CODE = Style("新宋体", 12, WD_ALIGN_PARAGRAPH.LEFT, 0, 20)
_CELL = Style(size=10.5, align=WD_ALIGN_PARAGRAPH.LEFT, indent=0, line=15)
_HEAD = Style("黑体", 10.5, WD_ALIGN_PARAGRAPH.CENTER, 0, 15)
_FOOTER = Style("宋体", 14, WD_ALIGN_PARAGRAPH.CENTER, 0, None)


class Paper:
    """An official paper, written from the top down."""

    def __init__(self, title: str, moment: datetime) -> None:
        self._document = docx.Document(io.BytesIO(_blank()))
        self._moment = moment
        _properties(self._document, title, moment)

    def add(self, text: str, style: Style = BODY) -> None:
        """Add a paragraph."""
        _write(self._document.add_paragraph(), text, style)

    def table(self, head: Sequence[str], widths: Sequence[float]) -> Table:
        """Add a table whose head is repeated on every page; widths in mm."""
        table: Table = self._document.add_table(0, len(widths), "Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        if head:
            _row_properties(add_row(table, [[cell] for cell in head], _HEAD), "w:tblHeader")
        return table

    def picture(self, data: bytes | None) -> bool:
        """Add a PNG picture; False where the bytes are none."""
        drawn = _redrawn(data)
        if drawn is None:
            return False
        png, size = drawn
        paragraph = self._document.add_paragraph()
        _set(paragraph, PICTURE)
        paragraph.add_run().add_picture(io.BytesIO(png), width=_fitting(*size))
        return True

    def save(self) -> bytes:
        """The bytes of the document, the same for the same run."""
        out, written = io.BytesIO(), io.BytesIO()
        self._document.save(written)
        with ZipFile(written) as old, ZipFile(out, "w") as new:
            for name in old.namelist():
                pack(new, name, old.read(name), self._moment)
        return out.getvalue()


def add_row(table: Table, cells: Sequence[Sequence[str]], style: Style = _CELL) -> _Row:
    """Add a row that is not split over pages; each line of a cell is a paragraph."""
    row: _Row = table.add_row()
    for cell, lines in zip(row.cells, cells, strict=True):
        for number, line in enumerate(lines or [""]):
            _write(cell.add_paragraph() if number else cell.paragraphs[0], line, style)
    _row_properties(row, "w:cantSplit")
    return row


def pack(archive: ZipFile, name: str, data: bytes, moment: datetime) -> None:
    """Add a file to an archive, with the date of the run."""
    local = office_time.local(moment)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    info = ZipInfo(name, max(stamp, (1980, 1, 1, 0, 0, 0)))
    info.compress_type = ZIP_DEFLATED
    info.create_system = 0  # else it depends on the operating system
    archive.writestr(info, data)


@cache
def _blank() -> bytes:
    """The bytes of an empty paper; cached, as a run may have hundreds of notices."""
    document, out = docx.Document(), io.BytesIO()
    _strip(document)
    _page(document)
    _fonts(document)
    _number(document)
    document.save(out)
    return out.getvalue()


def _strip(document: Document) -> None:
    """Remove 160 styles and a preview picture from python-docx's blank document."""
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in _NEEDED:
            styles.remove(style)
    for link in styles.findall(f"{qn('w:style')}/{qn('w:link')}"):
        link.getparent().remove(link)  # its style was removed above
    for related in (document.part.rels, document.part.package.rels):
        for key in [k for k, r in related.items() if r.reltype.endswith(_UNNEEDED)]:
            del related[key]


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)  # 7 mm below the text, as GB/T 9704 asks


def _fonts(document: Document) -> None:
    """Set the default font, and a substitute for each font that only offices own."""
    normal = document.styles["Normal"]
    _font(normal.element.get_or_add_rPr(), BODY.font)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    table = next(p for p in document.part.package.iter_parts() if p.partname == _FONT_TABLE)
    table._blob = _font_table()


def _font_table() -> bytes:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _INSTEAD.items()
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><w:fonts {nsdecls('w')}>{fonts}</w:fonts>".encode()
    )


def _font(properties: CT_RPr, name: str) -> None:
    """Set the font for every script, digits and Chinese alike."""
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()  # a theme font would take precedence
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _number(document: Document) -> None:
    """Number the pages: — 1 —."""
    paragraph = document.sections[0].footer.paragraphs[0]
    _write(paragraph, "— ", _FOOTER)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(_run(paragraph, "1", _FOOTER)._r)
    paragraph._p.append(field)
    _run(paragraph, " —", _FOOTER)


def _properties(document: Document, title: str, moment: datetime) -> None:
    core = document.core_properties
    core.title = plain(title, 200)
    core.author = core.last_modified_by = "ycaudit"
    core.comments = ""
    core.created = core.modified = moment.astimezone(UTC).replace(tzinfo=None)


def _write(paragraph: Paragraph, text: str, style: Style) -> None:
    _set(paragraph, style)
    _run(paragraph, text, style)


def _set(paragraph: Paragraph, style: Style) -> None:
    layout = paragraph.paragraph_format
    layout.alignment = style.align
    layout.space_before, layout.space_after = Pt(0), Pt(style.after)
    layout.keep_with_next = style.with_next
    layout.page_break_before = style.new_page
    if style.line is not None:
        layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        layout.line_spacing = Pt(style.line)
    if style.indent:
        layout.first_line_indent = Pt(style.indent * style.size)
        # In characters, too, so that the indent follows a change of the font size.
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), str(style.indent * 100))


def _run(paragraph: Paragraph, text: str, style: Style) -> Run:
    run = paragraph.add_run(plain(text, _MOST))
    run.font.size = Pt(style.size)
    _font(run._r.get_or_add_rPr(), style.font)
    return run


def _row_properties(row: _Row, flag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(flag))


def _fitting(wide: int, high: int) -> Length:
    """The width at which a picture is at most 120 mm wide and 60 mm high; never enlarged."""
    scale = min(Pt(_PT_OF_A_PIXEL), Mm(120) / wide, Mm(60) / high)
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
