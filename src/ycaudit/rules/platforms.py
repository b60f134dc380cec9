"""Weibo and WeChat: which account the text of a code names, if it names one.

The forms are those found in codes on government homepages and on the platforms' public pages
(November 2026). Other forms are not guessed at.
"""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import Field, field_validator

from ycaudit.errors import InvalidValueError
from ycaudit.model import Record
from ycaudit.url import parse_web_url

WEIBO_HOSTS = frozenset({"weibo.com", "www.weibo.com", "weibo.cn", "www.weibo.cn", "m.weibo.cn"})
WECHAT_HOST = "weixin.qq.com"
_WEIBO_PATH = re.compile(r"/(?:u/|profile/|p/100505)?(\d{5,20})/?")
"""`/UID`, `/u/UID`, `/profile/UID`, `/p/100505UID`: field notes, sections 1 and 7."""
_WECHAT_PATH = re.compile(r"/((?:r|q)/(?:mp/)?[\w-]+)/?")
STORES = frozenset({"a.app.qq.com", "itunes.apple.com", "apps.apple.com"})


_WRAPPED = re.compile(r"\ufeff|^(?:URL|URLTO):\s*|^MEBKM:.*?URL:\s*(?=http)", re.IGNORECASE)
_AFTER = re.compile(r";*$|#wechat_redirect$", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """The address in a text, without the words that phones read over.

    `URL:` and `MEBKM:…URL:…;;` are prefixes of bookmark codes, `#wechat_redirect` is added by
    WeChat for itself.
    """
    bare = _WRAPPED.sub("", text.strip()).strip()
    is_bookmark = text.strip()[:6].upper() == "MEBKM:"
    return _AFTER.sub("", bare.partition(";")[0] if is_bookmark else bare)


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
    def _as_text(cls, uid: object) -> object:
        return str(uid) if isinstance(uid, int) and not isinstance(uid, bool) else uid

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
    found = parse_web_url(text.strip())
    if found is None or found.host not in WEIBO_HOSTS:
        return None
    if match := _WEIBO_PATH.fullmatch(found.path):
        return match[1]
    if found.path.rstrip("/") != "/qr/userinfo":
        return None
    uids = {value for name, value in found.parameters if name == "uid"}
    return next(iter(uids)) if len(uids) == 1 else None


def wechat_code(text: str) -> str | None:
    """The opaque part of a WeChat code, such as `r/Lx3…`."""
    found = parse_web_url(text.strip())
    if found is None or found.host != WECHAT_HOST or found.query:
        return None
    match = _WECHAT_PATH.fullmatch(found.path)
    return match[1] if match else None


def _elsewhere(text: str) -> bool:
    """Whether it is an address of an app store, which names no account."""
    found = parse_web_url(text.strip())
    return found is not None and found.host in STORES
