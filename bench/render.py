"""What every format costs at a size: seconds, megabytes written, peak memory.

python bench/render.py                 1,000 units under six requirements
python bench/render.py --units 5000
"""

from __future__ import annotations

import argparse
import io
import time
import tracemalloc
from datetime import UTC, datetime

from ycaudit.model import Link, Page, Policy, QrCode, ScanRun, Target, Tool, UnitReport, Where
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

NOON = datetime(2026, 6, 15, 4, tzinfo=UTC)


def city(units: int) -> ScanRun:
    """A run of so many units; two of three fail something."""
    links = [
        LinkRequirement(id=f"l{n}", name=f"门户{n}", kind="link", accept=[{"host": f"p{n}.test"}])
        for n in range(2)
    ]
    codes = [
        QrRequirement(
            id=f"q{n}", name=f"平台{n}", kind="qr", accept=[{"payload": f"http://a.test/{n}"}]
        )
        for n in range(4)
    ]
    reports = []
    for number in range(units):
        url = f"http://unit{number}.test/"
        where = Where(origin="markup", url=url)
        page = Page(
            url=url, final_url=url, status=200, observer="static", taken_at=NOON, sha256="0" * 64,
            links=tuple(
                Link(href=f"http://p{n % 3}.test/{n}", text=f"链接{n}", how="a", where=where)
                for n in range(40)
            ),
            qr_codes=tuple(
                QrCode(
                    payload=f"http://a.test/{n + (number % 3 == 0)}", label=f"平台{n}",
                    src=f"{url}q{n}.png", sha256=f"{n}" * 64, where=where,
                )
                for n in range(4)
            ),
        )  # fmt: skip
        target = Target(id=f"u{number}", name=f"第{number}号单位", url=url, tags=("市直部门",))
        unit = Unit(target=target, requirements=(*links, *codes))
        reports.append(UnitReport(target=target, observations=(page,), verdicts=unit.judge(page)))
    return ScanRun(
        id="bench", tool=Tool(version="0"), rules=Policy(name="规则", sha256="0" * 64),
        started_at=NOON, finished_at=NOON, reports=tuple(reports),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--units", type=int, default=1000)
    run = city(parser.parse_args().units)
    print("| format | seconds | MB | peak MB beyond the run |\n|---|--:|--:|--:|")
    for name, form in FORMATS.items():
        out = io.BytesIO()
        started = time.process_time()
        form.render(run, out)
        seconds = time.process_time() - started
        tracemalloc.start()
        form.render(run, io.BytesIO())
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        print(f"| {name} | {seconds:.2f} | {len(out.getvalue()) / 1e6:.1f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
