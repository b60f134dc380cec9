"""The letters to the units of a run, and how letters are handed over: nobody gets one twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ycaudit.errors import AuditError
from ycaudit.i18n import Listed, Message
from ycaudit.model import Outcome, ScanRun
from ycaudit.report import mail
from ycaudit.report.formats import Background, ReadEvidence
from ycaudit.report.letters import Attachment, Letter, Sender, unit_letter
from ycaudit.report.notices import notices_of
from ycaudit.report.rows import clean
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.history import History
from ycaudit.runs.units import units_of

MAX_NAMED = 20
ONCE_MORE = Message("the same once more sends what is left")
Notice = Callable[[Message], object]
"""Is called with what a person should know."""


@dataclass(frozen=True, slots=True)
class ToUnits:
    """A letter to each failing unit, and to whom there is none."""

    letters: tuple[Letter, ...]
    unreviewed: tuple[str, ...]
    """The names of units whose fail is not confirmed."""
    left_out: tuple[Message, ...]
    """Why others get none."""


def to_units(
    run: ScanRun,
    sender: Sender,
    read_evidence: ReadEvidence,
    background: Background,
    *,
    persons: int = 1,
) -> ToUnits:
    """A letter with its notice to each unit whose fail so many different persons have confirmed."""
    found = notices_of(run, read_evidence, background)
    notices = {site: Attachment(name, content) for site, name, content in found}
    letters: list[Letter] = []
    waiting: list[str] = []
    left_out: list[Message] = []
    for unit in units_of(run.reports.briefs()):
        if unit.outcome is not Outcome.FAIL:
            continue
        reports = list(run.reports.briefs(unit.places))
        if persons and unconfirmed(reports, persons):
            waiting.append(unit.name)
            continue
        mine = [notices[r.target.id] for r in reports if r.target.id in notices]
        try:
            letters.append(unit_letter(run, reports, sender=sender, notices=mine))
        except AuditError as error:
            left_out.append(error.message)
    return ToUnits(tuple(letters), tuple(waiting), tuple(left_out))


def unsent(letters: Sequence[Letter], history: History) -> list[mail.Posting]:
    """The letters that somebody has not got yet, each for those alone."""
    left = (_left_of(letter, history) for letter in letters)
    return [posting for posting in left if posting.recipients]


def deliver(
    letters: Sequence[Letter],
    history: History,
    server: mail.Server,
    *,
    password: str | None,
    notice: Notice,
    remark: Notice,
    again: Message = ONCE_MORE,
) -> None:
    """Send what was not sent before; each is noted as soon as it is taken.

    `remark` is told what was done as asked, `notice` what was not.

    Raises AuditError where anybody is left without, which says `again` how it goes on.
    """
    by_message = {id(one.message): one for one in letters}
    fresh = unsent(letters, history)
    tell_sent(len(letters) - len(fresh), remark)
    if not fresh:
        return
    refused: list[str] = []
    sent = 0
    try:
        for posting, answers in mail.send(fresh, server, password=password):
            letter = by_message[id(posting.message)]
            refused += _noted(letter, posting, answers, history, notice, remark)
            sent += 1
    except AuditError as error:
        raise AuditError(
            "{0}; {1} of {2} letter{2:|s} handed over: {3}", *(error, sent, len(fresh), again)
        ) from error
    if refused:
        raise AuditError(
            "{0} did not take letters for {1}: {2}",
            *(server.host, Listed(refused[:MAX_NAMED]), again),
        )


def tell_sent(letters: int, remark: Notice) -> None:
    """Tell how many letters everybody has got already, if any."""
    if letters:
        remark(Message("{0} letter{0:|s} sent before, and not again", letters))


def _left_of(letter: Letter, history: History) -> mail.Posting:
    """The letter, for those who have not got it yet."""
    to = str(letter.message["To"])
    left = (one for one in letter.recipients if not history.letters.was_sent(letter.key, one, to))
    return mail.Posting(letter.message, tuple(left))


def _noted(
    letter: Letter, posting: mail.Posting, answers: Mapping[str, str], history: History,
    notice: Notice, remark: Notice,
) -> Iterator[str]:  # fmt: skip
    """Note for whom it was taken; yields those for whom it was not."""
    for who in posting.recipients:
        if who in answers:
            notice(Message("refused for {0}: {1}", clean(who, 200), answers[who]))
            yield clean(who, 200)
        else:
            history.letters.note_sent(letter.key, who, datetime.now(UTC), letter.due)
            remark(Message("sent to {0}", clean(who, 200)))
