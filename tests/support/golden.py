"""The run that every format is written of: one unit of every fate."""

from __future__ import annotations

from datetime import date, timedelta

from support.pages import NOON, blind, code, link, page, unseen
from support.runs import HOSTILE
from ycaudit.model import (
    Contact,
    Decision,
    Listed,
    Outcome,
    Page,
    Policy,
    ScanRun,
    Sense,
    Target,
    Tool,
    UnitReport,
    Unseen,
    Visibility,
    Waiver,
)
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.decisions import decided, fingerprint

RULES = (
    LinkRequirement(id="portal", name="门户网", clause="三、1", kind="link",
                    accept=[{"host": "p.test", "path": "root"}]),
    QrRequirement(id="weixin", name="发布微信", clause="三、2", kind="qr",
                  accept=[{"payload": "http://weixin.qq.com/r/right"}]),
    LinkRequirement(id="advert", name="广告", kind="link", expect="absent", level="should",
                    accept=[{"host": "ads.test"}]),
)  # fmt: skip


RIGHT = (link("http://p.test/", "门户网"), code("http://weixin.qq.com/r/right", "发布微信"))


def report(number: int, name: str, observation: Page | Unseen, waived: str = "") -> UnitReport:
    target = Target(
        id=f"u{number}",
        name=name,
        url="http://unit.test/",
        tags=("学校",) if number % 2 else (),
        contact=Contact(person="王", email="w@unit.test"),
        listed=Listed(file="targets.yaml", line=number + 2),
    )
    waivers = ()
    if waived:
        waivers = (
            Waiver(unit=target.id, requirement=waived, reason="网站迁移", approved_by="李",
                   until=date(2026, 12, 31)),
        )  # fmt: skip
    unit = Unit(target=target, requirements=RULES, waivers=waivers)
    return UnitReport(
        target=target,
        observations=(observation,),
        waivers=waivers,
        verdicts=unit.judge(observation),
        seconds=1.5,
    )


def golden_run() -> ScanRun:
    """One unit of every fate, and one whose words are hostile."""
    hostile = " ".join(h for h in HOSTILE if h[0] not in "长\ud800")
    other = page(link("http://p.test/news", "门户网"), code("http://x.test/", "发布微信"))
    evil = page(link(f"http://p.test.evil.test/?{hostile}", hostile), code(hostile, hostile))
    reports = (
        report(0, "甲局", page(*RIGHT)),
        report(1, "乙中学", other),
        report(2, "丙医院", unseen()),
        report(3, "丁公司", page(RIGHT[0], blind(Sense.QR_CODE))),
        report(4, "戊局", page(RIGHT[0]), waived="weixin"),
        report(5, "己小学", page(link("http://p.test/", "", Visibility.HIDDEN), RIGHT[1])),
        report(6, "庚馆", page(*RIGHT, link("http://ads.test/", "广告"))),
        report(7, hostile, evil),
    )  # fmt: skip
    run = ScanRun(
        id="20260615T120000.000000Z",
        tool=Tool(version="1"),
        rules=Policy(name="推广方案", sha256="0" * 64),
        started_at=NOON,
        finished_at=NOON + timedelta(minutes=3),
        reports=reports,
    )
    doubtful = reports[3]
    by_hand = Decision(
        outcome=Outcome.FAIL,
        by="赵",
        at=NOON + timedelta(hours=1),
        note="打电话问过",
        page=fingerprint(doubtful),
    )
    return decided(run, {(doubtful.target.id, "weixin"): [by_hand]})
