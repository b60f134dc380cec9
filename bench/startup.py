"""What a command costs before it does anything: CPU seconds, beside a bare Python.

    python bench/startup.py [--save NAME]

`check` looks at one plain page that carries what is asked for, once by its markup and once by the
browser, whose processes are counted, too.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from contest import heading, save

ROUNDS = 9
RULES = """\
name: 链接
requirements:
  - id: portal
    name: 门户
    kind: link
    accept: [{host: www.yichang.gov.cn}]
"""
PAGE = (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><title>某局</title><h1>某局门户网站</h1>'
    '<p><a href="http://www.yichang.gov.cn/">中国·宜昌网</a></p>'
    + "".join(f'<p><a href="/{n}.html">第 {n} 条通知公告</a></p>' for n in range(30))
).encode()


class Plain(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def homepage() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def cases(url: str, rules: Path) -> dict[str, list[str]]:
    program = [sys.executable, "-m", "ycaudit"]
    check = [*program, "check", url, "--rules", str(rules), "--allow-private"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ycaudit --version": [*program, "--version"],
        "ycaudit --help": [*program, "--help"],
        "ycaudit check --help": [*program, "check", "--help"],
        "ycaudit check URL --observer static": [*check, "--observer", "static"],
        "ycaudit check URL": check,
    }


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--save", metavar="NAME", help="also to bench/results/NAME.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, homepage() as url:
        os.environ["YCAUDIT_HISTORY"] = folder
        rules = Path(folder, "rules.yaml")
        rules.write_text(RULES, encoding="utf-8")
        known = cases(url, rules)
        costs: dict[str, list[float]] = {name: [] for name in known}
        for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all alike
            for name, command in known.items():
                costs[name].append(cpu_seconds(command))
    base = statistics.median(costs["python -c pass"])
    lines = [
        f"{heading()}\nMedians of {ROUNDS} interleaved rounds.\n",
        "| command | CPU s | × bare Python |",
        "|---|--:|--:|",
    ]
    for name, seconds in costs.items():
        median = statistics.median(seconds)
        lines.append(f"| `{name}` | {median:.2f} | {median / base:.0f} |")
    print("\n".join(lines))
    if asked.save:
        save(asked.save, "What a command costs", "\n".join(lines))


if __name__ == "__main__":
    main()
