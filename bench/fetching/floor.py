"""The floor: the least that the same fetching costs in Python, by raw sockets.

    python bench/fetching/floor.py links URLS PORT   # the homepages, and nothing done with them
    python bench/fetching/floor.py full RECORD PORT  # what an audit asked for, and every image read

Images are read with the effort that the audit has to spend on them. RECORD holds a line
`address port path` for every request of an audit; port 0 is that of the units. TLS is not spoken.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

AT_ONCE = 128
UNITS_AT_ONCE = 32
PER_HOST = 6
IMAGES = (".png", ".jpg", ".gif")


class Client(asyncio.Protocol):
    """One connection; asks for path after path and hands the bodies over."""

    def __init__(self, host: str, paths: Iterator[str], bodies: dict[str, bytes] | None) -> None:
        self.host = host
        self.paths = paths
        self.bodies = bodies
        self.path = ""
        self.head = b""
        self.parts: list[bytes] = []
        self.missing = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self.ask()

    def ask(self) -> None:
        path = next(self.paths, None)
        if path is None:
            self.transport.close()
            self.done.set_result(None)
            return
        self.path = path
        self.head, self.parts = b"", []
        self.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.parts:
            head, end, rest = (self.head + data).partition(b"\r\n\r\n")
            if not end:
                self.head = head
                return
            lower = head.lower()
            if not lower.startswith(b"http/1.1 200"):
                self.transport.close()
                self.done.set_exception(ValueError(f"{self.host}{self.path}: {head[:40]!r}"))
                return
            self.missing = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
            data = rest
            self.parts = [b""]
        self.parts.append(data)
        self.missing -= len(data)
        if self.missing <= 0:
            if self.bodies is not None:
                self.bodies[self.path] = b"".join(self.parts)
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError(f"{self.host} closed early"))


async def fetch(
    host: str, port: int, paths: Iterable[str], bodies: dict[str, bytes] | None = None
) -> None:
    loop = asyncio.get_running_loop()
    make = partial(Client, f"{host}:{port}", iter(paths), bodies)
    _, client = await loop.create_connection(make, host, port)
    await client.done


async def links(urls: Iterable[str], port: int) -> None:
    """The homepages, a connection each, all of them at this port."""
    queue = iter(urls)

    async def worker() -> None:
        for url in queue:
            await fetch(urlsplit(url).hostname or "", port, ["/"])

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


def read_all(images: list[bytes]) -> int:
    """Glanced at where the likeliest were enough for the audit, and stared at where it took all."""
    from ycaudit.observe.qr.cascade import read_codes
    from ycaudit.observe.qr.reading import Effort
    from ycaudit.observe.static.observer import LIKELIEST

    effort = Effort.FAST if len(images) <= LIKELIEST else Effort.THOROUGH
    return sum(len(read_codes(image, effort=effort).symbols) for image in images)


async def full(record: Iterable[str], port: int) -> int:
    """All of every unit: the homepage, then the rest over few connections; the codes read."""
    sites: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for line in record:
        address, its_port, path = line.split()
        sites[address, int(its_port) or port][path] = None
    queue = iter(sites.items())
    loop = asyncio.get_running_loop()
    readings: list[asyncio.Future[int]] = []

    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:

        async def worker() -> None:
            for (host, at), paths in queue:
                bodies: dict[str, bytes] = {}
                rest = list(paths)
                if "/" in paths:
                    await fetch(host, at, ["/"], bodies)
                    rest.remove("/")
                shared = iter(rest)
                lines = min(PER_HOST, len(rest))
                await asyncio.gather(*(fetch(host, at, shared, bodies) for _ in range(lines)))
                images = [body for path, body in bodies.items() if path.endswith(IMAGES)]
                readings.append(loop.run_in_executor(pool, read_all, images))

        await asyncio.gather(*(worker() for _ in range(UNITS_AT_ONCE)))
        return sum(await asyncio.gather(*readings))


def main() -> None:
    match sys.argv[1:]:
        case ["links", urls, port]:
            work = links(Path(urls).read_text().split(), int(port))
        case ["full", record, port]:
            import ycaudit.observe.qr.cascade  # noqa: F401 - once, before the processes part

            work = full(Path(record).read_text().splitlines(), int(port))
        case _:
            raise SystemExit(__doc__)
    try:
        import uvloop
    except ImportError:
        print(asyncio.run(work))
    else:
        print(uvloop.run(work))


if __name__ == "__main__":
    main()
