"""A long scan of healthy units with the animals of the zoo among them: memory, and nothing lost.

    python bench/soak.py [--units 10000] [--every 10]

Every so many units is an animal (tests/zoo), the others are healthy. The program runs as it is
installed, with its usual limits and without a browser. Told is the memory of the program and its
children in each tenth of the run, and whether every unit came out once and as it must.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "zoo"))

from zoo_cases import ANIMALS, WORD, Animal, at, pages
from zoo_keeper import HOST, Keeper, keeping, site
from zoo_run import resident

RULES = f"""name: zoo
requirements:
  - {{id: link, name: 门户, kind: link, accept: [{{host: p.test}}]}}
  - {{id: code, name: 动物园, kind: qr, accept: [{{payload: "{WORD}"}}]}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--units", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=10)
    asked = parser.parse_args()
    # The name server of the zoo lives in the process of the tests.
    animals = [a for a in ANIMALS if not a.name.startswith("dns-")]
    with TemporaryDirectory() as folder, keeping() as keeper:
        here = Path(folder)
        wanted = write_lists(here, keeper, animals, asked.units, asked.every)
        memory, seconds = run(here)
        found = outcomes(here / "out.jsonl")
    tell(wanted, found, memory, seconds)


def write_lists(
    here: Path, keeper: Keeper, animals: Sequence[Animal], units: int, every: int
) -> dict[str, str]:
    """The list and the rules; what must come of each unit."""
    urls = {animal.name: animal.start(keeper) for animal in animals}
    well = at(keeper.open(site(pages())))
    wanted: dict[str, str] = {}
    lines = ["units:"]
    for number in range(units):
        animal = animals[number // every % len(animals)] if number % every == 0 else None
        name = f"{animal.name if animal else 'healthy'}-{number}"
        wanted[name] = animal.outcome if animal else "pass"
        url = urls[animal.name] if animal else f"{well}?{number}"
        lines.append(f'  - {{id: {name}, name: {name}, url: "{url}", intranet: [{HOST}/32]}}')
    (here / "targets.yaml").write_text("\n".join(lines), encoding="utf-8")
    (here / "rules.yaml").write_text(RULES, encoding="utf-8")
    return wanted


def run(here: Path) -> tuple[list[int], float]:
    """Bytes in use, once a second, and how long it took."""
    began = time.perf_counter()
    with (here / "out.jsonl").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ycaudit", "scan", "--rules", "rules.yaml", "--observer",
             "static", "--format", "jsonl", "--history", "h.sqlite3", "--no-cache"],
            cwd=here, stdout=out,
        )  # fmt: skip
        memory = []
        while process.poll() is None:
            memory.append(resident(process.pid))
            time.sleep(1)
    return memory, time.perf_counter() - began


def outcomes(file: Path) -> list[tuple[str, str, str]]:
    found = []
    for line in file.read_bytes().splitlines():
        report = json.loads(line)
        why = " | ".join(dict.fromkeys(v["reason"] for v in report["verdicts"]))
        found.append((report["target"]["id"], report["outcome"], why))
    return found


def tell(
    wanted: dict[str, str], found: list[tuple[str, str, str]], memory: list[int], seconds: float
) -> None:
    print(f"{len(wanted)} units in {seconds:.0f} s ({len(wanted) / seconds:.0f} a second)")
    tenth = max(1, len(memory) // 10)
    parts = [memory[n : n + tenth] for n in range(0, len(memory), tenth)]
    print("peak MB in each tenth:", " ".join(str(max(part) >> 20) for part in parts))
    times = Counter(name for name, _, _ in found)
    lost, twice = wanted.keys() - times.keys(), [n for n, count in times.items() if count > 1]
    print(f"lost: {len(lost)}, twice: {len(twice)}")
    wrong = [(n, o, w) for n, o, w in found if o != wanted[n]]
    print(f"otherwise than they must be: {len(wrong)}")
    kinds = Counter((n.rpartition("-")[0], wanted[n], o) for n, o, _ in wrong)
    for (kind, must, outcome), count in kinds.most_common(20):
        why = next(w for n, _, w in wrong if n.startswith(kind))
        print(f"  {count} × {kind}: {outcome}, must be {must}: {why[:160]}")
    sys.exit(bool(lost or twice or any(must != "undetermined" and o != "undetermined"
                                       for (_, must, o) in kinds)))  # fmt: skip


if __name__ == "__main__":
    main()
