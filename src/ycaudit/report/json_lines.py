"""One unit report per line (JSON Lines), for programs that read it as a stream."""

from __future__ import annotations

from typing import IO

from ycaudit.model import ScanRun


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write each report on a line of its own, in the order of the targets."""
    for report in run.reports:
        out.write(report.model_dump_json().encode())
        out.write(b"\n")
