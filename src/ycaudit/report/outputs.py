"""Which formats of a run go where: printed, and into files beside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TextIO

from ycaudit.errors import AuditError, nearest, why_of
from ycaudit.i18n import Listed, Message, translate
from ycaudit.model import ScanRun
from ycaudit.report.formats import (
    FORMATS,
    NO_BACKGROUND,
    SUFFIXES,
    Background,
    Format,
    ReadEvidence,
    by_suffix,
    no_evidence,
)
from ycaudit.report.rows import clean
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.evidence import is_stream, place_of, take_place, write_whole

STDOUT = Path("-")
"""Among outputs: print it there, behind what --format prints."""
MAX_UNHEARD = 10
"""Units named that are still to be heard."""
MAX_UNCONFIRMED = 3
"""Units named whose fail no person has confirmed."""
MAX_EVIDENCE_FILE = 20 << 20
"""Bytes of a file that a format shows."""
_CONFIRM = Message("confirm with `ycaudit review --fails`, or name them with --unreviewed")


class UnwrittenError(AuditError):
    """Files that cannot be written, while all else was."""

    def __init__(self, why: Mapping[str, AuditError]) -> None:
        """`why` by output, as --output names it."""
        self.outputs = tuple(why)
        super().__init__(Message("{0}", Listed(error.message for error in why.values())))


@dataclass(frozen=True, slots=True)
class Naming:
    """Whether units may be named that nobody confirmed or heard, or by a run that is suspect."""

    unreviewed: bool = False
    unheard: bool = False
    force: bool = False
    persons: int = 1
    """Different persons who must have confirmed a fail."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The format that is printed, and the files that are written: each with its format."""

    printed: str
    """Empty where nothing is."""
    files: tuple[tuple[str, Path], ...]

    @classmethod
    def of(
        cls,
        printed: str,
        outputs: Iterable[Path],
        *,
        to_terminal: bool = False,
        suffixes: Mapping[str, str] = SUFFIXES,
        offered: Collection[str] = FORMATS,
    ) -> Outputs:
        """Check what could not be written, before the work is done for it. Raises AuditError.

        `to_terminal` says that a person would see what is printed; `suffixes` give the format of
        files that name none; `offered` are the formats that the command writes.
        """
        if printed:
            _check_printed(printed, offered, to_terminal=to_terminal)
        return cls(printed, tuple(_checked(output, suffixes, offered) for output in outputs))

    def write(
        self,
        run: ScanRun,
        stdout: TextIO,
        *,
        read_evidence: ReadEvidence = no_evidence,
        background: Background = NO_BACKGROUND,
        naming: Naming = Naming(),
        flowed: bool = False,
        named: Callable[[], object] = lambda: None,
    ) -> None:
        """Print the run, and write the files; a file is whole or as it was before.

        What flows was written as the scan went, if `flowed`. `named` is called once anything is
        written that accuses units by name. Raises AuditError where units were not to be named, and
        UnwrittenError for files that cannot be written, after all else was.
        """
        names = [name for name in self._names if FORMATS[name].names]
        why_not = why_not_named(run, naming) if names else None
        if why_not is None and any(FORMATS[name].publishes for name in names):
            names = [name for name in names if FORMATS[name].publishes]
            why_not = why_not_published(run, naming, background)
        printed = [(self.printed, STDOUT)] if self.printed else []
        failed: dict[str, AuditError] = {}
        has_named = False
        for name, path in (*self.files, *printed):
            if (why_not and name in names) or (flowed and self._flows(name, path)):
                continue
            if path == STDOUT:
                FORMATS[name].print(run, stdout, read_evidence, background)
            else:
                render = partial(
                    FORMATS[name].render, run, read_evidence=read_evidence, background=background
                )
                try:
                    write_whole(path, render)
                except AuditError as error:
                    failed[_typed(name, path)] = error
                    continue
            has_named |= FORMATS[name].names
        stdout.flush()
        if has_named:
            named()
        if failed:
            raise UnwrittenError(failed)
        if why_not:
            raise AuditError(self._not_written(names, why_not))

    def _not_written(self, names: Collection[str], why_not: Message) -> Message:
        """That the files of these formats were not written, while all others were."""
        files = [str(path) for name, path in self.files if name in names and path != STDOUT]
        if not files:
            return why_not
        others = sum(path != STDOUT for _, path in self.files) - len(files)
        return Message(
            "{0} {1:was|were} not written{2:?, but all else was}: {3}",
            *(Listed(files), len(files), others, why_not),
        )

    @contextmanager
    def flowing(self, stdout: TextIO) -> Iterator[list[IO[bytes]]]:
        """Where reports are written while the scan runs: in NAME.part, renamed at the end."""
        files = [path for name, path in self.files if self._flows(name, path) and path != STDOUT]
        printed = [stdout.buffer] if self.printed and FORMATS[self.printed].flows else []
        with _parts(files) as opened:
            yield [*printed, *opened]

    @property
    def looks_back(self) -> bool:
        """Whether any of it says what the history knows beside the run."""
        return any(FORMATS[name].looks_back or FORMATS[name].paper for name in self._names)

    @property
    def has_papers(self) -> bool:
        """Whether an official paper is among them."""
        return any(FORMATS[name].paper for name in self._names)

    @property
    def _names(self) -> Sequence[str]:
        return (*filter(None, [self.printed]), *(name for name, _ in self.files))

    def _flows(self, name: str, path: Path) -> bool:
        """Whether it was written as the scan went; what --output prints comes at the end."""
        is_extra_print = path == STDOUT and (name, path) in self.files
        return FORMATS[name].flows and not is_extra_print


@contextmanager
def _parts(files: Sequence[Path]) -> Iterator[list[IO[bytes]]]:
    """Files that take the place of these at the end, if anything was written.

    A pipe or a device is written into at once.
    """
    parts: dict[Path, Path] = {}
    opened: list[IO[bytes]] = []
    with ExitStack() as stack:
        try:
            for file in files:
                part = file
                if not is_stream(file):
                    place = place_of(file)
                    part = place.with_name(f"{place.name}.part")
                    parts[part] = place
                opened.append(stack.enter_context(part.open("wb")))
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", error.filename, why_of(error)) from error
        yield opened
    for part, place in parts.items():
        try:
            if part.stat().st_size or not place.exists():
                take_place(part, place)
            else:  # nothing was finished: what was there stays
                part.unlink()
        except OSError as error:
            raise AuditError("cannot write {0}: {1}", place, why_of(error)) from error


def _check_printed(name: str, offered: Collection[str], *, to_terminal: bool) -> None:
    if name not in FORMATS:
        raise AuditError("--format {0!r}: choose one of {1}", name, ", ".join(offered))
    _check_offered(f"--format {name}", name, offered)
    if not FORMATS[name].text and to_terminal:
        chosen = "" if FORMATS[name].suffixes else f"{name}:"
        file = f"{chosen}NAME{FORMATS[name].suffix}"
        raise AuditError("--format {0} is no text: write it with --output {1}", name, file)


def _check_offered(typed: str, name: str, offered: Collection[str]) -> None:
    """Refuse what names units, where there is but one look. Raises AuditError."""
    if name not in offered:
        raise AuditError(
            "{0}: {1} is written of a scan or of a stored run (`show`), not of one look; "
            "`--explain ID` tells how to mend it",
            *(typed, FORMATS[name].about),
        )


def _checked(
    output: Path, suffixes: Mapping[str, str], offered: Collection[str]
) -> tuple[str, Path]:
    """The format and the file that an output names: `NAME:FILE`, or a file by its suffix."""
    name, path = _chosen(output, suffixes)
    if name is None:
        named, _, file = str(output).partition(":")
        if file and named.isalnum() and len(named) > 1:
            known, hint = ", ".join(offered), nearest(named, offered)
            raise AuditError(
                "--output {0}: {1} is no format; known are {2}{3}", *(output, named, known, hint)
            )
        known = ", ".join(suffix for suffix, name in suffixes.items() if name in offered)
        raise AuditError("--output {0}: the suffix says no format; known are {1}", path, known)
    _check_offered(f"--output {output}", name, offered)
    if path != STDOUT:
        _check_file(FORMATS[name], name, path)
    return name, path


def _chosen(output: Path, suffixes: Mapping[str, str]) -> tuple[str | None, Path]:
    """No format has the name of a drive, so that C:\\x.html stays a file."""
    name, _, file = str(output).partition(":")
    if file and name in FORMATS:
        return name, Path(file)
    return by_suffix(output.suffix, suffixes), output


def file_of(output: Path) -> Path:
    """The file that an output names, whether or not its format is known."""
    return _chosen(output, SUFFIXES)[1]


def _typed(name: str, path: Path) -> str:
    """How --output names a file of this format."""
    return str(path) if by_suffix(path.suffix, SUFFIXES) == name else f"{name}:{path}"


def _check_file(chosen: Format, name: str, path: Path) -> None:
    if not chosen.text and path.suffix.lower() != chosen.suffix:
        raise AuditError("--output {0}: {1} is written as {2}", path, name, chosen.suffix)
    folder = place_of(path).absolute().parent
    if path.is_dir() or not folder.is_dir():
        raise AuditError("--output {0}: no file can be written there", path)
    if not is_stream(path):
        _try(folder, path)


def _try(folder: Path, path: Path) -> None:
    """Whether a new file can be made there, to take the place of this one. Raises AuditError."""
    try:
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise AuditError("cannot write {0}: {1}", path, why_of(error)) from error


def why_not_named(run: ScanRun, naming: Naming) -> Message | None:
    """Why units of this run are not to be named in a circular, with the remedy; None if they may.

    Nobody is named whose fail no person has confirmed, nor by an audit that may itself be broken.
    """
    if run.is_suspect and not naming.force:
        why = clean(run.suspicions[0].translated(), 200)
        return Message(
            "this run is suspect ({0}): nobody is named in its name",
            why,
            hint=Message("--force names them all the same"),
        )
    if naming.unreviewed or not (units := unconfirmed(run.reports.briefs(), naming.persons)):
        return None
    names = Listed(clean(report.target.name, 30) for report in units[:MAX_UNCONFIRMED])
    more = len(units) > MAX_UNCONFIRMED
    if naming.persons > 1:
        return Message(
            "{2} different persons must confirm a fail, and of {0} unit{0:|s} they have not "
            "({1}{3:? …})",
            *(len(units), names, naming.persons, more),
            hint=_CONFIRM,
        )
    return Message(
        "no person has confirmed that {0} unit{0:|s} {0:fails|fail} ({1}{2:? …})",
        *(len(units), names, more),
        hint=_CONFIRM,
    )


def why_not_published(run: ScanRun, naming: Naming, background: Background) -> Message | None:
    """Why units are not to be named before all; None where they may.

    The list was not looked at to its end, or they are still to be heard.
    """
    if not run.complete and not naming.force:
        return Message(
            "this run was interrupted, and a circular is of all units: go on with it first "
            "(`ycaudit scan --resume`), or write it of those that were checked with --force"
        )
    units = background.unheard
    if naming.unheard or not units:
        return None
    shown = "；".join(clean(translate(why), 120) for why in units[:MAX_UNHEARD])
    more = len(units) - MAX_UNHEARD
    return Message(
        "{0} unit{0:|s} cannot be named before being heard: {1}{2:?; and # more}",
        *(len(units), shown, max(0, more)),
        hint=Message("`ycaudit cases` lists them, --unheard names them all the same"),
    )


def evidence_in(folder: Path | None) -> ReadEvidence:
    """Reads evidence files from the folder, and from nowhere else, whatever a run says."""
    if folder is None:
        return no_evidence
    root = folder.resolve()

    def read(file: str) -> bytes | None:
        path = (root / file).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return None
        return path.read_bytes() if path.stat().st_size <= MAX_EVIDENCE_FILE else None

    return read
