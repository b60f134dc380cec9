"""The way of one homepage through the program: which files its verdicts pass through, in order.

    .venv/bin/python bench/verdict_path.py [--unit CASE]… [--observer static] [--all]

Units are cases of the embedded city, which is served from a thread that is not watched. A call in
a file of src/ycaudit is an entry; a coroutine that goes on is none. Calls that follow each other in
one file are one line. What is printed is each step from one file to another the first time that it
is taken; with --all, every time. The summary counts the files, and how often each one was entered
from another file.

Left out, as it belongs to no homepage: imports, logging, validators and other callbacks of
pydantic, the watch over the event loop, what is done before the call and after the report, and what
child processes do (images are decoded by `observe/qr/sandbox.py`'s). Counts differ a little from
time to time, since threads and the event loop take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType

import ycaudit
from ycaudit.auditing import demo_city
from ycaudit.inputs.plan import load_rules
from ycaudit.model import UnitReport
from ycaudit.rules.judge import Unit

SOURCE = str(Path(ycaudit.__file__).parent) + "/"
PASSES, FAILS = "complies", "nothing"
NOT_OURS = ("<frozen importlib", "/pydantic/", "/logging/")
"""Files; what is called below them is left out."""
BACKGROUND = {"_watch", "<module>"}
"""Functions of ours; they and what is called below them is left out."""
WIDTH = 100

Step = tuple[str, tuple[str, ...]]
"""A file, and the functions that were called in it before another file was entered."""


def audit(unit: Unit, observer: str, there: demo_city.City, done: Callable[..., None]) -> None:
    """The entry that is watched."""
    resolve = [f"*:{there.port}:127.0.0.1", f"*:{there.closed_port}:127.0.0.1"]
    ycaudit.audit([unit], observer=observer, allow_private=True, resolve=resolve, jobs=1, done=done)


class Watch:
    """Collects the calls in files of ours, of all threads that start while it lasts."""

    def __init__(self) -> None:
        self._calls: list[tuple[str, str]] = []
        self._known: dict[int, FrameType] = {}
        """Frames are held, so that no later frame has the id of one that is known."""
        self._going = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        self._going = True
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def stop(self) -> None:
        """The verdict is there: what follows does not count."""
        self._going = False

    def steps(self) -> list[Step]:
        """The calls, those that follow each other in one file together, each function once."""
        return [
            (file, tuple(dict.fromkeys(_plain(name) for _, name in calls)))
            for file, calls in groupby(self._calls, key=lambda call: call[0])
        ]

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call" or not self._going or id(frame) in self._known:
            return
        code = frame.f_code
        if code.co_filename.startswith(SOURCE) and not _is_apart(frame):
            self._known[id(frame)] = frame
            self._calls.append((code.co_filename.removeprefix(SOURCE), code.co_qualname))


def _is_apart(frame: FrameType | None) -> bool:
    """Whether a call belongs to no homepage."""
    while frame is not None:
        code = frame.f_code
        if any(part in code.co_filename for part in NOT_OURS):
            return True
        if code.co_filename.startswith(SOURCE) and code.co_name in BACKGROUND:
            return True
        frame = frame.f_back
    return False


@contextmanager
def served() -> Iterator[demo_city.City]:
    """The city, by an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    city = demo_city.serve(demo_city.folder())
    try:
        yield asyncio.run_coroutine_threadsafe(city.__aenter__(), loop).result()
    finally:
        closed = city.__aexit__(None, None, None)
        asyncio.run_coroutine_threadsafe(closed, loop).result()
        loop.call_soon_threadsafe(loop.stop)


def watched(unit: Unit, observer: str, there: demo_city.City) -> tuple[list[Step], UnitReport]:
    """The steps from the call to the report, and the report."""
    watch = Watch()
    reports: list[UnitReport] = []

    def done(report: UnitReport) -> None:
        watch.stop()
        reports.append(report)

    with watch.watching():
        audit(unit, observer, there, done)
    return watch.steps(), reports[0]


def show_path(steps: list[Step], *, all_of_them: bool) -> None:
    seen: set[tuple[str, str]] = set()
    before = "entry"
    for number, (file, functions) in enumerate(steps, 1):
        if all_of_them or (before, file) not in seen:
            line = f"{number:5} {file:32} {', '.join(functions)}"
            print(line if all_of_them or len(line) <= WIDTH else line[: WIDTH - 2] + " …")
        seen.add((before, file))
        before = file


def _plain(name: str) -> str:
    """A qualified name as people write it; comprehensions and lambdas by who holds them."""
    name = name.partition(".<")[0] if name.endswith(">") else name
    return name.replace(".<locals>", "").replace(".__init__", "()")


def show_summary(unit: Unit, report: UnitReport, steps: list[Step]) -> None:
    entered = Counter(file for file, _ in steps)
    outcomes = Counter(str(verdict.outcome) for verdict in report.verdicts)
    verdicts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    print(f"\n{unit.target.id}: {verdicts}; {len(report.observations)} observation(s)")
    print(f"{len(entered)} files from the entry to the verdict, {len(steps)} entries")
    for file, count in entered.most_common():
        print(f"{count:6}  {file}")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--observer", default="static", choices=("auto", "static", "browser"))
    parser.add_argument("--unit", action="append", metavar="CASE", help="may be repeated")
    parser.add_argument("--all", action="store_true", help="print every step")
    asked = parser.parse_args()
    requirements, _ = load_rules([demo_city.folder() / "rules.yaml"])
    with served() as there:
        units = {unit.target.id: unit for unit in there.units(requirements)}
        for name in asked.unit or (PASSES, FAILS):
            if name not in units:
                parser.error(f"--unit {name}: choose from {', '.join(units)}")
            steps, report = watched(units[name], asked.observer, there)
            print(f"=== {name}, {asked.observer}")
            show_path(steps, all_of_them=asked.all)
            show_summary(units[name], report, steps)


if __name__ == "__main__":
    main()
