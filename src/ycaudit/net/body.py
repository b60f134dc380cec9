"""Unpacks bodies under a cap: httpx unpacks without bound."""

from __future__ import annotations

import zlib
from typing import Protocol

from ycaudit.reasons import Reason

_GZIP = b"\x1f\x8b"


class _Stream(Protocol):
    @property
    def eof(self) -> bool:
        """Whether what was packed has ended."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Unpack at most so many bytes."""


class _Plain:
    """A stream that is not packed."""

    eof = True

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return data[:max_length]


class Unpacker:
    """Unpacks gzip and deflate under a cap in bytes: bombs end at the cap, not at the memory."""

    def __init__(self, encoding: str, cap: int) -> None:
        """`encoding` is the Content-Encoding, as sent."""
        self._cap = cap
        self._parts: list[bytes] = []
        self._size = 0
        self._encoding = encoding.strip().lower()
        self._stream: _Stream | None = None
        self._held = b""
        self.trouble: Reason | None = None
        if self._encoding in ("", "identity"):
            self._stream = _Plain()
        elif self._encoding not in ("gzip", "x-gzip", "deflate"):
            self.trouble = Reason.of("body_encoding_unknown", encoding=encoding[:40])

    @property
    def full(self) -> bool:
        """Whether the cap is reached."""
        return self._size >= self._cap

    @property
    def body(self) -> bytes:
        """What was unpacked so far."""
        return b"".join(self._parts)

    def feed(self, part: bytes) -> None:
        """Take the next part from the wire."""
        if self.full or self.trouble:
            return  # to unpack "at most nothing" would mean all of it
        if self._stream is None:
            part, self._held = self._held + part, b""
            if len(part) < len(_GZIP):
                self._held = part  # too little to tell what it is
                return
            self._stream = self._start(part)
        self._take(part, self._stream)

    def finish(self) -> None:
        """Nothing more comes: what was held back is plain, what is packed must have ended."""
        if self._held:
            self._take(self._held, _Plain())
        if self._stream is not None and not self._stream.eof and self.trouble is None:
            self.trouble = Reason.of("body_encoding_broke_off", encoding=self._encoding)

    def _take(self, part: bytes, stream: _Stream) -> None:
        try:
            part = stream.decompress(part, self._cap - self._size)
        except zlib.error as error:
            why = Reason.of("body_encoding_damaged", encoding=self._encoding, detail=error)
            self.trouble = why
            return
        self._parts.append(part)
        self._size += len(part)

    def _start(self, part: bytes) -> _Stream:
        """By what the bytes are: some servers say gzip and send plain text, or raw deflate."""
        if part[:2] == _GZIP or (self._encoding == "deflate" and part[:1] == b"\x78"):
            return zlib.decompressobj(47)  # 32 + 15: a gzip or zlib header, whichever is there
        return zlib.decompressobj(-15) if self._encoding == "deflate" else _Plain()
