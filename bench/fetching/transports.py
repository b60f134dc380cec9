"""Our transport beside httpcore's with a guarded network backend, both under httpx.

    python bench/fetching/transports.py [--hosts 300] [--requests 6] [--rounds 5]

One server process answers for all hosts, each at an address of its own in 127.0.0.0/8. A unit is a
client of its own, as in an audit: it asks for a page, then for the rest over kept connections;
every third speaks TLS. CPU is that of this process, both ways interleaved.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

import httpcore
import httpx
import trustme
from httpcore._backends.anyio import AnyIOStream

from ycaudit.net.answer import request_headers
from ycaudit.net.connect import Connector, TlsContexts
from ycaudit.net.http1 import Transport

AT_ONCE, PER_UNIT = 32, 6
HEADERS = (
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 28 Nov 2026 08:00:00 GMT\r\n"
    "Content-Type: text/html; charset=utf-8\r\nConnection: keep-alive\r\nVary: Accept-Encoding\r\n"
    'Last-Modified: Fri, 27 Nov 2026 08:00:00 GMT\r\nETag: "abc"\r\n'
    "Cache-Control: max-age=60\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Length: {}\r\n\r\n"
)
SIZES = (12_000, 30_000, 4_000, 90_000, 8_000, 2_000)
ANSWERS = [HEADERS.format(size).encode() + b"x" * size for size in SIZES]


class Guarded(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, by our guard."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        import anyio

        sock = await self._connector.connect(host, port)
        with anyio.fail_after(timeout):
            # A connected socket becomes a stream of anyio by its asyncio backend.
            return AnyIOStream(await anyio.abc.SocketStream.from_socket(sock))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def ours(tls: TlsContexts, connector: Connector) -> httpx.AsyncBaseTransport:
    return Transport(partial(tls.get, lax=True), connector)


def theirs(tls: TlsContexts, connector: Connector) -> httpx.AsyncBaseTransport:
    transport = httpx.AsyncHTTPTransport(trust_env=False, verify=tls.get(lax=True))
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=tls.get(lax=True), network_backend=Guarded(connector)
    )
    return transport


WAYS: dict[str, Callable[[TlsContexts, Connector], httpx.AsyncBaseTransport]] = {
    "ours": ours,
    f"httpcore {version('httpcore')}": theirs,
}


class Site(asyncio.Protocol):
    """Answers whatever is asked."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._number = 0

    def data_received(self, data: bytes) -> None:
        for _ in range(data.count(b"\r\n\r\n")):
            assert isinstance(self._transport, asyncio.Transport)
            self._transport.write(ANSWERS[self._number % len(ANSWERS)])
            self._number += 1


def serve(ports: Connection, certificate: str) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        plain = await loop.create_server(Site, "0.0.0.0", 0, backlog=1024)
        secure = await loop.create_server(Site, "0.0.0.0", 0, backlog=1024, ssl=context)
        ports.send([server.sockets[0].getsockname()[1] for server in (plain, secure)])
        await asyncio.Event().wait()

    asyncio.run(run())


async def measured(
    make: Callable[[TlsContexts, Connector], httpx.AsyncBaseTransport],
    units: list[str],
    requests: int,
) -> float:
    """CPU milliseconds a request."""
    tls = TlsContexts()
    tls.get(lax=True)
    connector = Connector(allow_private=True, resolve={}, dns_seconds=5)
    gate = asyncio.Semaphore(AT_ONCE)

    async def unit(url: str) -> None:
        async with (
            gate,
            httpx.AsyncClient(
                transport=make(tls, connector), trust_env=False, timeout=30
            ) as client,
        ):
            lines = asyncio.Semaphore(PER_UNIT)

            async def ask(number: int) -> None:
                headers = request_headers("text/html", None)
                async with lines, client.stream("GET", f"{url}{number}", headers=headers) as got:
                    assert sum([len(part) async for part in got.aiter_raw()]) in SIZES

            await ask(0)
            await asyncio.gather(*map(ask, range(1, requests)))

    begin = time.process_time()
    await asyncio.gather(*map(unit, units))
    return (time.process_time() - begin) * 1000 / (len(units) * requests)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--requests", type=int, default=6, help="of each host")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder, "all.pem")
        trustme.CA().issue_cert("bench.test").private_key_and_cert_chain_pem.write_to_path(pem)
        here, there = multiprocessing.Pipe()
        server = multiprocessing.Process(target=serve, args=(there, str(pem)), daemon=True)
        server.start()
        plain, secure = here.recv()
        hosts = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(asked.hosts)]
        units = [
            f"https://{host}:{secure}/" if n % 3 == 0 else f"http://{host}:{plain}/"
            for n, host in enumerate(hosts)
        ]
        costs: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(asked.rounds):
            for name in random.sample(list(WAYS), len(WAYS)):
                costs[name].append(asyncio.run(measured(WAYS[name], units, asked.requests)))
        server.terminate()
    print(f"{asked.hosts} hosts, {asked.requests} requests each, every third by TLS\n")
    print("| transport | CPU ms a request, median | least and most |\n|---|--:|--:|")
    for name, some in costs.items():
        print(f"| {name} | {statistics.median(some):.2f} | {min(some):.2f}–{max(some):.2f} |")


if __name__ == "__main__":
    main()
