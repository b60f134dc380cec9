"""The cluster: what must be so before an audit starts on it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from support.clocks import leap, turned
from support.cluster import SOURCE, audited, scheduler_and_workers
from ycaudit.auditing import demo_city, service
from ycaudit.errors import AuditError

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from distributed import LocalCluster

from ycaudit.auditing.dask_cluster import Place, connected


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


def test_without_dask_the_command_to_install_it_is_told(
    running_city: demo_city.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "find_spec", lambda name: None)
    with pytest.raises(AuditError, match=r'pip install "\.\[cluster\]"'):
        audited(running_city, workers=2)


def test_proof_stays_on_this_machine(running_city: demo_city.City, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="--evidence"):
        audited(running_city, scheduler="tcp://127.0.0.1:1", evidence=tmp_path)


def test_a_worker_that_is_long_in_coming_back_is_not_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dask's local cluster forgets one that is away for a quarter of a minute."""
    told: asyncio.Queue[str] = asyncio.Queue()
    update = LocalCluster._update_worker_status

    def noted(cluster: LocalCluster, op: str, message: Any) -> None:
        update(cluster, op, message)
        told.put_nowait(op)

    monkeypatch.setattr(LocalCluster, "_update_worker_status", noted)

    async def gone_and_back() -> None:
        async with connected(Place(workers=1)) as client:
            (before,) = (await client.run(os.getpid)).values()
            os.kill(before, signal.SIGKILL)
            while await told.get() != "remove":
                pass
            leap(100)
            async with asyncio.timeout(300):
                while await told.get() != "add":
                    pass
            (after,) = (await client.run(os.getpid)).values()
            assert after != before

    turned(gone_and_back())
