"""Memory by the number of units: the pipeline from units to formats, without a network.

    python bench/size.py [--units 1000 10000 100000]

Each size runs in a process of its own: units from an iterator, an observer that sees forty links
at once, the ledger, and then formats that are read from the ledger's file.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from measure import peak_of_self

from ycaudit.auditing.engine import Clock, header_of, scan
from ycaudit.auditing.recorder import HistoryRecorder
from ycaudit.auditing.selection import Selection
from ycaudit.model import Link, Observation, Page, Policy, Target, Where
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.runs.history import opened

NOW = datetime(2026, 6, 15, tzinfo=UTC)
TOLD = ("jsonl", "csv", "json", "junit", "sarif", "markdown", "table", "html")
RULES = tuple(
    LinkRequirement(id=f"r{n}", name=f"门户{n}", kind="link", accept=[{"host": f"p{n}.test"}])
    for n in range(2)
)


class Glance:
    """Sees a page at once, without asking anybody."""

    name = "static"

    def place(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def look(self, unit: Unit, doubts: object) -> AsyncGenerator[Observation, None]:
        url = unit.target.url
        where = Where(origin="markup", url=url)
        number = int(unit.target.id[1:])
        yield Page(
            url=url, final_url=url, status=200, observer="static", taken_at=NOW, sha256="0" * 64,
            links=tuple(
                Link(href=f"http://p{n % (1 + number % 3)}.test/{n}", text=f"第{n}条", how="a",
                     where=where)
                for n in range(40)
            ),
        )  # fmt: skip

    async def aclose(self) -> None:
        """Nothing is held."""


class Nowhere(io.RawIOBase):
    """Takes everything, keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def units(count: int) -> Iterator[Unit]:
    for number in range(count):
        target = Target(id=f"u{number}", name=f"第{number}号", url=f"http://u{number}.test/")
        yield Unit(target=target, requirements=RULES)


def one(count: int) -> None:
    """Print the row of one size."""
    started = time.perf_counter()
    begun = header_of(Policy(name="规则", sha256="0"), started=NOW)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "h.sqlite3") as kept:
        all_units = tuple(units(count))
        recorder = HistoryRecorder(kept, {}, Selection(all_units, all_units))
        recorder.begin(begun)
        clock = Clock(now=lambda: NOW, steady=time.monotonic)
        asyncio.run(scan(all_units, observers=[Glance()], clock=clock, done=recorder.take))
        run = recorder.finish(begun.model_copy(update={"complete": True}))
        scanned = peak_of_self()
        cells = [f"{count:,}", f"{time.perf_counter() - started:.0f}", f"{scanned:.0f}"]
        for name in TOLD:
            FORMATS[name].render(run, Nowhere())  # type: ignore[arg-type]
            cells.append(f"{peak_of_self():.0f}")
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--units", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one)
        return
    print("Peak MB so far, after each step:\n")
    print(f"| units | s | scan | {' | '.join(TOLD)} |")
    print("|--:|--:|--:|" + "--:|" * len(TOLD), flush=True)
    for count in asked.units:
        subprocess.run([sys.executable, __file__, "--one", str(count)], check=True)


if __name__ == "__main__":
    main()
