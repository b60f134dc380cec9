"""The findings of a run in the Chinese of official papers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ycaudit import office_time
from ycaudit.model import Cause, Evidence, Outcome, ScanRun, Sense, UnitReport, Unseen, Verdict
from ycaudit.report.rows import clean, worst_first

DEADLINE = "请于____年__月__日前完成整改"

_NAME, _ADDRESS, _NOTE = 80, 300, 120
_NOT_XML = re.compile("[\ufffe\uffff]")
_THINGS = {Sense.LINK: "链接", Sense.QR_CODE: "二维码", Sense.IMAGE: "图片"}
_NOTES = {
    "in_comment": "只写在网页源代码的注释中",
    "other_code_in_comment": "只在网页源代码的注释中有其他二维码",
    "named_other_page": "名称正确，但指向该网站的其他页面",
    "lookalike_host": "地址相似，但指向其他网站",
    "named_leads_elsewhere": "名称正确，但指向其他网站",
    "other_page": "只链接到该网站的其他页面",
    "other_code_labelled": "标注的名称相符，但二维码内容不符",
    "other_code_of_host": "二维码指向同一网站，但内容不符",
    "other_code": "首页只有其他内容的二维码",
    "known_mistake": "放置的是已知的其他内容",
}
"""The text for a near miss, by the code of its note."""
_CAUSES = {
    Cause.DNS: "域名无法解析",
    Cause.CONNECT: "无法连接",
    Cause.TLS: "安全连接失败",
    Cause.TIMEOUT: "访问超时",
    Cause.HTTP_STATUS: "服务器返回错误",
    Cause.CHALLENGE: "网站要求人机验证",
    Cause.NOT_HTML: "返回的不是网页",
    Cause.REFUSED_ADDRESS: "地址不允许访问",
    Cause.REDIRECTS: "跳转次数过多",
    Cause.CRASH: "浏览器崩溃",
    Cause.OUR_BUG: "检查程序出错",
}
# The text for an undetermined verdict: the first whose code is in the chain of reasons.
_DOUBTS = (
    ("not_all_seen", "未发现，但首页有未能读取的内容"),
    ("unpinned", "尚无经核实的二维码可供比对"),
    ("unknown_forms", "首页的二维码是否属于该项尚不能确定"),
    ("almost_the_same", "二维码与要求的相近，是否有效尚未核实"),
    ("unverified_code", "放置的内容尚未经人工核实"),
    ("other_form", "放置的内容尚未经人工核实"),
    ("unverified_link", "放置的内容尚未经人工核实"),
    ("never_shown", "网页中有，但访问者看不到或用不了"),
    ("visibility_unknown", "网页中有，但能否看到尚不能确定"),
    ("may_jump", "首页的跳转链接可能指向该网站，尚未核实"),
    ("destination_unknown", "首页有链接或二维码的去向未能查明"),
    ("links_not_followed", "首页有链接或二维码的去向未能查明"),
    ("codes_not_followed", "首页有链接或二维码的去向未能查明"),
    ("one_look_only", "两次检查的结果不一致"),
)


_BASIS = {"painted": "系访问者屏幕所见", "sent": "系网页源码所载", "person": "经人工复核"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A requirement that a unit fails."""

    verdict: Verdict
    name: str
    thing: str
    """The kind of thing: a link, a code, or either where the run does not record it."""
    unwanted: bool
    """Whether it must not be there."""

    @property
    def clause(self) -> str:
        """The clause of the rules that asks for it; empty where the run has none."""
        return plain(self.verdict.clause or "", _NAME).strip()

    @property
    def basis(self) -> str:
        """What the finding rests on."""
        return _BASIS[self.verdict.basis]

    @property
    def seen(self) -> tuple[Evidence, ...]:
        """What was seen of it, else the near misses."""
        return self.verdict.evidence or tuple(e for e in self.verdict.near if self._blames(e))

    def _blames(self, near: Evidence) -> bool:
        """Things that another requirement asks for are right, unless labelled with this name."""
        if near.note is None or near.note.code != "asked_by_other":
            return True
        return self.verdict.name in near.label.replace(str(near.note.params["other"]), "")

    @property
    def way(self) -> str:
        """How it fails."""
        if self.unwanted:
            return f"首页出现了不应出现的{self.thing}"
        if self.verdict.evidence:
            return f"网页中有该{self.thing}，但访问者看不到"
        noted = next(filter(None, map(note, self.seen)), None)
        return noted or f"首页没有该{self.thing}"

    @property
    def remedy(self) -> str:
        """What the unit is asked to do."""
        if self.unwanted:
            return f"从首页移除{self.name}的{self.thing}"
        return f"在首页添加{self.name}的{self.thing}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A failed requirement: how many units fail it, and how, the most common way first."""

    name: str
    clause: str
    units: int
    ways: tuple[tuple[str, int], ...]


class Findings:
    """The failing and undetermined units of a run, and their findings."""

    def __init__(self, run: ScanRun) -> None:
        self.failing = tuple(r for r in worst_first(run) if r.outcome is Outcome.FAIL)
        self.undetermined = tuple(
            r for r in run.reports.briefs() if r.outcome is Outcome.UNDETERMINED
        )

    def of(self, report: UnitReport) -> list[Finding]:
        """The duties that the unit fails, in the order of the rules."""
        return [self._finding(v) for v in report.verdicts if _is_grave(v, Outcome.FAIL)]

    def problems(self) -> list[Problem]:
        """The failed requirements, the most common first."""
        ways: dict[str, Counter[str]] = {}
        first = dict[str, Finding]()
        for finding in (f for report in self.failing for f in self.of(report)):
            requirement = finding.verdict.requirement
            ways.setdefault(requirement, Counter())[finding.way] += 1
            first.setdefault(requirement, finding)
        found = [
            Problem(first[r].name, first[r].clause, c.total(), tuple(c.most_common()))
            for r, c in ways.items()
        ]
        return sorted(found, key=lambda problem: -problem.units)

    def _finding(self, verdict: Verdict) -> Finding:
        thing = _THINGS[verdict.sense] if verdict.sense else "链接或二维码"
        return Finding(verdict, named(verdict), thing, unwanted=verdict.expect == "absent")


def plain(text: str, most: int = _ADDRESS) -> str:
    """Any text as one line that XML can hold."""
    return _NOT_XML.sub("", clean(text, most))


def unit_name(report: UnitReport) -> str:
    """The name of the unit, else its id; never empty."""
    names = (plain(text, _NAME).strip() for text in (report.target.name, report.target.id))
    return next(filter(None, names), "（未命名单位）")


def rules_name(run: ScanRun) -> str:
    """The name of the rules without 《》, which papers add."""
    return plain(run.rules.name, _NAME).strip().removeprefix("《").removesuffix("》")


def named(verdict: Verdict) -> str:
    """The name of the requirement."""
    return plain(verdict.name, _NAME).strip()


def note(evidence: Evidence) -> str:
    """The text for the note of a near miss; empty where it has none."""
    if evidence.note is None:
        return ""
    if evidence.note.code == "asked_by_other":
        return f"放置的是“{plain(str(evidence.note.params['other']), _NAME)}”的内容"
    return _NOTES.get(evidence.note.code) or plain(evidence.note.translated(), _NOTE)


def doubts(report: UnitReport) -> list[str]:
    """Why the unit is undetermined: each reason once, with the requirements concerned."""
    concerns = dict[str, list[str]]()
    for verdict in report.verdicts:
        if _is_grave(verdict, Outcome.UNDETERMINED):
            concerns.setdefault(doubt(report, verdict), []).append(named(verdict))
    return [f"{'、'.join(names)}：{why}" for why, names in concerns.items()]


def day(moment: datetime) -> str:
    """The day in China, such as 2026年6月15日."""
    local = office_time.local(moment)
    return f"{local.year}年{local.month}月{local.day}日"


def days(run: ScanRun) -> str:
    """The day of the check, or its first and last day."""
    return "至".join(dict.fromkeys(map(day, (run.started_at, run.finished_at))))


def _is_grave(verdict: Verdict, outcome: Outcome) -> bool:
    return verdict.level == "must" and verdict.outcome is outcome


def doubt(report: UnitReport, verdict: Verdict) -> str:
    """Why a requirement is undetermined."""
    if all(isinstance(observation, Unseen) for observation in report.observations):
        return f"首页未能打开{_cause(report)}"
    if verdict.why.code == "not_seen":
        return f"首页未能打开{_cause(report)}"
    known = (phrase for code, phrase in _DOUBTS if verdict.why.has(code))
    return next(known, plain(verdict.why.translated()))


def _cause(report: UnitReport) -> str:
    causes = [
        _CAUSES[observation.cause]
        for observation in report.observations
        if isinstance(observation, Unseen)
    ]
    return f"（{causes[-1]}）" if causes else ""
