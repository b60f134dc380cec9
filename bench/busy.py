"""Whether a command is green again and again beside busy loops.

python bench/busy.py --times 10 --loops 8 -- ./dev test
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def main() -> int:
    """Run it, tell what came of each time, and return how many times it failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AS_IT_IS)
    parser.add_argument("--times", type=int, default=10, help="how often the command is run")
    parser.add_argument("--loops", type=int, default=8, help="how many busy loops run beside it")
    parser.add_argument("command", nargs="+", help="after --")
    asked = parser.parse_args()
    failed = 0
    for number in range(1, asked.times + 1):
        began = time.monotonic()
        with busy(asked.loops):
            done = subprocess.run(
                asked.command,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
        lines = done.stdout.splitlines()
        failed += done.returncode != 0
        told = lines[-1].strip("= ") if lines else "said nothing"
        print(f"{number}: exit {done.returncode}, {time.monotonic() - began:.0f} s: {told}")
        for line in lines:
            if line.startswith(("FAILED", "ERROR")):
                print(f"   {line}")
        sys.stdout.flush()
    green = asked.times - failed
    print(f"{green} of {asked.times} green beside {asked.loops} busy loops")
    return min(failed, 1)


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """So many processes that do nothing but compute, ended one by one."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


_AS_IT_IS = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    sys.exit(main())
