"""Kills processes of the browser at moments spread over a look, and compares what is judged.

    python bench/kills.py [--moments 20] [--kinds renderer browser gpu-process utility]

Four homepages of the embedded city are looked at side by side. A moment is a command to the
browser: the first run counts them, each later one kills at one of them. Exit code 1 where a run
does not come to its end, or a page is judged otherwise than in peace.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from homepages import Homepages, homepages

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.browsers import chromium_processes
from ycaudit.auditing import demo_city
from ycaudit.auditing.library import audit_async
from ycaudit.inputs.plan import load_rules, unit_for
from ycaudit.observe.browser.devtools import Connection

PAGES, SECONDS = 4, 300.0
KINDS = {"browser": b""}
"""What Chromium calls them, where it is another name."""
Judged = dict[str, tuple[str, ...]]


@contextmanager
def counted(at: int, kind: str) -> Iterator[Callable[[], int]]:
    """Kill processes of this kind at a command to a page; tells how many commands there were."""
    sent, send = 0, Connection.send

    async def noted(self: Connection, method: str, session: str | None = None, **more: object):  # type: ignore[no-untyped-def]
        nonlocal sent
        sent += session is not None
        if sent == at and session is not None:
            for pid in chromium_processes(KINDS.get(kind, kind.encode())):
                os.kill(pid, signal.SIGKILL)
        return await send(self, method, session, **more)  # type: ignore[arg-type]

    Connection.send = noted  # type: ignore[method-assign]
    try:
        yield lambda: sent
    finally:
        Connection.send = send  # type: ignore[method-assign]


def judged(pages: Homepages) -> Judged:
    """The outcomes of each page. Raises TimeoutError where the run does not end."""
    rules, policy = load_rules([demo_city.folder() / "rules.yaml"])
    units = [unit_for(url, rules) for url in pages.urls[:PAGES]]
    resolve = [f"{host}:{port}:{found[0]}" for (host, port), found in pages.resolve.items()]

    async def run() -> Judged:
        async with asyncio.timeout(SECONDS):
            found = await audit_async(
                units, observer="browser", allow_private=True, resolve=resolve, policy=policy,
                timeout=SECONDS,
            )  # fmt: skip
        return {r.target.url: tuple(v.outcome.value for v in r.verdicts) for r in found.reports}

    return asyncio.run(run())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AS_IT_IS)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--kinds", nargs="+", default=["renderer", "browser"])
    asked = parser.parse_args()
    wrong = 0
    with homepages(None) as pages:
        with counted(0, "") as count:
            peace = judged(pages)
        commands = count()
        print(f"in peace: {commands} commands, {peace}", flush=True)
        for kind in asked.kinds:
            for number in range(asked.moments):
                at = 1 + number * commands // asked.moments
                began = time.monotonic()
                with counted(at, kind):
                    try:
                        told = "the same" if judged(pages) == peace else "DIFFERENT"
                    except TimeoutError:
                        told = "NO END"
                wrong += told != "the same"
                print(f"{kind} at {at}: {told}, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if wrong else 0


_AS_IT_IS = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
