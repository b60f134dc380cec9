"""The manifests of an evidence folder: whether its files are as they were, and which may go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message
from ycaudit.model import Policy, Record, Tool
from ycaudit.runs.evidence import MANIFESTS, STAMP, UNFINISHED, StoredFile, sha256

ONLY_MANIFEST = "manifest.json"
"""Of folders of earlier versions, which held the evidence of one run."""
BUSY_SECONDS = 86_400.0
"""A journal that was written to since is of a run that may be going on."""


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


@dataclass(frozen=True, slots=True)
class Sealed:
    """A manifest as it lies in its folder."""

    path: Path
    data: bytes
    manifest: Manifest

    @property
    def stamp(self) -> Path:
        """Where its time stamp is, if it has one."""
        return self.path.with_suffix(STAMP)


def manifests_in(root: Path) -> list[Sealed]:
    """The manifests of a folder, oldest first. Raises AuditError where there is none."""
    paths = [*root.glob(ONLY_MANIFEST), *(root / MANIFESTS).glob("*.json")]
    if not paths:
        raise AuditError(
            "{0} is no evidence folder: no manifest is in {1}; give the folder that `--evidence` "
            "wrote, and the run by --run",
            *(root, root / MANIFESTS),
        )
    return sorted(map(_read, paths), key=lambda sealed: sealed.manifest.run)


def _read(path: Path) -> Sealed:
    try:
        data = path.read_bytes()
        return Sealed(path, data, Manifest.model_validate_json(data))
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", path, why_of(error)) from error
    except ValueError as error:
        raise AuditError("{0}: not a manifest of ycaudit, or damaged", path) from error


def broken_files(
    root: Path, manifest: Manifest, sha256_of: Callable[[Path], str] | None = None
) -> Iterator[str]:
    """Yield a sentence for each file of the manifest that is missing or was changed."""
    digest = sha256_of or sha256
    inside = root.resolve()
    for name, entry in manifest.files.items():
        path = (root / name).resolve()
        if not path.is_relative_to(inside) or (root / name).is_symlink():
            yield Message("{0}: lies outside the folder", name)
        elif not path.is_file():
            yield Message("{0}: is missing", name)
        elif digest(path) != entry.sha256:
            yield Message("{0}: was changed", name)


def unknown_files(root: Path, sealed: Sequence[Sealed]) -> Iterator[str]:
    """Yield the paths of what neither a manifest nor a run that goes on knows, links included."""
    ours = {path.relative_to(root).as_posix() for one in sealed for path in (one.path, one.stamp)}
    known = ours.union(*(one.manifest.files for one in sealed))
    journals = journals_in(root)
    known.update(name for journal in journals for name in journal.files)
    known.update(journal.path.name for journal in journals)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        is_unfinished = bool(journals) and name.startswith(UNFINISHED)
        is_folder = path.is_dir() and not path.is_symlink()
        if name not in known and not is_unfinished and not is_folder:
            yield name


@dataclass(frozen=True, slots=True)
class Journal:
    """The files of a run that goes on or was broken off, and when it last wrote (a file's time)."""

    run: str
    path: Path
    files: dict[str, int]
    """Their sizes in bytes."""
    written_at: float


def journals_in(root: Path) -> list[Journal]:
    """The journals of a folder, oldest first."""
    return [_journal(path) for path in sorted(root.glob(".*.jsonl"))]


def _journal(path: Path) -> Journal:
    files: dict[str, int] = {}
    for line in path.read_bytes().splitlines():
        try:
            file = StoredFile.model_validate_json(line)
        except ValueError:
            continue  # the program was killed while it wrote the line
        files[file.name] = file.size
    run = path.name.removeprefix(".").removesuffix(".jsonl")
    return Journal(run, path, files, path.stat().st_mtime)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a folder holds of one run."""

    run: str
    files: dict[str, int]
    own: tuple[Path, ...]
    """Its manifest, time stamp and journal."""


def prune(
    root: Path,
    current: str,
    *,
    keep: int | None,
    max_bytes: int | None,
    relied_on: Callable[[Sequence[str]], Collection[str]],
) -> tuple[str, ...]:
    """Remove the evidence of the oldest runs, but never of the current one; returns their ids.

    Left are the `keep` newest runs, of these no more than fit into `max_bytes` together, and those
    that `relied_on` names of the runs that it is given. Raises AuditError, also where another run
    may be writing: then nothing is removed.
    """
    try:
        with NamedTemporaryFile(dir=root, prefix=".") as marker:
            # By the clock of the folder: what is written from here on stays, whoever writes it.
            began = Path(marker.name).stat().st_mtime
        journals = journals_in(root)
        busy = [j.run for j in journals if j.run != current and began - j.written_at < BUSY_SECONDS]
        runs = _runs(manifests_in(root), journals)
        spared = {current, *relied_on([one.run for one in runs])}
        gone = _too_many(runs, current, spared, keep, max_bytes)
        _refuse_while(busy, gone.goes)
        left = {name for one in gone.stays for name in one.files}
        for one in gone.goes:
            _remove(root, one, left, before=began)
    except OSError as error:
        raise AuditError("{0}: old evidence cannot be removed: {1}", root, why_of(error)) from error
    return tuple(one.run for one in gone.goes)


def _refuse_while(busy: Sequence[str], gone: Sequence[_Kept]) -> None:
    if busy and gone:
        raise AuditError(
            "the evidence of {0} older run{0:|s} is not removed yet: run {1} may still be writing. "
            "Where it was broken off, this passes a day after it last wrote",
            *(len(gone), busy[0]),
        )


@dataclass(frozen=True, slots=True)
class _Parted:
    stays: Sequence[_Kept]
    goes: Sequence[_Kept]


def _runs(sealed: Iterable[Sealed], journals: Iterable[Journal]) -> list[_Kept]:
    """What there is of each run, the newest first."""
    kept: dict[str, _Kept] = {}
    for one in sealed:
        files = {name: entry.bytes for name, entry in one.manifest.files.items()}
        kept[one.manifest.run] = _Kept(one.manifest.run, files, (one.path, one.stamp))
    for journal in journals:
        known = kept.get(journal.run, _Kept(journal.run, {}, ()))
        own = (*known.own, journal.path)
        kept[journal.run] = _Kept(journal.run, {**known.files, **journal.files}, own)
    return [kept[run] for run in sorted(kept, reverse=True)]


def _too_many(
    runs: Sequence[_Kept],
    current: str,
    spared: Collection[str],
    keep: int | None,
    max_bytes: int | None,
) -> _Parted:
    order = sorted(runs, key=lambda one: one.run != current)  # the current one first
    sizes: dict[str, int] = {}
    newest = 0
    for one in order:
        sizes.update(one.files)
        full = max_bytes is not None and sum(sizes.values()) > max_bytes
        if one.run != current and (full or (keep is not None and newest >= keep)):
            break
        newest += 1
    stays = [*order[:newest], *(one for one in order[newest:] if one.run in spared)]
    return _Parted(stays, [one for one in order[newest:] if one.run not in spared])


def _remove(root: Path, one: _Kept, left: set[str], *, before: float) -> None:
    for path in one.own:
        path.unlink(missing_ok=True)
    inside = root.resolve()
    for name in one.files.keys() - left:
        path = (root / name).resolve()
        if path.is_relative_to(inside) and path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
