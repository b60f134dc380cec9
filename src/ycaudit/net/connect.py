"""Where the auditor may connect to: resolves names, refuses private addresses, and dials."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from typing import Self

import httpx
from aiohappyeyeballs import AddrInfoType, start_connection

from ycaudit.errors import AuditError
from ycaudit.net.addresses import Network, is_public
from ycaudit.net.answer import (
    ConnectFailedError,
    NameResolutionError,
    RefusedAddressError,
    reason_of,
)
from ycaudit.net.proxy import Proxy, open_tunnel
from ycaudit.reasons import Reason
from ycaudit.url import readable_host

Resolve = Mapping[tuple[str, int], tuple[str, ...]]
"""Addresses by (host or "*", port), as given on the command line."""
MAX_RACED = 4
RACE_SECONDS = 0.25
PROXY_CHECK = "proxy-check.invalid"
"""A name that no proxy finds (RFC 2606); whether it lets us in, it tells all the same."""
PROXY_DNS = 1.5
"""Seconds for a name that the proxy resolves anyway: behind one there is often no name server."""


def parse_resolve(items: Iterable[str]) -> Resolve:
    """`HOST:PORT:ADDR[,ADDR…]` as curl takes it; HOST may be `*`. Raises AuditError."""
    known: dict[tuple[str, int], tuple[str, ...]] = {}
    for item in items:
        found = re.fullmatch(r"([^:\s]+):(\d{1,5}):(\S+)", item)
        if found is None:
            raise AuditError(
                "--resolve {0!r}: write HOST:PORT:ADDR, like www.x.cn:80:10.0.0.1", item
            )
        addresses = tuple(part.strip("[]") for part in found[3].split(","))
        for text in addresses:
            try:
                ipaddress.ip_address(text)
            except ValueError as error:
                raise AuditError(
                    "--resolve {0!r}: {1!r} is not an IP address", item, text
                ) from error
        known[found[1].lower().rstrip("."), int(found[2])] = addresses
    return known


class Connector:
    """Resolves, checks and connects: so redirects and rebinding are guarded by construction."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolve,
        dns_seconds: float,
        proxy: Proxy | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._proxy = proxy
        self._unknown: set[str] = set()
        self._resolve_map = resolve
        self._dns_seconds = dns_seconds
        self._lookups = asyncio.Semaphore(64)  # dead names must not hold up the living
        self._known: dict[tuple[str, int], tuple[str, ...]] = {}
        self._intranet: tuple[Network, ...] = ()
        self._is_closed = False

    def admitting(self, networks: Iterable[str]) -> Self:
        """The same dialer for a unit whose pages may also be in these private networks."""
        intranet = tuple(map(ipaddress.ip_network, networks))
        if intranet == self._intranet:
            return self
        other = copy.copy(self)  # what is known of names is shared
        other._intranet = intranet
        return other

    def answers(self) -> Mapping[str, tuple[str, ...]]:
        """What was found out so far of the addresses of names."""
        return {host: addresses for (host, _), addresses in self._known.items()}

    def closed(self) -> Self:
        """The same dialer with every way shut: a replay asks nobody."""
        other = copy.copy(self)
        other._is_closed = True
        return other

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connected socket to the first address that answers, v6 and v4 raced (RFC 8305).

        Where there is a proxy, to what it reaches; private addresses that are open to us are
        reached without it.
        """
        if self._is_closed:
            raise ConnectFailedError(Reason.of("not_recorded"))
        if self._proxy is not None and self._proxy.is_for(host, port):
            beyond = await self._beyond(host, port)
            if beyond is not None:
                return await self.through(self._proxy, beyond, port)
        return await _dialled(await self.addresses(host, port), port)

    async def connect_for_http(self, host: str, port: int) -> tuple[socket.socket, Proxy | None]:
        """The same for a connection on which plain HTTP is spoken.

        Many proxies let only TLS through. Those get requests `forwarded`: the second value.
        """
        try:
            return await self.connect(host, port), None
        except ConnectFailedError as error:
            if self._proxy is None or error.reason.code != "proxy_refuses":
                raise
            return await self._to(self._proxy), self._proxy

    async def proxy_for(self, host: str, port: int) -> Proxy | None:
        """The proxy by which a host is reached; None where it is reached without one, or not."""
        if self._proxy is None or not self._proxy.is_for(host, port):
            return None
        try:
            return None if await self._beyond(host, port) is None else self._proxy
        except RefusedAddressError:
            return None

    async def through(self, proxy: Proxy, host: str, port: int) -> socket.socket:
        """A socket whose other end the proxy has connected to this host."""
        sock = await self._to(proxy)
        try:
            await open_tunnel(sock, proxy, host, port)
        except BaseException:
            sock.close()
            raise
        return sock

    async def _to(self, proxy: Proxy) -> socket.socket:
        try:
            found = await self._resolve(proxy.host, proxy.port, self._dns_seconds)
            return await _dialled(found, proxy.port)
        except (NameResolutionError, ConnectFailedError) as error:
            raise ConnectFailedError(
                Reason.of("proxy_unreachable", proxy=str(proxy), because=error.reason)
            ) from error

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a host that may be talked to. Raises NameError_, RefusedAddressError."""
        found = self._given(host, port) or await self._resolve(host, port, self._dns_seconds)
        allowed = tuple(a for a in found if self._admits(a))
        if not allowed:
            raise _refused(host, found[0])
        return allowed

    async def _beyond(self, host: str, port: int) -> str | None:
        """What to ask the proxy for; None for what is in our own network.

        The proxy resolves names itself: what is known of them here can only refuse them. Raises
        RefusedAddressError where any of their addresses here may not be talked to.
        """
        given = self._given(host, port)
        found = given or await self._known_here(host, port)
        for address in found:
            if not self._admits(address):
                raise _refused(host, address)
        if found and not any(map(is_public, found)):
            return None
        return given[0] if given else host

    async def _known_here(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a name, if it has any here: one without is waited for once."""
        if host in self._unknown:
            return ()
        try:
            return await self._resolve(host, port, min(self._dns_seconds, PROXY_DNS))
        except NameResolutionError:
            self._unknown.add(host)
            return ()

    def _admits(self, text: str) -> bool:
        if self._allow_private or is_public(text):
            return True
        ip = ipaddress.ip_address(text.partition("%")[0])
        return any(ip in network for network in self._intranet)

    def _given(self, host: str, port: int) -> tuple[str, ...] | None:
        name = host.lower().rstrip(".")
        return self._resolve_map.get((name, port)) or self._resolve_map.get(("*", port))

    async def _resolve(self, host: str, port: int, seconds: float) -> tuple[str, ...]:
        if _is_address(host):
            return (host,)
        if (known := self._known.get((host, port))) is None:
            async with self._lookups:
                known = await _lookup(host, port, seconds)
            self._known[host, port] = known
        return known


async def _dialled(addresses: Iterable[str], port: int) -> socket.socket:
    infos = [_info(address, port) for address in addresses]
    try:
        return await start_connection(
            infos[:MAX_RACED], happy_eyeballs_delay=RACE_SECONDS, interleave=1
        )
    except OSError as error:
        raise ConnectFailedError(reason_of(error)) from error


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _info(ip: str, port: int) -> AddrInfoType:
    """An address as the socket module gives it."""
    bare, _, zone = ip.partition("%")
    if ":" not in bare:
        return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (bare, port))
    scope = socket.if_nametoindex(zone) if zone and not zone.isdigit() else int(zone or 0)
    where = (bare, port, 0, scope)
    return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)


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
            if not result:
                result = OSError("no address")
        except (OSError, UnicodeError) as error:
            result = error if isinstance(error, OSError) else OSError(str(error))
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=work, daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await future
    except TimeoutError as error:
        raise NameResolutionError(Reason.of("dns_timeout", host=host, seconds=seconds)) from error
    except OSError as error:
        raise NameResolutionError(
            Reason.of("dns_no_address", host=readable_host(host), detail=error.strerror or error)
        ) from error


def _refused(host: str, address: str) -> RefusedAddressError:
    """Names the host only where it is not the address itself."""
    named = "" if host == address else readable_host(host)
    return RefusedAddressError(Reason.of("refused_address", host=named, address=address))


def lax_context() -> ssl.SSLContext:
    """For reading a public page whose TLS is old or broken: everything OpenSSL still speaks.

    Nothing secret is sent, and the page says that it was read so.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    legacy_connect = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    context.options |= legacy_connect | getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    return context


async def check_proxy(proxy: Proxy, seconds: float = 10.0) -> None:
    """Raises AuditError where the proxy cannot be used."""
    connector = Connector(allow_private=False, resolve={}, dns_seconds=seconds)
    try:
        async with asyncio.timeout(seconds):
            (await connector.through(proxy, PROXY_CHECK, 443)).close()
    except TimeoutError as error:
        late = Reason.of("connection_timeout")
        why = Reason.of("proxy_unreachable", proxy=str(proxy), because=late)
        raise AuditError("{0}", why) from error
    except ConnectFailedError as error:
        if error.reason.code in ("proxy_unreachable", "proxy_locked", "proxy_no_proxy"):
            raise AuditError("{0}", error.reason) from error


class TlsContexts:
    """The two contexts, each built when it is first needed: that costs 25 ms."""

    def __init__(self) -> None:
        self._built: dict[bool, ssl.SSLContext] = {}

    def get(self, *, lax: bool) -> ssl.SSLContext:
        """The context that verifies servers, or the lax one."""
        if lax not in self._built:
            new = lax_context() if lax else httpx.create_ssl_context(trust_env=False)
            self._built[lax] = new
        return self._built[lax]
