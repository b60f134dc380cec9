"""Tells a homepage from what stands in its place: errors, challenges, files, empty answers."""

from __future__ import annotations

import re

from ycaudit.model import Cause
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.reasons import Reason

# Statuses with which gateways answer visitors whom they take for robots (field: 412, 521; 202 and
# 567 by two products' documentation), whatever the body says.
_CHALLENGE_STATUS = frozenset({202, 412, 418, 429, 468, 493, 521, 567})
_CHALLENGE_WORDS = re.compile(
    r"\$_ts\b|__jsl_clearance|acw_sc__v2|_cf_chl|cf-challenge|/cdn-cgi/challenge|"
    r"人机验证|安全验证|访问验证|滑动验证|请完成验证|安全检查|防火墙|WAF\b|验证码|"
    r"Just a moment|Checking your browser|Access Denied|创宇盾|安全狗|云锁|拦截",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"维护|升级改造|系统升级|建设中|暂停服务|暂停访问|网站关闭|停止运行|maintenance", re.I
)
_HTML_TYPES = re.compile(r"\s*(text/html|application/(xhtml\+xml|xml)|text/xml)\b", re.IGNORECASE)
_TAG = re.compile(
    rb"<\s*(!doctype|html|head|body|script|meta|title|frameset|div|table|a|p|!--)\b", re.I
)
_FILES = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"\x1f\x8b",  # packed once more than the server said
)
STUB_BYTES = 4096
"""A page no larger than this may be there only to send the visitor on."""
MAX_SEARCHED = 200_000
"""Characters in which words of gateways are looked for: their pages are small."""
EMPTY_TEXT = 20
"""Fewer characters than this, without a link or an image, are no homepage."""
SHORT_TEXT = 400


def unseen_because(got: Fetched, text: str) -> FetchError | None:
    """Why the answer is not the homepage that a visitor sees; None where it may be."""
    if (lost := _by_status(got, text)) is not None:
        return lost
    if not got.body.strip() and got.truncated:
        return FetchError(
            got.url, Cause.CONNECT, Reason.of("nothing_readable", because=got.truncated)
        )
    if not _is_html(got):
        return FetchError(got.url, Cause.NOT_HTML, Reason.of("not_html", type=_type_of(got)))
    if not got.body.strip():
        return FetchError(got.url, Cause.CHALLENGE, Reason.of("empty_page"))
    return None


def _type_of(got: Fetched) -> Reason | str:
    if got.body.startswith(_FILES):
        return Reason.of("a_file")
    return got.content_type.partition(";")[0][:80] or Reason.of("no_content_type")


def _by_status(got: Fetched, text: str) -> FetchError | None:
    status = got.status
    if status in _CHALLENGE_STATUS:
        return FetchError(got.url, Cause.CHALLENGE, Reason.of("gateway_status", status=status))
    if status in (200, 203, 206):
        return None
    if status in (401, 403, 405, 406, 503) and _CHALLENGE_WORDS.search(text[:20_000]):
        return FetchError(got.url, Cause.CHALLENGE, Reason.of("gateway_page", status=status))
    return FetchError(got.url, Cause.HTTP_STATUS, Reason.of("http_status", status=status))


def _is_html(got: Fetched) -> bool:
    if got.body.startswith(_FILES):
        return False
    if got.content_type:
        return _HTML_TYPES.match(got.content_type) is not None
    return _TAG.search(got.body[:2048]) is not None


def no_homepage(things: int, text_size: int, html: str) -> Reason | None:
    """Why a page that has been seen whole is no homepage: challenges and notices in its place.

    `things` counts its links, images and frames, `text_size` its visible characters.
    """
    if things == 0 and text_size < EMPTY_TEXT:
        return Reason.of("almost_empty_page")
    if things > 3 or text_size > SHORT_TEXT:
        return None
    if checks_visitors(html):
        return Reason.of("checks_visitors")
    if _MAINTENANCE.search(html, 0, MAX_SEARCHED):
        return Reason.of("maintenance")
    return None


def checks_visitors(html: str) -> bool:
    """Whether the text is of a gateway that checks visitors before it lets them in."""
    return _CHALLENGE_WORDS.search(html, 0, MAX_SEARCHED) is not None
