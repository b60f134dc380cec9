"""Keeps the evidence files of verdicts: named by their content, with a manifest, written whole."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Literal

from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.model import Policy, Record, ScanRun, Tool
from ycaudit.url import without_credentials

Kind = Literal["html", "headers", "screenshot", "image", "state", "crop", "framed"]
SUFFIX: dict[Kind, str] = {
    "html": ".html.txt",  # never opened as a page: it is hostile
    "headers": ".json",
    "screenshot": ".png",
    "image": ".bin",
    "state": ".png",
    "crop": ".png",
    "framed": ".png",
}
MANIFEST = "manifest.json"
TIMESTAMP = "manifest.tsr"
"""The time stamp of the manifest by an authority (RFC 3161)."""


class StoredFile(Record):
    """A file in the folder, and one unit that it belongs to; `size` is in bytes."""

    name: str
    kind: Kind
    size: int
    unit: str
    url: str


@dataclass(slots=True)
class EvidenceStore:
    """An evidence folder; `most_bytes` caps it, and what no longer fits is counted."""

    root: Path
    max_bytes: int
    written: int = 0
    left_out: int = 0
    files: dict[str, dict[str, object]] = field(default_factory=dict)
    journal: Path | None = None
    """Lists the files as they are written, so that an interrupted run can be resumed."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, root: Path, max_bytes: int, *, run: str) -> EvidenceStore:
        """Open the folder for a run, with the files that it wrote before it was interrupted."""
        store = cls(root, max_bytes)
        journal = root / f".{run}.jsonl"
        for line in _lines(journal):
            try:
                file = StoredFile.model_validate_json(line)
            except ValueError:
                continue  # the program was killed while it wrote the line
            if (root / file.name).is_file():
                store.note(file)
        store.journal = journal
        return store

    def put(self, kind: Kind, data: bytes, *, unit: str, url: str) -> str | None:
        """Write a file and return its path in the folder; None if it does not fit."""
        url = without_credentials(url)
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest[:2]}/{digest}{SUFFIX[kind]}"
        with self._lock:
            if name not in self.files:
                if self.written + len(data) > self.max_bytes:
                    self.left_out += 1
                    return None
                write_whole(self.root / name, data)
            self.note(StoredFile(name=name, kind=kind, size=len(data), unit=unit, url=url[:2000]))
        return name

    def note(self, file: StoredFile) -> None:
        """Add a file that is in the folder, and its unit, to the manifest."""
        if file.name not in self.files:
            self.written += file.size
            digest = Path(file.name).name.partition(".")[0]
            entry = {"sha256": digest, "bytes": file.size, "kind": file.kind, "seen": []}
            self.files[file.name] = entry
        seen = self.files[file.name]["seen"]
        assert isinstance(seen, list)
        seen.append({"unit": file.unit, "url": file.url})
        if self.journal is not None:
            self._enter(self.journal, file)

    def _enter(self, journal: Path, file: StoredFile) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with journal.open("ab") as out:
                out.write(file.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", journal, error.strerror) from error

    def finish(self, run: ScanRun) -> None:
        """Write the manifest: the files, the run, the tool and the rules."""
        manifest = {
            "run": run.id,
            "tool": run.tool.model_dump(),
            "rules": run.rules.model_dump(),
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat(),
            "left_out": self.left_out,
            "files": dict(sorted(self.files.items())),
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        write_whole(self.root / MANIFEST, text.encode())
        if self.journal is not None and run.complete:
            self.journal.unlink(missing_ok=True)


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def write_whole(path: Path, data: bytes | Callable[[IO[bytes]], None]) -> None:
    """Write a file atomically, by renaming a temporary one. Raises AuditError.

    A callable is given the open file, for data that is too large for memory.
    """
    beside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as out:
            beside = Path(out.name)
            if callable(data):
                data(out)
            else:
                out.write(data)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise AuditError("cannot write {0}: {1}", path, error.strerror) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


class Entry(Record):
    """A file in the manifest."""

    sha256: str
    bytes: int
    kind: str
    seen: tuple[dict[str, str], ...]


class Manifest(Record):
    """The files of a run, and the tool and the rules that made them."""

    run: str
    tool: Tool
    rules: Policy
    started_at: datetime
    finished_at: datetime
    left_out: int
    files: dict[str, Entry]


def manifest_of(root: Path) -> tuple[Manifest, bytes]:
    """The manifest of an evidence folder, and its bytes. Raises AuditError where there is none."""
    path = root / MANIFEST
    try:
        data = path.read_bytes()
        return Manifest.model_validate_json(data), data
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", path, error.strerror) from error
    except ValueError as error:
        raise AuditError("{0}: not a manifest of ycaudit, or damaged", path) from error


def broken_files(root: Path, manifest: Manifest) -> Iterator[str]:
    """Yield a sentence for each file of the manifest that is missing or was changed."""
    inside = root.resolve()
    for name, entry in manifest.files.items():
        path = (root / name).resolve()
        if not path.is_relative_to(inside):
            yield Message("{0}: lies outside the folder", name)
        elif not path.is_file():
            yield Message("{0}: is missing", name)
        elif _sha256(path) != entry.sha256:
            yield Message("{0}: was changed", name)


def unknown_files(root: Path, manifest: Manifest) -> Iterator[str]:
    """Yield the paths of files that are not in the manifest."""
    known = {*manifest.files, MANIFEST, TIMESTAMP}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in known and not path.name.startswith("."):
            yield name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
