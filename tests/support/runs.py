"""Runs whose pages say hostile things, and what the formats make of them."""

from __future__ import annotations

import io

from support.pages import NOON, code, link, page
from ycaudit.model import Policy, ScanRun, Target, Tool, UnitReport
from ycaudit.report.formats import FORMATS
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "[red]markup[/red] \x1b[31mterminal\x1b[0m \x07",
    "\u202egnp.exe",
    "a\nb\r\nc\u2028d",
    "长" * 10_000,
    "@SUM(1)",
    "\ud800",
]


def run_of(*names: str) -> ScanRun:
    """A run with one failing unit a name, whose page says hostile things."""
    requirements = (
        LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}]),
        QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": "right"}]),
    )
    reports = []
    for number, name in enumerate(names):
        target = Target(id=f"u{number}", name=name, url="http://unit.test/")
        unit = Unit(target=target, requirements=requirements)
        observation = page(link("http://p.test.evil.test/", name), code(name, name))
        reports.append(
            UnitReport(target=target, observations=(observation,), verdicts=unit.judge(observation))
        )
    return ScanRun(
        id="r",
        tool=Tool(version="0"),
        rules=Policy(name="规则", sha256="0"),
        started_at=NOON,
        finished_at=NOON,
        reports=tuple(reports),
    )


def rendered(name: str, run: ScanRun) -> str:
    out = io.BytesIO()
    FORMATS[name].render(run, out)
    return out.getvalue().decode("utf-8-sig")
