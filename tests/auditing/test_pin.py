"""Pinning: an official code becomes a rule, and the rules file stays as its author wrote it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.pages import code, page
from ycaudit.auditing.pin import Pin, pin, suggest
from ycaudit.errors import AuditError
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

DAY = date(2026, 11, 23)
RULES = """\
# 抬头
name: 规则   # 名称
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}

  - id: wechat   # 最重要
    name: 发布微信
    kind: qr
    labels: [发布, 微信]
    accept: []   # 待核定

  - id: weibo
    name: "发布微博"
    kind: qr
    labels: [发布, 微博]
    exhaustive: false
    accept:
      # 名单
      - weibo: {uid: "1999404300"}
        source: 名单
        verified: 2026-01-01
# 完
"""
RIGHT = "http://weixin.qq.com/r/RIGHT"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_a_pinned_payload_stands_in_the_file_and_all_else_stays_as_it_was(rules: Path) -> None:
    pinned = pin(Pin("wechat", RIGHT, "官方海报", DAY), [rules])
    assert (pinned.file, pinned.known, pinned.partly) == (rules, False, False)
    expected = RULES.replace(
        "    accept: []   # 待核定\n",
        "    accept:      # 待核定\n"
        f"      - payload: {RIGHT}\n"
        "        source: 官方海报\n"
        "        verified: 2026-11-23\n",
    )
    assert rules.read_text(encoding="utf-8") == expected


def test_a_second_payload_stands_below_the_first(rules: Path) -> None:
    pinned = pin(Pin("weibo", "http://qr.weibo.cn/g/x", "海报", DAY), [rules])
    assert pinned.partly
    (_, _, weibo), _ = load_rules([rules])
    assert [a.payload for a in weibo.accept] == [None, "http://qr.weibo.cn/g/x"]
    assert weibo.accept[1].verified == DAY
    assert "      # 名单\n" in rules.read_text(encoding="utf-8")


def test_pinning_again_renews_source_and_date_only(rules: Path) -> None:
    pin(Pin("wechat", RIGHT, "甲", date(2026, 1, 1)), [rules])
    pinned = pin(Pin("wechat", RIGHT, "乙", DAY), [rules])
    assert pinned.known
    (_, wechat, _), _ = load_rules([rules])
    (accept,) = wechat.accept
    assert (accept.source, accept.verified) == ("乙", DAY)


def test_a_person_may_say_that_all_codes_are_known_now(rules: Path) -> None:
    assert not pin(Pin("weibo", "x", "海报", DAY, True), [rules]).partly
    (_, _, weibo), _ = load_rules([rules])
    assert weibo.exhaustive


@pytest.mark.parametrize("payload", ["a: b # c", "\"'\n\t{x}", "云\u202e应用", "- [", "true"])
def test_any_payload_comes_back_as_it_went_in(rules: Path, payload: str) -> None:
    pin(Pin("wechat", payload, payload, DAY), [rules])
    (_, wechat, _), _ = load_rules([rules])
    assert wechat.accept[0].payload == payload


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (Pin("nope", "x", "s", DAY), "no requirement 'nope'; the rules have portal, wechat, weibo"),
        (Pin("portal", "x", "s", DAY), "asks for a link"),
        (Pin("wechat", " ", "s", DAY), "1 to 3000 characters"),
        (Pin("wechat", "x" * 3001, "s", DAY), "1 to 3000 characters"),
    ],
)
def test_what_cannot_be_pinned_leaves_the_file_alone(rules: Path, order: Pin, why: str) -> None:
    with pytest.raises(AuditError, match=why):
        pin(order, [rules])
    assert rules.read_text(encoding="utf-8") == RULES


def test_the_file_among_many_that_has_the_requirement_is_written(
    tmp_path: Path, rules: Path
) -> None:
    other = tmp_path / "more.yaml"
    other.write_text(
        "name: 更多\nrequirements:\n  - {id: app, name: 应用, kind: qr}\n", encoding="utf-8"
    )
    assert pin(Pin("app", "http://app.test/", "海报", DAY), [tmp_path]).file == other
    assert rules.read_text(encoding="utf-8") == RULES
    assert "payload: http://app.test/" in other.read_text(encoding="utf-8")


# --- by consensus ---


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


def test_units_on_one_host_count_once(rules: Path) -> None:
    requirements, _ = load_rules([rules])
    copied = code("http://weixin.qq.com/r/COPIED", "微信")
    document = run(
        rules,
        ("a.test/x", (copied,)),
        ("a.test/y", (copied,)),
        ("b.test", (code(RIGHT, "微信"),)),
        ("c.test", (code(RIGHT, "微信"),)),
    )
    wechat = next(s for s in suggest(document, requirements) if s.requirement.id == "wechat")
    assert [(c.payload, len(c.units), c.labelled) for c in wechat.candidates] == [
        (RIGHT, 2, 2),
        ("http://weixin.qq.com/r/COPIED", 1, 1),
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
