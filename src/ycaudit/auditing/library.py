"""The audit for programs: load the files, look at the homepages, get the run as a document."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Coroutine, Iterable
from datetime import date
from functools import wraps
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any, ParamSpec

from ycaudit import office_time
from ycaudit.auditing import service
from ycaudit.auditing.engine import LOOK_SECONDS
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.auditing.service import Listener, Request
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs import plan
from ycaudit.model import NoWebsite, Policy, ScanRun, UnitReport
from ycaudit.net.client import Options
from ycaudit.net.connect import parse_resolve
from ycaudit.net.proxy import parse_proxy
from ycaudit.rules.judge import Unit

File = str | PathLike[str]
_P = ParamSpec("_P")


def load_units(
    targets: File, rules: File | Iterable[File] = "rules", *, today: date | None = None
) -> tuple[Unit, ...]:
    """The units of a list (YAML, .xlsx or .csv), each with the requirements that are for it.

    `rules` names rules files, or folders of them; waivers hold as of `today`. Raises ConfigError
    (an AuditError) with every problem of every file.
    """
    folders = [rules] if isinstance(rules, str | PathLike) else list(rules)
    today = today or office_time.today()
    return plan.load(Path(targets), map(Path, folders), today=today).units


async def audit_async(
    units: Iterable[Unit],
    *,
    observer: str = "auto",
    allow_private: bool = False,
    resolve: str | Iterable[str] = (),
    proxy: str = "",
    also_via: str = "",
    timeout: float = LOOK_SECONDS,  # noqa: ASYNC109 - of one look at one unit, not of the whole
    jobs: int = service.JOBS,
    evidence: File | None = None,
    policy: Policy | None = None,
    no_website: Iterable[NoWebsite] = (),
    done: Callable[[UnitReport], None] = lambda report: None,
    notice: Callable[[Message], None] = lambda message: None,
) -> ScanRun:
    """Look at every homepage and judge it, within a running event loop.

    `observer` is "auto", "static" or "browser"; without an installed browser "auto" does without.
    `timeout` is seconds a look, `jobs` units at once, `resolve` is as curl's (HOST:PORT:ADDR, or
    several),
    `proxy` http://HOST:PORT, `also_via` that of another network for second looks, `evidence` a
    folder for evidence files. `policy` names the rules in the run, `no_website` its units that are
    only counted. `done` is called with each unit as soon as it is finished, `notice` with what a
    person should know; the run has the units in their order. Raises AuditError.
    """
    known = tuple(units)
    _check(known)
    _check_range("timeout", timeout, service.LEAST_SECONDS)
    _check_range("jobs", jobs, 1, service.MAX_JOBS)
    request = Request(
        options=Options(
            allow_private=allow_private,
            resolve=parse_resolve([resolve] if isinstance(resolve, str) else resolve),
            proxy=parse_proxy(proxy) if proxy else None,
            also_via=parse_proxy(also_via, option="also_via") if also_via else None,
        ),
        observer=observer,
        jobs=jobs,
        seconds=timeout,
        evidence=Path(evidence) if evidence is not None else None,
        environment=os.environ,
    )
    listener = Listener(report=done, notice=notice)
    return await service.run_async(
        *(known, policy or _policy(known), request, MemoryRecorder(), listener),
        no_website=no_website,
    )


def _check(units: Collection[Unit]) -> None:
    """Raises AuditError where something would be a pass that nobody has judged."""
    if not units:
        raise AuditError("there is no unit to look at")
    for unit in units:
        if not unit.requirements:
            raise AuditError("nothing is asked of {0}: give it requirements", unit.target.name)


def _check_range(name: str, value: float, least: float, most: float = inf) -> None:
    """Raises AuditError."""
    if not value >= least:
        why = Message("must be at least {0}", least)
    elif value > most:
        why = Message("must be at most {0}", most)
    else:
        return
    raise AuditError("Invalid value for {0}: {1}", name, why)


def _policy(units: Iterable[Unit]) -> Policy:
    """Rules without a name, by what they say."""
    written = {r.id: r.model_dump_json() for r in service.requirements_of(units)}
    digest = hashlib.sha256("\n".join(written[key] for key in sorted(written)).encode())
    return Policy(name=", ".join(written) or "-", sha256=digest.hexdigest())


def _blocking(run: Callable[_P, Coroutine[Any, Any, ScanRun]]) -> Callable[_P, ScanRun]:
    """The same without an event loop, with the same signature."""

    @wraps(run, assigned=("__module__", "__annotations__"))
    def audit(*args: _P.args, **how: _P.kwargs) -> ScanRun:
        """Look at every homepage and judge it, as `ycaudit scan` does; blocks until all are
        finished.

        Takes what `audit_async` takes. Raises AuditError.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(run(*args, **how))
        raise AuditError("an event loop runs here (as in a notebook): await audit_async(…) instead")

    return audit


audit = _blocking(audit_async)
