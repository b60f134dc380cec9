"""How long a run waits for workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from support.clocks import leap, turned
from support.cluster import units
from ycaudit.auditing import demo_city
from ycaudit.auditing.runtime import now
from ycaudit.errors import StoppedError

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from ycaudit.auditing import dask_dispatch

HOUR = 3600.0


class Scheduler:
    """Answers so many requests for the list of workers, none of which is there, and is gone."""

    def __init__(self, answers: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.scheduler = self
        self.answers, self._meanwhile = answers, meanwhile

    async def identity(self, n_workers: int) -> dict[str, Any]:
        if not self.answers:
            raise OSError
        self.answers -= 1
        self._meanwhile()
        return {"workers": {}}


async def dispatched(there: demo_city.City, scheduler: Any) -> None:
    await dask_dispatch.Dispatch(
        scheduler,
        units(there),
        ["static"],
        run="a run",
        done=lambda _index, _report: None,
        store=None,
        now=now,
    ).run()


@pytest.fixture(autouse=True)
def no_pause_between_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_dispatch, "POLL_SECONDS", 0.0)


def test_a_run_without_workers_ends_after_two_minutes_of_asking(
    running_city: demo_city.City,
) -> None:
    scheduler = Scheduler(answers=1000)
    with pytest.raises(StoppedError, match="no worker has been there for 120 s"):
        asyncio.run(dispatched(running_city, scheduler))
    asked = 1000 - scheduler.answers
    assert asked == 61  # every two seconds


def test_an_hour_in_which_the_machine_was_asleep_is_no_hour_without_workers(
    running_city: demo_city.City,
) -> None:
    scheduler = Scheduler(answers=2, meanwhile=lambda: leap(HOUR))
    with pytest.raises(StoppedError, match="does not answer any more"):
        turned(dispatched(running_city, scheduler))
