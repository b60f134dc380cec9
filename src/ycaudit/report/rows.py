"""What all formats tell of a run: its units worst first, and text that is safe to show."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone

from ycaudit.i18n import Message, Translated, translate
from ycaudit.model import (
    Evidence,
    Outcome,
    ScanRun,
    UnitReport,
    Verdict,
    Visibility,
)
from ycaudit.reasons import sentence

# Controls end lines or drive terminals; overrides turn the reading order around.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]+"
)
# A fixed offset: China has no summer time, and Windows has no database of time zones.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
MARK = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✗",
    Outcome.UNDETERMINED: "?",
    Outcome.WAIVED: "–",
}
WORD = Translated(
    {
        Outcome.PASS: "合格",
        Outcome.FAIL: "不合格",
        Outcome.UNDETERMINED: "未能判定",
        Outcome.WAIVED: "豁免",
    }
)


REVIEW_SHEET = Message("人工复核")
REVIEW = (
    *(
        Message("单位"),
        Message("网址"),
        Message("要求"),
        Message("机器结论"),
        Message("原因"),
        Message("人工复核"),
        Message("复核人"),
        Message("备注"),
    ),
    *(Message("编号"), Message("要求编号")),
)
"""The sheet that goes out to people and comes back: `review --from` reads it."""


SUSPECT = Message("本次检查存疑，核实我方网络和规则之前，不得据此通报或通知单位")
MAX_SUSPICIONS = 5


def suspect(run: ScanRun) -> list[str]:
    """What stands before all else where the auditor itself may be broken; else nothing."""
    if not run.suspicions:
        return []
    told = [clean(sentence(why), 300) for why in run.suspicions[:MAX_SUSPICIONS]]
    hidden = len(run.suspicions) - len(told)
    more = [translate("另有 {0} 条", hidden)] if hidden else []
    return [translate(SUSPECT) + translate("："), *told, *more]


@dataclass(frozen=True, slots=True)
class Row:
    """One verdict with its unit, as text."""

    report: UnitReport
    verdict: Verdict


def clean(text: str, most: int = 500) -> str:
    """Text from anywhere as one harmless line."""
    line = _UNSAFE.sub(" ", text[: most * 4])
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


def rows(run: ScanRun) -> Iterator[Row]:
    """One row a verdict, in the order of the targets and the rules."""
    for report in run.reports.briefs():
        for verdict in report.verdicts:
            yield Row(report, verdict)


def columns(run: ScanRun) -> dict[str, str]:
    """The requirements that occur in the run: id to name, in the order of the rules."""
    return {v.requirement: v.name for report in run.reports.briefs() for v in report.verdicts}


def titles(run: ScanRun) -> dict[str, str]:
    """Id to name, where advice is told from duty."""
    advice = {
        v.requirement for r in run.reports.briefs() for v in r.verdicts if v.level == "should"
    }
    return {
        key: translate("{0}（建议）", name) if key in advice else name
        for key, name in columns(run).items()
    }


def tally(run: ScanRun) -> Counter[Outcome]:
    """How many units came out how."""
    return Counter(report.outcome for report in run.reports.briefs())


SEEN = Translated(
    {
        Visibility.SHOWN: "",
        Visibility.ON_HOVER: "悬停或切换后可见",
        Visibility.UNSURE: "未必可见",
        Visibility.HIDDEN: "页面上不可见",
    }
)
"""How visible a thing is, where that is worth a word."""
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
"""Where of the page it was seen."""


def told(evidence: Evidence) -> str:
    """One thing that was seen, in a line."""
    label = f" “{clean(evidence.label, 60)}”" if evidence.label else ""
    note = f" ({sentence(evidence.note)})" if evidence.note else ""
    return f"{clean(evidence.value, 200)}{label}{note}"
