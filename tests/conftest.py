"""What every test has: files of its own, and a city on loopback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from ycaudit.auditing import demo_city

os.environ["YCAUDIT_LANG"] = "source"  # each test that is about a language asks for it

# A shell lets its background jobs ignore Ctrl-C, and what they start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine, and nothing of the program.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anywhere")

if "COVERAGE_PROCESS_CONFIG" in os.environ:
    # Workers may write no file, and so cannot tell what they ran: count it here.
    from ycaudit.observe.qr import sandbox
    from ycaudit.observe.static import script_worker
    from ycaudit.observe.subprocess_pool import SubprocessPool

    replies = {sandbox.__file__: sandbox.reply, script_worker.__file__: script_worker.reply}
    SubprocessPool.ask = lambda pool, request: replies[str(pool._program)](request)  # type: ignore


SHARING = (
    *("test_browser_observer", "test_browser_texts", "test_dask_", "test_deaths"),
    *("test_demo_city", "test_evidence", "test_html", "test_oracle", "test_recipes", "test_zoo"),
)
"""Files of which one worker takes all, since their scans and browsers are shared."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="all of every long series")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each long series so many as its mark says, evenly taken; without a number, none."""
    if config.getoption("--whole"):
        return
    series: dict[tuple[str, int], list[pytest.Item]] = {}
    for item in items:
        if (mark := item.get_closest_marker("series")) is not None:
            (kept,) = mark.args or (0,)
            series.setdefault((item.nodeid.partition("[")[0], kept), []).append(item)
    rest = set[pytest.Item]()
    for (_, kept), alike in series.items():
        stay = {len(alike) * number // kept for number in range(kept)}
        rest.update(item for number, item in enumerate(alike) if number not in stay)
    config.hook.pytest_deselected(items=[item for item in items if item in rest])
    items[:] = [item for item in items if item not in rest]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Twice the processors: half the time a test waits for a server, a browser or a timer."""
    return 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """These files first, each to one worker; the rest test by test.

    Not by marks of xdist: pytest 9.2 no longer lets it write them where its scheduler reads them.
    """
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByWeight(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.rpartition("/")[2].startswith(SHARING) else nodeid

    return ByWeight(config, log)


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the history of whoever runs it."""
    monkeypatch.setenv("YCAUDIT_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setenv("YCAUDIT_CACHE", str(tmp_path / "cache.sqlite3"))


@pytest.fixture(scope="session")
def running_city() -> Iterator[demo_city.City]:
    """The embedded city, served for the whole session."""
    from ycaudit.cli.demo import serving  # not where no test asks for it: it costs half a second

    with serving() as there:
        yield there


@pytest.fixture
def lists(tmp_path: Path, running_city: demo_city.City) -> Iterator[Path]:
    """A folder with the list and rules of three units of the running city."""
    from ycaudit.auditing import demo_city

    lines = ["units:"]
    for case in ("complies", "nothing", "server-error"):
        url = f"http://{case}.city.test:{running_city.port}/"
        lines.append(f'  - {{id: {case}, name: {running_city.cases[case].name}, url: "{url}"}}')
    (tmp_path / "targets.yaml").write_text("\n".join(lines), encoding="utf-8")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "city.yaml").write_bytes((demo_city.folder() / "rules.yaml").read_bytes())
    yield tmp_path
