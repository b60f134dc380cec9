"""The letters about a run: to the office, and to each failing unit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from ycaudit import i18n, office_time
from ycaudit.errors import AuditError
from ycaudit.i18n import Listed, Message, translate
from ycaudit.inputs import mail_address
from ycaudit.model import Outcome, ScanRun, UnitReport
from ycaudit.report.changes import lines_of
from ycaudit.report.findings import Act, Finding
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.office_text import is_grave, rules_basis, why_unseen
from ycaudit.report.open_reasons import open_reasons
from ycaudit.report.rows import MARK, WORD, clean, described, suspicion_lines
from ycaudit.runs.checks import check_days, checked_at, checks_of
from ycaudit.runs.diff import Comparison, Kind
from ycaudit.runs.letter_log import LetterKey
from ycaudit.runs.office_settings import Hearing
from ycaudit.runs.units import unit_tally

MAX_ATTACHED = 15 << 20
"""Bytes of attachments: many mail servers refuse letters of 20 MB, and base64 adds a third."""
MAX_UNITS = 200
MAX_SEEN = 3
"""Things on a page that a letter shows for a finding."""
TYPES = {
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".html": ("text", "html"),
    ".csv": ("text", "csv"),
    ".json": ("application", "json"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a letter."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A message, and what it is known by in the history."""

    key: LetterKey
    message: EmailMessage
    due: date | None = None
    """The day by which it asks a unit to mend its homepage."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """The bare addresses."""
        return tuple(one.addr_spec for one in self.message["To"].addresses)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, when, and what the office says of itself and of how units may object."""

    address: str
    at: datetime
    letterhead: Letterhead = field(default_factory=Letterhead)
    hearing: Hearing = field(default_factory=Hearing)


def subject(run: ScanRun, changes: Comparison) -> str:
    """The subject line: the outcome, what newly fails, and how many units have mended all."""
    counts = unit_tally(run.reports.briefs())
    figures = translate("，").join(f"{WORD[o]} {counts[o]}" for o in reversed(Outcome) if counts[o])
    news = translate("，").join(map(translate, _in_short(changes)))
    stopped = "" if run.complete else translate("（检查中断）")
    first = translate("【存疑】") if run.is_suspect else ""
    fresh = f"（{news}）" if news else ""
    told = f"：{figures}" if figures else ""
    return clean(f"{first}{run.rules.name}{told}{fresh}{stopped}", 200)


def _in_short(changes: Comparison) -> Iterator[Message]:
    """The news in a few words; of units that failed before, what else they fail now."""
    if changes.newly_failing_units:
        yield Message("新增 {0} 家", changes.newly_failing_units)
    elif new := changes.of(Kind.NEWLY_FAILING):
        yield Message("新增 {0} 项", len(new))
    if changes.relapsed_units:
        yield Message("反复 {0} 家", changes.relapsed_units)
    if changes.mended_units:
        yield Message("已整改 {0} 家", changes.mended_units)


def letter(
    run: ScanRun,
    changes: Comparison,
    *,
    sender: Sender,
    to: Iterable[str],
    attachments: Iterable[Attachment] = (),
    remarks: Iterable[str] = (),
) -> Letter:
    """The letter about a run, as text and HTML, with attachments up to `MAX_ATTACHED`.

    Like other papers for offices it is in Chinese unless YCAUDIT_LANG names another language.
    Raises AuditError where an address is none.
    """
    key = LetterKey(run=run.id, kind="office", unit=_part_of(run))
    with i18n.in_language(i18n.office_language()):
        files, left_out = _fitting(attachments)
        last = [*map(translate, remarks), *left_out]
        lines = [
            *suspicion_lines(run),
            *([""] if run.suspicions else []),
            *_figures(run),
            *(_news(changes) if len(run.reports) or run.complete else []),
            *_open_units(run),
            *([""] if last else []),
            *last,
        ]
        return Letter(key, _message(key, sender, to, subject(run, changes), lines, files))


def _part_of(run: ScanRun) -> str:
    """Empty for the whole run; letters about other parts of it are other letters.

    What of a run was finished before it was interrupted is such a part: resumed, it is told anew.
    """
    if run.complete and not run.partial:
        return ""
    ids = "\n".join(report.target.id for report in run.reports.briefs())
    return hashlib.sha256(ids.encode()).hexdigest()[:16]


def unit_letter(
    run: ScanRun,
    reports: Sequence[UnitReport],
    *,
    sender: Sender,
    notices: Sequence[Attachment] = (),
) -> Letter:
    """The letter to one failing unit about its sites, with its notice and until when it may object.

    In the language of `letter`. Raises AuditError where the list has no address for it.
    """
    first = reports[0].target
    contacts = [r.target.contact for r in reports if r.target.contact and r.target.contact.email]
    if not contacts:
        raise AuditError("{0} has no e-mail address in the list", first.unit_name)
    to = dict.fromkeys(str(contact.email) for contact in contacts)
    person = next((one.person for one in contacts if one.person), None)
    failing = [report for report in reports if report.outcome is Outcome.FAIL]
    named = tuple(
        (report.target.id, verdict.requirement)
        for report in failing
        for verdict in report.verdicts
        if is_grave(verdict, Outcome.FAIL)
    )
    key = LetterKey(run=run.id, kind="unit", unit=first.id, named=named)
    with i18n.in_language(i18n.office_language()):
        about = clean(translate("关于{0}网站首页问题的整改提醒", first.unit_name), 200)
        files, left_out = _fitting(notices)
        lines = [
            _salutation(first.unit_name, person),
            *(line for report in failing for line in _failing_site(run, report)),
            "",
            *_asked(run, reports, sender, is_with_notice=bool(files)),
            *left_out,
        ]
        due = sender.letterhead.due_day(_last_check(run, reports))
        return Letter(key, _message(key, sender, to, about, lines, files), due)


def _last_check(run: ScanRun, reports: Iterable[UnitReport]) -> date:
    return max(office_time.today(checked_at(run, report)) for report in reports)


def _failing_site(run: ScanRun, report: UnitReport) -> Iterator[str]:
    yield ""
    yield translate(
        "按照{0}，我们于 {1}了贵单位网站首页 {2} ，发现以下问题：",
        rules_basis(run),
        _checked_on(run, report),
        clean(report.target.url, 200),
    )
    yield ""
    found = [Finding.of(report, v) for v in report.verdicts if is_grave(v, Outcome.FAIL)]
    if unseen := [finding for finding in found if finding.is_unseen]:
        yield f"{MARK[Outcome.FAIL]} {_to_open(report, unseen)}"
    for finding in found:
        if not finding.is_unseen:
            yield f"{MARK[Outcome.FAIL]} {_to_do(finding)}"
            for seen in finding.seen[:MAX_SEEN]:
                yield translate("    检查时看到：{0}", described(seen))


def _salutation(unit: str, person: str | None) -> str:
    name, to = clean(unit, 80), clean(person or "", 40)
    return translate("{0}（{1}）：", name, to) if to else translate("{0}：", name)


_TO_DO = {
    Act.ADD: Message("首页没有“{0}”的{1}，请添加到访问者看得到的位置。"),
    Act.REMOVE: Message("首页有不应出现的“{0}”的{1}，请移除。"),
    Act.REPLACE: Message("首页上“{0}”的{1}不正确，请改为正确的{1}。"),
    Act.SHOW: Message("网页中有“{0}”的{1}，但访问者看不到，请使其在首页上直接可见。"),
}


def _to_do(finding: Finding) -> str:
    """What is wrong and what mends it: what a webmaster can act on, whoever found it and how."""
    return translate(_TO_DO[finding.act], clean(finding.name, 60), Message(finding.thing))


def _to_open(report: UnitReport, unseen: Iterable[Finding]) -> str:
    """That the homepage could not be opened and why, and all that it must show then."""
    wanted = (Message("“{0}”的{1}", clean(one.name, 60), Message(one.thing)) for one in unseen)
    return translate(
        "首页未能打开{0:?（#）}，请使首页能够正常打开，并在首页设置{1}。",
        *(Message(why_unseen(report)), Listed(wanted)),
    )


def _checked_on(run: ScanRun, report: UnitReport) -> str:
    """The days, such as 2026-11-02 检查、2026-11-16 复查."""
    first, *again = (office_time.today(moment) for moment in checks_of(run, report))
    days = [translate("{0} 检查", first), *(translate("{0} 复查", day) for day in again)]
    return translate("、").join(dict.fromkeys(days))


def _asked(
    run: ScanRun, reports: Sequence[UnitReport], sender: Sender, *, is_with_notice: bool
) -> Iterator[str]:
    """By when to mend it, until when to object, whom to answer, and who writes."""
    own, may_object = sender.letterhead, sender.hearing.due(office_time.today(sender.at))
    if is_with_notice:
        yield translate("整改通知书见附件。")
    due = own.due_day(_last_check(run, reports))
    if due is None:
        yield translate("请及时整改，并将整改情况反馈我们。")
    else:
        yield translate("请于 {0} 前完成整改，并将整改情况反馈我们。", _day(due))
    if may_object is not None:
        yield translate("对上述问题有异议的，请在 {0}（含当日）前提出。", may_object)
    yield translate("如已整改或有不同意见，请直接回复本邮件。")
    if to := _answer_to(own):
        yield to
    if own.issuer:
        yield from ("", clean(own.issuer, 80))


def _day(one: date) -> Message:
    return Message("{0}年{1}月{2}日", one.year, one.month, one.day)


def _answer_to(own: Letterhead) -> str:
    parts = [Message("联系人：{0}", clean(own.contact, 100))] * bool(own.contact)
    parts += [Message("电话：{0}", clean(own.phone, 100))] * bool(own.phone)
    return translate("，").join(map(translate, parts))


def worth_a_letter(run: ScanRun, changes: Comparison, when: str) -> bool:
    """Whether to write: `when` is "always", "fail" (something fails) or "change"."""
    match when:
        case "always":
            return True
        case "fail":
            return run.outcome is Outcome.FAIL or not run.complete
        case _:
            moved = any(change.is_news for change in changes.changes)
            return moved or bool(changes.added or changes.removed) or not run.complete


def _message(
    key: LetterKey,
    sender: Sender,
    to: Iterable[str],
    about: str,
    lines: Sequence[str],
    files: Iterable[Attachment],
) -> EmailMessage:
    """The message as text and HTML; sent again it has the same Message-ID, if it names the same."""
    message = EmailMessage(policy=SMTP)
    author = mail_address.parsed(sender.address)
    recipients = tuple(map(mail_address.parsed, to))
    message["From"] = author
    message["To"] = recipients
    message["Subject"] = about
    message["Date"] = format_datetime(sender.at)
    message["Message-ID"] = _message_id(key, [one.addr_spec for one in recipients], author.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + "\n", charset="utf-8", cte="base64")
    message.add_alternative(_html(lines), subtype="html", charset="utf-8", cte="base64")
    for file in files:
        main, sub = TYPES.get(file.name[file.name.rfind(".") :], ("application", "octet-stream"))
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return message


def _message_id(key: LetterKey, recipients: Sequence[str], domain: str) -> str:
    named = (f"{site} {requirement}" for site, requirement in key.named)
    told = "\n".join((key.run, key.kind, key.unit, *named, *recipients))
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{domain}>"


def bare(address: str) -> str:
    """What the mail server and the history know a recipient by. Raises AuditError."""
    return mail_address.parsed(address).addr_spec


def _fitting(attachments: Iterable[Attachment]) -> tuple[list[Attachment], list[str]]:
    """The files that fit into one letter, and a sentence for each that does not."""
    room, files, left_out = MAX_ATTACHED, [], []
    for file in attachments:
        if len(file.data) <= room:
            room -= len(file.data)
            files.append(file)
        else:
            size = len(file.data) / (1 << 20)
            left_out.append(
                translate("附件 {0}（{1:.1f} MB）过大，未附上。", clean(file.name, 100), size)
            )
    return files, left_out


def _figures(run: ScanRun) -> list[str]:
    head = f"{clean(run.rules.name, 120)}（{office_time.local(run.started_at):%Y-%m-%d %H:%M}）"
    if not (run.complete or len(run.reports)):
        return [head, translate("本次检查中途停止，没有完成任何单位。")]
    stopped = [] if run.complete else [translate("本次检查中途停止，以下只是已完成的单位。")]
    part = [translate("本次只检查了名单中的一部分单位。")] if run.partial else []
    return [head, *_days(run), _counted(run), *part, *stopped]


def _counted(run: ScanRun) -> str:
    """All units of the list, or those that were finished, and how they fare: as the workbook."""
    counts, without = unit_tally(run.reports.briefs()), len(run.no_website)
    parts = [Message("{0} {1} 家", WORD[o], counts[o]) for o in reversed(Outcome) if counts[o]]
    if without:
        parts.append(Message("{0} {1} 家", Message("未开设网站"), without))
    head = Message("应检 {0} 家：{1}") if run.complete else Message("已检 {0} 家：{1}")
    told = translate("，").join(map(translate, parts))
    return translate(head, counts.total() + without, told)


def _days(run: ScanRun) -> list[str]:
    """Which units were looked at on which day, where that was not all at once."""
    days = check_days(run)
    if len(days) == 1 and not days[0].again:
        return []
    told = (
        [translate("{0} 检查 {1} 家", one.day, one.first)] * bool(one.first)
        + [translate("{0} 复查 {1} 家", one.day, one.again)] * bool(one.again)
        for one in days
    )
    return [translate("，").join(part for parts in told for part in parts)]


def _news(changes: Comparison) -> list[str]:
    late = changes.untold_from
    told = (
        translate(
            "{0:%Y-%m-%d} 以来的检查尚未发信告知，以下变化从那时算起。", office_time.local(late)
        )
        if late
        else ""
    )
    return ["", *([told] if told else []), *lines_of(changes, most=MAX_UNITS)]


def _open_units(run: ScanRun) -> list[str]:
    """What is open, each reason once with the units that it holds for."""
    found = list(open_reasons(run))
    lines = ["", translate("不合格和待核实的原因：")] if found else []
    for one in found:
        names = "、".join(clean(name, 60) for name in one.sites[:MAX_UNITS])
        more = translate(" 等") if len(one.sites) > MAX_UNITS else ""
        lines.append(f"{MARK[one.outcome]} {one.sentence}")
        lines.append(translate("    {0}：{1}{2}", one.count, names, more))
    return lines


def _html(lines: Iterable[str]) -> str:
    """The lines in a font with Chinese, for mail programs that show HTML."""
    body = "<br>\n".join(escape(line).replace("  ", "&nbsp;&nbsp;") for line in lines)
    return (
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><body style="font:14px/1.7 '
        f"'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif\">{body}</body></html>"
    )
