"""The container of a case file: WACZ, a zip file whose parts are stored and named with their sum.

WACZ 1.1.1: https://specs.webrecorder.net/wacz/1.1.1/ . Ours is written in one way only, so that
whatever differs from that way was done by somebody else: no gaps, no comments, one date for all.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ycaudit.errors import AuditError
from ycaudit.i18n import Message

VERSION = "1.1.1"
PACKAGE, DIGEST, STAMP = "datapackage.json", "datapackage-digest.json", "datapackage-digest.tsr"
"""What names all other parts, what names that, and a time stamp of it (RFC 3161)."""
_SEALS = (PACKAGE, DIGEST, STAMP)
_LOCAL = struct.Struct("<4s5H3L2H")
"""The head before each part in a zip file (APPNOTE.TXT 4.3.7)."""
_CENTRAL, _END, _END_64 = 46, 22, 20 + 56
_PLAIN = 0o100644 << 16
MAX_SEAL = 256 << 20
"""Bytes of the part that names the others, and of its sum; more is none of ours."""
_DAMAGED = "{0}: no case file of ycaudit, or damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the container: its name, and its bytes or the file that holds them."""

    name: str
    data: bytes | Path

    def open(self) -> IO[bytes]:
        """Its bytes."""
        if isinstance(self.data, Path):
            return self.data.open("rb")
        return io.BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Package:
    """What a container says of itself."""

    title: str
    software: str
    made_at: datetime


def write(out: IO[bytes], parts: Iterable[Part], package: Package) -> bytes:
    """Write a container; returns the bytes of the part that names all others, for its time stamp.

    It is closed by `stamp` or as it is: it is whole without one.
    """
    resources: list[dict[str, object]] = []
    with zipfile.ZipFile(out, "w") as container:
        for part in parts:
            digest, size = _add(container, part, package.made_at)
            name = part.name.rpartition("/")[2]
            resources.append(
                {"name": name, "path": part.name, "hash": f"sha256:{digest}", "bytes": size}
            )
        named = _json(
            {
                "profile": "data-package",
                "wacz_version": VERSION,
                "title": package.title,
                "software": package.software,
                "created": package.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "resources": resources,
            }
        )
        _add(container, Part(PACKAGE, named), package.made_at)
        own = {"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(named).hexdigest()}"}
        _add(container, Part(DIGEST, _json(own)), package.made_at)
    return named


def stamp(file: IO[bytes], reply: bytes, package: Package) -> None:
    """Add a time stamp to a container that was just written."""
    with zipfile.ZipFile(file, "a") as container:
        _add(container, Part(STAMP, reply), package.made_at)


def _add(container: zipfile.ZipFile, part: Part, at: datetime) -> tuple[str, int]:
    total, size = hashlib.sha256(), 0
    with part.open() as source:
        info = _info(part.name, at)
        info.file_size = source.seek(0, 2)
        source.seek(0)
        with container.open(info, "w") as into:
            while chunk := source.read(1 << 20):
                total.update(chunk)
                size += len(chunk)
                into.write(chunk)
    return total.hexdigest(), size


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    utc = at.astimezone(UTC)
    info = zipfile.ZipInfo(
        name, (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second // 2 * 2)
    )
    info.external_attr, info.create_system = _PLAIN, 3
    return info


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


class Container:
    """A case file that was opened. Raises AuditError where it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.package = self._read(PACKAGE)
            self._named: dict[str, Any] = json.loads(self.package)
            self.resources: dict[str, dict[str, Any]] = {
                str(one["path"]): one for one in self._named["resources"]
            }
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
            raise AuditError(_DAMAGED, path) from error
        except (NotImplementedError, RuntimeError) as error:  # packed or locked as ours never is
            raise AuditError(_DAMAGED, path) from error

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    @property
    def sha256(self) -> str:
        """Of the part that names all others: the number that stands for the whole case."""
        return hashlib.sha256(self.package).hexdigest()

    @property
    def stamp(self) -> bytes | None:
        """The time stamp, if there is one."""
        return self._read(STAMP) if STAMP in self._zip.namelist() else None

    def open(self, name: str) -> IO[bytes]:
        """A part. Raises AuditError where there is none."""
        try:
            return self._zip.open(name)
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise AuditError("{0}: {1} is missing", self.path, name) from error

    def read(self, name: str) -> bytes:
        """The bytes of a part. Raises AuditError where there is none."""
        with self.open(name) as part:
            try:
                return part.read()
            except (zipfile.BadZipFile, OSError) as error:
                raise AuditError("{0}: {1} is damaged", self.path, name) from error

    def names(self, under: str) -> list[str]:
        """The parts in a folder, in their order."""
        return [name for name in self.resources if name.startswith(under)]

    def broken(self) -> Iterator[str]:
        """Yield a sentence for everything that is not as it was written."""
        yield from self._broken_parts()
        yield from self._broken_seal()
        yield from self._broken_order()

    def _broken_parts(self) -> Iterator[str]:
        there = {info.filename: info for info in self._zip.infolist()}
        for name, resource in self.resources.items():
            info = there.get(name)
            if info is None:
                yield Message("{0}: is missing", name)
            elif info.file_size != resource.get("bytes") or self._sum(name) != resource.get("hash"):
                yield Message("{0}: was changed", name)
        for name in there.keys() - self.resources.keys() - set(_SEALS):
            yield Message("{0}: was added", name)

    def _sum(self, name: str) -> str:
        try:
            with self._zip.open(name) as part:
                return f"sha256:{hashlib.file_digest(part, 'sha256').hexdigest()}"  # type: ignore[arg-type]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
            return ""

    def _broken_seal(self) -> Iterator[str]:
        try:
            found = json.loads(self._read(DIGEST))
        except (KeyError, ValueError, zipfile.BadZipFile):
            yield Message("{0}: is missing", DIGEST)
            return
        if found != {"path": PACKAGE, "hash": f"sha256:{self.sha256}"}:
            yield Message("{0}: was changed", PACKAGE)

    def _broken_order(self) -> Iterator[str]:
        """Whether the container is written as ours are: all else was written by somebody else."""
        infos = self._zip.infolist()
        expected = [*self.resources, PACKAGE, DIGEST]
        found = [info.filename for info in infos]
        if found not in (expected, [*expected, STAMP]):
            yield Message("the parts are not in the order in which they were written")
        dates = {info.date_time for info in infos}
        if dates != {self._date()}:
            yield Message("the parts were dated anew")
        if not self._is_plain(infos):
            yield Message("the container was written by another program")

    def _date(self) -> tuple[int, ...]:
        try:
            made = datetime.fromisoformat(str(self._named.get("created")))
        except ValueError:
            return ()
        return _info("x", made).date_time

    def _is_plain(self, infos: list[zipfile.ZipInfo]) -> bool:
        """Whether nothing lies before, between or after the parts, and nothing is odd in heads."""
        with self.path.open("rb") as file:
            place = 0
            for info in infos:
                if info.header_offset != place or not _is_ours(info):
                    return False
                file.seek(place)
                raw = file.read(_LOCAL.size)
                if len(raw) < _LOCAL.size:
                    return False
                head = _LOCAL.unpack(raw)
                name = file.read(head[9])
                if head[3] or head[2] or name != info.filename.encode() or head[6] != info.CRC:
                    return False
                place += _LOCAL.size + head[9] + head[10] + info.file_size
            size = file.seek(0, 2)
        central = sum(_CENTRAL + len(i.filename.encode()) + len(i.extra) for i in infos)
        rest = size - place - central
        return not self._zip.comment and rest in (_END, _END + _END_64)

    def _read(self, name: str) -> bytes:
        info = self._zip.getinfo(name)
        if info.file_size > MAX_SEAL:
            raise zipfile.BadZipFile(name)
        return self._zip.read(info)


def _is_ours(info: zipfile.ZipInfo) -> bool:
    """Whether a part is stored as ours are."""
    plain = _info(info.filename, datetime(2000, 1, 1, tzinfo=UTC))
    return (
        not info.comment
        and info.compress_type == zipfile.ZIP_STORED
        and info.flag_bits == 0
        and info.external_attr == plain.external_attr
        and info.internal_attr == 0
        and info.create_system == plain.create_system
        and (not info.extra or info.file_size >= zipfile.ZIP64_LIMIT)
    )
