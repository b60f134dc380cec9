"""Compares ycaudit with what a visitor gets, on saved homepages and on variants of them.

    python bench/variants/variants.py --pages-dir DIR                    # 24 sites, 250 variants
    python bench/variants/variants.py --pages-dir DIR --page 117 --keep KEPT    # one of them
    python bench/variants/variants.py --pages-dir DIR --pages 20 --only 'row: own row'
    python bench/variants/variants.py --pages-dir DIR --truth-only       # are the labels right?
    python bench/variants/variants.py --list

Pages 0 to 23 are the sites as they are, pages from 100 on the variants. Exit code 1: something was
passed that is not there, or failed that is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

import run as oracle
from grammar import Page
from grow import FIRST, fingerprint, grow, rules, targets
from serve import Server
from sites import names
from truth import BORDERLINE, Truth, find
from ways import VARIANTS

Truths = dict[int, dict[str, Truth]]


def options() -> argparse.Namespace:
    parser = oracle.parser(__doc__, pages=250, first=FIRST, tabs=2, cache="ycaudit-variants")
    parser.add_argument("--pages-dir", type=Path, help="a folder of saved pages and expected.json")
    parser.add_argument("--no-sites", action="store_true", help="without the sites as they are")
    opt = parser.parse_args()
    if not opt.list and opt.pages_dir is None:
        parser.error("--pages-dir is needed")
    return opt


def numbers(opt: argparse.Namespace) -> list[int]:
    if opt.page is not None:
        return [opt.page]
    alone = opt.no_sites or opt.only
    sites = [] if alone else range(len(names(opt.pages_dir)))
    return [*sites, *range(opt.first, opt.first + opt.pages)]


async def truths_of(opt: argparse.Namespace, pages: list[Page], server: Server) -> Truths:
    """From the cache, which knows a page by all that it is, or found now."""
    file = opt.cache / "truths.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(file.read_text()) if file.exists() else {}
    keys = {x.number: fingerprint(x) for x in pages}
    new = [x for x in pages if keys[x.number] not in known]
    started = time.monotonic()
    for at in range(0, len(new), 20):
        some = await find(new[at : at + 20], server, tabs=opt.tabs, quiet=True)
        for number, truths in some.items():
            if all(x.how != "could not be examined" for x in truths.values()):
                known[keys[number]] = {k: asdict(v) for k, v in truths.items()}
        file.write_text(json.dumps(known, ensure_ascii=False, indent=1))
        print(f"truth: {min(at + 20, len(new))} of {len(new)} pages", end=", ")
        print(f"{time.monotonic() - started:.0f} s", flush=True)
    lost = {"state": BORDERLINE, "how": "could not be examined"}
    return {
        x.number: {
            w.thing.id: Truth(**known.get(keys[x.number], {}).get(w.thing.id, lost))
            for w in x.wants
        }
        for x in pages
    }


async def scan(
    opt: argparse.Namespace, folder: Path, server: Server, pages: list[Page]
) -> dict[str, Any]:
    """The run document of ycaudit, by the oracle's scan with these lists."""
    vars(oracle).update(rules=lambda: rules(pages), targets=targets)
    return await oracle.scan(opt, folder, server, pages)


def print_absent(found: list[oracle.Result]) -> None:
    """Why things that are not there stay in doubt."""
    reasons = Counter(
        x.reason[:90] for x in found if x.kind == oracle.DOUBT and x.truth.state != "present"
    )
    print("doubts of absent things, by reason:")
    for reason, count in reasons.most_common(25):
        print(f"{count:5}  {reason}")


def list_ways() -> None:
    for kind in ("link", "code"):
        for shown in (True, False):
            some = [x.name for x in VARIANTS if x.kinds == kind and x.shown == shown]
            print(f"{kind}, {'shown' if shown else 'hidden'} ({len(some)}): {'; '.join(some)}")


async def compare(opt: argparse.Namespace, folder: Path) -> bool:
    pages = [grow(opt.seed, n, opt.pages_dir, opt.only) for n in numbers(opt)]
    server = Server({x.number: x for x in pages})
    async with await server.start():
        if opt.keep:
            oracle.keep_pages(folder, pages, server.port)
        truths = await truths_of(opt, pages, server)
        oracle.print_labels(pages, truths)
        if opt.truth_only:
            return False
        document = await scan(opt, folder, server, pages)
    if opt.rejudge and not oracle.is_same_again(folder):
        return True
    found = oracle.results(pages, truths, document)
    print_absent(found)
    return oracle.print_results(found)


def main() -> None:
    opt = options()
    if opt.list:
        list_ways()
        return
    if opt.only and opt.only not in {x.name for x in VARIANTS}:
        sys.exit(f"no way is called {opt.only!r}; --list lists them")
    with tempfile.TemporaryDirectory() as temporary:
        folder = opt.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        sys.exit(asyncio.run(compare(opt, folder)))


if __name__ == "__main__":
    main()
