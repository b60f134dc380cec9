"""Real servers on loopback that say what a test tells them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ycaudit.net.client import Limits

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


PATIENT = Limits(
    dns=60, connect=60, read=60, homepage=60, resource=60, wire_bytes=1 << 20, body_bytes=1 << 20,
    retry_pause=0,
)  # fmt: skip
"""Small caps, and so many seconds that no busy machine uses them up."""


@asynccontextmanager
async def server(handler: Handler, port: int = 0) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A raw server: its port, and the heads of the requests that it got."""
    heads: list[bytes] = []

    open_writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            await handler(head, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield started.sockets[0].getsockname()[1], heads
    finally:
        started.close()
        for writer in open_writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def saying(raw: bytes) -> Handler:
    """A server that says just this."""

    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return handler


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
