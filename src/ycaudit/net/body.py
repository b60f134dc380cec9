"""Unpacks bodies as Chromium does, and under a cap: httpx unpacks without bound."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from ycaudit.reasons import Reason

_RAW = -15
"""Deflate without a head or a check at the end: browsers show what fails the check, too."""
_GZIP_HEAD = 10
_EXTRA, _NAME, _COMMENT, _CHECK = 4, 8, 16, 2
"""Flags of a gzip head (RFC 1952): what else stands in it."""
_CHECK_SIZE = 4
_NOT_ASKED = frozenset({"br", "zstd"})
MAX_LAYERS = 5


class Unpacker:
    """Unpacks gzip and deflate under a cap in bytes: bombs end at the cap, not at the memory."""

    def __init__(self, encoding: str, cap: int) -> None:
        """`encoding` is the Content-Encoding, as sent; of one with an unknown part, none counts."""
        names = [name.strip() for name in encoding.lower().split(",") if name.strip()]
        self._cap = cap
        self._parts: list[bytes] = []
        self._size = 0
        self.trouble: Reason | None = None
        if not _NOT_ASKED.isdisjoint(names) or len(names) > MAX_LAYERS:
            self.trouble = Reason.of("body_encoding_unknown", encoding=encoding[:40])
        known = all(name in _HEAD_OF for name in names)
        self._layers = [_Layer(name, cap) for name in reversed(names)] if known else []

    @property
    def full(self) -> bool:
        """Whether the cap is reached."""
        return self._size >= self._cap or any(layer.full for layer in self._layers)

    @property
    def body(self) -> bytes:
        """What was unpacked so far."""
        return b"".join(self._parts)

    def feed(self, part: bytes) -> None:
        """Take the next part from the wire."""
        if self.full or self.trouble:
            return
        for layer in self._layers:
            try:
                part = layer.unpack(part)
            except zlib.error as error:
                name = layer.name
                self.trouble = Reason.of("body_encoding_damaged", encoding=name, detail=error)
                return
        part = part[: self._cap - self._size]
        self._parts.append(part)
        self._size += len(part)

    def finish(self) -> None:
        """Nothing more comes: what is packed must have ended, and be what was packed."""
        for layer in self._layers:
            if self.trouble is None and layer.is_unfinished:
                self.trouble = Reason.of("body_encoding_broke_off", encoding=layer.name)
            elif self.trouble is None and layer.is_altered:
                self.trouble = Reason.of("body_encoding_damaged", encoding=layer.name)


class _Layer:
    """One encoding; what follows its end is passed over."""

    def __init__(self, name: str, cap: int) -> None:
        self.name = name
        self._left = cap
        self._held = b""
        self._inflate = zlib.decompressobj(_RAW)
        self._has_head = False
        self._sum = 0
        self._after = b""

    @property
    def full(self) -> bool:
        return self._left <= 0

    @property
    def is_unfinished(self) -> bool:
        return (self._has_head or bool(self._held)) and not self._inflate.eof

    @property
    def is_altered(self) -> bool:
        """Whether the CRC-32 at the end of gzip data is another; of many servers it is missing."""
        is_checked = self.name != "deflate" and len(self._after) == _CHECK_SIZE
        return is_checked and int.from_bytes(self._after, "little") != self._sum

    def unpack(self, part: bytes) -> bytes:
        """What comes of the next part. Raises zlib.error where it is not packed so."""
        if not self._has_head:
            self._held += part
            head = _HEAD_OF[self.name](self._held)
            if head is None:
                return b""
            part, self._held, self._has_head = self._held[head:], b"", True
        if self.full:
            return b""  # to unpack "at most nothing" would mean all of it
        if self._inflate.eof:
            self._after = (self._after + part)[:_CHECK_SIZE]
            return b""
        unpacked = self._inflate.decompress(part, self._left)
        self._after = self._inflate.unused_data[:_CHECK_SIZE]
        self._sum = zlib.crc32(unpacked, self._sum)
        self._left -= len(unpacked)
        return unpacked


def _gzip_head(data: bytes) -> int | None:
    """How long the head is; None while it has not come whole."""
    if not data.startswith(b"\x1f\x8b\x08"[: len(data)]):
        raise zlib.error("no gzip data")
    if len(data) < _GZIP_HEAD:
        return None
    flags, end = data[3], _GZIP_HEAD
    if flags & _EXTRA:
        end += 2 + int.from_bytes(data[end : end + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            zero = data.find(b"\0", end)
            if zero < 0:
                return None
            end = zero + 1
    end += 2 if flags & _CHECK else 0
    return end if end <= len(data) else None


def _deflate_head(data: bytes) -> int | None:
    """Some servers send it without the zlib head that RFC 9110 asks for."""
    if len(data) < 2:
        return None
    is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return 2 if is_zlib else 0


_HEAD_OF: dict[str, Callable[[bytes], int | None]] = {
    "gzip": _gzip_head,
    "x-gzip": _gzip_head,
    "deflate": _deflate_head,
}
