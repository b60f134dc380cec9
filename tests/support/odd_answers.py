"""Answers as real servers send them and no RFC allows, and what Chromium makes of each.

`bench/fetching/odd_answers.py` asks Chromium and writes its readings beside the tests.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from pathlib import Path

from support.servers import PATIENT, Handler
from ycaudit.net.answer import FetchError
from ycaudit.net.client import Fetcher, Options

READINGS = Path(__file__).parents[1] / "net" / "odd_answers.json"
BODY = b"<p>seen</p>"
MOVED = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<p>moved</p>"
_SIZE = b"Content-Length: %d\r\n" % len(BODY)
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_FOUND = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
# As sent by servers that pack nothing: one uncompressed block (RFC 7932; RFC 8878).
_BROTLI = b"\xa0\x00\x10" + BODY + b"\x03"
_ZSTD = b"\x28\xb5\x2f\xfd\x20\x0b\x59\x00\x00" + BODY


def _framed(head: bytes, body: bytes) -> bytes:
    return _OK + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


ANSWERS: dict[str, bytes] = {
    # --- the status line ---
    "no reason phrase": b"HTTP/1.1 200\r\n" + _SIZE + b"\r\n" + BODY,
    "lower-case http/1.1": b"http/1.1 200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "CRLF before the status line": b"\r\n" + _OK + _SIZE + b"\r\n" + BODY,
    "two CRLF before the status line": b"\r\n\r\n" + _OK + _SIZE + b"\r\n" + BODY,
    "three CRLF before the status line": b"\r\n" * 3 + _OK + _SIZE + b"\r\n" + BODY,
    "four bytes of junk before the status line": b"junk" + _OK + _SIZE + b"\r\n" + BODY,
    "five bytes of junk before the status line": b"junk!" + _OK + _SIZE + b"\r\n" + BODY,
    "a byte order mark before the status line": b"\xef\xbb\xbf" + _OK + _SIZE + b"\r\n" + BODY,
    "two blanks before the status": b"HTTP/1.1  200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "a status without a number": b"HTTP/1.1 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "no status at all": b"HTTP/1.1\r\n" + _SIZE + b"\r\n" + BODY,
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "a status of two digits": b"HTTP/1.1 20 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "a status with a dot": b"HTTP/1.1 200.1 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "version 1.2": b"HTTP/1.2 200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "version 3": b"HTTP/3 200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "version 2.0 in plain text": b"HTTP/2.0 200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "no version": b"HTTP 200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "a tab after the version": b"HTTP/1.1\t200 OK\r\n" + _SIZE + b"\r\n" + BODY,
    "a reason in GBK": "HTTP/1.1 200 成功\r\n".encode("gbk") + _SIZE + b"\r\n" + BODY,
    "ICY instead of HTTP": b"ICY 200 OK\r\n\r\n" + BODY,
    "a page without a head": b"<!DOCTYPE html><p>seen</p>",
    "early hints first": b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    + _OK + _SIZE + b"\r\n" + BODY,
    "100 Continue twice": b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + _OK + _SIZE + b"\r\n" + BODY,
    "101 without being asked": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + BODY,
    "204 with a body": b"HTTP/1.1 204 No Content\r\n" + _SIZE + b"\r\n" + BODY,
    "304 without being asked": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    # --- header lines ---
    "bare LF": (_OK + _SIZE + b"\r\n" + BODY).replace(b"\r", b""),
    "bare CR": (_OK + _SIZE + b"\r\n").replace(b"\n", b"") + BODY,
    "LF and CRLF mixed": b"HTTP/1.1 200 OK\n" + _SIZE + b"X: y\n\r\n" + BODY,
    "a header without a colon": _OK + b"nonsense\r\n" + _SIZE + b"\r\n" + BODY,
    "a line of blanks among the headers": _OK + b"X: y\r\n  \r\n" + _SIZE + b"\r\n" + BODY,
    "an empty header name": _OK + b": x\r\n" + _SIZE + b"\r\n" + BODY,
    "a blank before a colon": _OK + b"Content-Length : 4\r\n\r\n" + BODY,
    "a blank before Location's colon": _FOUND + b"Location : /moved\r\n\r\n",
    "a blank before a header": _FOUND + b" Location: /moved\r\n\r\n",
    "a folded header": _FOUND + b"Location:\r\n /moved\r\n\r\n",
    "a header folded inside": _FOUND + b"X: y\r\n\tz\r\nLocation: /moved\r\n\r\n",
    "non-ASCII header values": "HTTP/1.1 200 OK\r\nX-名: 值\r\n".encode() + _SIZE + b"\r\n" + BODY,
    "a Location in GBK": _FOUND + "Location: /moved?首页\r\n\r\n".encode("gbk"),
    "a NUL in a header": _OK + b"X: a\0b\r\n" + _SIZE + b"\r\n" + BODY,
    "a CR in a header": _OK + b"X: a\rb\r\n" + _SIZE + b"\r\n" + BODY,
    "control characters in a header": _OK + b"X: a\x01\x7fb\r\n" + _SIZE + b"\r\n" + BODY,
    "an odd header name": _OK + b"X(Y)/Z[1] {a}: b\r\n" + _SIZE + b"\r\n" + BODY,
    "a header of 100 KB": _OK + b"X: " + b"x" * 100_000 + b"\r\n" + _SIZE + b"\r\n" + BODY,
    "a header of 200 KB": _OK + b"X: " + b"x" * 200_000 + b"\r\n" + _SIZE + b"\r\n" + BODY,
    "a header of 300 KB": _OK + b"X: " + b"x" * 300_000 + b"\r\n" + _SIZE + b"\r\n" + BODY,
    "500 headers": _OK + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + _SIZE + b"\r\n" + BODY,
    "headers that break off": _OK + b"X: y\r\nY: z",
    "two equal Locations": _FOUND + b"Location: /moved\r\n" * 2 + b"\r\n",
    "two different Locations": _FOUND + b"Location: /moved\r\nLocation: /other\r\n\r\n",
    "an empty Location": _FOUND.replace(b" 0", b" 11") + b"Location:\r\n\r\n" + BODY,
    "a redirect without a Location": _FOUND.replace(b" 0", b" 11") + b"\r\n" + BODY,
    "201 with a Location": b"HTTP/1.1 201 Created\r\nLocation: /moved\r\n" + _SIZE + b"\r\n" + BODY,
    # --- how long the body is ---
    "no length, closed": _OK + b"\r\n" + BODY,
    "HTTP/1.0 with keep-alive and no length":
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n" + BODY,
    "two equal lengths": _OK + _SIZE * 2 + b"\r\n" + BODY,
    "two different lengths": _OK + _SIZE + b"Content-Length: 5\r\n\r\n" + BODY,
    "a list of equal lengths": _OK + b"Content-Length: 11, 11\r\n\r\n" + BODY,
    "a list of different lengths": _OK + b"Content-Length: 11, 5\r\n\r\n" + BODY,
    "a length with a plus sign": _OK + b"Content-Length: +7\r\n\r\n" + BODY,
    "a negative length": _OK + b"Content-Length: -1\r\n\r\n" + BODY,
    "an empty length": _OK + b"Content-Length:\r\n\r\n" + BODY,
    "a length with words": _OK + b"Content-Length: 7 bytes\r\n\r\n" + BODY,
    "a length in hex": _OK + b"Content-Length: 0x7\r\n\r\n" + BODY,
    "a length of twenty digits": _OK + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY,
    "a length with zeros before": _OK + b"Content-Length: 00011\r\n\r\n" + BODY,
    "a length with blanks around": _OK + b"Content-Length: \t 11 \t\r\n\r\n" + BODY,
    "a body shorter than promised": _OK + b"Content-Length: 99\r\n\r\n" + BODY,
    "a body longer than promised": _OK + b"Content-Length: 7\r\n\r\n" + BODY,
    "length 0 and a body": _OK + b"Content-Length: 0\r\n\r\n" + BODY,
    # --- chunks ---
    "chunks with extensions": _CHUNKED + b'b;name="v;w"\r\n' + BODY + b"\r\n0;end\r\n\r\n",
    "chunk sizes in upper case": _CHUNKED + b"B\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunk sizes with blanks after": _CHUNKED + b"b   \r\n" + BODY + b"\r\n0  \r\n\r\n",
    "chunk sizes with tabs after": _CHUNKED + b"b\t\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunk sizes with blanks before": _CHUNKED + b" b\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunk sizes with zeros before": _CHUNKED + b"0000000b\r\n" + BODY + b"\r\n000\r\n\r\n",
    "chunk sizes with 0x": _CHUNKED + b"0xb\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunks with bare LF": _CHUNKED + b"b\n" + BODY + b"\n0\n\n",
    "chunks without line ends after": _CHUNKED + b"b\r\n" + BODY + b"0\r\n\r\n",
    "chunks without a last one": _CHUNKED + b"b\r\n" + BODY + b"\r\n",
    "chunks that break off": _CHUNKED + b"1b\r\n" + BODY,
    "chunks without the last line end": _CHUNKED + b"b\r\n" + BODY + b"\r\n0\r\n",
    "chunks with trailers": _CHUNKED + b"b\r\n" + BODY + b"\r\n0\r\nLocation: /x\r\n\r\n",
    "chunked declared, plain sent": _CHUNKED + BODY,
    "a chunk, then junk": _CHUNKED + b"b\r\n" + BODY + b"\r\njunk\r\n",
    "an empty line before a chunk": _CHUNKED + b"\r\nb\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunks and a length":
        _OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nb\r\n" + BODY
        + b"\r\n0\r\n\r\n",
    "chunks and two lengths":
        _OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nb\r\n"
        + BODY + b"\r\n0\r\n\r\n",
    "Chunked in capitals": _CHUNKED.replace(b"chunked", b"CHUNKED") + b"b\r\n" + BODY
    + b"\r\n0\r\n\r\n",
    "chunked twice": _OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\nb\r\n" + BODY
    + b"\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": _CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"b\r\n" + BODY
    + b"\r\n0\r\n\r\n",
    "Transfer-Encoding: identity":
        _OK + b"Transfer-Encoding: identity\r\n" + _SIZE + b"\r\n" + BODY,
    "Transfer-Encoding: identity, no length": _OK + b"Transfer-Encoding: identity\r\n\r\n" + BODY,
    "Transfer-Encoding: identity, chunked":
        _OK + b"Transfer-Encoding: identity, chunked\r\n\r\nb\r\n" + BODY + b"\r\n0\r\n\r\n",
    "Transfer-Encoding: gzip":
        _OK + b"Transfer-Encoding: gzip\r\n\r\n" + gzip.compress(BODY, mtime=0),
    "Transfer-Encoding without a meaning":
        _OK + b"Transfer-Encoding: x\r\n" + _SIZE + b"\r\n" + BODY,
    "an empty Transfer-Encoding": _OK + b"Transfer-Encoding:\r\n" + _SIZE + b"\r\n" + BODY,
    # --- how it is packed ---
    "gzip declared, plain sent": _framed(b"Content-Encoding: gzip\r\n", BODY),
    "gzip": _framed(b"Content-Encoding: gzip\r\n", gzip.compress(BODY, mtime=0)),
    "x-gzip in capitals": _framed(b"Content-Encoding: X-GZIP\r\n", gzip.compress(BODY, mtime=0)),
    "gzip with junk after": _framed(b"Content-Encoding: gzip\r\n",
                                    gzip.compress(BODY, mtime=0) + b"junk"),
    "gzip in two members": _framed(b"Content-Encoding: gzip\r\n",
        gzip.compress(BODY[:5], mtime=0) + gzip.compress(BODY[5:], mtime=0)),
    "gzip that breaks off": _framed(b"Content-Encoding: gzip\r\n",
        gzip.compress(BODY, mtime=0)[:-9]),
    "gzip without its check": _framed(b"Content-Encoding: gzip\r\n",
                                      gzip.compress(BODY, mtime=0)[:-8]),
    "gzip with a wrong check": _framed(b"Content-Encoding: gzip\r\n",
                                       gzip.compress(BODY, mtime=0)[:-8] + b"\0" * 8),
    "gzip twice": _framed(b"Content-Encoding: gzip, gzip\r\n",
                          gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
    "gzip twice in two headers": _framed(b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
                          gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
    "gzip declared twice, packed once": _framed(b"Content-Encoding: gzip, gzip\r\n",
                          gzip.compress(BODY, mtime=0)),
    "deflate with a zlib head": _framed(b"Content-Encoding: deflate\r\n", zlib.compress(BODY)),
    "raw deflate": _framed(b"Content-Encoding: deflate\r\n", zlib.compress(BODY)[2:-4]),
    "deflate declared, gzip sent": _framed(b"Content-Encoding: deflate\r\n",
                                           gzip.compress(BODY, mtime=0)),
    "gzip declared, deflate sent": _framed(b"Content-Encoding: gzip\r\n", zlib.compress(BODY)),
    "an encoding nobody knows": _framed(b"Content-Encoding: utf-8\r\n", BODY),
    "none as encoding": _framed(b"Content-Encoding: none\r\n", BODY),
    "identity and gzip": _framed(b"Content-Encoding: identity, gzip\r\n",
                                 gzip.compress(BODY, mtime=0)),
    "an empty encoding": _framed(b"Content-Encoding:\r\n", BODY),
    "brotli over http": _framed(b"Content-Encoding: br\r\n", _BROTLI),
    "zstd over http": _framed(b"Content-Encoding: zstd\r\n", _ZSTD),
    "gzip sent, nothing declared": _framed(b"",
                                           gzip.compress(BODY, mtime=0)),
}  # fmt: skip


def serving(name: str) -> Handler:
    """A server that gives this answer, hangs up, and knows the page that redirects name."""

    async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(MOVED if head.startswith(b"GET /moved") else ANSWERS[name])

    return handler


def chromium_readings() -> dict[str, str]:
    """What Chromium shows of each: status and text, or the name of its error."""
    found: dict[str, str] = json.loads(READINGS.read_text("utf-8"))["readings"]
    return found


async def reading_of(url: str) -> str:
    """What our transport reads there, written as Chromium's readings are."""
    options = Options(allow_private=True, limits=PATIENT)
    async with Fetcher(options).session() as session:
        got = await session.page(url)
    if isinstance(got, FetchError):
        return got.why.code
    note = f"({got.truncated.code})" if got.truncated else ""
    return written(got.status, re.sub(r"<[^>]*>", "", got.body.decode("utf-8", "replace")), note)


def written(status: int, text: str, note: str = "") -> str:
    """Status and text in a line; of bytes that are no text only that they are."""
    words = " ".join(text.split())
    legible = words if words.isascii() and words.isprintable() else "bytes"
    return " ".join(filter(None, (str(status), legible, note)))


def is_same(reading: str, truth: str) -> bool:
    """The same page, or none in both; one that says that it broke off may show more.

    How much of such a page Chromium shows depends on how the bytes happened to come.
    """
    page, _, note = reading.partition(" (")
    if re.fullmatch(r"\d+ .+", truth):
        return page.strip() == truth
    return bool(note) or not re.fullmatch(r"\d+ .+", page)
