"""The forms in which a required thing may appear, and how a text is compared with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import product
from typing import Annotated, Self
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.reasons import Reason
from ycaudit.rules.forms import Form
from ycaudit.rules.platforms import (
    WECHAT_HOST,
    Says,
    WeChatAccount,
    WeiboAccount,
    address_in,
    leaves_open,
    unwrapped,
    weibo_uid,
)
from ycaudit.rules.spelling import check_host, check_payload
from ycaudit.rules.twins import difference, lacks_scheme, opened, path_differences, together
from ycaudit.url import WEB_SCHEMES, Url, canonical_host, parse_url, unquote_unreserved


def _listed(value: object) -> object:
    """A single string as a list of one."""
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
SomeWords = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_listed)]


class Accept(Form):
    """An address, a payload or an account; a text matches when it has all that is named."""

    payload: str | None = None
    weibo: WeiboAccount | None = None
    """Any address that names this account of Weibo."""
    wechat: WeChatAccount | None = None
    """This code of WeChat, by http or https."""
    scheme: SomeWords | None = None
    host: SomeWords | None = None
    domain: str | None = None
    """This host and all below it; no proof of presence."""
    port: int | None = Field(default=None, ge=1, le=65535)
    path: str | None = None
    query: dict[str, str] | None = None
    resolve: bool = False
    """Also matches an address that redirects to this form."""

    @field_validator("host")
    @classmethod
    def _hosts_are_hosts(cls, hosts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for host in hosts or ():
            check_host(host)
        return hosts

    @field_validator("domain")
    @classmethod
    def _domain_is_host(cls, domain: str | None) -> str | None:
        if domain is not None and not set(":*").isdisjoint(domain):
            raise InvalidValueError("{0!r} is no domain; write it like example.gov.cn", domain)
        if domain is not None:
            check_host(domain)
        return domain

    @field_validator("scheme")
    @classmethod
    def _schemes_are_words(cls, schemes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for scheme in schemes or ():
            if not _SCHEME.fullmatch(scheme):
                raise InvalidValueError("{0!r} is no scheme; write it like https", scheme)
        return schemes

    @field_validator("payload")
    @classmethod
    def _payload_is_spelt(cls, payload: str | None) -> str | None:
        if payload is not None:
            check_payload(payload)
        return payload

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, path: str | None) -> str | None:
        if path is not None and path != "root" and not path.startswith(("/", "*")):
            raise InvalidValueError("path {0!r} must be `root` or begin with a slash", path)
        if path is not None and (query := _QUERY_IN_PATH.search(path)):
            raise InvalidValueError(
                "path {0!r} has parameters; write {1} and query: {{2}: …}",
                *(path, path[: query.start()], query[1]),
            )
        return path

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.payload or self.host or self.domain or self._accounts):
            raise InvalidValueError("an accept entry must name a payload, a host or an account")
        return self

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.weibo and self.wechat:
            raise InvalidValueError("no code is of Weibo and of WeChat: write two entries")
        if self.payload is not None and not self.matches(self.payload):
            raise InvalidValueError(
                "the payload {0!r} does not match what stands beside it: write two entries",
                self.payload,
            )
        for text in () if self.payload or self._accounts else self.examples():
            if not self.matches(text):
                raise InvalidValueError(
                    "no address can match this entry, not even {0}; write its parts as the "
                    "address bar shows them",
                    text,
                )
        return self

    def matches(self, text: str) -> bool:
        """Whether an address or a payload has this form."""
        return self._has_form(text) or ((bare := unwrapped(text)) != text and self._has_form(bare))

    def _has_form(self, text: str) -> bool:
        if self.payload is not None and not _same(text, self.payload):
            return False
        if any(account.of(text) is not Says.IT for account in self._accounts):
            return False
        return not self._names_parts or self._parts_match(text)

    def rules_out(self, text: str) -> bool:
        """Whether the text certainly names something else, whatever it redirects to."""
        return any(account.of(text) is Says.ANOTHER for account in self._accounts)

    def leaves_open(self, text: str) -> bool:
        """Whether a text may be the account of this form by another address of its platform."""
        return self._stands_for is not None and leaves_open(text, self._stands_for)

    @property
    def is_exact(self) -> bool:
        """Whether it names one payload or one account, not a pattern that others may have, too."""
        return self.payload is not None or bool(self._accounts)

    def all_but(self, text: str) -> Reason | None:
        """The small differences between an address and this form; None if there are none, or more.

        Such an address may lead to the same page, but nobody has verified that it does.
        """
        if self.payload is not None:
            return difference(text, self.payload)
        found = opened(text) if self._names_parts and not self._accounts else None
        if found is None or not self._parts_but_path_match(found):
            return None
        path = [] if self._path_matches(found) else self._path_differences(found)
        if path is None:
            return None
        return together([*(["differs_in_start"] if lacks_scheme(text) else []), *path])

    def example(self) -> str | None:
        """A text of this form, for the self test; None where the form does not give one."""
        text = next(self.examples())
        return text if self.matches(text) else None

    def examples(self) -> Iterator[str]:
        """Yield texts that stand for all of this form: what takes each of them takes all of it."""
        uid = self.weibo.uid if self.weibo else weibo_uid(self.payload or "")
        if self.payload is not None:
            yield self.payload
        if uid is not None:
            yield f"https://weibo.com/u/{uid}"
            yield f"https://m.weibo.cn/u/{uid}"
        elif self.wechat is not None:
            yield f"https://{WECHAT_HOST}/{self.wechat.code}"
            yield f"http://{WECHAT_HOST}/{self.wechat.code}"
        elif self.payload is None:
            yield from self._addresses()

    def parts(self) -> Iterator[Self]:
        """Yield the form for each of its hosts alone."""
        for host in self.host or ():
            yield self.model_copy(update={"host": (host,)})
        if not self.host:
            yield self

    def in_words(self) -> Iterator[str]:
        """The payload and the addresses of the account; else the pattern on each of its hosts."""
        if self.payload is not None or self._accounts:
            yield from dict.fromkeys(self.examples())
            return
        path = {None: "/*", "root": "/"}.get(self.path, self.path)
        tail = f"{path}?{urlencode(self.query)}" if self.query else path
        port = f":{self.port}" if self.port else ""
        scheme = f"{'/'.join(self.scheme)}://" if self.scheme else ""
        below = (f"*.{self.domain}",) if self.domain else ()
        for host in (*self._places, *below):
            yield f"{scheme}{host}{port}{tail}"

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that the form names, normalised, without ports."""
        payload = address_in(self.payload or "")
        named = frozenset(_PORT.sub("", host) for host in self._named)
        return named | {payload.host} if payload else named

    @cached_property
    def bare_hosts(self) -> frozenset[str] | None:
        """The hosts one of which a match has; None if a match can have any."""
        names_account = self._accounts or weibo_uid(self.payload or "")
        if (
            names_account
            or self.domain
            or not self.hosts
            or not WEB_SCHEMES.issuperset(self.scheme or ())
        ):
            return None
        return self.hosts

    @cached_property
    def _named(self) -> frozenset[str]:
        """The hosts as they are written, with their ports."""
        return frozenset(filter(None, map(canonical_host, self._places)))

    @property
    def _places(self) -> tuple[str, ...]:
        """The hosts, and the domain that is one."""
        return (*(self.host or ()), *((self.domain,) if self.domain else ()))

    def _addresses(self) -> Iterator[str]:
        """Yield addresses that have the parts: one for each scheme, host and kind of path."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        wild = _WILD.sub("x", self.path or "").removeprefix("/")
        paths = {None: ("", "x"), "root": ("",)}.get(self.path, (wild,))
        for scheme, path, host in product(self.scheme or ("http", "https"), paths, self._places):
            port = f":{self.port}" if self.port and not _PORT.search(host) else ""
            yield f"{scheme}://{host}{port}/{path}{query}"

    @cached_property
    def _stands_for(self) -> str | None:
        return self.example()

    @cached_property
    def _accounts(self) -> tuple[WeiboAccount | WeChatAccount, ...]:
        return tuple(account for account in (self.weibo, self.wechat) if account is not None)

    @cached_property
    def _names_parts(self) -> bool:
        parts = (self.scheme, self.host, self.domain, self.port, self.path, self.query)
        return any(part is not None for part in parts)

    def _parts_match(self, text: str) -> bool:
        found = parse_url(text.strip())
        return found is not None and self._parts_but_path_match(found) and self._path_matches(found)

    def _parts_but_path_match(self, found: Url) -> bool:
        return (
            found.scheme in (self.scheme or WEB_SCHEMES)
            and self._host_matches(found)
            and self._port_matches(found)
            and frozenset((self.query or {}).items()) <= found.parameters
        )

    def _host_matches(self, found: Url) -> bool:
        if not self._places:
            return True
        return (
            found.host in self._named
            or f"{found.host}:{_port(found)}" in self._named
            or (self.domain is not None and found.host.endswith(f".{canonical_host(self.domain)}"))
        )

    def _port_matches(self, found: Url) -> bool:
        return self.port is None or str(self.port) == _port(found)

    def _path_matches(self, found: Url) -> bool:
        match self.path:
            case None:
                return True
            case "root":
                return found.is_root
            case path:
                return _has_pattern(found.path, unquote_unreserved(path))

    def _path_differences(self, found: Url) -> list[str] | None:
        if self.path in (None, "root"):
            return None
        return path_differences(found.path, unquote_unreserved(self.path), same=_has_pattern)


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_WILD = re.compile(r"[*?]")
_PORT = re.compile(r":\d+$")
_QUERY_IN_PATH = re.compile(r"\?(\w+)=")


def _has_pattern(path: str, pattern: str) -> bool:
    return path == pattern or fnmatchcase(path, pattern.replace("[", "[[]"))


def _port(found: Url) -> str:
    """The port of an address, also where it is the usual one."""
    return found.port or {"http": "80", "https": "443"}.get(found.scheme, "")


def _same(text: str, payload: str) -> bool:
    """Whether two texts are equal, or as web addresses, or name the same account of Weibo."""
    if text == payload:
        return True
    one, other = address_in(text), address_in(payload)
    if one is None or other is None:
        return False
    return one.comparable == other.comparable or weibo_uid(text) == (weibo_uid(payload) or "")
