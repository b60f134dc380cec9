"""What a browser would refuse to load, run or apply, although the server sends it. Pure.

Fetch and HTML standards, CSP level 3: https://fetch.spec.whatwg.org/#should-response-to-request-be-
blocked-due-to-mime-type?, https://www.w3.org/TR/CSP3/#directives-fetch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ycaudit.net import charset
from ycaudit.net.answer import Fetched
from ycaudit.reasons import Reason
from ycaudit.url import host_of

_FETCHING = re.compile(
    r"(?:^|[;,])\s*(?:(?:default|script|style|img|frame|child|object|media)-src"
    r"|upgrade-insecure-requests)",
    re.I,
)
_SANDBOX = re.compile(r"(?:^|[;,])\s*sandbox\b([^;,]*)", re.I)
_XML = re.compile(r"\s*(?:application|text)/(?:xhtml\+)?xml\b", re.I)
_SCRIPT = re.compile(r"\s*(?:text|application)/(?:x-)?(?:java|ecma|j|live)script", re.I)
_NO_SCRIPT = re.compile(r"\s*(?:image|audio|video)/|\s*text/csv", re.I)


def is_sheet(got: Fetched) -> bool:
    """Whether a browser surely takes the answer for a style sheet."""
    return got.content_type.partition(";")[0].strip().lower() == "text/css"


def is_script(got: Fetched) -> bool:
    """Whether a browser runs the answer as a script."""
    kind = got.content_type
    if _is_strict(got.headers) and not _SCRIPT.match(kind):
        return False
    return not _NO_SCRIPT.match(kind)


def restricts(policies: Iterable[str]) -> bool:
    """Whether one of these content security policies says what may be loaded into a page."""
    return any(_FETCHING.search(policy) for policy in policies)


def is_restricted(got: Fetched) -> bool:
    """Whether its headers, or its encoding, decide over what is loaded into a page."""
    policy = got.headers.get("content-security-policy", "")
    # Scripts and sheets are read in the encoding of their page: of UTF-16 most of them are none.
    return restricts([policy]) or charset.is_utf_16(got.body, got.content_type)


def is_read_otherwise(got: Fetched) -> bool:
    """Whether a browser reads it by other rules than a page: as XML, or shut into a sandbox."""
    return _XML.match(got.content_type) is not None or bool(sandboxes(got.headers))


def sandboxes(headers: Mapping[str, str]) -> list[str]:
    """What each sandbox into which an answer is shut allows, in the words of the attribute."""
    return _SANDBOX.findall(headers.get("content-security-policy", ""))


def may_be_framed(headers: Mapping[str, str]) -> bool:
    """Whether the answer surely may stand in a frame of any page."""
    policy = headers.get("content-security-policy", "")
    return "x-frame-options" not in headers and "frame-ancestors" not in policy.lower()


def why_not_shown(got: Fetched, page: str) -> Reason | None:
    """Why a page at this address may not show the answer as a picture; None where it surely may."""
    if got.body[:512].lstrip().startswith(b"<") and "svg" not in got.content_type.lower():
        return Reason.of("image_unknown_format")  # a drawing is known by its type alone
    policy = got.headers.get("cross-origin-resource-policy", "").strip().lower()
    is_own = host_of(got.final_url) == host_of(page)
    return None if is_own or policy in ("", "cross-origin") else Reason.of("browser_refuses")


def is_mixed(url: str, page: str) -> bool:
    """Whether a page over TLS asks for something without it."""
    return page[:6].lower() == "https:" and url[:5].lower() == "http:"


def _is_strict(headers: Mapping[str, str]) -> bool:
    return headers.get("x-content-type-options", "").strip().lower() == "nosniff"
