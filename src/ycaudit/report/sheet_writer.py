"""Writes sheets of a workbook row by row, then fits columns, rows, filter and print setup.

How wide a column has to be is known at its last row, and stands before the first: rows wait in a
temporary file, not in memory.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.styles import NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.units import pixels_to_EMU
from openpyxl.worksheet.datavalidation import DataValidation

from ycaudit.i18n import translate
from ycaudit.model import ScanRun
from ycaudit.report import excel
from ycaudit.report.rows import clean
from ycaudit.url import parse_web_url

MAX_HYPERLINKS = 60_000
"""Excel takes 65,530 a sheet."""
MAX_URL = 2_000
"""Characters; Excel takes 2,079."""
PICTURE = (130, 90)
"""The largest picture in a cell, in pixels: width, height."""

_MAX_MEASURED = 60
_MOST_HELD = 1 << 20
"""Bytes of rows that wait in memory."""
_SPILLING = ("title", "note", "warning")
"""Styles whose text runs over into the next columns instead of widening its own."""
# What Excel repairs a file for, or would take for a path on this computer, is no link.
_LINK = re.compile(r"https?://[^\s\"<>\\^`{|}\ufffe\uffff]+", re.IGNORECASE)


class Cell(NamedTuple):
    """The value of a cell, the name of its style, and the address that it links to."""

    value: str | int
    style: str = "text"
    link: str = ""


class Column(NamedTuple):
    """A heading, and the limits of the column's width in narrow characters."""

    title: str
    most: int = 30
    least: int = 8


Value = Cell | str | int


class Book:
    """A workbook with its styles; counts hyperlinks up to their limit."""

    def __init__(self, run: ScanRun) -> None:
        self._book = Workbook(write_only=True)
        self._book.properties = excel.properties(run, run.rules.name)
        self.styles = dict[str, Any]()
        for style in _styles():
            self._book.add_named_style(style)
            self.styles[style.name] = style.as_tuple()
        self._links_left = MAX_HYPERLINKS
        self._sheets: list[Sheet] = []

    def sheet(self, title: str) -> Sheet:
        """A new sheet behind the others."""
        self._sheets.append(Sheet(self, self._book.create_sheet(translate(title))))
        return self._sheets[-1]

    def may_link(self, url: str) -> bool:
        """Whether the address is safe to link to; counts it if so."""
        sound = clean(url, MAX_URL) == url and _LINK.fullmatch(url)
        if not (sound and self._links_left and parse_web_url(url)):
            return False
        self._links_left -= 1
        return True

    def write(self, out: IO[bytes]) -> None:
        """Write the file."""
        for sheet in self._sheets:
            sheet.write()
        excel.write(self._book, out)


class Sheet:
    """A sheet that is filled from the top down; of a table, `finish` comes last."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book = book
        self._sheet = sheet
        self._row = 0
        self._head = 0
        self._frozen = 1
        self._columns: tuple[Column, ...] = ()
        self._widths = Counter[int]()
        self._heights: dict[int, float] = {}
        """Points of rows that hold a picture."""
        self._titles: list[str] = []
        self._waiting = SpooledTemporaryFile(_MOST_HELD)  # noqa: SIM115 - closed by `_rows`
        """A row a line, as JSON."""

    def head(self, *columns: Column, frozen: int = 1) -> None:
        """Add the row of headings, which stays in view with the first `frozen` columns."""
        self._columns, self._frozen = columns, frozen
        self._titles = [translate(column.title) for column in columns]
        self._head = self.add(*(Cell(title, "head") for title in self._titles))

    def retitle(self, column: int, title: str) -> None:
        """Change the heading of a column (1-based)."""
        self._titles[column - 1] = translate(title)
        self._measure(column, translate(title))

    def add(self, *values: Value) -> int:
        """Add a row; returns its number (1-based)."""
        self._row += 1
        cells = [value if isinstance(value, Cell) else Cell(value) for value in values]
        for column, cell in enumerate(cells, start=1):
            if cell.style not in _SPILLING:
                self._measure(column, str(cell.value))
        self._waiting.write(json.dumps(cells).encode() + b"\n")
        return self._row

    def _measure(self, column: int, text: str) -> None:
        if self._widths[column] < _MAX_MEASURED:
            self._widths[column] = max(self._widths[column], excel.width(text[:_MAX_MEASURED]))

    def picture(self, row: int, column: int, png: bytes, room: tuple[int, int] = PICTURE) -> None:
        """Put a picture into a cell; it is hidden with its row where the sheet is filtered.

        `room`: the most that it takes, in pixels: width, height.
        """
        image = Image(io.BytesIO(png))
        wide, high = _fitted(image.width, image.height, room)
        corners = (
            AnchorMarker(
                col=column - 1, colOff=pixels_to_EMU(x), row=row - 1, rowOff=pixels_to_EMU(y)
            )
            for x, y in ((3, 3), (3 + wide, 3 + high))
        )
        image.anchor = TwoCellAnchor("twoCell", *corners)
        self._sheet.add_image(image)
        self._heights[row] = (max(high, PICTURE[1]) + 6) * 0.75
        self._widths[column] = max(self._widths[column], room[0] // 7 + 1)

    def choice(self, column: int, choices: Sequence[str]) -> None:
        """Restrict the cells of a column below the heading to these words."""
        if self._row > self._head:
            rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            rule.error = translate("请选择：{0}", "、".join(choices))
            rule.showErrorMessage = True
            letter = get_column_letter(column)
            rule.add(f"{letter}{self._head + 1}:{letter}{self._row}")
            self._sheet.data_validations.append(rule)

    def finish(self) -> None:
        """Set frozen panes, filter and print setup."""
        sheet, last = self._sheet, get_column_letter(len(self._columns))
        sheet.freeze_panes = f"{get_column_letter(self._frozen + 1)}{self._head + 1}"
        sheet.auto_filter.ref = f"A{self._head}:{last}{self._row}"
        excel.for_paper(sheet, self._head)

    def write(self) -> None:
        """Write columns and rows; what the sheet says of itself is set before."""
        sheet, rooms = self._sheet, {number: self._fit(number) for number in self._widths}
        for number, room in rooms.items():
            sheet.column_dimensions[get_column_letter(number)].width = room
        for row, cells in self._rows():
            if (high := max(self._heights.get(row, 0.0), _height(cells, rooms))) > 0:
                sheet.row_dimensions[row].height = high
            sheet.append([self._written(cell) for cell in cells])
            sheet.row_dimensions.pop(row, None)  # written with the row

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """What was added, with the last of the headings."""
        with self._waiting as rows:
            rows.seek(0)
            for row, line in enumerate(rows, start=1):
                cells = [Cell(*each) for each in json.loads(line)]
                if row == self._head:
                    cells = [Cell(title, "head") for title in self._titles]
                yield row, cells

    def _written(self, cell: Cell) -> Any:
        linked = bool(cell.link) and self._book.may_link(cell.link)
        style = "text" if cell.style == "link" and not linked else cell.style
        place = WriteOnlyCell(self._sheet)
        # Set through `style`, a name is looked up and copied for every cell.
        place._style = self._book.styles[excel.called(style)]
        excel.fill_in(place, cell.value)
        if linked:
            place.hyperlink = cell.link
        return place

    def _fit(self, number: int) -> int:
        """The width of a column, with room for the arrow of the filter."""
        column = self._columns[number - 1] if number <= len(self._columns) else Column("", 16)
        return max(column.least, min(self._widths[number] + 3, column.most))


def _height(cells: Iterable[Cell], rooms: Mapping[int, int]) -> float:
    """The height in points of the longest text that takes more than one line; 0 where none does."""
    most = 0.0
    for column, cell in enumerate(cells, start=1):
        text = str(cell.value)[: excel.MAX_CHARACTERS]
        if cell.style not in _SPILLING and (width := excel.width(text)) > rooms[column]:
            most = max(most, excel.height(width, rooms[column]))
    return most


def _fitted(wide: int, high: int, room: tuple[int, int]) -> tuple[int, int]:
    """The size scaled down into the room; never enlarged."""
    scale = min(1.0, room[0] / wide, room[1] / high)
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
