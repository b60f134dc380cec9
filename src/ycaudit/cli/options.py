"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ycaudit import USER_AGENT
from ycaudit.observe import OBSERVERS
from ycaudit.report.formats import FORMATS

LISTS = {"formats": ", ".join(FORMATS), "observers": ", ".join(OBSERVERS)}
"""What the help of options names, from the tables that the program reads."""

Rules = Annotated[
    list[Path],
    typer.Option("--rules", help="A rules file, or a folder of them; may be repeated."),
]
Targets = Annotated[
    Path, typer.Argument(help="The list of homepages (YAML, .xlsx, .csv; - is YAML on stdin).")
]
FormatName = Annotated[str, typer.Option("--format", help="What to print: {formats}.")]
Outputs = Annotated[
    list[Path],
    typer.Option(
        "--output",
        help="Also write this file; its suffix says the format, or NAME:FILE does (NAME:- prints). "
        "Repeatable.",
    ),
]
Numbers = Annotated[
    Path | None,
    typer.Option(
        "--numbers",
        help="A table (.xlsx, .csv) of what units report, such as installations, for the form.",
    ),
]
AllowPrivate = Annotated[
    bool,
    typer.Option("--allow-private", help="Also look at private and loopback addresses."),
]
Resolve = Annotated[
    list[str],
    typer.Option("--resolve", help="HOST:PORT:ADDR, as in curl: where this host is. Repeatable."),
]
ObserverName = Annotated[str, typer.Option("--observer", help="auto, or only one of: {observers}.")]
EvidenceFolder = Annotated[
    Path | None,
    typer.Option(
        "--evidence", help="Keep proof in this folder: pages, headers, screenshots, cut-out codes."
    ),
]
ProofFolder = Annotated[
    Path | None,
    typer.Option("--evidence", help="The folder of that run's proof, for formats with pictures."),
]
Unreviewed = Annotated[
    bool,
    typer.Option("--unreviewed", help="Name units in circulars whose fail nobody has confirmed."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Name units and write to them even if the run is suspect.")
]
Timestamp = Annotated[
    str,
    typer.Option(
        "--timestamp",
        help="Have the manifest of the proof stamped by the RFC 3161 authority at this address.",
    ),
]
EvidenceCap = Annotated[
    int, typer.Option("--evidence-limit", min=1, help="Megabytes that the proof may take.")
]
Agent = Annotated[str, typer.Option("--user-agent", help="The User-Agent header to send.")]
Units = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        max=500,
        help="How many units to look at at once, at most; fewer where the machine cannot keep up.",
    ),
]
Seconds = Annotated[
    float, typer.Option("--timeout", min=1, help="Seconds that one look at a unit may take.")
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
FailOn = Annotated[
    str,
    typer.Option("--fail-on", help="What makes the exit code non-zero: fail, undetermined, never."),
]

MAIL_ON = ("change", "fail", "always")
ATTACHED = ["xlsx", "docx"]
MailOn = Annotated[str, typer.Option("--mail-on", help="When to write: change, fail or always.")]
Attach = Annotated[
    list[str],
    typer.Option("--attach", help="A format to attach. Repeatable. [default: xlsx, docx]"),
]
MailTo = Annotated[
    list[str],
    typer.Option("--to", help="Who gets the letter. Repeatable. [default: YCAUDIT_MAIL_TO]"),
]

DEFAULT_RULES = [Path("rules")]
DEFAULT_TARGETS = Path("targets.yaml")
DEFAULT_AGENT = USER_AGENT
