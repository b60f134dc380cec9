"""The formats that a run can be written in: each a pure function of the run document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import IO, Protocol, TextIO

from ycaudit import i18n
from ycaudit.i18n import Message
from ycaudit.model import ScanRun
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.models import Model, Words
from ycaudit.runs.availability import Availability
from ycaudit.runs.calls import Calls
from ycaudit.runs.office_settings import Hearing

ReadEvidence = Callable[[str], bytes | None]
"""Returns the bytes of an evidence file by its name in the run; None where there are none."""


def no_evidence(file: str) -> bytes | None:
    """Always None: for runs without an evidence folder."""
    return None


@dataclass(frozen=True, slots=True)
class Background:
    """What official papers and the report say beside the run."""

    letterhead: Letterhead = field(default_factory=Letterhead)
    previous: ScanRun | None = None
    """The round before, as its circular stated it: what figures are compared with."""
    repeated: frozenset[str] = frozenset()
    """The sites that failed in the round before, too, and may be held to have failed twice."""
    template: tuple[str, bytes] | None = None
    """The name and the bytes of the office's own circular, a Word document with placeholders."""
    official: Mapping[str, Model] = field(default_factory=dict)
    """What the rules name as official, by requirement, for units to copy."""
    words: Mapping[str, Words] = field(default_factory=dict)
    """The texts that the rules ask for, by requirement."""
    hearing: Hearing = field(default_factory=Hearing)
    """How the office hears units."""
    unheard: Sequence[Message] = ()
    """Why units that fail are not to be named before all yet, a sentence for each that is not."""
    availability: Mapping[str, Availability] = field(default_factory=dict)
    """How often the sites could be reached of late that this run could not see, by their id."""
    calls: Calls = field(default_factory=dict)
    """The verdicts about which units are still to be called."""


NO_BACKGROUND = Background()


class Render(Protocol):
    """Writes a run as bytes; formats with pictures read them by `read_evidence`."""

    def __call__(
        self,
        run: ScanRun,
        out: IO[bytes],
        /,
        read_evidence: ReadEvidence = no_evidence,
        background: Background = NO_BACKGROUND,
    ) -> None:
        """Write the run."""


def _later(
    module: str,
    *,
    pictures: bool = False,
    office: bool = False,
    paper: bool = False,
    beside: bool = False,
) -> Render:
    """Import the module on first use: the terminal table must not wait for openpyxl.

    Formats for offices are in Chinese unless YCAUDIT_LANG names another language; official papers
    always are.
    """

    def render(
        run: ScanRun,
        out: IO[bytes],
        /,
        read_evidence: ReadEvidence = no_evidence,
        background: Background = NO_BACKGROUND,
    ) -> None:
        write = import_module(f"ycaudit.report.{module}").render
        more = (read_evidence, background) if paper or beside else (read_evidence,) * pictures
        with i18n.in_language(_language(office=office, paper=paper)):
            write(run, out, *more)

    return render


def _language(*, office: bool, paper: bool) -> str:
    if paper:
        return "zh"
    return i18n.office_language() if office else i18n.language()


def _show_table(run: ScanRun, out: TextIO) -> None:
    from ycaudit.report import table

    table.show(run, out)


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a run; the first suffix is the usual one."""

    render: Render
    suffixes: tuple[str, ...]
    about: str
    text: bool = True
    """Whether a terminal can show it."""
    flows: bool = False
    """Whether a scan can write it report by report, as they are finished."""
    paper: bool = False
    """Whether it is an official paper, which says more than the run knows: see `Background`."""
    looks_back: bool = False
    """Whether it says what the history knows beside the run, such as who is to be called."""
    names: bool = False
    """Whether it accuses units by name, which takes a person's confirmation."""
    publishes: bool = False
    """Whether all get to read who is named, which takes that these were heard."""
    shares: str = ""
    """A suffix that another format owns: `NAME:FILE` chooses this one."""
    stem: str = Message("检查结果")
    """The name of its file in a letter, before the day."""
    show: Callable[[ScanRun, TextIO], None] | None = None
    """Writes it for a person who looks on, in the encoding of the terminal; else bytes it stays."""

    @property
    def suffix(self) -> str:
        """The usual suffix of its files; empty where it is only printed."""
        return next(iter(self.suffixes), self.shares)

    def print(
        self,
        run: ScanRun,
        stdout: TextIO,
        read_evidence: ReadEvidence,
        background: Background = NO_BACKGROUND,
    ) -> None:
        """Write it to stdout: what people read as text, all else as the bytes of its files."""
        stdout.flush()
        if self.show is not None:
            self.show(run, stdout)
        else:
            self.render(run, stdout.buffer, read_evidence, background)


FORMATS: dict[str, Format] = {
    "table": Format(
        _later("table"), (".txt",), Message("for the terminal: worst units first"), show=_show_table
    ),
    "json": Format(_later("json_document"), (".json",), Message("the run document, whole")),
    "jsonl": Format(
        _later("json_lines"), (".jsonl", ".ndjson"), Message("one report a line"), flows=True
    ),
    "csv": Format(
        _later("csv_rows", office=True),
        (".csv",),
        Message("one row a unit and requirement, for Excel"),
    ),
    "html": Format(
        _later("html", office=True, beside=True),
        (".html", ".htm"),
        Message("one page with evidence, to print"),
        looks_back=True,
    ),
    "xlsx": Format(
        _later("workbook", office=True, beside=True),
        (".xlsx",),
        Message("a workbook with pictures, for office work"),
        text=False,
        looks_back=True,
    ),
    "junit": Format(
        _later("junit"), (".xml",), Message("JUnit XML, for the test report of a CI server")
    ),
    "sarif": Format(_later("sarif"), (".sarif",), Message("SARIF 2.1.0, for code scanning")),
    "markdown": Format(_later("markdown"), (".md",), Message("for the summary of a CI job")),
    "github": Format(_later("github"), (), Message("annotations of a GitHub Actions job")),
    "docx": Format(
        _later("circular", paper=True),
        (".docx",),
        Message("the circular to all units (通报)"),
        text=False,
        paper=True,
        names=True,
        publishes=True,
        stem=Message("通报"),
    ),
    "notice": Format(
        _later("notices", paper=True),
        (".zip",),
        Message("one notice for each failing unit (整改通知书)"),
        text=False,
        paper=True,
        names=True,
        stem=Message("整改通知"),
    ),
    "proof": Format(
        _later("proof", pictures=True, office=True),
        (),
        Message("the proof of what a unit is said to lack: reasons, pictures, manifest"),
        text=False,
        shares=".zip",
        stem=Message("证据包"),
    ),
    # These accuse nobody, so `names` is False: one stays in the office, one lists what is there.
    "undetermined": Format(
        _later("undetermined_units", paper=True),
        (),
        Message("the units that are still to be verified (待核实), for the office itself"),
        text=False,
        paper=True,
        shares=".docx",
        stem=Message("待核实单位"),
    ),
    "form": Format(
        _later("statistics_form"),
        (),
        Message("the statistics table that is reported by a date (统计表), an Excel file"),
        text=False,
        shares=".xlsx",
        stem=Message("统计表"),
    ),
}

OF_ONE_LOOK = tuple(name for name, chosen in FORMATS.items() if not chosen.names)
"""The formats that name nobody."""
SUFFIXES = {suffix: name for name, f in FORMATS.items() for suffix in f.suffixes}
"""The format of a file by its suffix."""


def by_suffix(suffix: str, suffixes: Mapping[str, str] = SUFFIXES) -> str | None:
    """The name of the format with this file suffix; None where there is none."""
    return suffixes.get(suffix.lower())
