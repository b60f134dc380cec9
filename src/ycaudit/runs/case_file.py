"""Case files (案卷): one run with all that it rests on, in one archive that anybody can open.

A case file is a WACZ container. Its recordings open in ReplayWeb.page; `ycaudit verify` tells
whether it is as it was written, and judges every unit again from it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self
from zipfile import BadZipFile

from warcio.archiveiterator import ArchiveIterator

from ycaudit.errors import AuditError
from ycaudit.model import RunHeader, ScanRun, UnitReport
from ycaudit.runs import wacz
from ycaudit.runs.evidence import Kind, files_of, write_whole
from ycaudit.runs.recording import FACTS, LookFacts, Recording, read_from

ARCHIVE, EVIDENCE, RULES = "archive/", "evidence/", "ycaudit/rules/"
RUN, REPORTS, TOOLS = "ycaudit/run.json", "ycaudit/reports.jsonl", "ycaudit/tools.json"
SUFFIX = ".wacz"
_NO_CONTACT = {"contact": None, "data": ()}


@dataclass(frozen=True, slots=True)
class Background:
    """What belongs to a case beside the run and its evidence."""

    rules: Mapping[str, bytes]
    """The rules files by name."""
    tools: Mapping[str, object]
    """The programs that looked, with their versions and sums."""
    with_contacts: bool = False
    """Whether contacts and other data of the list go into it."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written."""

    sha256: str
    """Of the part that names all others."""
    missing: int
    """Files that reports name and the evidence folder does not have."""


def pack(
    path: Path,
    run: ScanRun,
    evidence: Path,
    background: Background,
    *,
    stamped: Callable[[bytes], bytes] | None = None,
) -> Packed:
    """Write the case file of a run, or nothing. Raises AuditError.

    `stamped` makes a time stamp (RFC 3161) of the bytes that it is given.
    """
    try:
        with TemporaryDirectory(dir=path.absolute().parent, prefix=".case-") as folder:
            case = _Case(run, evidence, background, Path(folder))
            package = wacz.Package(
                title=f"{run.tool.name} {run.id}: {run.rules.name}",
                software=f"{run.tool.name} {run.tool.version}",
                made_at=run.finished_at,
            )
            named = b""

            def write(out: IO[bytes]) -> None:
                nonlocal named
                named = wacz.write(out, case.parts(), package)
                if stamped is not None:
                    wacz.stamp(out, stamped(named), package)

            write_whole(path, write)
    except OSError as error:
        raise AuditError("cannot write {0}: {1}", path, error.strerror) from error
    return Packed(hashlib.sha256(named).hexdigest(), case.missing)


class _Case:
    """The parts of a case, gathered in a folder where they are not files already."""

    def __init__(self, run: ScanRun, evidence: Path, background: Background, folder: Path) -> None:
        self._run = run
        self._evidence = evidence
        self._background = background
        self._folder = folder
        self.missing = 0

    def parts(self) -> Iterator[wacz.Part]:
        """Every part, in the order in which they are written."""
        files = self._files()
        recordings = [name for name, kind in files.items() if kind == "recording"]
        yield wacz.Part(RUN, self._header().model_dump_json(indent=1).encode() + b"\n")
        yield wacz.Part(REPORTS, self._reports())
        for name, text in self._background.rules.items():
            yield wacz.Part(f"{RULES}{name}", text)
        tools = json.dumps(self._background.tools, ensure_ascii=False, indent=1)
        yield wacz.Part(TOOLS, tools.encode() + b"\n")
        yield from self._archive(recordings)
        for name, kind in files.items():
            if kind != "recording":
                yield wacz.Part(f"{EVIDENCE}{name}", self._evidence / name)

    def _header(self) -> RunHeader:
        header = self._run.header
        if self._background.with_contacts:
            return header
        bare = (one.model_copy(update=_NO_CONTACT) for one in header.no_website)
        return header.model_copy(update={"no_website": tuple(bare)})

    def _files(self) -> dict[str, Kind]:
        """The files of the evidence that reports name and that are there, by name."""
        named: dict[str, Kind] = {}
        for report in self._run.reports.briefs():
            named.update(files_of(report))
        there = {name: kind for name, kind in named.items() if self._has(name)}
        self.missing = len(named) - len(there)
        return dict(sorted(there.items()))

    def _has(self, name: str) -> bool:
        path = self._evidence / name
        return path.is_file() and path.resolve().is_relative_to(self._evidence.resolve())

    def _reports(self) -> Path:
        path = self._folder / "reports"
        with path.open("wb") as out:
            for report in self._run.reports:
                out.write(self._shown(report).model_dump_json().encode() + b"\n")
        return path

    def _shown(self, report: UnitReport) -> UnitReport:
        """The report without what the list says of people, unless it is asked for."""
        if self._background.with_contacts:
            return report
        target = report.target.model_copy(update=_NO_CONTACT)
        return report.model_copy(update={"target": target})

    def _archive(self, recordings: Iterable[str]) -> Iterator[wacz.Part]:
        """The recordings, and what a player of archives needs to find its way in them."""
        lines: list[str] = []
        pages = [{"format": "json-pages-1.0", "id": "pages", "title": self._run.rules.name}]
        for name in recordings:
            path = self._evidence / name
            listed = _Listed.of(path)
            lines += listed.lines
            pages += listed.pages
            yield wacz.Part(ARCHIVE + path.name, path)
        yield wacz.Part("indexes/index.cdx", "".join(sorted(lines)).encode())
        told = "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in pages)
        yield wacz.Part("pages/pages.jsonl", told.encode())


@dataclass(frozen=True, slots=True)
class _Listed:
    """What players need of a recording, found in one reading of it."""

    lines: list[str]
    """Where each answer lies, as CDXJ (https://specs.webrecorder.net/cdxj/0.1.0/)."""
    pages: list[dict[str, str]]
    """The homepage, to begin with; empty where none came."""

    @classmethod
    def of(cls, path: Path) -> Self:
        lines: list[str] = []
        home: dict[str, str] = {}
        title = ""
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                url = record.rec_headers.get_header("WARC-Target-URI")
                if record.rec_type == "response":
                    lines.append(_index_line(record, records, path.name))
                    if not home and record.http_headers.get_statuscode() == "200":
                        at = record.rec_headers.get_header("WARC-Date")[:19] + "Z"
                        home = {"id": path.name.partition(".")[0], "url": url, "ts": at}
                elif url == FACTS:
                    facts = LookFacts.model_validate_json(record.content_stream().read())
                    title = f"{facts.unit} ({facts.observer})"
        return cls(lines, [{**home, "title": title}] if home else [])


def _index_line(record: Any, records: Any, filename: str) -> str:
    head, url = record.rec_headers, record.rec_headers.get_header("WARC-Target-URI")
    entry = {
        "url": url,
        "mime": (record.http_headers.get_header("Content-Type") or "").partition(";")[0],
        "status": record.http_headers.get_statuscode(),
        "digest": head.get_header("WARC-Payload-Digest"),
        "offset": str(records.get_record_offset()),
        "length": str(records.get_record_length()),
        "filename": filename,
    }
    at = re.sub(r"\D", "", head.get_header("WARC-Date"))[:14]
    return f"{_sort_key(url)} {at} {json.dumps(entry, ensure_ascii=False)}\n"


def _sort_key(url: str) -> str:
    """An address with its host from right to left (SURT), as players look for it."""
    rest = url.partition("://")[2]
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.partition(":")
    return (
        f"{','.join(reversed(host.lower().split('.')))}{colon}{port}){slash or '/'}{path.lower()}"
    )


class CaseFile:
    """A case file that was opened, to be verified and judged again."""

    def __init__(self, path: Path) -> None:
        """Raises AuditError where it is none."""
        self.container = wacz.Container(path)
        try:
            self.run = RunHeader.model_validate_json(self.container.read(RUN))
        except ValueError as error:
            raise AuditError("{0}: no case file of ycaudit, or damaged", path) from error

    def reports(self) -> Iterator[UnitReport]:
        """What the run says of each unit. Raises AuditError."""
        try:
            with self.container.open(REPORTS) as lines:
                yield from map(UnitReport.model_validate_json, lines)
        except (BadZipFile, ValueError) as error:
            raise AuditError("{0}: {1} is damaged", self.container.path, REPORTS) from error

    def rules(self) -> dict[str, bytes]:
        """The rules files by name."""
        names = self.container.names(RULES)
        return {name.removeprefix(RULES): self.container.read(name) for name in names}

    def recordings_of(self, report: UnitReport) -> Iterator[Recording]:
        """The recordings of a unit, in their order. Raises AuditError where one is missing."""
        for part in map(_part_of, report.recordings):
            with self.container.open(part) as file:
                yield read_from(file, part)

    def has_recordings_of(self, report: UnitReport) -> bool:
        """Whether its looks were recorded, and all recordings are in the case."""
        parts = [*map(_part_of, report.recordings)]
        return bool(parts) and all(part in self.container.resources for part in parts)


def _part_of(recording: str) -> str:
    return ARCHIVE + Path(recording).name
