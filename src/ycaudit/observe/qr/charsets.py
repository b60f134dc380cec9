"""The text of payloads whose code does not say in which charset it is: guessed, and told so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

# The signs and the frequent characters (level 1) of GB 2312; the frequent ones of Big5.
_FREQUENT = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")
_BIG5 = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xc6][\x40-\x7e\xa1-\xfe])*")
_CONTROLS = re.compile("[\x80-\x9f]")
GB = "GB 18030"
FREQUENT = 0.5
"""Of the characters: a name may hold others (镕, 堃)."""
_OTHERS = {"Shift JIS": "shift_jis", "ISO 8859-1": "iso-8859-1"}


@dataclass(frozen=True, slots=True)
class Text:
    """The characters of a payload."""

    text: str
    guessed: str = ""
    """The charset by which it was read, where the bytes may be read by another one, too."""


def guessed(raw: bytes, otherwise: str | None = None) -> Text:
    """The likeliest text in China: UTF-8, GB 18030, Big5, then what a decoder took it for."""
    if raw.isascii():
        return Text(raw.decode("ascii"))
    # Beside what is likely: several modes in one code, each of which has a charset of its own.
    return next(_readings(raw, otherwise), Text(otherwise or ""))


def _readings(raw: bytes, otherwise: str | None) -> Iterator[Text]:
    """What it may say, the likeliest first."""
    with suppress(UnicodeDecodeError):
        text = raw.decode("utf-8")
        # Whatever has characters of three bytes and is valid is nothing else.
        yield Text(text, "" if max(text) >= "\u0800" or not _is_gb(raw, 1.0) else "UTF-8")
    if _is_gb(raw, FREQUENT):
        text = raw.decode("gb18030")
        yield Text(text, "" if text == otherwise else GB)  # zxing has it by the mode alone
    if _BIG5.fullmatch(raw):
        with suppress(UnicodeDecodeError):
            yield Text(raw.decode("big5"), "Big5")
    for name, codec in _OTHERS.items():
        with suppress(UnicodeDecodeError):
            text = raw.decode(codec)
            if otherwise in (None, text) and not _CONTROLS.search(text):
                yield Text(text, name)
    if _is_gb(raw, 0.0):
        yield Text(raw.decode("gb18030"), GB)


def _is_gb(raw: bytes, least: float) -> bool:
    """Whether it may be GB 18030, of whose characters at least this share is frequent."""
    try:
        wide = [sign for sign in raw.decode("gb18030") if not sign.isascii()]
    except UnicodeDecodeError:
        return False
    frequent = sum(_FREQUENT.fullmatch(sign.encode("gb18030")) is not None for sign in wide)
    return frequent >= least * len(wide)
