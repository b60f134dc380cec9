"""A worker: it has a context for each run, and says so where it has none."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ycaudit.auditing.demo_city import folder
from ycaudit.errors import StoppedError
from ycaudit.inputs.plan import load_rules
from ycaudit.net.client import Options

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from ycaudit.auditing import dask_worker
from ycaudit.auditing.dask_client import setup_for
from ycaudit.auditing.dask_cluster import Place

SETUP = setup_for(Place(scheduler="tcp://127.0.0.1:1"), Options(), units=8, seconds=5, store=None)
REQUIREMENTS = dask_worker.REQUIREMENTS.dump_json(tuple(load_rules([folder() / "rules.yaml"])[0]))


def run_on(worker: object, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(dask_worker, "get_worker", lambda: worker)
    task = dask_worker.Task(observers=("static",), jobs=())
    return asyncio.run(dask_worker.run_task(SETUP.run, task.model_dump_json().encode()))


def test_a_task_of_a_run_that_the_worker_does_not_know_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(StoppedError, match="knows nothing of this run"):
        run_on(SimpleNamespace(plugins={}), monkeypatch)


def test_a_worker_that_joins_with_another_program_refuses_tasks_and_is_not_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugin = dask_worker.Plugin(SETUP.model_copy(update={"source": "another"}))
    worker: Any = SimpleNamespace(address="tcp://other", plugins={plugin.name: plugin})
    asyncio.run(plugin.setup(worker))
    with pytest.raises(StoppedError, match="tcp://other has another ycaudit"):
        run_on(worker, monkeypatch)
    assert asyncio.run(dask_worker.self_test(SETUP.run, REQUIREMENTS, worker)) == ()
    asyncio.run(plugin.teardown(worker))
