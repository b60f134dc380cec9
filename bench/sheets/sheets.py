"""Grows pages of odd style sheets and asks Chromium whether what ycaudit claims of them is so.

    $ python bench/sheets/sheets.py                       # seed 1, 300 pages
    $ python bench/sheets/sheets.py --seed 2 --pages 600
    $ python bench/sheets/sheets.py --seed 1 --page 17    # one page: its html, truths and claims
    $ python bench/sheets/sheets.py --html FILE           # a page of your own; probes are p0, i0 …
    $ python bench/sheets/sheets.py --singles             # every way alone
    $ python bench/sheets/sheets.py --sure --seed 9       # quick: what is unsure is not looked at
    $ python bench/sheets/sheets.py --minimise            # each wrong claim by the least markup
    $ python bench/sheets/sheets.py --pages 40 --save-known

Exit code 1: a thing that is claimed shown and is not, or claimed hidden and is shown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grow import URL, Grower, Page, Probe
from judging import COLUMNS, HIDDEN, OPENED, SHOWN, UNCLEAR, WRONG, claimed, judge
from playwright.sync_api import Error
from truth import Browser

from ycaudit.model import Visibility

HERE = Path(__file__).parent
KNOWN = HERE / "known.json"
_VISITOR = hashlib.sha256((HERE / "truth.py").read_bytes()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Case:
    """A probe, judged."""

    index: int
    probe: Probe
    truth: str
    claim: Visibility

    @property
    def verdict(self) -> str:
        return judge(self.truth, self.claim)


def cached(browser: Browser, page: Page, folder: Path) -> dict[int, str]:
    """Truths are kept by all that a page is and by the visitor."""
    key = f"{page.hash}-{_VISITOR}.json"
    path = folder / key
    if path.exists():
        return {int(n): truth for n, truth in json.loads(path.read_text()).items()}
    truths = browser.truths(page)
    path.write_text(json.dumps(truths))
    return truths


def minimise(browser: Browser, page: Page, probe: Probe, verdict: str) -> str:
    """The page without all that the wrong claim does not need."""

    def still(html: str) -> bool:
        if f'data-k="k{probe.number}"' not in html:
            return False
        small = Page([html], [probe], page.sheets)
        claim = claimed(small)[probe.number]
        if judge(SHOWN if verdict == "wrong hidden" else HIDDEN, claim) != verdict:
            return False
        truth = browser.truths(small)[probe.number]
        return judge(truth, claim) == verdict

    for cut in (
        r"[^\n]*\n?",
        r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>|[^<{};]+[;{}]?|[\s\S]",
        r"[\w-]+=(?:\"[^\"]*\"|[^\s>]+)|\s+|[.#:!\[]?[\w-]+|[\s\S]",
    ):
        parts = re.findall(cut, page.html)
        page = Page(["".join(_less(parts, still))], [probe], page.sheets)
    return page.html


def _less(parts: list[str], still: Callable[[str], bool]) -> list[str]:
    size = max(len(parts) // 2, 1)
    while size:
        at = 0
        while at < len(parts):
            fewer = parts[:at] + parts[at + size :]
            if still("".join(fewer)):
                parts = fewer
            else:
                at += size
        size //= 2
    return parts


def table(cases: list[Case]) -> str:
    """By way, the wrong ones first; ways without wrong claims are summed."""
    by_way: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for way in case.probe.ways or ("control",):
            by_way[way][case.verdict] += 1
    lines = ["| way | " + " | ".join(COLUMNS) + " |", "|---|" + "--:|" * len(COLUMNS)]
    order = sorted(by_way, key=lambda w: (-sum(by_way[w][c] for c in WRONG), w))
    for way in order:
        counts = " | ".join(str(by_way[way][column]) for column in COLUMNS)
        lines.append(f"| `{way}` | {counts} |")
    total = Counter(case.verdict for case in cases)
    lines.append("| **all probes** | " + " | ".join(str(total[c]) for c in COLUMNS) + " |")
    visible = [case for case in cases if case.truth in (SHOWN, OPENED)]
    modest = sum(case.claim is Visibility.UNSURE for case in visible)
    away = [case for case in cases if case.truth == HIDDEN]
    unsure = sum(case.claim is Visibility.UNSURE for case in away)
    lines += [
        "",
        f"{len(by_way)} ways, {len(cases)} probes. Of {len(visible)} that are visible, {modest} are"
        f" unsure; of {len(away)} that are not, {unsure}.",
    ]
    return "\n".join(lines)


def run(options: argparse.Namespace) -> int:
    """All of it."""
    grower = Grower(options.seed)
    options.cache.mkdir(parents=True, exist_ok=True)
    pages = grower.singles() if options.singles else None
    indices = range(len(pages) if pages else options.pages)
    if options.page is not None:
        indices = range(options.page, options.page + 1)
    cases: list[Case] = []
    known: dict[str, Any] = {}
    with Browser() as browser:
        for index in indices:
            page = pages[index] if pages else grower.page(index)
            said = claimed(page)
            sure = [n for n, claim in said.items() if claim is not Visibility.UNSURE]
            try:
                if options.sure:
                    truths = browser.truths(page, sure) if sure else {}
                else:
                    truths = cached(browser, page, options.cache)
            except Error as error:
                print(f"page {index}: {error}", file=sys.stderr)
                continue
            cases += [
                Case(index, probe, truths.get(probe.number, UNCLEAR), said[probe.number])
                for probe in page.probes
            ]
            known[str(index)] = {"hash": page.hash, "truths": list(truths.values())}
            if index % 20 == 19:
                print(f"{index + 1} pages", file=sys.stderr, flush=True)
        if options.page is not None:
            print(page.html, *page.sheets.items(), sep="\n")
            for case in cases:
                print(case.probe.number, case.truth, case.claim.value, case.probe.ways)
        elif not options.brief:
            print(table(cases))
        for case in [case for case in cases if case.verdict in WRONG]:
            print(f"\n{case.verdict}: page {case.index}, {case.probe}", flush=True)
            if options.minimise:
                page = pages[case.index] if pages else grower.page(case.index)
                print(minimise(browser, page, case.probe, case.verdict), flush=True)
                if sheet := page.sheets.get(f"{URL}s{case.probe.number}.css"):
                    print(f"(served: {sheet})")
    if options.save_known:
        KNOWN.write_text(json.dumps({"seed": options.seed, "pages": known}, indent=1) + "\n")
    return int(any(case.verdict in WRONG for case in cases))


def own(path: Path) -> int:
    """Judges a page of one's own: links to http://pN.test/, images /iN.png, with data-k=kN."""
    html = path.read_text(encoding="utf-8")
    numbers = sorted({int(n) for n in re.findall(r"data-k=[\"']?k(\d+)", html)})
    kinds = {n: "link" if f"//p{n}.test" in html else "image" for n in numbers}
    page = Page([html], [Probe(n, kinds[n], ()) for n in numbers])  # type: ignore[arg-type]
    with Browser() as browser:
        truths = browser.truths(page)
    said = claimed(page)
    verdicts = {n: judge(truths[n], said[n]) for n in numbers}
    for n in numbers:
        print(f"{n}: {truths[n]}, claimed {said[n].value}: {verdicts[n]}")
    return int(any(verdict in WRONG for verdict in verdicts.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--page", type=int, help="only this one, and print it")
    parser.add_argument("--html", type=Path, help="a page of your own")
    parser.add_argument("--singles", action="store_true", help="every way alone instead")
    parser.add_argument("--sure", action="store_true", help="look only at what is claimed surely")
    parser.add_argument("--minimise", action="store_true", help="wrong claims by the least markup")
    parser.add_argument("--brief", action="store_true", help="no table")
    parser.add_argument("--save-known", action="store_true", help=f"truths to {KNOWN.name}")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "ycaudit-sheets"
    )
    options = parser.parse_args()
    return own(options.html) if options.html else run(options)


if __name__ == "__main__":
    sys.exit(main())
