"""What a person is asked about a run, and how an answer is kept and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ycaudit.model import Decision, Outcome, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.runs.decisions import fingerprint
from ycaudit.runs.history import History


@dataclass(frozen=True, slots=True)
class Question:
    """Verdicts on one homepage that one answer settles: several where it could not be opened."""

    report: UnitReport
    verdicts: tuple[Verdict, ...]
    page: str
    """The fingerprint of what the homepage showed."""

    @property
    def parts(self) -> tuple[Question, ...]:
        """The same, verdict by verdict."""
        return tuple(Question(self.report, (verdict,), self.page) for verdict in self.verdicts)


def questions_of(run: ScanRun, outcome: Outcome) -> list[Question]:
    """What is to be asked about the verdicts with this outcome, unit by unit."""
    return [
        question
        for report in run.reports
        if (verdicts := open_verdicts(report, outcome))
        for question in asked_of(report, verdicts, fingerprint(report))
    ]


def open_verdicts(report: UnitReport, outcome: Outcome) -> tuple[Verdict, ...]:
    """The verdicts with this outcome that no person has decided."""
    return tuple(v for v in report.verdicts if v.outcome is outcome and v.decision is None)


def asked_of(report: UnitReport, verdicts: Sequence[Verdict], page: str) -> Iterator[Question]:
    """The verdicts as questions: one for all where the homepage could not be opened."""
    if verdicts and all(isinstance(seen, Unseen) for seen in report.observations):
        yield Question(report, tuple(verdicts), page)
    else:
        yield from (Question(report, (verdict,), page) for verdict in verdicts)


def standing(history: History, question: Question) -> tuple[Decision | None, ...]:
    """What the history holds about each of its verdicts."""
    unit, known = question.report.target.id, history.decisions()
    return tuple(
        _on(question.page, known.get((unit, verdict.requirement), ()))
        for verdict in question.verdicts
    )


def record(
    history: History, question: Question, outcome: Outcome, *, by: str, at: datetime, note: str = ""
) -> tuple[Decision | None, ...]:
    """Keep the answer; returns what was held before, for `take_back`."""
    before = standing(history, question)
    decision = Decision(outcome=outcome, by=by, at=at, note=note, page=question.page)
    for verdict in question.verdicts:
        history.decide(question.report.target.id, verdict.requirement, decision)
    return before


def take_back(history: History, question: Question, before: Iterable[Decision | None]) -> None:
    """Put back what was held before the answer."""
    unit = question.report.target.id
    for verdict, decision in zip(question.verdicts, before, strict=True):
        if decision is None:
            history.withdraw(unit, verdict.requirement, question.page)
        else:
            history.decide(unit, verdict.requirement, decision)


def _on(page: str, decisions: Iterable[Decision]) -> Decision | None:
    """The decision on this page."""
    return next((decision for decision in decisions if decision.page == page), None)
