"""Reads and compares web addresses as browsers do (WHATWG URL standard, by Ada)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from ada_url import URL, idna_to_unicode, join_url, normalize_url

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
MAX_PARAMETERS = 1000
WEB_SCHEMES = frozenset({"http", "https"})
WEB_PATTERN = r"^\s*[Hh][Tt][Tt][Pp][Ss]?://"
"""A regular expression of JSON Schema: how web addresses begin."""
_WEB_STARTS = ("http://", "https://")
# Text that the standard leaves as it is: no dots to resolve, no sign to encode, no port to drop.
_SEGMENT = r"[A-Za-z0-9_~!$&()*+,;=@-][A-Za-z0-9._~!$&()*+,;=:@-]*"
_TAIL = r"(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?(?:#[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?"
_PATH = rf"(?:{_SEGMENT}/)*(?:{_SEGMENT})?{_TAIL}"
_PLAIN_URL = re.compile(rf"https?://(?:(?!xn--)[a-z0-9-]+\.)+(?!xn--)[a-z]{{2,}}/{_PATH}")
_PLAIN_PATH = re.compile(rf"/{_PATH}|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:/{_PATH}|{_TAIL})")
_PLAIN_HOST = re.compile(
    r"https?://((?:[a-z0-9-]+\.)+[a-z]{2,}|(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!:|/)|(?=[:/]))){4})"
    r"(?::\d+)?/"
)
_USUAL_PORT = re.compile(r":0*80$")
# "", "/", "//", "/index.*": the ways in which a site names its own front page.
_ROOT = re.compile(r"/*(index\.\w{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Url:
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
        return (
            self.scheme,
            self.host,
            self.port,
            self.path,
            unquote_unreserved(self.query),
            self.fragment,
        )

    @property
    def is_root(self) -> bool:
        """Whether it is the front page of its host (any query)."""
        return _ROOT.fullmatch(self.path) is not None

    @property
    def parameters(self) -> frozenset[tuple[str, str]]:
        """Names and values of the query, percent-decoded; of a longer one only the first."""
        fields = self.query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]
        return frozenset(parse_qsl("&".join(fields), keep_blank_values=True))


@lru_cache(maxsize=8192)
def parse_url(text: str, base: str | None = None) -> Url | None:
    """The address that a browser would go to, or None where it would go nowhere.

    Blanks and newlines, backslashes, upper case, full-width and percent-encoded hosts, number
    forms of IPv4 and default ports are resolved as the standard says.
    """
    try:
        href = join_url(base, text) if base is not None else normalize_url(text)
    except ValueError:
        return None
    return _apart(href) if href.startswith(_WEB_STARTS) else _otherwise(href)


def _apart(href: str) -> Url:
    """A web address in the standard's form, which leaves nothing to guess between its signs."""
    rest, _, fragment = href.partition("#")
    rest, _, query = rest.partition("?")
    scheme, _, rest = rest.partition("://")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    port = ""
    if not host.endswith("]"):
        host, _, port = host.rpartition(":") if ":" in host else (host, "", "")
    return Url(
        href=href,
        scheme=scheme,
        host=bare_host(host),
        port=port,
        path=unquote_unreserved(slash + path),
        query=query,
        fragment=fragment,
    )


def _otherwise(href: str) -> Url:
    """mailto:, javascript:, weixin: and the like."""
    url = URL(href)
    return Url(
        href=href,
        scheme=url.protocol.removesuffix(":"),
        host=bare_host(url.hostname),
        port=url.port,
        path=unquote_unreserved(url.pathname),
        query=url.search.removeprefix("?"),
        fragment=url.hash.removeprefix("#"),
    )


@lru_cache(maxsize=8192)
def resolve_href(text: str, base: str) -> str | None:
    """Where a link on a page leads, in the standard's form; None where to no web page.

    `base` is in that form. Most links are written so plainly that joining needs no parser.
    """
    if _PLAIN_URL.fullmatch(text):
        return text
    if _PLAIN_PATH.fullmatch(text) and (start := _start(base)) is not None:
        return start[text[0] != "/"] + text
    try:
        href = join_url(base, text)
    except ValueError:
        return None
    return href if href.startswith(_WEB_STARTS) and host_of(href) else None


def is_on_disk(address: str) -> bool:
    """Whether a page names a file of the computer on which it was written: `file:`, `D:`."""
    return _ON_DISK.match(address) is not None


_ON_DISK = re.compile(r"(file|[a-z]):", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _start(base: str) -> tuple[str, str] | None:
    """The origin and the folder of a page."""
    found = parse_web_url(base)
    if found is None or found.href != base:
        return None
    folder = re.split(r"[?#]", base, maxsplit=1)[0].rpartition("/")[0]
    return "/".join(base.split("/", 3)[:3]), f"{folder}/"


def host_of(href: str) -> str:
    """The host of a web address, without taking it apart where it is plain to see."""
    if (seen := _PLAIN_HOST.match(href)) is not None:
        return seen[1]
    found = parse_web_url(href)
    return found.host if found else ""


def same_host(one: str, other: str) -> bool:
    """Whether two hosts are equal but for www."""
    return one.removeprefix("www.") == other.removeprefix("www.")


def same_site(one: str, other: str) -> bool:
    """Whether two hosts are of one site: but for www. they are equal, or one is below the other."""
    bare, own = one.removeprefix("www."), other.removeprefix("www.")
    return bare == own or bare.endswith(f".{own}") or own.endswith(f".{bare}")


def unquote_unreserved(text: str) -> str:
    """A path or query with the percent-encodings undone that encode no delimiter.

    "%7E" is "~" (RFC 3986, 2.3) and "%E4%BA%91" is "云", but "%2F" is no slash.
    """
    return _ENCODED.sub(lambda run: _decoded(run[0]), text) if "%" in text else text


def _decoded(run: str) -> str:
    try:
        text = unquote(run, errors="strict")
    except UnicodeDecodeError:
        return run.upper()
    return "".join(c if c.isalnum() or c in "-._~" or ord(c) > 127 else quote(c, "") for c in text)


def parse_web_url(text: str, base: str | None = None) -> Url | None:
    """Like parse, for http and https only."""
    address = parse_url(text, base)
    return address if address and address.scheme in WEB_SCHEMES and address.host else None


def bare_host(host: str) -> str:
    """A host without the trailing dot that names the same host in DNS."""
    return host.rstrip(".")


def readable_host(host: str) -> str:
    """A host with what its punycode stands for in front: 示例.中国 (xn--…)."""
    shown = idna_to_unicode(host) if host.isascii() else host
    return host if shown == host else f"{shown} ({host})"


@lru_cache(maxsize=4096)
def canonical_host(host: str) -> str | None:
    """A host name after IDNA and case folding, with ":port" kept, also the usual one of http; None
    if it is no host."""
    if any(c in host for c in "/\\?#@ \t\r\n"):
        return None
    address = parse_web_url(f"http://{host.strip()}/")
    if address is None:
        return None
    port = address.port or ("80" if _USUAL_PORT.search(host.strip()) else "")
    return f"{address.host}:{port}" if port else address.host


def same_page(one: str, other: str) -> bool:
    """Whether two addresses name the same page, whatever their fragment."""
    return one.partition("#")[0] == other.partition("#")[0]


def stays_on(page: str, href: str, base: str) -> bool:
    """Whether an address in a page is none, or a place within it."""
    return not href or (href[0] == "#" and same_page(base, page))


def nowhere(page: str) -> str:
    """What stands for the address of a link of a page that has none."""
    return page.partition("#")[0] + "#"


def credentials_of(url: str) -> tuple[str, ...]:
    """The user name and password of an address, in the forms in which others may tell them."""
    found = re.search(r"(?<=://)([^/?#\s]*)@", url)
    if found is None:
        return ()
    words = {found[1], *found[1].split(":", 1)[1:]}
    forms = {*words, *map(unquote, words), *(quote(unquote(word), safe=":") for word in words)}
    return tuple(sorted((form for form in forms if form), key=len, reverse=True))


def without_credentials(url: str) -> str:
    """The address without user name and password."""
    return re.sub(r"(?<=://)[^/?#\s]*@", "", url)
