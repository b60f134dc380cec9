"""The formats that a run can be written in: each a pure function of the run document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import IO, Protocol, TextIO

from ycaudit import i18n
from ycaudit.i18n import Message
from ycaudit.model import ScanRun

ReadEvidence = Callable[[str], bytes | None]
"""Returns the bytes of an evidence file by its name in the run; None where there are none."""


def no_evidence(file: str) -> bytes | None:
    """Always None: for runs without an evidence folder."""
    return None


class Render(Protocol):
    """Writes a run as bytes; formats with pictures read them by `read_evidence`."""

    def __call__(
        self, run: ScanRun, out: IO[bytes], /, read_evidence: ReadEvidence = no_evidence
    ) -> None:
        """Write the run."""


def _later(module: str, *, pictures: bool = False, office: bool = False) -> Render:
    """Import the module on first use: the terminal table must not wait for openpyxl.

    Formats for offices are in Chinese unless YCAUDIT_LANG names another language.
    """

    def render(run: ScanRun, out: IO[bytes], /, read_evidence: ReadEvidence = no_evidence) -> None:
        write = import_module(f"ycaudit.report.{module}").render
        with i18n.in_language(i18n.office_language() if office else i18n.language()):
            write(run, out, read_evidence) if pictures else write(run, out)

    return render


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
    names: bool = False
    """Whether it accuses units by name, which takes a person's confirmation."""
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

    def print(self, run: ScanRun, stdout: TextIO, read_evidence: ReadEvidence) -> None:
        """Write it to stdout: what people read as text, all else as the bytes of its files."""
        stdout.flush()
        if self.show is not None:
            self.show(run, stdout)
        else:
            self.render(run, stdout.buffer, read_evidence)


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
        _later("html", pictures=True, office=True),
        (".html", ".htm"),
        Message("one page with evidence, to print"),
    ),
    "xlsx": Format(
        _later("workbook", pictures=True, office=True),
        (".xlsx",),
        Message("a workbook with pictures, for office work"),
        text=False,
    ),
    "junit": Format(
        _later("junit"), (".xml",), Message("JUnit XML, for the test report of a CI server")
    ),
    "sarif": Format(_later("sarif"), (".sarif",), Message("SARIF 2.1.0, for code scanning")),
    "markdown": Format(_later("markdown"), (".md",), Message("for the summary of a CI job")),
    "github": Format(_later("github"), (), Message("annotations of a GitHub Actions job")),
    "docx": Format(
        _later("circular", pictures=True),
        (".docx",),
        Message("the circular to all units (通报)"),
        text=False,
        names=True,
        stem=Message("通报"),
    ),
    "notice": Format(
        _later("notices", pictures=True),
        (".zip",),
        Message("a notice a failing unit (整改通知书)"),
        text=False,
        names=True,
        stem=Message("整改通知"),
    ),
    # It names units but accuses none, so `names` is False.
    "form": Format(
        _later("statistics_form"),
        (),
        Message("the statistics table that is reported by a date (统计表), an Excel file"),
        text=False,
        shares=".xlsx",
        stem=Message("统计表"),
    ),
}


def by_suffix(suffix: str) -> str | None:
    """The name of the format with this file suffix; None where there is none."""
    return next((name for name, f in FORMATS.items() if suffix.lower() in f.suffixes), None)
