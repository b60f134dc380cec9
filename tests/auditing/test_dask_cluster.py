"""The cluster: what must be so before an audit starts on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.cluster import SOURCE, audited, scheduler_and_workers
from ycaudit.auditing import demo_city, service
from ycaudit.errors import AuditError

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")


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
