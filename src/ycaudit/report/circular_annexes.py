"""The annexes of the circular: figures by office, who fails and must do what, who passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count, groupby

from ycaudit.report import availability_text
from ycaudit.report.census import Count
from ycaudit.report.findings import Findings, NamedUnit
from ycaudit.report.formats import Background
from ycaudit.report.office_text import named, plain
from ycaudit.report.official_paper import (
    ANNEX,
    ANNEX_TITLE,
    CELL,
    GROUP_CELL,
    NOTE,
    NUMBER_CELL,
    Paper,
    add_group,
    add_row,
)

_Write = Callable[[Paper, Findings, Background], None]
MAX_LINE = 1500
"""Characters of one sentence about how often a site could be reached."""
_ABREAST = 3
"""Names in a row of the list of those that pass."""


def titles(findings: Findings, background: Background) -> list[str]:
    """The titles of the annexes that are not empty."""
    return [title for title, _ in _annexes(findings, background)]


def add(paper: Paper, findings: Findings, background: Background) -> None:
    """Add the annexes, each on a page of its own."""
    annexes = list(_annexes(findings, background))
    for number, (title, write) in enumerate(annexes, start=1):
        paper.add(f"附件{number}" if len(annexes) > 1 else "附件", ANNEX)
        paper.add(title, ANNEX_TITLE)
        write(paper, findings, background)


def _annexes(findings: Findings, background: Background) -> Iterator[tuple[str, _Write]]:
    if findings.census.groups:
        yield f"各{findings.census.by}检查情况统计表", _figures
    if findings.failing:
        yield "不合格单位及整改要求一览表", _failing
    if any(availability_lines(unit, background) for unit in findings.failing):
        yield "首页未能打开的网站的检查记录", _unreachable
    if findings.passing:
        yield "合格单位名单", _passing


_FIGURES = ("应检", "合格", "不合格", "待核实", "豁免", "未开设网站", "合格率")


def _figures(paper: Paper, findings: Findings, background: Background) -> None:
    """One row per group in the order of the list, and the total."""
    census = findings.census
    table = paper.table(["序号", census.by, *_FIGURES], [12, 38, 14, 14, 15, 15, 14, 18, 16])
    middle = [NUMBER_CELL, CELL, *[NUMBER_CELL] * len(_FIGURES)]
    for number, group in enumerate(census.groups, start=1):
        add_row(table, [[str(number)], [named(group.name)], *_counts(group)], middle)
    total = [GROUP_CELL, GROUP_CELL, *[NUMBER_CELL] * len(_FIGURES)]
    add_row(table, [[""], ["合计"], *_counts(census.whole)], total)
    paper.add("注：单位为家；合格率为合格单位占应检单位的比例，豁免的单位不计算在内。", NOTE)


def _counts(group: Count) -> Iterator[list[str]]:
    figures = (
        *(group.total, group.passed, group.failed, group.undetermined),
        *(group.waived, group.no_website),
    )
    yield from ([str(figure)] for figure in figures)
    yield [group.share]


def _failing(paper: Paper, findings: Findings, background: Background) -> None:
    """The failing units by group, in the order of the list and numbered through."""
    table = paper.table(["序号", "单位", "网址", "问题", "整改要求"], [12, 32, 36, 42, 34])
    numbers = count(1)
    failing = in_groups(findings.failing, findings)
    for group, members in groupby(failing, key=lambda unit: unit.group):
        units = list(members)
        if group:
            add_group(table, f"{group}（{len(units)}家）")
        for unit in units:
            cells = [[str(next(numbers))], [unit.name], addresses(unit), unit.wrong, unit.remedies]
            add_row(table, cells, [NUMBER_CELL, *[CELL] * 4])


def _unreachable(paper: Paper, findings: Findings, background: Background) -> None:
    """Of failing units whose homepage could not be seen: every check of the last days, counted."""
    table = paper.table(["序号", "单位", "网址", "检查情况"], [12, 34, 40, 70])
    units = [
        (unit, told)
        for unit in in_groups(findings.failing, findings)
        if (told := availability_lines(unit, background))
    ]
    for number, (unit, told) in enumerate(units, start=1):
        row = [[str(number)], [unit.name], addresses(unit), told]
        add_row(table, row, [NUMBER_CELL, *[CELL] * 3])
    paper.add("注：检查由程序从检查方网络进行；可能系检查方网络或程序所致的，计为不能确定。", NOTE)


def availability_lines(unit: NamedUnit, background: Background) -> list[str]:
    """How often the sites of a unit could be reached that the run could not see."""
    found = [
        (site, background.availability[site.target.id])
        for site in unit.sites
        if site.target.id in background.availability
    ]
    several = len(unit.sites) > 1
    return [
        plain(f"{site.target.url}：{line}" if several and not place else line, MAX_LINE)
        for site, told in found
        for place, line in enumerate(availability_text.lines(told))
    ]


def in_groups(units: Sequence[NamedUnit], findings: Findings) -> list[NamedUnit]:
    """Units by group in the order of the list, and within a group in that order, too."""
    order = {named(group.name): place for place, group in enumerate(findings.census.groups)}
    return sorted(units, key=lambda unit: order.get(unit.group, 0))


def addresses(unit: NamedUnit) -> list[str]:
    """The addresses of the sites in question, each on a line."""
    return [plain(site.target.url) for site in unit.sites]


def _passing(paper: Paper, findings: Findings, background: Background) -> None:
    """The units that pass, by group, numbered through."""
    order = {group.name: place for place, group in enumerate(findings.census.groups)}
    passing = sorted(findings.passing, key=lambda one: order.get(one[0], 0))
    table = paper.table([], [156 / _ABREAST] * _ABREAST)
    numbers = count(1)
    for group, members in groupby(passing, key=lambda one: one[0]):
        names = [f"{next(numbers)}．{name}" for _, name in members]
        if group:
            add_group(table, f"{named(group)}（{len(names)}家）")
        for start in range(0, len(names), _ABREAST):
            row = names[start : start + _ABREAST]
            add_row(table, [[name] for name in [*row, *[""] * (_ABREAST - len(row))]])
    if findings.excused:
        units = "；".join(f"{name}（{'、'.join(duties)}）" for name, duties in findings.excused)
        paper.add(f"注：下列单位经批准有一项或几项要求暂不执行：{units}。", NOTE)
