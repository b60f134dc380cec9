"""What is told of the rows of a list: those left out, what was corrected, what is doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from ycaudit.errors import Problem
from ycaudit.i18n import Message
from ycaudit.inputs.cells import row_name, row_problem


class RowNotes:
    """Notes on the rows of all sheets of a file."""

    def __init__(self, file: str) -> None:
        self.sheet = ""
        """The one that is read; empty where there is only one."""
        self.problems: list[Problem] = []
        self.notices: list[str] = []
        self.doubts: list[str] = []
        self.left_out: list[Problem] = []
        """The rows that were not taken."""
        self._file = file
        self._names_left: list[str] = []
        """The names of units in them."""
        self._told: dict[str, list[tuple[int, str]]] = defaultdict(list)
        """What is told of the rows of each sheet."""

    def problem(self, number: int, what: str, name: str = "") -> None:
        """Add a row that is left out; `name` is that of its unit."""
        problem = row_problem(self._file, self.sheet, number, what)
        self.problems.append(problem)
        self._told[self.sheet].append((number, problem.message))
        self.left_out.append(problem)
        self._names_left.append(name)

    def notice(self, number: int, what: str, sheet: str | None = None) -> None:
        """Add what was corrected."""
        self.notices.append(self._tell(number, what, self.sheet if sheet is None else sheet))

    def doubt(self, number: int, what: str) -> None:
        """Add what a person is to look at."""
        self.doubts.append(self._tell(number, what, self.sheet))

    def repeats(self, number: int, name: str, what: Sequence[str]) -> None:
        """Add a row that is left out since other rows have all of its addresses."""
        for text in what:
            self.notice(number, text)
        self.left_out.append(row_problem(self._file, self.sheet, number, what[0]))
        self._names_left.append(name)

    def lost(self, taken: Collection[str]) -> Iterator[str]:
        """The units that stand in rows that were left out, and are not among those taken."""
        return (name for name in dict.fromkeys(self._names_left) if name and name not in taken)

    def in_order(self) -> Iterator[str]:
        """All that is told, by sheet and row."""
        for of_sheet in self._told.values():
            yield from (message for _, message in sorted(of_sheet, key=lambda one: one[0]))

    def at(self, number: int, what: str) -> Message:
        """What is said, with the place of the row before it."""
        return row_problem(self._file, self.sheet, number, what).message

    def place(self, number: int) -> str:
        """The row in words."""
        return row_name(self.sheet, number)

    def _tell(self, number: int, what: str, sheet: str) -> Message:
        message = row_problem(self._file, sheet, number, what).message
        self._told[sheet].append((number, message))
        return message
