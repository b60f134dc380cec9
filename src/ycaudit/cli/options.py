"""The options that several commands share, each declared once, and how commands take them."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Collection
from dataclasses import MISSING, Field, dataclass, field, fields
from inspect import Parameter, Signature, get_annotations
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from ycaudit import USER_AGENT
from ycaudit.auditing.engine import LOOK_SECONDS
from ycaudit.auditing.service import LEAST_SECONDS, MAX_JOBS, Request
from ycaudit.cli import networks, office_tables
from ycaudit.cli.notices import Notices
from ycaudit.errors import AuditError
from ycaudit.net.client import Limits, Options
from ycaudit.net.connect import parse_resolve
from ycaudit.observe import OBSERVERS
from ycaudit.report import outputs
from ycaudit.report.formats import FORMATS, OF_ONE_LOOK
from ycaudit.terminal import file_name

LISTS = {
    "formats": ", ".join(FORMATS),
    "formats_of_one_look": ", ".join(OF_ONE_LOOK),
    "observers": ", ".join(OBSERVERS),
}
"""What the help of options names, from the tables that the program reads."""


def _formats(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def _formats_of_one_look(incomplete: str) -> list[str]:
    return [name for name in OF_ONE_LOOK if name.startswith(incomplete)]


def _observers(incomplete: str) -> list[str]:
    return [name for name in ("auto", *OBSERVERS) if name.startswith(incomplete)]


def one_of(option: str, choices: Collection[str], *unsaid: str) -> Callable[[str], str]:
    """A check of what an option says, wherever it is said; `unsaid` is what says nothing."""

    def checked(value: str) -> str:
        if value not in choices and value not in unsaid:
            raise AuditError("{0} {1!r}: choose one of {2}", option, value, ", ".join(choices))
        return value

    return checked


def _attachable(names: list[str]) -> list[str]:
    """The formats that can be files. Raises AuditError."""
    check = one_of("--attach", [name for name, known in FORMATS.items() if known.suffix])
    return [check(name) for name in names]


Rules = Annotated[
    list[Path], typer.Option("--rules", help="A rules file, or a folder of them; may be repeated.")
]
Targets = Annotated[
    Path,
    typer.Argument(
        help="The list of homepages (YAML, .xlsx, .xls, .ods, .csv; - is YAML on stdin)."
    ),
]
FormatName = Annotated[
    str,
    typer.Option(
        "--format",
        help="What to print: {formats}. [default: table]",
        autocompletion=_formats,
        callback=one_of("--format", FORMATS, ""),
    ),
]
FormatOfOneLook = Annotated[
    str,
    typer.Option(
        "--format",
        help="What to print: {formats_of_one_look}. [default: table]",
        autocompletion=_formats_of_one_look,
    ),
]
ShownFormat = Annotated[
    str,
    typer.Option(
        "--format",
        help="What to print: {formats}. [default: table, unless --output is given]",
        autocompletion=_formats,
        callback=one_of("--format", FORMATS, ""),
    ),
]
Outputs = Annotated[
    list[Path],
    typer.Option(
        "--output",
        help="Also write this file; its suffix gives the format, or NAME:FILE does "
        "(NAME:- prints). Repeatable.",
    ),
]
Numbers = Annotated[
    Path | None,
    typer.Option(
        "--numbers",
        help="A table (.xlsx, .xls, .ods, .csv) of what units report, such as installations, for "
        "the form.",
    ),
]
Offices = Annotated[
    list[str], typer.Option("--office", help="Only units that this office supervises. Repeatable.")
]
Tags = Annotated[
    list[str], typer.Option("--tag", help="Only units that carry this tag. Repeatable.")
]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Also look at private and loopback addresses.")
]
Resolve = Annotated[
    list[str],
    typer.Option("--resolve", help="HOST:PORT:ADDR, as in curl: where this host is. Repeatable."),
]
ProxyUrl = Annotated[
    str,
    typer.Option(
        "--proxy",
        help="Reach the web through this HTTP proxy, http://[NAME:PASSWORD@]HOST:PORT, or through "
        "the one of HTTPS_PROXY, HTTP_PROXY and NO_PROXY: env.",
    ),
]
AlsoVia = Annotated[
    str,
    typer.Option(
        "--also-via",
        help="Look again at what fails or cannot be reached through this HTTP proxy of another "
        "network, written as for --proxy: only what both see is a fail.",
    ),
]
ObserverName = Annotated[
    str,
    typer.Option(
        "--observer",
        help="auto, or only one of: {observers}.",
        autocompletion=_observers,
        callback=one_of("--observer", ("auto", *OBSERVERS)),
    ),
]
EvidenceFolder = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        help="Keep evidence in this folder: pages, headers, screenshots, cut-out codes.",
    ),
]
ProofFolder = Annotated[
    Path | None,
    typer.Option(
        "--evidence", help="The folder of that run's evidence, for formats with pictures."
    ),
]
Template = Annotated[
    Path | None,
    typer.Option(
        "--template",
        help="The office's own circular: a Word document (.docx) with placeholders like {total}.",
    ),
]
Unreviewed = Annotated[
    bool,
    typer.Option("--unreviewed", help="Name units in circulars whose fail nobody has confirmed."),
]
Unheard = Annotated[
    bool,
    typer.Option(
        "--unheard",
        help="Name units in circulars whose deadline to object has not passed, or whose objection "
        "nobody has looked at again.",
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Name units and write to them even if the run is suspect.")
]
Timestamp = Annotated[
    str,
    typer.Option(
        "--timestamp",
        help="Have the manifest of the evidence stamped by the RFC 3161 authority at this address.",
    ),
]
EvidenceCap = Annotated[
    int,
    typer.Option("--evidence-limit", min=1, help="Megabytes that the evidence of a run may take."),
]
EvidenceKeep = Annotated[
    int | None,
    typer.Option(
        "--evidence-keep",
        min=1,
        help="Keep the evidence of only so many runs in the folder, the newest. [default: all]",
    ),
]
EvidenceTotal = Annotated[
    int | None,
    typer.Option(
        "--evidence-total",
        min=1,
        help="Megabytes that the evidence of all runs may take; what is older is removed.",
    ),
]
Agent = Annotated[str, typer.Option("--user-agent", help="The User-Agent header to send.")]
Units = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        max=MAX_JOBS,
        help="How many units to look at at once, at most; fewer where the machine cannot keep up.",
    ),
]
Seconds = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=LEAST_SECONDS,
        help="Seconds that one look at a unit may take; while it shares a processor, they pass "
        "more slowly.",
    ),
]
Interval = Annotated[
    float,
    typer.Option(
        "--interval",
        min=0,
        max=60,
        help="Seconds between the beginnings of two requests to one host.",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Fetch and decode all anew, whatever earlier runs kept.")
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        help="Print nothing that was not asked for; errors and new notices are still told.",
    ),
]
NoHistory = Annotated[
    bool, typer.Option("--no-history", help="Do not keep this run in the history.")
]
FAIL_ON = ("fail", "undetermined", "never")
FailOn = Annotated[
    str,
    typer.Option(
        "--fail-on",
        help="What makes the exit code non-zero: fail, undetermined, never.",
        callback=one_of("--fail-on", FAIL_ON, ""),
    ),
]

MAIL_ON = ("change", "fail", "always")
ATTACHED = ["xlsx", "docx"]
MailOn = Annotated[
    str,
    typer.Option(
        "--mail-on",
        help="When to write: change, fail or always.",
        callback=one_of("--mail-on", MAIL_ON),
    ),
]
Attach = Annotated[
    list[str],
    typer.Option("--attach", help="A format to attach. Repeatable.", callback=_attachable),
]
MailTo = Annotated[
    list[str],
    typer.Option("--to", help="Who gets the letter. Repeatable. [default: YCAUDIT_MAIL_TO]"),
]

DEFAULT_RULES = [Path("rules")]
DEFAULT_TARGETS = Path("targets.yaml")
DEFAULT_AGENT = USER_AGENT


@dataclass(frozen=True, kw_only=True)
class Output:
    """What becomes of a run: printed, written, and the exit code."""

    format_name: FormatName = ""
    output: Outputs = field(default_factory=list)
    fail_on: FailOn = ""

    def outputs(
        self, *, quiet: bool = False, offered: Collection[str] = FORMATS
    ) -> outputs.Outputs:
        """The outputs, checked before the work is done for them. Raises AuditError."""
        printed = self.format_name or ("" if quiet else "table")
        return outputs.Outputs.of(
            printed, self.output, to_terminal=sys.stdout.isatty(), offered=offered
        )


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which units of a run it is about; all where nothing is named."""

    office: Offices = field(default_factory=list)
    tag: Tags = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Named:
    """How units are named, and whether they may be although nobody confirmed it."""

    template: Template = None
    unreviewed: Unreviewed = False
    unheard: Unheard = False
    force: Force = False

    @property
    def naming(self) -> outputs.Naming:
        """The same for whoever writes."""
        return outputs.Naming(
            unreviewed=self.unreviewed,
            unheard=self.unheard,
            force=self.force,
            persons=office_tables.hearing().persons,
        )


@dataclass(frozen=True, kw_only=True)
class Mail(Named):
    """The letter about a run."""

    mail_on: MailOn = "change"
    mail_to: MailTo = field(default_factory=list)
    attach: Attach = field(default_factory=lambda: ATTACHED)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How homepages are looked at."""

    observer: ObserverName = "auto"
    allow_private: AllowPrivate = False
    resolve: Resolve = field(default_factory=list)
    proxy: ProxyUrl = ""
    also_via: AlsoVia = ""
    user_agent: Agent = DEFAULT_AGENT
    timeout: Seconds = LOOK_SECONDS
    evidence: EvidenceFolder = None
    evidence_limit: EvidenceCap = 2048
    no_cache: NoCache = False

    def request(
        self,
        *,
        interval: float = 0.0,
        evidence: Path | None = None,
        notices: Notices | None = None,
        **more: Any,
    ) -> Request:
        """The request for the service; `more` are further fields of it."""
        return Request(
            options=Options(
                allow_private=self.allow_private,
                resolve=parse_resolve(self.resolve),
                proxy=networks.first(self.proxy, notices or Notices()),
                also_via=networks.other(
                    self.also_via, besides=self.proxy, notices=notices or Notices()
                ),
                user_agent=self.user_agent,
                limits=Limits(interval=interval),
            ),
            observer=self.observer,
            seconds=self.timeout,
            evidence=evidence or self.evidence,
            evidence_bytes=self.evidence_limit << 20,
            cache=cache_file(wanted=not self.no_cache),
            environment=os.environ,
            **more,
        )


def cache_file(*, wanted: bool) -> Path | None:
    """Where the cache is: where YCAUDIT_CACHE points, or in the user's cache folder."""
    if not wanted:
        return None
    if named := os.environ.get("YCAUDIT_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("ycaudit", appauthor=False) / "cache.sqlite3"


def user() -> str:
    """The name of the account that works here. Raises AuditError where the system knows none."""
    try:
        return file_name(getpass.getuser())
    except (KeyError, ImportError, OSError) as error:  # by version of Python and system
        raise AuditError("this account has no name: say with --by who decides") from error


def declared(work: Callable[[Any], None]) -> Callable[..., None]:
    """A command whose options are the fields of the dataclass that it takes.

    Typer reads the signature of a function: it is made of the fields, so that each option is
    declared once, however many commands share it.
    """
    hints = get_type_hints(work, include_extras=True)
    (kind,) = (hint for name, hint in hints.items() if name != "return")
    declared = get_type_hints(kind, include_extras=True)
    by_name = {f.name: f for f in fields(kind)}
    # `--help` lists a command's own options before those that it shares.
    own_first = {name: by_name[name] for base in kind.__mro__ for name in get_annotations(base)}

    def command(**values: object) -> None:
        work(kind(**values))

    command.__doc__ = work.__doc__
    command.__annotations__ = {name: declared[name] for name in own_first}
    command.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=_default(f), annotation=declared[name])
            for name, f in own_first.items()
        ]
    )
    return command


def _default(one: Field[Any]) -> object:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return Parameter.empty if one.default is MISSING else one.default
