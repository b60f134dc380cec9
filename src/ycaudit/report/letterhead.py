"""What an office says of itself on its papers; what it has not said is a blank to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

BLANK_DAY = "____年__月__日"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The issuer of papers, their number, and by when and to whom units answer."""

    issuer: str = ""
    """The body that sends them (发文机关)."""
    number: str = ""
    """The document number (发文字号), such as 云网办〔2026〕12号."""
    deadline: date | None = None
    """The day by which units mend their homepages."""
    contact: str = ""
    """The person who takes answers."""
    phone: str = ""

    def due(self, after: date) -> str:
        """The deadline in words, where it lies after this day; else a blank.

        So the deadline of the last round never gets into a paper of this one.
        """
        due = self.due_day(after)
        return BLANK_DAY if due is None else day(due)

    def due_day(self, after: date) -> date | None:
        """The deadline where it lies after this day; else None."""
        return self.deadline if self.deadline and self.deadline > after else None

    @property
    def answer_to(self) -> str:
        """Whom to ask and to answer; empty where neither name nor telephone is known."""
        parts = [f"联系人：{self.contact}"] * bool(self.contact)
        return "，".join([*parts, *[f"电话：{self.phone}"] * bool(self.phone)])


def day(one: date) -> str:
    """A day, such as 2026年6月15日."""
    return f"{one.year}年{one.month}月{one.day}日"
