"""Runs of one day after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from support.pages import link, page, unseen
from ycaudit.model import Policy, ScanRun, Target, Tool, UnitReport
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


PORTAL = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])


SIGHTS = {"+": page(link("http://p.test/")), "-": page(link("http://x.test/")), "?": unseen()}


def run(day: int, *, complete: bool = True, **units: str) -> ScanRun:
    """A run of that day; each unit shows the link (+), does not (-), or is down (?)."""
    reports = []
    started = START + timedelta(days=day)
    for unit, what in units.items():
        target = Target(id=unit, name=f"{unit}局", url=f"http://{unit}.test/")
        observation = SIGHTS[what].model_copy(update={"taken_at": started})
        verdicts = Unit(target=target, requirements=(PORTAL,)).judge(observation)
        reports.append(UnitReport(target=target, observations=(observation,), verdicts=verdicts))
    return ScanRun(
        id=started.strftime("%Y%m%dT%H%M%S.%fZ"),
        tool=Tool(version="1"),
        rules=Policy(name="规则", sha256="0"),
        started_at=started,
        finished_at=started,
        complete=complete,
        reports=tuple(reports),
    )
