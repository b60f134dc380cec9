"""The headers that are sent, and those that come back in plain text."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from ycaudit.net.answer import Fetched
from ycaudit.net.http1 import LOCATION
from ycaudit.url import without_credentials

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def request_headers(kind: str, referer: str | None) -> dict[str, str]:
    """What a browser of most visitors would send for a page ("text/html"), image or other file."""
    accept = {
        "text/html": (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
        ),
        "image": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    }.get(kind, "*/*")
    headers = {
        "Accept": accept,
        "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.6",
        "Accept-Encoding": "gzip, deflate",
    }
    if kind == "text/html":
        headers["Upgrade-Insecure-Requests"] = "1"
    if referer:
        headers["Referer"] = without_credentials(referer.partition("#")[0])
    return headers


def response_headers(response: httpx.Response) -> dict[str, str]:
    """Headers with lower-case names; a Location in raw bytes becomes an address."""
    headers = {key.lower(): value for key, value in response.headers.items()}
    for key, value in response.headers.raw:
        if key == LOCATION:
            headers["location"] = _location(value)
    return headers


def _location(raw: bytes) -> str:
    """Servers send GBK and UTF-8 bytes unescaped; a browser escapes the bytes as they are."""
    return quote(raw, safe="%/:=&?~#+!$,;'@()*[]\\ ").strip()


def redirect_of(got: Fetched) -> str | None:
    """Where an answer redirects to, as the server wrote it."""
    return got.headers.get("location") if got.status in REDIRECTS else None
