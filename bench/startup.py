"""Start-up: CPU seconds of `ycaudit --version` and `--help`, beside a bare Python.

.venv/bin/python bench/startup.py
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

ROUNDS = 9
CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "ycaudit --version": [sys.executable, "-m", "ycaudit", "--version"],
    "ycaudit --help": [sys.executable, "-m", "ycaudit", "--help"],
    "ycaudit validate --help": [sys.executable, "-m", "ycaudit", "validate", "--help"],
}


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    costs: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all alike
        for name, command in CASES.items():
            costs[name].append(cpu_seconds(command))
    base = statistics.median(costs["python -c pass"])
    for name, seconds in costs.items():
        median = statistics.median(seconds)
        print(f"{name:26} {median:6.3f} CPU s   {median / base:5.1f} × bare Python")


if __name__ == "__main__":
    main()
