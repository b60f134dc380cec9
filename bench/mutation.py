"""Mutation testing of what decides: how many small changes of the code does no test notice?

    pip install cosmic-ray
    python bench/mutation.py [--most 60] [--seed 1] [--module base link qr connect markup]

Works on a copy of the project, since mutants are written into the files. Of all mutants of a module
a sample is tried, each by the tests that are about it; what survives is told with its change.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    "base": ("src/ycaudit/rules/base.py", "tests/rules tests/inputs/test_yaml_document.py"),
    "link": ("src/ycaudit/rules/link.py", "tests/rules tests/observe/test_redirects.py"),
    "qr": ("src/ycaudit/rules/qr.py", "tests/rules tests/observe/test_redirects.py"),
    "connect": ("src/ycaudit/net/connect.py", "tests/net"),
    "markup": ("src/ycaudit/observe/static/markup.py", "tests/observe/static"),
}
CONFIG = """[cosmic-ray]
module-path = "{module}"
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--module", nargs="+", choices=MODULES, default=list(MODULES))
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".venv", ".git", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for name in asked.module:
            told(name, copy, asked.most, asked.seed)


def told(name: str, copy: Path, most: int, seed: int) -> None:
    module, tests = MODULES[name]
    (copy / f"{name}.toml").write_text(
        CONFIG.format(module=module, tests=tests, python=sys.executable)
    )
    ray(copy, "init", f"{name}.toml", f"{name}.sqlite")
    total = sample(copy / f"{name}.sqlite", most, seed)
    ray(copy, "exec", f"{name}.toml", f"{name}.sqlite")
    with closing(sqlite3.connect(copy / f"{name}.sqlite")) as db:
        results = db.execute(
            "SELECT r.test_outcome, m.start_pos_row, m.operator_name, r.diff FROM work_results r "
            "JOIN mutation_specs m ON m.job_id = r.job_id"
        ).fetchall()
    lived = [row for row in results if "SURVIVED" in str(row[0]).upper()]
    killed = len(results) - len(lived)
    print(f"{name}: {killed} of {len(results)} killed (of {total} mutants)", flush=True)
    for _, row, operator, diff in lived:
        changed = [
            line for line in str(diff).splitlines()
            if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]  # fmt: skip
        print(f"  survived: line {row}, {operator}\n    " + "\n    ".join(changed), flush=True)


def ray(copy: Path, *words: str) -> None:
    import os

    environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [str(Path(sys.executable).with_name("cosmic-ray")), *words],
        cwd=copy, env=environment, check=True,
    )  # fmt: skip


def sample(file: Path, most: int, seed: int) -> int:
    """Keep so many of the mutants, by chance; how many there were."""
    with closing(sqlite3.connect(file)) as db:
        # `str | None` of an annotation is never evaluated: those mutants change nothing.
        annotations = "DELETE FROM mutation_specs WHERE operator_name LIKE '%BitOr%'"
        db.execute(annotations)
        db.execute("DELETE FROM work_items WHERE job_id NOT IN (SELECT job_id FROM mutation_specs)")
        jobs = sorted(row[0] for row in db.execute("SELECT job_id FROM mutation_specs"))
        kept = set(random.Random(seed).sample(jobs, min(most, len(jobs))))
        gone = [(job,) for job in jobs if job not in kept]
        db.executemany("DELETE FROM mutation_specs WHERE job_id = ?", gone)
        db.executemany("DELETE FROM work_items WHERE job_id = ?", gone)
        db.commit()
    return len(jobs)


if __name__ == "__main__":
    main()
