"""The circular (通报) to all units about a run, as a Word document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import IO

from ycaudit.model import Basis, Outcome, ScanRun, Sense
from ycaudit.report import circular_annexes
from ycaudit.report.census import Count, census_of, percent, tenths
from ycaudit.report.findings import Findings, Problem, repeated
from ycaudit.report.formats import NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.report.letterhead import BLANK_DAY, Letterhead
from ycaudit.report.office_text import (
    THINGS,
    again_in_words,
    cited,
    days_in_words,
    first_days,
    named,
    rules_basis,
    rules_name,
    rules_title,
    run_day,
)
from ycaudit.report.official_paper import BODY, FLUSH, SUBHEADING, Paper, annex_list, signature
from ycaudit.report.paper_template import Line, Values, fill, filled, opened
from ycaudit.report.rows import suspicion_lines
from ycaudit.runs.checks import check_days
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.diff import is_unseen
from ycaudit.runs.rounds import is_of_the_same

TEMPLATE = "circular.zh.md"
MAX_WAYS, MAX_EXAMPLES, MAX_NAMES = 3, 3, 30

_SEEN: Mapping[frozenset[Basis], str] = {
    frozenset({"painted"}): "，以访问者在浏览器中看到的首页为准",
    frozenset({"sent"}): "，以首页的网页源码为依据",
    frozenset({"painted", "sent"}): "，以访问者看到的首页和网页源码为依据",
}
"""What the verdicts rest on that no person has made."""
_INTERRUPTED = "本次检查中途中断，以上家数只包括已完成检查的单位，尚未检查的单位未计入。"


def render(
    run: ScanRun,
    out: IO[bytes],
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> None:
    """Write the text of the template, then the annexes. Raises AuditError for a wrong template."""
    out.write(written(run, template(), background).save())


def template() -> str:
    """The text of the template in the package."""
    return (resources.files("ycaudit.report") / "templates" / TEMPLATE).read_text(encoding="utf-8")


def written(run: ScanRun, text: str, background: Background = NO_BACKGROUND) -> Paper:
    """The circular by the office's own template, else with this text; raises AuditError."""
    findings = Findings(run)
    known = values(run, findings, background)
    title = f"关于{rules_title(run)}落实情况的通报"
    if background.template is None:
        paper = Paper(title, run.finished_at)
        _body(paper, list(filled(text, known, name=TEMPLATE)), background)
    else:
        name, data = background.template
        paper = Paper(title, run.finished_at, opened(data, name))
        fill(paper.document, known, name=name)
    if run.is_suspect:
        paper.put_first(suspicion_lines(run), FLUSH)
    circular_annexes.add(paper, findings, background)
    return paper


def _body(paper: Paper, lines: Sequence[Line], background: Background) -> None:
    head = background.letterhead
    paper.head(head.issuer or "（发文机关标志）", head.number or "____〔____〕____号")
    following = [*(style for _, style in lines[1:]), BODY]
    for (line, style), after in zip(lines, following, strict=True):
        # A blank line stands above what ends the paper: the annexes and the signature, which must
        # not be alone on a page.
        paper.add(line, replace(style, with_next=True) if after.before else style)


def values(run: ScanRun, findings: Findings, background: Background) -> Values:
    """The values of the placeholders."""
    head, whole = background.letterhead, findings.census.whole
    days = check_days(run)
    annexes = circular_annexes.titles(findings, background)
    return {
        "issuer": head.issuer or "（发文机关名称）",
        "number": head.number or "____〔____〕____号",
        "deadline": head.due(run_day(run)),
        "receiver": head.issuer or "发文机关",
        "rules": rules_name(run),
        "subject": rules_title(run),
        "basis": rules_basis(run),
        "days": first_days(run),
        "again": again_in_words(days),
        "total": str(whole.total),
        "checked": str(whole.checked),
        "sites": str(whole.sites),
        "no_website": str(whole.no_website),
        "passed": str(whole.passed),
        "failed": str(whole.failed),
        "undetermined": str(whole.undetermined),
        "waived": str(whole.waived),
        "share": whole.share,
        "change": _change(run, whole, background.previous),
        "things": _things(run),
        "coverage": _coverage(run, whole),
        "method": _method(run, background.hearing.persons),
        "results": _results(whole),
        "interrupted": [] if run.complete else [(_INTERRUPTED, BODY)],
        "groups": list(_groups(findings)) if run.complete else [],
        "problems": list(_problems(run, findings.problems())),
        "repeats": list(_repeats(findings, background)),
        "demands": list(_demands(run, whole, background.letterhead)),
        "verification": list(_verification(whole)),
        "annexes": annex_list(annexes),
        "signature": signature(head.issuer or "（发文机关署名）", BLANK_DAY),
        "contact": [(f"（{head.answer_to or '联系人：________，电话：________'}）", BODY)],
    }


def _things(run: ScanRun) -> str:
    """What the homepages were checked for: what must be there, and what must not."""
    asked = {(v.expect, v.sense) for report in run.reports.briefs() for v in report.verdicts}
    must = _kinds({sense for expect, sense in asked if expect == "present"})
    must_not = _kinds({sense for expect, sense in asked if expect == "absent"})
    parts = [f"设置{must}"] * bool(must) + [f"有无不应出现的{must_not}"] * bool(must_not)
    return "，以及".join(parts) or "执行规定"


def _kinds(senses: Collection[Sense | None]) -> str:
    """The kinds of things in words: 链接、二维码和文字."""
    *most, last = [THINGS.source(s) for s in THINGS if s in senses] or [
        "链接或二维码" * bool(senses)
    ]
    return f"{'、'.join(most)}和{last}" if most else last


def _coverage(run: ScanRun, whole: Count) -> str:
    sites = f"{whole.checked}家单位的{whole.sites}个网站"
    not_seen = sum(map(is_unseen, run.reports.briefs()))
    seen = f"{whole.sites - not_seen}个网站看到了首页，" if not_seen < whole.sites else ""
    of_them = f"；其中{seen}{not_seen}个网站未能看到首页" if not_seen else ""
    if not run.complete:
        return f"已检查{sites}{of_them}。"
    without = f"，其中{whole.no_website}家未开设网站（{_without(run)}）" if whole.no_website else ""
    share = percent(whole.checked, whole.total)
    return f"应检{whole.total}家单位{without}；实际检查{sites}，检查率为{share}{of_them}。"


def _without(run: ScanRun) -> str:
    """The names of the units that run no website."""
    names = [named(one.name, one.id) for one in run.no_website]
    return "、".join(names[:MAX_NAMES]) + ("等" if len(names) > MAX_NAMES else "")


def _method(run: ScanRun, persons: int) -> str:
    """How it was checked, as far as it is true of every unit."""
    bases = frozenset(
        v.basis
        for report in run.reports.briefs()
        for v in report.verdicts
        if v.level == "must" and (v.basis == "person" or not v.why.has("not_seen"))
    )
    seen = _SEEN.get(bases - {"person"}) or ("，结论均由人工作出" if bases else "")
    by = "人工核定" if persons == 1 else f"{'两' if persons == 2 else chinese(persons)}人分别核定"
    fails = any(report.outcome is Outcome.FAIL for report in run.reports.briefs())
    is_confirmed = fails and not unconfirmed(run.reports.briefs(), persons)
    by_hand = f"，不合格的单位均经{by}" if is_confirmed else ""
    checked = "本次结果与以往出入较大，规则和检查网络已由人工核对。" if run.vouched else ""
    return f"检查由程序逐一访问网站首页{seen}{by_hand}。{checked}"


def _results(whole: Count) -> str:
    """The figures, which add up to the units of the list; what is none is left out."""
    rest = (
        ("待核实", whole.undetermined),
        ("豁免", whole.waived),
        ("未开设网站", whole.no_website),
    )
    parts = [f"合格{whole.passed}家", f"不合格{whole.failed}家"]
    return "，".join([*parts, *(f"{word}{units}家" for word, units in rest if units)])


def _change(run: ScanRun, whole: Count, previous: ScanRun | None) -> str:
    """How the share moved since the round before, by the figures as they are printed.

    Nothing where they are not of the same: a run that broke off, or of other units.
    """
    if previous is None or not run.complete or not is_of_the_same(previous, run):
        return ""
    before = census_of(previous).whole
    if not (before.obliged and whole.obliged):
        return ""
    then = tenths(before.passed, before.obliged)
    moved = tenths(whole.passed, whole.obliged) - then
    days = days_in_words([one.day for one in check_days(previous) if one.first])
    by = f"{'提高' if moved > 0 else '下降'}{abs(moved) / 10:g}个百分点" if moved else "持平"
    with_ = "与" if not moved else "比"
    return f"，{with_}上次检查（{days}，{then / 10:g}%）{by}"


def _groups(findings: Findings) -> Iterator[Line]:
    """The offices or categories all of whose units pass."""
    census = findings.census
    perfect = [group for group in census.groups if group.all_pass]
    if not perfect:
        return
    names = "、".join(f"{named(g.name)}（{g.passed}家）" for g in perfect[:MAX_NAMES])
    more = f"等{len(perfect)}个" if len(perfect) > MAX_NAMES else ""
    yield f"按{census.by}统计，所属单位全部合格的有：{names}{more}。", BODY


def _problems(run: ScanRun, problems: Sequence[Problem]) -> Iterator[Line]:
    if not problems:
        where = "检查中" if run.complete else "已检查的单位中"
        yield f"{where}未发现不合格的单位。", BODY
    for number, problem in enumerate(problems, start=1):
        yield f"（{chinese(number)}）{problem.name}：{problem.units}家单位不合格", SUBHEADING
        basis = f"依据：{cited(run, problem.clause)}。" if problem.clause else ""
        yield f"{basis}主要情形：{'；'.join(_ways(problem))}。", BODY


def _ways(problem: Problem) -> list[str]:
    """The commonest by themselves, and who fails in others: one that is left is told, too."""
    told = len(problem.ways) if len(problem.ways) == MAX_WAYS + 1 else MAX_WAYS
    ways = [f"{way.text}（{_examples(way.units)}）" for way in problem.ways[:told]]
    rest = [unit for way in problem.ways[told:] for unit in way.units]
    return [*ways, f"其他情形（{_examples(rest)}）"] if rest else ways


def _examples(units: Sequence[str]) -> str:
    """How many they are, and the names of the first."""
    as_in = "，如" if len(units) > MAX_EXAMPLES else "："
    return f"{len(units)}家{as_in}{'、'.join(units[:MAX_EXAMPLES])}"


def _repeats(findings: Findings, background: Background) -> Iterator[Line]:
    previous = background.previous
    units = repeated(findings, background.repeated)
    if not units or previous is None:
        return
    number = chinese(len(findings.problems()) + 1)
    yield f"（{number}）部分单位连续两次检查不合格：{len(units)}家单位", SUBHEADING
    more = "等" if len(units) > MAX_NAMES else ""
    names = "、".join(units[:MAX_NAMES])
    yield (
        f"上次检查（{first_days(previous)}）不合格、本次检查仍不合格的单位有：{names}{more}。",
        BODY,
    )


def _demands(run: ScanRun, whole: Count, head: Letterhead) -> Iterator[Line]:
    """What units are asked to do: to mend something only where any fails."""
    if not whole.failed:
        yield "各单位要对照要求检查自身网站首页，防止出现问题。", BODY
        return
    yield (
        (
            f"不合格的单位要对照附件逐项整改，于{head.due(run_day(run))}前完成，"
            f"并将整改情况书面报送{head.issuer or '发文机关'}。"
            "其他单位要对照检查自身网站首页，防止出现同类问题。"
        ),
        BODY,
    )


def _verification(whole: Count) -> Iterator[Line]:
    if whole.undetermined:
        yield (
            (
                f"待核实的{whole.undetermined}家单位由检查人员进一步核实，不作不合格处理；"
                "请有关单位予以配合。"
            ),
            BODY,
        )


def chinese(number: int) -> str:
    """A number from 1 to 99 in Chinese; others in digits."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


_DIGITS = "零一二三四五六七八九"
