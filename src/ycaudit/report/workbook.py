"""A workbook for offices: figures, verdicts, evidence, and sheets for people to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from datetime import datetime
from itertools import count
from typing import IO

from ycaudit import office_time
from ycaudit.i18n import Message, translate
from ycaudit.model import (
    OPEN,
    BlindSpot,
    Contact,
    Decision,
    Evidence,
    NoWebsite,
    Outcome,
    Page,
    ScanRun,
    Target,
    UnitReport,
    Verdict,
)
from ycaudit.report.census import Count, census_of, percent, ways_to_group
from ycaudit.report.formats import NO_BACKGROUND, Background, ReadEvidence, no_evidence
from ycaudit.report.office_text import THINGS
from ycaudit.report.pictures import decoded, pictures_of
from ycaudit.report.rows import (
    MARK,
    REVIEW,
    REVIEW_SHEET,
    TO_CALL,
    VISIBILITY,
    WORD,
    Row,
    asked,
    described,
    near_visibility,
    rows,
    suspicion_lines,
    worst_first,
)
from ycaudit.report.sheet_writer import PICTURE, Book, Cell, Column, Sheet, Value
from ycaudit.runs.calls import Call, Calls

MAX_PICTURES = 300
MAX_SIDE = 1_000
"""Pixels. Crops are smaller; a whole screenshot would show nothing at the size of a cell."""

_MARGIN = Cell("", "note")
"""Stands before the figures, which would widen the column of the numbers."""
_COUNTED = (
    *(Message("应检"), Message("合格"), Message("不合格"), Message("待核实"), Message("豁免")),
    *(Message("未开设网站"), Message("合格率")),
)
_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED, Outcome.WAIVED)
_CHOICES = (Message("合格"), Message("不合格"), TO_CALL)


def render(
    run: ScanRun,
    out: IO[bytes],
    read_evidence: ReadEvidence = no_evidence,
    background: Background = NO_BACKGROUND,
) -> None:
    """Write the workbook; the same run gives the same bytes."""
    book = Book(run)
    requirements = asked(run)
    names = {key: one.title for key, one in requirements.items()}
    met = [one.met for one in requirements.values()]
    _summary(book.sheet(Message("汇总")), run, names, met)
    _groups(book.sheet(Message("分类统计")), run)
    _details(book.sheet(Message("明细")), run, names)
    _evidence(book.sheet(Message("证据")), run, names, _Pictures(read_evidence))
    pages = _Pictures(read_evidence, pages=True)
    marked = {key: one.marked for key, one in requirements.items()}
    _review(book.sheet(REVIEW_SHEET), run, marked, pages, background.calls)
    book.write(out)


def _summary(sheet: Sheet, run: ScanRun, names: Mapping[str, str], met: Iterable[str]) -> None:
    sheet.add(Cell(run.rules.name, "title"))
    for line in suspicion_lines(run):
        sheet.add(Cell(line, "warning"))
    sheet.add(Cell(_times(run), "note" if run.complete else "warning"))
    _figures(sheet, run)
    sheet.add(Cell(_legend(), "note"))
    sheet.add(_MARGIN, translate("各要求合格数"), *(Cell(how_many, "middle") for how_many in met))
    heads = [Column(name, 16) for name in names.values()]
    sheet.head(
        Column(Message("序号")),
        Column(Message("单位"), 40),
        *heads,
        *(Column(Message("结论")), Column(Message("主管部门")), Column(Message("类别"))),
        *(Column(Message("联系人")), Column(Message("电话"), 18)),
        frozen=2,
    )
    for number, report in enumerate(worst_first(run), start=1):
        sheet.add(number, *_matrix_row(report, names))
    for number, unit in enumerate(run.no_website, start=len(run.reports) + 1):
        sheet.add(number, *_row_without(unit, names))
    sheet.finish()


def _times(run: ScanRun) -> str:
    times = Message(
        "检查时间：{0} 至 {1}{2}",
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
    whole = census_of(run).whole
    counts = [*zip(_ORDER, _counted(whole), strict=True)]
    first = translate(Message("应检") if run.complete else Message("已检"))
    more = [translate("未开设网站")] * bool(whole.no_website)
    sheet.add(_MARGIN, Cell(first, "head"), *_words(), *(Cell(word, "head") for word in more))
    sheet.add(
        _MARGIN,
        Cell(translate("{0} 家、{1} 个网站", whole.total, whole.sites), "middle"),
        *(Cell(translate("{0} / {1} 家", units, whole.total), o) for o, units in counts),
        *(Cell(translate("{0} 家", whole.no_website), "middle") for _ in more),
    )
    shares = [percent(units, whole.total) for _, units in counts]
    sheet.add(
        _MARGIN,
        Cell(translate("占比"), "middle"),
        *(Cell(share, "middle") for share in shares),
        *(Cell(percent(whole.no_website, whole.total), "middle") for _ in more),
    )


def _counted(group: Count) -> tuple[int, ...]:
    """The units in the order of `_ORDER`."""
    return group.passed, group.failed, group.undetermined, group.waived


def _words() -> Iterator[Cell]:
    return (Cell(f"{MARK[outcome]} {WORD[outcome]}", "head") for outcome in _ORDER)


def _groups(sheet: Sheet, run: ScanRun) -> None:
    """The units of every office and of every category, and all of them, in the list's order."""
    sheet.head(
        *(Column(Message("序号")), Column(Message("统计口径")), Column(Message("名称"), 40)),
        *map(Column, _COUNTED),
        frozen=3,
    )
    numbers = count(1)
    for by in ways_to_group(run):
        for group in census_of(run, by).groups:
            sheet.add(next(numbers), translate(by), group.name, *_group(group))
    whole = census_of(run).whole
    sheet.add(next(numbers), translate("全部"), translate("合计"), *_group(whole))
    sheet.finish()


def _group(group: Count) -> Iterator[Cell]:
    yield Cell(group.total, "middle")
    yield from (Cell(units, "middle") for units in _counted(group))
    yield from (Cell(group.no_website, "middle"), Cell(group.share, "middle"))


def _matrix_row(report: UnitReport, names: Mapping[str, str]) -> Iterator[Value]:
    target = report.target
    outcomes = {verdict.requirement: verdict.outcome for verdict in report.verdicts}
    yield Cell(target.name, "link", target.url)
    for requirement in names:
        outcome = outcomes.get(requirement)
        yield Cell(MARK[outcome], outcome) if outcome else ""
    yield _outcome(report.outcome)
    yield target.office or ""
    yield _tags(target)
    yield from (_contact(target).person or "", _contact(target).phone or "")


def _row_without(unit: NoWebsite, names: Sized) -> Iterator[Value]:
    """The row of a unit that runs no website: nothing is asked of it."""
    yield unit.name
    yield from [""] * len(names)
    yield Cell(translate("未开设网站"), "middle")
    yield unit.office or ""
    yield _tags(unit)
    yield from (_contact(unit).person or "", _contact(unit).phone or "")


def _outcome(outcome: Outcome) -> Cell:
    return Cell(f"{MARK[outcome]} {WORD[outcome]}", outcome)


def _tags(target: Target | NoWebsite) -> str:
    return "、".join(target.tags)


def _contact(target: Target | NoWebsite) -> Contact:
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


def _details(sheet: Sheet, run: ScanRun, names: Mapping[str, str]) -> None:
    sheet.head(*_DETAILS, frozen=2)
    for number, row in enumerate(rows(run), start=1):
        sheet.add(number, *_detail(row, names))
    sheet.finish()


def _detail(row: Row, names: Mapping[str, str]) -> Iterator[Value]:
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


def _evidence(sheet: Sheet, run: ScanRun, names: Mapping[str, str], pictures: _Pictures) -> None:
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
    report: UnitReport, names: Mapping[str, str]
) -> Iterator[tuple[tuple[Value, ...], str | None]]:
    """The cells and the evidence file of each piece of evidence and unread code."""
    for verdict in report.verdicts:
        for thing in verdict.evidence:
            said = (translate("依据"), VISIBILITY[thing.visible])
            yield _thing(report.target, verdict, names, thing, said), thing.file
        for thing in verdict.near:
            said = (translate("近似"), near_visibility(thing))
            yield _thing(report.target, verdict, names, thing, said), thing.file
    for spot in _unread(report):
        yield _spot(report.target, spot), spot.file


def _thing(
    target: Target,
    verdict: Verdict,
    names: Mapping[str, str],
    thing: Evidence,
    remarks: Sequence[str],
) -> tuple[Value, ...]:
    """The value is no hyperlink: it may be a fraudulent code."""
    said = thing.note.translated() if thing.note else ""
    note = "；".join(filter(None, (*remarks, said)))
    return (
        target.name,
        names[verdict.requirement],
        _outcome(verdict.outcome),
        THINGS[thing.sense],
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
    kind = "、".join(THINGS[sense] for sense in sorted(spot.hides))
    page = _address(spot.where.url)
    unread = translate("未能识读；{0}", spot.why.translated())
    return (target.name, "", "", kind, translate("（未能识读）"), "", unread, page)


_WIDTHS = {Message("网址"): 36, Message("要求"): 20, Message("原因"): 60}
_LEAST = {Message("人工核定"): 14, Message("核定人"): 14, Message("备注"): 30}


def _review(
    sheet: Sheet, run: ScanRun, names: Mapping[str, str], pictures: _Pictures, calls: Calls
) -> None:
    """The failed and undetermined verdicts, with columns for a person's decision."""
    heads = [Column(t, _WIDTHS.get(t, 40), _LEAST.get(t, 8)) for t in REVIEW]
    sheet.head(*heads, Column(Message("图片"), 20))
    for report, verdict in ((row.report, row.verdict) for row in rows(run)):
        if verdict.outcome in OPEN:
            target, made = report.target, verdict.decision
            row = sheet.add(
                *(target.name, _address(target.url), names[verdict.requirement]),
                _outcome((made.machine or verdict.outcome) if made else verdict.outcome),
                verdict.why.translated(),
                *_said(made, calls.get((target.id, verdict.requirement))),
                *(target.id, verdict.requirement),
                "",
            )
            if picture := pictures.first(pictures_of(report, verdict)):
                sheet.picture(row, len(heads) + 1, picture)
    sheet.choice(REVIEW.index(Message("人工核定")) + 1, tuple(map(translate, _CHOICES)))
    sheet.finish()


def _said(made: Decision | None, call: Call | None) -> tuple[str, str, str]:
    """What a person said last, who it was, and the note; empty where nobody did."""
    if call is not None:
        return translate(TO_CALL), call.by, call.note
    return (WORD[made.outcome], made.by, made.note) if made is not None else ("", "", "")


class _Pictures:
    """Crops of codes, each prepared once, until `MAX_PICTURES` are shown."""

    def __init__(self, read_evidence: ReadEvidence, *, pages: bool = False) -> None:
        self._read_evidence = read_evidence
        self._most = None if pages else MAX_SIDE
        self._prepared = dict[str, bytes | None]()
        self.left = MAX_PICTURES

    def first(self, files: Iterable[str]) -> bytes | None:
        """The first of the files that can be shown."""
        return next(filter(None, map(self.of, files)), None)

    def of(self, file: str | None) -> bytes | None:
        """The PNG of an evidence file; None where it is too large, or enough have been shown."""
        if not file or not self.left:
            return None
        if file not in self._prepared:
            self._prepared[file] = _small(self._read_evidence(file), self._most)
        self.left -= self._prepared[file] is not None
        return self._prepared[file]


def _small(data: bytes | None, most: int | None) -> bytes | None:
    """A picture for a cell; of a long page its upper part."""
    picture = decoded(data, mode="RGBA", max_side=most)
    if picture is None:
        return None
    if most is None:
        picture = picture.crop((0, 0, picture.width, min(picture.height, 2 * picture.width)))
    picture.thumbnail((PICTURE[0] * 3, PICTURE[1] * 3))  # sharp enough for print
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
