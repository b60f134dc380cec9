"""Reads waivers from a sheet of a list: the unit and the requirement by name, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ycaudit.errors import InvalidValueError, Problem
from ycaudit.i18n import Listed
from ycaudit.inputs.cell_url import quoted
from ycaudit.inputs.cells import day_in, no_day, row_problem
from ycaudit.inputs.unit_table import Fields, Table

_NEEDED = ("waived", "until")
_TAKEN = ("name", "id", "waived", "reason", "approved_by", "until")


@dataclass(frozen=True, slots=True)
class ListedWaiver:
    """A waiver, the id or name of its unit and requirement, its sheet, and its row (1-based)."""

    unit: str
    requirement: str
    reason: str
    approved_by: str
    until: date
    sheet: str
    number: int


def is_one(table: Table) -> bool:
    """Whether the table has columns for a requirement and for the day until which it is lifted."""
    return all(table.columns[name] for name in _NEEDED)


def left_out(table: Table) -> tuple[str, ...]:
    """The columns that say something which a waiver has no place for."""
    left = {column for _, fields in table.units() for column, _ in fields.rest(*_TAKEN)}
    return tuple(head for column, head in enumerate(table.heads) if column in left and head)


def read(
    file: str, tables: Sequence[Table]
) -> tuple[tuple[ListedWaiver, ...], tuple[Problem, ...]]:
    """The waivers in these tables, and the rows that say too little."""
    waivers: list[ListedWaiver] = []
    problems: list[Problem] = []
    for table in tables:
        for number, fields in table.units():
            if not any(fields.first(name) for name in _NEEDED):
                continue
            try:
                waivers.append(_waiver(table.sheet, number, fields))
            except InvalidValueError as error:
                problems.append(row_problem(file, table.sheet, number, error.message))
    return tuple(waivers), tuple(problems)


def _waiver(sheet: str, number: int, fields: Fields) -> ListedWaiver:
    """The waiver in a row. Raises InvalidValueError."""
    unit = fields.first("id") or fields.first("name")
    said = {
        "单位": unit,
        "豁免要求": fields.first("waived"),
        "理由": fields.first("reason"),
        "批准人": fields.first("approved_by"),
        "期限": fields.first("until"),
    }
    if missing := [name for name, text in said.items() if not text]:
        raise InvalidValueError("the waiver lacks {0}", Listed(missing))
    if (until := day_in(said["期限"])) is None:
        raise InvalidValueError(no_day(quoted(said["期限"])))
    unit, requirement, reason, approved_by, _ = said.values()
    return ListedWaiver(unit, requirement, reason, approved_by, until, sheet, number)
