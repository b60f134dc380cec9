"""The browser's way out is for the browser alone, and leads nowhere that the guard refuses."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

import pytest

from support.servers import answer, saying, server
from ycaudit.net.connect import Connector
from ycaudit.net.proxy import parse_proxy
from ycaudit.observe.browser import peers
from ycaudit.observe.browser.peers import Family, Processes
from ycaudit.observe.browser.socks_proxy import _requests, open_socks_proxy

pytestmark = pytest.mark.skipif(not peers.is_told(), reason="no /proc that tells of connections")
CLIENT = """
import socket, sys
proxy, port = map(int, sys.argv[1:])
with socket.create_connection(("127.0.0.1", proxy)) as there:
    asked = b"\\x05\\x01\\x00" + b"\\x05\\x01\\x00\\x01\\x7f\\0\\0\\1" + port.to_bytes(2)
    there.sendall(asked + b"GET / HTTP/1.1\\r\\n\\r\\n")  # at once: a refusal comes quickly
    said = b""
    while part := there.recv(99):
        said += part
sys.stdout.buffer.write(said)
"""
ALONE = (sys.executable, "-c", CLIENT)
BELOW = ("/bin/sh", "-c", '"$@"; true', "sh", *ALONE)
"""The client as the child of another program."""


def family(root: int) -> Family:
    return Family(root, Processes())


async def said(
    command: Sequence[str], of: Family, *, allow_private: bool = True
) -> tuple[bytes, list[bytes]]:
    """What a program is told that asks the proxy of this family, and what the server was asked."""
    connector = Connector(allow_private=allow_private, resolve={}, dns_seconds=60)
    async with (
        server(saying(answer(b"secret"))) as (port, heads),
        open_socks_proxy(connector, 60, of) as proxy,
    ):
        client = await asyncio.create_subprocess_exec(
            *command, str(proxy.port), str(port), stdout=asyncio.subprocess.PIPE, stderr=-3
        )
        told, _ = await client.communicate()
    return told, heads


@pytest.mark.parametrize("command", [ALONE, BELOW], ids=["a process of it", "a process below"])
def test_the_browser_and_what_it_has_started_are_served(command: Sequence[str]) -> None:
    told, _ = asyncio.run(said(command, family(os.getpid())))
    assert told.endswith(b"secret")


@pytest.mark.parametrize("turns", range(6))
def test_no_connection_outlives_the_visit_however_early_that_ends(turns: int) -> None:
    """The loop has taken `turns` steps since the browser has called."""
    connector = Connector(allow_private=True, resolve={}, dns_seconds=60)

    async def visit(stack: ExitStack) -> list[socket.socket]:
        async with open_socks_proxy(connector, 60, family(os.getpid())) as proxy:
            address = "127.0.0.1", proxy.port
            calls = (socket.create_connection(address, timeout=60) for _ in range(6))
            clients = [stack.enter_context(call) for call in calls]
            for _ in range(turns):
                await asyncio.sleep(0)
        return clients

    with ExitStack() as stack:
        for client in asyncio.run(visit(stack)):
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""


def test_each_request_that_a_proxy_is_to_make_itself_says_of_whom() -> None:
    async def rewritten() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(
            b"POST /a HTTP/1.1\r\nHost: x.cn\r\ncontent-length: 8\r\n\r\n\r\n\r\nGET "
            b"GET /b?c HTTP/1.1\r\nHost: x.cn\r\n\r\n"
        )
        proxy = parse_proxy("http://a:b@p:1")
        requests = _requests(reader, proxy, "x.cn", 80)
        return b"".join([await anext(requests) for _ in range(3)])

    token = b"Proxy-Authorization: Basic YTpi\r\n"
    assert asyncio.run(rewritten()) == (
        b"POST http://x.cn/a HTTP/1.1\r\n" + token + b"Host: x.cn\r\ncontent-length: 8\r\n\r\n"
        b"\r\n\r\nGET "
        b"GET http://x.cn/b?c HTTP/1.1\r\n" + token + b"Host: x.cn\r\n\r\n"
    )


def test_another_program_of_this_machine_is_not() -> None:
    browser = subprocess.Popen(("sleep", "600"))
    try:
        told, heads = asyncio.run(said(ALONE, family(browser.pid)))
    finally:
        browser.kill()
        browser.wait()
    assert told == b""
    assert heads == []


def test_what_starts_later_and_what_has_ended_is_known_as_well() -> None:
    processes = Processes()
    assert next(processes.of(os.getpid())) == os.getpid()
    started = subprocess.Popen(("sleep", "600"))
    try:
        assert started.pid in processes.of(os.getpid())
    finally:
        started.kill()
        started.wait()
    assert started.pid not in processes.of(os.getpid())


def test_a_connection_that_nobody_has_open_is_of_nobody() -> None:
    assert not family(os.getpid()).has_made(("127.0.0.1", 1), ("127.0.0.1", 2))


def test_where_the_system_tells_nothing_it_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "is_told", lambda: False)
    told, _ = asyncio.run(said(ALONE, family(1)))
    assert told.endswith(b"secret")


def test_the_browser_is_kept_from_private_addresses() -> None:
    told, heads = asyncio.run(said(ALONE, family(os.getpid()), allow_private=False))
    assert told == b"\5\0\5\2\0\1\0\0\0\0\0\0"  # RFC 1928: not allowed
    assert heads == []
