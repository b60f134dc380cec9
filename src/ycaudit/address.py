"""Reads and compares web addresses as browsers do (WHATWG URL standard, by Ada)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote

from ada_url import URL

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
WEB = frozenset({"http", "https"})
# "", "/", "/index.*": the ways in which a site names its own front page.
_ROOT = re.compile(r"/?(index\.\w{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute address, taken apart; every part in the form that compares equal."""

    href: str
    scheme: str
    host: str
    port: str
    path: str
    """Percent-decoded, as far as that does not change its meaning."""
    query: str
    fragment: str = ""

    @property
    def comparable(self) -> tuple[str, ...]:
        """Equal for two addresses that are the same by RFC 3986, 6.2.2: host in lower case, the
        usual port left out, only what must be percent-encoded encoded."""
        return (self.scheme, self.host, self.port, self.path, plain(self.query), self.fragment)

    def but(self, part: Literal["scheme", "slash"]) -> tuple[str, ...]:
        """What is compared, one part left out: two addresses may differ in nothing else."""
        scheme, host, port, path, query, fragment = self.comparable
        if part == "scheme":
            return (host, port, path, query, fragment)
        return (scheme, host, port, path.rstrip("/"), query, fragment)

    @property
    def is_root(self) -> bool:
        """Whether it is the front page of its host (any query)."""
        return _ROOT.fullmatch(self.path) is not None

    @property
    def parameters(self) -> frozenset[tuple[str, str]]:
        """Names and values of the query, percent-decoded."""
        return frozenset(parse_qsl(self.query, keep_blank_values=True, max_num_fields=1000))


@lru_cache(maxsize=65536)
def parse(text: str, base: str | None = None) -> Address | None:
    """The address that a browser would go to, or None where it would go nowhere.

    Blanks and newlines, backslashes, upper case, full-width and percent-encoded hosts, number
    forms of IPv4 and default ports are resolved as the standard says.
    """
    try:
        url = URL(text, base=base)
    except ValueError:
        return None
    return Address(
        href=url.href,
        scheme=url.protocol.removesuffix(":"),
        host=bare_host(url.hostname),
        port=url.port,
        path=plain(url.pathname),
        query=url.search.removeprefix("?"),
        fragment=url.hash.removeprefix("#"),
    )


def plain(text: str) -> str:
    """A path or query with the percent-encodings undone that encode no delimiter.

    "%7E" is "~" (RFC 3986, 2.3) and "%E4%BA%91" is "云", but "%2F" is no slash.
    """
    return _ENCODED.sub(lambda run: _decoded(run[0]), text)


def _decoded(run: str) -> str:
    try:
        text = unquote(run, errors="strict")
    except UnicodeDecodeError:
        return run.upper()
    return "".join(c if c.isalnum() or c in "-._~" or ord(c) > 127 else quote(c, "") for c in text)


def web(text: str, base: str | None = None) -> Address | None:
    """Like parse, for http and https only."""
    address = parse(text, base)
    return address if address and address.scheme in WEB and address.host else None


def bare_host(host: str) -> str:
    """A host without the trailing dot that names the same host in DNS."""
    return host.rstrip(".")


@lru_cache(maxsize=4096)
def canonical_host(host: str) -> str | None:
    """A host name after IDNA and case folding, with ":port" kept; None if it is no host."""
    if any(c in host for c in "/\\?#@ \t\r\n"):
        return None
    address = web(f"http://{host.strip()}/")
    if address is None:
        return None
    return f"{address.host}:{address.port}" if address.port else address.host


def same_page(one: str, other: str) -> bool:
    """Whether two addresses name the same page, whatever their fragment."""
    return one.partition("#")[0] == other.partition("#")[0]


def without_secrets(url: str) -> str:
    """The address without user name and password."""
    return re.sub(r"(?<=://)[^/?#@\s]*@", "", url)
