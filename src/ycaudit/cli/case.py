"""What commands share that write a case file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.auditing.programs import programs
from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.model import ScanRun
from ycaudit.observe.browser.chromium import find_browser
from ycaudit.runs.case_file import SUFFIX, Background, pack
from ycaudit.runs.history import History

Case = Annotated[
    Path | None,
    typer.Option(
        "--case",
        help="Write a case file (.wacz): the run with its rules, its proof and, after a scan, "
        "everything that was asked and answered, sealed.",
    ),
]
Contacts = Annotated[
    bool, typer.Option("--case-contacts", help="Leave contacts of the list in the case file.")
]


def check(case: Path | None, rules: list[Path], run: ScanRun | None = None) -> None:
    """Refuse what could not be written, before the work is done for it. Raises AuditError."""
    if case is None:
        return
    if case.suffix.lower() != SUFFIX:
        raise AuditError("--case {0}: the name of a case file ends in {1}", case, SUFFIX)
    if not case.absolute().parent.is_dir():
        raise AuditError("--case {0}: there is no folder {1}", case, case.absolute().parent)
    if run is not None and load_rules(rules)[1].sha256 != run.rules.sha256:
        raise AuditError("--case: these are not the rules of run {0}: name them by --rules", run.id)


def looks_of(case: Path) -> Path:
    """The folder beside a case file in which a scan keeps what is to go into it."""
    return case.with_name(f"{case.name}.looks")


def write(
    case: Path,
    run: ScanRun,
    evidence: Path,
    *,
    rules: list[Path],
    timestamp: str = "",
    with_contacts: bool = False,
    kept: History | None = None,
    quiet: bool = False,
) -> None:
    """Write the case file of a run, and name its sum in the history. Raises AuditError."""
    texts = {
        f"{number:02}-{path.name}": path.read_bytes()
        for number, path in enumerate(rules_files(rules), 1)
    }
    background = Background(texts, programs(find_browser(os.environ)), with_contacts)
    packed = pack(case, run, evidence, background, stamped=_stamper(timestamp))
    if kept is not None:
        kept.papers.note_seal(run.id, "case", packed.sha256, datetime.now(UTC))
    if looks_of(case) == evidence:
        shutil.rmtree(evidence)
    if not quiet:
        size = case.stat().st_size / 1e6
        console.info("{0}: {1:.1f} MB, sealed as {2}", case, size, packed.sha256)
    if packed.missing:
        console.notice(
            "{0} evidence file{0:|s} that the run names {0:is|are} not there any more",
            packed.missing,
        )


def _stamper(url: str) -> Callable[[bytes], bytes] | None:
    if not url:
        return None
    from ycaudit.runs.timestamp import stamped

    return lambda data: stamped(data, url)
