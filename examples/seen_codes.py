"""What each homepage shows, verdicts aside: every QR code and where it leads, as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from ycaudit import Page, ScanRun, audit, load_units


def codes(run: ScanRun) -> Iterator[dict[str, object]]:
    """Each code once a unit, however often it is shown."""
    for report in run.reports:
        pages = [
            observation for observation in report.observations if isinstance(observation, Page)
        ]
        seen = {code.payload: code for page in pages for code in page.qr_codes}
        for code in seen.values():
            yield {"unit": report.target.id, "says": code.payload, "caption": code.label}


if __name__ == "__main__":
    for code in codes(audit(load_units(*sys.argv[1:3]))):
        print(json.dumps(code, ensure_ascii=False))
