"""A cache of responses and decoded images in one SQLite file, for later runs.

A resource is always requested again, with its ETag or its date, and taken from here only if the
server answers 304 (a page only by its ETag). Errors are not cached. Of an image, the sha256 and
the decoded codes are cached, not the bytes.
"""

from __future__ import annotations

import hashlib
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
from ycaudit.errors import why_of
from ycaudit.i18n import Message
from ycaudit.net.answer import Fetched
from ycaudit.net.resource_cache import CachedResource
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort, Reading
from ycaudit.observe.qr.steps import STEPS
from ycaudit.runs.history_file import make_private, said_by

MAX_BODY = 2 << 20
MAX_BYTES = 512 << 20
MAX_READINGS = 2_000_000
BATCH = 128
"""Entries of one transaction, and how many a killed scan loses at most."""
VERSION = 4
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
_DECODERS = (
    "zxing-cpp", "pyzbar", "opencv-contrib-python-headless", "pillow", "pillow-jxl-plugin",
    "resvg-py",
)  # fmt: skip
# RFC 9110, 8.8.3: an entity tag is quoted, and holds no blank and no control character.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]{0,400}"')
_DATE = re.compile(r"[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT")
_READING = TypeAdapter(Reading)


class Cache:
    """One file. If it fails, `notice` gets one sentence and the scan goes on without a cache."""

    def __init__(
        self, path: Path, notice: Callable[[Message], None], *, max_bytes: int = MAX_BYTES
    ) -> None:
        self._notice = notice
        self._max_bytes = max_bytes
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._resources: dict[str, CachedResource] = {}
        self._readings: dict[str, tuple[Effort, bytes]] = {}
        self._used: list[tuple[str, str]] = []
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self._decoders = _decoders()
        try:
            make_private(path)
            self._db = sqlite3.connect(path, timeout=2.0, isolation_level=None)
            self._prepare(self._db)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    # --- resources ---

    def get(self, url: str) -> CachedResource | None:
        """The cached response to a URL; None if there is none."""
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

    def touch(self, url: str) -> None:
        """Note that a cached response was used: the least recently used are deleted first."""
        self._used.append((self._now, url))

    def put(self, url: str, fetched: Fetched, *, sha256: str, is_image: bool) -> None:
        """Cache a complete response, if it has an ETag or a date."""
        etag, modified = _validators(fetched.headers)
        body = None if is_image else fetched.body
        if not (etag or modified) or len(body or b"") > MAX_BODY:
            return
        self._resources[url] = CachedResource(
            etag, modified, fetched.content_type[:200], sha256, body
        )
        self._flush(BATCH)

    # --- readings ---

    def get_reading(self, sha256: str, effort: Effort) -> Reading | ImageTrouble | None:
        """What the same decoders read in an image with at least this effort; None if not cached."""
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

    def put_reading(self, sha256: str, effort: Effort, reading: Reading | ImageTrouble) -> None:
        """Cache what was read in an image."""
        self._readings[sha256] = (effort, _packed(reading))
        self._flush(BATCH)

    def close(self) -> None:
        """Write what is pending, delete what exceeds the limits, and close the file."""
        self._flush(0)
        if self._db is None:
            return
        try:
            self._evict(self._db)
        except sqlite3.Error as error:
            self._give_up(error)
        else:
            self._db.close()
            self._db = None

    def _prepare(self, db: sqlite3.Connection) -> None:
        (found,) = db.execute("PRAGMA user_version").fetchone()
        db.execute("PRAGMA synchronous = OFF")  # a power cut costs only the cache
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
        """Write the pending entries in one transaction, if there are more than `least`."""
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
                    (sha256, int(effort), self._decoders, packed, self._now)
                    for sha256, (effort, packed) in self._readings.items()
                ),
            )
            self._db.executemany("UPDATE resources SET used = ? WHERE url = ?", self._used)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)
        self._forget()

    def _forget(self) -> None:
        """Drop the pending entries."""
        self._resources.clear()
        self._readings.clear()
        self._used.clear()

    def _evict(self, db: sqlite3.Connection) -> None:
        """Delete what was not used for the longest time, down to the limits."""
        (size,) = db.execute("SELECT total(length(body)) FROM resources").fetchone()
        while size > self._max_bytes:
            (oldest,) = db.execute("SELECT min(used) FROM resources").fetchone()
            db.execute("DELETE FROM resources WHERE used = ?", (oldest,))
            (size,) = db.execute("SELECT total(length(body)) FROM resources").fetchone()
        (count,) = db.execute("SELECT count(*) FROM readings").fetchone()
        if count > MAX_READINGS:
            db.execute("DELETE FROM readings WHERE used < ?", (self._now,))

    def _give_up(self, error: OSError | sqlite3.Error) -> None:
        """Close the file and go on without a cache."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        why = why_of(error) if isinstance(error, OSError) else said_by(error)
        self._notice(
            Message("{0}: the cache cannot be used, so all is fetched anew: {1}", self._path, why)
        )


def _validators(headers: Mapping[str, str]) -> tuple[str, str]:
    """The ETag and the Last-Modified date, each empty if missing or if caching is forbidden."""
    control = headers.get("cache-control", "").lower()
    vary = headers.get("vary", "").lower()
    if "no-store" in control or "*" in vary or "cookie" in vary:
        return "", ""
    etag, modified = headers.get("etag", "").strip(), headers.get("last-modified", "").strip()
    return (etag if _ETAG.fullmatch(etag) else "", modified if _DATE.fullmatch(modified) else "")


def _decoders() -> str:
    """Stands for the decoders with their versions and the steps that use them: with another of
    these, more may be read than before."""

    def version_of(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "-"

    used = [__version__, *(f"{name}={version_of(name)}" for name in _DECODERS)]
    steps = (f"{step.name}:{step.effort}" for step in STEPS)
    return hashlib.sha256(" ".join((*used, *steps)).encode()).hexdigest()[:16]


def _packed(reading: Reading | ImageTrouble) -> bytes:
    if isinstance(reading, ImageTrouble):
        return b"!" + json.dumps(reading.written).encode()
    return _READING.dump_json(reading)


def _unpacked(packed: bytes) -> Reading | ImageTrouble | None:
    try:
        if packed[:1] == b"!":
            return ImageTrouble.read(json.loads(packed[1:]))
        return _READING.validate_json(packed)
    except (ValueError, KeyError, TypeError):
        return None
