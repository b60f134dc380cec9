"""What comes of a request: an answer, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ycaudit.model import Cause
from ycaudit.reasons import Reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; `truncated` says why the body is not whole."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: Reason | None = None
    remarks: tuple[Reason, ...] = ()
    hops: tuple[str, ...] = ()
    """The addresses passed on the way, the first and the last among them."""
    digest: str | None = None
    """The sha256 of the body, where the body itself was not fetched again."""

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as sent."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True, slots=True)
class FetchError:
    """No answer, and why."""

    url: str
    cause: Cause
    why: Reason
    hops: tuple[str, ...] = ()
