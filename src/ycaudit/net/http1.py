"""HTTP/1.1 for httpx on the event loop's own protocols, reading answers as a browser does.

One transport serves one unit. httpx's own engine reads by the RFC what visitors never get to see
so, and makes many small coroutines of each read (docs/decisions.md, 21); here bytes go from the
socket into the parser and wait in a queue that stops the server when it is full.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar, cast

import httpx

from ycaudit.net.answer import (
    LOCATION,
    HandshakeError,
    ProtocolFailedError,
    ReadFailedError,
    tls_reason,
)
from ycaudit.net.answer_parser import MAX_HEAD, AnswerParser, Head
from ycaudit.net.connect import Connector
from ycaudit.net.proxy import Proxy, forwarded
from ycaudit.reasons import Reason

HIGH, LOW = 512 * 1024, 128 * 1024
"""Bytes of body that wait for the reader: at the one the server must wait, at the other go on."""
_FORBIDDEN = (b"\r", b"\n", b"\0")
T = TypeVar("T")
Origin = tuple[str, str, int]


class Transport(httpx.AsyncBaseTransport):
    """Connections to the few hosts of one unit; how many at once is its caller's to limit."""

    def __init__(self, context: Callable[[], ssl.SSLContext], connector: Connector) -> None:
        self._context = context
        self._connector = connector
        self._idle: dict[Origin, list[_Connection]] = {}
        self._open: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still on the way. Raises httpx.TransportError."""
        seconds: dict[str, float | None] = request.extensions.get("timeout", {})
        message = await _message(request)
        url = request.url
        secure = url.scheme == "https"
        origin = (url.scheme, url.host, url.port or (443 if secure else 80))
        while True:
            connection = self._kept(origin)
            is_fresh = connection is None
            if connection is None:
                connection = await _in_time(
                    self._connected(origin), seconds.get("connect"), httpx.ConnectTimeout
                )
            try:
                proxy = connection.proxy
                sent = forwarded(message, proxy, url.host, origin[2]) if proxy else message
                await connection.ask(sent, seconds.get("read"))
                break
            except httpx.NetworkError:
                # A kept connection may end just as it is used again: that is no answer yet.
                if is_fresh or connection.answered:
                    raise
            except BaseException:
                connection.abort()
                raise
        head = connection.head
        return httpx.Response(
            head.status,
            headers=[(told_as(name), value) for name, value in head.headers],
            stream=_Body(self, origin, connection, seconds.get("read")),
            extensions={"peer": connection.peer},
        )

    async def aclose(self) -> None:
        """Drop all connections."""
        for connection in tuple(self._open):
            connection.abort()

    def done(self, origin: Origin, connection: _Connection) -> None:
        """An answer was read, or nobody wants the rest of it."""
        if connection.is_reusable:
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.abort()

    def forget(self, connection: _Connection) -> None:
        """A connection is closed."""
        self._open.discard(connection)

    def _kept(self, origin: Origin) -> _Connection | None:
        """A connection that is free, the last used first."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if not connection.is_closed:
                return connection
        return None

    async def _connected(self, origin: Origin) -> _Connection:
        scheme, host, port = origin
        connection = _Connection(self)
        if scheme == "https":
            sock = await self._connector.connect(host, port)
        else:
            sock, connection.proxy = await self._connector.connect_for_http(host, port)
        self._open.add(connection)
        loop = asyncio.get_running_loop()
        try:
            if scheme == "https":
                await loop.create_connection(
                    lambda: connection, sock=sock, ssl=self._context(), server_hostname=host
                )
            else:
                await loop.create_connection(lambda: connection, sock=sock)
        except (ssl.SSLError, OSError) as error:
            self.forget(connection)
            sock.close()
            raise HandshakeError(tls_reason(error)) from error
        except BaseException:
            self.forget(connection)
            sock.close()
            raise
        return connection


class _Connection(asyncio.Protocol):
    """One connection and the answer that it is getting."""

    def __init__(self, owner: Transport) -> None:
        self._owner = owner
        self.proxy: Proxy | None = None
        """To whom requests are to be forwarded, where it opens no tunnel."""
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._reset()
        self.is_closed = False

    def _reset(self) -> None:
        self._parser = AnswerParser(self._on_body)
        self.answered = False
        """Whether any byte of an answer has come."""
        self._fruitless = 0
        """Bytes since the last of the body: of headers, of trailers, or of sizes of chunks."""
        self._is_whole = False
        self._has_more = False
        """Whether something came that nobody asked for."""
        self._error: httpx.TransportError | None = None
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._is_paused = False

    @property
    def head(self) -> Head:
        """Of the answer that was asked for."""
        assert self._parser.head is not None, "ask comes first"
        return self._parser.head

    @property
    def is_reusable(self) -> bool:
        """Whether the answer is read to its end, and another may follow."""
        if not self._is_whole or self._parts or self.is_closed or self._has_more:
            return False
        return self._parser.is_whole and self.head.keeps_alive

    def peer(self) -> tuple[str, bytes]:
        """Who answered: the IP address, and the certificate (DER) where there is one."""
        if self._transport is None:
            return "", b""
        name = self._transport.get_extra_info("peername") or ("",)
        tls = self._transport.get_extra_info("ssl_object")
        return str(name[0]), (tls.getpeercert(binary_form=True) if tls else None) or b""

    async def ask(self, message: bytes, seconds: float | None) -> None:
        """Send a request and wait for the head of its answer."""
        self._reset()
        if self._transport is None or self.is_closed:
            raise httpx.WriteError("the connection is closed")
        self._transport.write(message)
        while self._parser.head is None:
            await self._more(seconds)

    async def parts(self, seconds: float | None) -> AsyncIterator[bytes]:
        """The body as it comes."""
        while True:
            while self._parts:
                part = self._parts.popleft()
                self._held -= len(part)
                if self._is_paused and self._held <= LOW and self._transport is not None:
                    self._is_paused = False
                    self._transport.resume_reading()
                yield part
            if self._is_whole:
                return
            await self._more(seconds)

    def abort(self) -> None:
        """Close at once, whatever is on the way."""
        self.is_closed = True
        self._owner.forget(self)
        if self._transport is not None:
            self._transport.abort()

    async def _more(self, seconds: float | None) -> None:
        """Wait until something has come. Raises what went wrong."""
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await _in_time(self._waiter, seconds, httpx.ReadTimeout)
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        if not self._is_whole and self._error is None:
            self._error = error
        self._wake()

    # --- what the event loop calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        if self._is_whole or self._error is not None:
            self._has_more = True
            return
        self.answered = True
        self._fruitless += len(data)
        if self._fruitless > MAX_HEAD + len(data):
            self._fail(ProtocolFailedError(Reason.of("http_headers_too_long")))
            return
        try:
            self._has_more = bool(self._parser.feed(data))
        except ProtocolFailedError as error:
            self._fail(error)
        self._is_whole = self._parser.is_whole
        if self._held > HIGH and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        return False  # close: we have nothing more to say

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = True
        self._owner.forget(self)
        if self._parser.ends_with_connection and error is None:
            self._is_whole = True
        elif error is not None:
            self._fail(ReadFailedError(Reason.of("connection_reset", detail=error)))
        elif self._parser.head is not None:
            self._fail(ProtocolFailedError(Reason.of("connection_broken")))
        else:
            self._fail(ReadFailedError(Reason.of("connection_closed")))
        self._wake()

    def _on_body(self, part: bytes) -> None:
        self._fruitless = 0
        self._parts.append(part)
        self._held += len(part)


class _Body(httpx.AsyncByteStream):
    def __init__(
        self, owner: Transport, origin: Origin, connection: _Connection, seconds: float | None
    ) -> None:
        self._owner = owner
        self._origin = origin
        self._connection = connection
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._connection.parts(self._seconds):
            yield part

    async def aclose(self) -> None:
        self._owner.done(self._origin, self._connection)


async def _in_time(
    work: Awaitable[T], seconds: float | None, late: type[httpx.TimeoutException]
) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise late(f"nothing within {seconds:g} s") from error


async def _message(request: httpx.Request) -> bytes:
    """The request as it goes over the wire. Raises where a header would break out of its line."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % pair for pair in request.headers.raw]
    if any(sign in line for line in lines for sign in _FORBIDDEN):
        raise httpx.LocalProtocolError("a line break in a header")
    return b"\r\n".join([*lines, b"", await request.aread()])


def told_as(name: bytes) -> bytes:
    """The name under which httpx is told of a header."""
    return LOCATION if name.lower() == b"location" else name


def told_as_sent(name: bytes) -> bytes:
    """The name that the server gave it."""
    return b"Location" if name == LOCATION else name
