"""How the address of a homepage must be written: one that no browser can open is told as such."""

from __future__ import annotations

import re
import unicodedata

from ycaudit.errors import InvalidValueError
from ycaudit.inputs import full_width
from ycaudit.inputs.cell_url import find
from ycaudit.inputs.cells import Cell
from ycaudit.rules.spelling import check_host_name, check_wide_delimiters
from ycaudit.url import WEB_PATTERN, parse_web_url, without_credentials

MAX_PORT = 65535
_PORT = re.compile(r"https?://[^/?#]*:(\d{5,20})(?![^/?#])")
_BEGINS = re.compile(WEB_PATTERN)
_SCHEME = re.compile(r"\s*https?\s*[:;/\\]", re.IGNORECASE)
_HOST = re.compile(r"\s*\w+://(?:[^/?#\\]*@)?([^/?#\\]+)")


def check_address(url: str) -> None:
    """Raise InvalidValueError where no homepage can have the address as it is written.

    A browser opens more: what it makes of a blank or a comma is not what somebody meant.
    """
    host = _HOST.match(url)
    if host is None or parse_web_url(url) is None:
        raise _no_address(url)
    if _has_blank(url):
        raise _blank(url)
    check_host_name(host[1].rstrip())
    check_wide_delimiters(without_credentials(url))


def _no_address(url: str) -> InvalidValueError:
    """What is wrong with it. May raise it, too."""
    bare, meant = without_credentials(url), _meant(url)
    if (port := _PORT.match(url)) and int(port[1]) > MAX_PORT:
        return InvalidValueError("{0!r}: {1} is no port: at most 65535", bare, port[1])
    if meant and _is_wide(url):
        return InvalidValueError("{0!r} has full-width signs; write {1}", bare, meant)
    if meant and not _SCHEME.match(url):
        return InvalidValueError("{0!r} has no scheme; write {1}", bare, meant)
    if meant:
        return InvalidValueError("{0!r} is not an http or https address; write {1}", bare, meant)
    if _BEGINS.match(url) and _has_blank(url):
        return _blank(url)
    if (host := _HOST.match(_with_scheme(url))) and parse_web_url(host[0]):
        check_host_name(host[1])
    return InvalidValueError("{0!r} is not an http or https address; write http://host/path", bare)


def _meant(url: str) -> str:
    """The address that was meant, as far as its spelling tells; else empty."""
    narrow = unicodedata.normalize("NFKC", url)
    found = find(Cell(url))
    read = found.urls if found and not found.rest else ()
    spellings = (*(read if len(read) == 1 else ()), narrow, _with_scheme(narrow))
    return next((without_credentials(each) for each in spellings if _is_address(each)), "")


def _with_scheme(text: str) -> str:
    """The text as a browser completes it; a letter's address, or one of another kind, is none."""
    return text if "://" in text or "@" in text else f"http://{text.lstrip('/')}"


def _is_address(text: str) -> bool:
    if _HOST.match(text) is None or parse_web_url(text) is None:
        return False
    try:
        check_address(text)
    except InvalidValueError:
        return False
    return True


def _is_wide(url: str) -> bool:
    return not set(url).isdisjoint(full_width.NARROW) or unicodedata.normalize("NFKC", url) != url


def _has_blank(url: str) -> bool:
    return any(map(str.isspace, url.strip()))


def _blank(url: str) -> InvalidValueError:
    return InvalidValueError(
        "{0!r} has a blank inside; take it out, or write %20 where the address has one",
        without_credentials(url),
    )
