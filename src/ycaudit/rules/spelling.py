"""How hosts and payloads of rules must be written: what nothing can match accuses everybody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ycaudit.errors import InvalidValueError
from ycaudit.i18n import Message
from ycaudit.reasons import Reason
from ycaudit.rules.platforms import HOST_FIRST, address_in, unwrapped, wechat_code, weibo_uid
from ycaudit.url import WEB_PATTERN, canonical_host, parse_web_url

_HOST = re.compile(r"(?:\w(?:[\w-]*\w)?\.)*\w(?:[\w-]*\w)?(?::\d+)?|\[[0-9a-f:.]+\](?::\d+)?", re.A)
_NOT_OF_A_HOST = re.compile(r"[^\w.:\[\]\s-]")
_WEB_START = re.compile(WEB_PATTERN)
_PICTURE = re.compile(r"[^\n]+\.(?:png|jpe?g|gif|webp|bmp|tiff?|svg)", re.IGNORECASE)
_STOPS = str.maketrans("。．", "..")
_WIDE_DELIMITERS = re.compile("[？＆＝／＃％]")


def check_host(host: str) -> None:
    """Raise InvalidValueError where no address can have this host."""
    if "*" in host:
        raise InvalidValueError(
            "{0!r} is a pattern; list each host by its name, or write domain: where all hosts of "
            "a domain are meant",
            host,
        )
    if canonical_host(host) is None:
        raise _no_host(host)
    check_host_name(host)


def check_host_name(host: str) -> None:
    """Raise InvalidValueError where a text, which may end with a port, is no name of a host.

    Browsers ask for more than a name server can know, such as www,example.cn.
    """
    named = canonical_host(host)
    if named is None or ".." in host or not _HOST.fullmatch(named):
        raise _odd_host(host)


def check_wide_delimiters(address: str) -> None:
    """Raise InvalidValueError where a sign that parts an address is full-width, so parts none."""
    if wide := _WIDE_DELIMITERS.search(address):
        narrow = unicodedata.normalize("NFKC", wide[0])
        raise InvalidValueError("{0!r} has a full-width {1}; write {2}", address, wide[0], narrow)


def slip_before(hosts: Iterable[str], typed: str) -> Reason | None:
    """Why a browser does not take the text for the address of one of the hosts; else None."""
    narrow = typed.translate(_STOPS)
    starts = (_before(host).match(narrow) for host in hosts)
    found = next(filter(None, starts), None)
    if found is None:
        return None
    before = found[1]
    if not before.strip("/"):
        return Reason.of("link_lacks_scheme")
    if wide := next((sign for sign in before if not sign.isascii()), ""):
        return Reason.of("link_has_wide_sign", sign=wide)
    return Reason.of("link_scheme_misspelt", start=before)


@lru_cache(maxsize=256)
def _before(host: str) -> re.Pattern[str]:
    """What stands before a host at the start of a text, such as `http//`."""
    return re.compile(rf"(\W*(?:https?\W*)*){re.escape(host)}(?![\w.-])", re.IGNORECASE)


def check_payload(payload: str) -> None:
    """Raise InvalidValueError where a payload is meant as an address and written as none."""
    bare = unwrapped(payload)
    found = parse_web_url(bare)
    if found is None:
        _check_no_address(bare)
    elif any(map(str.isspace, bare)):
        raise InvalidValueError(
            "{0!r} has a blank inside; take it out, or write %20 where the code has one", payload
        )
    else:
        check_host_name(found.host)
        check_wide_delimiters(bare)


def odd_payload(payload: str, requirement: str) -> Message | None:
    """What is unusual about a payload that may yet be meant; None for any other."""
    if address_in(payload) is None and _PICTURE.fullmatch(payload):
        return Message(
            "{0!r} looks like the name of a picture, and a payload is what the code says: to take "
            "it from the picture, run ycaudit pin {1} {0}",
            *(payload, requirement),
        )
    if address_in(payload) is None and HOST_FIRST.fullmatch(unwrapped(payload)):
        return Message(
            "{0!r} has no http:// in front: only a code with just this text counts", payload
        )
    if address_in(payload) is None and payload != payload.strip():
        return Message("{0!r} begins or ends with a blank, which a code must have, too", payload)
    return None


def _check_no_address(bare: str) -> None:
    narrow = unicodedata.normalize("NFKC", bare)
    if _WEB_START.match(narrow) and narrow != bare:
        raise InvalidValueError("{0!r} has full-width signs; write {1}", bare, narrow)
    if _WEB_START.match(bare):
        raise InvalidValueError("{0!r} is no address that a browser opens", bare)
    address = f"http://{bare}"
    if wechat_code(address) or weibo_uid(address):
        raise InvalidValueError("{0!r} has no scheme; write {1}", bare, address)


def _no_host(host: str) -> InvalidValueError:
    found = parse_web_url(host if "://" in host else f"http://{host}")
    if found is None or any(c.isspace() for c in host):
        return _odd_host(host)
    only = f"{found.host}:{found.port}" if found.port else found.host
    return InvalidValueError("{0!r} is an address; write only the host: {1}", host, only)


def _odd_host(host: str) -> InvalidValueError:
    if sign := _NOT_OF_A_HOST.search(host):
        return InvalidValueError(
            "{0!r} is not a host name: it has a {1}; write it like www.example.gov.cn",
            *(host, sign[0]),
        )
    if ".." in host:
        return InvalidValueError(
            "{0!r} is not a host name: two dots stand side by side; take one out", host
        )
    return InvalidValueError("{0!r} is not a host name; write it like www.example.gov.cn", host)
