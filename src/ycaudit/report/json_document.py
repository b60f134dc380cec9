"""The run document as JSON."""

from __future__ import annotations

import json
from typing import IO

from ycaudit.model import ScanRun


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write the whole run, as `judge` and `show` read it, report by report."""
    header = run.header.model_dump(mode="json") | {"outcome": run.outcome}
    head = json.dumps(header, ensure_ascii=False, indent=1)
    out.write(head.removesuffix("\n}").encode("utf-8", "surrogatepass"))
    out.write(b',\n "reports": [')
    for place, report in enumerate(run.reports):
        out.write(b",\n" if place else b"\n")
        out.write(report.model_dump_json().encode())
    out.write(b"\n ]\n}\n")
