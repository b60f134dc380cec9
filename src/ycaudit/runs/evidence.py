"""Keeps the proof of verdicts: files named by their content, with a manifest, written whole."""

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
from ycaudit.model import (
    Policy,
    Record,
    ScanRun,
    Tool,
)
from ycaudit.url import without_credentials

Kind = Literal["html", "headers", "screenshot", "image", "crop", "framed"]
SUFFIX: dict[Kind, str] = {
    "html": ".html.txt",  # never opened as a page: it is hostile
    "headers": ".json",
    "screenshot": ".png",
    "image": ".bin",
    "crop": ".png",
    "framed": ".png",
}
MANIFEST = "manifest.json"
TIMESTAMP = "manifest.tsr"
"""A time stamp of the manifest by somebody else (RFC 3161)."""


class StoredFile(Record):
    """One file below the folder, and one unit that shows it."""

    name: str
    kind: Kind
    size: int
    unit: str
    url: str


@dataclass(slots=True)
class EvidenceStore:
    """A folder of proof; `most_bytes` caps it, and what no longer fits is counted."""

    root: Path
    most_bytes: int
    written: int = 0
    left_out: int = 0
    files: dict[str, dict[str, object]] = field(default_factory=dict)
    journal: Path | None = None
    """Where every file is entered at once, so that a run that is broken off can go on."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, root: Path, most_bytes: int, *, run: str) -> EvidenceStore:
        """The folder for a run; what the run has kept already, before it was broken off, is known.

        Raises AuditError where it cannot be written to.
        """
        store = cls(root, most_bytes)
        journal = root / f".{run}.jsonl"
        for line in _lines(journal):
            try:
                kept = StoredFile.model_validate_json(line)
            except ValueError:
                continue  # cut off when the program was killed
            if (root / kept.name).is_file():
                store.note(kept)
        store.journal = journal
        return store

    def put(self, kind: Kind, data: bytes, *, unit: str, url: str) -> str | None:
        """The path of the file below the folder; None where the cap leaves it out."""
        url = without_credentials(url)
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest[:2]}/{digest}{SUFFIX[kind]}"
        with self._lock:
            if name not in self.files:
                if self.written + len(data) > self.most_bytes:
                    self.left_out += 1
                    return None
                write_whole(self.root / name, data)
            self.note(StoredFile(name=name, kind=kind, size=len(data), unit=unit, url=url[:2000]))
        return name

    def note(self, kept: StoredFile) -> None:
        """Enter a file that is there, and who shows it, into the manifest."""
        if kept.name not in self.files:
            self.written += kept.size
            digest = Path(kept.name).name.partition(".")[0]
            told = {"sha256": digest, "bytes": kept.size, "kind": kept.kind, "seen": []}
            self.files[kept.name] = told
        seen = self.files[kept.name]["seen"]
        assert isinstance(seen, list)
        seen.append({"unit": kept.unit, "url": kept.url})
        if self.journal is not None:
            self._enter(self.journal, kept)

    def _enter(self, journal: Path, kept: StoredFile) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with journal.open("ab") as out:
                out.write(kept.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", journal, error.strerror) from error

    def finish(self, run: ScanRun) -> None:
        """Write the manifest: what was made by which tool under which rules, and when."""
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
    """Write beside and rename: a file is whole or not there. Raises AuditError.

    Data that is large is written by a function that is given the file.
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
    """What the manifest says of a file."""

    sha256: str
    bytes: int
    kind: str
    seen: tuple[dict[str, str], ...]


class Manifest(Record):
    """What was kept, by which tool under which rules, and when."""

    run: str
    tool: Tool
    rules: Policy
    started_at: datetime
    finished_at: datetime
    left_out: int
    files: dict[str, Entry]


def manifest_of(root: Path) -> tuple[Manifest, bytes]:
    """The manifest of a folder of proof, and its bytes. Raises AuditError where there is none."""
    path = root / MANIFEST
    try:
        data = path.read_bytes()
        return Manifest.model_validate_json(data), data
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", path, error.strerror) from error
    except ValueError as error:
        raise AuditError("{0}: not a manifest of ycaudit, or damaged", path) from error


def broken_files(root: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the files of a manifest, a sentence each."""
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
    """Files in the folder that the manifest does not know."""
    known = {*manifest.files, MANIFEST, TIMESTAMP}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in known and not path.name.startswith("."):
            yield name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
