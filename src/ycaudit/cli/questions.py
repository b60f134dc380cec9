"""The questions of `review`: by unit, answered by a key and Enter, and taken back at will."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import typer

from ycaudit.auditing.questions import Question, put_back, put_off, record, take_back
from ycaudit.cli import console
from ycaudit.cli.image_files import open_picture
from ycaudit.i18n import Message, translate
from ycaudit.model import Contact, Decision, Outcome, UnitReport
from ycaudit.report.pictures import pictures_of
from ycaudit.report.rows import TO_CALL, WORD, clean, described, noted
from ycaudit.runs.calls import Call, Calls
from ycaudit.runs.history import History

KEYS = {"p": Outcome.PASS, "f": Outcome.FAIL}
_ENTER, _ESCAPE = ("\r", "\n"), "\x1b"
MAX_NEAR = 4


def show(question: Question, number: int, total: int, evidence: Path | None, calls: Calls) -> None:
    """Print a question; `calls` are those about the run that are still to be made."""
    console.info("\n[{0}/{1}]", number, total)
    for line in _described(question, evidence, calls):
        console.info(line)


def _described(question: Question, evidence: Path | None, calls: Calls) -> Iterator[str]:
    report, verdicts = question.report, question.verdicts
    names = translate("、").join(clean(verdict.name, 40) for verdict in verdicts)
    told = translate("{0}：{1}", names, WORD[verdicts[0].outcome])
    yield f"{clean(report.target.name, 60)}  {told}"
    yield f"  {clean(report.target.url, 200)}"
    if len(verdicts) > 1:
        yield Message("  one answer for all {0}: the homepage could not be opened", len(verdicts))
    if verdicts[0].expect == "absent":
        yield Message("  it must not be on the homepage: pass says that it is not there")
    yield f"  {clean(verdicts[0].why.translated(), 400)}"
    made = (calls.get((report.target.id, verdict.requirement)) for verdict in verdicts)
    for said in dict.fromkeys(noted(call) for call in made if call is not None):
        yield f"  {translate(TO_CALL)}：{said}"
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
    before: tuple[Decision | None, ...] = ()
    called_before: tuple[Call | None, ...] = ()

    @property
    def to_call(self) -> bool:
        """Whether nothing was decided: the unit is to be called."""
        return bool(self.called_before)

    def take_back(self, history: History, by: str) -> None:
        """Put back what stood before it."""
        if self.to_call:
            put_back(history, self.question, self.called_before)
        else:
            take_back(history, self.question, self.before, by)


@dataclass(slots=True)
class Session:
    """Asks one question after another; every answer is kept at once."""

    history: History
    questions: list[Question]
    by: str
    evidence: Path | None
    calls: Calls
    """What units are to be called about, from before."""
    _answers: list[_Answer] = field(default_factory=list)

    def ask(self) -> None:
        """Ask until all is answered or the person stops, then tell what was recorded."""
        place = 0
        while 0 <= place < len(self.questions):
            show(self.questions[place], place + 1, len(self.questions), self.evidence, self.calls)
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
                    self._put_off(place)
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
        question, now = self.questions[place], datetime.now(UTC)
        before = record(self.history, question, outcome, by=self.by, at=now, note=note)
        self._answers.append(_Answer(place, question, before))

    def _put_off(self, place: int) -> None:
        question, now = self.questions[place], datetime.now(UTC)
        before = put_off(self.history, question, by=self.by, at=now)
        self._answers.append(_Answer(place, question, called_before=before))

    def _undone(self) -> int:
        """Take the last answer back; returns its question."""
        answer = self._answers.pop()
        answer.take_back(self.history, self.by)
        console.info("  taken back")
        return answer.place

    def _tell(self) -> None:
        recorded = sum(len(answer.before) for answer in self._answers)
        console.info(
            "{0} decision{0:|s} recorded; {0:it holds as long as the page shows|they hold as long "
            "as the pages show} the same",
            recorded,
        )
        tell_calls(answer.question.report for answer in self._answers if answer.to_call)


def tell_calls(reports: Iterable[UnitReport]) -> None:
    """Print who is to be called, each unit once, with whom to ask for."""
    whom = dict.fromkeys(map(_whom, reports))
    if whom:
        console.info("\n{0}：", translate(TO_CALL))
    for line in whom:
        console.info(line)


def _whom(report: UnitReport) -> str:
    target = report.target
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
