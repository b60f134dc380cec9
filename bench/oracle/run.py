"""Compares ycaudit with what a visitor gets, on pages grown from a seed.

    python bench/oracle/run.py --seed 1 --pages 100 [--observer auto|browser|static] [--keep DIR]
    python bench/oracle/run.py --seed 1 --pages 100 --only 'timer 4 s'   # each page has this way
    python bench/oracle/run.py --seed 1 --page 17 --keep DIR             # one page, its files kept

Exit code 1: something was passed that is not there, or failed that is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grammar import WAYS, Page, Want, answer, fingerprint, grow, rules, targets
from layouts import LAYOUTS
from pieces import HTML
from serve import Server
from truth import BORDERLINE, PRESENT, Truth, dump, find, load

CASE = "oracle.wacz"
WRONG_PASS, WRONG_FAIL, DOUBT, RIGHT = "wrong pass", "wrong fail", "doubt", "right"
Truths = dict[int, dict[str, Truth]]


@dataclass(frozen=True, slots=True)
class Result:
    """One requirement of one page: what is true, and what ycaudit says."""

    page: Page
    want: Want
    truth: Truth
    outcome: str
    reason: str

    @property
    def kind(self) -> str:
        present = self.truth.state == PRESENT
        match self.outcome:
            case "pass":
                return RIGHT if present else WRONG_PASS
            case "fail":
                return WRONG_FAIL if present else RIGHT
        return DOUBT

    @property
    def ways(self) -> tuple[str, ...]:
        layout = () if self.page.layout == "plain" else (f"page: {self.page.layout}",)
        return (*(f"{x} [{self.want.thing.kind}]" for x in self.want.ways), *layout)

    def line(self) -> str:
        where = f"page {self.page.number} {self.want.thing.id}: {' x '.join(self.ways)}"
        odd = "" if (self.truth.state == PRESENT) == self.want.shown else " (label disagrees)"
        return f"{self.kind}: {where}{odd}\n    {self.outcome}: {self.reason}"


def parser(
    about: str | None, *, pages: int, first: int, tabs: int, cache: str
) -> argparse.ArgumentParser:
    """The options that every comparison over grown pages has."""
    found = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found.add_argument("--seed", type=int, default=1)
    found.add_argument("--pages", type=int, default=pages)
    found.add_argument("--first", type=int, default=first, help="number of the first page")
    found.add_argument("--page", type=int, help="this page only")
    found.add_argument("--only", default="", metavar="WAY", help="every page has this way")
    found.add_argument("--observer", choices=("auto", "browser", "static"), default="auto")
    found.add_argument("--jobs", type=int, help="units at once (ycaudit's own default otherwise)")
    found.add_argument("--tabs", type=int, default=tabs, help="tabs of the truth's browser")
    found.add_argument(
        "--rejudge", action="store_true", help="also judge again from a case file, offline"
    )
    found.add_argument("--keep", type=Path, help="keep pages, lists and the run document here")
    temporary = Path(tempfile.gettempdir())
    found.add_argument("--cache", type=Path, default=temporary / cache, help="truths found before")
    found.add_argument(
        "--truth-only", action="store_true", help="compare labels with the truth only"
    )
    found.add_argument("--list", action="store_true", help="list the ways")
    return found


def options() -> argparse.Namespace:
    return parser(__doc__, pages=50, first=0, tabs=3, cache="ycaudit-oracle").parse_args()


def cache_file(opt: argparse.Namespace) -> Path:
    only = re.sub(r"\W+", "-", opt.only)
    return Path(opt.cache) / f"truth-{opt.seed}-{only}-{fingerprint()}.json"


async def truths_of(opt: argparse.Namespace, pages: list[Page], server: Server) -> Truths:
    """From the cache, or found now."""
    file = cache_file(opt)
    known = load(file.read_text()) if file.exists() else {}
    new = [x for x in pages if x.number not in known]
    if new:
        started = time.monotonic()
        known |= await find(new, server, tabs=opt.tabs)
        spent = time.monotonic() - started
        print(f"truth of {len(new)} pages: {spent:.0f} s, {spent / len(new):.1f} s a page")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dump(known))
    return {x.number: known[x.number] for x in pages}


def print_labels(pages: list[Page], truths: Truths) -> None:
    """Where the grammar's label and the truth disagree, a way is to be mended."""
    agree = borderline = 0
    for page in pages:
        for want in page.wants:
            truth = truths[page.number][want.thing.id]
            where = f"page {page.number} ({page.layout}) {want.thing.id}: {' x '.join(want.ways)}"
            if truth.state == BORDERLINE:
                borderline += 1
                print(f"borderline: {where}: {truth.how}")
            elif (truth.state == PRESENT) != want.shown:
                label = "shown" if want.shown else "hidden"
                print(f"label {label}, truth {truth.state}: {where}: {truth.how}")
            else:
                agree += 1
    total = sum(len(x.wants) for x in pages)
    print(f"labels and truth: {agree} of {total} agree, {borderline} borderline are left out")


async def scan(
    opt: argparse.Namespace, folder: Path, server: Server, pages: list[Page]
) -> dict[str, Any]:
    """The run document of ycaudit."""
    (folder / "targets.yaml").write_text(targets(pages, server.port))
    (folder / "rules.yaml").write_text(rules())
    document = folder / "run.json"
    document.unlink(missing_ok=True)
    command = [sys.executable, "-m", "ycaudit", "scan", str(folder / "targets.yaml")]
    command += [
        "--rules",
        str(folder / "rules.yaml"),
        "--output",
        str(document),
        "--fail-on",
        "never",
    ]
    command += ["--observer", opt.observer, "--no-history", "--no-cache", "--allow-private"]
    for port in (server.port, 80, 443):
        command += ["--resolve", f"*:{port}:127.0.0.1"]
    if opt.rejudge:
        command += ["--case", str(folder / CASE)]
    if opt.jobs:
        command += ["--jobs", str(opt.jobs)]
    started = time.monotonic()
    with (folder / "scan.txt").open("wb") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
        await process.wait()
    if not document.exists():
        sys.exit((folder / "scan.txt").read_text()[-3000:])
    print(f"ycaudit: {time.monotonic() - started:.0f} s for {len(pages)} pages")
    found: dict[str, Any] = json.loads(document.read_text())
    return found


def is_same_again(folder: Path) -> bool:
    """Whether every verdict comes out again from the case file; the server is gone by now."""
    command = [sys.executable, "-m", "ycaudit", "verify", str(folder / CASE), "--rejudge"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr)
    return done.returncode == 0


def results(pages: list[Page], truths: Truths, document: dict[str, Any]) -> list[Result]:
    verdicts = {
        (report["target"]["id"], verdict["requirement"]): verdict
        for report in document["reports"]
        for verdict in report["verdicts"]
    }
    out = []
    for page in pages:
        for want in page.wants:
            truth = truths[page.number][want.thing.id]
            verdict = verdicts[f"u{page.number:04d}", want.thing.id]
            if truth.state != BORDERLINE:
                out.append(Result(page, want, truth, verdict["outcome"], str(verdict["reason"])))
    return out


def print_results(found: list[Result]) -> bool:
    """All that is not right, then a table by way; whether a verdict is wrong."""
    for kind in (DOUBT, WRONG_FAIL, WRONG_PASS):
        for result in found:
            if result.kind == kind and not (kind == DOUBT and result.truth.state != PRESENT):
                print(result.line())
    print_table(found)
    counts = Counter(x.kind for x in found)
    for state in ("present", "absent"):
        some = Counter(x.outcome for x in found if x.truth.state == state)
        print(
            f"{state}: {sum(some.values())}: "
            + ", ".join(f"{v} {k}" for k, v in sorted(some.items()))
        )
    print(
        f"{len(found)} verdicts: "
        + ", ".join(f"{counts[k]} {k}" for k in (WRONG_PASS, WRONG_FAIL, DOUBT, RIGHT))
    )
    return bool(counts[WRONG_PASS] or counts[WRONG_FAIL])


def print_table(found: list[Result]) -> None:
    """By way: what was not right; a doubt about what is not there counts only beside such."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for result in found:
        kind = result.kind
        if kind == DOUBT:
            kind += " +" if result.truth.state == PRESENT else " -"
        for way in result.ways:
            table[way][kind] += 1
    bad = (WRONG_PASS, WRONG_FAIL, DOUBT + " +")
    columns = (*bad, DOUBT + " -", RIGHT)
    print("\n" + "".join(f"{x:>12}" for x in columns) + "  way")
    for way, row in sorted(table.items(), key=lambda x: [-x[1][c] for c in columns[:4]]):
        if any(row[x] for x in bad):
            print("".join(f"{row[x] or '':>12}" for x in columns) + f"  {way}")
    hiding = {x.name for x in WAYS if not x.shown}
    doubted = Counter({x: row[DOUBT + " -"] for x, row in table.items()})
    names = [f"{x} {n}" for x, n in doubted.most_common() if n and x.rpartition(" [")[0] in hiding]
    print(f"hidden, and in doubt: {len(names)} ways: {', '.join(names)}")


def keep_pages(folder: Path, pages: list[Page], port: int) -> None:
    """The files of each page as they are served."""
    for page in pages:
        for path in page.files:
            file = answer(page, path, port)
            name = path.strip("/").replace("?", "_") or "index.html"
            place = (
                folder
                / page.host
                / (name if (file and file.kind != HTML) or "." in name else name + ".html")
            )
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.body if file else b"")
        about = [
            f"{x.thing.id}: {' x '.join(x.ways)} (shown: {x.shown}) {x.piece.steps}"
            for x in page.wants
        ]
        (folder / page.host / "ABOUT.txt").write_text("\n".join([page.layout, *about]) + "\n")


def list_ways() -> None:
    for way in WAYS:
        print(f"{'shown ' if way.shown else 'hidden'} {way.kinds:5} {way.name}")
    for layout in LAYOUTS:
        print(f"{'shown ' if layout.shown else 'hidden'} page  {layout.name}")


async def compare(opt: argparse.Namespace, folder: Path) -> bool:
    numbers = [opt.page] if opt.page is not None else range(opt.first, opt.first + opt.pages)
    pages = [grow(opt.seed, n, opt.only) for n in numbers]
    server = Server({x.number: x for x in pages})
    async with await server.start():
        truths = await truths_of(opt, pages, server)
        print_labels(pages, truths)
        if opt.keep:
            keep_pages(folder, pages, server.port)
        if opt.truth_only:
            return False
        document = await scan(opt, folder, server, pages)
    if opt.rejudge and not is_same_again(folder):
        return True
    return print_results(results(pages, truths, document))


def main() -> None:
    opt = options()
    if opt.list:
        list_ways()
        return
    known = {x.name for x in WAYS} | {x.name for x in LAYOUTS}
    if opt.only and opt.only not in known:
        sys.exit(f"no way is called {opt.only!r}; --list lists them")
    with tempfile.TemporaryDirectory() as temporary:
        folder = opt.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        sys.exit(asyncio.run(compare(opt, folder)))


if __name__ == "__main__":
    main()
