"""Reads the units of a list in a spreadsheet; notes what was left out and what was corrected."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ycaudit.errors import AuditError, Problem
from ycaudit.i18n import Listed, Message
from ycaudit.inputs import mail_address, waiver_table
from ycaudit.inputs.cell_url import Found, find, key_of, quoted, says_none, told
from ycaudit.inputs.cells import MAX_COLUMNS, Cell, row_name, shortened
from ycaudit.inputs.headings import FIELDS
from ycaudit.inputs.row_notes import RowNotes
from ycaudit.inputs.unit_table import BY_ADDRESS, BY_ANY, Fields, Table, read_tables
from ycaudit.inputs.waiver_table import ListedWaiver
from ycaudit.url import without_credentials

_ASIDE = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|.{1,20}[:：]|共\s*\d|20\d\d\s*年|第.{1,3}页|附[件表]"
)
"""What stands alone in a row without being a unit: 一、市直部门, 审核人：王, 共 32 家."""
_TELEPHONE = re.compile(r"1\d{10}|0\d{2,3}[- ]?\d{7,8}|\d{7,8}")
# As libphonenumber has China's area codes: 10, 2x with eight digits, others of three with seven or
# eight. 400 and 800 are none, and mobile numbers begin with 1. After 86 the 0 is rightly left out.
_ZERO_LOST = re.compile(r"(?<![\d-])(?<!86 )(?:10\d{8}|2\d{9}|(?!400|800)[3-9]\d{9,10})(?![\d-])")
_TAKEN = ("url", "name", "office", "tags", "person", "phone", "email", "id")


@dataclass(frozen=True, slots=True)
class ListedSite:
    """A site and the number of its row (1-based)."""

    url: str
    number: int
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit, the number of its first row (1-based), and its sites, of which it may have none."""

    name: str
    number: int
    sites: tuple[ListedSite, ...] = ()
    office: str | None = None
    tags: tuple[str, ...] = ()
    person: str | None = None
    phone: str | None = None
    email: str | None = None
    id: str | None = None
    data: tuple[tuple[str, str], ...] = ()
    """The heading and the text of the other columns."""
    sheet: str = ""
    """Empty where there is only one."""
    address_is_empty: bool = False
    """Whether it is taken to run no website because its cell says nothing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The units of a list, the rows that were left out, and what was corrected."""

    units: tuple[ListedUnit, ...]
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    """What was taken as it stands, and may be wrong all the same."""
    columns: tuple[str, ...] = ()
    """What each sheet's columns were taken for, and which were not."""
    fields: frozenset[str] = frozenset()
    """The fields of `HEADERS` that have a column."""
    waivers: tuple[ListedWaiver, ...] = ()
    has_waivers: bool = False
    """Whether any sheet has columns for waivers, even if no row is filled in."""
    told: tuple[str, ...] = ()
    """Problems, notices and doubts in the order of the rows."""
    left_out: tuple[Problem, ...] = ()
    """The rows that say something of a unit or a waiver and were not taken."""
    lost: tuple[str, ...] = ()
    """The names in these rows that no unit of the list has."""


def read_list(path: Path) -> Listing:
    """The units of a spreadsheet. Raises ConfigError where nothing of it can be read."""
    found = read_tables(path, BY_ADDRESS, also=BY_ANY)
    tables = _not_hidden(found)
    lists = [table for table in tables if table.has(BY_ADDRESS)]
    waived = [table for table in tables if waiver_table.is_one(table)]
    reader = _Reader(str(path))
    for table in lists:
        reader.read(table, several=len(lists) > 1)
    for table in tables:
        if table not in lists:
            reader.tell_other(table)
    for table in found:
        if table.is_hidden:
            reader.tell_hidden(table, is_taken=table in tables)
    notes = reader.notes
    if not reader.rows and not notes.problems:
        notes.problem(lists[0].header, Message("no unit stands below this header"))
    waivers, problems = waiver_table.read(str(path), waived)
    units = tuple(reader.units())
    return Listing(
        units=units,
        problems=(*notes.problems, *problems),
        notices=tuple(notes.notices),
        doubts=tuple(notes.doubts),
        columns=tuple(reader.columns),
        fields=frozenset(name for table in lists for name, at in table.columns.items() if at),
        waivers=waivers,
        has_waivers=bool(waived),
        told=(*notes.in_order(), *(problem.message for problem in problems)),
        left_out=(*notes.left_out, *problems),
        lost=tuple(notes.lost({name for name, _, _ in reader.rows})),
    )


def _not_hidden(tables: list[Table]) -> list[Table]:
    """The tables that are to be read: what an office hides is old, or a help for filling in.

    A list that stands nowhere else is read all the same.
    """
    shown = [table for table in tables if not table.is_hidden]
    return shown if any(table.has(BY_ADDRESS) for table in shown) else tables


class _Reader:
    """Collects the rows of all sheets; finds repeated addresses, names and ids."""

    def __init__(self, file: str) -> None:
        self.notes = RowNotes(file)
        self.columns: list[str] = []
        self.addresses: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.rows: dict[tuple[str, str | None, tuple[str, ...]], list[ListedUnit]] = defaultdict(
            list
        )
        """The rows of each unit, by its name, its office, and its sheet and tags."""

    def read(self, table: Table, *, several: bool) -> None:
        """Collect the rows of one sheet."""
        self.notes.sheet = table.sheet if several else ""
        rows = list(table.units())
        for number, fields in rows:
            self._take(number, fields)
        for number, text in table.footers():
            self.notes.notice(number, Message("{0} is no unit; passed over", quoted(text)))
        self._tell_columns(table, [fields for _, fields in rows])

    def tell_other(self, table: Table) -> None:
        """Say what is not taken of a sheet that is no list of units."""
        if not waiver_table.is_one(table):
            what = Message("has no column of addresses; the sheet is left out")
        elif columns := waiver_table.left_out(table):
            what = Message("columns not taken: {0}", Listed(columns))
        else:
            return
        self.notes.notice(table.header, what, table.sheet)

    def tell_hidden(self, table: Table, *, is_taken: bool) -> None:
        """Say what becomes of a hidden sheet."""
        if is_taken:
            what = Message("the sheet is hidden, and read all the same: no other lists units")
        else:
            what = Message("the sheet is hidden, and left out; unhide it to have it read")
        self.notes.notice(table.header, what, table.sheet)

    # --- columns ---------------------------------------------------------------------------------

    def _tell_columns(self, table: Table, rows: Sequence[Fields]) -> None:
        """Say what each column was taken for, and what becomes of the others."""
        taken: list[str] = [
            Message("{0} ({1})", table.heads[column], FIELDS[name])
            for name in FIELDS
            for column in table.columns[name]
        ]
        left = {column for fields in rows for column, _ in fields.rest(*_TAKEN)}
        headed = [n for n in sorted(left) if n < len(table.heads) and table.heads[n]]
        kept = [table.heads[n] for n in headed if n not in table.columns["site"]]
        what = Message("columns taken: {0}", Listed(taken))
        self.columns.append(self.notes.at(table.header, what))
        if kept:
            what = Message("columns not taken, kept as data: {0}", Listed(dict.fromkeys(kept)))
            self.columns.append(self.notes.at(table.header, what))
        if stray := sorted(left.difference(headed)):
            columns = ", ".join(str(column + 1) for column in stray)
            what = Message("columns without a heading are left out: {0}", columns)
            self.notes.notice(table.header, what)
        if any(table.heads[MAX_COLUMNS - 1 :]):
            self.notes.notice(table.header, Message("only {0} columns are read", MAX_COLUMNS))

    # --- rows ------------------------------------------------------------------------------------

    def _take(self, number: int, fields: Fields) -> None:
        name, cell = fields.first("name") or fields.first("site"), fields.address()
        if not (name or cell.text or cell.link) or _is_aside(name, fields):
            if text := next((cell.text for _, cell in fields.rest() if cell.text), ""):
                self.notes.notice(number, Message("{0} is no unit; passed over", quoted(text)))
            return
        found = find(cell)
        if found is not None:
            for what in found.notes:
                self.notes.notice(number, what)
            urls, repeated = self._new(number, name, found)
            if not urls:
                self.notes.repeats(number, name, repeated)
                return
            for what in repeated:
                self.notes.notice(number, what)
            self._add(number, name, urls, fields)
        elif name and says_none(cell):
            tell = self.notes.notice if cell.text else self.notes.doubt
            tell(number, _runs_none(name, cell))
            self._add(number, name, (), fields, address_is_empty=not cell.text)
        else:
            self.notes.problem(number, _no_address(name, cell), name)

    def _new(
        self, number: int, name: str, found: Found
    ) -> tuple[tuple[str, ...], tuple[Message, ...]]:
        """The addresses that no earlier row has, and what is to be told of the others."""
        fresh, repeated = [], []
        for url in found.urls:
            first = self.addresses.setdefault(key_of(url), self.notes.place(number))
            if first == self.notes.place(number):
                fresh.append(url)
                continue
            repeated.append(
                Message("{0}{1} stands in {2} already; left out here", _who(name), told(url), first)
            )
        return tuple(fresh), tuple(repeated)

    def _add(
        self,
        number: int,
        name: str,
        urls: tuple[str, ...],
        fields: Fields,
        *,
        address_is_empty: bool = False,
    ) -> None:
        if not name:
            self.notes.notice(
                number, Message("{0} has no name; its address stands for it", told(urls[0]))
            )
        # Units are counted by their first tag: what the list says of its own goes first.
        sheet = [self.notes.sheet] if self.notes.sheet else []
        tags = tuple(dict.fromkeys((*fields.tags(), *sheet)))
        own = self._own_id(number, fields.first("id"))
        person, phone = _contact(fields)
        site_name = fields.first("site") if fields.first("name") else ""
        unit = ListedUnit(
            name=name or without_credentials(urls[0]),
            number=number,
            sites=tuple(
                ListedSite(url, number, site_name or None, own if len(urls) == 1 else None)
                for url in urls
            ),
            office=fields.first("office") or None,
            tags=tags,
            person=person or None,
            phone=_narrow(phone) or None,
            email=_narrow(fields.first("email")) or None,
            id=own,
            data=tuple(_data(fields)),
            sheet=self.notes.sheet,
            address_is_empty=address_is_empty,
        )
        self._doubt_contact(unit)
        if number in fields.table.hidden_rows:
            what = Message(
                "{0}: the row is hidden, and taken all the same; delete it if the unit is to go",
                shortened(unit.name),
            )
            self.notes.doubt(number, what)
        kind = (self.notes.sheet, *fields.tags(of_unit=True))
        self.rows[unit.name, unit.office, kind].append(unit)

    def _doubt_contact(self, unit: ListedUnit) -> None:
        """Say what of it will reach nobody; it is taken as it is, since any guess may be wrong."""
        who = shortened(unit.name)
        if (lost := _ZERO_LOST.search(unit.phone or "")) is not None:
            what = Message("{0}: the telephone {1} may lack the 0 of its area code", who, lost[0])
            self.notes.doubt(unit.number, what)
        try:
            mail_address.parsed(unit.email) if unit.email else None
        except AuditError as error:
            self.notes.doubt(unit.number, Message("{0}: {1}", who, error.message))

    def _own_id(self, number: int, given: str) -> str | None:
        if not given:
            return None
        first = self.ids.setdefault(given, self.notes.place(number))
        if first != self.notes.place(number):
            self.notes.notice(
                number,
                Message(
                    "the id {0} is used in {1}; one is made of the address",
                    *(shortened(given), first),
                ),
            )
            return None
        return given

    # --- units -----------------------------------------------------------------------------------

    def units(self) -> Iterator[ListedUnit]:
        """The units: rows of one name, office and kind are one."""
        called: dict[tuple[str, str | None], ListedUnit] = {}
        for (_, _, kind), rows in self.rows.items():
            unit = rows[0] if len(rows) == 1 else self._joined(rows)
            first = called.setdefault((unit.name, unit.office), unit)
            if first is not unit:
                name = f"{unit.name}（{'、'.join(filter(None, kind)) or unit.number}）"
                place = row_name(first.sheet, first.number)
                what = Message(
                    "another {0} stands in {1}: this is {2}",
                    *(shortened(unit.name), place, shortened(name)),
                )
                self.notes.notice(unit.number, what, unit.sheet)
                unit = replace(unit, name=name)
            yield unit

    def _joined(self, rows: list[ListedUnit]) -> ListedUnit:
        """The unit of several rows: all their sites, and whoever is named first."""
        first, *others = rows
        data: dict[str, dict[str, None]] = {}
        for heading, text in (pair for row in rows for pair in row.data if pair[1]):
            data.setdefault(heading, {})[text] = None
        for row in others:
            self._tell_row(first, row)
        return replace(
            first,
            sites=tuple(site for row in rows for site in row.sites),
            tags=tuple(dict.fromkeys(tag for row in rows for tag in row.tags)),
            person=next((row.person for row in rows if row.person), None),
            phone=next((row.phone for row in rows if row.phone), None),
            email=next((row.email for row in rows if row.email), None),
            id=None,
            data=tuple((heading, "；".join(texts)) for heading, texts in data.items()),
            address_is_empty=all(row.address_is_empty for row in rows),
        )

    def _tell_row(self, first: ListedUnit, row: ListedUnit) -> None:
        """Say that a row is about a unit that another has, and what of it is left out."""
        place = row_name(first.sheet, first.number)
        name = shortened(row.name)
        self.notes.notice(
            row.number, Message("{0} stands in {1}, too: one unit of both", name, place), row.sheet
        )
        pairs = ((first.person, row.person), (first.phone, row.phone), (first.email, row.email))
        for one, other in pairs:
            if one and other and one != other:
                pair = shortened(other), shortened(one)
                self.notes.notice(
                    row.number, Message("{0} is left out, for {1} of {2}", *pair, place), row.sheet
                )


def _is_aside(name: str, fields: Fields) -> bool:
    """Whether the row says something between or below the units."""
    texts = {cell.text for cell in fields.cells if cell.text}
    return texts == {name} and _ASIDE.match(name) is not None


def _narrow(text: str) -> str:
    """A telephone number or an address of mail without full-width signs."""
    return unicodedata.normalize("NFKC", text)


def _contact(fields: Fields) -> tuple[str, str]:
    """The person and the telephone, also where both stand in one cell."""
    person, phone = fields.first("person"), fields.first("phone")
    found = _TELEPHONE.search(person) if person == phone else None
    if found is None:
        return person, phone
    return person.replace(found[0], "").strip(" ,，、/:：;；()（）"), found[0]


def _data(fields: Fields) -> Iterator[tuple[str, str]]:
    """What stands in the columns that nothing is taken from, a heading that stands twice joined."""
    data: dict[str, str] = {}
    for column, cell in fields.rest(*_TAKEN):
        head = fields.table.heads[column] if column < len(fields.table.heads) else ""
        if not head:
            continue
        text = f"{cell.text} {cell.link}".strip() if cell.link not in cell.text else cell.text
        data[head] = f"{data[head]}；{text}" if head in data else text
    yield from data.items()


def _no_address(name: str, cell: Cell) -> str:
    return Message("{0}{1} is no web address", _who(name), quoted(cell.text or cell.link))


def _runs_none(name: str, cell: Cell) -> str:
    if cell.text:
        said = quoted(cell.text)
        return Message("{0} runs no website, by {1}: only counted", shortened(name), said)
    return Message(
        "{0}: the address cell is empty, so it is counted as running no website; if it runs one, "
        "fill in the address",
        shortened(name),
    )


def _who(name: str) -> str:
    return f"{shortened(name)}: " if name else ""
