"""Serves all pages of a corpus on one loopback port, told apart by the Host header.

`python bench/oracle/serve.py --seed 1 --pages 20`; then http://u0000.oracle.test:PORT/ opens in a
browser that resolves that name to 127.0.0.1.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Mapping

from grammar import Page, answer, grow
from pieces import File

UNIT = re.compile(rb"host: *(?:[a-z]+-)?u(\d+)\.", re.IGNORECASE)
MISSING = File(
    "<!doctype html><meta charset=utf-8><title>404</title><p>页面不存在".encode(), status=404
)


class Server:
    """Answers GET requests; every connection carries one."""

    def __init__(self, pages: Mapping[int, Page]) -> None:
        self.pages = pages
        self.port = 0
        self.requests = 0

    async def start(self, port: int = 0) -> asyncio.Server:
        server = await asyncio.start_server(self.talk, "127.0.0.1", port)
        self.port = int(server.sockets[0].getsockname()[1])
        return server

    def find(self, head: bytes) -> File:
        path = head.split(b" ", 2)[1].decode("latin-1").partition("#")[0]
        unit = UNIT.search(head)
        page = self.pages.get(int(unit[1])) if unit else None
        return (page and answer(page, path, self.port)) or MISSING

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            file = self.find(head)
            await asyncio.sleep(file.delay)
            body = b"" if head.startswith(b"HEAD") else file.body
            writer.write(header(file) + body)
            await writer.drain()
        except (
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            ConnectionError,
            IndexError,
        ):
            pass
        finally:
            writer.close()


def header(file: File) -> bytes:
    lines = [
        f"HTTP/1.1 {file.status} X",
        f"Content-Type: {file.kind}",
        f"Content-Length: {len(file.body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *(f"{k}: {v}" for k, v in file.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = Server({n: grow(options.seed, n) for n in range(options.pages)})
    async with await server.start(options.port) as listening:
        print(
            f"http://u0000.oracle.test:{server.port}/ … --host-resolver-rules='MAP * 127.0.0.1'",
            flush=True,
        )
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
