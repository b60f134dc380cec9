"""A workbook for office work: figures, every verdict, its evidence, and what is left to check."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import IO, Any, NamedTuple

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.styles import NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.units import pixels_to_EMU
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Pillow

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
from ycaudit.reasons import sentence
from ycaudit.report import excel
from ycaudit.report.formats import Proof, no_proof
from ycaudit.report.rows import (
    MARK,
    REVIEW,
    REVIEW_SHEET,
    SEEN,
    WORD,
    Row,
    clean,
    rows,
    suspect,
    tally,
    titles,
    told,
    worst_first,
)
from ycaudit.url import parse_web_url

MAX_HYPERLINKS = 60_000
"""Excel takes 65,530 a sheet."""
MAX_OF_AN_ADDRESS = 2_000
MAX_PICTURES = 300
PICTURE = (130, 90)
"""The room of a picture in pixels: width, height."""
MAX_SIDE = 1_000
"""Crops are smaller; a whole screenshot would say nothing at the size of a cell."""

_WIDEST = 60
_SPILLING = ("title", "note", "warning")
"""Styles of what runs over into the next columns instead of widening its own."""

# China has no summer time; a fixed offset needs no database of time zones, which Windows lacks.
_BEIJING = timezone(timedelta(hours=8))
_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED, Outcome.WAIVED)
_SENSE = Translated({Sense.LINK: "链接", Sense.QR_CODE: "二维码", Sense.IMAGE: "图片"})
# What Excel repairs a file for, or would take for a path on this computer, is no link.
_LINK = re.compile(r"https?://[^\s\"<>\\^`{|}\ufffe\uffff]+", re.IGNORECASE)


_ONE_LINE = 12
_CHOICES = (Message("合格"), Message("不合格"))


class _Cell(NamedTuple):
    """What stands in a cell, the name of its style, and the address it leads to."""

    value: str | int
    style: str = "text"
    link: str = ""


class _Column(NamedTuple):
    """A heading, and how wide its column may be in narrow characters."""

    title: str
    most: int = 30
    least: int = 8


_Value = _Cell | str | int


def render(run: ScanRun, out: IO[bytes], proof: Proof = no_proof) -> None:
    """The same run gives the same bytes."""
    book = _Book(run)
    _summary(book.sheet(Message("汇总")), run)
    _details(book.sheet(Message("明细")), run)
    _evidence(book.sheet(Message("证据")), run, _Pictures(proof))
    _undetermined(book.sheet(Message("无法判定")), run)
    _review(book.sheet(REVIEW_SHEET), run)
    book.write(out)


def _summary(sheet: _Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.add(_Cell(run.rules.name, "title"))
    for line in suspect(run):
        sheet.add(_Cell(line, "warning"))
    sheet.add(_Cell(_times(run), "note" if run.complete else "warning"))
    _figures(sheet, run)
    sheet.add(_Cell(_legend(), "note"))
    sheet.add(
        translate("各要求合格数"),
        *(_Cell(_met(run, requirement), "middle") for requirement in names),
    )
    heads = [_Column(name, 16) for name in names.values()]
    sheet.head(
        _Column(Message("单位"), 40),
        *heads,
        _Column(Message("结论")),
        _Column(Message("类别")),
        _Column(Message("联系人")),
    )
    for report in worst_first(run):
        sheet.add(*_matrix_row(report, names))
    sheet.finish()


def _times(run: ScanRun) -> str:
    times = Message(
        "扫描时间：{0} 至 {1}（北京时间）", _local(run.started_at), _local(run.finished_at)
    )
    return translate(
        times if run.complete else Message("扫描中断，以下数字只含已完成的单位。{0}", times)
    )


def _local(moment: datetime) -> str:
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _legend() -> str:
    marks = "  ".join(f"{MARK[outcome]} {WORD[outcome]}" for outcome in _ORDER)
    return translate("图例：{0}  空白 不适用", marks)


def _figures(sheet: _Sheet, run: ScanRun) -> None:
    """Side by side, so that what stays on the screen above the matrix is low."""
    counts, units = tally(run), len(run.reports)
    sheet.add(
        _Cell(translate(Message("应检") if run.complete else Message("已检")), "head"), *_words()
    )
    sheet.add(
        _Cell(translate("{0} 家", units), "middle"),
        *(_Cell(translate("{0} / {1} 家", counts[o], units), o) for o in _ORDER),
    )
    shares = (_share(counts[outcome], units) for outcome in _ORDER)
    sheet.add(_Cell(translate("占比"), "middle"), *(_Cell(share, "middle") for share in shares))


def _words() -> Iterator[_Cell]:
    return (_Cell(f"{MARK[outcome]} {WORD[outcome]}", "head") for outcome in _ORDER)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _met(run: ScanRun, requirement: str) -> str:
    """Of the units that the requirement applies to."""
    verdicts = (v for r in run.reports.briefs() for v in r.verdicts if v.requirement == requirement)
    counts = Counter(verdict.outcome for verdict in verdicts)
    return f"{counts[Outcome.PASS]} / {counts.total()}"


def _matrix_row(report: UnitReport, names: dict[str, str]) -> Iterator[_Value]:
    target = report.target
    outcomes = {verdict.requirement: verdict.outcome for verdict in report.verdicts}
    yield _Cell(target.name, "link", target.url)
    for requirement in names:
        outcome = outcomes.get(requirement)
        yield _Cell(MARK[outcome], outcome) if outcome else ""
    yield _outcome(report.outcome)
    yield _tags(target)
    yield _contact(target).person or ""


def _outcome(outcome: Outcome) -> _Cell:
    return _Cell(f"{MARK[outcome]} {WORD[outcome]}", outcome)


def _tags(target: Target) -> str:
    return "、".join(target.tags)


def _contact(target: Target) -> Contact:
    return target.contact or Contact()


_DETAILS = (
    _Column(Message("序号")),
    _Column(Message("单位")),
    _Column(Message("网址"), 36),
    _Column(Message("类别"), 16),
    _Column(Message("要求"), 20),
    _Column(Message("结论")),
    _Column(Message("说明"), 50),
    _Column(Message("依据"), 50),
    _Column(Message("近似"), 50),
    _Column(Message("联系人"), 14),
    _Column(Message("电话"), 18),
    _Column(Message("邮箱"), 26),
    _Column(Message("编号"), 16),
)


def _details(sheet: _Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.head(*_DETAILS, frozen=2)
    for number, row in enumerate(rows(run), start=1):
        sheet.add(number, *_detail(row, names))
    sheet.finish()


def _detail(row: Row, names: dict[str, str]) -> Iterator[_Value]:
    target, verdict = row.report.target, row.verdict
    contact = _contact(target)
    yield from (target.name, _address(target.url), _tags(target), names[verdict.requirement])
    yield from (_outcome(verdict.outcome), sentence(verdict.why))
    yield from (_listed(verdict.evidence), _listed(verdict.near))
    yield from (contact.person or "", contact.phone or "", contact.email or "", target.id)


def _address(url: str) -> _Cell:
    return _Cell(url, "link", url)


def _listed(things: Iterable[Evidence]) -> str:
    return "；".join(map(told, things))


_EVIDENCE = (
    _Column(Message("单位")),
    _Column(Message("要求"), 20),
    _Column(Message("结论")),
    _Column(Message("种类")),
    _Column(Message("内容"), 50),
    _Column(Message("标题")),
    _Column(Message("说明"), 36),
    _Column(Message("所在页面"), 36),
    _Column(Message("证据文件"), 24),
    _Column(Message("图片"), 20),
)


def _evidence(sheet: _Sheet, run: ScanRun, pictures: _Pictures) -> None:
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
) -> Iterator[tuple[tuple[_Value, ...], str | None]]:
    """The cells of each thing that was seen, or could not be read, and its file of proof."""
    for verdict in report.verdicts:
        for role, things in (
            (translate("依据"), verdict.evidence),
            (translate("近似"), verdict.near),
        ):
            for thing in things:
                yield _thing(report.target, verdict, names, thing, role), thing.proof
    for spot in _unread(report):
        yield _spot(report.target, spot), spot.proof


def _thing(
    target: Target, verdict: Verdict, names: dict[str, str], thing: Evidence, role: str
) -> tuple[_Value, ...]:
    """What it says is not made a hyperlink: it may be a code that leads to a fraud."""
    note = "；".join(
        filter(None, (role, SEEN[thing.visible], sentence(thing.note) if thing.note else ""))
    )
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
    """Each once, though several observers may have met it."""
    spots = (
        s
        for observation in report.observations
        if isinstance(observation, Page)
        for s in observation.blind_spots
    )
    return {spot.proof: spot for spot in spots if spot.proof}.values()


def _spot(target: Target, spot: BlindSpot) -> tuple[_Value, ...]:
    kind = "、".join(_SENSE[sense] for sense in sorted(spot.hides))
    page = _address(spot.where.url)
    unread = translate("未能识读；{0}", sentence(spot.why))
    return (target.name, "", "", kind, translate("（未能识读）"), "", unread, page)


_UNDETERMINED = (
    _Column(Message("单位")),
    _Column(Message("网址"), 36),
    _Column(Message("要求"), 20),
    _Column(Message("原因"), 60),
    _Column(Message("人工复核"), least=14),
    _Column(Message("复核人"), least=14),
    _Column(Message("备注"), least=30),
)


def _undetermined(sheet: _Sheet, run: ScanRun) -> None:
    names = titles(run)
    sheet.head(*_UNDETERMINED)
    for report, verdict in ((row.report, row.verdict) for row in rows(run)):
        if verdict.outcome is Outcome.UNDETERMINED:
            target, name = report.target, names[verdict.requirement]
            sheet.add(target.name, _address(target.url), name, sentence(verdict.why), "", "", "")
    sheet.choice(5, tuple(map(translate, _CHOICES)))
    sheet.finish()


_WIDTHS = {Message("网址"): 36, Message("要求"): 20, Message("原因"): 60}
_LEAST = {Message("人工复核"): 14, Message("复核人"): 14, Message("备注"): 30}


def _review(sheet: _Sheet, run: ScanRun) -> None:
    """What a person has to look at, with room for what he decides."""
    names = titles(run)
    sheet.head(*(_Column(t, _WIDTHS.get(t, 40), _LEAST.get(t, 8)) for t in REVIEW))
    for report, verdict in ((row.report, row.verdict) for row in rows(run)):
        if verdict.outcome in (Outcome.FAIL, Outcome.UNDETERMINED):
            target, made = report.target, verdict.decision
            sheet.add(
                *(target.name, _address(target.url), names[verdict.requirement]),
                _outcome((made.machine or verdict.outcome) if made else verdict.outcome),
                sentence(verdict.why),
                *((WORD[made.outcome], made.by, made.note) if made else ("", "", "")),
                *(target.id, verdict.requirement),
            )
    sheet.choice(REVIEW.index(Message("人工复核")) + 1, tuple(map(translate, _CHOICES)))
    sheet.finish()


class _Book:
    """The workbook, its styles, and how many hyperlinks it may still take."""

    def __init__(self, run: ScanRun) -> None:
        self._book = Workbook()
        self._book.remove(self._book.active)
        self._book.properties = excel.properties(run, run.rules.name)
        self.styles = dict[str, Any]()
        for style in _styles():
            self._book.add_named_style(style)
            self.styles[style.name] = style.as_tuple()
        self._links_left = MAX_HYPERLINKS

    def sheet(self, title: str) -> _Sheet:
        """A new sheet, the last."""
        return _Sheet(self, self._book.create_sheet(translate(title)))

    def may_link(self, url: str) -> bool:
        """Whether this is an address that one may be led to, and there is room for it."""
        sound = clean(url, MAX_OF_AN_ADDRESS) == url and _LINK.fullmatch(url)
        if not (sound and self._links_left and parse_web_url(url)):
            return False
        self._links_left -= 1
        return True

    def write(self, out: IO[bytes]) -> None:
        """Write the book."""
        excel.write(self._book, out)


class _Sheet:
    """A sheet that is filled row by row, and then made ready for the screen and the printer."""

    def __init__(self, book: _Book, sheet: Any) -> None:
        self._book = book
        self._sheet = sheet
        self._row = 0
        self._head = 0
        self._frozen = 1
        self._columns: tuple[_Column, ...] = ()
        self._widths = Counter[int]()
        self._long: list[tuple[int, int, int]] = []
        """Row, column and width of texts that may take more than one line."""

    def head(self, *columns: _Column, frozen: int = 1) -> None:
        """The headings; they stay in view, as do so many columns."""
        self._head = self.add(*(_Cell(translate(column.title), "head") for column in columns))
        self._columns, self._frozen = columns, frozen

    def retitle(self, column: int, title: str) -> None:
        """Give a column another heading."""
        self._sheet.cell(self._head, column).value = translate(title)
        self._measure(column, translate(title))

    def add(self, *values: _Value) -> int:
        """A row below the others; its number."""
        self._row += 1
        for column, value in enumerate(values, start=1):
            cell = value if isinstance(value, _Cell) else _Cell(value)
            self._put(column, cell)
        return self._row

    def _put(self, column: int, cell: _Cell) -> None:
        place = self._sheet.cell(self._row, column)
        linked = bool(cell.link) and self._book.may_link(cell.link)
        style = "text" if cell.style == "link" and not linked else cell.style
        # Shared: set through `style`, a name is looked up and copied for every cell.
        place._style = self._book.styles[excel.called(style)]
        if isinstance(cell.value, int):
            place.value = cell.value
        elif text := excel.inert(cell.value):
            place.value = text
            place.data_type = "s"  # openpyxl takes what starts with = for a formula
        if linked:
            place.hyperlink = cell.link
        if cell.style not in _SPILLING:
            self._measure(column, str(cell.value))
            if (width := excel.width(str(cell.value)[: excel.MAX_CHARACTERS])) > _ONE_LINE:
                self._long.append((self._row, column, width))

    def _measure(self, column: int, text: str) -> None:
        if self._widths[column] < _WIDEST:
            self._widths[column] = max(self._widths[column], excel.width(text[:_WIDEST]))

    def picture(self, row: int, column: int, png: bytes) -> None:
        """A picture in a cell, which hides with its row where the sheet is filtered."""
        image = Image(io.BytesIO(png))
        wide, high = _fitted(image.width, image.height)
        corners = (
            AnchorMarker(
                col=column - 1, colOff=pixels_to_EMU(x), row=row - 1, rowOff=pixels_to_EMU(y)
            )
            for x, y in ((3, 3), (3 + wide, 3 + high))
        )
        image.anchor = TwoCellAnchor("twoCell", *corners)
        self._sheet.add_image(image)
        self._sheet.row_dimensions[row].height = (PICTURE[1] + 6) * 0.75  # points
        self._widths[column] = max(self._widths[column], PICTURE[0] // 7 + 1)

    def choice(self, column: int, choices: Sequence[str]) -> None:
        """Let the cells of a column below the heading take one of these words only."""
        if self._row > self._head:
            rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            rule.error = translate("请选择：{0}", "、".join(choices))
            rule.showErrorMessage = True
            letter = get_column_letter(column)
            rule.add(f"{letter}{self._head + 1}:{letter}{self._row}")
            self._sheet.add_data_validation(rule)

    def finish(self) -> None:
        """Freeze, filter, widths and print setup."""
        sheet, last = self._sheet, get_column_letter(len(self._columns))
        sheet.freeze_panes = sheet.cell(self._head + 1, self._frozen + 1)
        sheet.auto_filter.ref = f"A{self._head}:{last}{self._row}"
        for number in self._widths:
            sheet.column_dimensions[get_column_letter(number)].width = self._fit(number)
        self._heighten()
        excel.for_paper(sheet, self._head)

    def _heighten(self) -> None:
        rows = self._sheet.row_dimensions
        for row, column, width in self._long:
            room = self._fit(column)
            if width > room:
                rows[row].height = max(rows[row].height or 0, excel.height(width, room))

    def _fit(self, number: int) -> int:
        """Room for the arrow of the filter included."""
        column = self._columns[number - 1] if number <= len(self._columns) else _Column("", 16)
        return max(column.least, min(self._widths[number] + 3, column.most))


class _Pictures:
    """The crops that are still to be shown, each made ready once."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._ready = dict[str, bytes | None]()
        self.left = MAX_PICTURES

    def of(self, file: str | None) -> bytes | None:
        """The picture in a file of proof; None where it is none, or enough have been shown."""
        if not file or not self.left:
            return None
        if file not in self._ready:
            self._ready[file] = _crop(self._proof(file))
        self.left -= self._ready[file] is not None
        return self._ready[file]


def _crop(data: bytes | None) -> bytes | None:
    """Written anew: nothing but pixels goes from a hostile file into the workbook."""
    try:
        with Pillow.open(io.BytesIO(data or b""), formats=["PNG"]) as image:
            if max(image.size) > MAX_SIDE:
                return None
            picture = image.convert("RGBA")
    except Exception:  # decoders raise anything on broken bytes, and a report must not fail for it
        return None
    picture.thumbnail((PICTURE[0] * 3, PICTURE[1] * 3))  # sharp enough for print
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _fitted(wide: int, high: int) -> tuple[int, int]:
    """A size of the same shape that fits into the room of a picture; never enlarged."""
    scale = min(1.0, PICTURE[0] / wide, PICTURE[1] / high)
    return max(1, round(wide * scale)), max(1, round(high * scale))


def _styles() -> Iterator[NamedStyle]:
    """Few and shared by name: to make a style for every cell would take most of the time."""
    yield excel.style("text")
    yield excel.style("middle", horizontal="center")
    yield excel.style("link", color="0563C1", underline="single")
    yield excel.style("head", fill="D9E1F2", horizontal="center", vertical="center", bold=True)
    yield excel.bare("title", sz=16, bold=True)
    yield excel.bare("note")
    yield excel.bare("warning", bold=True, color="C00000")
    for outcome, (fill, letters) in excel.COLOURS.items():
        yield excel.style(outcome, fill=fill, horizontal="center", color=letters)
