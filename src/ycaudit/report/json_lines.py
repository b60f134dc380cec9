"""One unit report a line (JSON Lines), for programs that read as the lines come."""

from __future__ import annotations

from typing import IO

from ycaudit.model import ScanRun


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Each report whole, on a line of its own, in the order of the targets."""
    for report in run.reports:
        out.write(report.model_dump_json().encode())
        out.write(b"\n")
