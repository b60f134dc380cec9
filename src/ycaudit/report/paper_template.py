"""Fills the placeholders of a template: the text in the package, or an office's own document."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.report.office_text import plain
from ycaudit.report.official_paper import BODY, FLUSH, HEADING, SUBHEADING, TITLE, Style, write
from ycaudit.report.title import MARK

Line = tuple[str, Style]
Values = Mapping[str, str | Sequence[Line]]
"""The values of placeholders: text within a line, or whole lines."""

_MARK = "|"
"""In the title of a text: a good place for a new line."""
_MOST = 2_000
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_STYLES = (
    (re.compile(r"[一二三四五六七八九十]+、"), HEADING),
    (re.compile(r"（[一二三四五六七八九十]+）"), SUBHEADING),
    (re.compile(r".*：$"), FLUSH),
)


def filled(text: str, known: Values, *, name: str) -> Iterator[Line]:
    """The lines of a text with their placeholders filled in; `name` is what errors call it.

    Raises AuditError for a wrong placeholder.
    """
    styled = _styled(text)
    if not styled:
        raise AuditError("{0}: the template has no text; its first line is the title", name)
    for number, line, style in styled:
        block = _block(line, known)
        if block is None:
            if text_of := _in_line(line, f"{name}:{number}", known):
                yield text_of, style
        else:
            yield from block


def opened(data: bytes, name: str) -> Document:
    """An office's own template. Raises AuditError where it is no Word document."""
    try:
        return docx.Document(io.BytesIO(data))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise AuditError("{0}: not a Word document (.docx)", name) from error


def fill(document: Document, known: Values, *, name: str) -> None:
    """Fill the placeholders of a document in place; what stands around them keeps its looks.

    Raises AuditError for a wrong placeholder.
    """
    for paragraph in list(_paragraphs(document)):
        text = "".join(run.text for run in paragraph.runs)
        block = _block(text.strip(), known)
        if block is not None:
            for line, style in block:
                write(paragraph.insert_paragraph_before(), line, style)
            paragraph._p.getparent().remove(paragraph._p)
        elif _BRACES.search(text):
            _fill_runs(paragraph, Message("{0}: “{1}”", name, text.strip()[:40]), known)


def _paragraphs(document: Document) -> Iterator[Paragraph]:
    """Every paragraph of the body, of tables, and of headers and footers."""
    yield from document.paragraphs
    for table in document.tables:
        yield from _in_table(table)
    for section in document.sections:
        for part in (
            *(section.header, section.even_page_header, section.first_page_header),
            *(section.footer, section.even_page_footer, section.first_page_footer),
        ):
            if not part.is_linked_to_previous:
                yield from part.paragraphs


def _in_table(table: Table) -> Iterator[Paragraph]:
    for row in table.rows:
        for cell in row.cells:
            yield from cell.paragraphs


def _fill_runs(paragraph: Paragraph, where: str, known: Values) -> None:
    """Fill placeholders that may be spread over several runs: the value gets the looks of `{`."""
    runs = paragraph.runs
    owners = [number for number, run in enumerate(runs) for _ in run.text]
    text = "".join(run.text for run in runs)
    parts = [""] * len(runs)
    end = 0
    for match in _BRACES.finditer(text):
        for place in range(end, match.start()):
            parts[owners[place]] += text[place]
        parts[owners[match.start()]] += plain(_value(match, where, known), _MOST)
        end = match.end()
    for place in range(end, len(text)):
        parts[owners[place]] += text[place]
    for run, part in zip(runs, parts, strict=True):
        if run.text != part:
            run.text = part


def _block(line: str, known: Values) -> Sequence[Line] | None:
    """The whole lines that stand in place of this one; None where it is text."""
    value: Any = known.get(line[1:-1]) if _BRACES.fullmatch(line) else None
    return None if value is None or isinstance(value, str) else value


def _styled(text: str) -> list[tuple[int, str, Style]]:
    """The number, text and style of each printed line.

    The style depends on the template alone: a name that fills a placeholder makes no heading.
    """
    found = list[tuple[int, str, Style]]()
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if line and not line.startswith("#"):
            style = _style(line) if found else TITLE
            found.append((number, line if found else line.replace(_MARK, MARK), style))
    return found


def _style(line: str) -> Style:
    return next((style for sign, style in _STYLES if sign.match(line)), BODY)


def _in_line(line: str, where: str, known: Values) -> str:
    """Fill the placeholders once: braces in their values stay."""
    return _BRACES.sub(lambda match: _value(match, where, known), line)


def _value(match: re.Match[str], where: str, known: Values) -> str:
    found = known.get(match[1] or "")
    if isinstance(found, str):
        return found
    raise AuditError("{0}: {1}", where, _explained(match, known))


def _explained(match: re.Match[str], known: Values) -> str:
    if match[1] is None:
        return Message("{0} stands alone; a placeholder is written like {total}", match[0])
    if match[1] in known:
        return Message("{0} brings whole lines; it must stand on a line of its own", match[0])
    return Message(
        "{0} is no placeholder; there are {1}", match[0], ", ".join(f"{{{name}}}" for name in known)
    )
