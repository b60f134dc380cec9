"""ycaudit desk: the week in a browser window of this machine."""

from __future__ import annotations

import os
import webbrowser
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from ycaudit.cli import console, options
from ycaudit.cli.papers import check_template, office_of
from ycaudit.cli.stored_runs import HistoryFile, stored, where
from ycaudit.desk import extra
from ycaudit.errors import AuditError
from ycaudit.report.mail import Server
from ycaudit.runs.history import opened_to_read


@dataclass(frozen=True, kw_only=True)
class Desk(options.Look):
    """The options of the command."""

    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port of loopback; 0 is a free one.")
    ] = 0
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Only print the address, and open no browser.")
    ] = False
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Only show what is there: nothing can be changed.")
    ] = False
    run: Annotated[
        str,
        typer.Option(
            "--run",
            help="With --read-only: show this run alone, by its id or `last`.",
            autocompletion=stored,
        ),
    ] = ""
    targets: Annotated[
        Path, typer.Option("--targets", help="The list of homepages, which the desk may replace.")
    ] = options.DEFAULT_TARGETS
    rules: options.Rules = field(default_factory=lambda: options.DEFAULT_RULES)
    evidence: Annotated[
        Path, typer.Option("--evidence", help="The folder of the evidence: pages, pictures, codes.")
    ] = Path("proof")
    by: Annotated[str, typer.Option("--by", help="Who decides. [default: asked for]")] = ""
    jobs: options.Units = 128
    interval: options.Interval = 0.0
    template: options.Template = None
    history: HistoryFile = None


@options.declared
def command(asked: Desk) -> None:
    """Open the week as a local web page: list, rules, check, review and papers. Ctrl-C ends it."""
    extra.check()
    if asked.run and not asked.read_only:
        raise AuditError("--run shows one run to read: it needs --read-only")
    check_template(asked.template)
    from ycaudit.desk.desk import Place
    from ycaudit.desk.server import listening, serve

    place = Place(
        history=where(asked.history),
        targets=asked.targets,
        rules=tuple(asked.rules),
        request=asked.request(interval=asked.interval, jobs=asked.jobs),
        by=asked.by,
        office=office_of(template=asked.template, rules=asked.rules),
        mail=Server.of(os.environ) if os.environ.get("YCAUDIT_SMTP_HOST") else None,
        mail_password=os.environ.get("YCAUDIT_SMTP_PASSWORD"),
        read_only=asked.read_only,
        run=_id_of(asked.run, where(asked.history)) if asked.run else "",
    )

    def ready(address: str, door: str) -> None:
        console.info("the desk is open at {0}", address)
        console.info("the address is for you alone, and holds until Ctrl-C ends the desk")
        if not asked.no_open:  # beside the desk: some browsers return only when they are closed
            Thread(target=webbrowser.open, args=(door,), daemon=True).start()

    with suppress(KeyboardInterrupt):  # the way in which a desk ends
        serve(place, listening(asked.port), ready=ready, bug=_tell_of_bug)
    console.info("the desk is closed")


def _id_of(run: str, history: Path) -> str:
    with opened_to_read(history) as kept:
        return kept.load(run).id


def _tell_of_bug(trace: str) -> None:
    console.error("this is a bug of ycaudit; please report it with what follows\n{0}", trace)
