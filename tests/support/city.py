"""The embedded city as a scan sees it, on a machine as busy as may be."""

from __future__ import annotations

import os
from typing import Any

from ycaudit.auditing import demo_city, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.inputs.plan import load_rules
from ycaudit.model import MemoryReports, ScanRun
from ycaudit.net.client import Limits, Options

PATIENT = Limits(connect=60, read=60, homepage=60, resource=60, patience=8)
"""No busy machine uses these up."""
IMPATIENT = Limits(read=0.5, homepage=1, patience=0.1)
"""For servers that never answer: no more than shows that they do not."""
SECONDS = 600.0
SILENT = "stall"


def options(there: demo_city.City, limits: Limits = PATIENT) -> Options:
    """How the city is reached."""
    return Options(allow_private=True, resolve=there.resolve, limits=limits)


def audited(there: demo_city.City, *cases: str, **how: Any) -> ScanRun:
    """These cases in one run, or all that answer."""
    requirements, policy = load_rules([demo_city.folder() / "rules.yaml"])
    wanted = cases or tuple(name for name in there.cases if name != SILENT)
    units = [u for u in there.units(requirements) if u.target.id in wanted]
    how = {"options": options(there), "seconds": SECONDS, "environment": os.environ} | how
    return service.run(units, policy, service.Request(**how), MemoryRecorder())


def audited_whole(there: demo_city.City, *cases: str, **how: Any) -> ScanRun:
    """These cases or all; the silent one apart, which is waited for until a limit ends it."""
    wanted = [name for name in there.cases if name in (cases or there.cases)]
    run = audited(there, *(name for name in wanted if name != SILENT), **how)
    reports = {r.target.id: r for r in run.reports}
    if SILENT in wanted:
        silent = audited(there, SILENT, options=options(there, IMPATIENT), **how)
        reports |= {r.target.id: r for r in silent.reports}
    return run.header.with_reports(MemoryReports(reports[name] for name in wanted))
