"""Runs of one day after another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from support.pages import link, page, unseen
from ycaudit.model import Policy, ScanRun, Target, Tool, UnitReport, Waiver
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


PORTAL = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])


SIGHTS = {"+": page(link("http://p.test/")), "-": page(link("http://x.test/")), "?": unseen()}
EXCUSE = Waiver(
    unit="u", requirement="p", reason="改版", approved_by="王局长", until=date(2030, 1, 1)
)


def run(day: int, *, complete: bool = True, **units: str) -> ScanRun:
    """A run of that day; each unit shows the link (+), does not (-), is down (?) or waived (w)."""
    reports = []
    started = START + timedelta(days=day)
    for unit, what in units.items():
        target = Target(id=unit, name=f"{unit}局", url=f"http://{unit}.test/")
        observation = SIGHTS["-" if what == "w" else what]
        observation = observation.model_copy(update={"taken_at": started})
        waivers = (EXCUSE,) if what == "w" else ()
        judged = Unit(target=target, requirements=(PORTAL,), waivers=waivers)
        verdicts = judged.judge(observation)
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
