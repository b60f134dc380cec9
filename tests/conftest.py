"""What every test has: files of its own, and a city on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ycaudit.auditing import demo_city
from ycaudit.cli.demo import serving
from ycaudit.observe.qr import sandbox
from ycaudit.observe.static import scripts

os.environ["YCAUDIT_LANG"] = "source"  # each test that is about a language asks for it

# How long an example takes says something of the machine, and nothing of the program.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anywhere")

# Their limits of CPU time hold; the wall seconds for a child are those of a busy machine.
scripts._children.patience = 60
sandbox._children.patience = 600

if "COVERAGE_PROCESS_CONFIG" in os.environ:
    # Children may write no file, and so cannot tell what they ran: count it here.
    sandbox._children.ask = sandbox._answer  # type: ignore[method-assign]
    scripts._children.ask = scripts._reply  # type: ignore[method-assign]


HEAVY = ("test_demo_city.py", "test_dask.py", "test_zoo.py")


@pytest.hookimpl(wrapper=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """All that is heavy goes to one worker: scans are shared, and one browser runs at a time."""
    for item in items:
        if item.path.name in HEAVY or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("heavy"))
    yield


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the history of whoever runs it."""
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setenv("YCAUDIT_CACHE", str(tmp_path / "cache.sqlite3"))


@pytest.fixture(scope="session")
def running_city() -> Iterator[demo_city.City]:
    """The embedded city, served for the whole session."""
    with serving() as there:
        yield there


@pytest.fixture
def lists(tmp_path: Path, running_city: demo_city.City) -> Iterator[Path]:
    """A folder with the list and rules of three units of the running city."""
    lines = ["units:"]
    for case in ("complies", "nothing", "server-error"):
        url = f"http://{case}.city.test:{running_city.port}/"
        lines.append(f'  - {{id: {case}, name: {running_city.cases[case].name}, url: "{url}"}}')
    (tmp_path / "targets.yaml").write_text("\n".join(lines), encoding="utf-8")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "city.yaml").write_bytes((demo_city.folder() / "rules.yaml").read_bytes())
    yield tmp_path
