"""Keeps what a tab asks the network, and answers a tab with what was kept.

Both by the debugging protocol: a page that is recorded sees no difference, one that is replayed
meets recorded answers in the browser itself, whatever the scheme, and nothing reaches the network.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ycaudit.net.exchange import (
    Exchange,
    Failure,
    Headers,
    Log,
    Replay,
    as_kept,
    unpacked,
    without_secrets,
)
from ycaudit.observe.browser.devtools import CommandError, GoneError
from ycaudit.observe.browser.traffic import is_nobodys
from ycaudit.url import parse_web_url

SETTLE_SECONDS = 5.0
"""How long the last bodies of a look are waited for."""
MAX_REQUESTS = 5000
MAX_CAME = 1 << 20
"""Bytes that are kept of a page as they come."""
Send = Callable[..., Awaitable[dict[str, Any]]]
_ERRORS = {
    "ERR_NAME_NOT_RESOLVED": "NameNotResolved",
    "ERR_CONNECTION_REFUSED": "ConnectionRefused",
    "ERR_CONNECTION_RESET": "ConnectionReset",
    "ERR_CONNECTION_CLOSED": "ConnectionClosed",
    "ERR_CONNECTION_ABORTED": "ConnectionAborted",
    "ERR_CONNECTION_FAILED": "ConnectionFailed",
    "ERR_ADDRESS_UNREACHABLE": "AddressUnreachable",
    "ERR_INTERNET_DISCONNECTED": "InternetDisconnected",
    "ERR_TIMED_OUT": "TimedOut",
    "ERR_ACCESS_DENIED": "AccessDenied",
    "ERR_ABORTED": "Aborted",
    "ERR_BLOCKED_BY_CLIENT": "BlockedByClient",
}
"""Chromium's errors by the names that its protocol has for them; the others are `Failed`."""
_ERROR = re.compile(r"ERR_[A-Z_]+")


@dataclass(slots=True)
class _Asked:
    """A request that has begun."""

    exchange: Exchange
    is_https: bool
    cookies: Headers = ()
    came: bytes = b""
    """Of a page, what has come so far: of one that is left before its end, the browser keeps
    nothing."""


class Recorder:
    """Keeps the requests of one tab."""

    def __init__(self, log: Log, send: Send, now: Callable[[], datetime]) -> None:
        self._log = log
        self._send = send
        self._now = now
        self._asked: dict[str, _Asked] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self._following: set[asyncio.Task[None]] = set()
        self._certificates: dict[str, bytes] = {}

    def note(self, name: str, params: dict[str, Any]) -> None:
        """An event of Chromium's Network domain."""
        match name:
            case "Network.requestWillBeSent":
                if (redirect := params.get("redirectResponse")) is not None:
                    self._answered(params["requestId"], redirect)
                    self._keep(self._ended(params["requestId"]), None)
                self._begin(params)
            case "Network.responseReceivedExtraInfo":
                self._note_cookies(params)
            case "Network.responseReceived":
                self._answered(params["requestId"], params["response"])
                if params.get("type") == "Document":
                    _beside(self._following, self._follow(params["requestId"]))
            case "Network.dataReceived" if "data" in params:
                asked = self._asked.get(params["requestId"])
                if asked is not None and len(asked.came) < MAX_CAME:
                    asked.came += b64decode(params["data"])
            case "Network.loadingFinished":
                self._keep(self._ended(params["requestId"]), params["requestId"])
            case "Network.loadingFailed":
                self._fail(params)

    async def settle(self) -> None:
        """Wait until what has come is kept; what was still under way is kept as it was."""
        for task in tuple(self._following):
            task.cancel()
        for number in tuple(self._asked):
            ended = self._ended(number)
            if ended is not None and ended.exchange.status:
                ended.exchange = replace(ended.exchange, broken=True)
            self._keep(ended, None)
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await asyncio.gather(*self._keeping)

    async def _follow(self, number: str) -> None:
        """Have the browser tell what comes of a page, as it comes."""
        asked = self._asked.get(number)
        with suppress(GoneError, CommandError, TimeoutError):
            found = await self._send("Network.streamResourceContent", requestId=number)
            if asked is not None:
                asked.came = b64decode(found["bufferedData"]) + asked.came

    def _begin(self, params: dict[str, Any]) -> None:
        request = params["request"]
        url = as_kept(str(request["url"]))
        if not url.lower().startswith(("http:", "https:")) or len(self._asked) >= MAX_REQUESTS:
            return
        now = self._now()
        exchange = Exchange(
            url=url,
            began=now,
            ended=now,
            method=str(request["method"]),
            sent=without_secrets(_headers(request["headers"])),
            sent_body=str(request.get("postData", "")).encode(),
        )
        self._asked[params["requestId"]] = _Asked(exchange, url.lower().startswith("https:"))

    def _note_cookies(self, params: dict[str, Any]) -> None:
        """Only here are the cookies that a server sets."""
        if (asked := self._asked.get(params["requestId"])) is not None:
            pairs = _headers(params["headers"])
            asked.cookies = tuple(pair for pair in pairs if pair[0].lower() == "set-cookie")

    def _answered(self, number: str, response: dict[str, Any]) -> None:
        if (asked := self._asked.get(number)) is None:
            return
        plain = (p for p in _headers(response["headers"]) if p[0].lower() != "set-cookie")
        asked.exchange = replace(
            asked.exchange,
            ended=self._now(),
            status=int(response["status"]),
            phrase=str(response.get("statusText", "")),
            received=unpacked(plain),
        )

    def _fail(self, params: dict[str, Any]) -> None:
        if (ended := self._ended(params["requestId"])) is None:
            return
        error = "" if is_nobodys(params) else str(params.get("errorText") or "lost")
        ended.exchange = replace(ended.exchange, failure=Failure(error=error))
        self._keep(ended, None)

    def _ended(self, number: str) -> _Asked | None:
        ended = self._asked.pop(number, None)
        if ended is not None:
            ended.exchange = replace(ended.exchange, ended=self._now())
        return ended

    def _keep(self, ended: _Asked | None, body_of: str | None) -> None:
        """Keep an exchange, with the body that the browser still has of it."""
        if ended is not None:
            _beside(self._keeping, self._kept(ended, body_of))

    async def _kept(self, ended: _Asked, body_of: str | None) -> None:
        received = (*ended.exchange.received, *ended.cookies)
        body = b"" if ended.exchange.failure else ended.came
        exchange = replace(ended.exchange, received=received, body=body)
        if body_of is not None:
            try:
                found = await self._send("Network.getResponseBody", requestId=body_of)
                exchange = replace(exchange, body=_body(found))
            except (GoneError, CommandError, TimeoutError):
                # The page has gone on: what it showed for a moment is not kept whole.
                exchange = replace(exchange, broken=not _has_no_body(exchange))
        if ended.is_https and exchange.failure is None:
            exchange = replace(exchange, certificate=await self._certificate(exchange.url))
        await self._log.add(exchange)

    async def _certificate(self, url: str) -> bytes:
        """The server's certificate, told once a server."""
        found = parse_web_url(url)
        origin = f"https://{found.host}:{found.port}" if found else ""
        if origin in self._certificates:
            return b""
        self._certificates[origin] = b""
        with suppress(GoneError, CommandError, TimeoutError):
            table = (await self._send("Network.getCertificate", origin=origin))["tableNames"]
            return b64decode(table[0]) if table else b""
        return b""


def _beside(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def answer(replay: Replay, send: Send, params: dict[str, Any]) -> None:
    """Answer a request that the browser holds up, as it was answered then."""
    number, request = params["requestId"], params["request"]
    url = str(request["url"])
    if not url.lower().startswith(("http:", "https:")):
        await send("Fetch.continueRequest", requestId=number)
        return
    kept = replay.take(str(request["method"]), url)
    if kept is None or kept.failure is not None:
        await send("Fetch.failRequest", requestId=number, errorReason=_reason(kept))
        return
    await send(
        "Fetch.fulfillRequest",
        requestId=number,
        responseCode=kept.status,
        responsePhrase=kept.phrase or "-",
        responseHeaders=[{"name": n, "value": v} for n, v in unpacked(kept.received)],
        body=b64encode(kept.body).decode(),
    )


def _reason(kept: Exchange | None) -> str:
    if kept is None or kept.failure is None:
        return "Failed"
    found = _ERROR.search(kept.failure.error)
    if found is None:
        return "Failed" if kept.failure.error else "BlockedByClient"
    return _ERRORS.get(found[0], "Failed")


def _body(found: dict[str, Any]) -> bytes:
    text = str(found["body"])
    return b64decode(text) if found.get("base64Encoded") else text.encode()


def _has_no_body(exchange: Exchange) -> bool:
    return exchange.status in (204, 304) or exchange.method == "HEAD"


def _headers(found: dict[str, Any]) -> Headers:
    """Chromium puts the values of one name on lines of one text."""
    return tuple((str(n), line) for n, text in found.items() for line in str(text).split("\n"))
