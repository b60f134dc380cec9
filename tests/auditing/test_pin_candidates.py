"""Candidates for a pin: what most units show under the right caption comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.pages import code, page
from support.pins import RIGHT, write_rules
from ycaudit.auditing.pin_candidates import suggest
from ycaudit.inputs.plan import load_rules
from ycaudit.model import (
    BlindSpot,
    Link,
    Policy,
    QrCode,
    ScanRun,
    Target,
    Tool,
    UnitReport,
    Visibility,
)
from ycaudit.rules.judge import Unit


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write_rules(tmp_path)


def run(rules: Path, *shown: tuple[str, tuple[Link | QrCode | BlindSpot, ...]]) -> ScanRun:
    requirements, _ = load_rules([rules])
    reports = []
    for number, (host, things) in enumerate(shown):
        target = Target(id=f"u{number}", name=f"单位{number}", url=f"http://{host}/")
        observation = page(*things)
        unit = Unit(target=target, requirements=requirements)
        reports.append(
            UnitReport(target=target, observations=(observation,), verdicts=unit.judge(observation))
        )
    return ScanRun(
        id="r",
        tool=Tool(version="1"),
        rules=Policy(name="x", sha256="0"),
        started_at="2026-11-23T00:00:00Z",
        finished_at="2026-11-23T00:00:00Z",
        reports=tuple(reports),
    )


def suggested(rules: Path, *shown: tuple[str, tuple[QrCode, ...]]) -> dict[str, list[str]]:
    requirements, _ = load_rules([rules])
    made = suggest(run(rules, *shown), requirements)
    return {s.requirement.id: [c.payload for c in s.candidates] for s in made}


def test_what_most_units_show_under_the_right_caption_comes_first(rules: Path) -> None:
    right = code(RIGHT, "官方微信")
    own = code("http://weixin.qq.com/r/OWN", "我局微信")
    offered = suggested(rules, ("a.test", (own, right)), ("b.test", (right,)), ("c.test", (right,)))
    assert offered["wechat"] == [RIGHT, "http://weixin.qq.com/r/OWN"]


def test_units_on_one_host_rank_as_one_and_are_all_counted(rules: Path) -> None:
    requirements, _ = load_rules([rules])
    copied = code("http://weixin.qq.com/r/COPIED", "微信")
    document = run(
        rules,
        ("a.test/x", (copied,)),
        ("a.test/y", (copied,)),
        ("a.test/z", (copied,)),
        ("b.test", (code(RIGHT, "微信"),)),
        ("c.test", (code(RIGHT, "微信"),)),
    )
    wechat = next(s for s in suggest(document, requirements) if s.requirement.id == "wechat")
    told = [(c.payload, str(c.share_of(5)), c.labelled) for c in wechat.candidates]
    assert told == [
        (RIGHT, "2 of 5 units", 2),
        ("http://weixin.qq.com/r/COPIED", "3 of 5 units (on 1 host)", 3),
    ]


def test_what_no_visitor_sees_what_others_ask_for_and_the_page_itself_are_no_candidates(
    rules: Path,
) -> None:
    things = (
        code(RIGHT, "微信", Visibility.HIDDEN),
        code("http://weibo.com/u/1999404300", "微信"),
        code("http://a.test/index.html", "分享到微信"),
    )
    assert suggested(rules, ("a.test", things))["wechat"] == []


def test_labels_rank_and_never_pass(rules: Path) -> None:
    shown = tuple((f"{n}.test", (code(RIGHT, "发布 微信"),)) for n in range(9))
    document = run(rules, *shown)
    verdicts = [v for report in document.reports for v in report.verdicts]
    assert {v.outcome for v in verdicts if v.requirement == "wechat"} == {"undetermined"}
