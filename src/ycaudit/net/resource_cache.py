"""What is kept of fetched resources: for the other units of a run, and for later runs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from ycaudit.net.answer import Fetched


@dataclass(frozen=True, slots=True)
class CachedResource:
    """What an earlier run knows of a resource; of an image without its bytes."""

    etag: str
    modified: str
    content_type: str
    sha256: str
    body: bytes | None

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask whether it is still the same (RFC 9110, 13.1)."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in pairs.items() if value}


class ResourceCache(Protocol):
    """Keeps resources from run to run."""

    def get(self, url: str) -> CachedResource | None:
        """What is known of the resource at this address."""

    def touch(self, url: str) -> None:
        """Note that the server called it unchanged."""

    def put(self, url: str, fetched: Fetched, *, sha256: str, is_image: bool) -> None:
        """Keep it."""


class RunCache:
    """Answers for the other units of a run, the least recently used making room."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._answers: OrderedDict[str, Fetched] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> Fetched | None:
        """The answer that was put under this key, unless it had to make room."""
        if (known := self._answers.get(key)) is not None:
            self._answers.move_to_end(key)
        return known

    def put(self, key: str, fetched: Fetched) -> None:
        """Keep a whole, good answer; others are not for other units."""
        if fetched.status != 200 or fetched.truncated:
            return
        self._answers[key] = fetched
        self._bytes += len(fetched.body)
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._answers.popitem(last=False)[1].body)
