"""The statistics table (统计表) that is due by a date: what each homepage shows, and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

from ycaudit.i18n import in_language
from ycaudit.inputs.claims import shows
from ycaudit.inputs.statistics import OUTCOME
from ycaudit.model import NoWebsite, Outcome, ScanRun, UnitReport, Verdict
from ycaudit.report import excel
from ycaudit.report.office_text import (
    again_in_words,
    doubt,
    first_days,
    plain,
    requirement_name,
    rules_name,
    unit_name,
)
from ycaudit.report.rows import WORD, Asked, asked, suspicion_lines, tally
from ycaudit.report.sheet_writer import Cell, Column
from ycaudit.runs.checks import check_days
from ycaudit.runs.units import UnitSites, units_of

THERE, NOT_THERE, ELSEWHERE = "有", "无", "不适用"
NO_WEBSITE = "未开设网站"
_TALLIED = (Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED, Outcome.WAIVED)
_SIGNED = (
    "填报人：______________　　联系电话：__________________　　"
    "填报日期：______年____月____日　　（盖章）"
)
_TITLE_SIZE = 16
_LOWEST = 22.0
"""Points of a row with one line."""


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write the table, in Chinese for whoever reads; the same run gives the same bytes."""
    with in_language("zh"):
        _render(run, out)


def _render(run: ScanRun, out: IO[bytes]) -> None:
    title = f"{rules_name(run)}统计表"
    book = Workbook()
    book.properties = excel.properties(run, title)
    requirements, figures = asked(run), _figures(run)
    sheet = _Sheet(book, _columns(requirements.values(), figures))
    sheet.line(title, "title", _TITLE_SIZE)
    for line in suspicion_lines(run):
        sheet.line(line, "warning")
    sheet.line(_told(run), "note" if run.complete else "warning")
    sheet.head()
    lines = [_shown(report, requirements) for report in run.reports.briefs()]
    for number, (report, shown) in enumerate(zip(run.reports.briefs(), lines, strict=True), 1):
        sheet.add(*_row(number, report, shown, figures))
    for number, without in enumerate(run.no_website, len(lines) + 1):
        sheet.add(*_without(number, without, len(requirements), len(figures)))
    counts = [_counted([line[n].value for line in lines]) for n in range(len(requirements))]
    sheet.total(*_totals(run, counts))
    if unreported := _unreported(run):
        sheet.line(f"空白为未报，不按 0 计：{unreported}", "note")
    sheet.line("", "note")
    sheet.line(_SIGNED, "note")
    sheet.finish()
    excel.write(book, out)


def _columns(requirements: Iterable[Asked], figures: Iterable[str]) -> Iterator[Column]:
    yield from (Column("序号", 8, 6), Column("单位", 26, 14), Column("网址", 30, 14))
    yield from (Column(plain(one.marked, 80), 12, 8) for one in requirements)
    # Wider, as Excel shows a number that does not fit as ####.
    yield from (Column(plain(name, 80), 24, 8) for name in figures)
    yield from (Column(OUTCOME, 10, 10), Column("备注", 29, 14))


def _figures(run: ScanRun) -> list[str]:
    """The names of the reported numbers, in the order of their table."""
    names = (figure.name for report in run.reports.briefs() for figure in report.target.figures)
    return list(dict.fromkeys(names))


def _told(run: ScanRun) -> str:
    """The day, and the figures: of sites where they are more than the units, else of units."""
    counts = tally(run)
    figures = "，".join(f"{WORD[outcome]} {counts[outcome]}" for outcome in _TALLIED)
    checked = "应检" if run.complete else "检查中断，已检"
    sites, units, without = len(run.reports), len(_units(run)), len(run.no_website)
    of_units = f"{units + without} 家" + (f"（其中未开设网站 {without} 家）" if without else "")
    of_sites = f"，网站 {sites} 个（以下按网站计）" if sites != units else ""
    looked = f"{first_days(run)}{again_in_words(check_days(run))}"
    return f"检查日期：{looked}　　{checked} {of_units}{of_sites}：{figures}"


def _units(run: ScanRun) -> tuple[UnitSites, ...]:
    return units_of(run.reports.briefs())


def _without(number: int, unit: NoWebsite, requirements: int, figures: int) -> Iterator[Cell]:
    """The row of a unit that runs no website."""
    yield from (Cell(number, "middle"), Cell(plain(unit.name, 80)), Cell(NO_WEBSITE))
    yield from (Cell(ELSEWHERE, "middle") for _ in range(requirements))
    yield from (Cell("", "number") for _ in range(figures))
    yield from (Cell(NO_WEBSITE, "middle"), Cell(""))


def _row(
    number: int, report: UnitReport, shown: list[Cell], figures: Iterable[str]
) -> Iterator[Cell]:
    yield from (Cell(number, "middle"), Cell(_unit(report)))
    yield Cell(plain(report.target.url))
    yield from shown
    reported = {figure.name: figure.number for figure in report.target.figures}
    for name in figures:
        count = reported.get(name)
        yield Cell("" if count is None else count, "number")
    yield _outcome(report.outcome, WORD[report.outcome])
    yield Cell(_remarks(report))


def _unit(report: UnitReport) -> str:
    """The name of the unit: what its site is called, the address beside it tells."""
    return unit_name(report) if report.target.unit is None else plain(report.target.unit, 80)


def _outcome(outcome: Outcome, word: str) -> Cell:
    return Cell(word, "middle" if outcome is Outcome.PASS else outcome)


# --- what the page shows -------------------------------------------------------------------------


def _shown(report: UnitReport, requirements: Iterable[str]) -> list[Cell]:
    """One cell per requirement."""
    verdicts = {verdict.requirement: verdict for verdict in report.verdicts}
    return [
        _outcome(found.outcome, _word(found))
        if (found := verdicts.get(requirement))
        else Cell(ELSEWHERE, "middle")
        for requirement in requirements
    ]


def _word(verdict: Verdict) -> str:
    """Whether the page shows it, which for `expect: absent` is the opposite of a pass."""
    is_there = shows(verdict)
    if is_there is None:
        return WORD[verdict.outcome]
    return THERE if is_there else NOT_THERE


def _remarks(report: UnitReport) -> str:
    """The decisions of people, and why verdicts are undetermined, each reason once."""
    decided = [requirement_name(verdict) for verdict in report.verdicts if verdict.decision]
    doubts = (doubt(report, v) for v in report.verdicts if v.outcome is Outcome.UNDETERMINED)
    people = [f"人工核定：{'、'.join(decided)}"] if decided else []
    return "；".join([*people, *dict.fromkeys(doubts)])


# --- what stands below ---------------------------------------------------------------------------


def _totals(run: ScanRun, counts: Iterable[str]) -> Iterator[Cell]:
    """Sums as numbers: previews, and Excel's protected view, do not calculate formulas."""
    yield from (Cell(count, "total") for count in counts)
    for name in _figures(run):
        reported = _reported(run, name)
        yield Cell(sum(reported) if reported else "", "sum")
    yield from (Cell("", "total"), Cell("", "total"))


def _counted(words: list[str | int]) -> str:
    """How many units show it, of those that it applies to."""
    asked = [word for word in words if word != ELSEWHERE]
    return f"{asked.count(THERE)} / {len(asked)}"


def _reported(run: ScanRun, name: str) -> list[int]:
    """What each unit that said it has: a unit says it once, with one of its sites."""
    figures = (figure for report in run.reports.briefs() for figure in report.target.figures)
    return [f.number for f in figures if f.name == name and f.number is not None]


def _unreported(run: ScanRun) -> str:
    """The numbers that not every unit reported, with how many did."""
    units = len(_units(run)) + len(run.no_website)
    counts = {name: len(_reported(run, name)) for name in _figures(run)}
    incomplete = (f"{plain(n, 80)}已报 {c} / {units} 家" for n, c in counts.items() if c < units)
    return "，".join(incomplete)


# --- the sheet -----------------------------------------------------------------------------------


class _Sheet:
    """The one sheet, filled from the top down; `finish` comes last."""

    def __init__(self, book: Any, columns: Iterable[Column]) -> None:
        self._sheet = book.active
        self._sheet.title = "统计表"
        self._columns = list(columns)
        self._widths = [column.least for column in self._columns]
        self._rows: list[tuple[int, tuple[Cell, ...]]] = []
        self._lines: list[tuple[int, str, int]] = []
        self._row = self._head = 0
        self._styles = dict[str, Any]()
        for style in _styles():
            book.add_named_style(style)
            self._styles[style.name] = style.as_tuple()

    def line(self, text: str, style: str, size: int = 11) -> None:
        """Add a line over the whole width."""
        self._row += 1
        self._put(1, Cell(text, style))
        self._merge(len(self._columns))
        self._lines.append((self._row, text, size))

    def head(self) -> None:
        """Add the headings, which stay in view and are printed on every page."""
        self.add(*(Cell(column.title, "head") for column in self._columns))
        self._head = self._row

    def add(self, *cells: Cell) -> None:
        """Add a row."""
        self._row += 1
        for number, cell in enumerate(cells, 1):
            self._put(number, cell)
            self._widen(number - 1, cell)
        self._rows.append((self._row, cells))

    def total(self, *cells: Cell) -> None:
        """Add the last row, with its name in the first three columns merged."""
        names = (Cell("", "total"), Cell("", "total"), Cell("", "total"))
        self.add(*names, *cells)
        self._put(1, Cell("合计", "total"))
        self._merge(len(names))

    def _put(self, column: int, cell: Cell) -> None:
        place = self._sheet.cell(self._row, column)
        place._style = self._styles[excel.called(cell.style)]
        excel.fill_in(place, cell.value)

    def _merge(self, last: int) -> None:
        if last > 1:
            self._sheet.merge_cells(
                start_row=self._row, end_row=self._row, start_column=1, end_column=last
            )

    def _widen(self, index: int, cell: Cell) -> None:
        wide = excel.width(_as_shown(cell)[:100]) + 2
        self._widths[index] = max(self._widths[index], min(wide, self._most(index, cell)))

    def _most(self, index: int, cell: Cell) -> int:
        """The widest that a cell may make its column; headings of numbers are wrapped."""
        most = self._columns[index].most
        return min(most, 14) if cell.style == "head" else most

    def finish(self) -> None:
        """Set widths, heights, frozen panes and print setup."""
        sheet = self._sheet
        for number, wide in enumerate(self._widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = wide
        for row, cells in self._rows:
            pairs = zip(cells, self._widths, strict=True)
            # Padding takes about one character.
            high = max(excel.height(excel.width(_as_shown(c)), wide - 1) for c, wide in pairs)
            sheet.row_dimensions[row].height = max(high + 5, _LOWEST)
        for row, text, size in self._lines:
            room = sum(self._widths) * 11 / size
            high = max(excel.height(excel.width(text), room), excel.LINE) * size / 11
            sheet.row_dimensions[row].height = high + 8
        sheet.freeze_panes = f"C{self._head + 1}"
        sheet.print_options.horizontalCentered = True
        sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.8)
        excel.for_paper(sheet, self._head)


def _as_shown(cell: Cell) -> str:
    return f"{cell.value:,}" if isinstance(cell.value, int) else cell.value


def _styles() -> Iterator[NamedStyle]:
    middle = {"horizontal": "center", "vertical": "center"}
    number = {"horizontal": "right", "vertical": "center", "number_format": "#,##0"}
    yield excel.style("text", vertical="center")
    yield excel.style("middle", **middle)
    yield excel.style("number", **number)
    yield excel.style("head", **middle, fill="D9E1F2", bold=True)
    yield excel.style("total", **middle, fill="F2F2F2", bold=True)
    yield excel.style("sum", **number, fill="F2F2F2", bold=True)
    line = Alignment(vertical="center", wrap_text=True)
    yield excel.bare("title", Alignment(wrap_text=True, **middle), sz=_TITLE_SIZE, bold=True)
    yield excel.bare("note", line)
    yield excel.bare("warning", line, bold=True, color="C00000")
    for outcome, (fill, letters) in excel.COLOURS.items():
        yield excel.style(outcome, **middle, fill=fill, color=letters)
