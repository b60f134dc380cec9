"""A real CONNECT proxy on loopback, as an office has one; every name is of this machine to it."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class OfficeProxy:
    """What it was asked for, and by whom."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def url(self, credentials: str = "") -> str:
        return f"http://{credentials}@127.0.0.1:{self.port}".replace("//@", "//")


@asynccontextmanager
async def office_proxy(
    *, wants: str = "", says: str = "", tunnels: bool = True, to: int | None = None
) -> AsyncIterator[OfficeProxy]:
    """A proxy that wants these credentials, and gives this status line to all who have them.

    `to` is the port on which its network has every site. Without tunnels it connects for requests
    of plain HTTP alone, one after the other.
    """
    proxy = OfficeProxy()
    tasks: set[asyncio.Task[None]] = set()
    token = "Basic " + base64.b64encode(wants.encode()).decode()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.split("\r\n")
            method, place, _ = line.split(" ")
            given = dict(one.split(": ", 1) for one in lines if one)
            proxy.asked.append(f"{method} {place}")
            proxy.tokens.append(given.get("Proxy-Authorization", ""))
            if wants and proxy.tokens[-1] != token:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            elif says:
                writer.write(f"{says}\r\n\r\n".encode())
            elif place.endswith("proxy-check.invalid:443"):
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
            elif method == "CONNECT" and not tunnels:
                writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            else:
                where = urlsplit(place if "//" in place else f"//{place}")
                there = await asyncio.open_connection("127.0.0.1", to or where.port)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = where.path + (f"?{where.query}" if where.query else "")
                    own = [one for one in lines if not one.startswith("Proxy-")]
                    there[1].write("\r\n".join([f"{method} {path} HTTP/1.1", *own]).encode())
                ways = pipe(reader, there[1]), pipe(there[0], writer)
                try:
                    await asyncio.gather(*ways, return_exceptions=True)
                finally:
                    there[1].transport.abort()
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def office_proxy_beside(
    *, wants: str = "", tunnels: bool = True, to: int | None = None
) -> Iterator[OfficeProxy]:
    """The same in a thread of its own, for programs that are run."""
    started: list[OfficeProxy] = []
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with office_proxy(wants=wants, tunnels=tunnels, to=to) as proxy:
            started.append(proxy)
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    up.wait()
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(timeout=60)
        loop.close()
