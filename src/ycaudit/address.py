"""Reads and compares web addresses as browsers do (WHATWG URL standard, by Ada)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from ada_url import URL

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
    query: str

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
        path=unquote(url.pathname),
        query=url.search.removeprefix("?"),
    )


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
