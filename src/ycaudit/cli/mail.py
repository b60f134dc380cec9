"""ycaudit mail: letters about a run."""

from __future__ import annotations

import io
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import office_time
from ycaudit.auditing import correspondence
from ycaudit.auditing.correspondence import to_units
from ycaudit.cli import console, options
from ycaudit.cli.notices import Notices
from ycaudit.cli.office_tables import hearing, letterhead
from ycaudit.cli.papers import Notice, gathered
from ycaudit.cli.stored_runs import HistoryFile, RunName, chosen, find_run, where
from ycaudit.errors import AuditError
from ycaudit.i18n import Listed, Message, translate
from ycaudit.model import Outcome, ScanRun
from ycaudit.report import mail
from ycaudit.report.formats import FORMATS, Background
from ycaudit.report.letters import Attachment, Letter, Sender, bare, letter, worth_a_letter
from ycaudit.report.outputs import MAX_UNCONFIRMED, Naming, evidence_in
from ycaudit.report.rows import clean
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.diff import compare
from ycaudit.runs.history import History, opened, opened_to_read

MAIL_TO = "YCAUDIT_MAIL_TO"
NOBODY = Message("say with --to, or in YCAUDIT_MAIL_TO, who gets the letter")


@dataclass(frozen=True, kw_only=True)
class Letters(options.Chosen, options.Mail):
    """The options of the command."""

    run: RunName
    to_units: Annotated[
        bool, typer.Option("--to-units", help="One letter to each failing unit's contact instead.")
    ] = False
    mail_on: options.MailOn = "always"
    send: Annotated[
        bool, typer.Option("--send", help="Send. Without it the letters are only shown.")
    ] = False
    evidence: options.ProofFolder = None
    history: HistoryFile = None
    quiet: options.Quiet = False


@options.declared
def command(asked: Letters) -> None:
    """Write about a run to the office, or to each failing unit; nobody gets the same run twice."""
    check(asked, sends=asked.send, needs_reader=not asked.to_units)
    found = chosen(find_run(asked.run, asked.history), asked.office, asked.tag)
    if asked.to_units and found.is_suspect and not asked.force:
        why = clean(found.suspicions[0].translated(), 200)
        raise AuditError("this run is suspect ({0}): no unit is written to without --force", why)
    notices = Notices(quiet=asked.quiet)
    history = (opened if asked.send else opened_to_read)(where(asked.history))
    with history as kept:
        if asked.to_units:
            letters, left_out = _to_units(found, kept, asked)
        else:
            letters = list(to_office(found, kept, asked, asked.evidence, notices))
            left_out = None
        if asked.send:
            deliver(letters, kept, notices)
        else:
            for one in letters:
                _show(one, quiet=asked.quiet)
            _tell_unsent(letters, kept, notices)
    if left_out:
        raise AuditError(left_out)


def check(wanted: options.Mail, *, sends: bool = False, needs_reader: bool = True) -> None:
    """Refuse what could not be done, before the work is done for it."""
    if sends:
        _check_settings(has_reader=not needs_reader or bool(_recipients(wanted.mail_to)))
    if needs_reader:
        _check_recipients(wanted.mail_to)


def _check_settings(*, has_reader: bool) -> None:
    """Raises AuditError with all that is missing to send mail."""
    missing = mail.missing_in(os.environ)
    if missing and not has_reader:
        raise AuditError(
            "to send mail, set {0}, and say with --to, or in YCAUDIT_MAIL_TO, who gets the letter",
            ", ".join(missing),
        )
    if not has_reader:
        raise AuditError(NOBODY)
    mail.Server.of(os.environ)


def _check_recipients(to: list[str]) -> None:
    """Raises AuditError where one is no address."""
    try:
        for one in _recipients(to):
            bare(one)
    except AuditError as error:
        raise AuditError("{0}: {1}", "--to" if to else MAIL_TO, error.message) from error


def _recipients(to: list[str]) -> list[str]:
    """Who gets the letter: as asked, else as set in the environment."""
    named = to or [os.environ.get(MAIL_TO, "")]
    each = (one.strip() for text in named for one in re.split("[,;，；]", text))
    return [one for one in each if one]


def to_office(
    run: ScanRun, kept: History, wanted: options.Mail, evidence: Path | None, notices: Notices
) -> Iterator[Letter]:
    """The letter about the whole run, if one is wanted.

    Who did not get an earlier one gets one of his own, with all that has changed since.
    """
    if not (recipients := _recipients(wanted.mail_to)):
        raise AuditError(NOBODY)
    news = [
        (readers, changes)
        for since, readers in _by_what_they_know(recipients, run, kept).items()
        for changes in [compare(kept.past(before=run, untold_from=since), run)]
        if worth_a_letter(run, changes, wanted.mail_on)
    ]
    if not news:
        notices.remark("no letter: nothing that --mail-on {0} asks for", wanted.mail_on)
        return
    beside = _beside(run, kept, wanted, notices.notice)
    why_not = _why_no_circular(run, wanted.naming, beside)
    attached = wanted.attach if run.complete or len(run.reports) else []
    sent = [name for name in attached if not (why_not and FORMATS[name].names)]
    remarks = [Message("通报未附上：{0}。", why_not)] if len(sent) < len(attached) else []
    files = [_attachment(run, name, evidence, beside) for name in sent]
    for readers, changes in news:
        yield letter(run, changes, sender=_sender(), to=readers, attachments=files, remarks=remarks)


def _by_what_they_know(
    recipients: list[str], run: ScanRun, kept: History
) -> dict[datetime | None, list[str]]:
    """The recipients by the start of the first earlier run that they should know and do not."""
    found: dict[datetime | None, list[str]] = {}
    for one in recipients:
        since = kept.letters.untold_from(bare(one))
        found.setdefault(since if since and since < run.started_at else None, []).append(one)
    return found


def again(run: ScanRun, wanted: options.Mail, history: Path | None) -> Message:
    """How what a scan could not send goes out."""
    to = [word for one in wanted.mail_to for word in ("--to", one)]
    kept = ["--history", str(where(history).absolute())]
    line = shlex.join(["ycaudit", "mail", run.id, *to, *kept, "--send"])
    return Message("the next `scan --mail` tells what is left, or now `{0}`", line)


def _why_no_circular(run: ScanRun, naming: Naming, beside: Background) -> Message | None:
    if run.is_suspect and not naming.force:
        return Message("本次检查存疑")
    if not run.complete and not naming.force:
        return Message("本次检查中途停止")
    if all(report.outcome is Outcome.UNDETERMINED for report in run.reports.briefs()):
        return Message("所有单位均待核实")
    if not naming.unreviewed and (held := unconfirmed(run.reports.briefs(), naming.persons)):
        return Message("{0} 家单位的不合格结论尚未经人工核定", len(held))
    if not naming.unheard and beside.unheard:
        return Message("{0} 家单位的异议期未满、异议未经复核或已办结", len(beside.unheard))
    return None


def _to_units(run: ScanRun, kept: History, asked: Letters) -> tuple[list[Letter], Message | None]:
    """A letter to each failing unit, and why some get none that were to get one."""
    found = to_units(
        run,
        _sender(),
        evidence_in(asked.evidence),
        _beside(run, kept, asked),
        persons=0 if asked.unreviewed else asked.naming.persons,
    )
    for why in found.left_out:
        console.notice("left out: {0}", why)
    if not found.unreviewed:
        return list(found.letters), None
    return list(found.letters), _why_no_letter(found.unreviewed, asked.naming.persons)


def _why_no_letter(units: Sequence[str], persons: int) -> Message:
    names = Listed(clean(name, 30) for name in units[:MAX_UNCONFIRMED])
    more = len(units) > MAX_UNCONFIRMED
    if persons > 1:
        return Message(
            "no letter to {0} unit{0:|s} whose fail {2} different persons have not confirmed "
            "({1}{3:? …}): confirm with `ycaudit review --fails`, or write to them with "
            "--unreviewed",
            *(len(units), names, persons, more),
        )
    return Message(
        "no letter to {0} unit{0:|s} whose fail no person has confirmed ({1}{2:? …}): confirm with "
        "`ycaudit review --fails`, or write to them with --unreviewed",
        *(len(units), names, more),
    )


def _beside(
    run: ScanRun, kept: History, wanted: options.Mail, notice: Notice = console.notice
) -> Background:
    rules = options.DEFAULT_RULES
    return gathered(run, kept, template=wanted.template, rules=rules, notice=notice)


def deliver(
    letters: Sequence[Letter],
    kept: History,
    notices: Notices,
    *,
    again: Message = correspondence.ONCE_MORE,
) -> None:
    """Send what was not sent before. Raises AuditError where anybody is left without."""
    password = os.environ.get("YCAUDIT_SMTP_PASSWORD")
    server = mail.Server.of(os.environ)
    correspondence.deliver(
        letters, kept, server,
        password=password, notice=console.notice, remark=notices.remark, again=again,
    )  # fmt: skip


def _sender() -> Sender:
    address = os.environ.get("YCAUDIT_MAIL_FROM", "ycaudit@localhost")
    return Sender(address, datetime.now(UTC), letterhead(), hearing())


def _attachment(run: ScanRun, name: str, evidence: Path | None, beside: Background) -> Attachment:
    out = io.BytesIO()
    FORMATS[name].render(run, out, evidence_in(evidence), beside)
    day = office_time.local(run.started_at).strftime("%Y%m%d")
    file = f"{FORMATS[name].stem}_{day}{FORMATS[name].suffix}"
    return Attachment(file, out.getvalue())


def _tell_unsent(letters: Sequence[Letter], kept: History, notices: Notices) -> None:
    """How many --send would send."""
    left = len(correspondence.unsent(letters, kept))
    correspondence.tell_sent(len(letters) - left, notices.remark)
    if left or not letters:
        console.notice("{0} letter{0:|s}, not sent: --send sends", left)


def _show(letter: Letter, *, quiet: bool) -> None:
    if quiet:
        return
    message = letter.message
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    files = translate("、").join(part.get_filename() or "" for part in message.iter_attachments())
    head = Message("To: {0}\nSubject: {1}\n", message["To"], message["Subject"])
    attached = translate("附件: {0}", files) + "\n" if files else ""
    console.line(f"{translate(head)}{attached}\n{text}")
