"""Full-width signs where narrow ones are needed: the commonest slip of Chinese keyboards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ycaudit.i18n import Message

NARROW = {"：": ":", "，": ",", "“": '"', "”": '"', "‘": "'", "’": "'", "｛": "{", "｝": "}"}
NARROW |= {"［": "[", "］": "]", "【": "[", "】": "]", "／": "/", "．": ".", "。": "."}
BLANK = "\u3000"
_KEY = re.compile(r"(?:^|[{,，])[ \t]*(?:- +)*[A-Za-z_]+(：)")
_NEXT_KEY = re.compile(r"(，)[ \t]*[A-Za-z_]+[ \t]*[:：]")
_BRACKET = re.compile(r"[:：][ \t]*([｛［【])")


def in_yaml(text: str) -> Iterator[tuple[int, Message]]:
    """Yield the lines (1-based) that have a wide sign where YAML needs a narrow one."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in () if line.lstrip().startswith("#") else (_KEY, _NEXT_KEY, _BRACKET):
            if (found := pattern.search(line)) is not None:
                yield number, of_sign(found[1])
                break


def of_sign(sign: str) -> Message:
    """What to write in the place of a wide sign."""
    if sign == "：":
        return Message("a full-width ：; write : and a blank")
    return Message("a full-width {0}; write {1}", sign, NARROW[sign])


def hint(value: object) -> Message | str:
    """For a value that cannot be meant: what of it is full-width; empty where nothing is."""
    if isinstance(value, str) and BLANK in value:
        return Message(" (it has {0})", Message("a full-width blank; write a narrow one"))
    sign = next((sign for sign in value if sign in NARROW), "") if isinstance(value, str) else ""
    return Message(" (it has {0})", of_sign(sign)) if sign else ""
