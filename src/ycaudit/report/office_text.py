"""What official papers tell of a run, in plain Chinese: who fails what, how, and what is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ycaudit.model import (
    Cause,
    Evidence,
    Outcome,
    ScanRun,
    Sense,
    UnitReport,
    Unseen,
    Verdict,
    briefs,
)
from ycaudit.report.rows import clean, worst_first

# China keeps one time without summer time, so that no time zone data need be installed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
DEADLINE = "请于____年__月__日前完成整改"

_NAME, _ADDRESS, _NOTE = 80, 300, 120
_NOT_XML = re.compile("[\ufffe\uffff]")
_THINGS = {Sense.LINK: "链接", Sense.QR_CODE: "二维码", Sense.IMAGE: "图片"}
_NOTES = {
    "stands only in a comment of the page, which no visitor sees": "只写在网页源代码的注释中",
    "another code, in a comment of the page": "只在网页源代码的注释中有其他二维码",
    "has the right name, but leads to another page of the site": "名称正确，但指向该网站的其他页面",
    "looks alike, but leads to another host": "地址相似，但指向其他网站",
    "has the right name, but leads elsewhere": "名称正确，但指向其他网站",
    "another page of the right site": "只链接到该网站的其他页面",
    "another code under the right label": "标注的名称相符，但二维码内容不符",
    "another code of the right host": "二维码指向同一网站，但内容不符",
    "another code of the page": "首页只有其他内容的二维码",
    "is known to be something else": "放置的是已知的其他内容",
}
_OF_ANOTHER = re.compile(r"is what (.+) asks for, not .+")
_CAUSES = {
    Cause.DNS: "域名无法解析",
    Cause.CONNECT: "无法连接",
    Cause.TLS: "安全连接失败",
    Cause.TIMEOUT: "访问超时",
    Cause.HTTP_STATUS: "服务器返回错误",
    Cause.CHALLENGE: "网站要求人机验证",
    Cause.NOT_HTML: "返回的不是网页",
    Cause.TOO_LARGE: "网页过大",
    Cause.REFUSED_ADDRESS: "地址不允许访问",
    Cause.REDIRECTS: "跳转次数过多",
    Cause.CRASH: "浏览器崩溃",
    Cause.OUR_BUG: "检查程序出错",
}
# The first that is found in the reason tells why nobody can say.
_DOUBTS = (
    ("not everything could be seen", "未发现，但首页有未能读取的内容"),
    ("no verified payload", "尚无经核实的二维码可供比对"),
    ("not all forms of this code", "首页的二维码是否属于该项尚不能确定"),
    ("which is the right one but for", "二维码与要求的相近，是否有效尚未核实"),
    ("nobody has verified", "放置的内容尚未经人工核实"),
    ("is never shown to a visitor", "网页中有，但访问者可能看不到"),
    ("whether a visitor gets to see it", "网页中有，但能否看到尚不能确定"),
    ("may jump there", "首页的跳转链接可能指向该网站，尚未核实"),
    ("could not be found out", "首页有链接或二维码的去向未能查明"),
    ("was not asked", "首页有链接或二维码的去向未能查明"),
    ("one look", "两次检查的结果不一致"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that a unit fails, in words for the office."""

    verdict: Verdict
    name: str
    thing: str
    """What it asks for: a link, a code, or either where the run does not tell."""
    unwanted: bool
    """Whether it is there, but must not be."""

    @property
    def seen(self) -> tuple[Evidence, ...]:
        """What was seen of it, or instead of it."""
        return self.verdict.evidence or tuple(e for e in self.verdict.near if self._blames(e))

    def _blames(self, near: Evidence) -> bool:
        """What another requirement asks for is rightly there, unless it is called by this name."""
        other = _OF_ANOTHER.fullmatch(near.note)
        return other is None or self.verdict.name in near.label.replace(other[1], "")

    @property
    def way(self) -> str:
        """In what way it is failed."""
        if self.unwanted:
            return f"首页出现了不应出现的{self.thing}"
        if self.verdict.evidence:
            return f"网页中有该{self.thing}，但访问者看不到"
        noted = next((told for e in self.seen if (told := note(e))), None)
        return noted or f"首页没有该{self.thing}"

    @property
    def remedy(self) -> str:
        """What the unit is asked to do."""
        if self.unwanted:
            return f"从首页移除{self.name}的{self.thing}"
        return f"在首页添加{self.name}的{self.thing}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A requirement that units fail: how many, and in which ways, the commonest first."""

    name: str
    units: int
    ways: tuple[tuple[str, int], ...]


class Findings:
    """What a run found, asked by unit."""

    def __init__(self, run: ScanRun) -> None:
        self.failing = tuple(r for r in worst_first(run) if r.outcome is Outcome.FAIL)
        self.undetermined = tuple(r for r in briefs(run) if r.outcome is Outcome.UNDETERMINED)

    def of(self, report: UnitReport) -> list[Finding]:
        """What the unit fails of what it must do, in the order of the rules."""
        return [self._finding(v) for v in report.verdicts if _is_grave(v, Outcome.FAIL)]

    def problems(self) -> list[Problem]:
        """The requirements that are failed, the commonest first."""
        ways: dict[str, Counter[str]] = {}
        names = dict[str, str]()
        for finding in (f for report in self.failing for f in self.of(report)):
            requirement = finding.verdict.requirement
            ways.setdefault(requirement, Counter())[finding.way] += 1
            names.setdefault(requirement, finding.name)
        found = [Problem(names[r], c.total(), tuple(c.most_common())) for r, c in ways.items()]
        return sorted(found, key=lambda problem: -problem.units)

    def _finding(self, verdict: Verdict) -> Finding:
        thing = _THINGS[verdict.sense] if verdict.sense else "链接或二维码"
        return Finding(verdict, named(verdict), thing, unwanted=verdict.expect == "absent")


def plain(text: str, most: int = _ADDRESS) -> str:
    """Text from anywhere as one line that XML can hold."""
    return _NOT_XML.sub("", clean(text, most))


def unit_name(report: UnitReport) -> str:
    """The unit as papers call it; no paper stays without addressee."""
    names = (plain(text, _NAME).strip() for text in (report.target.name, report.target.id))
    return next(filter(None, names), "（未命名单位）")


def rules_name(run: ScanRun) -> str:
    """The rules without the marks of a title, which papers set themselves."""
    return plain(run.rules.name, _NAME).strip().removeprefix("《").removesuffix("》")


def named(verdict: Verdict) -> str:
    """The requirement as papers call it."""
    return plain(verdict.name, _NAME).strip()


def note(evidence: Evidence) -> str:
    """What is said of a thing that was seen instead; what the rules say stays in their words."""
    if other := _OF_ANOTHER.fullmatch(evidence.note):
        return f"放置的是“{plain(other[1], _NAME)}”的内容"
    return _NOTES.get(evidence.note, plain(evidence.note, _NOTE))


def doubts(report: UnitReport) -> list[str]:
    """Why nobody can say of the unit, each reason once with what it concerns."""
    concerns = dict[str, list[str]]()
    for verdict in report.verdicts:
        if _is_grave(verdict, Outcome.UNDETERMINED):
            concerns.setdefault(doubt(report, verdict), []).append(named(verdict))
    return [f"{'、'.join(names)}：{why}" for why, names in concerns.items()]


def day(moment: datetime) -> str:
    """The day in China, as papers write it."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def days(run: ScanRun) -> str:
    """The day of the check, or from when to when it went."""
    return "至".join(dict.fromkeys(map(day, (run.started_at, run.finished_at))))


def _is_grave(verdict: Verdict, outcome: Outcome) -> bool:
    return verdict.level == "must" and verdict.outcome is outcome


def doubt(report: UnitReport, verdict: Verdict) -> str:
    """Why nobody can say of one requirement."""
    if verdict.reason.startswith("not seen: "):
        return f"首页未能打开{_cause(report)}"
    known: Iterable[str] = (told for sign, told in _DOUBTS if sign in verdict.reason)
    return next(iter(known), plain(verdict.reason))


def _cause(report: UnitReport) -> str:
    causes = [
        _CAUSES[observation.cause]
        for observation in report.observations
        if isinstance(observation, Unseen)
    ]
    return f"（{causes[-1]}）" if causes else ""
