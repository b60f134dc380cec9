"""Through an office's proxy, where one is asked for: a tunnel by CONNECT (RFC 9110, 9.3.6)."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from ycaudit.errors import AuditError
from ycaudit.net.answer import (
    ConnectFailedError,
    NameResolutionError,
    ProtocolFailedError,
    reason_of,
)
from ycaudit.net.answer_parser import AnswerParser
from ycaudit.reasons import Reason

FROM_ENVIRONMENT = "env"
_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_ADDRESS = re.compile(
    r"(?:http://)?(?:(?P<credentials>[^/?#\s]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[^:/?#@\[\]\s]+):(?P<port>\d{1,5})/?",
    re.IGNORECASE,
)
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, and the hosts that are reached without it."""

    host: str
    port: int
    credentials: str = field(default="", repr=False)
    """`name:password`; for nobody's eyes."""
    without: tuple[str, ...] = ()
    """As in NO_PROXY: hosts with what is below them, addresses, networks, `*`; also with a port."""

    def __str__(self) -> str:
        """Its place, without the credentials."""
        return _place(self.host, self.port)

    def is_for(self, host: str, port: int) -> bool:
        """Whether a host is to be reached through it."""
        return not any(_covers(rule, host.lower().rstrip("."), port) for rule in self.without)


async def open_tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Ask the proxy at the other end of a socket for this host; then that is the other end.

    Raises ConnectFailedError where the proxy does not let us through, NameResolutionError for what
    is no name.
    """
    if not _HOST.fullmatch(host):
        raise NameResolutionError(Reason.of("bad_address"))
    place = _place(host, port)
    try:
        status = await _asked(sock, proxy, place)
    except OSError as error:
        why = reason_of(error)
        raise ConnectFailedError(
            Reason.of("proxy_unreachable", proxy=str(proxy), because=why)
        ) from error
    except ProtocolFailedError as error:
        raise ConnectFailedError(Reason.of("proxy_no_proxy", proxy=str(proxy))) from error
    if status == 407:
        raise ConnectFailedError(Reason.of("proxy_locked", proxy=str(proxy)))
    if not 200 <= status < 300:
        code = "proxy_found_no_way" if status >= 500 else "proxy_refuses"
        raise ConnectFailedError(Reason.of(code, proxy=str(proxy), place=place, status=status))


def forwarded(request: bytes, proxy: Proxy, host: str, port: int) -> bytes:
    """A request of HTTP/1 as a proxy wants it that connects itself (RFC 9112, 3.2.2)."""
    line, end, rest = request.partition(b"\r\n")
    method, _, target = line.partition(b" ")
    place = _place(host, port).removesuffix(":80").encode()
    absolute = b"%b http://%b%b" % (method, place, target)
    return b"\r\n".join([absolute, *map(str.encode, _authorization(proxy))]) + end + rest


def _authorization(proxy: Proxy) -> list[str]:
    if not proxy.credentials:
        return []
    token = base64.b64encode(proxy.credentials.encode()).decode()
    return [f"Proxy-Authorization: Basic {token}"]


async def _asked(sock: socket.socket, proxy: Proxy, place: str) -> int:
    """The status that it answers with. Servers speak only when spoken to: nothing else has come."""
    loop = asyncio.get_running_loop()
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", *_authorization(proxy)]
    await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode())
    parser = AnswerParser(lambda part: None)
    while parser.head is None:
        data = await loop.sock_recv(sock, 4096)
        if not data:
            raise ProtocolFailedError(Reason.of("connection_closed"))
        parser.feed(data)
    return parser.head.status


def parse_proxy(text: str, without: str = "", *, option: str = "--proxy") -> Proxy:
    """`http://[name:password@]host:port`. Raises AuditError, which does not repeat a password.

    `option` is where it stands, for the error.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"]) < 65536:
        raise AuditError(
            "{0}: write http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT, or {1}; other kinds "
            "of proxies are not spoken to",
            *(option, FROM_ENVIRONMENT),
        )
    rules = tuple(rule for rule in re.split(r"[,\s]+", without.lower()) if rule)
    credentials = unquote(found["credentials"] or "")
    return Proxy(found["host"].strip("[]"), int(found["port"]), credentials, rules)


def proxy_of(text: str, environment: Mapping[str, str], *, option: str = "--proxy") -> Proxy | None:
    """What an option such as `--proxy` asks for: nothing, an address, or what the environment says.

    Raises AuditError.
    """
    if text != FROM_ENVIRONMENT:
        return parse_proxy(text, option=option) if text else None
    said = {name.upper(): value for name, value in sorted(environment.items()) if value}
    named = next((name for name in _VARIABLES if name in said), None)
    if named is None:
        raise AuditError("{0} env: none of {1} is set", option, ", ".join(_VARIABLES))
    return parse_proxy(said[named], said.get("NO_PROXY", ""), option=named)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _covers(rule: str, host: str, port: int) -> bool:
    """Whether a rule of NO_PROXY is about a host, as curl and Go read it."""
    name, colon, digits = rule.rpartition(":")
    if colon and digits.isdigit() and (":" not in name or name.endswith("]")):
        if int(digits) != port:
            return False
        rule = name
    rule = rule.strip("[]").removeprefix("*").lstrip(".")
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return rule in ("", host) or host.endswith(f".{rule}")
