"""Real servers on loopback that say what a test tells them to, and when."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ycaudit.net.client import Limits

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


PATIENT = Limits(
    dns=60, connect=60, read=60, homepage=60, resource=60, wire_bytes=1 << 20, body_bytes=1 << 20,
    retry_pause=0,
)  # fmt: skip
"""Small caps, and so many seconds that no busy machine uses them up."""


@asynccontextmanager
async def server(
    handler: Handler, listening: socket.socket | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
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

    if listening is None:
        listening = socket.create_server(("127.0.0.1", 0))
    started = await asyncio.start_server(serve, sock=listening)
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


class Gate:
    """A homepage at any path; at one of them the visitor waits until it is opened.

    So a test knows where a program of its own process is: it has asked for that page, and all that
    comes before it is done.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.port = 0
        self._shut = ""
        self._asked = threading.Event()
        self._opened = threading.Event()

    def shut(self, path: str) -> None:
        """Let nobody through at this path from now on."""
        self._shut = path
        self._asked.clear()
        self._opened.clear()

    def open(self) -> None:
        """Let everybody through."""
        self._shut = ""
        self._opened.set()

    def wait_for_visitor(self) -> None:
        """Until somebody stands at the gate."""
        assert self._asked.wait(120), f"nobody asked for {self._shut}"

    def pass_through(self, path: str) -> None:
        """Wait, where it is shut."""
        if path == self._shut:
            self._asked.set()
            self._opened.wait()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def gated(body: bytes) -> Iterator[Gate]:
    """A gate before a homepage, on a free port."""
    gate = Gate(body)

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gate.pass_through(self.path)
            with suppress(OSError):  # who waited may have been killed
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(gate.body)))
                self.end_headers()
                self.wfile.write(gate.body)

        def log_message(self, *_: object) -> None:
            pass

    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), Keeper)) as gate.port:
        try:
            yield gate
        finally:
            gate.open()


@contextmanager
def at_work(server: ThreadingHTTPServer) -> Iterator[int]:
    """Its port, while it answers."""
    server.daemon_threads = True
    # By itself it looks twice a second whether it shall end: each test would wait for that.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The folder over HTTP on loopback."""
    handler = partial(_Quiet, directory=str(folder))
    with at_work(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as port:
        yield port
