"""An empty Word document with the page, the fonts and the page numbers of GB/T 9704-2012."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.text.font import CT_RPr
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FONT = "仿宋_GB2312"
# Substitutes where the fonts of GB/T 9704, which only offices own, are not installed.
_INSTEAD = {"方正小标宋简体": "宋体", "仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体"}
_FONT_TABLE = "/word/fontTable.xml"
_NEEDED = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "TableGrid", "Footer"}
_UNNEEDED = ("/stylesWithEffects", "/thumbnail", "/customXml", "/numbering")
_PAGE_FONT, _PAGE_SIZE = "宋体", 14


@cache
def blank_paper() -> bytes:
    """The bytes of an empty paper; cached, as a run may have hundreds of notices."""
    document, out = docx.Document(), io.BytesIO()
    _strip(document)
    _page(document)
    _fonts(document)
    _numbers(document)
    document.save(out)
    return out.getvalue()


def set_font(properties: CT_RPr, name: str) -> None:
    """Set the font for every script, digits and Chinese alike."""
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()  # a theme font would take precedence
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


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
    set_font(normal.element.get_or_add_rPr(), FONT)
    # Punctuation that hangs in the margin is lost by some programs: it moves to the next line.
    hanging: Any = OxmlElement("w:overflowPunct")
    hanging.set(qn("w:val"), "0")
    normal.element.get_or_add_pPr().append(hanging)
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


def _numbers(document: Document) -> None:
    """Number the pages on the outside, one character in: odd ones right, even ones left."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.paragraph_format.alignment = align
        setattr(paragraph.paragraph_format, side, Pt(_PAGE_SIZE))
        _number(paragraph)


def _number(paragraph: Paragraph) -> None:
    """The number of the page between dashes: — 1 —."""
    _run(paragraph, "— ")
    field: Any = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(_run(paragraph, "1")._r)
    paragraph._p.append(field)
    _run(paragraph, " —")


def _run(paragraph: Paragraph, text: str) -> Run:
    run = paragraph.add_run(text)
    run.font.size = Pt(_PAGE_SIZE)
    set_font(run._r.get_or_add_rPr(), _PAGE_FONT)
    return run
