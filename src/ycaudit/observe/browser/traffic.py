"""What a page asks the network for: what came, what was lost and why, what is still under way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ycaudit.observe.browser import certificates

ENDLESS = frozenset({"Media", "WebSocket", "EventSource", "Ping", "Preflight", "Prefetch"})
"""Kinds of request that are not waited for."""
_NOBODYS = re.compile(r"BLOCKED_BY_CLIENT|ERR_ABORTED", re.IGNORECASE)
"""Failures that are no loss: we blocked it, or the page no longer wanted it."""
MAX_KEPT = 5000
_ASKING = ("GET", "HEAD", "OPTIONS")


@dataclass(slots=True)
class Request:
    """One request; `kind` is Chromium's resource type, such as Document, Script or Image."""

    id: str
    url: str
    kind: str
    frame: str
    asked: str = ""
    """The address before any redirect."""
    by_us: bool = False
    """Whether only the auditor's own clicks asked for it."""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    certificate: Mapping[str, Any] | None = None
    """What Chromium tells of a certificate that it would have refused."""
    failure: str = ""
    is_done: bool = False


class Traffic:
    """The requests of one page, in the order in which they were made."""

    def __init__(self) -> None:
        self.requests: dict[str, Request] = {}
        self.arrived: Request | None = None
        """The last document of the page itself."""
        self.acting = False
        """Whether the auditor points and clicks: what is asked for then is by us."""
        self.sockets = 0
        self.sent = 0
        """How often something was sent, such as a vote, and not merely asked for."""
        self.too_many = False

    def pending(self) -> Iterator[Request]:
        """What is under way."""
        return (
            r
            for r in self.requests.values()
            if not r.is_done
            and r.kind not in ENDLESS
            # A script that does not read what a server has answered does not wait for it either.
            and not (r.kind == "Fetch" and r.status)
        )

    def lost(self) -> Iterator[Request]:
        """What did not come, or came as an error."""
        for request in self.requests.values():
            if request.failure or request.status >= 400:
                yield request

    def of(self, url: str) -> Request | None:
        """The last request for an address."""
        bare = url.partition("#")[0]
        found = [r for r in self.requests.values() if r.url == bare]
        return found[-1] if found else None

    def document_of(self, frame: str) -> str:
        """The address of what a frame shows; of the page, where it was written into that."""
        found = [
            r.url
            for r in self.requests.values()
            if r.kind == "Document" and r.frame == frame and r.status
        ]
        return found[-1] if found else self.arrived.url if self.arrived else ""

    def note(self, name: str, params: dict[str, Any], main_frame: str) -> None:
        """An event of Chromium's Network domain."""
        match name:
            case "Network.requestWillBeSent":
                self._begin(params)
            case "Network.responseReceived":
                self._answer(params, main_frame)
            case "Network.loadingFinished":
                self._end(params["requestId"], "")
            case "Network.loadingFailed":
                failure = str(params.get("errorText") or "lost")
                self._end(params["requestId"], "" if is_nobodys(params) else failure)
            case "Network.webSocketCreated":
                self.sockets += 1

    def _begin(self, params: dict[str, Any]) -> None:
        if len(self.requests) >= MAX_KEPT:
            self.too_many = True
            return
        number = params["requestId"]
        url = str(params["request"]["url"])
        self.sent += params["request"].get("method", "GET") not in _ASKING
        if url[:5].lower() in ("data:", "blob:"):
            return
        kind = str(params.get("type", "Other"))
        url = url.partition("#")[0]
        before = self.requests.get(number)  # which has sent us on
        self.requests[number] = Request(
            *(number, url, kind, str(params.get("frameId", ""))),
            asked=before.asked if before else url,
            by_us=self.acting,
        )

    def _answer(self, params: dict[str, Any], main_frame: str) -> None:
        request = self.requests.get(params["requestId"])
        if request is None:
            return
        response = params["response"]
        request.status = int(response["status"])
        request.headers = {str(k).lower(): str(v) for k, v in response["headers"].items()}
        request.certificate = certificates.refused(response)
        request.url = str(response["url"]).partition("#")[0]
        if request.kind == "Document" and request.frame == main_frame:
            self.arrived = request

    def _end(self, number: str, failure: str) -> None:
        request = self.requests.get(number)
        if request is not None:
            # Of a frame that failed, Chromium then says that its own error page has come.
            request.is_done, request.failure = True, request.failure or failure


def is_nobodys(failed: dict[str, Any]) -> bool:
    """Whether a request that failed is no loss.

    What Chromium refuses (CSP, nosniff, mixed content …) no visitor gets either.
    """
    refused = failed.get("blockedReason") or failed.get("canceled")
    return bool(refused or _NOBODYS.search(str(failed.get("errorText") or "lost")))
