"""What a person is asked about a run, and how an answer is kept and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ycaudit.model import Decision, Outcome, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.report.pictures import pictures_of
from ycaudit.runs.calls import Call
from ycaudit.runs.calls import standing as standing_calls
from ycaudit.runs.decisions import Key, confirmed_by, fingerprint, is_of_the_unseen, page_of
from ycaudit.runs.evidence import sha256_in
from ycaudit.runs.history import History
from ycaudit.runs.office_settings import person


@dataclass(frozen=True, slots=True)
class Question:
    """Verdicts on one homepage that one answer settles: several where it could not be opened."""

    report: UnitReport
    verdicts: tuple[Verdict, ...]
    page: str
    """What a decision about it bears (`page_of`): the fingerprint of what the homepage showed."""

    @property
    def is_of_the_unseen(self) -> bool:
        """Whether no answer for the whole unit settles it: nobody saw what must be absent."""
        return is_of_the_unseen(self.verdicts[0])

    @property
    def parts(self) -> tuple[Question, ...]:
        """The same, verdict by verdict."""
        return tuple(Question(self.report, (verdict,), self.page) for verdict in self.verdicts)


def questions_of(
    run: ScanRun, outcome: Outcome, *, by: str = "", persons: int = 1
) -> list[Question]:
    """What is to be asked about the verdicts with this outcome, unit by unit.

    Where several persons must confirm a fail, also what others but not `by` have confirmed.
    """
    return [
        question
        for report in run.reports
        if (verdicts := open_verdicts(report, outcome, by=by, persons=persons))
        for question in asked_of(report, verdicts, fingerprint(report))
    ]


def open_verdicts(
    report: UnitReport, outcome: Outcome, *, by: str = "", persons: int = 1
) -> tuple[Verdict, ...]:
    """The verdicts with this outcome on which a person's word is still wanted."""
    return tuple(v for v in report.verdicts if v.outcome is outcome and _is_open(v, by, persons))


def _is_open(verdict: Verdict, by: str, persons: int) -> bool:
    if verdict.decision is None:
        return True
    names = [person(name) for name in confirmed_by(verdict)]
    return verdict.outcome is Outcome.FAIL and len(names) < persons and person(by) not in names


def asked_of(report: UnitReport, verdicts: Sequence[Verdict], page: str) -> Iterator[Question]:
    """The verdicts as questions: one for all where the homepage could not be opened.

    But for what must be absent: that a homepage does not open says nothing about it.
    """
    unopened = all(isinstance(seen, Unseen) for seen in report.observations)
    together = tuple(v for v in verdicts if unopened and v.expect == "present")
    if together:
        yield Question(report, together, page)
    for verdict in verdicts:
        if verdict not in together:
            yield Question(report, (verdict,), page_of(verdict, page))


def decision_of(
    question: Question, verdict: Verdict, outcome: Outcome, *, by: str, at: datetime, note: str
) -> Decision:
    """What a person decides, with what the page shows and the pictures that there are of it."""
    pictures = pictures_of(question.report, verdict)
    return Decision(
        outcome=outcome, by=by, at=at, note=note, page=question.page, asked=verdict.asked,
        pictures=tuple(map(sha256_in, pictures)),
    )  # fmt: skip


def standing(history: History, question: Question, by: str) -> tuple[Decision | None, ...]:
    """What this person has decided about each of its verdicts, as the history holds it."""
    unit, known = question.report.target.id, history.decisions()
    return tuple(
        _own(question.page, by, known.get((unit, verdict.requirement), ()))
        for verdict in question.verdicts
    )


def record(
    history: History, question: Question, outcome: Outcome, *, by: str, at: datetime, note: str = ""
) -> tuple[Decision | None, ...]:
    """Keep the answer; returns what this person had decided before, for `take_back`."""
    before = standing(history, question, by)
    for verdict in question.verdicts:
        made = decision_of(question, verdict, outcome, by=by, at=at, note=note)
        history.decide(question.report.target.id, verdict.requirement, made)
    return before


def take_back(
    history: History, question: Question, before: Iterable[Decision | None], by: str
) -> None:
    """Put back what this person had decided before the answer."""
    unit = question.report.target.id
    for verdict, decision in zip(question.verdicts, before, strict=True):
        if decision is None:
            history.withdraw(unit, verdict.requirement, question.page, by)
        else:
            history.decide(unit, verdict.requirement, decision)


def put_off(
    history: History, question: Question, *, by: str, at: datetime, note: str = ""
) -> tuple[Call | None, ...]:
    """Note that the unit is to be called; returns what was noted before, for `put_back`."""
    unit, known = question.report.target.id, history.calls()
    for verdict in question.verdicts:
        call = Call(by=by, at=at, note=note, page=question.page, asked=verdict.asked)
        history.note_call(unit, verdict.requirement, call)
    return tuple(known.get((unit, verdict.requirement)) for verdict in question.verdicts)


def put_back(history: History, question: Question, before: Iterable[Call | None]) -> None:
    """Put back what was noted before the unit was to be called."""
    unit = question.report.target.id
    for verdict, call in zip(question.verdicts, before, strict=True):
        if call is None:
            history.forget_call(unit, verdict.requirement)
        else:
            history.note_call(unit, verdict.requirement, call)


def calls_of(run: ScanRun, history: History | None) -> dict[Key, Call]:
    """The calls about the verdicts of a run that are still to be made."""
    if history is None or not (calls := history.calls()):
        return {}
    units = {unit for unit, _ in calls}
    if units.isdisjoint(report.target.id for report in run.reports.briefs()):
        return {}
    noted = ((one, fingerprint(one)) for one in run.reports if one.target.id in units)
    return standing_calls(noted, calls, history.decisions())


def _own(page: str, by: str, decisions: Iterable[Decision]) -> Decision | None:
    """This person's decision on this page."""
    mine = (one for one in decisions if one.page == page and person(one.by) == person(by))
    return next(mine, None)
