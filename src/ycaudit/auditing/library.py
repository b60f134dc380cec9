"""The audit for programs: load the files, look at the homepages, get the run as a document."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path

from ycaudit.auditing.engine import Pace, document
from ycaudit.auditing.runtime import Runtime
from ycaudit.i18n import Message
from ycaudit.inputs import yaml_files
from ycaudit.model import Policy, ScanRun, UnitReport
from ycaudit.net.client import Options
from ycaudit.net.connect import parse_resolve
from ycaudit.observe import OBSERVERS
from ycaudit.observe.browser.chromium import why_no_browser
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import EvidenceStore

File = str | PathLike[str]


def load_units(
    targets: File, rules: File | Iterable[File] = "rules", *, today: date | None = None
) -> tuple[Unit, ...]:
    """The units of a list (YAML, .xlsx or .csv), each with the requirements that are for it.

    `rules` names rules files, or folders of them; waivers hold as of `today`. Raises ConfigError
    (an AuditError) with every problem of every file.
    """
    folders = [rules] if isinstance(rules, str | PathLike) else list(rules)
    today = today or datetime.now(UTC).date()
    return yaml_files.load(Path(targets), map(Path, folders), today=today).units


def audit(
    units: Iterable[Unit],
    *,
    observer: str = "auto",
    allow_private: bool = False,
    resolve: Iterable[str] = (),
    timeout: float = 45.0,
    jobs: int = 128,
    evidence: File | None = None,
    policy: Policy | None = None,
    done: Callable[[UnitReport], None] = lambda report: None,
) -> ScanRun:
    """Look at every homepage and judge it, as `ycaudit scan` does; blocks until all are finished.

    `observer` is "auto", "static" or "browser"; without an installed browser "auto" does without.
    `timeout` is seconds a look, `jobs` units at once, `resolve` is as curl's (HOST:PORT:ADDR),
    `evidence` a folder for proof. `policy` names the rules in the run. `done` hears of each unit as
    soon as it is finished; the run has them in the order of `units`. Raises AuditError.
    """
    look = audit_async(
        units,
        observer=observer,
        allow_private=allow_private,
        resolve=resolve,
        timeout=timeout,
        jobs=jobs,
        evidence=evidence,
        policy=policy,
        done=done,
    )
    return asyncio.run(look)


async def audit_async(
    units: Iterable[Unit],
    *,
    observer: str = "auto",
    allow_private: bool = False,
    resolve: Iterable[str] = (),
    timeout: float = 45.0,  # noqa: ASYNC109 - of one look at one unit, not of the whole
    jobs: int = 128,
    evidence: File | None = None,
    policy: Policy | None = None,
    done: Callable[[UnitReport], None] = lambda report: None,
) -> ScanRun:
    """The same within a running event loop."""
    known = tuple(units)
    started = datetime.now(UTC)
    named = policy or _policy(known)
    reports: dict[int, UnitReport] = {}

    def finished(index: int, report: UnitReport) -> None:
        reports[index] = report
        done(report)

    def run(*, complete: bool) -> ScanRun:
        told = [reports[index] for index in sorted(reports)]
        now = datetime.now(UTC)
        return document(told, named, started=started, finished=now, complete=complete)

    store = None
    if evidence is not None:
        store = EvidenceStore.opened(Path(evidence), 2 << 30, run=run(complete=False).id)
    options = Options(allow_private=allow_private, resolve=parse_resolve(list(resolve)))
    runtime = Runtime(options, store)
    try:
        pace = Pace(units=jobs, seconds=timeout)
        await runtime.scan(known, _observers(observer), done=finished, pace=pace)
        asked = {r.id: r for unit in known for r in unit.requirements}.values()
        suspicions = await runtime.suspicions(asked, seconds=timeout)
    finally:
        await runtime.aclose()
    whole = run(complete=True).model_copy(update={"suspicions": suspicions})
    if store is not None:
        store.finish(whole)
    return whole


def _observers(name: str) -> Sequence[str]:
    if name != "auto":
        if name not in OBSERVERS:
            raise ValueError(
                Message("observer {0!r}: choose auto, {1}", name, " or ".join(OBSERVERS))
            )
        return [name]
    missing = why_no_browser(os.environ)
    return [name for name in OBSERVERS if name != "browser" or missing is None]


def _policy(units: Sequence[Unit]) -> Policy:
    """Rules without a name, by what they say."""
    said = {r.id: r.model_dump_json() for unit in units for r in unit.requirements}
    digest = hashlib.sha256("\n".join(said[key] for key in sorted(said)).encode())
    return Policy(name=", ".join(said) or "-", sha256=digest.hexdigest())
