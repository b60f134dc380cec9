"""Shared by all formats: units in order, figures, words for outcomes, harmless text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ycaudit import office_time
from ycaudit.i18n import Message, Translated, translate
from ycaudit.model import (
    Evidence,
    Outcome,
    Page,
    RunHeader,
    ScanRun,
    Sense,
    UnitReport,
    Verdict,
    Visibility,
    Vouched,
)
from ycaudit.runs.calls import Call
from ycaudit.terminal import CONTROLS

MARK = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.UNDETERMINED: "?", Outcome.WAIVED: "–"}
WORD = Translated(
    {
        Outcome.PASS: "合格",
        Outcome.FAIL: "不合格",
        Outcome.UNDETERMINED: "待核实",
        Outcome.WAIVED: "豁免",
    }
)
REVIEW_SHEET = Message("人工核定")
REVIEW = (
    *(Message("单位"), Message("网址"), Message("要求"), Message("系统检测结果"), Message("原因")),
    *(Message("人工核定"), Message("核定人"), Message("备注")),
    *(Message("编号"), Message("要求编号")),
)
"""The columns of the sheet that people fill in and `review --from` reads."""
TO_CALL = Message("待电话核实")
"""What people write where they cannot tell before they have called the unit."""
SUSPECT = Message("本次检查存疑，核实我方网络和规则之前，不得据此通报或通知单位")
MAX_SUSPICIONS = 5
MAX_WITHOUT = 30
"""Units without a website that are named beside their number."""


def noted(call: Call) -> str:
    """Who noted that a unit is to be called, on which day, and what else was said."""
    said = (clean(call.by, 60), f"{office_time.today(call.at)}", clean(call.note, 300))
    return "，".join(filter(None, said))


def suspicion_lines(run: ScanRun) -> list[str]:
    """The warning at the top where the auditor itself may be at fault; else empty.

    Where a person has checked that since, who it was.
    """
    if not run.suspicions:
        return []
    lines = [clean(why.translated(), 300) for why in run.suspicions[:MAX_SUSPICIONS]]
    hidden = len(run.suspicions) - len(lines)
    more = [translate("另有 {0} 条", hidden)] if hidden else []
    head = translate(SUSPECT) if run.vouched is None else translate(_checked(run.vouched))
    return [head + translate("："), *lines, *more]


def _checked(vouched: Vouched) -> Message:
    day = office_time.today(vouched.at)
    note = translate("（{0}）", clean(vouched.note, 200)) if vouched.note else ""
    return Message(
        "本次检查曾存疑，{0}于 {1} 核对了规则和我方网络，确认结果可用{2}",
        *(clean(vouched.by, 60), day, note),
    )


def marks(run: RunHeader, called: Callable[[str], str] = str) -> Iterator[Message]:
    """What makes a run another than a whole one of its own; `called` names one by its id."""
    if not run.complete:
        yield Message("interrupted")
    if run.partial:
        yield Message("a part of the list")
    if run.carries:
        yield Message("goes on with {0}", called(run.carries))
    if run.judges:
        yield Message("judges {0} anew", called(run.judges))


@dataclass(frozen=True, slots=True)
class Row:
    """One verdict with its unit."""

    report: UnitReport
    verdict: Verdict


def clean(text: str, most: int = 500) -> str:
    """Any text as one line of at most `most` characters, without controls."""
    line = CONTROLS.sub(" ", text[: most * 4])
    line = "".join(c for c in line if unicodedata.category(c) not in ("Cs", "Co"))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def worst_first(run: ScanRun) -> Iterator[UnitReport]:
    """The reports in brief, gravest first, else in the order of the targets."""
    weights = [_weight(report) for report in run.reports.briefs()]
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    return run.reports.briefs(order)


def _weight(report: UnitReport) -> int:
    counts = Counter(verdict.outcome for verdict in report.verdicts)
    return (
        report.outcome.gravity * 10_000 + counts[Outcome.FAIL] * 100 + counts[Outcome.UNDETERMINED]
    )


def remarks_of(report: UnitReport) -> list[str]:
    """What observers remark on a site, each once."""
    pages = (seen for seen in report.observations if isinstance(seen, Page))
    said = (clean(one.translated()) for page in pages for one in page.remarks)
    return list(dict.fromkeys(said))


def without_website(run: ScanRun) -> str:
    """The names of the units that run no website; of very many those of the first."""
    names = [clean(one.name, 80) for one in run.no_website]
    more = translate(" 等") if len(names) > MAX_WITHOUT else ""
    return translate("、").join(names[:MAX_WITHOUT]) + more


def rows(run: ScanRun) -> Iterator[Row]:
    """One row per verdict, in the order of the targets and the rules."""
    for report in run.reports.briefs():
        for verdict in report.verdicts:
            yield Row(report, verdict)


@dataclass(slots=True)
class Asked:
    """A requirement that occurs in a run, and how its sites fare."""

    name: str
    is_advice: bool = False
    is_unwanted: bool = False
    """Whether it is met by what is absent."""
    counts: Counter[Outcome] = field(default_factory=Counter)

    @property
    def title(self) -> str:
        """The name, with advice (`level: should`) marked as such."""
        return translate("{0}（建议）", self.name) if self.is_advice else self.name

    @property
    def marked(self) -> str:
        """The title; where it fails by being there, that stands beside it."""
        return translate("{0}（不得有）", self.title) if self.is_unwanted else self.title

    @property
    def met(self) -> str:
        """How many sites meet it, of those that it is asked of."""
        return f"{self.counts[Outcome.PASS]} / {self.counts.total()}"


def asked(run: ScanRun) -> dict[str, Asked]:
    """The requirements that occur in the run by their ids, in the order of the rules."""
    found: dict[str, Asked] = {}
    order: list[str] = []
    for report in run.reports.briefs():
        for place, verdict in enumerate(report.verdicts):
            if (one := found.get(verdict.requirement)) is None:
                # Not all are asked of the first unit: it stands before what follows it here.
                later = (v.requirement for v in report.verdicts[place + 1 :])
                following = next((id_ for id_ in later if id_ in found), None)
                order.insert(
                    order.index(following) if following else len(order), verdict.requirement
                )
                one = found[verdict.requirement] = Asked(verdict.name)
            one.name = verdict.name
            one.is_advice |= verdict.level == "should"
            one.is_unwanted |= verdict.expect == "absent"
            one.counts[verdict.outcome] += 1
    return {id_: found[id_] for id_ in order}


def columns(run: ScanRun) -> dict[str, str]:
    """The ids and names of `asked`."""
    return {key: one.name for key, one in asked(run).items()}


def tally(run: ScanRun) -> Counter[Outcome]:
    """The number of units per outcome."""
    return Counter(report.outcome for report in run.reports.briefs())


VISIBILITY = Translated(
    {
        Visibility.SHOWN: "",
        Visibility.ON_HOVER: "悬停或切换后可见",
        Visibility.UNSURE: "未必可见",
        Visibility.HIDDEN: "页面上不可见",
    }
)
"""How visible a thing is; empty where it is plainly shown."""


def near_visibility(near: Evidence) -> str:
    """How visible a near miss is, where that is known: what no rule asks for is not tried."""
    is_link = near.sense is Sense.LINK and near.visible is Visibility.HIDDEN
    is_words = near.sense is Sense.TEXT and near.visible is Visibility.UNSURE
    is_untried = (is_link and near.where.box is not None) or is_words
    return "" if is_untried else VISIBILITY[near.visible]


BASIS = Translated(
    {"painted": "依据访问者屏幕所见", "sent": "依据网页源码", "person": "依据人工核定"}
)
"""Which witness a verdict rests on."""


def basis_of(verdict: Verdict) -> str:
    """Which witness it rests on; empty where none has seen anything."""
    return "" if verdict.why.code == "not_seen" else BASIS[verdict.basis]


ORIGIN = Translated(
    {
        "markup": "网页源码中",
        "script": "由脚本写入",
        "frame": "框架内",
        "style": "样式表中",
        "browser": "浏览器所见",
        "comment": "网页注释中",
    }
)
"""The part of the page in which it was seen."""


def described(evidence: Evidence) -> str:
    """A piece of evidence in one line."""
    label = f" “{clean(evidence.label, 60)}”" if evidence.label else ""
    note = f" ({evidence.note.translated()})" if evidence.note else ""
    return f"{clean(evidence.value, 200)}{label}{note}"
