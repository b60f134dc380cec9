"""Reads HTTP/1.x answers as Chromium does: what a visitor is shown, and nothing that he is not.

Whether an answer is a page is a question of what browsers put up with, not of RFC 9112. The rules
are those of net/http in Chromium's source; tests/net/odd_answers.json has what it shows of odd
answers. Nobody behind us could read the same bytes otherwise, so leniency smuggles nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from ycaudit.net.answer import ProtocolFailedError
from ycaudit.reasons import Reason

MAX_HEAD = 256 * 1024
"""Bytes of status line and headers: where browsers stop, too."""
MAX_CHUNK_LINE = 16 * 1024
_START = re.compile(rb".{0,4}?http", re.IGNORECASE | re.DOTALL)
"""Up to four bytes of junk are forgiven: a byte order mark, a line end too many."""
_TOLD = 8
"""Bytes after which it is clear that no status line comes."""
_END = re.compile(rb"\n\r?\n")
_VERSION = re.compile(rb"http/(\d)[^. \r\n]*\.(\d)", re.IGNORECASE)
_STATUS = re.compile(rb"[^ ]* +(\d+)")
_LINES = re.compile(rb"[\r\n]+")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BLANK = b" \t"
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]+) *(?:;.*)?", re.DOTALL)
_MAX_LENGTH = 2**63 - 1
_WITHOUT_BODY = frozenset({204, 205, 304})
Headers = list[tuple[bytes, bytes]]


class _Part(Enum):
    """Of an answer, which comes next."""

    HEAD = auto()
    SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    COUNTED = auto()
    ENDLESS = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer."""

    status: int
    version: tuple[int, int]
    headers: Headers
    values: Mapping[bytes, list[bytes]]
    """Each value of a header, by its name in lower case."""

    def words(self, name: bytes) -> list[bytes]:
        """The values of a header that is a list, in lower case."""
        every = b",".join(self.values.get(name, ())).lower()
        return [word.strip(_BLANK) for word in every.split(b",")]

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks, by what is told."""
        return self.version >= (1, 1) and b"chunked" in self.words(b"transfer-encoding")

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection may be used again."""
        words = self.words(b"connection")
        return b"close" not in words if self.version >= (1, 1) else b"keep-alive" in words


class AnswerParser:
    """Takes the bytes of one answer as they come, and hands its body on.

    Informational answers before it (100, 103) are passed over. Raises ProtocolFailedError.
    """

    def __init__(self, on_body: Callable[[bytes], None]) -> None:
        self.head: Head | None = None
        self._on_body = on_body
        self._raw = bytearray()
        """Of the head, so far."""
        self._held = b""
        """Of a line between chunks, so far."""
        self._left = 0
        self._part = _Part.HEAD
        self._readers: dict[_Part, Callable[[bytes], bytes]] = {
            _Part.HEAD: self._read_head,
            _Part.SIZE: self._read_size,
            _Part.CHUNK: self._read_counted,
            _Part.CHUNK_END: self._read_chunk_end,
            _Part.TRAILER: self._read_trailer,
            _Part.COUNTED: self._read_counted,
            _Part.ENDLESS: self._read_rest,
        }

    @property
    def is_whole(self) -> bool:
        """Whether all of the answer has come."""
        return self._part is _Part.NOTHING

    @property
    def ends_with_connection(self) -> bool:
        """Whether the end of the connection is the end of the body."""
        return self._part is _Part.ENDLESS

    def feed(self, data: bytes) -> bytes:
        """Take more bytes; gives what came after the end of the answer."""
        while data and not self.is_whole:
            data = self._readers[self._part](data)
        return data

    def _read_head(self, data: bytes) -> bytes:
        raw, before = self._raw, len(self._raw)
        raw += data
        start = _START.match(raw)
        if start is None and len(raw) >= _TOLD:
            raise _not_http(f"no status line: {bytes(raw[:_TOLD])!r}")
        # Not from the beginning each time: a server may send one byte after the other.
        end = _END.search(raw, max(start.end(), before - 2)) if start else None
        if (end.end() if end else len(raw)) > MAX_HEAD:
            raise ProtocolFailedError(Reason.of("http_headers_too_long"))
        if start is None or end is None:
            return b""
        self._raw = bytearray()
        self._begin(_head(bytes(raw[start.end() - 4 : end.start()])))
        return bytes(raw[end.end() :])

    def _begin(self, head: Head) -> None:
        if head.status == 101:
            raise _not_http("an upgrade that nobody asked for")
        if 100 <= head.status < 200:
            return  # Continue, Early Hints: the answer is still to come
        _check_unambiguous(head)
        self.head = head
        length = _length(head)
        if head.status in _WITHOUT_BODY or length == 0:
            self._part = _Part.NOTHING
        elif head.is_chunked:
            self._part = _Part.SIZE
        elif length is None:
            self._part = _Part.ENDLESS
        else:
            self._part, self._left = _Part.COUNTED, length

    def _read_counted(self, data: bytes) -> bytes:
        body = data[: self._left]
        self._left -= len(body)
        self._on_body(body)
        if not self._left:
            self._part = _Part.CHUNK_END if self._part is _Part.CHUNK else _Part.NOTHING
        return data[len(body) :]

    def _read_rest(self, data: bytes) -> bytes:
        self._on_body(data)
        return b""

    def _read_size(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line is not None:
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise _not_http(f"no size of a chunk: {line[:20]!r}")
            self._left = int(size[1], 16)
            self._part = _Part.CHUNK if self._left else _Part.TRAILER
        return rest

    def _read_chunk_end(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line:
            raise _not_http(f"a chunk goes on after its end: {line[:20]!r}")
        if line is not None:
            self._part = _Part.SIZE
        return rest

    def _read_trailer(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line == b"":
            self._part = _Part.NOTHING
        return rest

    def _line(self, data: bytes) -> tuple[bytes | None, bytes]:
        """The next line without its end, and what follows; None while it has not come whole."""
        line, end, rest = data.partition(b"\n")
        line = self._held + line
        if len(line) > MAX_CHUNK_LINE:
            raise _not_http("the line of a chunk has no end")
        self._held = b"" if end else line
        return (line.removesuffix(b"\r") if end else None), rest


def _not_http(detail: str) -> ProtocolFailedError:
    return ProtocolFailedError(Reason.of("not_http", detail=detail))


def _head(raw: bytes) -> Head:
    """From "HTTP" on, without the empty line at the end."""
    if b"\0" in raw:
        raise _not_http("a NUL among the headers")
    first, *lines = _LINES.split(raw)
    version = _VERSION.match(first)
    status = _STATUS.match(first)
    headers = _headers(lines)
    values = defaultdict(list)
    for name, value in headers:
        values[name.lower()].append(value)
    return Head(
        int(status[1][:9]) if status else 200,
        (int(version[1]), int(version[2])) if version else (1, 0),
        headers,
        values,
    )


def _headers(lines: list[bytes]) -> Headers:
    """Lines that are no headers are passed over; one that begins with a blank goes on."""
    found: Headers = []
    goes_on = False
    for line in lines:
        if goes_on and line[:1] in (b" ", b"\t"):
            name, value = found[-1]
            found[-1] = name, (value + b" " + line.strip(_BLANK)).strip()
            continue
        name, colon, value = line.partition(b":")
        name = name.rstrip(_BLANK)
        goes_on = bool(colon and _NAME.fullmatch(name))
        if goes_on:
            found.append((name, value.strip(_BLANK)))
    return found


def _check_unambiguous(head: Head) -> None:
    """Who can make a server send two of these can make two readers see two answers."""
    lengths = () if head.is_chunked else head.words(b"content-length")
    for name, values in (
        ("Content-Length", lengths),
        ("Location", head.values.get(b"location", ())),
    ):
        if len(set(values)) > 1:
            raise ProtocolFailedError(Reason.of("http_ambiguous", header=name))


def _length(head: Head) -> int | None:
    """The length of the body that is not in chunks; what is no number tells nothing."""
    if head.is_chunked:
        return None
    text = next(iter(head.words(b"content-length")), b"")
    length = int(text) if text.isdigit() and len(text) < 100 else _MAX_LENGTH + 1
    return length if length <= _MAX_LENGTH else None
