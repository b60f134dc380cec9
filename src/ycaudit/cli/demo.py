"""ycaudit demo: the audit of the embedded city, from the first request to the reports."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.auditing import demo_city
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.auditing.service import Request
from ycaudit.cli import console, options, progress
from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message
from ycaudit.inputs.plan import load_rules
from ycaudit.model import ScanRun
from ycaudit.net.client import Options
from ycaudit.report.outputs import Naming, Outputs, evidence_in

UNPINNED = "rules-unpinned.yaml"
REPORTS = (
    *("run.json", "reports.jsonl", "verdicts.csv", "table.txt", "report.html", "workbook.xlsx"),
    *("circular.docx", "notices.zip", "junit.xml", "results.sarif", "summary.md"),
)
FORM = "form.xlsx"


def command(
    folder: Annotated[Path, typer.Option("--reports", help="Where to write the reports.")] = Path(
        "ycaudit-demo"
    ),
    observer: options.ObserverName = "auto",
) -> None:
    """Audit a fictional city on this machine, and compare with what each case must show."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AuditError("cannot write {0}: {1}", folder, why_of(error)) from error
    requirements, policy = load_rules([demo_city.folder() / "rules.yaml"])
    reports = [*(folder / name for name in REPORTS), Path(f"form:{folder / FORM}")]
    outputs = Outputs.of("table", reports)
    with serving() as there:
        request = Request(
            options=Options(allow_private=True, resolve=there.resolve),
            observer=observer,
            seconds=120,  # nobody is harmed by a demo on a busy machine
            evidence=folder / "proof",
            environment=os.environ,
        )
        units = there.units(requirements)
        run = progress.watched(units, policy, request, MemoryRecorder())
    # Nobody is wronged: the city is fictional, so nobody has to confirm who fails.
    naming = Naming(unreviewed=True)
    outputs.write(run, sys.stdout, read_evidence=evidence_in(folder / "proof"), naming=naming)
    wrong = list(surprises(run, there.cases, observer))
    for line in wrong:
        console.notice(line)
    shutil.copyfile(demo_city.folder() / UNPINNED, folder / UNPINNED)
    console.info("reports in {0}: {1}", folder, ", ".join((*REPORTS, FORM)))
    console.info(
        "to try pinning: ycaudit pin --suggest {0} --evidence {1} --rules {2}",
        folder / "run.json",
        folder / "proof",
        folder / UNPINNED,
    )
    right = len(there.cases) - len({line.split(":")[0] for line in wrong})
    console.info("{0} of {1} cases were judged as they must be", right, len(there.cases))
    raise typer.Exit(1 if wrong else 0)


@contextmanager
def serving() -> Iterator[demo_city.City]:
    """The city in a thread of its own, as any server beside the program."""
    started: list[demo_city.City] = []
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with demo_city.serve(demo_city.folder()) as there:
            started.append(there)
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    up.wait()
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(timeout=5)
        loop.close()


def surprises(run: ScanRun, cases: Mapping[str, demo_city.Case], observer: str) -> Iterator[str]:
    """Every verdict that is not what its case must show."""
    for report in run.reports:
        wanted = cases[report.target.id].outcomes(observer)
        for verdict in report.verdicts:
            want = wanted[verdict.requirement]
            if verdict.outcome is not want:
                yield (
                    Message(
                        "{0}: {1} is {2}, not {3} ({4})",
                        report.target.id,
                        verdict.requirement,
                        verdict.outcome,
                        want,
                        verdict.reason,
                    )
                )
