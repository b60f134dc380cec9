"""Homepages for the benches of the browser, served on loopback by a process of its own.

They are pages of the embedded city and, from a folder, saved pages of real sites: each a folder
that has an index.html. Nothing else is reached: every other name leads to a closed port.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from ycaudit.auditing import demo_city
from ycaudit.net.connect import Resolve

CASES = (
    "tabs",
    "canvas",
    "dom-links",
    "late-writer",
    "shadow-links",
    "hover-menu",
    "complies",
    "svg",
)
WARM_UP = "nothing"
"""The case that is looked at first and does not count: programs start, modules are imported."""
HOST_RULES = "--host-resolver-rules=MAP * 127.0.0.1"
"""For a browser that finds the pages by itself."""


@dataclass(frozen=True, slots=True)
class Homepages:
    """The addresses of the pages; `resolve` leads to them, and everything else to loopback."""

    urls: tuple[str, ...]
    warm_up: str
    resolve: Resolve


@contextmanager
def homepages(folder: Path | None, most: int | None = None) -> Iterator[Homepages]:
    """Serve the city's pages and at most so many of the folder, taken at even distances."""
    saved = sorted(path.parent.name for path in folder.glob("*/index.html")) if folder else []
    if most is not None and most < len(saved):
        saved = [saved[i * len(saved) // most] for i in range(most)]
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there, folder), daemon=True)
    server.start()
    try:
        city, port = here.recv()
        yield Homepages(
            urls=(
                *(f"http://{case}.{demo_city.DOMAIN}:{city}/" for case in CASES),
                *(f"http://{name}.test:{port}/" for name in saved),
            ),
            warm_up=f"http://{WARM_UP}.{demo_city.DOMAIN}:{city}/",
            resolve={("*", p): ("127.0.0.1",) for p in (city, port, 80, 443)},
        )
    finally:
        server.terminate()
        server.join()


def _serve(there: Connection, folder: Path | None) -> None:
    saved = _Server(("127.0.0.1", 0), _Saved)
    _Saved.root = folder or Path(os.devnull)
    threading.Thread(target=saved.serve_forever, daemon=True).start()

    async def live() -> None:
        async with demo_city.serve(demo_city.folder()) as city:
            there.send((city.port, saved.server_address[1]))
            await asyncio.Event().wait()

    asyncio.run(live())


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


class _Saved(SimpleHTTPRequestHandler):
    """Serves the folder that the host names."""

    protocol_version = "HTTP/1.1"
    root: Path

    def translate_path(self, path: str) -> str:
        host = self.headers.get("Host", "").partition(":")[0].removesuffix(".test")
        self.directory = str(self.root / Path(host).name)
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""
