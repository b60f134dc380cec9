"""More than one process: the same document, whoever dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.city import SECONDS, options
from support.cluster import SOURCE, audited, renamed, scheduler_and_workers, units
from ycaudit.auditing import demo_city
from ycaudit.auditing.runtime import now
from ycaudit.model import Cause, Outcome, UnitReport, Unseen
from ycaudit.rules.judge import Unit
from ycaudit.runs.manifests import broken_files, manifests_in

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from ycaudit.auditing.dask_client import audit, setup_for  # noqa: E402 - only where dask is
from ycaudit.auditing.dask_cluster import Place, connected  # noqa: E402 - only where dask is

DIES = "dies"


def timeless(report: UnitReport) -> dict[str, Any]:
    """The report without what depends on when it was made."""
    plain = report.model_dump(mode="json", exclude={"seconds"})
    for observation in plain["observations"]:
        del observation["taken_at"]
    return plain


@pytest.mark.series
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

    async def on_cluster(address: str, victim: subprocess.Popen[bytes]) -> None:
        def done(index: int, report: UnitReport) -> None:
            if not reports:
                os.kill(victim.pid, signal.SIGKILL)
            assert index not in reports
            reports[index] = report

        place = Place(scheduler=address)
        reach = options(running_city)
        setup = setup_for(place, reach, units=32, seconds=SECONDS, store=None)
        async with connected(place) as client:
            await client.wait_for_workers(2, timeout=300)
            await audit(client, many, ["static"], setup, done=done, now=now)

    with scheduler_and_workers(tmp_path, SOURCE, SOURCE) as (address, workers):
        asyncio.run(on_cluster(address, workers[0]))
        assert workers[0].wait(timeout=300) == -signal.SIGKILL
        assert workers[1].poll() is None
    alone = audited(running_city).reports
    once = [r.target.id for _, r in sorted(reports.items())]
    assert once == [u.target.id for u in many]
    for index, report in reports.items():
        wanted = alone[index % len(alone)]
        assert [v.outcome for v in report.verdicts] == [v.outcome for v in wanted.verdicts]


class Poison(distributed.WorkerPlugin):  # type: ignore[misc]
    """One unit kills every process that looks at it."""

    def setup(self, worker: object) -> None:
        from ycaudit.observe.static.observer import StaticObserver

        harmless = StaticObserver.look

        def look(self: StaticObserver, unit: Unit, doubts: Any, **_: Any) -> Any:
            if unit.target.id == "dies":
                os._exit(1)
            return harmless(self, unit, doubts)

        StaticObserver.look = look  # type: ignore[method-assign]


@pytest.mark.series
def test_a_unit_that_kills_its_workers_is_undetermined_and_the_others_are_judged(
    running_city: demo_city.City,
) -> None:
    import cloudpickle

    first, *others = units(running_city, 3)
    reports: dict[int, UnitReport] = {}

    async def on_cluster() -> None:
        place = Place(workers=2)
        reach = options(running_city)
        setup = setup_for(place, reach, units=32, seconds=SECONDS, store=None)
        async with connected(place) as client:
            await client.register_plugin(Poison())
            listed = [*others, renamed(first, DIES)]
            put = reports.__setitem__
            await audit(client, listed, ["static"], setup, done=put, now=now)

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        asyncio.run(on_cluster())
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


@pytest.mark.series
def test_the_proof_of_two_processes_is_that_of_one(
    running_city: demo_city.City, tmp_path: Path
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    audited(running_city, evidence=alone)
    audited(running_city, evidence=together, workers=2)
    sealed = [manifests_in(folder)[0] for folder in (alone, together)]
    assert not list(broken_files(together, sealed[1].manifest))
    one, other = (json.loads(each.data)["files"] for each in sealed)
    assert one.keys() == other.keys()
    for name in one:
        one[name]["seen"].sort(key=str)
        other[name]["seen"].sort(key=str)
    assert one == other
