"""The forms in which a required thing may appear, and how a text is compared with them."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Self
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.reasons import Reason
from ycaudit.rules.forms import Form
from ycaudit.rules.platforms import (
    Says,
    WeChatAccount,
    WeiboAccount,
    address_in,
    leaves_open,
    unwrapped,
    weibo_uid,
)
from ycaudit.url import (
    WEB_SCHEMES,
    Url,
    canonical_host,
    parse_url,
    parse_web_url,
    unquote_unreserved,
)


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
    port: int | None = Field(default=None, ge=1, le=65535)
    path: str | None = None
    query: dict[str, str] | None = None
    resolve: bool = False
    """Also matches an address that redirects to this form."""

    @field_validator("host")
    @classmethod
    def _hosts_are_hosts(cls, hosts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for host in hosts or ():
            if "*" in host:
                raise InvalidValueError("{0!r} is a pattern; list each host by its name", host)
            if canonical_host(host) is None:
                raise _no_host(host)
        return hosts

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, path: str | None) -> str | None:
        if path is not None and path != "root" and not path.startswith(("/", "*")):
            raise InvalidValueError("path {0!r} must be `root` or begin with a slash", path)
        return path

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.payload or self.host or self._accounts):
            raise InvalidValueError("an accept entry must name a payload, a host or an account")
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

    def all_but(self, text: str) -> Reason | None:
        """The one small difference between an address and the payload; None if there is none.

        Such a code may lead to the same page, but nobody has verified that it does.
        """
        one, other = address_in(text), address_in(self.payload or "")
        if one is None or other is None or one.comparable == other.comparable:
            return None
        if one.but("scheme") == other.but("scheme"):
            return Reason.of("differs_in_scheme")
        if one.but("slash") == other.but("slash"):
            return Reason.of("differs_in_slash")
        same_letters = one.href.casefold() == other.href.casefold()
        return Reason.of("differs_in_case") if same_letters else None

    def example(self) -> str | None:
        """A text of this form, for the self test; None where the form does not give one."""
        text = self._text
        if text is None and self.host:
            path = "/" if self.path in (None, "root") else str(self.path).replace("*", "x")
            text = self._address(self.host[0], path)
        return text if text is not None and self.matches(text) else None

    def shapes(self) -> Iterator[str]:
        """Yield the payload or the account, else the address at each host."""
        if self._text is not None:
            yield self._text
            return
        path = "/" if self.path == "root" else self.path or "/*"
        yield from (self._address(host, path) for host in self.host or ())

    @property
    def _text(self) -> str | None:
        """The payload, or an address that names the account; None for a form of parts alone."""
        if self.payload is None and self.weibo is not None:
            return f"https://weibo.com/u/{self.weibo.uid}"
        if self.payload is None and self.wechat is not None:
            return f"https://weixin.qq.com/{self.wechat.code}"
        return self.payload

    def _address(self, host: str, path: str) -> str:
        port = f":{self.port}" if self.port else ""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{(self.scheme or ('http',))[0]}://{host}{port}/{path.lstrip('/')}{query}"

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that the form names, normalised."""
        payload = address_in(self.payload or "")
        return self._named | {payload.host} if payload else self._named

    @cached_property
    def bare_hosts(self) -> frozenset[str] | None:
        """The hosts, without ports, one of which a match has; None if a match can have any."""
        names_account = self._accounts or weibo_uid(self.payload or "")
        if names_account or not self.hosts or not WEB_SCHEMES.issuperset(self.scheme or ()):
            return None
        return frozenset(host.partition(":")[0] for host in self.hosts)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(filter(None, map(canonical_host, self.host or ())))

    @cached_property
    def _stands_for(self) -> str | None:
        return self.example()

    @cached_property
    def _accounts(self) -> tuple[WeiboAccount | WeChatAccount, ...]:
        return tuple(account for account in (self.weibo, self.wechat) if account is not None)

    @cached_property
    def _names_parts(self) -> bool:
        parts = (self.scheme, self.host, self.port, self.path, self.query)
        return any(part is not None for part in parts)

    def _parts_match(self, text: str) -> bool:
        found = parse_url(text.strip())
        return (
            found is not None
            and found.scheme in (self.scheme or WEB_SCHEMES)
            and self._host_matches(found)
            and self._port_matches(found)
            and self._path_matches(found)
            and frozenset((self.query or {}).items()) <= found.parameters
        )

    def _host_matches(self, found: Url) -> bool:
        if self.host is None:
            return True
        return found.host in self._named or f"{found.host}:{found.port}" in self._named

    def _port_matches(self, found: Url) -> bool:
        usual = {"http": 80, "https": 443}.get(found.scheme)
        return self.port is None or self.port == (int(found.port) if found.port else usual)

    def _path_matches(self, found: Url) -> bool:
        match self.path:
            case None:
                return True
            case "root":
                return found.is_root
            case path:
                wanted = unquote_unreserved(path)
                return found.path == wanted or fnmatchcase(found.path, wanted)


def _no_host(host: str) -> InvalidValueError:
    found = parse_web_url(host if "://" in host else f"http://{host}")
    if found is None or any(c.isspace() for c in host):
        return InvalidValueError("{0!r} is not a host name; write it like www.example.gov.cn", host)
    only = f"{found.host}:{found.port}" if found.port else found.host
    return InvalidValueError("{0!r} is an address; write only the host: {1}", host, only)


def _same(text: str, payload: str) -> bool:
    """Whether two texts are equal, or as web addresses, or name the same account of Weibo."""
    if text == payload:
        return True
    one, other = address_in(text), address_in(payload)
    if one is None or other is None:
        return False
    return one.comparable == other.comparable or weibo_uid(text) == (weibo_uid(payload) or "")
