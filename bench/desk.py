"""How long a person waits at the desk: python bench/desk.py [UNITS]

Starts `ycaudit desk` with a history that holds two runs of so many units (2,000), and measures from
the start to the first page, then each page of a large run: once when nothing of it has been read,
and as the median of some times after. Writes what it measured as JSON to stdout.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from ycaudit.model import (
    Link,
    MemoryReports,
    Page,
    Policy,
    ScanRun,
    Target,
    Tool,
    UnitReport,
    Where,
)
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.runs.history import opened

UNITS, LINKS, AGAIN, OFFICES = 2000, 60, 7, 40
START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
RULES = tuple(
    LinkRequirement(id=f"p{n}", name=f"门户{n}", kind="link", accept=[{"host": f"p{n}.test"}])
    for n in range(6)
)


def run_of(units: int, day: int) -> ScanRun:
    """A run in which every fifth unit fails, and every seventh is in doubt."""
    at = START + timedelta(days=day)
    return ScanRun(
        id=at.strftime("%Y%m%dT%H%M%S.%fZ"),
        tool=Tool(version="0"),
        rules=Policy(name="规定", sha256="0" * 64),
        started_at=at,
        finished_at=at + timedelta(hours=1),
        reports=MemoryReports(report_of(number, at) for number in range(units)),
    )


def report_of(number: int, at: datetime) -> UnitReport:
    """A unit and its homepage of so many links."""
    url = f"http://u{number}.test/"
    where = Where(origin="markup", url=url)
    hosts = [f"x{n}.test" for n in range(LINKS)]
    hosts += [f"p{n}.test" for n in range(len(RULES)) if number % 5 or n]
    links = tuple(Link(href=f"http://{h}/", text=h, how="a", where=where) for h in hosts)
    page = Page(
        url=url, final_url=url, status=200, observer="browser" if number % 7 else "static",
        taken_at=at, sha256=f"{number:064x}", links=links,
    )  # fmt: skip
    target = Target(
        id=f"u{number}", name=f"第{number}单位", url=url, office=f"第{number % OFFICES}局"
    )
    unit = Unit(target=target, requirements=RULES)
    return UnitReport(target=target, observations=(page,), verdicts=unit.judge(page))


@contextmanager
def started(folder: Path) -> Iterator[tuple[float, httpx.Client, str]]:
    """The desk as a program of its own; the seconds from its start to its first page."""
    begun = time.perf_counter()
    environment = {**os.environ, "YCAUDIT_HISTORY": str(folder / "history.sqlite3")}
    words = [sys.executable, "-m", "ycaudit", "desk", "--no-open", "--by", "bench"]
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    with process, httpx.Client(trust_env=False, timeout=120, follow_redirects=True) as client:
        try:
            assert process.stdout is not None
            address = re.search(r"http\S+", process.stdout.readline())
            assert address is not None
            first = client.get(address[0])
            first.raise_for_status()
            yield time.perf_counter() - begun, client, str(first.url).rstrip("/")
        finally:
            process.send_signal(signal.SIGINT)


def seconds(ask: Callable[[], httpx.Response]) -> float:
    """What one page takes."""
    begun = time.perf_counter()
    ask().raise_for_status()
    return time.perf_counter() - begun


def main() -> None:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = [run_of(units, day) for day in (0, 14)]
        with opened(folder / "history.sqlite3") as kept:
            for run in runs:
                kept.save(run)
        with started(folder) as (first, client, root):
            told = {"units": units, "start_to_first_page": round(first, 3), "pages": {}}
            here = f"{root}/run/{runs[-1].id}"
            pages = {
                "list": here,
                "filtered": f"{here}?outcome=fail&office=第3局",
                "found": f"{here}?text=第1999",
                "unit": f"{here}/unit/{units - 1}",
                "review": f"{here}/review?what=fail",
                "changes": f"{here}/changes",
                "rounds": f"{root}/",
            }
            for page, address in pages.items():
                once = seconds(lambda address=address: client.get(address))
                again = [seconds(lambda a=address: client.get(a)) for _ in range(AGAIN)]
                told["pages"][page] = [round(once, 3), round(statistics.median(again), 3)]
            answers = [seconds(lambda: answered(client, f"{here}/review")) for _ in range(AGAIN)]
            told["pages"]["answer and next card"] = [round(statistics.median(answers), 3)] * 2
    print(json.dumps(told, ensure_ascii=False, indent=1))


def answered(client: httpx.Client, path: str) -> httpx.Response:
    """The card is opened, answered, and the next one shown."""
    page = client.get(f"{path}?what=fail").text
    form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    form |= {"all": "fail", "by": "bench", "what": "fail"}
    origin = "/".join(path.split("/")[:3])
    return client.post(path, data=form, headers={"Origin": origin})


if __name__ == "__main__":
    main()
