"""The sheet on which people check drawn verdicts without the machine's word, and its reading."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from openpyxl.utils import get_column_letter
from PIL import Image

from ycaudit import i18n
from ycaudit.errors import AuditError, ConfigError, Problem
from ycaudit.i18n import Message, Translated, translate
from ycaudit.model import Page, ScanRun, Sense, Target, UnitReport
from ycaudit.report import excel
from ycaudit.report.formats import ReadEvidence, no_evidence
from ycaudit.report.office_text import THINGS
from ycaudit.report.pictures import decoded
from ycaudit.report.review_sheet import filled_rows, in_all
from ycaudit.report.rows import clean
from ycaudit.report.sheet_writer import Book, Cell, Column, Sheet
from ycaudit.runs.decisions import Key
from ycaudit.runs.sampling import Answer, Question, Reply, Seal

SHEET = Message("抽查")
UNIT, URL, ASKED, WANTED = (
    *(Message("单位"), Message("网址"), Message("要核对的问题")),
    Message("认准（点开或扫码所得）"),
)
SEEN, BY, NOTE = Message("人工所见"), Message("查看人"), Message("备注")
ID, REQUIREMENT = Message("编号"), Message("要求编号")
PICTURE, FILE = Message("首页截图"), Message("截图文件")
COLUMNS = (UNIT, URL, ASKED, WANTED, SEEN, BY, NOTE, ID, REQUIREMENT)
"""What is read back; pictures are for the eye only."""
WORDS = Translated({Answer.THERE: "有", Answer.NOT_THERE: "没有", Answer.UNCLEAR: "看不清"})

ROOM = (330, 480)
"""Pixels of a picture in its cell."""
SHARP = (990, 6_000)
"""Pixels that are kept of it, for whoever enlarges it."""
MAX_FORM, MAX_WANTED = 300, 5_000
"""Characters of one accepted form, and of all of them."""
MAX_PICTURE_BYTES = 24 << 20
"""Of all pictures: the sheet goes by mail, and is read back up to 32 MB."""
_HOW = (
    Message(
        "请逐行打开网址，像普通访问者一样查看首页（滚动、悬停、切换），再填写“人工所见”和“查看人”。"
    ),
    Message(
        "有：首页上能看到或切换出来，并且点开或扫码所得与“认准”一列中的任意一种一致"
        "（* 代表任意内容）。"
    ),
    Message("没有：看遍首页也没有，或者有但打不开、扫不出、与“认准”一列都不一致。"),
    Message("看不清：网站打不开、首页已改版，或者无法断定。不要猜。"),
    Message("本表不写机器的结论，行序已打乱；合格与不合格的都在其中。请勿增删行或改动其他各列。"),
)


def question(
    name: str, sense: Sense | None, forms: tuple[str, ...], *, in_source: bool = False
) -> Question:
    """What the sheet asks about a requirement; the same whatever is expected.

    All accepted forms are named: else who checks would take another of them for a wrong one.
    """
    thing = THINGS[sense] if sense else translate("链接或二维码")
    asked = translate("首页上有没有“{0}”的{1}？", clean(name, 80), thing)
    parts = [translate(" or ").join(clean(form, MAX_FORM) for form in forms)]
    if in_source:
        parts.append(translate("写在网页源代码中即算有"))
    return Question(text=asked, wanted=clean("；".join(filter(None, parts)), MAX_WANTED))


def write(
    run: ScanRun, seal: Seal, out: IO[bytes], read_evidence: ReadEvidence = no_evidence
) -> None:
    """Write the sheet and how to fill it in; the same seal gives the same bytes."""
    book = Book(run)
    reports = _drawn_reports(run, seal)
    _rows(book.sheet(SHEET), seal, reports, _Pictures(read_evidence))
    how = book.sheet(Message("填写说明"))
    for line in _HOW:
        how.add(Cell(translate(line), "note"))
    how.add(Cell(translate("封存文件的 sha256：{0}", seal.sha256), "note"))
    book.write(out)


def _drawn_reports(run: ScanRun, seal: Seal) -> dict[str, UnitReport]:
    units = {unit for unit, _ in seal.rows}
    return {r.target.id: r for r in run.reports.briefs() if r.target.id in units}


def _rows(sheet: Sheet, seal: Seal, reports: Mapping[str, UnitReport], pictures: _Pictures) -> None:
    sheet.head(
        *(Column(UNIT, 24), Column(URL, 30), Column(ASKED, 26), Column(WANTED, 30)),
        *(Column(SEEN, least=12), Column(BY, least=12), Column(NOTE, least=16)),
        *(Column(PICTURE, 50, 20), Column(FILE, 18), Column(ID, 14), Column(REQUIREMENT, 14)),
    )
    for unit, requirement in seal.rows:
        target, asked = reports[unit].target, seal.questions[requirement]
        file = _screenshot(reports[unit])
        row = sheet.add(
            *(target.name, Cell(target.url, "link", target.url), asked.text, asked.wanted),
            *("", "", "", "", file or "", unit, requirement),
        )
        if picture := pictures.of(file):
            sheet.picture(row, 8, picture, ROOM)
    sheet.choice(5, tuple(WORDS.values()))
    sheet.finish()


def _screenshot(report: UnitReport) -> str | None:
    """The page as it was painted: pictures with frames, and of states, tell what was found."""
    return next(
        (
            file.file
            for observation in report.observations
            if isinstance(observation, Page)
            for file in observation.evidence_files
            if file.kind == "screenshot"
        ),
        None,
    )


class _Pictures:
    """Screenshots, each prepared once, as long as there is room."""

    def __init__(self, read_evidence: ReadEvidence) -> None:
        self._read_evidence = read_evidence
        self._prepared = dict[str, bytes | None]()
        self._left = MAX_PICTURE_BYTES

    def of(self, file: str | None) -> bytes | None:
        """The PNG of a screenshot; None where there is none, or the sheet is full."""
        if not file:
            return None
        if file not in self._prepared:
            self._prepared[file] = _small(self._read_evidence(file))
        picture = self._prepared[file]
        if picture is None or len(picture) > self._left:
            return None
        self._left -= len(picture)
        return picture


def _small(data: bytes | None) -> bytes | None:
    picture = decoded(data)
    if picture is None:
        return None
    picture.thumbnail(SHARP)
    out = io.BytesIO()
    picture.quantize(64, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def read(path: Path, run: ScanRun, seal: Seal) -> list[Reply]:
    """What people answered, one reply for each row that was drawn.

    Raises AuditError where the file is no such sheet or of another draw, ConfigError with every
    cell that was changed, is missing, or is no answer.
    """
    shown = dict(_shown(run, seal))
    rows = [
        (number, cells)
        for _, number, cells in filled_rows(path, SHEET, COLUMNS, called=SHEET)
        if any(cells.values())
    ]
    if not any((cells.get(ID, ""), cells.get(REQUIREMENT, "")) in shown for _, cells in rows):
        raise AuditError("{0}: no row of this sheet was drawn under this seal", path)
    reader = _Reader(path, shown)
    replies = [reply for number, cells in rows if (reply := reader.reply(number, cells))]
    reader.note_missing()
    if reader.problems:
        raise ConfigError(reader.problems)
    return replies


def _shown(run: ScanRun, seal: Seal) -> Iterator[tuple[Key, tuple[Key, dict[str, str]]]]:
    """By what stands in the columns of the ids: the key, and the other cells as they stood."""
    reports = _drawn_reports(run, seal)
    for key in seal.rows:
        unit, requirement = key
        yield (
            (_kept(unit), _kept(requirement)),
            (key, _cells(reports[unit].target, seal.questions[requirement])),
        )


def _cells(target: Target, asked: Question) -> dict[str, str]:
    texts = {UNIT: target.name, URL: target.url, ASKED: asked.text, WANTED: asked.wanted}
    return {title: _kept(text) for title, text in texts.items()}


def _kept(text: str) -> str:
    """A text as it comes back from a cell."""
    return clean(excel.inert(text), 300).strip()


def _answers() -> dict[str, Answer]:
    """The words for answers in every language."""
    with i18n.in_language(i18n.SOURCE):
        source = dict(WORDS)
    return {word: answer for answer, text in source.items() for word in in_all(text)}


class _Reader:
    """Reads rows and gathers what is wrong, each with its cell."""

    def __init__(
        self, path: Path, shown: Mapping[tuple[str, str], tuple[Key, dict[str, str]]]
    ) -> None:
        self._path = path
        self._shown = shown
        self._answers = _answers()
        self._met = set[tuple[str, str]]()
        self.problems: list[Problem] = []

    def reply(self, number: int, cells: dict[str, str]) -> Reply | None:
        """The answer in a row; None where the row is wrong."""
        before = len(self.problems)
        ids = cells.get(ID, ""), cells.get(REQUIREMENT, "")
        if ids not in self._shown:
            self._wrong(
                number, cells, ID, Message("{0} / {1} was not drawn; take the row out", *ids)
            )
            return None
        if ids in self._met:
            self._wrong(number, cells, ID, Message("this row is there twice; take one out"))
        self._met.add(ids)
        (unit, requirement), shown = self._shown[ids]
        for title, text in shown.items():
            if cells.get(title, "") != text:
                self._wrong(number, cells, title, Message("was changed; it read {0!r}", text))
        answer = self._answers.get(cells.get(SEEN, ""))
        if answer is None:
            what = Message("is {0!r}; write {1}", cells.get(SEEN, ""), " / ".join(WORDS.values()))
            self._wrong(number, cells, SEEN, what)
        elif not cells.get(BY):
            self._wrong(number, cells, BY, Message("is empty: an answer has a name"))
        if answer is None or len(self.problems) > before:
            return None
        return Reply(
            unit=unit,
            requirement=requirement,
            answer=answer,
            by=cells[BY],
            note=cells.get(NOTE, ""),
        )

    def note_missing(self) -> None:
        """Note each row that was drawn and is not there."""
        for ids, (_, cells) in self._shown.items():
            if ids not in self._met:
                what = Message("the row of {0}, {1} is missing; put it back", cells[UNIT], ids[1])
                self.problems.append(Problem(str(self._path), None, what))

    def _wrong(self, number: int, cells: dict[str, str], title: str, what: Message) -> None:
        place = f"{get_column_letter(list(cells).index(title) + 1)}{number}"
        told = Message("{0} ({1}) {2}", place, Message(title), what)
        self.problems.append(Problem(str(self._path), number, told))
