"""Looks at the zoo as the program does, and notes what it cost."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo_cases import BOTH, WORD, Animal, at, http, lookups, pages
from zoo_keeper import HOST, Keeper, site

from ycaudit.auditing.engine import Pace
from ycaudit.auditing.runtime import MakeArchive, Runtime, recording
from ycaudit.model import Page, Target, UnitReport, Unseen
from ycaudit.net.client import Limits, Options
from ycaudit.observe.archive import ReplayedArchive
from ycaudit.observe.browser.chromium import find_browser
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.evidence import EvidenceStore
from ycaudit.runs.recording import Recording, read_from

HEALTHY = 50
SECONDS = 300.0
THREADS = 4
"""As on a machine of so many processors: each has processes of its own, which take memory."""
PATIENT = Limits(
    dns=60, connect=60, read=60, homepage=60, resource=60, retry_pause=0, patience=8
)  # fmt: skip
"""No busy machine uses these up."""
HASTY = Limits(dns=1, connect=3, read=3, homepage=8, resource=8, retry_pause=0)
MOST_BYTES = 2 << 30
HASTY_SECONDS = 8.0
"""For those that only a limit of time ends: no more than shows it."""
HANGING = {
    "static": {"silence", "drip", "dns-dead", "tls-none", "sheet-cut"},
    "browser": {
        "drip", "dns-dead", "half-without", "html-50MB-late", "images-10000", "script-loop-first",
        "script-eater-first", "script-regex-first", "script-ping-pong",
    },
}  # fmt: skip
RULES = (
    LinkRequirement(id="link", name="门户", kind="link", accept=[{"host": "p.test"}]),
    QrRequirement(id="code", name="动物园", kind="qr", accept=[{"payload": WORD}]),
)


@dataclass(slots=True)
class Seen:
    """What came of a scan."""

    units: list[Unit] = field(default_factory=list)
    reports: dict[str, UnitReport] = field(default_factory=dict)
    peak_bytes: int = 0
    before_bytes: int = 0
    """Of whoever runs the zoo: a process of many tests has used some already."""
    inside: list[str] = field(default_factory=list)
    """Requests that reached what is closed to the units."""
    lookups: list[str] = field(default_factory=list)

    def told(self, name: str) -> list[str]:
        """All that a clerk is told of one."""
        report = self.reports[name]
        words = [verdict.reason for verdict in report.verdicts]
        for observation in report.observations:
            if isinstance(observation, Page):
                spots = (spot.why for spot in observation.blind_spots)
                words += map(str, (*observation.remarks, *spots))
            elif isinstance(observation, Unseen):
                words.append(f"{observation.why} {observation.why.detail}")
        return list(dict.fromkeys(words))


def unit_of(name: str, url: str, *, intranet: tuple[str, ...] = (f"{HOST}/32",)) -> Unit:
    target = Target(id=name, name=name, url=url, intranet=intranet)
    return Unit(target=target, requirements=RULES)


def unit_for(animal: Animal, keeper: Keeper) -> Unit:
    """The animal, let out."""
    return unit_of(animal.name, animal.start(keeper), intranet=(f"{HOST}/32", *animal.also))


def scanned(keeper: Keeper, animals: Sequence[Animal], proof: Path) -> Seen:
    """All of them in one scan without a browser, healthy units between them; recorded."""
    inside = keeper.open(site({"/inside": http(b"secret")}), host="127.0.0.1")
    well = keeper.open(site(pages()))
    healthy = [unit_of(f"healthy-{n}", at(well, "/")) for n in range(HEALTHY)]
    odd = [unit_for(animal, keeper) for animal in animals]
    seen = Seen(units=[*mixed([*odd, *_inward(keeper, inside)], healthy)])
    with measured(seen):
        seen.reports = reports_of(keeper, seen.units, store=EvidenceStore(proof, MOST_BYTES))
    seen.inside = _led_inside(keeper, inside)
    return seen


def browsed(keeper: Keeper, animals: Sequence[Animal]) -> Seen:
    """Some of them through a browser."""
    inside = keeper.open(site({"/inside": http(b"secret")}), host="127.0.0.1")
    well = keeper.open(site(pages()))
    units = [unit_for(animal, keeper) for animal in animals]
    units += [unit_of("healthy-0", at(well)), *_inward(keeper, inside)]
    seen = Seen()
    with measured(seen):
        seen.reports = reports_of(keeper, units, observer="browser")
    seen.inside = _led_inside(keeper, inside)
    return seen


def _inward(keeper: Keeper, port: int) -> Iterator[Unit]:
    """Units that ask for what is inside, as content and as the homepage itself."""
    url = f"http://127.0.0.1:{port}/inside"
    asks = f'<img src="{url}"><iframe src="{url}"></iframe><link rel="stylesheet" href="{url}">'
    yield unit_of("inward", at(keeper.open(site(pages(BOTH + asks)))))
    away = http(b"", "text/html", f"Location: {url}", status="302 Found")
    yield unit_of("sent-inward", at(keeper.open(site({"/": away}))))


def _led_inside(keeper: Keeper, port: int) -> list[str]:
    """By its whole address and path: an animal may have the same port of another address, and a
    visitor of another test of this machine asks for other paths."""
    return [url for url in keeper.asked if url.startswith(f"http://127.0.0.1:{port}/inside")]


def mixed(odd: Sequence[Unit], healthy: Sequence[Unit]) -> Iterator[Unit]:
    """A healthy one after every other, as far as there are some."""
    rest = iter(healthy)
    for number, unit in enumerate(odd):
        yield unit
        if number % 2 and (one := next(rest, None)):
            yield one
    yield from rest


def reports_of(
    keeper: Keeper,
    units: Iterable[Unit],
    *,
    observer: str = "static",
    store: EvidenceStore | None = None,
) -> dict[str, UnitReport]:
    """One scan, as `ycaudit scan` does it; those that hang have limits of their own.

    With `store`, each look is recorded in it.
    """
    reports: dict[str, UnitReport] = {}
    rest, hanging = [], []
    for unit in units:
        (hanging if unit.target.id in HANGING[observer] else rest).append(unit)

    async def scan(runtime: Runtime, units: Sequence[Unit], seconds: float) -> None:
        await runtime.scan(
            units,
            [observer],
            done=lambda index, report: reports.__setitem__(report.target.id, report),
            pace=Pace(units=64, seconds=seconds),
        )

    async def by_markup() -> None:
        async with running(PATIENT, store) as runtime:
            await scan(runtime, rest, SECONDS)
        async with running(HASTY, store) as runtime:
            await scan(runtime, hanging, SECONDS)

    async def by_browser() -> None:
        # In one browser at the same time: what hangs must not harm the others.
        async with running(PATIENT) as runtime:
            await asyncio.gather(
                scan(runtime, rest, SECONDS), scan(runtime, hanging, HASTY_SECONDS)
            )

    asyncio.run(by_browser() if observer == "browser" else by_markup())
    return reports


def replayed(seen: Seen, proof: Path) -> dict[str, UnitReport]:
    """The same by what was recorded alone, each unit by its own looks."""
    left: dict[tuple[str, str], list[Recording]] = defaultdict(list)
    for report in seen.reports.values():
        for name in report.recordings:
            with (proof / name).open("rb") as file:
                one = read_from(file, name)
            left[one.facts.unit, one.facts.observer].append(one)

    def following(unit: str, observer: str) -> Recording | None:
        known = left[unit, observer]
        return known.pop(0) if len(known) > 1 else next(iter(known), None)

    reports: dict[str, UnitReport] = {}

    async def scan() -> None:
        archive = ReplayedArchive(following)
        async with running(PATIENT, archive=lambda threads, connector: archive) as runtime:
            await runtime.scan(
                seen.units,
                ["static"],
                done=lambda index, report: reports.__setitem__(report.target.id, report),
                pace=Pace(units=64, seconds=SECONDS),
            )

    asyncio.run(scan())
    return reports


@asynccontextmanager
async def running(
    limits: Limits, store: EvidenceStore | None = None, archive: MakeArchive | None = None
) -> AsyncIterator[Runtime]:
    """What looks, with these limits; with `store`, each look is recorded in it."""
    if store is not None:
        archive = recording(store)
    runtime = Runtime(
        Options(limits=limits),
        store,
        browser=find_browser(os.environ),
        archive=archive,
        threads=THREADS,
    )
    try:
        yield runtime
    finally:
        await runtime.aclose()


@contextmanager
def measured(seen: Seen) -> Iterator[None]:
    """The highest memory of this process and its children meanwhile, where /proc tells it."""
    ended = threading.Event()
    seen.before_bytes = resident(os.getpid())

    def watch() -> None:
        while not ended.wait(0.1):
            seen.peak_bytes = max(seen.peak_bytes, resident(os.getpid()))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
        seen.peak_bytes = max(seen.peak_bytes, resident(os.getpid()))


def resident(pid: int, parent: str = "") -> int:
    """Bytes of a process and all below it; one that is about to become another has its parent's."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
        if command == parent:
            return 0
        pages_used = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [c for task in tasks for c in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages_used * 4096 + sum(resident(int(child), command) for child in children)


@contextmanager
def names_known() -> Iterator[list[str]]:
    """The name server of the zoo, which knows its own names only; gives what it was asked for."""
    real = socket.getaddrinfo
    never = threading.Event()
    known = {name: list(answers) for name, answers in lookups().items()}
    asked: list[str] = []

    def lookup(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        answers = known.get(host)
        if answers is None:
            return real(host, port, *more, **named)
        asked.append(host)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if answer == "never":
            never.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
            if ":" in ip
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
            for ip in answer
        ]

    socket.getaddrinfo = lookup
    try:
        yield asked
    finally:
        socket.getaddrinfo = real
        never.set()
