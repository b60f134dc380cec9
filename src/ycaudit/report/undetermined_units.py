"""The units that are still to be verified: for those who verify, and not to be published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from ycaudit.model import Contact, ScanRun
from ycaudit.report.circular_annexes import availability_lines, in_groups
from ycaudit.report.findings import Findings, NamedUnit
from ycaudit.report.formats import NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.report.office_text import days, doubts, plain, rules_title
from ycaudit.report.official_paper import BODY, FLUSH, TITLE, Paper, add_group, add_row
from ycaudit.report.rows import TO_CALL, noted, suspicion_lines
from ycaudit.runs.calls import Calls

_TITLE = "待核实单位清单"


def render(
    run: ScanRun,
    out: IO[bytes],
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> None:
    """Write the list: why each unit is open, whom to call, and room for what was found.

    Behind them units that fail, of which something else is open.
    """
    findings = Findings(run)
    units = in_groups(findings.undetermined, findings)
    failing = in_groups(findings.open_of_failing(run), findings)
    paper = Paper(_TITLE, run.finished_at)
    paper.add("内部资料，不对外公布", FLUSH)
    paper.add(_TITLE, TITLE)
    paper.add(
        f"{rules_title(run)}落实情况检查（{days(run)}）中，{_counted(len(units), len(failing))}。",
        BODY,
    )
    if units or failing:
        _listed(paper, units, failing, background)
    paper.put_first(suspicion_lines(run), FLUSH)
    out.write(paper.save())


def _counted(units: int, failing: int) -> str:
    if failing:
        first = f"以下{units}家单位尚待核实，另有" if units else "没有整体待核实的单位，以下"
        return f"{first}{failing}家不合格单位的部分事项尚待核实"
    return f"以下{units}家单位尚待核实" if units else "没有待核实的单位和事项"


def _listed(
    paper: Paper, units: Sequence[NamedUnit], failing: Sequence[NamedUnit], background: Background
) -> None:
    table = paper.table(
        ["序号", "单位", "网址", "待核实的事项和原因", "联系人、电话", "核实结果"],
        [12, 30, 31, 41, 22, 20],
    )
    for number, unit in enumerate([*units, *failing], start=1):
        if number == len(units) + 1:
            add_group(table, f"不合格单位中待核实的事项（{len(failing)}家）")
        add_row(table, [[str(number)], *_told(unit, background), [""]])


def _told(unit: NamedUnit, background: Background) -> list[list[str]]:
    several = len(unit.sites) > 1
    open_points = [
        f"{plain(site.target.url)}：{doubt}" if several else doubt
        for site in unit.sites
        for doubt in doubts(site)
    ]
    open_points += availability_lines(unit, background)
    open_points += _to_call(unit, background.calls)
    addresses = [plain(site.target.url) for site in unit.sites]
    return [[unit.name], addresses, open_points, people(unit)]


def _to_call(unit: NamedUnit, calls: Calls) -> list[str]:
    """That the unit is to be called, with what was noted about that, each note once."""
    made = (
        calls.get((site.target.id, v.requirement)) for site in unit.sites for v in site.verdicts
    )
    said = (f"{TO_CALL}（{plain(noted(call), 400)}）" for call in made if call is not None)
    return list(dict.fromkeys(said))


def people(unit: NamedUnit) -> list[str]:
    """The persons of a unit and their telephones, each once."""
    contacts = (site.target.contact or Contact() for site in unit.sites)
    said = (plain(text, 60) for c in contacts for text in (c.person, c.phone) if text)
    return list(dict.fromkeys(said))
