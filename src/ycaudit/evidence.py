"""Keeps the proof of verdicts: files named by their content, with a manifest, written whole."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Literal

from ycaudit.errors import AuditError
from ycaudit.model import Record, ScanRun

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


class Kept(Record):
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
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, kind: Kind, data: bytes, *, unit: str, url: str) -> str | None:
        """The path of the file below the folder; None where the cap leaves it out."""
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest[:2]}/{digest}{SUFFIX[kind]}"
        with self._lock:
            if name not in self.files:
                if self.written + len(data) > self.most_bytes:
                    self.left_out += 1
                    return None
                write_whole(self.root / name, data)
            self.note(Kept(name=name, kind=kind, size=len(data), unit=unit, url=url[:2000]))
        return name

    def note(self, kept: Kept) -> None:
        """Enter a file that is there, and who shows it, into the manifest."""
        if kept.name not in self.files:
            self.written += kept.size
            digest = Path(kept.name).name.partition(".")[0]
            told = {"sha256": digest, "bytes": kept.size, "kind": kept.kind, "seen": []}
            self.files[kept.name] = told
        seen = self.files[kept.name]["seen"]
        assert isinstance(seen, list)
        seen.append({"unit": kept.unit, "url": kept.url})

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
        raise AuditError(f"cannot write {path}: {error.strerror}") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def broken_files(root: Path) -> Iterable[str]:
    """The files of a manifest that are missing or changed."""
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    for name, entry in manifest["files"].items():
        path = root / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            yield name
