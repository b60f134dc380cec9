"""Writes the table of docs/zoo.md: python tests/zoo/table.py > docs/zoo.md

Every animal is looked at alone, in a process of its own, so that its time and memory are its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from zoo_cases import ANIMALS, Animal
from zoo_keeper import keeping
from zoo_run import Seen, measured, names_known, reports_of, unit_for

from ycaudit.model import Page

HEAD = """# The zoo

Hostile and broken sites, as the tests keep them (`tests/zoo`): what each does, what comes of it
without a browser, and what it costs. A site of the zoo shows the link and the code that are asked
for, except where the table says otherwise. So *pass* means that the trick did not keep ycaudit from
seeing them, *undetermined* that what could not be seen is not held against the unit, and *fail*
that they truly are not there.

Made by `python tests/zoo/table.py > docs/zoo.md`, each animal in a process of its own: the seconds
of all its looks, and the highest memory of the process and its children (90 MB is the program).

| animal | what it does | outcome | what a clerk is told | s | MB |
|---|---|---|---|--:|--:|"""


def main() -> None:
    print(HEAD)
    for animal in ANIMALS:
        done = subprocess.run(
            [sys.executable, __file__, animal.name], capture_output=True, text=True, check=False
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
        print(_row(animal, told) if told else f"| {animal.name} | broken: {done.stderr[-300:]} |")
        sys.stdout.flush()


def _row(animal: Animal, told: dict[str, object]) -> str:
    wrong = "" if told["outcome"] == animal.outcome else f" (**must be {animal.outcome}**)"
    reason = str(told["told"]).replace("|", "\\|").replace("<", "&lt;")
    return (
        f"| {animal.name} | {animal.what} | {told['outcome']}{wrong} | {reason} "
        f"| {told['seconds']} | {told['megabytes']} |"
    )


def alone(name: str) -> None:
    """One animal: what came of it, as JSON."""
    animal = next(a for a in ANIMALS if a.name == name)
    seen = Seen()
    with keeping() as keeper, names_known():
        unit = unit_for(animal, keeper)
        with measured(seen):
            seen.reports = reports_of(keeper, [unit])
    report = seen.reports[name]
    remarks = [r for s in report.observations if isinstance(s, Page) for r in map(str, s.remarks)]
    open_ones = [v.reason for v in report.verdicts if v.outcome != "pass"]
    words = [*dict.fromkeys(open_ones), *dict.fromkeys(remarks)]
    print(
        json.dumps(
            {
                "outcome": report.outcome,
                "told": "; ".join(words)[:200],
                "seconds": round(report.seconds, 1),
                "megabytes": seen.peak_bytes >> 20,
            }
        )
    )


if __name__ == "__main__":
    alone(sys.argv[1]) if len(sys.argv) > 1 else main()
