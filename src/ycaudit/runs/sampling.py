"""Draws verdicts of a run at random for people to check, and weighs what they saw.

Each verdict has a rank: the sha256 of the seed and its name. The lowest ranks are drawn, as in
R. L. Rivest, Consistent Sampling with Replacement (2018, arXiv:1808.10016): a simple random sample
that anybody can draw again, in any program, and of which a larger one contains the smaller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from pydantic import Field, computed_field

from ycaudit.errors import AuditError
from ycaudit.model import Outcome, Record, ScanRun, Tool, UnitReport, Verdict
from ycaudit.runs.decisions import Key
from ycaudit.runs.exact_bounds import at_most, interval

DRAWN = (Outcome.PASS, Outcome.FAIL)
"""What is drawn: what is undetermined or waived accuses nobody and acquits nobody."""


class Answer(StrEnum):
    """What a person saw on the homepage."""

    THERE = "there"
    NOT_THERE = "not_there"
    UNCLEAR = "unclear"


class Question(Record):
    """What the sheet asks about a requirement, as it stood there."""

    text: str
    wanted: str
    """The right addresses and contents of codes."""


class Seal(Record):
    """A drawing, such that everybody can check that it was this one."""

    format: Literal[1] = 1
    tool: Tool
    run: str
    verdicts: str
    """The sha256 of the run's verdicts; see `digest`."""
    seed: int = Field(ge=0)
    passes: int = Field(ge=0)
    fails: int = Field(ge=0)
    """How many were asked for; there may be fewer."""
    left_out: tuple[Key, ...]
    """Verdicts that a person had decided before."""
    questions: dict[str, Question]
    """By requirement."""
    rows: tuple[Key, ...]
    """What was drawn, in the order of the sheet."""

    @property
    def sha256(self) -> str:
        """The digest of the seal, to be noted elsewhere."""
        return hashlib.sha256(self.written()).hexdigest()

    @property
    def seed_was_chosen(self) -> bool:
        """Whether a person chose the seed, instead of the run."""
        return self.seed != seed_of(self.verdicts)

    def written(self) -> bytes:
        """The seal as it is kept in a file."""
        return self.model_dump_json(indent=1).encode()

    def check(self, run: ScanRun) -> None:
        """Raises AuditError where this was not drawn from the run with this seed."""
        if self.run != run.id:
            raise AuditError("the sheet was drawn from run {0}, not from {1}", self.run, run.id)
        if self.verdicts != digest(run):
            raise AuditError(
                "the verdicts of run {0} are not those that the sheet was drawn from", run.id
            )
        asked = {Outcome.PASS: self.passes, Outcome.FAIL: self.fails}
        is_whole = {requirement for _, requirement in self.rows} <= self.questions.keys()
        is_honest = is_whole and set(self.left_out) <= set(decided_before(run))
        if not is_honest or self.rows != drawn(run, asked, self.seed, left_out=self.left_out):
            raise AuditError(
                "the seal was changed: seed {0} draws other verdicts from run {1}",
                self.seed,
                run.id,
            )


def seed_of(verdicts: str) -> int:
    """The seed that follows from the digest of the verdicts, so that nobody chooses it."""
    return int(verdicts[:12], 16)


def digest(run: ScanRun) -> str:
    """The sha256 of what the machine said, whatever people decided since."""
    sha256 = hashlib.sha256()
    for report, verdict in _verdicts(run):
        said = [report.target.id, verdict.requirement, verdict.level, by_machine(verdict)]
        sha256.update(json.dumps(said).encode() + b"\n")
    return sha256.hexdigest()


def by_machine(verdict: Verdict) -> Outcome:
    """What the machine said, whatever a person decided."""
    return (verdict.decision and verdict.decision.machine) or verdict.outcome


def decided_before(run: ScanRun) -> tuple[Key, ...]:
    """The verdicts that could be drawn, had no person decided them."""
    return tuple(_key(r, v) for r, v in _verdicts(run) if _is_drawn(v) and v.decision)


def population(run: ScanRun, left_out: Collection[Key]) -> dict[Outcome, list[Key]]:
    """What may be drawn: duties that are passed or failed. Advice is never held against a unit."""
    skipped, found = set(left_out), {outcome: list[Key]() for outcome in DRAWN}
    for report, verdict in _verdicts(run):
        if _is_drawn(verdict) and _key(report, verdict) not in skipped:
            found[by_machine(verdict)].append(_key(report, verdict))
    return found


def drawn(
    run: ScanRun, asked: Mapping[Outcome, int], seed: int, *, left_out: Collection[Key]
) -> tuple[Key, ...]:
    """So many of each outcome, or all; the order says nothing of their outcome."""
    keys = population(run, left_out)
    chosen = [key for outcome in DRAWN for key in ranked(keys[outcome], seed)[: asked[outcome]]]
    return tuple(sorted(chosen, key=lambda key: _rank(seed, key, "order")))


def ranked(keys: Iterable[Key], seed: int) -> list[Key]:
    """In the order in which this seed draws them."""
    return sorted(keys, key=lambda key: _rank(seed, key, "draw"))


def _rank(seed: int, key: Key, purpose: str) -> bytes:
    return hashlib.sha256(json.dumps([purpose, seed, *key]).encode()).digest()


def _verdicts(run: ScanRun) -> Iterator[tuple[UnitReport, Verdict]]:
    return ((report, verdict) for report in run.reports.briefs() for verdict in report.verdicts)


def _key(report: UnitReport, verdict: Verdict) -> Key:
    return report.target.id, verdict.requirement


def _is_drawn(verdict: Verdict) -> bool:
    return verdict.level == "must" and by_machine(verdict) in DRAWN


class Reply(Record):
    """What a person answered about one verdict."""

    unit: str
    requirement: str
    answer: Answer
    by: str
    note: str = ""


class Checked(Record):
    """A verdict of the machine beside what a person saw."""

    reply: Reply
    name: str
    """The unit's."""
    requirement_name: str
    machine: Outcome
    is_wrong: bool | None
    """None where it could not be seen."""


class Bounds(Record):
    """How many are wrong, counted among the drawn and inferred for all; shares are of 1."""

    wrong: int
    drawn: int
    population: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def share(self) -> float | None:
        """Of the drawn; None where none was drawn."""
        return self.wrong / self.drawn if self.drawn else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def at_most(self) -> int:
        """How many of all are wrong at most, with 95 % confidence, one-sided."""
        return at_most(self.wrong, self.drawn, self.population)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def at_most_share(self) -> float:
        """The same as a share of all."""
        return float(self.of_all(self.at_most))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def interval(self) -> tuple[int, int]:
        """How many of all are wrong: the two-sided 95 % interval."""
        return interval(self.wrong, self.drawn, self.population)

    def of_all(self, number: int) -> Fraction:
        """A number as a share of all; of none, 0."""
        return Fraction(number, self.population) if self.population else Fraction(0)


class Error(Record):
    """How often the machine is wrong where it says pass, or fail."""

    outcome: Outcome
    population: int
    drawn: int
    wrong: int
    unclear: int
    worst: Bounds
    """What could not be seen counts as wrong: this bound holds whatever it was."""
    clear: Bounds
    """Only what could be seen, as if it had been all that was drawn: this bound holds only if what
    could not be seen is wrong no more often than the rest."""


def checked(run: ScanRun, replies: Iterable[Reply]) -> list[Checked]:
    """Each reply beside the verdict that it is about, in the order of the run."""
    by_key = {(reply.unit, reply.requirement): reply for reply in replies}
    return [
        Checked(
            reply=reply,
            name=report.target.name,
            requirement_name=verdict.name,
            machine=by_machine(verdict),
            is_wrong=_is_wrong(verdict, reply.answer),
        )
        for report, verdict in _verdicts(run)
        if (reply := by_key.get(_key(report, verdict)))
    ]


def _is_wrong(verdict: Verdict, answer: Answer) -> bool | None:
    if answer is Answer.UNCLEAR:
        return None
    passes = (answer is Answer.THERE) == (verdict.expect == "present")
    return passes != (by_machine(verdict) is Outcome.PASS)


def errors(run: ScanRun, seal: Seal, found: Iterable[Checked]) -> list[Error]:
    """The errors of both kinds: of what passes, and of what fails."""
    found, keys = list(found), population(run, seal.left_out)
    return [_error(outcome, len(keys[outcome]), found) for outcome in DRAWN]


def _error(outcome: Outcome, all_: int, found: list[Checked]) -> Error:
    answers = [one.is_wrong for one in found if one.machine is outcome]
    n, wrong, unclear = len(answers), answers.count(True), answers.count(None)
    return Error(
        outcome=outcome,
        population=all_,
        drawn=n,
        wrong=wrong,
        unclear=unclear,
        worst=Bounds(wrong=wrong + unclear, drawn=n, population=all_),
        clear=Bounds(wrong=wrong, drawn=n - unclear, population=all_),
    )
