"""Finds the web address that somebody typed into a cell, however it is spelled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ycaudit.i18n import Listed, Message
from ycaudit.inputs.cells import Cell, shortened
from ycaudit.url import parse_web_url, without_credentials

MAX_ADDRESS = 2000

# "http//:", "http:\\", "http:/", "http://http://"; not what stands within an address.
_SCHEME = re.compile(r"(?<![a-z0-9/\\=?&.%_-])(?:(https?)(?:\s*[:;/\\])+\s*)+", re.IGNORECASE)
_STOP = re.compile(r"(?<=[a-zA-Z0-9])。(?=[a-zA-Z0-9])")
_NUMBERED = re.compile(r"(?<=\d\.)(?=https?:|www\.)", re.IGNORECASE)
# Top levels that are not ASCII are few: other Chinese beside an address is a remark.
_CHINESE = (
    r"(?:[\w-]{1,63}\.){1,9}(?:中国|中國|政务|公益|公司|网络|网址|香港|台湾|台灣|澳门|澳門)"
    r"(?:\.[a-z]{2,63})?"
)
_ASCII = r"(?:[a-z0-9_-]{1,63}\.){1,9}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})"
_NUMBERS = r"\d{1,3}(?:\.\d{1,3}){3}"
_NAMED = r"(?:[\w-]{1,63}\.){1,9}[a-z0-9-]{1,63}|[a-z0-9-]{1,63}|\[[0-9a-f:.]{2,45}\]"
_NEXT = r"(?!https?:|www\.|[a-z0-9.-]{1,200}\.(?:cn|com|net|org)(?![a-z0-9]))"
# ASCII, said so: that it is not beyond it would exclude i, k and s, too, to which signs there fold.
_TAIL = rf"""(?:[/\\?\#](?:(?![\s"<>(),;])[\x21-\x7e]|[,;](?=[a-z0-9_%=-]){_NEXT})*)?"""
_ADDRESS = re.compile(
    rf"""(?:(?P<scheme>https?://)(?:[^\s/@:]{{1,60}}(?::[^\s/@]{{0,60}})?@)?(?:{_CHINESE}|{_NAMED})
    |(?<![a-z0-9@._-])(?:{_ASCII}|{_NUMBERS}|{_CHINESE})(?![a-z0-9@_-]))
    (?::\d{{1,5}})?{_TAIL}""",
    re.IGNORECASE | re.VERBOSE,
)

_FORMER = re.compile(r"原|旧|曾|以前|停用|关停|老")
"""Before an address that a unit had."""
_WHAT = r"(?:(?:独立|官方|单独|自己|专门)?的?(?:网站|网址|官网|网页|门户网站|主页|域名|站点))"
_NONE = re.compile(
    rf"(?:本?单位|学校|目前|现在|现|尚|暂时|暂|还|均|已|正在|正){{0,3}}"
    rf"(?:(?:无|没有|没|未(?:曾)?(?:开设|开通|建设|建立|建成|建|设立|设|有|上线|开办)|不适用"
    rf"|在建|在?(?:建设|筹建|筹备)中?|关停|关闭|停用|注销|撤销|停办){_WHAT}?(?:建设)?"
    rf"|{_WHAT}(?:已|正在|正|尚)?(?:未建|未开通|建设中|在建|筹建中?|关停|关闭|停用|注销|撤销))"
    r"|na|none|null|nil"
)
"""No website, as offices say it, without punctuation."""


class Found(NamedTuple):
    """The web addresses in a cell, and how they differ from what was typed."""

    urls: tuple[str, ...]
    notes: tuple[str, ...] = ()
    rest: str = ""
    """What the text says around the addresses."""

    @property
    def url(self) -> str:
        """The first, which is the only one of most cells."""
        return self.urls[0]


def key_of(url: str) -> str:
    """The same for all spellings of one address."""
    found = parse_web_url(url)
    assert found is not None
    return found.href.rstrip("/")


def find(cell: Cell) -> Found | None:
    """The addresses in the text of a cell, else the one that it links to; None where is none."""
    written, linked = _in_text(cell.text), _in_text(cell.link)
    if written is None:
        if linked is None:
            return None
        taken = (
            Message("{0} links to {1}, which is taken", quoted(cell.text), told(linked.url))
            if cell.text
            else Message("the empty cell links to {0}, which is taken", told(linked.url))
        )
        return Found(linked.urls[:1], (taken,))
    if linked and key_of(linked.url) not in map(key_of, written.urls):
        urls = map(told, (written.url, linked.url))
        other = Message("{0} links to {1}; what is written was taken", *urls)
        return Found(written.urls, (*written.notes, other))
    return written


def says_none(cell: Cell) -> bool:
    """Whether an address cell says that there is none, by its words or by nothing at all."""
    text = re.sub(r"\(.*\)", "", unicodedata.normalize("NFKC", cell.text))
    word = re.sub(r"[\W_]+", "", text).casefold()
    return not cell.link and (not word or _NONE.fullmatch(word) is not None)


def _in_text(text: str) -> Found | None:
    """The addresses in a text, and how they differ from the text."""
    mended = _mended(text[:MAX_ADDRESS])
    found: dict[str, tuple[str, bool, re.Match[str]]] = {}
    former, end = False, 0
    for match in _ADDRESS.finditer(mended):
        written = match[0].rstrip(".,;:!'").replace("\\", "/")
        url = written if match["scheme"] else f"http://{written}"
        if parse_web_url(url) is not None:
            before = mended[end : match.start()]
            former = bool(_FORMER.search(before)) or (former and not _remark(before))
            found.setdefault(key_of(url), (url, former, match))
            end = match.end()
    if not found:
        return None
    theirs = [each for each in found.values() if not each[1]] or [next(iter(found.values()))]
    urls = tuple(url for url, _, _ in theirs)
    rest = _remark(_around(mended, [match for _, _, match in theirs]))
    return Found(urls, _correction(text, urls, rest), rest)


def _around(text: str, matches: Iterable[re.Match[str]]) -> str:
    """The text without these parts of it."""
    end, rest = 0, []
    for match in matches:
        rest.append(text[end : match.start()])
        end = match.end()
    return " ".join((*rest, text[end:]))


def _mended(text: str) -> str:
    text = _STOP.sub(".", unicodedata.normalize("NFKC", text))
    text = _NUMBERED.sub(" ", text)
    return _SCHEME.sub(lambda match: f"{match[1].lower()}://", text)


def _remark(text: str) -> str:
    """The text around an address; empty where it is only punctuation."""
    return " ".join(text.split()) if re.search(r"\w", text) else ""


def _correction(text: str, urls: tuple[str, ...], rest: str) -> tuple[str, ...]:
    if urls == (text,):
        return ()
    read = Listed(map(told, urls))
    if rest:
        return (Message("{0} is read as {1}, without {2}", quoted(text), read, quoted(rest)),)
    return (Message("{0} is read as {1}", quoted(text), read),)


def quoted(text: str) -> str:
    """What messages tell of a cell: the start of its text in quotes, without passwords."""
    start = text[:MAX_ADDRESS]
    bare = without_credentials(mended := _mended(start))
    return repr(shortened(start if bare == mended else bare))


def told(url: str) -> str:
    """What messages tell of an address: no password, and no more of it than can be read."""
    return shortened(without_credentials(url))
