"""The browser's only way out: a SOCKS5 proxy on loopback that dials by the fetcher's rules."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx

from ycaudit.model import Cause
from ycaudit.net.answer import trouble_of
from ycaudit.net.connect import Connector
from ycaudit.net.proxy import Proxy, forwarded
from ycaudit.observe.browser.peers import Family
from ycaudit.reasons import Reason

MAX_BYTES = 64 * 1024 * 1024
"""What one visit may load altogether; a homepage with everything on it stays under 20 MB."""
TURNS = 5
"""Of the event loop, from a call until it is served: a server that is closed in between leaves the
connection open (https://github.com/python/cpython/issues/109564)."""
_CHUNK = 65536
_Verdict = Literal[0, 1, 2, 4, 5]  # RFC 1928: granted, failed, not allowed, unreachable, refused


@dataclass(slots=True)
class SocksProxy:
    """The proxy of one visit: how much it let through, and why connections failed."""

    port: int = 0
    received: int = 0
    troubles: dict[str, tuple[Cause, Reason]] = field(default_factory=dict)
    """By host: why the last connection failed."""

    @property
    def exhausted(self) -> bool:
        """Whether the visit has loaded all that it may."""
        return self.received > MAX_BYTES


@asynccontextmanager
async def open_socks_proxy(
    connector: Connector, seconds: float, client: Family
) -> AsyncIterator[SocksProxy]:
    """A proxy on a free port of loopback until the block ends; a connection may take so long.

    It serves the processes of `client` alone: what is open to a unit is not for others here.
    """
    socks_proxy = SocksProxy()
    open_writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.add(writer)
        try:
            if not client.has_made(*map(writer.get_extra_info, ("peername", "sockname"))):
                return
            await _serve(socks_proxy, connector, seconds, reader, writer)
        except (OSError, asyncio.IncompleteReadError, httpx.TransportError):
            pass  # one side left: the browser tells its page
        finally:
            open_writers.discard(writer)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    socks_proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield socks_proxy
    finally:
        for _ in range(TURNS):  # whoever has called is let in before the door is shut
            await asyncio.sleep(0)
        server.close()
        for writer in tuple(open_writers):
            writer.transport.abort()


async def _serve(
    socks_proxy: SocksProxy,
    connector: Connector,
    seconds: float,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    host, port = await _greet(reader, writer)
    try:
        async with asyncio.timeout(seconds):
            sock, proxy = await connector.connect_for_http(host, port)
            there = await asyncio.open_connection(sock=sock)
    except (TimeoutError, httpx.TransportError, OSError) as error:
        cause, why = trouble_of(error, seconds)
        socks_proxy.troubles[host] = (cause, why)
        _reply(writer, 2 if cause is Cause.REFUSED_ADDRESS else 4)
        await writer.drain()
        return
    _reply(writer, 0)
    outward = _requests(reader, proxy, host, port) if proxy else _bytes(reader)
    try:
        await _relay(socks_proxy, there, outward, writer)
    finally:
        there[1].transport.abort()


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The handshake of RFC 1928 without authentication: what host and port are asked for."""
    version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    if version != 5:
        raise ConnectionError("not SOCKS5")
    writer.write(b"\x05\x00")
    _, command, _, kind = await reader.readexactly(4)
    match kind:
        case 1:
            host = ".".join(map(str, await reader.readexactly(4)))
        case 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("latin-1")
        case _:
            raw = await reader.readexactly(16)
            host = ":".join(raw[i : i + 2].hex() for i in range(0, 16, 2))
    port = int.from_bytes(await reader.readexactly(2))
    if command != 1:
        raise ConnectionError("only CONNECT is served")
    return host, port


def _reply(writer: asyncio.StreamWriter, verdict: _Verdict) -> None:
    writer.write(bytes((5, verdict, 0, 1, 0, 0, 0, 0, 0, 0)))


async def _bytes(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await reader.read(_CHUNK):
        yield data


async def _requests(
    reader: asyncio.StreamReader, proxy: Proxy, host: str, port: int
) -> AsyncIterator[bytes]:
    """The browser's requests as a proxy wants them; their bodies have a length, or none."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        yield forwarded(head, proxy, host, port)
        length = re.search(rb"\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if length and int(length[1]):
            yield await reader.readexactly(int(length[1]))


async def _relay(
    socks_proxy: SocksProxy,
    there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    sent: AsyncIterator[bytes],
    writer: asyncio.StreamWriter,
) -> None:
    """Bytes both ways until one side has enough, or the visit has loaded all it may."""

    async def outward() -> None:
        async for data in sent:
            there[1].write(data)
            await there[1].drain()

    async def inward() -> None:
        while not socks_proxy.exhausted and (data := await there[0].read(_CHUNK)):
            socks_proxy.received += len(data)
            writer.write(data)
            await writer.drain()

    out, into = asyncio.ensure_future(outward()), asyncio.ensure_future(inward())
    try:
        await asyncio.wait((out, into), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (out, into):
            task.cancel()
        await asyncio.gather(out, into, return_exceptions=True)
