"""The text of a document: what rules ask for in it, and what may keep that from the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from ycaudit.model import Text, Visibility, Where
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.styles import up
from ycaudit.observe.static.tree import StyledTree
from ycaudit.observe.text_lines import (
    FIELDS,
    WITHOUT_TEXT,
    Kept,
    Line,
    Piece,
    Sought,
    Spans,
    across,
    lines_of,
    parted,
    parts_lines,
    shown_in_field,
)

MAX_SOUGHT = 60
_WORDS = re.compile(r"""\bcontent\s*:[^;}]*(["'])[^"'\\]{4,}\1""", re.IGNORECASE)
_LAYS_OUT = re.compile(r"\b(?:display|float|position)\s*:", re.IGNORECASE)
_CHOSEN = frozenset({"option", "optgroup", "datalist"})


def texts_in(page: StyledTree, where: Where, spans: Spans) -> tuple[tuple[Text, ...], bool]:
    """All text of a document, and whether there is more than is kept."""
    lines = _lines(page)
    sought, plain = parted(lines, spans)
    kept = Kept()
    kept.add(plain)
    found = [_text(one, page, where) for one in sought[:MAX_SOUGHT]]
    for one in islice(across(lines, spans), MAX_SOUGHT):
        found.append(Text(value=one.text, visible=Visibility.UNSURE, where=where))
    if kept.text:
        found.append(Text(value=kept.text, visible=Visibility.UNSURE, where=where))
    return tuple(found), kept.is_cut or len(sought) > MAX_SOUGHT


def shows_words(sheet: Sheet) -> bool:
    """Whether a style sheet itself puts text on the page, of which an observer reads none."""
    return _WORDS.search(sheet.css) is not None


def _text(one: Sought[LexborNode], page: StyledTree, where: Where) -> Text:
    visible = Visibility.SHOWN
    for owner, _ in one.parts:
        visible = visible.within(page.legible(owner))
        if owner.tag in FIELDS or any(outer.tag in _CHOSEN for outer in up(owner)):
            visible = visible.within(Visibility.UNSURE)
    links = {link.mem_id for owner, _ in one.parts if (link := _link_of(owner)) is not None}
    parts = {owner.mem_id: owner for owner, _ in one.parts}.values()
    # Of a menu, say, which sheets may draw far apart; or a style breaks the line.
    if len(links) > 1 or (len(parts) > 1 and any(map(_is_set_apart, parts))):
        visible = visible.within(Visibility.UNSURE)
    return Text(value=one.text, visible=visible, where=where)


def _is_set_apart(owner: LexborNode) -> bool:
    """Whether a style of its own may take it out of the line in which its name puts it."""
    within = takewhile(lambda outer: not parts_lines(outer.tag or ""), up(owner))
    return any(_LAYS_OUT.search(outer.attributes.get("style") or "") for outer in within)


def _link_of(owner: LexborNode) -> LexborNode | None:
    return next((outer for outer in up(owner) if outer.tag == "a"), None)


def _lines(page: StyledTree) -> list[Line[LexborNode]]:
    body = page.tree.parser.body
    return lines_of(_pieces(body)) if body is not None else []


def _pieces(body: LexborNode) -> Iterator[tuple[Piece[LexborNode], bool]]:
    """Each piece of text, and whether a new line begins with it."""
    block, begins = -1, True
    for node in body.traverse(include_text=True):
        if node.tag in FIELDS and (said := shown_in_field(node.tag, node.attributes, node.text())):
            yield Piece(said, node), begins
        if not node.is_text_node:
            begins = begins or (node.is_element_node and parts_lines(node.tag or ""))
            continue
        owner = node.parent
        text = node.text_content or ""
        if owner is None or owner.tag in WITHOUT_TEXT or not text:
            continue
        outer = next((o.mem_id for o in up(owner) if parts_lines(o.tag or "")), -1)
        yield Piece(text, owner), begins or outer != block
        if text.strip():
            block, begins = outer, False
