"""What commands over a stored run cost by its size, in CPU seconds and memory: are they linear?

    python bench/stored.py [--units 1000 10000] [--rounds N] [--save NAME]

The runs are made here, without a network: each unit has a homepage of 66 links and two files of
evidence, every fifth unit fails, and every seventh is in doubt. Each command is a program of its
own, and the sizes take turns in each round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import measure
from contest import heading, save

from desk import RULES, run_of
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.runs.history import opened

DAYS = (0, 14)
FORMATS = ("json", "jsonl", "csv", "html", "xlsx", "sarif", "undetermined", "form")
SUFFIX = {"undetermined": "undetermined:u.docx", "form": "form:f.xlsx"}


def city(folder: Path, units: int) -> None:
    """A folder with a history of two runs, the evidence of the second, its rules and its list."""
    with opened(folder / "history.sqlite3") as kept:
        for day in DAYS:
            run = run_of(units, day)
            kept.save(run)
    store = EvidenceStore.opened(folder / "proof", 1 << 40, run=run.id)
    for number, report in enumerate(run.reports):
        about = {"unit": report.target.id, "url": report.target.url}
        store.put("html", b"%09d" % number * 1000, **about)
        store.put("headers", b"%09d" % number, **about)
    store.finish(run)
    requirements = "".join(
        f"  - {{id: {r.id}, name: {r.name}, kind: link, accept: [{{host: {r.id}.test}}]}}\n"
        for r in RULES
    )
    (folder / "rules.yaml").write_text(f"name: 规定\nrequirements:\n{requirements}", "utf-8")
    listed = "".join(
        f"  - {{id: u{n}, name: 第{n}单位, url: 'http://u{n}.test/'}}\n" for n in range(units)
    )
    (folder / "targets.yaml").write_text(f"units:\n{listed}", "utf-8")


def commands() -> Iterable[tuple[str, ...]]:
    yield ("show", "last")
    for name in FORMATS:
        yield ("show", "last", "--output", SUFFIX.get(name, f"out.{name}"))
    yield ("judge", "last", "--rules", "rules.yaml", "--no-history", "--fail-on", "never")
    yield ("verify", "proof")
    yield ("diff", run_of(0, DAYS[0]).id, run_of(0, DAYS[1]).id)
    yield ("history",)
    yield ("history", "--unit", "u1")
    yield ("validate", "targets.yaml", "--rules", "rules.yaml")


def cost(folder: Path, words: tuple[str, ...]) -> measure.Cost:
    """Of one command in this folder."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        with Path(os.devnull).open("wb") as out, (folder / "err").open("wb") as err:
            found = measure.run(
                [sys.executable, "-m", "ycaudit", *words], out=out, err=err,
                env={"YCAUDIT_HISTORY": "history.sqlite3"},
            )  # fmt: skip
    finally:
        os.chdir(here)
    if found.code not in (0, 1):  # 1: diff tells that something has changed
        sys.exit(f"{words}: exit {found.code}: {(folder / 'err').read_text()[-500:]}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--units", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", metavar="NAME", help="also to bench/results/NAME.md")
    asked = parser.parse_args()
    found: dict[tuple[tuple[str, ...], int], list[measure.Cost]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        for units in asked.units:
            (Path(name) / str(units)).mkdir()
            city(Path(name) / str(units), units)
        for _ in range(asked.rounds):
            for words in commands():
                for units in asked.units:
                    found[words, units].append(cost(Path(name) / str(units), words))
    text = table(found, asked.units, asked.rounds)
    print(text)
    if asked.save:
        save(asked.save, "Commands over a stored run", text)


def table(
    found: dict[tuple[tuple[str, ...], int], list[measure.Cost]], sizes: list[int], rounds: int
) -> str:
    """A row a command; the last column is the largest size by the smallest."""
    lines = [f"{heading()}\nMedians of {rounds} interleaved rounds.\n"]
    columns = "".join(f" {n:,} units: CPU s | peak MB |" for n in sizes)
    lines += [f"| command |{columns} CPU × |", "|---|" + "--:|--:|" * len(sizes) + "--:|"]
    for words in dict.fromkeys(words for words, _ in found):
        costs = [found[words, n] for n in sizes]
        cpu = [statistics.median(c.cpu for c in some) for some in costs]
        peak = [statistics.median(c.peak for c in some) for some in costs]
        cells = "".join(f" {c:.2f} | {p:.0f} |" for c, p in zip(cpu, peak, strict=True))
        shown = " ".join(word for word in words if word not in ("--fail-on", "never"))
        lines.append(f"| `{shown}` |{cells} {cpu[-1] / cpu[0]:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
