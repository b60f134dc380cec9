"""Units by what their homepages show, and runs of them, for official papers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from functools import cache
from zipfile import ZipFile

import docx
from docx.document import Document
from PIL import Image

from support.pages import NOON, blind, code, link, page, unseen
from ycaudit.model import Observation, Policy, ScanRun, Sense, Target, Tool, UnitReport, Waiver
from ycaudit.report.formats import FORMATS, NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

PORTAL = LinkRequirement(id="p", name="门户网", kind="link", accept=[{"host": "p.test"}])
WECHAT = QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": "right"}])
ADVICE = LinkRequirement(
    id="s", name="建议项", kind="link", level="should", accept=[{"host": "s.test"}]
)
RULES: tuple[Requirement, ...] = (PORTAL, WECHAT, ADVICE)
RIGHT = (link("http://p.test/"), code("right"))


def unit(
    name: str,
    observation: Observation,
    rules: Sequence[Requirement] = RULES,
    *,
    waived: Sequence[str] = (),
) -> UnitReport:
    target = Target(id=name, name=name, url=f"http://{len(name)}.unit.test/")
    waivers = tuple(
        Waiver(unit=name, requirement=r, reason="停机", approved_by="办", until=date(2030, 1, 1))
        for r in waived
    )
    judged = Unit(target=target, requirements=tuple(rules), waivers=waivers).judge(observation)
    return UnitReport(target=target, waivers=waivers, observations=(observation,), verdicts=judged)


def run_with(*reports: UnitReport, **changes: object) -> ScanRun:
    run = ScanRun(
        id="r",
        tool=Tool(version="0"),
        rules=Policy(name="推广方案", sha256="0"),
        started_at=NOON,
        finished_at=NOON,
        reports=reports,
    )
    return run.model_copy(update=changes)


MIXED = run_with(
    unit("甲局", page(*RIGHT)),
    unit("乙局", page(link("http://p.test.evil.test/"), code("right"))),
    unit("丙局", page()),
    unit("丁局", unseen()),
    unit("戊局", page(*RIGHT, blind(Sense.LINK))),
    unit("己局", page(), waived=("p", "q")),
    unit("庚局", page(*RIGHT, link("http://s.test/"))),
)


def written(
    name: str,
    run: ScanRun,
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> bytes:
    out = io.BytesIO()
    FORMATS[name].render(run, out, read_evidence, background)
    return out.getvalue()


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def circular(run: ScanRun) -> Document:
    return opened(written("docx", run))


def notices(
    run: ScanRun, read_evidence: ReadEvidence = no_evidence, background: Background = NO_BACKGROUND
) -> dict[str, Document]:
    with ZipFile(io.BytesIO(written("notice", run, read_evidence, background))) as archive:
        return {name: opened(archive.read(name)) for name in archive.namelist()}


@cache
def mixed() -> Document:
    return circular(MIXED)


def text(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def cells(document: Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[table].rows]


def named(document: Document, table: int) -> list[str]:
    return [row[1] for row in cells(document, table)[1:]]


def png(wide: int = 40, high: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (wide, high), "red").save(out, "PNG")
    return out.getvalue()
