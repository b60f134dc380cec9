"""What is answered at the desk: kept in the history at once, taken back at will.

As in a review in the terminal: who is to be called is remembered for as long as the desk runs.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ycaudit.auditing.questions import (
    Question,
    asked_of,
    open_verdicts,
    record,
    standing,
    take_back,
)
from ycaudit.desk.shelf import Shown
from ycaudit.model import Decision, Outcome
from ycaudit.runs.decisions import confirmed_by
from ycaudit.runs.history import History
from ycaudit.runs.units import UnitSites


@dataclass(frozen=True, slots=True)
class Card:
    """All that is asked about one unit."""

    unit: UnitSites
    questions: tuple[Question, ...]

    @property
    def place(self) -> int:
        """Where the unit's first site stands in the run."""
        return self.unit.places[0]

    @property
    def mark(self) -> str:
        """Another one as soon as anything of it was answered, or its page shows something else."""
        asked = [
            (question.report.target.id, verdict.requirement, question.page, confirmed_by(verdict))
            for question in self.questions
            for verdict in question.verdicts
        ]
        return hashlib.sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that was answered, and what the history held about it before."""

    question: Question
    by: str
    made: tuple[Decision | None, ...]
    """What the person has decided about each of its verdicts."""
    before: tuple[Decision | None, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was answered about one unit at once."""

    run: str
    what: Outcome
    """What the questions were about: what is undetermined, or what failed."""
    card: Card
    answers: tuple[Answer, ...]
    to_call: bool


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
            yield Card(unit, questions)


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
        answers: Sequence[Outcome | None],
        *,
        note: str,
        to_call: bool = False,
    ) -> None:
        """Keep an answer to each question of the card; None leaves it open."""
        now = datetime.now(UTC)
        kept = tuple(
            _kept(history, question, outcome, by=self.by, at=now, note=note)
            for question, outcome in zip(card.questions, answers, strict=True)
            if outcome is not None
        )
        self.submitted.append(Submitted(run, what, card, kept, to_call))

    def undo(self, history: History) -> Submitted | None:
        """Take the last answer back; None where another has been given since, or there is none."""
        if not self.submitted:
            return None
        last = self.submitted[-1]
        for answer in last.answers:
            if standing(history, answer.question, answer.by) != answer.made:
                return None
        self.submitted.pop()
        for answer in last.answers:
            take_back(history, answer.question, answer.before, answer.by)
        return last

    def mark(self, run: str, card: Card) -> str:
        """That of the card, and another one as soon as somebody puts it on the list of calls."""
        about = [one for one in self.submitted if (one.run, one.card.place) == (run, card.place)]
        return f"{card.mark}-{len(about)}"

    def to_call(self, run: str) -> list[Card]:
        """The units of a run that are to be called, each once."""
        last = {one.card.place: one for one in self.submitted if one.run == run}
        return [one.card for one in last.values() if one.to_call]


def _kept(
    history: History, question: Question, outcome: Outcome, *, by: str, at: datetime, note: str
) -> Answer:
    before = record(history, question, outcome, by=by, at=at, note=note)
    return Answer(question, by, standing(history, question, by), before)
