"""ycaudit beside link checkers and the floor, over a seeded city that nginx serves on this machine.

    python bench/fetching/run.py [--units 300 2000] [--latency 0 50 200] [--rounds 5]
        [--only NAME …] [--tls] [--browser] [--peers DIR] [--results FILE]

Every contestant is a process of its own, started afresh; what is measured is all of it, its start
and the writing of its answer included. Rounds are interleaved, and the median of each is told.
Each answer is read: how many units does it say carry both links, and how many pages did it read?

What the contestants do is not the same, and the table can not make it so:

- lychee, linkchecker and linkinator list the links of each homepage and check none of them.
- `ycaudit-links` looks for the same in the markup, and asks for sheets and scripts only where
  something seems to be missing. `ycaudit-visible` also makes sure that the links are shown;
  `ycaudit-full` asks for six things, four of them QR codes, without a browser.
- `floor-links` fetches the homepages over raw sockets and throws them away. `floor-full` fetches
  what `ycaudit-full` was recorded to ask for, and reads the images with the same effort as it
  must, on all cores.

Set for fairness: no pause between requests and, where the tool has a say in it, at least as many at
once as ycaudit begins with (linkinator's default is 100; linkchecker gets 32 threads and no limit
a second); nothing outside is asked for. `ycaudit-again` has the cache of its earlier rounds.
`lychee --dump` takes one homepage after the other whatever it is told, so its wall time grows with
the latency: compare CPU there. linkchecker and linkinator tell a link once a run, under the first
page that has it, so their answer about both links is right for one unit only: to ask about each
takes a process a unit. They run at up to 300 units, as does what looks at images.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import city
import server
from measure import Cost, run

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUTSIDE = r"^(?!https?://127\.[0-9.]+:[0-9]+/$)"
"""All but the homepages, for tools that take patterns."""

LINKCHECKER = "[checking]\nmaxrequestspersecond=1000000\nsslverify=0\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """Which units are said to carry both links, and how many pages were read."""

    both: frozenset[str]
    read: int


@dataclass(frozen=True, slots=True)
class Field:
    """One list of units at one latency."""

    lists: Path
    urls: list[str]
    port: int
    record: Path


@dataclass(frozen=True, slots=True)
class Contestant:
    """How to run it, and how to read what it says; `of` is what it is compared with."""

    name: str
    command: Callable[[Field], list[str]]
    answer: Callable[[Path], Answer] | None
    floor: str = "floor-links"
    most: int = 1_000_000
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run cost, what the server saw of it, and the answer."""

    cost: Cost
    requests: int
    server_cpu: float
    answer: Answer | None


# --- the contestants -----------------------------------------------------------------------------


def contestants(peers: Path | None, *, browser: bool) -> Iterator[Contestant]:
    yield Contestant("floor-links", lambda f: _floor("links", f.lists / "urls.txt", f.port), None)
    yield _ycaudit("ycaudit-links", "links")
    if tool := found("lychee", peers):
        yield Contestant("lychee", lambda f: _lychee(tool, f), read_lychee)
    yield _ycaudit("ycaudit-visible", "visible")
    if checker := found("linkchecker", peers):
        command = _linkchecker
        yield Contestant(
            "linkchecker", lambda f: command(checker, f), read_linkchecker, most=300, codes=(0, 1)
        )
    if linkinator := found("linkinator", peers):
        yield Contestant(
            "linkinator", lambda f: _linkinator(linkinator, f), read_linkinator, most=300
        )
    full = city.MAX_BODIES
    floor = "floor-full"
    yield Contestant(floor, lambda f: _floor("full", f.record, f.port), None, floor, full)
    yield _ycaudit("ycaudit-full", "full", floor=floor, most=full)
    yield _ycaudit("ycaudit-full-2", "full", "--workers", "2", floor=floor, most=full)
    yield _ycaudit("ycaudit-again", "full", floor=floor, most=full, cached=True)
    if browser:
        yield _ycaudit("ycaudit-browser", "full", observer="auto", floor=floor, most=full)


def found(name: str, peers: Path | None) -> str | None:
    places = [str(p) for p in (peers / "bin", peers / "node_modules/.bin", peers)] if peers else []
    return next(filter(None, (shutil.which(name, path=p) for p in [*places, None])), None)


def _ycaudit(
    name: str,
    rules: str,
    *more: str,
    observer: str = "static",
    floor: str = "floor-links",
    most: int = 1_000_000,
    cached: bool = False,
) -> Contestant:
    def command(field: Field) -> list[str]:
        options = (
            f"--no-history --format jsonl --fail-on never --allow-private --observer {observer}"
            f"{'' if cached else ' --no-cache'}"
        )
        return [
            *(sys.executable, "-m", "ycaudit", "scan", str(field.lists / "targets.yaml")),
            *("--rules", str(field.lists / "rules" / rules)),
            *options.split(),
            *more,
        ]

    return Contestant(name, command, read_ycaudit, floor, most)


def _floor(what: str, file: Path, *more: object) -> list[str]:
    return [sys.executable, str(HERE / "floor.py"), what, str(file), *map(str, more)]


def _lychee(tool: str, field: Field) -> list[str]:
    # -v tells of each link where it stands, and lists hosts in .test, too; --dump checks nothing.
    options = "--dump -v --insecure --host-request-interval 0ms --files-from"
    return [tool, *options.split(), str(field.lists / "urls.txt")]


def _linkchecker(tool: str, field: Field) -> list[str]:
    config = field.lists / "linkcheckerrc"
    config.write_text(LINKCHECKER)
    options = "-t 32 -r 1 -v -o csv --no-robots --no-status --no-warnings --ignore-url"
    return [tool, "-f", str(config), *options.split(), OUTSIDE, *field.urls]


def _linkinator(tool: str, field: Field) -> list[str]:
    options = "--format json --verbosity debug --allow-insecure-certs --skip"
    return [tool, *field.urls, *options.split(), OUTSIDE]


# --- their answers -------------------------------------------------------------------------------


def _answer(pairs: Iterable[tuple[str, str]]) -> Answer:
    """Of (page, link) as told."""
    links: dict[str, set[str]] = defaultdict(set)
    for page, link in pairs:
        links[page].add(link)
    wanted = set(city.PORTALS.values())
    return Answer(frozenset(p for p, told in links.items() if wanted <= told), len(links))


def read_ycaudit(file: Path) -> Answer:
    both, read = set(), 0
    with file.open("rb") as lines:
        for line in lines:
            report = json.loads(line)
            passed = {
                verdict["requirement"]
                for verdict in report["verdicts"]
                if verdict["outcome"] == "pass"
            }
            read += any("links" in observation for observation in report["observations"])
            if set(city.PORTALS) <= passed:
                both.add(report["target"]["url"])
    return Answer(frozenset(both), read)


def read_lychee(file: Path) -> Answer:
    told = re.finditer(r"^(\S+) \((https?://\S+)\)", file.read_text("utf-8"), re.MULTILINE)
    return _answer((match[2], match[1]) for match in told)


def read_linkchecker(file: Path) -> Answer:
    with file.open(encoding="utf-8", errors="replace") as text:
        rows = csv.DictReader((x for x in text if not x.startswith("#")), delimiter=";")
        return _answer((r["parentname"], r["url"]) for r in rows if r["parentname"])


def read_linkinator(file: Path) -> Answer:
    links = json.loads(file.read_text("utf-8"))["links"]
    return _answer((x["parent"], x["url"]) for x in links if "parent" in x)


# --- the runs ------------------------------------------------------------------------------------


def one(contestant: Contestant, field: Field, nginx: server.Server) -> Run:
    out, err = field.lists / f"{contestant.name}.out", field.lists / f"{contestant.name}.err"
    requests, cpu = nginx.requests(), nginx.cpu()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        cost = run(
            contestant.command(field),
            out=stdout,
            err=stderr,
            env={
                "PYTHONPATH": str(ROOT / "src"),
                "PYTHONUTF8": "1",
                "PYTHONDONTWRITEBYTECODE": "",  # as installed: compiled once, not at each start
                "YCAUDIT_CACHE": str(field.lists / f"{contestant.name}.sqlite3"),
            },
        )
    cpu = nginx.cpu() - cpu
    requests = nginx.requests() - requests - 1
    if cost.code not in contestant.codes:
        tail = err.read_text("utf-8", "replace")[-800:]
        raise SystemExit(f"{contestant.name} ended with {cost.code}:\n{tail}")
    answer = contestant.answer(out) if contestant.answer else None
    return Run(cost, requests, cpu, answer)


def record(field: Field, work: Path, sites: Path, latency: int, *, tls: bool) -> None:
    """Write down what a full audit asks for."""
    raw = work / "asked.log"
    raw.unlink(missing_ok=True)
    audit = _ycaudit("recorded", "full")
    with server.running(work, sites, [latency], tls=tls, record=raw) as nginx:
        one(audit, field, nginx)
    lines = []
    for line in raw.read_text().splitlines():
        address, port, path = line.split()
        lines.append(f"{address} {port if int(port) == city.COMMON_PORT else 0} {path}\n")
    field.record.write_text("".join(lines))


def measured(
    units: int, latencies: Sequence[int], taking: Sequence[Contestant], asked: argparse.Namespace
) -> Iterator[str]:
    """The rows of so many units."""
    town = city.built(units, asked.seed)
    work = town.folder / "work"
    sites = town.folder / "sites"
    fields: dict[int, Field] = {}
    for latency in latencies:
        lists = work / f"{units}-{latency}"
        port = server.PORT + latency
        tls = server.TLS_PORT + latency if asked.tls else None
        fields[latency] = Field(
            lists, town.write_lists(lists, port, tls), port, work / f"{units}.asked"
        )
    taking = [c for c in taking if units <= c.most]
    if any(c.name == "floor-full" for c in taking):
        say(f"{units} units: recording what a full audit asks for")
        record(fields[latencies[0]], work, sites, latencies[0], tls=asked.tls)
    with server.running(work, sites, latencies, tls=asked.tls) as nginx:
        for latency in latencies:
            field = fields[latency]
            one(
                Contestant(
                    "warm-up", lambda f: _floor("links", f.lists / "urls.txt", f.port), None
                ),
                field,
                nginx,
            )
            runs: dict[str, list[Run]] = defaultdict(list)
            for number in range(asked.rounds):
                turn = number % max(1, len(taking))
                for contestant in (*taking[turn:], *taking[:turn]):
                    got = one(contestant, field, nginx)
                    runs[contestant.name].append(got)
                    say(
                        f"{units} units, {latency} ms, round {number + 1}: {contestant.name} "
                        f"{got.cost.wall:.2f} s, {got.cost.cpu:.2f} CPU s"
                    )
            truth = frozenset(url for i, url in enumerate(field.urls) if town.truth(i).both)
            for contestant in taking:
                told = row(units, latency, contestant, runs, truth)
                say(told)  # already here, in case that the rest takes too long
                yield told


# --- the table -----------------------------------------------------------------------------------

HEAD = (
    "| units | latency | contestant | wall s | spread | CPU s | peak MB | units/s | requests "
    "| requests/CPU s | wall, CPU ÷ floor | wall, CPU ÷ lychee | both links found | pages read "
    "| server CPU s |\n|--:|--:|---|" + "--:|" * 12
)


def row(
    units: int, latency: int, c: Contestant, runs: dict[str, list[Run]], truth: frozenset[str]
) -> str:
    def middle(of: Callable[[Run], float], name: str = c.name) -> float:
        return statistics.median(map(of, runs[name]))

    def ratio(other: str) -> str:
        if other not in runs or other == c.name:
            return "–"
        wall = middle(lambda r: r.cost.wall) / middle(lambda r: r.cost.wall, other)
        cpu = middle(lambda r: r.cost.cpu) / middle(lambda r: r.cost.cpu, other)
        return f"{wall:.1f}, {cpu:.1f}"

    wall, cpu = middle(lambda r: r.cost.wall), middle(lambda r: r.cost.cpu)
    walls = [r.cost.wall for r in runs[c.name]]
    requests = middle(lambda r: r.requests)
    answers = [r.answer for r in runs[c.name] if r.answer is not None]
    both = read = "–"
    if answers:
        worst = min(answers, key=lambda a: len(a.both & truth))
        wrong = max(len(a.both - truth) for a in answers)
        both = f"{len(worst.both & truth)} of {len(truth)}" + (f", {wrong} wrong" if wrong else "")
        read = str(min(a.read for a in answers))
    cells = (
        units,
        f"{latency} ms",
        c.name,
        f"{wall:.2f}",
        f"{min(walls):.2f}–{max(walls):.2f}",
        f"{cpu:.2f}",
        f"{middle(lambda r: r.cost.peak):.0f}",
        f"{units / wall:.0f}",
        f"{requests:.0f}",
        f"{requests / cpu:.0f}",
        ratio(c.floor),
        ratio("lychee") if c.floor == "floor-links" else "–",
        both,
        read,
        f"{middle(lambda r: r.server_cpu):.2f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def versions(peers: Path | None) -> Iterator[str]:
    from ycaudit import __version__

    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    yield f"ycaudit {__version__} ({commit})"
    for name in ("lychee", "linkchecker", "linkinator", "nginx"):
        if tool := found(name, peers):
            asked = [tool, "-v" if name == "nginx" else "--version"]
            told = subprocess.run(asked, capture_output=True, text=True, check=False)
            number = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
            yield f"{name} {number[0] if number else '?'}"


def machine() -> str:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = cpu[1] if cpu else platform.machine()
    return f"{os.cpu_count()} cores ({name}), Python {platform.python_version()}"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--units", type=int, nargs="+", default=[300, 2000])
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 50, 200])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], help="names of contestants")
    parser.add_argument("--tls", action="store_true", help="every tenth unit on TLS, self-signed")
    parser.add_argument("--browser", action="store_true", help="also with a browser")
    parser.add_argument("--peers", type=Path, help="a venv or npm folder that holds the peers")
    parser.add_argument("--results", type=Path, help="also write the table to this file")
    asked = parser.parse_args()
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nginx is stopped, too
    known = list(contestants(asked.peers, browser=asked.browser))
    taking = [c for c in known if not asked.only or c.name in asked.only]
    for name in {"lychee", "linkchecker", "linkinator"} - {c.name for c in known}:
        say(f"{name} is neither on PATH nor in --peers: the others run without it")
    if not taking:
        raise SystemExit(f"--only: the contestants are {', '.join(c.name for c in known)}")
    rows = [row for units in asked.units for row in measured(units, asked.latency, taking, asked)]
    chosen = [
        f"--{k} {shlex.join(map(str, v))}" for k in ("units", "latency") if (v := getattr(asked, k))
    ]
    command = f"python bench/fetching/run.py {' '.join(chosen)} --rounds {asked.rounds}"
    note = (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}\n\n{', '.join(versions(asked.peers))}\n\n"
        f"Medians of {asked.rounds} rounds; `{command}`"
    )
    text = "\n".join((note, "", HEAD, *rows))
    print(text)
    if asked.results:
        asked.results.parent.mkdir(parents=True, exist_ok=True)
        asked.results.write_text(f"# Fetching\n\n{text}\n", "utf-8")


if __name__ == "__main__":
    main()
