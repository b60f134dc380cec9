"""Rectification notices (整改通知书): a Word document per failing unit, in one ZIP file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import IO
from zipfile import ZipFile

from ycaudit.model import Evidence, Outcome, ScanRun, Sense, UnitReport
from ycaudit.report.formats import ReadEvidence, no_evidence
from ycaudit.report.office_text import (
    DEADLINE,
    Finding,
    Findings,
    days,
    note,
    plain,
    rules_name,
    unit_name,
)
from ycaudit.report.official_paper import (
    ANNEX,
    CODE,
    FLUSH,
    HEADING,
    SIGNATURE,
    SUBHEADING,
    TITLE,
    Paper,
    add_row,
    pack,
)
from ycaudit.report.rows import rows, suspicion_lines
from ycaudit.url import parse_web_url

MAX_FILE_NAME = 60
MAX_NEAR = 3
_MAX_ADDRESS = 300
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_TITLE = "整改通知书"


def render(run: ScanRun, out: IO[bytes], read_evidence: ReadEvidence = no_evidence) -> None:
    """Write the notices, numbered as the units in the annex of the circular."""
    findings = Findings(run)
    links = ExampleLinks(run)
    digits = max(3, len(str(len(findings.failing))))
    with ZipFile(out, "w") as archive:
        for number, report in enumerate(findings.failing, start=1):
            paper = _Notice(run, report, read_evidence).written(findings.of(report), links)
            name = file_name(f"{number:0{digits}}", unit_name(report))
            pack(archive, name, paper.save(), run.finished_at)


def file_name(number: str, name: str) -> str:
    """A file name that is valid on every system, also on Windows."""
    seen = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    safe = _FORBIDDEN.sub("_", seen)
    room = MAX_FILE_NAME - len(f"{number}_.docx")
    return f"{number}_{safe[:room].strip(' .') or '单位'}.docx"


class ExampleLinks:
    """Links by which other units of the run meet a requirement."""

    def __init__(self, run: ScanRun) -> None:
        self._seen: dict[str, Counter[str]] = {}
        for row in rows(run):
            if row.verdict.outcome is Outcome.PASS:
                counts = self._seen.setdefault(row.verdict.requirement, Counter())
                counts.update({e.value for e in row.verdict.evidence if _serves(e, row.report)})

    def of(self, requirement: str) -> str | None:
        """The most common link, then the shortest; None where no unit has one."""
        counts = self._seen.get(requirement, Counter[str]())
        return min(counts, key=lambda value: (-counts[value], len(value), value), default=None)


def _serves(evidence: Evidence, report: UnitReport) -> bool:
    """Whether others can copy the link: a plain address that is not on the unit's own site."""
    value = evidence.value
    found, own = parse_web_url(value), parse_web_url(report.target.url)
    return (
        evidence.sense is Sense.LINK
        and evidence.visible.counts
        and plain(value, _MAX_ADDRESS) == value
        and found is not None
        and (own is None or found.host != own.host)
    )


class _Notice:
    """The notice to one unit."""

    def __init__(self, run: ScanRun, report: UnitReport, read_evidence: ReadEvidence) -> None:
        self._run, self._report, self._read_evidence = run, report, read_evidence
        self._unit = unit_name(report)
        self._paper = Paper(f"{_TITLE}（{self._unit}）", run.finished_at)
        self._shown: set[str] = set()

    def written(self, found: Sequence[Finding], links: ExampleLinks) -> Paper:
        """The notice: what is missing, how to comply, by when, and the reply slip."""
        self._head()
        self._paper.add("一、存在的问题", HEADING)
        for number, finding in enumerate(found, start=1):
            self._problem(number, finding)
        self._paper.add("二、整改办法", HEADING)
        for number, finding in enumerate(found, start=1):
            self._remedy(number, finding, links)
        self._deadline()
        self._slip(found)
        return self._paper

    def _head(self) -> None:
        url = plain(self._report.target.url)
        for warning in suspicion_lines(self._run):
            self._paper.add(warning, FLUSH)
        self._paper.add(_TITLE, TITLE)
        self._paper.add(f"{self._unit}：", FLUSH)
        self._paper.add(
            f"{days(self._run)}，根据《{rules_name(self._run)}》对你单位网站首页（{url}）"
            "进行了检查，发现下列问题，现通知你单位整改。"
        )

    def _problem(self, number: int, finding: Finding) -> None:
        self._paper.add(f"{number}．{finding.name}", SUBHEADING)
        if finding.clause:
            self._paper.add(f"依据：《{rules_name(self._run)}》{finding.clause}。")
        self._paper.add(f"{finding.way}。（{finding.basis}）")
        for evidence in finding.seen[:MAX_NEAR]:
            self._seen(evidence, finding.way)

    def _seen(self, evidence: Evidence, way: str) -> None:
        label = f"“{plain(evidence.label, 60)}”" if evidence.label else ""
        remark = f"（{noted}）" if (noted := note(evidence)) not in ("", way) else ""
        self._paper.add(f"检查时看到：{label}{plain(evidence.value)}{remark}")
        # One screenshot may be the evidence of several findings; it is shown once.
        if evidence.file and evidence.file not in self._shown:
            self._shown.add(evidence.file)
            self._paper.picture(self._read_evidence(evidence.file))

    def _remedy(self, number: int, finding: Finding, links: ExampleLinks) -> None:
        self._paper.add(f"{number}．{finding.remedy}", SUBHEADING)
        href = links.of(finding.verdict.requirement)
        if finding.unwanted:
            self._paper.add("从首页及其模板中删除上述内容。")
        elif href:
            self._paper.add("在首页访问者看得到的位置加入下列代码：")
            self._paper.add(f'<a href="{escape(href)}">{escape(finding.name)}</a>', CODE)
        else:
            self._paper.add(f"所需的{finding.thing}请向主管部门索取，放在首页访问者看得到的位置。")

    def _deadline(self) -> None:
        self._paper.add("三、整改期限", HEADING)
        self._paper.add(f"{DEADLINE}，并填写回执反馈。")
        self._paper.add("（主管部门名称）", SIGNATURE)
        self._paper.add("____年__月__日", SIGNATURE)

    def _slip(self, found: Sequence[Finding]) -> None:
        """The reply slip, on a page of its own."""
        self._paper.add("附件", ANNEX)
        self._paper.add("整改情况回执", TITLE)
        table = self._paper.table([], [46, 110])
        for label, filled_in in _slip_rows(self._unit, plain(self._report.target.url), found):
            add_row(table, [[label], [filled_in]])


def _slip_rows(unit: str, url: str, found: Sequence[Finding]) -> list[tuple[str, str]]:
    done = [(finding.remedy, "□已完成\u3000□未完成，原因：") for finding in found]
    blank = [(label, "") for label in ("完成日期", "联系人", "联系电话", "单位（盖章）")]
    return [("单位", unit), ("网址", url), *done, *blank]
