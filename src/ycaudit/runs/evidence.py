"""Keeps the evidence files of verdicts: named by their content, with a manifest, written whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import IO, Literal

from ycaudit.errors import AuditError, why_of
from ycaudit.model import Page, Record, ScanRun, Sense, UnitReport
from ycaudit.url import without_credentials

Kind = Literal["html", "headers", "screenshot", "image", "state", "crop", "framed", "recording"]
SUFFIX: dict[Kind, str] = {
    "html": ".html.txt",  # never opened as a page: it is hostile
    "headers": ".json",
    "screenshot": ".png",
    "image": ".bin",
    "state": ".png",
    "crop": ".png",
    "framed": ".png",
    "recording": ".warc.gz",
}
MANIFESTS = "manifests"
"""The folder of the manifests, one a run: runs that share a folder do not touch each other's."""
UNFINISHED = ".unfinished-"
"""How the names of files begin that a look is still writing."""
STAMP = ".tsr"
"""The suffix of the time stamp of a manifest by an authority (RFC 3161), beside it."""


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
        if root.exists() and not root.is_dir():
            raise AuditError("{0}: evidence goes into a folder, and this is a file", root)
        store = cls(root, max_bytes)
        journal = journal_of(root, run)
        for line in _lines(journal):
            try:
                file = StoredFile.model_validate_json(line)
            except ValueError:
                continue  # the program was killed while it wrote the line
            if _is_file(root / file.name):
                store.note(file)
        store.journal = journal
        store.write_journal(b"")  # others see that this run is going on
        return store

    def forget(self) -> None:
        """The run has kept nothing: neither is there anything to go on with."""
        if self.journal is not None and not self.files:
            self.journal.unlink(missing_ok=True)

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
                write_evidence(self.root / name, data)
            self.note(StoredFile(name=name, kind=kind, size=len(data), unit=unit, url=url[:2000]))
        return name

    @contextmanager
    def growing(self) -> Iterator[IO[bytes]]:
        """A file beside the others that grows until it is adopted, and else goes when this ends."""
        path = self.root / f"{UNFINISHED}{token_hex(8)}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            out = path.open("xb")
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", path, error.strerror) from error
        try:  # errors of the look within are its own, a browser's death among them
            with out:
                yield out
        finally:
            path.unlink(missing_ok=True)

    def adopt(self, kind: Kind, file: IO[bytes], *, unit: str, url: str) -> str | None:
        """Name a file that has grown by its content; None if it does not fit. Raises AuditError."""
        path = Path(file.name)
        try:
            file.close()  # Windows does not rename what is open
            size, digest = path.stat().st_size, sha256(path)
            name = f"{digest[:2]}/{digest}{SUFFIX[kind]}"
            with self._lock:
                if self.written + size > self.max_bytes:
                    self.left_out += 1
                    return None
                (self.root / name).parent.mkdir(exist_ok=True)
                path.replace(self.root / name)
                self.note(
                    StoredFile(
                        name=name, kind=kind, size=size, unit=unit, url=without_credentials(url)
                    )
                )
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", path, error.strerror) from error
        return name

    def note(self, file: StoredFile) -> None:
        """Add a file that is in the folder, and its unit, to the manifest."""
        if file.name not in self.files:
            self.written += file.size
            entry = {
                "sha256": sha256_in(file.name),
                "bytes": file.size,
                "kind": file.kind,
                "seen": [],
            }
            self.files[file.name] = entry
        seen = self.files[file.name]["seen"]
        assert isinstance(seen, list)
        seen.append({"unit": file.unit, "url": file.url})
        if self.journal is not None:
            self.write_journal(file.model_dump_json().encode() + b"\n")

    def write_journal(self, line: bytes) -> None:
        """Add a line to the journal. Raises AuditError."""
        assert self.journal is not None
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            _refuse_link(self.journal)
            with self.journal.open("ab") as out:
                out.write(line)
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", self.journal, why_of(error)) from error

    def finish(self, run: ScanRun) -> Path:
        """Write the manifest of the run and return where it is: its files, the tool, the rules."""
        for report in run.reports.briefs():
            self._take_over(report)
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
        path = self.root / MANIFESTS / f"{run.id}.json"
        write_evidence(path, text.encode())
        if self.journal is not None and run.complete:
            self.journal.unlink(missing_ok=True)
        return path

    def vouch(self, kind: Kind, name: str, *, unit: str, url: str = "") -> None:
        """Note that a file which is here belongs to this unit, too."""
        size = (self.root / name).stat().st_size
        self.note(StoredFile(name=name, kind=kind, size=size, unit=unit, url=url))

    def _take_over(self, report: UnitReport) -> None:
        """Vouch for the files of a report that was carried over, as long as they are here."""
        unit, url = report.target.id, report.target.url
        for name, kind in files_of(report).items():
            if name not in self.files and _is_file(self.root / name):
                self.vouch(kind, name, unit=unit, url=url)


def sha256(path: Path) -> str:
    """The hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def journal_of(root: Path, run: str) -> Path:
    """The journal of a run that has not ended."""
    return root / f".{run}.jsonl"


def files_of(report: UnitReport) -> dict[str, Kind]:
    """The evidence files that a report names, and what each shows."""
    pages = [page for page in report.observations if isinstance(page, Page)]
    files: dict[str, Kind] = {f.file: f.kind for page in pages for f in page.evidence_files}
    files.update(dict.fromkeys(report.recordings, "recording"))
    for page in pages:
        files.update({spot.file: "crop" for spot in page.blind_spots if spot.file})
    for verdict in report.verdicts:
        for one in (*verdict.evidence, *verdict.near):
            if one.file:
                # What is drawn of a page is named by verdicts alone.
                files.setdefault(one.file, "crop" if one.sense is Sense.QR_CODE else "framed")
    return files


def sha256_in(file: str) -> str:
    """The digest that the name of an evidence file says."""
    return Path(file).name.partition(".")[0]


def write_evidence(path: Path, data: bytes) -> None:
    """Write a file into a folder of the evidence, but through no link. Raises AuditError."""
    _refuse_link(path.parent)
    _refuse_link(path)
    write_whole(path, data)


def _refuse_link(path: Path) -> None:
    """What is in the folder is never a way out of it; the folder itself is where the user says.

    Raises AuditError.
    """
    if path.is_symlink():
        raise AuditError(
            "{0} is a link, which evidence never follows: remove it, or name another folder", path
        )


def _is_file(path: Path) -> bool:
    """Whether it is a file of the folder itself, and no link to one."""
    return path.is_file() and not (path.is_symlink() or path.parent.is_symlink())


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def write_whole(path: Path, data: bytes | Callable[[IO[bytes]], None]) -> None:
    """Write a file atomically, by renaming a temporary one. Raises AuditError.

    A link stays, and what it points to is written; a pipe or a device is written into. Who may
    read a file stays as it was; of a new one the umask says. A callable is given the open file, for
    data that is too large for memory.
    """
    beside = None
    try:
        if is_stream(path):
            _write_into(path, data)
            return
        place = place_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{token_hex(16)}")
        opener = partial(os.open, mode=0o600 if place.exists() else 0o666)
        with open(beside, "x+b", opener=opener) as out:
            _fill(out, data)
        take_place(beside, place)
    except OSError as error:
        raise AuditError("cannot write {0}: {1}", path, why_of(error)) from error
    finally:
        if beside is not None:
            with suppress(OSError):  # where the folder is none, there is nothing beside
                beside.unlink()


def is_stream(path: Path) -> bool:
    """Whether it is a pipe, a socket or a device, or a link to one: nothing can take its place."""
    return path.exists() and not (path.is_file() or path.is_dir())


def place_of(path: Path) -> Path:
    """Where a file of this name stands: where a link points to."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _write_into(path: Path, data: bytes | Callable[[IO[bytes]], None]) -> None:
    """Write what has become whole elsewhere: formats go back in their files, a pipe does not."""
    with TemporaryFile() as whole:
        _fill(whole, data)
        whole.seek(0)
        with path.open("wb") as out:
            shutil.copyfileobj(whole, out)


def _fill(out: IO[bytes], data: bytes | Callable[[IO[bytes]], None]) -> None:
    if callable(data):
        data(out)
    else:
        out.write(data)


def take_place(new: Path, place: Path) -> None:
    """Rename a file to `place`; where there was one, who may read it stays as it was."""
    with suppress(FileNotFoundError):
        old = place.stat()
        if os.name == "posix":
            with suppress(PermissionError):  # of another's file; it becomes ours
                os.chown(new, old.st_uid, old.st_gid)
        new.chmod(old.st_mode & 0o777)
    new.replace(place)
