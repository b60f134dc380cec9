"""Kills a scan at random moments, lets it go on, and compares the end with an undisturbed run.

    python bench/resume.py [--times 50] [--units 40] [--seed 1]

Each time: a scan of the embedded city, without a browser, is killed at a moment drawn from
its whole length, once or twice, then goes on with `--resume` to its end. The documents must say the
same of the same units; every evidence file must be as its manifest says.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ycaudit.auditing import demo_city
from ycaudit.cli.demo import serving


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with TemporaryDirectory() as folder, serving() as there:
        here = Path(folder)
        write_lists(here, there, asked.units)
        scan(here, there, "whole", "--history", "whole.sqlite3")
        wanted = settled(here / "whole.json")
        print(f"undisturbed: {len(wanted)} units", flush=True)
        wrong = 0
        for number in range(asked.times):
            found = one(here, there, f"run{number}", asked.units, chance)
            if found != wanted:
                wrong += 1
                print(f"run{number} ended otherwise: {differences(wanted, found)}", flush=True)
    print(f"{asked.times} runs killed and gone on with: {wrong} ended otherwise")
    sys.exit(bool(wrong))


def write_lists(here: Path, there: demo_city.City, units: int) -> None:
    lines = ["units:"]
    for case in list(there.cases)[:units]:
        lines.append(
            f'  - {{id: {case}, name: {case}, url: "http://{case}.city.test:{there.port}/"}}'
        )
    (here / "targets.yaml").write_text("\n".join(lines), encoding="utf-8")
    (here / "rules.yaml").write_bytes((demo_city.folder() / "rules.yaml").read_bytes())


def command(there: demo_city.City, name: str, *more: str) -> list[str]:
    reach = ("--allow-private", "--resolve", f"*:{there.port}:127.0.0.1", "--observer", "static")
    out = (
        "--output",
        f"{name}.json",
        "--evidence",
        f"{name}.proof",
        "--no-cache",
        "--rules",
        "rules.yaml",
    )
    return [sys.executable, "-m", "ycaudit", "scan", *reach, *out, "--jobs", "4", *more]


def scan(here: Path, there: demo_city.City, name: str, *more: str) -> str:
    done = subprocess.run(
        command(there, name, *more), cwd=here, capture_output=True, text=True, check=False
    )
    return done.stderr


def finished(history: Path) -> int:
    """How many reports are on disk."""
    try:
        with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as db:
            (count,) = db.execute("SELECT count(*) FROM reports").fetchone()
    except sqlite3.Error:
        return 0
    return int(count)


def differences(wanted: Any, found: Any) -> str:
    if not isinstance(found, list):
        return str(found)[:600]
    other = [(w, f) for w, f in zip(wanted, found, strict=False) if w != f][:2]
    return f"{len(found)} units; {other}"


def one(here: Path, there: demo_city.City, name: str, units: int, chance: random.Random) -> Any:
    history = ("--history", f"{name}.sqlite3")
    more: tuple[str, ...] = ()
    for _ in range(chance.choice((1, 1, 2))):
        process = subprocess.Popen(
            command(there, name, *history, *more),
            cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        # Some moments lie before the first report, and between two there is a moment, too.
        wanted = chance.randrange(-2, units)
        while process.poll() is None and finished(here / history[1]) < wanted:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.1) if wanted >= 0 else chance.uniform(0, 1))
        process.kill()
        process.wait()
        more = ("--resume",)
    told = scan(here, there, name, *history, "--resume")
    if "no run 'last'" in told:  # killed before it had begun
        told = scan(here, there, name, *history)
    verify = subprocess.run(
        [sys.executable, "-m", "ycaudit", "verify", f"{name}.proof"],
        cwd=here, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = settled(here / f"{name}.json") if (here / f"{name}.json").exists() else told
    twice = Counter(row[0] for row in found).most_common(1)[0][1] > 1 if found else True
    print(f"{name}: {told.splitlines()[0] if told else 'had ended'}", flush=True)
    return f"proof: {verify.stdout}" if verify.returncode else "twice" if twice else found


def settled(file: Path) -> list[tuple[Any, ...]]:
    """What a run says, without times."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return [
        (r["target"]["id"], [(v["requirement"], v["outcome"], v["reason"]) for v in r["verdicts"]])
        for r in document["reports"]
    ]


if __name__ == "__main__":
    main()
