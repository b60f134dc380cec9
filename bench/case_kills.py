"""Kills a scan that writes a case file at random moments: what is finished stays whole.

    python bench/case_kills.py --moments 50 [--seed 1] [--observer static]

Each time the scan of the demo city is killed (SIGKILL) and gone on with; then its case file is
verified and judged again. Exit code 1: a case file was not as it must be.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from ycaudit.auditing import demo_city
from ycaudit.cli.demo import serving


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--moments", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--observer", default="static")
    opt = asked.parse_args()
    chance = random.Random(opt.seed)
    wrong = killed = 0
    with serving() as there, tempfile.TemporaryDirectory() as folder:
        whole = _scanned(Path(folder) / "whole", there, opt.observer, None)
        print(f"undisturbed: {whole.seconds:.1f} s")
        for number in range(opt.moments):
            moment = chance.uniform(0.3, whole.seconds)
            found = _scanned(Path(folder) / str(number), there, opt.observer, moment)
            killed += found.killed
            wrong += bool(found.trouble)
            print(f"{moment:5.1f} s: {'killed' if found.killed else 'over'} {found.trouble}")
    print(f"{killed} killed, {wrong} wrong")
    return 1 if wrong else 0


class Found:
    """What came of one scan."""

    def __init__(self, *, seconds: float, killed: bool, trouble: str) -> None:
        self.seconds, self.killed, self.trouble = seconds, killed, trouble


def _scanned(folder: Path, there: demo_city.City, observer: str, moment: float | None) -> Found:
    folder.mkdir()
    listed = [
        {"id": u.target.id, "name": u.target.name, "url": u.target.url, "tags": [*u.target.tags]}
        for u in there.units(())
    ]
    targets = folder / "targets.yaml"
    targets.write_text(yaml.safe_dump({"units": listed}, allow_unicode=True), encoding="utf-8")
    case, history = folder / "city.wacz", folder / "h.sqlite3"
    scan = [
        *("scan", targets, "--rules", demo_city.folder() / "rules.yaml", "--case", case, "--quiet"),
        *("--history", history, "--observer", observer, "--allow-private", "--timeout", "240"),
        *(x for (h, p), a in there.resolve.items() for x in ("--resolve", f"{h}:{p}:{a[0]}")),
    ]
    began = time.monotonic()
    process = subprocess.Popen(_command(scan), stderr=subprocess.DEVNULL, start_new_session=True)
    killed = False
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        killed = True
    seconds = time.monotonic() - began
    said = ""
    if killed:
        if case.exists() and _run("verify", case, "--history", history)[0]:
            return Found(seconds=seconds, killed=killed, trouble="half a case file")
        code, said = _run(*scan, "--resume")
        if (code == 2 and "no run" in said) or "nothing" in said:
            code, said = _run(*scan)
    code, told = _run("verify", case, "--history", history, "--rejudge")
    left = [p.name for p in folder.iterdir() if p.name.endswith(".looks")]
    trouble = "" if code == 0 and not left else f"{said} {told} {left}"
    return Found(seconds=seconds, killed=killed, trouble=trouble)


def _command(words: Sequence[object]) -> list[str]:
    return [sys.executable, "-m", "ycaudit", *map(str, words)]


def _run(*words: object) -> tuple[int, str]:
    done = subprocess.run(_command(words), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
