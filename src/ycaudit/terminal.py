"""Text as any terminal takes it: no controls, and other signs for what its encoding lacks."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from pathlib import PurePath

CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]+"
)
"""Control characters end lines or drive terminals; bidirectional overrides reverse text."""
FALLBACK = "ycaudit.fallback"
"""The name of an error handler for encoding (PEP 293): see `plain`."""
_PLAIN = dict(zip("✓√✗×≈•·–—−、。‘’“”《》【】「」", 'vvxx~*.---,.\'\'""<>[]""', strict=True))


def plain(char: str) -> str:
    """ASCII for a character: what people type for it, else its number as Python writes it.

    A byte of a file name that is no text (PEP 383) is written as the byte that it is.
    """
    if char in _PLAIN:
        return _PLAIN[char]
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    same = unicodedata.normalize("NFKC", char)
    if same.isascii() and same.isprintable():
        return same
    return char.encode("ascii", "backslashreplace").decode()


def harmless(text: str) -> str:
    """The text with its lines, but without controls."""
    return "\n".join(CONTROLS.sub(" ", line) for line in re.split("\r?\n", text))


def file_name(path: PurePath | str) -> str:
    """The path as text that any document can hold: UTF-8, or its bytes where it is none."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def legible(text: str, encoding: str) -> str:
    """The text as this encoding can hold it."""
    return text.encode(encoding, FALLBACK).decode(encoding)


def can_show(text: str, encoding: str) -> bool:
    """Whether this encoding has every character of the text."""
    return legible(text, encoding) == text


def _fallback(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


codecs.register_error(FALLBACK, _fallback)
