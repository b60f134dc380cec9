"""Reads SVG of strangers and writes it anew, without all that points outside of the drawing.

The rasteriser opens files that an `href` names. So it is given nothing but what is written here:
elements, attributes and text, in UTF-8; no document type, no instructions, and no address but of
what the drawing itself holds (`data:`, `#…`).
"""

from __future__ import annotations

import re
import zlib
from html import escape
from xml.parsers import expat

from ycaudit.net import charset

MAX_BYTES = 4 * 1024 * 1024
"""Unpacked, and what its entities may unfold to."""
_GZIP = b"\x1f\x8b"
_UTF16 = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_MARKUP = re.compile(r"\s*<[?!\w]")
_INSIDE = re.compile(r"#|data:[^,]*,", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"""url\(\s*+["']?+\s*+(?!#|data:)[^)]*+\)?|@import\b[^;]*+;?""", re.IGNORECASE
)
"""What style sheets and attributes may refer to beside what is in the drawing."""
_REFERENCE = re.compile("&(?!#)")


class NoDrawingError(ValueError):
    """The bytes are something else, if they are XML at all."""


class TooLargeError(ValueError):
    """More than a drawing may have."""


class EntitiesError(ValueError):
    """Its entities unfold, as those of attacks do."""


def text_of(data: bytes) -> str | None:
    """The text of what may be a drawing; None for bytes that are no markup.

    Raises TooLargeError, and zlib.error where packed bytes are damaged.
    """
    if data.startswith(_GZIP):
        data = zlib.decompressobj(47).decompress(data, MAX_BYTES + 1)
    if not data.lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n").startswith(b"<"):
        return None
    if len(data) > MAX_BYTES:
        raise TooLargeError
    utf16 = _UTF16.get(data[:2])
    text = data.decode(utf16, errors="replace") if utf16 else charset.decode(data)
    return text if _MARKUP.match(text) else None


def enclosed(text: str) -> str:
    """The drawing, and nothing that it does not hold itself.

    Raises NoDrawingError, TooLargeError, EntitiesError, and ExpatError where it is damaged.
    """
    writer = _Writer(len(_REFERENCE.findall(text)))
    try:
        writer.parser.Parse(text.lstrip(), True)
    except expat.ExpatError as error:
        raise error if writer.is_drawing else NoDrawingError from error
    return "".join(writer.parts)


class _Writer:
    def __init__(self, references: int) -> None:
        self.parts: list[str] = []
        self.is_drawing = False
        self._references = references
        """At most so many times is an entity unfolded."""
        self._text: list[str] = []
        # A parser of text takes it for UTF-8, whatever encoding it declares; it opens no entity
        # that is elsewhere.
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.specified_attributes = True
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _entity(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        """Illustrator gives its namespaces short names; attacks make entities of entities."""
        if value is not None and ("&" in value or len(value) * self._references > MAX_BYTES):
            raise EntitiesError

    def _start(self, name: str, given: dict[str, str]) -> None:
        if not self.is_drawing:
            if _local(name) != "svg":
                raise NoDrawingError
            self.is_drawing = True
        self._flush()
        kept = (f' {key}="{escape(_closed(v))}"' for key, v in given.items() if _is_inside(key, v))
        self.parts.append(f"<{name}{''.join(kept)}>")

    def _end(self, name: str) -> None:
        self._flush()
        self.parts.append(f"</{name}>")

    def _data(self, text: str) -> None:
        self._text.append(text)  # in pieces, whose borders may be anywhere

    def _flush(self) -> None:
        self.parts.append(escape(_closed("".join(self._text)), quote=False))
        self._text.clear()


def _closed(text: str) -> str:
    return _OUTSIDE.sub("none", text)


def _is_inside(attribute: str, value: str) -> bool:
    return _local(attribute) != "href" or _INSIDE.match(value.strip()) is not None


def _local(name: str) -> str:
    return name.rpartition(":")[2]
