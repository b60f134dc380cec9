"""The circular (通报) to all units about a run, as a Word document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import IO

from ycaudit.i18n import Message
from ycaudit.model import Outcome, ScanRun, UnitReport
from ycaudit.report.formats import ReadEvidence, no_evidence
from ycaudit.report.office_text import Findings, Problem, days, doubts, plain, rules_name, unit_name
from ycaudit.report.official_paper import (
    ANNEX,
    BODY,
    FLUSH,
    HEADING,
    SIGNATURE,
    SUBHEADING,
    TITLE,
    Paper,
    Style,
    add_row,
)
from ycaudit.report.rows import suspicion_lines, tally

TEMPLATE = "circular.zh.md"
MAX_WAYS = 3

Line = tuple[str, Style]
Values = Mapping[str, str | Sequence[Line]]
"""The values of placeholders: text within a line, or whole lines."""

_DIGITS = "零一二三四五六七八九"
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_STYLES = (
    (re.compile(r"[一二三四五六七八九十]+、"), HEADING),
    (re.compile(r"（[一二三四五六七八九十]+）"), SUBHEADING),
    (re.compile(r"> *"), SIGNATURE),
    (re.compile(r".*：$"), FLUSH),
)
_FAILING = "不合格单位及整改要求一览表"
_OPEN = "未能判定单位一览表"


def render(run: ScanRun, out: IO[bytes], read_evidence: ReadEvidence = no_evidence) -> None:
    """Write the text of the template, then the units in annexes."""
    out.write(written(run, template()).save())


def template() -> str:
    """The text of the template in the package."""
    file = resources.files("ycaudit.report") / "templates" / TEMPLATE
    return file.read_text(encoding="utf-8-sig")  # Windows editors may add a byte order mark


def written(run: ScanRun, text: str) -> Paper:
    """The circular with the text of a template. Raises ValueError for a wrong placeholder."""
    findings = Findings(run)
    lines = list(filled(text, values(run, findings)))
    paper = Paper(lines[0][0], run.finished_at)
    for warning in suspicion_lines(run):
        paper.add(warning, FLUSH)
    for line, style in lines:
        paper.add(line, style)
    for number, (title, _) in enumerate(_annexes(findings), start=1):
        _annex(paper, number, title, findings)
    return paper


def values(run: ScanRun, findings: Findings) -> dict[str, str | Sequence[Line]]:
    """The values of the placeholders."""
    counts = tally(run)
    return {
        "rules": rules_name(run),
        "dates": days(run),
        "total": str(len(run.reports)),
        "waived": str(counts[Outcome.WAIVED]),
        "undetermined": str(counts[Outcome.UNDETERMINED]),
        "passed": str(counts[Outcome.PASS]),
        "failed": str(counts[Outcome.FAIL]),
        "interrupted": [] if run.complete else [(_INTERRUPTED, BODY)],
        "problems": list(_problems(findings.problems())),
        "annexes": list(_list_of(_annexes(findings))),
    }


_INTERRUPTED = "本次检查中途中断，以上家数只包括已完成检查的单位，尚未检查的单位未计入。"


def filled(text: str, known: Values) -> Iterator[Line]:
    """The lines of a template with their placeholders filled in."""
    styled = _styled(text)
    if not styled:
        raise ValueError(
            Message("{0}: the template has no text; its first line is the title", TEMPLATE)
        )
    for number, line, style in styled:
        value = known.get(line[1:-1]) if _BRACES.fullmatch(line) else None
        if value is None or isinstance(value, str):
            yield _in_line(line, number, known), style
        else:
            yield from value


def _styled(text: str) -> list[tuple[int, str, Style]]:
    """The number, text and style of each printed line.

    The style depends on the template alone: a name that fills a placeholder makes no heading.
    """
    found = list[tuple[int, str, Style]]()
    for number, line in enumerate(map(str.strip, text.splitlines()), start=1):
        if line and not line.startswith("#"):
            style = _style(line) if found else TITLE
            found.append((number, line.removeprefix("> ") if style is SIGNATURE else line, style))
    return found


def _style(line: str) -> Style:
    return next((style for sign, style in _STYLES if sign.match(line)), BODY)


def _in_line(line: str, number: int, known: Values) -> str:
    """Fill the placeholders once: braces in their values stay."""

    def value(match: re.Match[str]) -> str:
        found = known.get(match[1] or "")
        if isinstance(found, str):
            return found
        raise ValueError(f"{TEMPLATE}:{number}: {_explained(match, known)}")

    return _BRACES.sub(value, line)


def _explained(match: re.Match[str], known: Values) -> str:
    if match[1] is None:
        return Message("{0} stands alone; a placeholder is written like {total}", match[0])
    if match[1] in known:
        return Message("{0} brings whole lines; it must stand on a line of its own", match[0])
    return Message(
        "{0} is no placeholder; there are {1}", match[0], ", ".join(f"{{{name}}}" for name in known)
    )


def _problems(problems: Sequence[Problem]) -> Iterator[Line]:
    if not problems:
        yield "检查中未发现不合格的单位。", BODY
    for number, problem in enumerate(problems, start=1):
        yield f"（{chinese(number)}）{problem.name}：{problem.units}家不合格", SUBHEADING
        basis = f"依据：{problem.clause}。" if problem.clause else ""
        yield f"{basis}主要情形：{'；'.join(_ways(problem))}。", BODY


def _ways(problem: Problem) -> list[str]:
    ways = [f"{way}（{units}家）" for way, units in problem.ways[:MAX_WAYS]]
    rest = sum(units for _, units in problem.ways[MAX_WAYS:])
    return [*ways, f"其他情形（{rest}家）"] if rest else ways


def chinese(number: int) -> str:
    """A number from 1 to 99 in Chinese; others in digits."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


def _annexes(findings: Findings) -> list[tuple[str, int]]:
    """The annexes that are not empty: title and number of units."""
    named = ((_FAILING, len(findings.failing)), (_OPEN, len(findings.undetermined)))
    return [(title, units) for title, units in named if units]


def _list_of(annexes: Sequence[tuple[str, int]]) -> Iterator[Line]:
    for number, (title, units) in enumerate(annexes, start=1):
        begin = "附件：" if number == 1 else "\u3000\u3000\u3000"
        yield f"{begin}{number}．{title}（{units}家）", BODY


def _annex(paper: Paper, number: int, title: str, findings: Findings) -> None:
    paper.add(f"附件{number}", ANNEX)
    paper.add(title, TITLE)
    if title == _FAILING:
        _table_of_failing(paper, findings)
    else:
        _table_of_open(paper, findings.undetermined)


def _table_of_failing(paper: Paper, findings: Findings) -> None:
    table = paper.table(["序号", "单位", "网址", "问题", "整改要求"], [12, 34, 36, 40, 34])
    for number, report in enumerate(findings.failing, start=1):
        found = findings.of(report)
        wrong = [f"{finding.name}：{finding.way}" for finding in found]
        asked = [finding.remedy for finding in found]
        add_row(table, [*_who(number, report), wrong, asked])


def _table_of_open(paper: Paper, reports: Sequence[UnitReport]) -> None:
    table = paper.table(["序号", "单位", "网址", "未能判定的原因"], [12, 40, 40, 64])
    for number, report in enumerate(reports, start=1):
        add_row(table, [*_who(number, report), doubts(report)])


def _who(number: int, report: UnitReport) -> list[list[str]]:
    return [[str(number)], [unit_name(report)], [plain(report.target.url)]]
