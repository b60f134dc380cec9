"""Weibo and WeChat: which account the text of a code names, if it names one.

The forms are those found in codes on government homepages and on the platforms' public pages
(November 2026). Other forms are not guessed at: on a platform's own host they leave open whose
they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field, field_validator

from ycaudit.errors import InvalidValueError
from ycaudit.model import Record
from ycaudit.url import Url, parse_web_url

WEIBO_HOSTS = frozenset({"weibo.com", "www.weibo.com", "weibo.cn", "www.weibo.cn", "m.weibo.cn"})
WECHAT_HOST = "weixin.qq.com"
_WEIBO_PATHS = {
    **dict.fromkeys(("weibo.com", "www.weibo.com"), re.compile(r"/(?:u/|p/100505)?(\d{5,20})/?")),
    "m.weibo.cn": re.compile(r"/(?:u|profile)/(\d{5,20})/?"),
}
"""`/UID`, `/u/UID`, `/profile/UID`, `/p/100505UID`: field notes, sections 1 and 7."""
_WEIBO_PATH = re.compile(r"/u/(\d{5,20})/?")
"""On the other hosts."""
_UID = re.compile(r"\d{5,20}", re.ASCII)
_WECHAT_PATH = re.compile(r"/((?:r|q)/(?:mp/)?[\w-]+)/?")
STORES = frozenset({"a.app.qq.com", "itunes.apple.com", "apps.apple.com"})

_PREFIXES = (
    re.compile(r"UR[LI]:\s*(.+)", re.IGNORECASE | re.DOTALL),
    re.compile(r"URLTO:(?:(?!https?:)[^:]*:)?\s*(.+)", re.IGNORECASE | re.DOTALL),
)
_BOOKMARK = re.compile(
    r"MEBKM:(?:(?:\\.|[^;\\])*;)*?\s*URL:((?:\\.|[^;\\])+)", re.IGNORECASE | re.DOTALL
)
"""The prefixes that phones read over, as ZXing's URIResultParser, URLTOResultParser and
BookmarkDoCoMoResultParser do; in the last `\\` stands before signs that would end the field."""
HOST_FIRST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[:/?#]\S*)?")
"""An address without its scheme."""
_ADDED_BY_WECHAT = re.compile(r"#wechat_redirect$", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """The address in a text, without what phones read over: a BOM, prefixes, WeChat's fragment."""
    bare = _without_prefix(text.strip("\ufeff \t\r\n"))
    return _ADDED_BY_WECHAT.sub("", bare)


def address_in(text: str) -> Url | None:
    """The web address that a phone would open; None for any other text."""
    return parse_web_url(unwrapped(text))


def _without_prefix(text: str) -> str:
    if (found := _BOOKMARK.match(text)) is not None:
        return _opened(re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL))
    found = next(filter(None, (prefix.fullmatch(text) for prefix in _PREFIXES)), None)
    return text if found is None else _opened(found[1])


def _opened(address: str) -> str:
    """What comes behind a prefix; ZXing's URIParsedResult assumes http where there is no scheme."""
    address = address.strip()
    return f"http://{address}" if HOST_FIRST.fullmatch(address) else address


class Says(StrEnum):
    """Whether a text names an account."""

    IT = "it"
    ANOTHER = "another"
    """It certainly names something else."""
    NOTHING = "nothing"
    """It may redirect to the account: short links and addresses of other forms."""


class WeiboAccount(Record):
    """An account of Weibo, by the number that its addresses carry."""

    uid: str = Field(pattern=r"^\d{5,20}$")

    @field_validator("uid", mode="before")
    @classmethod
    def _is_number(cls, uid: object) -> object:
        if isinstance(uid, int) and not isinstance(uid, bool):
            uid = str(uid)
        if isinstance(uid, str) and not _UID.fullmatch(uid):
            raise InvalidValueError(
                "{0!r} is no uid of Weibo: write the digits of https://weibo.com/u/1999404300", uid
            )
        return uid

    def of(self, text: str) -> Says:
        """Whether a text is an address of this account."""
        uid = weibo_uid(text)
        if uid is not None:
            return Says.IT if uid == self.uid else Says.ANOTHER
        return Says.ANOTHER if _elsewhere(text) or wechat_code(text) else Says.NOTHING


class WeChatAccount(Record):
    """An account of WeChat, by the opaque part of its code: `r/…` or `q/…`."""

    code: str

    @field_validator("code")
    @classmethod
    def _is_opaque_part(cls, code: str) -> str:
        found = wechat_code(code) or wechat_code(f"http://{WECHAT_HOST}/{code.lstrip('/')}")
        if found is None:
            raise InvalidValueError(
                "{0!r} must be the r/… or q/… of http://{1}/r/…", code, WECHAT_HOST
            )
        return found

    def of(self, text: str) -> Says:
        """Whether a text is this code. An account has several, so another may be its own, too."""
        if wechat_code(text) == self.code:
            return Says.IT
        return Says.ANOTHER if _elsewhere(text) or weibo_uid(text) else Says.NOTHING


def weibo_uid(text: str) -> str | None:
    """The number of the account that an address of Weibo names; None for any other text.

    Where path and query carry different numbers, the path names the account (seen on a homepage).
    """
    found = address_in(text)
    if found is None or found.host not in WEIBO_HOSTS:
        return None
    if match := _WEIBO_PATHS.get(found.host, _WEIBO_PATH).fullmatch(found.path):
        return match[1]
    if found.path.rstrip("/") != "/qr/userinfo":
        return None
    uids = {value for name, value in found.parameters if name == "uid"}
    return next(iter(uids)) if len(uids) == 1 else None


def wechat_code(text: str) -> str | None:
    """The opaque part of a WeChat code, such as `r/Lx3…`."""
    found = address_in(text)
    if found is None or found.host != WECHAT_HOST or found.query:
        return None
    match = _WECHAT_PATH.fullmatch(found.path)
    return match[1] if match else None


def named_by(text: str) -> str | None:
    """What an address certainly names: an account of Weibo, a code of WeChat, or an app store."""
    return weibo_uid(text) or wechat_code(text) or ("app store" if _elsewhere(text) else None)


@dataclass(frozen=True, slots=True)
class _Platform:
    """A platform: where its accounts are, and how an address names one."""

    accounts_at: frozenset[str]
    domains: tuple[str, ...]
    """All hosts at and below these are its own."""
    account: Callable[[str], str | None]
    others: frozenset[str] = frozenset()
    """Own hosts that show no account."""

    def has(self, host: str) -> bool:
        return host not in self.others and any(
            host == domain or host.endswith(f".{domain}") for domain in self.domains
        )


_SHORT_HOSTS = frozenset({"qr.weibo.cn", "t.cn"})
"""The first by the field notes, section 1; that the other is a shortener of Weibo's has no source
here: it makes doubt and no verdict."""
_WEIBO = _Platform(
    accounts_at=WEIBO_HOSTS | _SHORT_HOSTS,
    domains=("weibo.com", "weibo.cn", "t.cn"),
    account=weibo_uid,
    # Share buttons lead to service.weibo.com/share/share.php, with the page that is shared (so in
    # the share scripts of many public repositories).
    others=frozenset({"service.weibo.com"}),
)
_WECHAT = _Platform(frozenset({WECHAT_HOST}), (WECHAT_HOST,), wechat_code)


def leaves_open(text: str, wanted: str) -> bool:
    """Whether a text may be the account of `wanted` by another address of the same platform.

    So it is where one of the two does not say which account it is, as short links do not.
    """
    asked = address_in(wanted)
    platform = next((p for p in (_WEIBO, _WECHAT) if asked and asked.host in p.accounts_at), None)
    found = address_in(text) if platform else None
    if platform is None or found is None or not platform.has(found.host):
        return False
    one, other = platform.account(text), platform.account(wanted)
    return one is None or other is None or one == other


def is_short(text: str) -> bool:
    """Whether it is a short link, which may lead to any account."""
    found = address_in(text)
    return found is not None and found.host in _SHORT_HOSTS


def _elsewhere(text: str) -> bool:
    """Whether it is an address of an app store, which names no account."""
    found = address_in(text)
    return found is not None and found.host in STORES
