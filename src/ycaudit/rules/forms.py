"""A form in which a required thing may appear, and what people know of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, Self

from pydantic import field_validator

from ycaudit.errors import InvalidValueError, no_day
from ycaudit.model import Record


class Form(Record):
    """One form in which the thing may appear; each kind of requirement has its own."""

    source: str | None = None
    note: str | None = None
    verified: date | Literal[False] | None = None
    """The day on which somebody checked it; False: nobody did, so a match decides nothing."""

    @field_validator("verified", mode="before")
    @classmethod
    def _is_day_or_no(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lower() in {"false", "no"}:
            return False
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(no_day(value, may_be_false=True)) from None

    def matches(self, text: str) -> bool:
        """Whether an address, a payload or a text of the page has this form."""
        raise NotImplementedError  # pragma: no cover - every form has its own

    def example(self) -> str | None:
        """A text of this form, for the self test; None where the form does not give one."""
        raise NotImplementedError  # pragma: no cover - every form has its own

    def examples(self) -> Iterator[str]:
        """Yield texts that stand for all of this form; none where no few of them can."""
        yield from ()

    def parts(self) -> Iterator[Self]:
        """Yield forms that are this one together."""
        yield self

    def in_words(self) -> Iterator[str]:
        """Yield the form as people read it, one line for each host."""
        raise NotImplementedError  # pragma: no cover - every form has its own

    @property
    def is_proof(self) -> bool:
        """Whether a match counts: not where the form is marked as unverified."""
        return self.verified is not False
