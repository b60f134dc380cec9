"""Turns the bytes of a page into text the way browsers do, with repairs for wrong declarations."""

from __future__ import annotations

import codecs
import re

import webencodings

PRESCAN_BYTES = 4096
"""The standard scans 1,024; real pages declare later (measured on saved government pages)."""

_META = re.compile(rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w:-]{2,40})""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|--!>|$)", re.DOTALL)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w:-]{2,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# All of the family read as the largest of them: browsers do, and declarations are often too small.
_CHINESE = frozenset({"gbk", "gb18030", "gb2312", "hz-gb-2312"})


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a page: BOM, header, meta prescan, XML declaration, then by what the bytes are.

    Never raises; bytes that fit no encoding become U+FFFD.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, errors="replace")
    return _repaired(body, _declared(body, content_type))


def is_utf_16(body: bytes, content_type: str = "") -> bool:
    """Whether a page is in UTF-16, which its scripts and style sheets hardly are."""
    found = _HEADER.search(content_type)
    named = _codec(found[1]) if found else None
    return body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        named is not None and named.startswith("utf-16")
    )


def _declared(body: bytes, content_type: str) -> str | None:
    if (found := _HEADER.search(content_type)) and (name := _codec(found[1])):
        return name
    head = _COMMENT.sub(b"", body[:PRESCAN_BYTES])
    for pattern in (_META, _XML):
        if (tag := pattern.search(head)) and (name := _codec(tag[1].decode("ascii", "ignore"))):
            # A page that could be read for its own declaration is not UTF-16.
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _codec(label: str) -> str | None:
    """The Python codec for a WHATWG label; None for an unknown one."""
    encoding = webencodings.lookup(label.strip())
    if encoding is None or encoding.name == "x-user-defined":
        return None
    return "gb18030" if encoding.name in _CHINESE else str(encoding.codec_info.name)


def _repaired(body: bytes, declared: str | None) -> str:
    """The text by the declared encoding, unless the bytes plainly are another one."""
    for name in dict.fromkeys(filter(None, (declared, "utf-8", "gb18030"))):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    # Some bytes are damaged whatever we choose: take the encoding that loses the least.
    candidates = dict.fromkeys(filter(None, (declared, "utf-8", "gb18030")))
    texts = [body.decode(name, errors="replace") for name in candidates]
    return min(texts, key=lambda text: text.count("\ufffd"))
