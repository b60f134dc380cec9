"""Rectification notices (整改通知书): a Word document per failing unit, in one ZIP file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import IO
from zipfile import ZipFile

from ycaudit import office_time
from ycaudit.model import Evidence, ScanRun, Sense
from ycaudit.report.circular_annexes import addresses, in_groups
from ycaudit.report.findings import TO_OPEN, Act, Finding, Findings, NamedUnit
from ycaudit.report.formats import NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.report.letterhead import BLANK_DAY
from ycaudit.report.models import Models, drawn
from ycaudit.report.office_text import cited, days_in_words, note, plain, rules_basis, run_day
from ycaudit.report.official_paper import (
    ADDRESSED,
    ANNEX,
    ANNEX_TITLE,
    CODE,
    FLUSH,
    HEADING,
    SUBHEADING,
    TITLE,
    Paper,
    add_row,
    pack,
    signature,
)
from ycaudit.report.pictures import screenshot_of
from ycaudit.report.rows import suspicion_lines
from ycaudit.runs.checks import checks_of

MAX_FILE_NAME = 60
MAX_NEAR = 3
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_TITLE = "整改通知书"
_SCREEN = (130, 165)
"""The room for the picture of a homepage, in mm."""


def render(
    run: ScanRun,
    out: IO[bytes],
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> None:
    """Write the notices, numbered as the units in the annex of the circular."""
    with ZipFile(out, "w") as archive:
        for _, name, data in notices_of(run, read_evidence, background):
            pack(archive, name, data, run.finished_at)


def notices_of(
    run: ScanRun, read_evidence: ReadEvidence = no_evidence, background: Background = NO_BACKGROUND
) -> Iterator[tuple[str, str, bytes]]:
    """Yield each notice: the id of the unit's first failing site, the file name, the document."""
    findings = Findings(run)
    models = Models(run, background.official)
    digits = max(3, len(str(len(findings.failing))))
    for number, unit in enumerate(in_groups(findings.failing, findings), start=1):
        paper = _Notice(run, unit, read_evidence, background).written(models)
        name = file_name(f"{number:0{digits}}", unit.name)
        yield unit.sites[0].target.id, name, paper.save()


def file_name(number: str, name: str) -> str:
    """A file name that is valid on every system, also on Windows."""
    seen = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    safe = _FORBIDDEN.sub("_", seen)
    room = MAX_FILE_NAME - len(f"{number}_.docx")
    return f"{number}_{safe[:room].strip(' .') or '单位'}.docx"


_CODE = {Act.ADD: "在首页访问者看得到的位置加入下列代码：", Act.REPLACE: "正确的代码如下："}


class _Notice:
    """The notice to one unit."""

    def __init__(
        self, run: ScanRun, unit: NamedUnit, read_evidence: ReadEvidence, background: Background
    ) -> None:
        self._run, self._unit, self._read_evidence = run, unit, read_evidence
        self._letterhead, self._hearing = background.letterhead, background.hearing
        self._words = background.words
        self._paper = Paper(f"{_TITLE}（{unit.name}）", run.finished_at)
        self._shown: set[str] = set()

    def written(self, models: Models) -> Paper:
        """The notice: what is missing, how to comply, by when, and the reply slip."""
        found = self._unit.findings
        self._head()
        self._paper.add("一、存在的问题", HEADING)
        for number, finding in enumerate(found, start=1):
            self._problem(number, finding)
        if still_open := self._unit.undetermined:
            names = "、".join(dict.fromkeys(still_open))
            self._paper.add(f"另有{len(still_open)}项待核实（{names}），核实后另行通知。")
        self._screens()
        self._paper.add("二、整改办法", HEADING)
        if ways := self._unit.unopened:
            self._paper.add(f"1．{TO_OPEN}", SUBHEADING)
            self._paper.add(f"检查时{'；'.join(ways)}，请查明原因并予以解决。")
        for number, finding in enumerate(self._asked(), start=2 if ways else 1):
            self._remedy(number, finding, models)
        self._deadline()
        self._slip()
        if self._run.is_suspect:
            self._paper.put_first(suspicion_lines(self._run), FLUSH)
        return self._paper

    def _asked(self) -> list[Finding]:
        """One finding a remedy: two sites may lack the same."""
        return list({finding.remedy: finding for finding in self._unit.findings}.values())

    def _head(self) -> None:
        # Each notice has a number of its own, so that of the circular does not stand here.
        self._paper.head(self._letterhead.issuer or "（发文机关标志）", "____〔____〕____号")
        self._paper.add(_TITLE, TITLE)
        self._paper.add(f"{self._unit.name}：", FLUSH)
        self._paper.add(
            f"{self._days()}，根据{rules_basis(self._run)}，对你单位网站首页"
            f"（{'、'.join(addresses(self._unit))}）进行了检查，发现下列问题，现通知你单位整改。",
            ADDRESSED,
        )

    def _days(self) -> str:
        """The days on which the homepages of this unit were looked at."""
        moments = (m for site in self._unit.sites for m in checks_of(self._run, site))
        return days_in_words(sorted({office_time.today(moment) for moment in moments}))

    def _problem(self, number: int, finding: Finding) -> None:
        of = f"（{plain(finding.site.target.url)}）" if len(self._unit.sites) > 1 else ""
        self._paper.add(f"{number}．{finding.name}{of}", SUBHEADING)
        if finding.clause:
            self._paper.add(f"依据：{cited(self._run, finding.clause)}。")
        self._paper.add(f"{finding.way}。（{finding.basis}）")
        for evidence in finding.seen[:MAX_NEAR]:
            self._seen(evidence, finding.way)

    def _seen(self, evidence: Evidence, way: str) -> None:
        label = f"“{plain(evidence.label, 60)}”" if evidence.label else ""
        remark = f"（{noted}）" if (noted := note(evidence)) not in ("", way) else ""
        self._paper.add(f"检查时看到：{label}{plain(evidence.value)}{remark}", ADDRESSED)
        # One screenshot may be the evidence of several findings; it is shown once.
        if evidence.file and evidence.file not in self._shown:
            self._shown.add(evidence.file)
            self._paper.picture(self._read_evidence(evidence.file))

    def _screens(self) -> None:
        """What each homepage looked like."""
        for site in self._unit.sites:
            file = screenshot_of(site)
            if file and file not in self._shown:
                self._shown.add(file)
                data = self._read_evidence(file)
                self._paper.captioned(f"首页截图（{plain(site.target.url)}）：", data, most=_SCREEN)

    def _remedy(self, number: int, finding: Finding, models: Models) -> None:
        self._paper.add(f"{number}．{finding.remedy}", SUBHEADING)
        model = models.of(finding.verdict)
        if finding.act is Act.REMOVE:
            self._paper.add("从首页及其模板中删除上述内容。")
        elif finding.act is Act.SHOW:
            self._paper.add(
                f"网页中已有该{finding.thing}，请使其在首页上直接可见，不被隐藏或遮挡。"
            )
        elif finding.verdict.sense is Sense.TEXT:
            self._paper.add(self._text_asked(finding))
        elif model is None:
            where = cited(self._run, finding.clause) if finding.clause else ""
            self._paper.add(
                f"将{where}公布的{finding.name}{finding.thing}放在首页访问者看得到的位置。"
            )
        elif model.is_code:
            self._paper.add("将下面的二维码放在首页访问者看得到的位置（可复制粘贴使用）：")
            self._paper.picture(model.picture or drawn(model.value), most=(40, 40))
        else:
            self._paper.add(_CODE[finding.act])
            self._paper.add(model.markup(finding.name), CODE)

    def _text_asked(self, finding: Finding) -> str:
        """To write the words on the page; of a pattern nobody but the unit has its own."""
        where = "写在首页访问者看得到的位置"
        clause = f"按照{cited(self._run, finding.clause)}，" if finding.clause else ""
        words = self._words.get(finding.verdict.requirement)
        if words is None:
            return f"{clause}将{finding.name}以文字形式{where}。"
        if words.is_own:
            form = f"格式如“{plain(words.value)}”（仅为示例，请填写本单位的内容）"
            return f"{clause}将本单位的{finding.name}以文字形式{where}，{form}。"
        return f"{clause}将文字“{plain(words.value)}”{where}。"

    def _deadline(self) -> None:
        head = self._letterhead
        self._paper.add("三、整改期限", HEADING)
        asked = f"（{head.answer_to}）" if head.answer_to else ""
        self._paper.add(
            f"请于{head.due(run_day(self._run))}前完成整改，并填写回执反馈我单位{asked}。"
        )
        if self._hearing.days is not None:
            source = plain(self._hearing.source)
            by = f"根据{source}，" if source else ""
            self._paper.add(
                f"{by}对上述问题有异议的，请自收到本通知书次日起{self._hearing.days}日内"
                f"向我单位提出并说明理由{asked}。"
            )
        for line, style in signature(head.issuer or "（发文机关署名）", BLANK_DAY):
            self._paper.add(line, style)

    def _slip(self) -> None:
        """The reply slip, on a page of its own."""
        self._paper.add("附件", ANNEX)
        self._paper.add("整改情况回执", ANNEX_TITLE)
        table = self._paper.table([], [46, 110])
        for label, filled_in in self._slip_rows():
            add_row(table, [[label], filled_in])

    def _slip_rows(self) -> Iterator[tuple[str, Sequence[str]]]:
        yield "单位", [self._unit.name]
        yield "网址", addresses(self._unit)
        first = [TO_OPEN] if self._unit.unopened else []
        for remedy in [*first, *(finding.remedy for finding in self._asked())]:
            yield remedy, ["□已完成\u3000□未完成，原因："]
        if self._hearing.days is not None:
            yield "对检查结果", ["□无异议\u3000□有异议，理由："]
        for label in ("完成日期", "联系人", "联系电话", "单位（盖章）"):
            yield label, [""]
