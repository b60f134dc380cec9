"""Finds the web address that somebody typed into a cell, however it is spelled."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ycaudit.i18n import Message
from ycaudit.inputs.cells import Cell
from ycaudit.url import parse_web_url

MAX_ADDRESS = 2000

# "http//:", "http:\\", "http:/", "http://http://"; not what stands within an address.
_SCHEME = re.compile(r"(?<![a-z0-9/\\=?&.%_-])(?:(https?)(?:\s*[:;/\\])+\s*)+", re.IGNORECASE)
_STOP = re.compile(r"(?<=[a-zA-Z0-9])。(?=[a-zA-Z0-9])")
# Top levels that are not ASCII are few: other Chinese beside an address is a remark.
_CHINESE = (
    r"(?:[\w-]{1,63}\.){1,9}(?:中国|中國|政务|公益|公司|网络|网址|香港|台湾|台灣|澳门|澳門)"
    r"(?:\.[a-z]{2,63})?"
)
_ASCII = r"(?:[a-z0-9_-]{1,63}\.){1,9}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})"
_NUMBERS = r"\d{1,3}(?:\.\d{1,3}){3}"
_NAMED = r"(?:[\w-]{1,63}\.){1,9}[a-z0-9-]{1,63}|[a-z0-9-]{1,63}|\[[0-9a-f:.]{2,45}\]"
_NEXT = r"(?!https?:|www\.|[a-z0-9.-]{1,200}\.(?:cn|com|net|org)(?![a-z0-9]))"
_TAIL = rf"""(?:[/\\?\#](?:[^\s"<>(),;\u0080-\U0010ffff]|[,;](?=[a-z0-9_%=-]){_NEXT})*)?"""
_ADDRESS = re.compile(
    rf"""(?:(?P<scheme>https?://)(?:[^\s/@:]{{1,60}}(?::[^\s/@]{{0,60}})?@)?(?:{_CHINESE}|{_NAMED})
    |(?<![a-z0-9@._-])(?:{_ASCII}|{_NUMBERS}|{_CHINESE})(?![a-z0-9@_-]))
    (?::\d{{1,5}})?{_TAIL}""",
    re.IGNORECASE | re.VERBOSE,
)


class Found(NamedTuple):
    """A web address, and how it differs from what was typed."""

    url: str
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for all spellings of one address."""
        found = parse_web_url(self.url)
        assert found is not None
        return found.href.rstrip("/")


def find(cell: Cell) -> Found | None:
    """The address in the text of a cell, else the one that it links to; None where is none."""
    written, linked = _in_text(cell.text), _in_text(cell.link)
    if written is None:
        if linked is None:
            return None
        taken = (
            Message("{0} links to {1}, which is taken", quoted(cell.text), linked.url)
            if cell.text
            else Message("the empty cell links to {0}, which is taken", linked.url)
        )
        return Found(linked.url, (taken,))
    if linked and linked.key != written.key:
        other = Message("{0} links to {1}; what is written was taken", written.url, linked.url)
        return Found(written.url, (*written.notes, other))
    return written


def _in_text(text: str) -> Found | None:
    """The first address in a text, and how it differs from the text."""
    mended = _mended(text[:MAX_ADDRESS])
    for match in _ADDRESS.finditer(mended):
        written = match[0].rstrip(".,;:!'").replace("\\", "/")
        url = written if match["scheme"] else f"http://{written}"
        if parse_web_url(url) is not None:
            rest = _remark(f"{mended[: match.start()]} {mended[match.end() :]}")
            return Found(url, _correction(text, url, rest))
    return None


def _mended(text: str) -> str:
    text = _STOP.sub(".", unicodedata.normalize("NFKC", text))
    return _SCHEME.sub(lambda match: f"{match[1].lower()}://", text)


def _remark(text: str) -> str:
    """The text around an address; empty where it is only punctuation."""
    return " ".join(text.split()) if re.search(r"\w", text) else ""


def _correction(text: str, url: str, rest: str) -> tuple[str, ...]:
    if text == url:
        return ()
    if rest:
        return (Message("{0} is read as {1}, without {2}", quoted(text), url, quoted(rest)),)
    return (Message("{0} is read as {1}", quoted(text), url),)


def quoted(text: str) -> str:
    """The text in quotes, at most 100 characters of it."""
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
