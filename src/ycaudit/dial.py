"""Where the auditor may connect to: resolves names, refuses private addresses, and dials."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import anyio
import httpcore

from ycaudit.errors import AuditError

Resolve = Mapping[tuple[str, int], tuple[str, ...]]
"""Addresses by (host or "*", port), as told on the command line."""


class RefusedAddressError(httpcore.ConnectError):
    """The name leads to an address that the auditor must not talk to."""


class NameError_(httpcore.ConnectError):
    """The name has no address."""


class HandshakeError(httpcore.ConnectError):
    """The TLS handshake failed."""


def parse_resolve(items: Iterable[str]) -> Resolve:
    """`HOST:PORT:ADDR[,ADDR…]` as curl takes it; HOST may be `*`. Raises AuditError."""
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for item in items:
        found = re.fullmatch(r"([^:\s]+):(\d{1,5}):(\S+)", item)
        if found is None:
            raise AuditError(f"--resolve {item!r}: write HOST:PORT:ADDR, like www.x.cn:80:10.0.0.1")
        addresses = tuple(part.strip("[]") for part in found[3].split(","))
        for text in addresses:
            try:
                ipaddress.ip_address(text)
            except ValueError as error:
                raise AuditError(f"--resolve {item!r}: {text!r} is not an IP address") from error
        known[found[1].lower().rstrip("."), int(found[2])] = addresses
    return known


_EMBEDDING_V4 = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052): IPv4 in the last 32 bits
    (ipaddress.IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056): IPv4 after the prefix
    (ipaddress.IPv6Network("::/96"), 0),  # IPv4-compatible (RFC 4291, deprecated)
)


def is_public(text: str) -> bool:
    """Whether an IP address is of the public internet, also through the IPv4 that it embeds."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        for network, shift in _EMBEDDING_V4:
            if ip in network:
                embedded = ipaddress.IPv4Address((int(ip) >> shift) & 0xFFFFFFFF)
                return (
                    ip.is_global and is_public(str(embedded))
                    if shift == 0
                    else is_public(str(embedded))
                )
    return ip.is_global and not ip.is_multicast


class Dialer(httpcore.AsyncNetworkBackend):
    """Resolves, checks and connects: so redirects and rebinding are guarded by construction."""

    def __init__(self, *, allow_private: bool, resolve: Resolve, dns_seconds: float) -> None:
        self._allow_private = allow_private
        self._resolve_map = resolve
        self._dns_seconds = dns_seconds
        self._anyio = httpcore.AnyIOBackend()
        self._lookups = asyncio.Semaphore(64)  # dead names must not hold up the living
        self._known: dict[tuple[str, int], tuple[str, ...]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers, v6 and v4 raced."""
        addresses = await self.addresses(host, port)
        return _Stream(await self._race(addresses, port, timeout))

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a host that may be talked to. Raises NameError_, RefusedAddressError."""
        found = self._given(host, port) or await self._resolve(host, port)
        allowed = tuple(a for a in found if self._allow_private or is_public(a))
        if not allowed:
            raise RefusedAddressError(
                f"{host} is at {found[0]}, no public address (--allow-private permits it)"
            )
        return allowed

    def _given(self, host: str, port: int) -> tuple[str, ...] | None:
        name = host.lower().rstrip(".")
        return self._resolve_map.get((name, port)) or self._resolve_map.get(("*", port))

    async def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        if (known := self._known.get((host, port))) is None:
            async with self._lookups:
                known = await _lookup(host, port, self._dns_seconds)
            self._known[host, port] = known
        return known

    async def _race(
        self, addresses: tuple[str, ...], port: int, seconds: float | None
    ) -> httpcore.AsyncNetworkStream:
        """Happy eyeballs (RFC 8305): the next address starts when one fails or is slow."""
        won: list[httpcore.AsyncNetworkStream] = []
        errors: list[Exception] = []

        async def attempt(index: int, scope: anyio.CancelScope, failed: list[anyio.Event]) -> None:
            if index:
                with anyio.move_on_after(0.25 * index):
                    await failed[index - 1].wait()
            try:
                stream = await self._anyio.connect_tcp(addresses[index], port, seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
                errors.append(error)
                failed[index].set()
                return
            if won:
                await stream.aclose()
                return
            won.append(stream)
            scope.cancel()

        candidates = _interleave(addresses)[:4]
        addresses = candidates
        failed = [anyio.Event() for _ in candidates]
        async with anyio.create_task_group() as group:
            for index in range(len(candidates)):
                group.start_soon(attempt, index, group.cancel_scope, failed)
        if won:
            return won[0]
        raise errors[0]

    async def sleep(self, seconds: float) -> None:
        """For httpcore's own retries, which are not used."""
        await anyio.sleep(seconds)


def _interleave(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """v6 and v4 in turn, so that a dead family costs one pause."""
    v6 = [a for a in addresses if ":" in a]
    v4 = [a for a in addresses if ":" not in a]
    mixed = [a for pair in zip(v6, v4, strict=False) for a in pair]
    return tuple(dict.fromkeys((*mixed, *v6, *v4)))


async def _lookup(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """getaddrinfo in a daemon thread: a resolver that never answers must not hold up the exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def settle(result: tuple[str, ...] | OSError) -> None:
        if future.done():
            return
        if isinstance(result, tuple):
            future.set_result(result)
        else:
            future.set_exception(result)

    def work() -> None:
        result: tuple[str, ...] | OSError
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            result = tuple(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as error:
            result = error if isinstance(error, OSError) else OSError(str(error))
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=work, daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await future
    except TimeoutError as error:
        raise NameError_(f"no name server answered for {host} in {seconds:g} s") from error
    except OSError as error:
        raise NameError_(f"the name {host} has no address ({error.strerror or error})") from error


class _Stream(httpcore.AsyncNetworkStream):
    """A stream whose failed handshake can be told from a failed connection."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except httpcore.ConnectError as error:
            reason = getattr(error.__cause__, "verify_message", None) or str(error)
            raise HandshakeError(reason or "the server broke off the handshake") from error

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
