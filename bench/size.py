"""Memory by the number of units: from a list as YAML to the formats, without a network.

    python bench/size.py [--units 1000 10000 100000]

Each size runs in a process of its own: a list of units with tags and contacts, an observer that
sees forty links at once, the ledger, and then formats that are read from the ledger's file.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from measure import peak_of_self

from ycaudit.auditing.engine import Clock, header_of, scan
from ycaudit.auditing.recorder import HistoryRecorder
from ycaudit.auditing.selection import Selection
from ycaudit.inputs import plan
from ycaudit.model import Link, Observation, Page, Where
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.runs.history import opened

NOW = datetime(2026, 6, 15, tzinfo=UTC)
TOLD = ("jsonl", "csv", "json", "junit", "sarif", "markdown", "table", "html")
RULES = """\
name: 规则
requirements:
  - {id: r0, name: 门户0, kind: link, accept: [{host: p0.test}]}
  - {id: r1, name: 门户1, kind: link, accept: [{host: p1.test}]}
"""
UNIT = """\
  - id: u{0}
    name: 第{0}号
    url: http://u{0}.test/
    office: 教育局
    tags: [学校]
    contact: {{person: 王{0}, phone: 0717-{0:07d}, email: a@u{0}.test}}
"""


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


def listed(folder: Path, count: int) -> plan.Plan:
    """The plan of a list of so many units."""
    targets, rules = folder / "targets.yaml", folder / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    with targets.open("w", encoding="utf-8") as file:
        file.write("units:\n")
        file.writelines(UNIT.format(number) for number in range(count))
    return plan.load(targets, [rules], today=NOW.date())


def one(count: int) -> None:
    """Print the row of one size."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "h.sqlite3") as kept:
        wanted = listed(Path(folder), count)
        read, all_units = peak_of_self(), wanted.units
        begun = header_of(wanted.policy, started=NOW)
        recorder = HistoryRecorder(kept, {}, Selection(all_units, all_units))
        recorder.begin(begun)
        clock = Clock(now=lambda: NOW, steady=time.monotonic)
        asyncio.run(scan(all_units, observers=[Glance()], clock=clock, done=recorder.take))
        run = recorder.finish(begun.model_copy(update={"complete": True}))
        peaks = read, peak_of_self()
        cells = [f"{count:,}", f"{time.perf_counter() - started:.0f}", *(f"{p:.0f}" for p in peaks)]
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
    print(f"| units | s | list | scan | {' | '.join(TOLD)} |")
    print("|--:|--:|--:|--:|" + "--:|" * len(TOLD), flush=True)
    for count in asked.units:
        subprocess.run([sys.executable, __file__, "--one", str(count)], check=True)


if __name__ == "__main__":
    main()
