"""One unit report per line (JSON Lines), for programs that read it as a stream."""

from __future__ import annotations

import re
from typing import IO

from ycaudit.model import ScanRun, UnitReport


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write each report on a line of its own, in the order of the targets."""
    for report in run.reports:
        out.write(line_of(report))


def line_of(report: UnitReport) -> bytes:
    """The report as one line, also for readers that end lines where Unicode does.

    JSON leaves U+0085, U+2028 and U+2029 as they are, and Python's `splitlines` cuts there.
    """
    text = _ENDS.sub(lambda end: f"\\u{ord(end[0]):04x}", report.model_dump_json())
    return text.encode() + b"\n"


_ENDS = re.compile("[\x85\u2028\u2029]")
