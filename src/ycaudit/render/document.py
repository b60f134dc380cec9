"""The run document as JSON."""

from __future__ import annotations

from typing import IO

from ycaudit.model import ScanRun


def render(run: ScanRun, out: IO[bytes]) -> None:
    """The whole run, as it is read back by `judge` and `show`."""
    out.write(run.model_dump_json(indent=1).encode())
    out.write(b"\n")
