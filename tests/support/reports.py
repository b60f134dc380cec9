"""Reports made of bare verdicts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from support.pages import NOON, said
from ycaudit.model import Contact, Outcome, Policy, ScanRun, Target, Tool, UnitReport, Verdict

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff\ufffe\uffff]")


def verdict(outcome: Outcome, requirement: str = "q", **more: Any) -> Verdict:
    name = {"q": "微信公众号", "p": "政府门户链接"}[requirement]
    return Verdict(
        requirement=requirement,
        name=name,
        outcome=outcome,
        why=said(f"because {outcome}"),
        observer="static",
        **more,
    )


def report(name: str, *verdicts: Verdict, **more: Any) -> UnitReport:
    more.setdefault("observations", ())
    target = Target(
        id=f"id-{name}",
        name=name,
        url="http://www.edu.test/",
        tags=("学校", "市直"),
        contact=Contact(person="张三", phone="0717-6251234", email="z@edu.test"),
    )
    return UnitReport(target=target, verdicts=verdicts, **more)


def run(*reports: UnitReport, **more: Any) -> ScanRun:
    return ScanRun(
        id="r",
        tool=Tool(version="0"),
        rules=Policy(name="宜昌市网站检查", sha256="0"),
        started_at=NOON - timedelta(minutes=5),
        finished_at=NOON,
        reports=reports,
        **more,
    )
