"""ycaudit mail: letters about a run."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

import typer

from ycaudit.cli import console, options, running
from ycaudit.cli.stored_runs import HistoryFile, RunName, find_run, where
from ycaudit.errors import AuditError
from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome, ScanRun
from ycaudit.reasons import sentence
from ycaudit.report import mail
from ycaudit.report.formats import FORMATS
from ycaudit.report.rows import clean
from ycaudit.runs.decisions import unconfirmed
from ycaudit.runs.diff import compare
from ycaudit.runs.history import History, opened

NOBODY = Message("say with --to, or in YCAUDIT_MAIL_TO, who gets the letter")


def command(
    run: RunName,
    to: options.MailTo = [],  # noqa: B006 - typer copies it
    to_units: Annotated[
        bool, typer.Option("--to-units", help="One letter to each failing unit's contact instead.")
    ] = False,
    attach: options.Attach = options.ATTACHED,
    mail_on: options.MailOn = "always",
    unreviewed: options.Unreviewed = False,
    force: options.Force = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send. Without it the letters are only shown.")
    ] = False,
    evidence: options.ProofFolder = None,
    history: HistoryFile = None,
) -> None:
    """Write about a run to the office, or to each failing unit; nobody gets the same run twice."""
    check(mail_on, attach)
    found = find_run(run, history)
    if to_units and found.suspicions and not force:
        why = clean(sentence(found.suspicions[0]), 200)
        raise AuditError("this run is suspect ({0}): no unit is written to without --force", why)
    with opened(where(history)) as kept:
        letters = list(
            _to_units(found)
            if to_units
            else to_office(
                found,
                kept,
                to=to,
                attach=attach,
                mail_on=mail_on,
                evidence=evidence,
                unreviewed=unreviewed,
                force=force,
            )
        )
        if not send:
            for message in letters:
                typer.echo(_shown(message))
            console.notice("{0} letters, not sent: --send sends them", len(letters))
            return
        deliver(found, letters, kept)


def check(mail_on: str, attach: list[str], to: list[str] | None = None) -> None:
    """Refuse what could not be done, before the work is done for it."""
    if to is not None and not _recipients(to):
        raise AuditError(NOBODY)
    if mail_on not in options.MAIL_ON:
        raise AuditError("--mail-on {0!r}: choose one of {1}", mail_on, ", ".join(options.MAIL_ON))
    for name in attach:
        if name not in FORMATS or not FORMATS[name].suffix:
            known = [name for name, f in FORMATS.items() if f.suffix]
            raise AuditError("--attach {0!r}: choose one of {1}", name, ", ".join(known))


def _recipients(to: list[str]) -> list[str]:
    """Who gets the letter: as asked, else as the environment says."""
    named = to or re.split(r"[,;]\s*", os.environ.get("YCAUDIT_MAIL_TO", "").strip(",; "))
    return [one for one in named if one]


def to_office(
    run: ScanRun,
    kept: History,
    *,
    to: list[str],
    attach: list[str],
    mail_on: str,
    evidence: Path | None,
    unreviewed: bool,
    force: bool,
) -> Iterator[EmailMessage]:
    """The letter about the whole run, if one is wanted."""
    if not (recipients := _recipients(to)):
        raise AuditError(NOBODY)
    changes = compare(kept.past(before=run), run)
    if not mail.worth_a_letter(run, changes, mail_on):
        console.notice("no letter: nothing that --mail-on {0} asks for", mail_on)
        return
    held = [] if unreviewed else unconfirmed(run.reports)
    is_suspect = bool(run.suspicions) and not force
    sent = [name for name in attach if not ((held or is_suspect) and FORMATS[name].names)]
    why_not = (
        Message("本次检查存疑")
        if is_suspect
        else Message("{0} 家单位的不合格结论尚未经人工复核", len(held))
    )
    remark = translate("通报未附上：{0}。", why_not)
    yield mail.letter(
        run,
        changes,
        sender=_sender(),
        to=recipients,
        attachments=[_attachment(run, name, evidence) for name in sent],
        remarks=[remark] if len(sent) < len(attach) else [],
    )


def _to_units(run: ScanRun) -> Iterator[EmailMessage]:
    for report in run.reports:
        if report.outcome is not Outcome.FAIL:
            continue
        try:
            yield mail.notice(run, report, sender=_sender())
        except AuditError as error:
            console.notice("left out: {0}", error)


def deliver(run: ScanRun, letters: list[EmailMessage], kept: History) -> None:
    """Send what was not sent before; each is noted as soon as it is taken."""
    server = mail.Server.of(os.environ)
    fresh = [m for m in letters if not kept.was_sent(run.id, _key(m))]
    if len(fresh) < len(letters):
        console.notice("{0} letters were sent before, and not again", len(letters) - len(fresh))
    if not fresh:
        return
    password = os.environ.get("YCAUDIT_SMTP_PASSWORD")
    for message in mail.send(fresh, server, password=password):
        kept.note_sent(run.id, _key(message), datetime.now(UTC))
        console.notice("sent to {0}", clean(str(message["To"]), 200))


def _key(message: EmailMessage) -> str:
    return str(message["To"])


def _sender() -> str:
    return os.environ.get("YCAUDIT_MAIL_FROM", "ycaudit@localhost")


def _attachment(run: ScanRun, name: str, evidence: Path | None) -> mail.Attachment:
    out = io.BytesIO()
    FORMATS[name].render(run, out, running.proof_in(evidence))
    day = run.started_at.astimezone().strftime("%Y%m%d")
    file = f"{FORMATS[name].stem}_{day}{FORMATS[name].suffix}"
    return mail.Attachment(file, out.getvalue())


def _shown(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    files = "、".join(part.get_filename() or "" for part in message.iter_attachments())
    head = Message("To: {0}\nSubject: {1}\n", message["To"], message["Subject"])
    attached = translate("附件: {0}", files) + "\n" if files else ""
    return f"{translate(head)}{attached}\n{text}"
