"""Images as commands take them: files, folders, addresses, stdin."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ycaudit.errors import why_of
from ycaudit.i18n import Message
from ycaudit.url import parse_web_url

MAX_BYTES = 64 * 1024 * 1024
IMAGES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".svg", ".avif"}
    | {".tif", ".tiff", ".ico", ".jxl", ".heic", ".heif"}
)
"""Suffixes that are looked at in folders."""
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One image: its name, and its bytes or why there are none."""

    name: str
    data: bytes | str


def is_address(text: str) -> bool:
    """Whether it is meant as a web address."""
    return text.lower().startswith(("http://", "https://")) and parse_web_url(text) is not None


def inputs(
    things: Sequence[str], *, allow_private: bool = False, proxy: str = ""
) -> Iterator[Input]:
    """Every image that the arguments name, in their order; folders with all that is in them."""
    for thing in things:
        if thing == STDIN:
            yield Input("-", sys.stdin.buffer.read(MAX_BYTES + 1))
        elif is_address(thing):
            yield Input(thing, fetched(thing, allow_private=allow_private, proxy=proxy))
        elif Path(thing).is_dir():
            files = sorted(p for p in Path(thing).rglob("*") if p.suffix.lower() in IMAGES)
            yield from (_file(path) for path in files)
        else:
            yield _file(Path(thing))


def _file(path: Path) -> Input:
    try:
        if path.stat().st_size > MAX_BYTES:
            return Input(str(path), Message("larger than {0} MB", MAX_BYTES >> 20))
        return Input(str(path), path.read_bytes())
    except OSError as error:
        return Input(str(path), Message("cannot be read: {0}", why_of(error)))


def fetched(url: str, *, allow_private: bool, proxy: str = "") -> bytes | str:
    """The bytes at an address, or why there are none. Raises AuditError for an odd proxy."""
    return asyncio.run(_fetch(url, allow_private=allow_private, proxy=proxy))


async def _fetch(url: str, *, allow_private: bool, proxy: str) -> bytes | str:
    from ycaudit.net.answer import FetchError
    from ycaudit.net.client import Fetcher, Options
    from ycaudit.net.proxy import proxy_of

    options = Options(allow_private=allow_private, proxy=proxy_of(proxy, os.environ))
    async with Fetcher(options).session() as session:
        got = await session.resource(url, kind="image")
    if isinstance(got, FetchError):
        return Message("{0}", got.why)
    return got.body if got.status == 200 else Message("the server answered {0}", got.status)


def open_picture(path: Path) -> None:
    """Open a picture with the system's viewer, where a person and a screen are there.

    It is not waited for, and where there is no viewer nothing happens: its path has been told.
    """
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if sys.stdin.isatty() and has_screen and path.is_file():
        typer.launch(str(path))
