"""What is concluded of a page, by the machine or by a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import computed_field, field_validator, model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.model.page import Sense, Visibility, Where
from ycaudit.model.record import Record, without
from ycaudit.reasons import Reason


class Outcome(StrEnum):
    """The outcome of a verdict; of a unit the gravest counts."""

    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 - an outcome, no password
    UNDETERMINED = "undetermined"
    FAIL = "fail"

    @property
    def gravity(self) -> int:
        """0 for the lightest."""
        return _GRAVITY[self]


_GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}
OPEN = (Outcome.FAIL, Outcome.UNDETERMINED)
"""What leaves something to do."""


def gravest(outcomes: Iterable[Outcome]) -> Outcome:
    """The gravest of the outcomes; of none, pass."""
    return max(outcomes, key=lambda outcome: outcome.gravity, default=Outcome.PASS)


class Evidence(Record):
    """One thing that a verdict rests on; flat, so that no renderer knows observation kinds."""

    sense: Sense
    value: str
    label: str = ""
    note: Reason | None = None
    visible: Visibility = Visibility.SHOWN
    where: Where
    file: str | None = None


class Waiver(Record):
    """A requirement that a unit need not meet until the given day."""

    unit: str
    requirement: str
    reason: str
    approved_by: str
    until: date

    def holds(self, today: date) -> bool:
        """Whether it is still in force; it expires by itself."""
        return today <= self.until


class Decision(Record):
    """What a person decided about one verdict.

    It holds while the page shows the same and the rule asks for the same.
    """

    outcome: Outcome
    by: str
    at: datetime
    note: str = ""
    page: str
    """The fingerprint of what the page showed."""
    asked: str = ""
    """The verdict's `asked`; empty in decisions of earlier versions."""
    machine: Outcome | None = None
    """The outcome of the machine."""
    pictures: tuple[str, ...] = ()
    """The sha256 of each picture that there was to see for it, as the evidence folder has them."""
    also: tuple[Decision, ...] = ()
    """What other persons decided alike of the same page, the earliest first."""

    @property
    def made(self) -> tuple[Decision, ...]:
        """This decision and those alike, the earliest first, each by itself."""
        return (*self.also, self.model_copy(update={"also": ()}))

    @field_validator("outcome")
    @classmethod
    def _settles(cls, outcome: Outcome) -> Outcome:
        if outcome not in (Outcome.PASS, Outcome.FAIL):
            raise InvalidValueError("a person decides pass or fail")
        return outcome


Basis = Literal["painted", "sent", "person"]
"""The witness: the painted screen, the markup as it was sent, or a person."""


class Verdict(Record):
    """Whether one unit meets one requirement, why, and what that rests on."""

    requirement: str
    name: str
    clause: str | None = None
    """The clause of the policy that asks for it."""
    level: Literal["must", "should"] = "must"
    expect: Literal["present", "absent"] = "present"
    asked: str = ""
    """A digest of what the rule asks for."""
    sense: Sense | None = None
    """What kind of thing it asks for."""
    outcome: Outcome
    why: Reason
    evidence: tuple[Evidence, ...] = ()
    near: tuple[Evidence, ...] = ()
    observer: str
    decision: Decision | None = None

    _reason_is_computed = model_validator(mode="before")(without("reason", "reason_code", "basis"))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def basis(self) -> Basis:
        """What it rests on."""
        if self.decision is not None:
            return "person"
        return "painted" if self.observer == "browser" else "sent"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason(self) -> str:
        """The sentence in English, for whoever reads the document; `why` is what programs read."""
        return self.why.sentence

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason_code(self) -> str:
        """The code of the reason."""
        return self.why.code
