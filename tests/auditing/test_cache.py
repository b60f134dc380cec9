"""The cache: what a server vouches for is not fetched again, and nothing else is believed."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.city import audited
from support.servers import PATIENT, answer, server
from ycaudit.auditing import demo_city
from ycaudit.auditing.cache import Cache
from ycaudit.model import ScanRun
from ycaudit.net.answer import Fetched, FetchError
from ycaudit.net.client import Fetcher, Options
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort, Located, Reading, Symbol
from ycaudit.observe.qr.sandbox import DecodeSandbox

Says = Callable[[bytes], bytes]


PICTURED = ("complies", "image-formats", "css-backgrounds", "data-uri", "srcset", "slides", "tabs")


def silent(text: str) -> None:
    raise AssertionError(text)


def visited(
    file: Path, says: Says, *paths: str, kind: str = "css"
) -> tuple[list[str], list[bytes]]:
    """What a run gets from a server that answers so, and what it asked; the file stays."""

    async def look() -> tuple[list[str], list[bytes]]:
        async def handler(head: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(says(head))

        async with server(handler, HELD[0].dup()) as (port, heads):
            cache = Cache(file, silent)
            fetcher = Fetcher(Options(allow_private=True, limits=PATIENT), cache)
            got = []
            async with fetcher.session() as visit:
                for path in paths:
                    url = f"http://127.0.0.1:{port}{path}"
                    if kind == "page":
                        found = await visit.page(url)
                    else:
                        found = await visit.resource(url, kind=kind, is_known=lambda _: True)
                    got.append(told(found))
            cache.close()
            return got, heads

    return asyncio.run(look())


def told(found: Fetched | FetchError) -> str:
    if isinstance(found, FetchError):
        return f"lost: {found.cause}"
    if found.digest is not None:
        return f"unfetched {found.digest[:4]}"
    return f"{found.status} {found.body.decode()}"


HELD: list[socket.socket] = []


@pytest.fixture(autouse=True)
def one_port() -> Iterator[None]:
    """Both runs of a test ask the same address, which nobody takes between them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        HELD[:] = [listening]
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache.sqlite3"


def vouching(body: bytes, etag: str = '"1"', *more: str) -> Says:
    """A server that knows its own tag."""

    def says(head: bytes) -> bytes:
        if f"If-None-Match: {etag}".encode().lower() in head.lower():
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(body, f"ETag: {etag}", *more)

    return says


def test_what_is_the_same_comes_from_the_cache(file: Path) -> None:
    assert visited(file, vouching(b"a{}"), "/a.css")[0] == ["200 a{}"]
    got, (head,) = visited(file, vouching(b"a{}"), "/a.css")
    assert got == ["200 a{}"]
    assert b'if-none-match: "1"' in head.lower()
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_has_changed_is_fetched_and_kept_anew(file: Path) -> None:
    visited(file, vouching(b"old"), "/a.css")
    assert visited(file, vouching(b"new", '"2"'), "/a.css")[0] == ["200 new"]
    assert visited(file, vouching(b"unseen", '"2"'), "/a.css")[0] == ["200 new"]


def test_a_date_is_enough_to_ask_by(file: Path) -> None:
    when = "Mon, 01 Jun 2026 08:00:00 GMT"

    def says(head: bytes) -> bytes:
        if f"if-modified-since: {when}".lower().encode() in head.lower():
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer(b"x", f"Last-Modified: {when}")

    visited(file, says, "/a.css")
    got, heads = visited(file, says, "/a.css")
    assert got == ["200 x"]
    assert b"if-modified-since" in heads[0].lower()


def test_a_page_is_asked_about_by_its_tag_but_not_by_its_date_alone(file: Path) -> None:
    when = "Last-Modified: Mon, 01 Jun 2026 08:00:00 GMT"
    visited(file, vouching(b"<p>tagged", '"1"', when), "/", kind="page")
    got, (head,) = visited(file, vouching(b"<p>tagged", '"1"', when), "/", kind="page")
    assert got == ["200 <p>tagged"]
    assert b"if-none-match" in head.lower()
    assert b"if-modified-since" not in head.lower()
    visited(file, lambda _: answer(b"<p>dated", when), "/dated", kind="page")
    got, (head,) = visited(file, lambda _: answer(b"<p>anew", when), "/dated", kind="page")
    assert got == ["200 <p>anew"]
    assert b"if-" not in head.lower()


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"no", 'ETag: "1"', status="404 Not Found"),
        answer(b"no", 'ETag: "1"', status="500 Oh"),
        answer(b"no", 'ETag: "1"', "Cache-Control: private, no-store"),
        answer(b"no", 'ETag: "1"', "Vary: Accept, Cookie"),
        answer(b"no", "ETag: 1"),
        answer(b"no", f'ETag: "{"x" * 1000}"'),
        answer(b"no", "Last-Modified: yesterday"),
        answer(b"no"),
        b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 100\r\n\r\nbroken off',
    ],
)
def test_errors_and_what_nobody_vouches_for_are_never_kept(file: Path, raw: bytes) -> None:
    visited(file, lambda _: raw, "/a.css")
    got, heads = visited(file, vouching(b"yes"), "/a.css")
    assert got == ["200 yes"]
    assert b"if-" not in b"".join(heads).lower()


def test_a_redirected_resource_is_not_kept_and_no_condition_follows_a_redirect(file: Path) -> None:
    def says(head: bytes) -> bytes:
        if b"GET /moved" in head:
            return b"HTTP/1.1 302 Found\r\nLocation: /a.css\r\nContent-Length: 0\r\n\r\n"
        return vouching(b"body")(head)

    visited(file, vouching(b"here"), "/moved")
    got, heads = visited(file, says, "/moved")
    assert got == ["200 body"]
    assert [b"if-none-match" in head.lower() for head in heads] == [True, False]


def test_a_304_that_was_not_asked_for_is_no_answer(file: Path) -> None:
    got, _ = visited(file, lambda _: b"HTTP/1.1 304 Not Modified\r\n\r\n", "/a.css")
    assert got == ["304 "]


def test_of_images_only_the_sha256_is_kept(file: Path) -> None:
    visited(file, vouching(b"pixels"), "/a.png", kind="image")
    got, _ = visited(file, vouching(b"pixels"), "/a.png", kind="image")
    assert got[0].startswith("unfetched ")
    with closing(sqlite3.connect(file)) as db, db:
        assert db.execute("SELECT count(*), count(body) FROM resources").fetchone() == (1, 0)


def test_what_was_read_comes_back_as_it_was(file: Path) -> None:
    corners = ((1, 2), (3, 4), (5, 6), (7, 8))
    reading = Reading((Symbol("宜昌", corners, "native"),), (Located(corners, "why"),), 9, 8, True)
    cache = Cache(file, silent)
    cache.put_reading("a" * 64, Effort.NORMAL, reading)
    tiny = ImageTrouble("image_too_small", detail="tiny\nindeed", width=3, height=9)
    cache.put_reading("b" * 64, Effort.THOROUGH, tiny)
    cache.close()
    cache = Cache(file, silent)
    assert cache.get_reading("a" * 64, Effort.FAST) == reading
    assert cache.get_reading("a" * 64, Effort.THOROUGH) is None
    trouble = cache.get_reading("b" * 64, Effort.THOROUGH)
    assert isinstance(trouble, ImageTrouble)
    assert trouble.written == tiny.written
    assert cache.get_reading("c" * 64, Effort.FAST) is None
    cache.close()


def test_other_decoders_read_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(file, silent)
    cache.put_reading("a" * 64, Effort.NORMAL, Reading((), (), 1, 1, False))
    cache.close()
    monkeypatch.setattr("ycaudit.auditing.cache.__version__", "another")
    cache = Cache(file, silent)
    assert cache.get_reading("a" * 64, Effort.NORMAL) is None
    cache.close()


def test_what_was_not_used_for_long_makes_room(file: Path) -> None:
    visited(file, vouching(b"old" * 100), "/a.css", "/b.css")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE resources SET used = '2000' WHERE url LIKE '%a.css'")
        (size,) = db.execute("SELECT total(length(body)) FROM resources").fetchone()
    Cache(file, silent, max_bytes=int(size) - 1).close()
    with closing(sqlite3.connect(file)) as db, db:
        ((left,),) = db.execute("SELECT url FROM resources").fetchall()
    assert left.endswith("b.css")


@pytest.mark.parametrize("damage", ["bytes", "folder", "newer"])
def test_a_cache_that_cannot_be_used_is_told_once_and_done_without(file: Path, damage: str) -> None:
    file.parent.mkdir()
    if damage == "bytes":
        file.write_bytes(b"no database, but long enough to look like one" * 100)
    elif damage == "folder":
        file.mkdir()
    else:
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("PRAGMA user_version = 99")
    said: list[str] = []
    cache = Cache(file, said.append)
    cache.put_reading("a" * 64, Effort.NORMAL, Reading((), (), 1, 1, False))
    cache.close()
    assert len(said) == (0 if damage == "newer" else 1)  # what a newer one wrote is made anew


def test_an_unchanged_city_is_neither_fetched_nor_decoded_again(
    running_city: demo_city.City, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    real = DecodeSandbox.read
    monkeypatch.setattr(
        DecodeSandbox,
        "read",
        # The codes of control pages are new to every run: that is their purpose.
        lambda box, data, **more: (
            b"tEXtComment" in data or decoded.append(1),
            real(box, data, **more),
        )[1],
    )

    def scanned() -> tuple[ScanRun, int]:
        decoded.clear()
        run = audited(running_city, *PICTURED, observer="static", cache=file)
        return run, len(decoded)

    first, many = scanned()
    second, none = scanned()
    assert many > 40
    assert none == 0
    told = [
        [(v.requirement, v.outcome, v.reason) for v in r.verdicts] for r in first.reports.briefs()
    ]
    assert told == [
        [(v.requirement, v.outcome, v.reason) for v in r.verdicts] for r in second.reports.briefs()
    ]


@pytest.mark.parametrize("order", [("own", "other"), ("other", "own"), ("own", "other", "own")])
def test_an_image_that_a_server_shows_on_its_own_pages_only_is_each_sites_own(
    order: tuple[str, ...], tmp_path: Path
) -> None:
    async def by_referer(head: bytes, writer: asyncio.StreamWriter) -> None:
        own = b"referer: http://own.test/" in head.lower()
        writer.write(answer(b"the code" if own else b"no hotlinks", "ETag: x"))

    async def look() -> list[tuple[str, bytes]]:
        async with server(by_referer, HELD[0].dup()) as (port, _):
            resolve = {("*", port): ("127.0.0.1",)}
            options = Options(allow_private=True, resolve=resolve, limits=PATIENT)
            seen = []
            for _ in ("cold", "warm"):
                cache = Cache(tmp_path / "cache", silent)
                fetcher = Fetcher(options, cache)
                for site in order:
                    async with fetcher.session() as visit:
                        url, page = f"http://img.test:{port}/q.png", f"http://{site}.test/"
                        found = await visit.resource(url, kind="image", referer=page)
                        assert isinstance(found, Fetched)
                        seen.append((site, found.body))
                cache.close()
            return seen

    for site, body in asyncio.run(look()):
        assert body == (b"the code" if site == "own" else b"no hotlinks")


def test_a_file_that_cannot_be_made_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told: list[str] = []
    Cache(tmp_path / "file" / "cache.sqlite3", told.append).close()
    assert [text.partition("fetched anew: ")[2] for text in told] == [
        "something else has this name"
    ]
