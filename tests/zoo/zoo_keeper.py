"""Serves the animals of the zoo: raw servers that answer as nobody should."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.2"
"""Where all animals live: the only address that is open to the units."""
Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Handler = Callable[[str, Reader, Writer], Awaitable[None]]
"""Answers one request, of which it is given the path."""


@dataclass(slots=True)
class Keeper:
    """Many servers on one event loop, in a thread of its own."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    asked: list[str] = field(default_factory=list)
    """Every request, as `port path`."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    """What ends servers that are not on the loop."""
    _servers: list[asyncio.Server] = field(default_factory=list)
    _writers: set[Writer] = field(default_factory=set)

    def open(self, handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = HOST) -> int:
        """A server that answers so; its port."""
        opening = asyncio.run_coroutine_threadsafe(self._open(handler, tls, host), self.loop)
        return opening.result(10)

    async def _open(self, handler: Handler, tls: ssl.SSLContext | None, host: str) -> int:
        async def serve(reader: Reader, writer: Writer) -> None:
            self._writers.add(writer)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    path = head.split(b" ")[1].decode("latin-1")
                    at, port = writer.get_extra_info("sockname")[:2]
                    self.asked.append(f"http://{at}:{port}{path}")
                    await handler(path, reader, writer)
                    await writer.drain()
            self._writers.discard(writer)
            writer.close()

        server = await asyncio.start_server(serve, host, 0, ssl=tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End all servers and whatever they are in the middle of."""
        for end in self.closing:
            end()
        for server in self._servers:
            server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def keeping() -> Iterator[Keeper]:
    """A keeper, until the block ends."""
    keeper = Keeper()
    # Half-open TLS and resets are what these servers are for.
    keeper.loop.set_exception_handler(lambda loop, context: None)
    thread = threading.Thread(target=keeper.loop.run_forever, daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        asyncio.run_coroutine_threadsafe(keeper.close(), keeper.loop).result(10)
        keeper.loop.call_soon_threadsafe(keeper.loop.stop)
        thread.join()
        keeper.loop.close()


# --- ways to answer ---


def http(
    body: bytes, kind: str = "text/html; charset=utf-8", *headers: str, status: str = "200 OK"
) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


def site(pages: Mapping[str, bytes]) -> Handler:
    """Whole answers by path; all else is not found."""

    async def handler(path: str, reader: Reader, writer: Writer) -> None:
        writer.write(pages.get(path.partition("?")[0]) or http(b"", status="404 Not Found"))

    return handler


def first(odd: Handler, pages: Mapping[str, bytes]) -> Handler:
    """Odd where the homepage is asked for; the rest as it should be."""
    usual = site(pages)

    async def handler(path: str, reader: Reader, writer: Writer) -> None:
        await (odd if path == "/" else usual)(path, reader, writer)

    return handler


def raw(data: bytes, *, then: str = "close") -> Handler:
    """Just these bytes; then the connection is closed, reset, or kept without a word."""

    async def handler(path: str, reader: Reader, writer: Writer) -> None:
        writer.write(data)
        await writer.drain()
        if then == "reset":
            reset(writer)
        elif then == "silence":
            await reader.read()
        raise ConnectionError(then)

    return handler


def reset(writer: Writer) -> None:
    """RST instead of FIN."""
    import socket
    import struct

    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def dripping(data: bytes, seconds: float) -> Handler:
    """A byte now and then."""

    async def handler(path: str, reader: Reader, writer: Writer) -> None:
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(seconds)

    return handler


def endless(start: bytes, more: bytes) -> Handler:
    """A beginning, and then the same for ever."""

    async def handler(path: str, reader: Reader, writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(more)
            await writer.drain()

    return handler
