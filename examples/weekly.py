"""Audits a list and prints who fails, and in what: python weekly.py LIST RULES"""

from __future__ import annotations

import sys
from typing import Any

from ycaudit import Outcome, ScanRun, audit, load_units


def failing(run: ScanRun) -> dict[str, list[str]]:
    """What each failing unit lacks, by its name."""
    return {
        report.target.name: [v.name for v in report.verdicts if v.outcome is Outcome.FAIL]
        for report in run.reports
        if report.outcome is Outcome.FAIL
    }


def main(targets: str, rules: str, **how: Any) -> ScanRun:
    """The run, told unit by unit."""
    run = audit(load_units(targets, rules), **how)
    for name, lacks in failing(run).items():
        print(f"{name}: {', '.join(lacks)}")
    return run


if __name__ == "__main__":
    main(*sys.argv[1:3])
