"""An audit that is asked to end from another thread: what is finished stays finished."""

from __future__ import annotations

import threading

from support.city import SECONDS, options
from ycaudit.auditing import demo_city, service
from ycaudit.auditing.recorder import MemoryRecorder
from ycaudit.auditing.service import Listener, Stop
from ycaudit.inputs.plan import load_rules
from ycaudit.model import ScanRun, UnitReport


def run(city: demo_city.City, listener: Listener, stop: Stop) -> ScanRun:
    """Two units, of which one never answers."""
    requirements, policy = load_rules([demo_city.folder() / "rules.yaml"])
    units = [u for u in city.units(requirements) if u.target.id in ("complies", "stall")]
    how = service.Request(options=options(city), seconds=SECONDS, observer="static")
    return service.run(units, policy, how, MemoryRecorder(), listener, stop=stop)


def test_what_is_finished_is_kept_when_it_is_stopped_on_its_way(
    running_city: demo_city.City,
) -> None:
    stop, finished = Stop(), list[UnitReport]()

    def take(report: UnitReport) -> None:
        finished.append(report)
        thread = threading.Thread(target=stop.ask)
        thread.start()
        thread.join()

    found = run(running_city, Listener(report=take), stop)
    assert not found.complete
    assert [report.target.id for report in found.reports] == ["complies"]
    assert list(found.reports) == finished
    stop.ask()  # long after its end


def test_one_that_has_not_begun_ends_as_it_begins(running_city: demo_city.City) -> None:
    stop = Stop()
    stop.ask()
    found = run(running_city, Listener(), stop)
    assert not found.complete
    assert len(found.reports) == 0
