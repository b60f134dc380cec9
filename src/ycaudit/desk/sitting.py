"""What is answered at the desk: kept in the history at once, taken back at will."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ycaudit.auditing.questions import (
    Question,
    asked_of,
    open_verdicts,
    put_back,
    put_off,
    record,
    standing,
    take_back,
)
from ycaudit.desk.shelf import Shown
from ycaudit.model import Decision, Outcome, UnitReport, Verdict
from ycaudit.runs.calls import Call, Calls
from ycaudit.runs.decisions import confirmed_by
from ycaudit.runs.history import History
from ycaudit.runs.units import UnitSites, units_of

ToCall = Literal["call"]
CALL: ToCall = "call"
"""The answer that settles nothing: the unit is to be called."""


@dataclass(frozen=True, slots=True)
class Card:
    """All that is asked about one unit."""

    unit: UnitSites
    questions: tuple[Question, ...]
    calls: Calls
    """All calls of the run that are still to be made."""

    @property
    def place(self) -> int:
        """Where the unit's first site stands in the run."""
        return self.unit.places[0]

    @property
    def mark(self) -> str:
        """Another one as soon as anything of it was answered, or its page shows something else.

        Also as soon as somebody puts it on the list of calls.
        """
        asked = [
            (*key, question.page, confirmed_by(verdict), self.calls.get(key))
            for question in self.questions
            for verdict in question.verdicts
            for key in [(question.report.target.id, verdict.requirement)]
        ]
        return hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def to_call(self) -> tuple[Call, ...]:
        """The calls about what is asked that are still to be made, each note once."""
        found = (
            self.calls.get((question.report.target.id, verdict.requirement))
            for question in self.questions
            for verdict in question.verdicts
        )
        return tuple({(one.by, one.at, one.note): one for one in found if one}.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that was answered, and what the history held about it before."""

    question: Question
    by: str
    made: tuple[Decision | None, ...]
    """What the person has decided about each of its verdicts."""
    before: tuple[Decision | None, ...]


@dataclass(frozen=True, slots=True)
class PutOff:
    """A question about which the unit is to be called, and what was noted about it before."""

    question: Question
    at: datetime
    before: tuple[Call | None, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was answered about one unit at once."""

    run: str
    what: Outcome
    """What the questions were about: what is undetermined, or what failed."""
    card: Card
    answers: tuple[Answer, ...]
    put_off: tuple[PutOff, ...]


def cards(
    shown: Shown, units: Iterable[UnitSites], what: Outcome, *, by: str, persons: int
) -> Iterator[Card]:
    """What is to be asked of a person about the verdicts with this outcome, unit by unit.

    Where so many persons must confirm a fail, also what others but not `by` have confirmed.
    """
    reports = shown.reports
    for unit in units:
        questions = tuple(
            question
            for place in unit.places
            if (verdicts := open_verdicts(reports[place], what, by=by, persons=persons))
            for question in asked_of(reports[place], verdicts, shown.pages[place])
        )
        if questions:
            yield Card(unit, questions, shown.calls)


def cards_to_call(shown: Shown) -> Iterator[Card]:
    """What units are to be called about, unit by unit."""
    for unit in units_of(shown.reports):
        questions = tuple(
            question
            for place in unit.places
            for question in asked_of(
                shown.reports[place],
                _to_call(shown.reports[place], shown.calls),
                shown.pages[place],
            )
        )
        if questions:
            yield Card(unit, questions, shown.calls)


def _to_call(report: UnitReport, calls: Calls) -> tuple[Verdict, ...]:
    return tuple(v for v in report.verdicts if (report.target.id, v.requirement) in calls)


class Sitting:
    """The answers since the desk was started, of all its windows."""

    def __init__(self, by: str) -> None:
        self.by = by
        """Who decides, as it was last said."""
        self.submitted: list[Submitted] = []
        self.lock = threading.Lock()
        """Held from the look at what is open until the answer is kept."""

    def answer(
        self,
        history: History,
        run: str,
        what: Outcome,
        card: Card,
        answers: Sequence[Outcome | ToCall | None],
        *,
        note: str,
    ) -> None:
        """Keep an answer to each question of the card; None leaves it open."""
        now = datetime.now(UTC)
        asked = list(zip(card.questions, answers, strict=True))
        kept = tuple(
            _kept(history, question, outcome, by=self.by, at=now, note=note)
            for question, outcome in asked
            if isinstance(outcome, Outcome)
        )
        calls = tuple(
            PutOff(question, now, put_off(history, question, by=self.by, at=now, note=note))
            for question, outcome in asked
            if outcome == CALL
        )
        self.submitted.append(Submitted(run, what, card, kept, calls))

    def undo(self, history: History) -> Submitted | None:
        """Take the last answer back; None where another has been given since, or there is none."""
        if not self.submitted:
            return None
        last = self.submitted[-1]
        for answer in last.answers:
            if standing(history, answer.question, answer.by) != answer.made:
                return None
        if not all(_is_noted(history, one) for one in last.put_off):
            return None
        self.submitted.pop()
        for answer in last.answers:
            take_back(history, answer.question, answer.before, answer.by)
        for call in last.put_off:
            put_back(history, call.question, call.before)
        return last


def _is_noted(history: History, put: PutOff) -> bool:
    """Whether nobody has noted another call since, or decided what it is about."""
    unit, calls, decisions = put.question.report.target.id, history.calls(), history.decisions()
    keys = [(unit, verdict.requirement) for verdict in put.question.verdicts]
    return all(
        key in calls
        and calls[key].at == put.at
        and all(one.at < put.at for one in decisions.get(key, ()))
        for key in keys
    )


def _kept(
    history: History, question: Question, outcome: Outcome, *, by: str, at: datetime, note: str
) -> Answer:
    before = record(history, question, outcome, by=by, at=at, note=note)
    return Answer(question, by, standing(history, question, by), before)
