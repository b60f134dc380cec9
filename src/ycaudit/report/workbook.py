"""A workbook for offices: figures, verdicts, evidence, and sheets for people to fill in."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from ycaudit import office_time
from ycaudit.i18n import Message, Translated, translate
from ycaudit.model import (
    BlindSpot,
    Contact,
    Evidence,
    Outcome,
    Page,
    ScanRun,
    Sense,
    Target,
    UnitReport,
    Verdict,
)
from ycaudit.report.formats import ReadEvidence, no_evidence
from ycaudit.report.pictures import decoded
from ycaudit.report.rows import (
    MARK,
    REVIEW,
    REVIEW_SHEET,
    VISIBILITY,
    WORD,
    Row,
    described,
    rows,
    suspicion_lines,
    tally,
    titles,
    worst_first,
)
from ycaudit.report.sheet_writer import PICTURE, Book, Cell, Column, Sheet, Value

MAX_PICTURES = 300
MAX_SIDE = 1_000
"""Pixels. Crops are smaller; a whole screenshot would show nothing at the size of a cell."""

_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED, Outcome.WAIVED)
_SENSE = Translated({Sense.LINK: "链接", Sense.QR_CODE: "二维码", Sense.IMAGE: "图片"})
_CHOICES = (Message("合格"), Message("不合格"))


def render(run: ScanRun, out: IO[bytes], read_evidence: ReadEvidence = no_evidence) -> None:
    """Write the workbook; the same run gives the same bytes."""
    book = Book(run)
    _summary(book.sheet(Message("汇总")), run)
    _details(book.sheet(Message("明细")), run)
    _evidence(book.sheet(Message("证据")), run, _Pictures(read_evidence))
    _undetermined(book.sheet(Message("无法判定")), run)
    _review(book.sheet(REVIEW_SHEET), run)
    book.write(out)


def _summary(sheet: Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.add(Cell(run.rules.name, "title"))
    for line in suspicion_lines(run):
        sheet.add(Cell(line, "warning"))
    sheet.add(Cell(_times(run), "note" if run.complete else "warning"))
    _figures(sheet, run)
    sheet.add(Cell(_legend(), "note"))
    sheet.add(
        translate("各要求合格数"),
        *(Cell(_met(run, requirement), "middle") for requirement in names),
    )
    heads = [Column(name, 16) for name in names.values()]
    sheet.head(
        Column(Message("单位"), 40),
        *heads,
        Column(Message("结论")),
        Column(Message("类别")),
        Column(Message("联系人")),
    )
    for report in worst_first(run):
        sheet.add(*_matrix_row(report, names))
    sheet.finish()


def _times(run: ScanRun) -> str:
    times = Message(
        "扫描时间：{0} 至 {1}{2}",
        *(_local(run.started_at), _local(run.finished_at), office_time.named()),
    )
    return translate(
        times if run.complete else Message("扫描中断，以下数字只含已完成的单位。{0}", times)
    )


def _local(moment: datetime) -> str:
    return office_time.local(moment).strftime("%Y-%m-%d %H:%M:%S")


def _legend() -> str:
    marks = "  ".join(f"{MARK[outcome]} {WORD[outcome]}" for outcome in _ORDER)
    return translate("图例：{0}  空白 不适用", marks)


def _figures(sheet: Sheet, run: ScanRun) -> None:
    """The figures side by side, to keep the frozen rows above the matrix few."""
    counts, units = tally(run), len(run.reports)
    sheet.add(
        Cell(translate(Message("应检") if run.complete else Message("已检")), "head"), *_words()
    )
    sheet.add(
        Cell(translate("{0} 家", units), "middle"),
        *(Cell(translate("{0} / {1} 家", counts[o], units), o) for o in _ORDER),
    )
    shares = (_share(counts[outcome], units) for outcome in _ORDER)
    sheet.add(Cell(translate("占比"), "middle"), *(Cell(share, "middle") for share in shares))


def _words() -> Iterator[Cell]:
    return (Cell(f"{MARK[outcome]} {WORD[outcome]}", "head") for outcome in _ORDER)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _met(run: ScanRun, requirement: str) -> str:
    """How many units pass, of those that the requirement applies to."""
    verdicts = (v for r in run.reports.briefs() for v in r.verdicts if v.requirement == requirement)
    counts = Counter(verdict.outcome for verdict in verdicts)
    return f"{counts[Outcome.PASS]} / {counts.total()}"


def _matrix_row(report: UnitReport, names: dict[str, str]) -> Iterator[Value]:
    target = report.target
    outcomes = {verdict.requirement: verdict.outcome for verdict in report.verdicts}
    yield Cell(target.name, "link", target.url)
    for requirement in names:
        outcome = outcomes.get(requirement)
        yield Cell(MARK[outcome], outcome) if outcome else ""
    yield _outcome(report.outcome)
    yield _tags(target)
    yield _contact(target).person or ""


def _outcome(outcome: Outcome) -> Cell:
    return Cell(f"{MARK[outcome]} {WORD[outcome]}", outcome)


def _tags(target: Target) -> str:
    return "、".join(target.tags)


def _contact(target: Target) -> Contact:
    return target.contact or Contact()


_DETAILS = (
    Column(Message("序号")),
    Column(Message("单位")),
    Column(Message("网址"), 36),
    Column(Message("类别"), 16),
    Column(Message("要求"), 20),
    Column(Message("条款"), 14),
    Column(Message("结论")),
    Column(Message("说明"), 50),
    Column(Message("依据"), 50),
    Column(Message("近似"), 50),
    Column(Message("联系人"), 14),
    Column(Message("电话"), 18),
    Column(Message("邮箱"), 26),
    Column(Message("编号"), 16),
)


def _details(sheet: Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.head(*_DETAILS, frozen=2)
    for number, row in enumerate(rows(run), start=1):
        sheet.add(number, *_detail(row, names))
    sheet.finish()


def _detail(row: Row, names: dict[str, str]) -> Iterator[Value]:
    target, verdict = row.report.target, row.verdict
    contact = _contact(target)
    yield from (target.name, _address(target.url), _tags(target), names[verdict.requirement])
    yield from (verdict.clause or "", _outcome(verdict.outcome), verdict.why.translated())
    yield from (_listed(verdict.evidence), _listed(verdict.near))
    yield from (contact.person or "", contact.phone or "", contact.email or "", target.id)


def _address(url: str) -> Cell:
    return Cell(url, "link", url)


def _listed(things: Iterable[Evidence]) -> str:
    return "；".join(map(described, things))


_EVIDENCE = (
    Column(Message("单位")),
    Column(Message("要求"), 20),
    Column(Message("结论")),
    Column(Message("种类")),
    Column(Message("内容"), 50),
    Column(Message("标题")),
    Column(Message("说明"), 36),
    Column(Message("所在页面"), 36),
    Column(Message("证据文件"), 24),
    Column(Message("图片"), 20),
)


def _evidence(sheet: Sheet, run: ScanRun, pictures: _Pictures) -> None:
    names = titles(run)
    sheet.head(*_EVIDENCE)
    for report in run.reports.briefs():
        for cells, file in _evidence_files(report, names):
            row = sheet.add(*cells, file or "")
            if picture := pictures.of(file):
                sheet.picture(row, len(_EVIDENCE), picture)
    if pictures.left == 0:
        sheet.retitle(len(_EVIDENCE), Message("图片（仅前 {0} 张）", MAX_PICTURES))
    sheet.finish()


def _evidence_files(
    report: UnitReport, names: dict[str, str]
) -> Iterator[tuple[tuple[Value, ...], str | None]]:
    """The cells and the evidence file of each piece of evidence and unread code."""
    for verdict in report.verdicts:
        for role, things in (
            (translate("依据"), verdict.evidence),
            (translate("近似"), verdict.near),
        ):
            for thing in things:
                yield _thing(report.target, verdict, names, thing, role), thing.file
    for spot in _unread(report):
        yield _spot(report.target, spot), spot.file


def _thing(
    target: Target, verdict: Verdict, names: dict[str, str], thing: Evidence, role: str
) -> tuple[Value, ...]:
    """The value is no hyperlink: it may be a fraudulent code."""
    said = thing.note.translated() if thing.note else ""
    note = "；".join(filter(None, (role, VISIBILITY[thing.visible], said)))
    return (
        target.name,
        names[verdict.requirement],
        _outcome(verdict.outcome),
        _SENSE[thing.sense],
        thing.value,
        thing.label,
        note,
        _address(thing.where.url),
    )


def _unread(report: UnitReport) -> Iterable[BlindSpot]:
    """The unread codes with a crop, each once, though several observers may have met it."""
    spots = (
        s
        for observation in report.observations
        if isinstance(observation, Page)
        for s in observation.blind_spots
    )
    return {spot.file: spot for spot in spots if spot.file}.values()


def _spot(target: Target, spot: BlindSpot) -> tuple[Value, ...]:
    kind = "、".join(_SENSE[sense] for sense in sorted(spot.hides))
    page = _address(spot.where.url)
    unread = translate("未能识读；{0}", spot.why.translated())
    return (target.name, "", "", kind, translate("（未能识读）"), "", unread, page)


_UNDETERMINED = (
    Column(Message("单位")),
    Column(Message("网址"), 36),
    Column(Message("要求"), 20),
    Column(Message("原因"), 60),
    Column(Message("人工复核"), least=14),
    Column(Message("复核人"), least=14),
    Column(Message("备注"), least=30),
)


def _undetermined(sheet: Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.head(*_UNDETERMINED)
    for report, verdict in ((row.report, row.verdict) for row in rows(run)):
        if verdict.outcome is Outcome.UNDETERMINED:
            target, name = report.target, names[verdict.requirement]
            sheet.add(target.name, _address(target.url), name, verdict.why.translated(), "", "", "")
    sheet.choice(5, tuple(map(translate, _CHOICES)))
    sheet.finish()


_WIDTHS = {Message("网址"): 36, Message("要求"): 20, Message("原因"): 60}
_LEAST = {Message("人工复核"): 14, Message("复核人"): 14, Message("备注"): 30}


def _review(sheet: Sheet, run: ScanRun) -> None:
    """The failed and undetermined verdicts, with columns for a person's decision."""
    names = titles(run)
    sheet.head(*(Column(t, _WIDTHS.get(t, 40), _LEAST.get(t, 8)) for t in REVIEW))
    for report, verdict in ((row.report, row.verdict) for row in rows(run)):
        if verdict.outcome in (Outcome.FAIL, Outcome.UNDETERMINED):
            target, made = report.target, verdict.decision
            sheet.add(
                *(target.name, _address(target.url), names[verdict.requirement]),
                _outcome((made.machine or verdict.outcome) if made else verdict.outcome),
                verdict.why.translated(),
                *((WORD[made.outcome], made.by, made.note) if made else ("", "", "")),
                *(target.id, verdict.requirement),
            )
    sheet.choice(REVIEW.index(Message("人工复核")) + 1, tuple(map(translate, _CHOICES)))
    sheet.finish()


class _Pictures:
    """Crops of codes, each prepared once, until `MAX_PICTURES` are shown."""

    def __init__(self, read_evidence: ReadEvidence) -> None:
        self._read_evidence = read_evidence
        self._prepared = dict[str, bytes | None]()
        self.left = MAX_PICTURES

    def of(self, file: str | None) -> bytes | None:
        """The PNG of an evidence file; None where it is no crop, or enough have been shown."""
        if not file or not self.left:
            return None
        if file not in self._prepared:
            self._prepared[file] = _crop(self._read_evidence(file))
        self.left -= self._prepared[file] is not None
        return self._prepared[file]


def _crop(data: bytes | None) -> bytes | None:
    picture = decoded(data, mode="RGBA", max_side=MAX_SIDE)
    if picture is None:
        return None
    picture.thumbnail((PICTURE[0] * 3, PICTURE[1] * 3))  # sharp enough for print
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
