"""Reads the units of a list in Excel or CSV; notes what was left out and what was corrected."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cell_url import Found, find, quoted
from ycaudit.inputs.cells import Cell, row_name, row_problem
from ycaudit.inputs.unit_table import Fields, Table, read_tables


@dataclass(frozen=True, slots=True)
class Row:
    """A unit and the number of its row (1-based)."""

    name: str
    url: str
    number: int
    tags: tuple[str, ...] = ()
    person: str | None = None
    phone: str | None = None
    email: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The units of a list, the rows that were left out, and what was corrected."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()


def read_list(path: Path) -> Listing:
    """The units of an .xlsx or .csv file. Raises ConfigError where nothing of it can be read."""
    tables = read_tables(path)
    reader = _Reader(str(path))
    for table in tables:
        reader.read(table, several=len(tables) > 1)
    if not reader.rows and not reader.problems:
        reader.problem(tables[0].header, Message("no unit stands below this header"))
    return Listing(tuple(reader.rows), tuple(reader.problems), tuple(reader.notices))


@dataclass(slots=True)
class _Reader:
    """Collects the rows of all sheets; finds repeated addresses, names and ids."""

    file: str
    sheet: str = ""
    """Empty where there is only one; else in messages, and a tag of its units."""
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def problem(self, number: int, what: str) -> None:
        """Add a row that is left out."""
        self.problems.append(row_problem(self.file, self.sheet, number, what))

    def notice(self, number: int, what: str) -> None:
        """Add what was corrected."""
        self.notices.append(row_problem(self.file, self.sheet, number, what).message)

    def _place(self, number: int) -> str:
        return row_name(self.sheet, number)

    def read(self, table: Table, *, several: bool) -> None:
        """Collect the rows of one sheet."""
        self.sheet = table.sheet if several else ""
        for number, fields in table.units():
            self._take(number, fields)

    def _take(self, number: int, fields: Fields) -> None:
        name, cell = fields.first("name"), fields.address()
        if not (name or cell.text or cell.link):
            return
        found = find(cell)
        if found is None:
            self.problem(number, _no_address(name, cell))
        elif self._is_new(number, name, found):
            self._add(number, name, found, fields)

    def _is_new(self, number: int, name: str, found: Found) -> bool:
        first = self.addresses.setdefault(found.key, self._place(number))
        if first != self._place(number):
            who = f"{name}: " if name else ""
            self.notice(
                number,
                Message("{0}{1} stands in {2} already; left out here", who, found.url, first),
            )
            return False
        return True

    def _add(self, number: int, name: str, found: Found, fields: Fields) -> None:
        for what in found.notes:
            self.notice(number, what)
        if not name:
            self.notice(number, Message("{0} has no name; its address stands for it", found.url))
        elif (first := self.names.setdefault(name, self._place(number))) != self._place(number):
            self.notice(
                number, Message("{0} stands in {1} already, with another address", name, first)
            )
        tags = (*([self.sheet] if self.sheet else []), *fields.tags())
        self.rows.append(
            Row(
                name=name or found.url,
                url=found.url,
                number=number,
                tags=tuple(dict.fromkeys(tags)),
                person=fields.first("person") or None,
                phone=fields.first("phone") or None,
                email=fields.first("email") or None,
                id=self._own_id(number, fields.first("id")),
            )
        )

    def _own_id(self, number: int, given: str) -> str | None:
        if not given:
            return None
        first = self.ids.setdefault(given, self._place(number))
        if first != self._place(number):
            self.notice(
                number,
                Message("the id {0} is used in {1}; one is made of the address", given, first),
            )
            return None
        return given


def _no_address(name: str, cell: Cell) -> str:
    if not (cell.text or cell.link):
        return Message("{0} has no address", name)
    who = f"{name}: " if name else ""
    return Message("{0}{1} is no web address", who, quoted(cell.text or cell.link))
