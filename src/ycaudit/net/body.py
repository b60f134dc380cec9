"""Unpacks bodies under a cap: httpx unpacks without bound."""

from __future__ import annotations

from typing import Any

from isal import isal_zlib

from ycaudit.reasons import Reason


class Unpacker:
    """Unpacks gzip and deflate under a cap: bombs end at the cap, not at the memory."""

    def __init__(self, encoding: str, cap: int) -> None:
        self._cap = cap
        self._parts: list[bytes] = []
        self._size = 0
        self._encoding = encoding.strip().lower()
        self._stream: Any = None
        self._held = b""
        self.trouble: Reason | None = None
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
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
        if self.full or (self.trouble and self._stream is None):
            return  # to unpack "at most nothing" would mean all of it
        if self._stream is None and self._encoding in ("gzip", "x-gzip", "deflate"):
            part, self._held = self._held + part, b""
            if len(part) < len(_GZIP):
                self._held = part  # too little to tell what it is
                return
            self._stream = self._start(part)
        self._take(part)

    def finish(self) -> None:
        """Nothing more comes: what was held back is plain, what is packed must have ended."""
        if self._held:
            self._take(self._held)
        packed = self._stream is not None and self._stream is not _PLAIN
        if packed and not self._stream.eof and self.trouble is None:
            self.trouble = Reason.of("body_encoding_broke_off", encoding=self._encoding)

    def _take(self, part: bytes) -> None:
        room = self._cap - self._size
        if self._stream is not None and self._stream is not _PLAIN:
            try:
                part = self._stream.decompress(part, room)
            except isal_zlib.error as error:  # type: ignore[misc]
                self.trouble = Reason.of(
                    "body_encoding_damaged", encoding=self._encoding, detail=error
                )
                part = b""
        self._parts.append(part[:room])
        self._size += len(part[:room])

    def _start(self, part: bytes) -> Any:
        """By what the bytes are: some servers say gzip and send plain text, or raw deflate."""
        if part[:2] == _GZIP or (self._encoding == "deflate" and part[:1] == b"\x78"):
            return isal_zlib.decompressobj(47)
        return isal_zlib.decompressobj(-15) if self._encoding == "deflate" else _PLAIN


_PLAIN: Any = object()
_GZIP = b"\x1f\x8b"
