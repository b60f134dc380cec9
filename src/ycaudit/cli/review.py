"""ycaudit review: a person decides what the machine could not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.auditing.questions import Question, calls_of, decision_of, put_off, questions_of
from ycaudit.cli import console, office_tables, options, questions
from ycaudit.cli.stored_runs import HistoryFile, chosen, find_run, stored, where
from ycaudit.errors import AuditError, UnrecordedError
from ycaudit.i18n import Message, of_office
from ycaudit.model import Decision, Outcome, ScanRun, UnitReport
from ycaudit.report.review_sheet import Review, read_reviews
from ycaudit.report.rows import REVIEW_SHEET, WORD
from ycaudit.runs.calls import Call
from ycaudit.runs.decisions import fingerprint, page_of
from ycaudit.runs.history import LAST, opened


def command(
    run: Annotated[
        str, typer.Argument(help="A run: its file, its id, or `last`.", autocompletion=stored)
    ] = LAST,
    fails: Annotated[
        bool, typer.Option("--fails", help="Confirm what failed, instead of what is undetermined.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides. [default: the user's name]")] = "",
    sheet: Annotated[
        Path | None,
        typer.Option("--from", help="A workbook of this run with the sheet 人工核定 filled in."),
    ] = None,
    evidence: options.ProofFolder = None,
    office: options.Offices = [],  # noqa: B006 - typer copies it
    tag: options.Tags = [],  # noqa: B006 - typer copies it
    history: HistoryFile = None,
) -> None:
    """Walk through what is undetermined, with its pictures, and record what a person sees."""
    found = chosen(find_run(run, history), office, tag)
    if sheet is not None:
        _take(found, sheet, where(history))
        return
    outcome = Outcome.FAIL if fails else Outcome.UNDETERMINED
    name = by or (options.user() if sys.stdin.isatty() else "")
    persons = office_tables.hearing().persons
    asked = questions_of(found, outcome, by=name, persons=persons)
    if not asked:
        console.info("nothing is {0} in run {1}", WORD[outcome], found.id)
    elif not sys.stdin.isatty():
        for number, question in enumerate(asked, 1):
            questions.show(question, number, len(asked), evidence, {})
        raise AuditError(
            "nobody is there to decide: run this in a terminal, or fill in the sheet “{0}” of a "
            "workbook (--format xlsx) and hand it in with --from",
            of_office(REVIEW_SHEET),
        )
    else:
        with opened(where(history)) as kept:
            questions.Session(kept, asked, name, evidence, calls_of(found, kept)).ask()


def _take(run: ScanRun, sheet: Path, history: Path) -> None:
    """Record what people wrote; a row that fits no verdict of the run is a mistake."""
    reviews = read_reviews(sheet)
    named = {review.unit for review in reviews}
    reports = {one.target.id: one for one in run.reports if one.target.id in named}
    problems = [
        review.problem(
            str(sheet), Message("run {0} has no verdict on {1} of this kind", run.id, review.unit)
        )
        for review in reviews
        if review.unit not in reports
        or review.requirement not in {v.requirement for v in reports[review.unit].verdicts}
    ]
    if problems:
        raise UnrecordedError(problems)
    with opened(history) as kept:
        known = {
            (key, one.page, one.outcome, one.by, one.note)
            for key, made in kept.decisions().items()
            for one in made
        }
        calls, recorded, noted = kept.calls(), 0, 0
        for review in reviews:
            question = _question(reports[review.unit], review)
            key = review.unit, review.requirement
            # A sheet that names what was decided or noted before is no new word about it.
            if review.outcome is None:
                if not _is_noted(calls.get(key), question, review):
                    put_off(kept, question, by=review.by, at=datetime.now(UTC), note=review.note)
                    noted += 1
                continue
            made = _decision(question, review, review.outcome)
            if (key, made.page, made.outcome, made.by, made.note) not in known:
                kept.decide(*key, made)
                recorded += 1
        to_call = {unit for unit, _ in calls_of(run, kept)}
    console.info(
        "{0} decision{0:|s} recorded from {1}{2:?; to be asked on the telephone: #}",
        *(recorded, sheet, noted),
    )
    questions.tell_calls(one for one in run.reports.briefs() if one.target.id in to_call)


def _question(report: UnitReport, review: Review) -> Question:
    verdict = next(v for v in report.verdicts if v.requirement == review.requirement)
    return Question(report, (verdict,), page_of(verdict, fingerprint(report)))


def _decision(question: Question, review: Review, outcome: Outcome) -> Decision:
    (verdict,), now = question.verdicts, datetime.now(UTC)
    return decision_of(question, verdict, outcome, by=review.by, at=now, note=review.note)


def _is_noted(call: Call | None, question: Question, review: Review) -> bool:
    said = (question.page, review.by, review.note)
    return call is not None and (call.page, call.by, call.note) == said
