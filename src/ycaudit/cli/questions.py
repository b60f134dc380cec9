"""The questions of `review`: by unit, answered by a key and Enter, and taken back at will."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import typer

from ycaudit.cli import console
from ycaudit.cli.image_files import open_picture
from ycaudit.i18n import Message, translate
from ycaudit.model import Contact, Decision, Outcome, ScanRun, UnitReport, Unseen, Verdict
from ycaudit.report.pictures import pictures_of
from ycaudit.report.rows import TO_CALL, WORD, clean, described
from ycaudit.runs.decisions import confirmed_by, fingerprint
from ycaudit.runs.evidence import sha256_in
from ycaudit.runs.history import History
from ycaudit.runs.office_settings import person

KEYS = {"p": Outcome.PASS, "f": Outcome.FAIL}
_ENTER, _ESCAPE = ("\r", "\n"), "\x1b"
MAX_NEAR = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Verdicts on one homepage that one answer settles: several where it could not be opened."""

    report: UnitReport
    verdicts: tuple[Verdict, ...]

    @property
    def parts(self) -> tuple[Question, ...]:
        """The same, verdict by verdict."""
        return tuple(Question(self.report, (verdict,)) for verdict in self.verdicts)


def of(run: ScanRun, outcome: Outcome, *, by: str = "", persons: int = 1) -> list[Question]:
    """What is to be asked about the verdicts with this outcome, unit by unit.

    Where several persons must confirm a fail, also what others but not `by` have confirmed.
    """
    return [
        question
        for report in run.reports
        for question in _of(
            report,
            [v for v in report.verdicts if v.outcome is outcome and _is_open(v, by, persons)],
        )
    ]


def _is_open(verdict: Verdict, by: str, persons: int) -> bool:
    """Whether a person's word is still wanted."""
    if verdict.decision is None:
        return True
    names = [person(name) for name in confirmed_by(verdict)]
    return verdict.outcome is Outcome.FAIL and len(names) < persons and person(by) not in names


def decision(
    report: UnitReport, verdict: Verdict, outcome: Outcome, *, by: str, note: str, at: datetime
) -> Decision:
    """What a person decides, with what the page shows and the pictures that there are of it."""
    return Decision(
        outcome=outcome,
        by=by,
        at=at,
        note=note,
        page=fingerprint(report),
        pictures=tuple(sha256_in(file) for file in pictures_of(report, verdict)),
    )


def _of(report: UnitReport, verdicts: Sequence[Verdict]) -> Iterator[Question]:
    if verdicts and all(isinstance(seen, Unseen) for seen in report.observations):
        yield Question(report, tuple(verdicts))
    else:
        yield from (Question(report, (verdict,)) for verdict in verdicts)


def show(question: Question, number: int, total: int, evidence: Path | None) -> None:
    """Print a question."""
    console.info("\n[{0}/{1}]", number, total)
    for line in _described(question, evidence):
        console.info(line)


def _described(question: Question, evidence: Path | None) -> Iterator[str]:
    report, verdicts = question.report, question.verdicts
    names = "、".join(clean(verdict.name, 40) for verdict in verdicts)
    yield f"{clean(report.target.name, 60)}  {names}：{WORD[verdicts[0].outcome]}"
    yield f"  {clean(report.target.url, 200)}"
    if len(verdicts) > 1:
        yield Message("  one answer for all {0}: the homepage could not be opened", len(verdicts))
    yield f"  {clean(verdicts[0].why.translated(), 400)}"
    for verdict in verdicts:
        for item in (*verdict.evidence, *verdict.near[:MAX_NEAR]):
            yield f"  ≈ {described(item)}"
    for picture in _pictures(question, evidence):
        yield Message("  picture: {0}", picture)


def _pictures(question: Question, evidence: Path | None) -> list[Path]:
    files = (file for v in question.verdicts for file in pictures_of(question.report, v))
    return [(evidence or Path()) / file for file in dict.fromkeys(files)]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A question that was answered, and what the history held about it before."""

    place: int
    question: Question
    before: tuple[Decision | None, ...]
    """Empty where nothing was recorded: the unit is to be called."""


@dataclass(slots=True)
class Session:
    """Asks one question after another; every answer is kept at once."""

    history: History
    questions: list[Question]
    by: str
    evidence: Path | None
    _answers: list[_Answer] = field(default_factory=list)

    def ask(self) -> None:
        """Ask until all is answered or the person stops, then tell what was recorded."""
        place = 0
        while 0 <= place < len(self.questions):
            show(self.questions[place], place + 1, len(self.questions), self.evidence)
            stopped, place = self._answered(place)
            if stopped:
                break
        self._tell()

    def _answered(self, place: int) -> tuple[bool, int]:
        """Whether to stop, and the question that comes next."""
        question = self.questions[place]
        while True:
            match _key(len(question.verdicts) > 1, bool(self._answers)):
                case "p" | "f" as key if self._confirmed(place, KEYS[key]):
                    return False, place + 1
                case "t":
                    self._answers.append(_Answer(place, question, ()))
                    return False, place + 1
                case "e" if len(question.verdicts) > 1:
                    self.questions[place : place + 1] = question.parts
                    return False, place
                case "u" if self._answers:
                    return False, self._undone()
                case "s":
                    return False, place + 1
                case "o":
                    for picture in _pictures(question, self.evidence):
                        open_picture(picture)
                case "w" if question.report.target.url.startswith(("http://", "https://")):
                    typer.launch(question.report.target.url)
                case "q" | "\x1b":
                    return True, place
                case _:
                    pass

    def _confirmed(self, place: int, outcome: Outcome) -> bool:
        """Whether the person presses Enter on the answer, which is then recorded."""
        console.info("  {0}: Enter confirms, n adds a note, any other key takes it back: ",
                     WORD[outcome], nl=False)  # fmt: skip
        key = _echoed()
        note = ""
        if key == "n":
            note = typer.prompt(translate("  note"), default="", show_default=False)
        elif key not in _ENTER:
            return False
        self._record(place, outcome, clean(note, 300))
        return True

    def _record(self, place: int, outcome: Outcome, note: str) -> None:
        question = self.questions[place]
        unit, page = question.report.target.id, fingerprint(question.report)
        known = self.history.decisions()
        before = tuple(
            _own(page, self.by, known.get((unit, v.requirement), ())) for v in question.verdicts
        )
        self._answers.append(_Answer(place, question, before))
        now = datetime.now(UTC)
        for verdict in question.verdicts:
            made = decision(question.report, verdict, outcome, by=self.by, note=note, at=now)
            self.history.decide(unit, verdict.requirement, made)

    def _undone(self) -> int:
        """Take the last answer back; returns its question."""
        answer = self._answers.pop()
        unit, page = answer.question.report.target.id, fingerprint(answer.question.report)
        for verdict, before in zip(answer.question.verdicts, answer.before, strict=False):
            if before is None:
                self.history.withdraw(unit, verdict.requirement, page, self.by)
            else:
                self.history.decide(unit, verdict.requirement, before)
        console.info("  taken back")
        return answer.place

    def _tell(self) -> None:
        recorded = sum(len(answer.before) for answer in self._answers)
        console.info(
            "{0} decisions recorded; they hold as long as the pages show the same", recorded
        )
        to_call = [answer.question for answer in self._answers if not answer.before]
        if to_call:
            console.info("\n{0}：", translate(TO_CALL))
        for line in dict.fromkeys(map(_whom, to_call)):
            console.info(line)


def _own(page: str, by: str, decisions: Iterable[Decision]) -> Decision | None:
    """This person's decision on this page."""
    mine = (one for one in decisions if one.page == page and person(one.by) == person(by))
    return next(mine, None)


def _whom(question: Question) -> str:
    target = question.report.target
    contact = target.contact or Contact()
    said: Iterable[str | None] = (target.name, contact.person, contact.phone)
    return f"  {'  '.join(clean(text, 60) for text in said if text)}"


def _key(several: bool, answered: bool) -> str:
    console.info(
        "  p pass, f fail, t to be called{0:?, e one by one}, o pictures, w the site, s later"
        "{1:?, u undo}, q stop: ",
        several,
        answered,
        nl=False,
    )
    return _echoed()


def _echoed() -> str:
    key = typer.getchar()
    console.info(key if key.isprintable() else "")
    return key
