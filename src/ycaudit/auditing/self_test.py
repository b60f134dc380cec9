"""The self test: a page that carries all that the rules ask for, and one that carries nothing.

Both are made from the rules of a run, served on loopback, and audited by the same observers as the
units. If one is misjudged, the program, its network or its rules are broken, not the units.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from uuid import uuid4

from ycaudit.model import Outcome, Sense, Target, Verdict
from ycaudit.reasons import Reason
from ycaudit.rules import Requirement
from ycaudit.rules.base import BaseRequirement
from ycaudit.rules.judge import Unit, observer_name

FULL, EMPTY = "self-test-full", "self-test-empty"
UNITS = frozenset({FULL, EMPTY})
_ELSEWHERE = "http://self-test.invalid/"
"""Where the links of the empty page lead: a name that never resolves (RFC 2606)."""
_LOOPBACK = ("127.0.0.1/32",)
_NEWS = "a page of the control site, which an observer has no reason to look for"
Judge = Callable[[Unit], Awaitable[tuple[Verdict, ...]]]
Page = tuple[str, bytes]
"""Content type and body."""


async def suspicions(
    requirements: Iterable[Requirement], judges: Mapping[str, Judge], *, nonce: str | None = None
) -> tuple[Reason, ...]:
    """Return a reason for each wrong verdict on a self test page.

    `judges` are by the name of the observer. `nonce` makes files that no cache has.
    """
    wanted = tuple(r for r in requirements if _sense(r) in _DRAWN and r.example() is not None)
    if not wanted:
        return ()
    found: list[Reason] = []
    async with _served(_pages(wanted, nonce or uuid4().hex[:12])) as port:
        for name, judge in judges.items():
            for unit_id in (FULL, EMPTY):
                verdicts = await judge(_unit(unit_id, port, wanted))
                found += _errors(wanted, verdicts, full=unit_id == FULL, observer=name)
    return tuple(found)


def _errors(
    requirements: Iterable[BaseRequirement],
    verdicts: Iterable[Verdict],
    *,
    full: bool,
    observer: str,
) -> Iterator[Reason]:
    for requirement, verdict in zip(requirements, verdicts, strict=True):
        must_pass = full is (requirement.expect == "present")
        if must_pass is not (verdict.outcome is Outcome.PASS):
            yield Reason.of(
                "control_page_misjudged",
                page=Reason.of("control_page_full" if full else "control_page_empty"),
                requirement=requirement.name,
                outcome=Reason.of(f"outcome_{verdict.outcome}"),
                observer=observer_name(observer),
                because=verdict.why,
            )


def _unit(unit_id: str, port: int, requirements: tuple[Requirement, ...]) -> Unit:
    url = f"http://127.0.0.1:{port}/{unit_id}/"
    target = Target(id=unit_id, name=unit_id, url=url, intranet=_LOOPBACK)
    return Unit(target=target, requirements=requirements)


def _pages(requirements: Iterable[BaseRequirement], nonce: str) -> dict[str, Page]:
    """Both pages and their images, by path."""
    site: dict[str, Page] = {}
    for unit_id in (FULL, EMPTY):
        parts = []
        for number, requirement in enumerate(requirements):
            text = requirement.example() if unit_id == FULL else f"{_ELSEWHERE}{nonce}"
            assert text is not None
            draw = _DRAWN[_sense(requirement)]
            markup, files = draw(text, requirement.name, f"/{unit_id}/{number}.png", nonce)
            parts.append(f"<p>{markup}</p>")
            site |= files
        parts.append(_filler(unit_id))
        head = '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">'
        body = f"<title>{unit_id}</title></head><body>{''.join(parts)}</body></html>"
        site[f"/{unit_id}/"] = ("text/html; charset=utf-8", f"{head}{body}".encode())
    return site


def _sense(requirement: BaseRequirement) -> Sense:
    return min(requirement.needs)


def _link(text: str, name: str, _path: str, _nonce: str) -> tuple[str, dict[str, Page]]:
    return f'<a href="{escape(text)}">{escape(name)}</a>', {}


def _picture(text: str, name: str, path: str, nonce: str) -> tuple[str, dict[str, Page]]:
    markup = f'<img src="{path}" width="240" height="240" alt="{escape(name)}">'
    return markup, {path: ("image/png", _code(text, nonce))}


def _words(text: str, _name: str, _path: str, _nonce: str) -> tuple[str, dict[str, Page]]:
    return escape(text), {}


_DRAWN = {Sense.LINK: _link, Sense.QR_CODE: _picture, Sense.TEXT: _words}
"""How a control page carries what a requirement needs; what is not here is on none."""


def _filler(unit_id: str) -> str:
    """What else a homepage has: a page of nothing but what is asked for would be none."""
    links = "".join(f'<li><a href="/{unit_id}/{n}.html">{_NEWS}</a></li>' for n in range(12))
    return f"<ul>{links}</ul>"


@lru_cache(maxsize=64)
def _code(text: str, nonce: str) -> bytes:
    """A QR code as PNG, with the nonce in a comment."""
    import segno

    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=8, border=4)
    drawn = out.getvalue()
    end = drawn.rindex(b"IEND") - 4
    return drawn[:end] + _text_chunk(nonce) + drawn[end:]


def _text_chunk(text: str) -> bytes:
    """A tEXt chunk of a PNG file (PNG specification, 11.3.4.3)."""
    import zlib

    data = b"tEXtComment\0" + text.encode()
    return (len(data) - 4).to_bytes(4) + data + zlib.crc32(data).to_bytes(4)


@dataclass(frozen=True, slots=True)
class _Site:
    """Serves fixed pages over HTTP, one request per connection."""

    pages: Mapping[str, Page]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("ascii", "replace")
            kind, body = self.pages.get(path, ("text/plain", b""))
            status = "200 OK" if path in self.pages else "404 Not Found"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            pass  # another client, or one that closed the connection
        finally:
            writer.close()


@asynccontextmanager
async def _served(pages: Mapping[str, Page]) -> AsyncIterator[int]:
    server = await asyncio.start_server(_Site(pages).serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
