"""One request and what came of it, as a look keeps it: to be shown to others, and answered again.

A look at a homepage asks the network through here or through a browser; either way what it sent,
what it got, when and from whom is one `Exchange`. A `Log` keeps them, a `Replay` answers with them
in the place of the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ycaudit.model import Cause, Record
from ycaudit.reasons import Reason
from ycaudit.url import parse_web_url, without_credentials

Headers = tuple[tuple[str, str], ...]
"""Names and values as they came, in their order; bytes that are no ASCII read as Latin-1."""
SECRETS = frozenset({"authorization", "proxy-authorization"})
"""Headers that are never kept: they open a site to whoever reads them."""
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Failure(Record):
    """Why a request got no answer."""

    cause: Cause | None = None
    why: Reason | None = None
    is_handshake: bool = False
    """Whether it was the first TLS handshake, after which a laxer one is tried."""
    error: str = ""
    """What a browser calls it, such as net::ERR_NAME_NOT_RESOLVED; empty if nobody is to blame."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, or why there is none."""

    url: str
    began: datetime
    ended: datetime
    method: str = "GET"
    sent: Headers = ()
    sent_body: bytes = b""
    status: int = 0
    phrase: str = ""
    received: Headers = ()
    body: bytes = b""
    """As the headers say: still packed if they name an encoding."""
    broken: bool = False
    """Whether the connection broke before the body was whole."""
    failure: Failure | None = None
    address: str = ""
    """The IP address of who answered."""
    certificate: bytes = b""
    """Of who answered (DER)."""


class Log(Protocol):
    """Keeps what a look asked the network."""

    async def add(self, exchange: Exchange) -> None:
        """Keep it. Raises AuditError where it cannot be written."""
        ...


class Replay:
    """What was kept of one look, to be answered again: the first answer to the first request.

    An address that is asked for more often than it was gets its last answer once more. One that
    was made anew, as with the time or a random number in it, gets the answer of the address that
    has most of its parameters in common.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._left: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
        self._alike: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in exchanges:
            if not self._left[one.method, one.url]:
                self._alike[one.method, _without_query(one.url)].append(one.url)
            self._left[one.method, one.url].append(one)

    def take(self, method: str, url: str) -> Exchange | None:
        """The answer to a request; None where nothing like it was asked."""
        bare = as_kept(url)
        kept = self._left.get((method, bare)) or self._left.get(
            (method, self._nearest(method, bare))
        )
        if not kept:
            return None
        return kept.pop(0) if len(kept) > 1 else kept[0]

    def _nearest(self, method: str, url: str) -> str:
        known = self._alike.get((method, _without_query(url)), [])
        asked = _parameters(url)
        return max(known, key=lambda other: len(asked & _parameters(other)), default="")


@dataclass(slots=True)
class LookArchive:
    """Where one look keeps what it asks the network, or what answers it in the network's place."""

    log: Log | None = None
    replay: Replay | None = None
    troubles: dict[str, tuple[Cause, Reason]] = field(default_factory=dict)
    """By host: why a browser could not connect."""
    began: datetime | None = None
    """When the look that is replayed began."""
    is_partial: bool = False
    """Whether the browser died, so that another look took the place of this one."""
    software: str = ""
    """Which browser looked, and what it called itself."""


def as_kept(url: str) -> str:
    """The address under which an exchange is kept: without fragment, user name and password."""
    return without_credentials(url.partition("#")[0])


def without_secrets(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers that may be shown to others."""
    return tuple((name, value) for name, value in headers if name.lower() not in SECRETS)


def without_chunks(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a body whose chunks were put together."""
    return tuple((name, value) for name, value in headers if name.lower() != "transfer-encoding")


def unpacked(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of a body that is kept as it is after unpacking."""
    return tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_WIRE)


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _parameters(url: str) -> frozenset[tuple[str, str]]:
    found = parse_web_url(url)
    return frozenset(found.parameters if found else ())
