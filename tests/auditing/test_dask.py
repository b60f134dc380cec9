"""More than one process: the same document, whoever dies."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from support.city import SECONDS, options
from ycaudit.auditing import demo_city, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.errors import AuditError
from ycaudit.inputs.yaml_files import load_rules
from ycaudit.model import (
    Cause,
    Outcome,
    ScanRun,
    UnitReport,
    Unseen,
)
from ycaudit.rules.judge import Unit
from ycaudit.runs.evidence import MANIFEST, broken_files, manifest_of

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from ycaudit.auditing import dask_client, dask_worker  # noqa: E402 - only where dask is

SOURCE = Path(dask_client.__file__).parents[2]
QUICK = ("complies", "nothing", "server-error", "no-dns", "commented-code", "destroyed-code")
DIES = "dies"


def units(there: demo_city.City, copies: int = 1) -> tuple[Unit, ...]:
    """The quick cases so many times over, each copy under an id of its own."""
    requirements, _ = load_rules([demo_city.folder() / "rules.yaml"])
    known = [u for u in there.units(requirements) if u.target.id in QUICK]
    return tuple(renamed(u, f"{u.target.id}-{n}") for n in range(copies) for u in known)


def renamed(unit: Unit, name: str) -> Unit:
    return unit.model_copy(update={"target": unit.target.model_copy(update={"id": name})})


def audited(there: demo_city.City, copies: int = 1, **how: Any) -> ScanRun:
    _, policy = load_rules([demo_city.folder() / "rules.yaml"])
    request = service.Request(options=options(there), observer="static", seconds=SECONDS, **how)
    return service.run(units(there, copies), policy, request, MemoryRecorder())


def timeless(report: UnitReport) -> dict[str, Any]:
    """The report without what depends on when it was made."""
    plain = report.model_dump(mode="json", exclude={"seconds"})
    for observation in plain["observations"]:
        del observation["taken_at"]
    return plain


def start(module: str, *words: object, source: Path = SOURCE) -> subprocess.Popen[bytes]:
    """One of dask's own programs, as on a machine that has this ycaudit."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """No process outlives its test."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=300)


@contextmanager
def scheduler_and_workers(
    folder: Path, *sources: Path
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and a worker without a nurse for each of the sources."""
    told = folder / "scheduler.json"
    here = ("--host", "127.0.0.1")
    with ExitStack() as stack:
        words = ("--port", 0, "--scheduler-file", told, *here)
        words += ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        address = address_in(told, stack.enter_context(ended(start("dask_scheduler", *words))))
        words = (address, "--no-nanny", "--no-dashboard", "--nthreads", 2, *here)
        words += ("--local-directory", folder)
        workers = [
            stack.enter_context(ended(start("dask_worker", *words, source=s))) for s in sources
        ]
        yield address, workers


def address_in(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    """The address that a scheduler writes into its file (asked for in short waits)."""
    while True:
        with suppress(FileNotFoundError, ValueError):  # not yet, or not all of it
            return str(json.loads(told.read_text())["address"])
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the scheduler ended by itself: {scheduler.wait(0.05)}")


def test_two_processes_make_the_same_document_as_one(running_city: demo_city.City) -> None:
    alone, together = audited(running_city, 4), audited(running_city, 4, workers=2)
    assert together.complete
    assert list(map(timeless, together.reports)) == list(map(timeless, alone.reports))
    assert {r.seconds > 0 for r in together.reports} == {True}


def test_what_a_killed_worker_had_is_looked_at_by_another(
    running_city: demo_city.City, tmp_path: Path
) -> None:
    many = units(running_city, 12)
    reports: dict[int, UnitReport] = {}

    async def audit(address: str, victim: subprocess.Popen[bytes]) -> None:
        def done(index: int, report: UnitReport) -> None:
            if not reports:
                os.kill(victim.pid, signal.SIGKILL)
            assert index not in reports
            reports[index] = report

        place = dask_client.Place(scheduler=address)
        reach = options(running_city)
        setup = dask_client.setup_for(place, reach, units=32, seconds=SECONDS, store=None)
        async with dask_client.connected(place) as client:
            await client.wait_for_workers(2, timeout=300)
            await dask_client.audit(client, many, ["static"], setup, done=done)

    with scheduler_and_workers(tmp_path, SOURCE, SOURCE) as (address, workers):
        asyncio.run(audit(address, workers[0]))
        assert workers[0].wait(timeout=300) == -signal.SIGKILL
        assert workers[1].poll() is None
    alone = audited(running_city).reports
    once = [r.target.id for _, r in sorted(reports.items())]
    assert once == [u.target.id for u in many]
    for index, report in reports.items():
        wanted = alone[index % len(alone)]
        assert [v.outcome for v in report.verdicts] == [v.outcome for v in wanted.verdicts]


def test_a_worker_with_another_ycaudit_is_named(
    running_city: demo_city.City, tmp_path: Path
) -> None:
    other = tmp_path / "src"
    shutil.copytree(SOURCE / "ycaudit", other / "ycaudit")
    with (other / "ycaudit" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write('__version__ = "9.9"\n')
    with (
        scheduler_and_workers(tmp_path, other) as (address, _),
        pytest.raises(AuditError, match=r"worker tcp://127\.0\.0\.1:\d+ has ycaudit 9\.9"),
    ):
        audited(running_city, scheduler=address)


class Poison(distributed.WorkerPlugin):  # type: ignore[misc]
    """One unit kills every process that looks at it."""

    def setup(self, worker: object) -> None:
        from ycaudit.observe.static.observer import StaticObserver

        harmless = StaticObserver.look

        def look(self: StaticObserver, unit: Unit, doubts: Any) -> Any:
            if unit.target.id == "dies":
                os._exit(1)
            return harmless(self, unit, doubts)

        StaticObserver.look = look  # type: ignore[method-assign]


def test_a_unit_that_kills_its_workers_is_undetermined_and_the_others_are_judged(
    running_city: demo_city.City,
) -> None:
    import cloudpickle

    first, *others = units(running_city, 3)
    reports: dict[int, UnitReport] = {}

    async def audit() -> None:
        place = dask_client.Place(workers=2)
        reach = options(running_city)
        setup = dask_client.setup_for(place, reach, units=32, seconds=SECONDS, store=None)
        async with dask_client.connected(place) as client:
            await client.register_plugin(Poison())
            listed = [*others, renamed(first, DIES)]
            await dask_client.audit(client, listed, ["static"], setup, done=reports.__setitem__)

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        asyncio.run(audit())
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    dead = reports.pop(len(others))
    (observation,) = dead.observations
    assert isinstance(observation, Unseen)
    assert (observation.cause, dead.outcome) == (Cause.CRASH, Outcome.UNDETERMINED)
    assert sorted(reports) == list(range(len(others)))
    assert not any(
        isinstance(s, Unseen) and s.cause is Cause.CRASH
        for r in reports.values()
        for s in r.observations
    )


def test_the_proof_of_two_processes_is_that_of_one(
    running_city: demo_city.City, tmp_path: Path
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    audited(running_city, evidence=alone)
    audited(running_city, evidence=together, workers=2)
    assert not list(broken_files(together, manifest_of(together)[0]))
    one, other = (json.loads((f / MANIFEST).read_text())["files"] for f in (alone, together))
    assert one.keys() == other.keys()
    for name in one:
        one[name]["seen"].sort(key=str)
        other[name]["seen"].sort(key=str)
    assert one == other


def test_without_dask_the_command_to_install_it_is_told(
    running_city: demo_city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "find_spec", lambda name: None)
    with pytest.raises(AuditError, match=r"pip install 'ycaudit\[cluster\]'"):
        audited(running_city, workers=2)


def test_proof_stays_on_this_machine(running_city: demo_city.City, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="--evidence"):
        audited(running_city, scheduler="tcp://127.0.0.1:1", evidence=tmp_path)


def test_a_host_is_with_one_worker_at_a_time(running_city: demo_city.City) -> None:
    ahead = dask_client._Ahead(units(running_city, 60))
    two = ("tcp://a", "tcp://b")
    held: list[tuple[str, tuple[dask_worker.Job, ...]]] = []
    for turn in range(40):
        dask_worker = two[turn % 2]
        jobs = ahead.take(dask_worker, two, idle=True)
        others = {job.host for where, task in held if where != dask_worker for job in task}
        assert others.isdisjoint(job.host for job in jobs)
        held.append((dask_worker, jobs))
        if len(held) > 6:
            ahead.give_back(held.pop(0)[1])


def test_any_number_of_units_is_read_only_so_far_ahead(running_city: demo_city.City) -> None:
    (unit, *_) = units(running_city)
    endless = iter(lambda: unit, None)
    ahead = dask_client._Ahead(endless)
    assert len(ahead.take("tcp://a", ("tcp://a",), idle=True)) == dask_client.UNITS_A_TASK
    assert ahead._count == dask_client.LOOK_AHEAD - dask_client.UNITS_A_TASK
