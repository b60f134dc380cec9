"""The letters about a run: to the office, and to each failing unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from ycaudit import office_time
from ycaudit.errors import AuditError
from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome, ScanRun, UnitReport
from ycaudit.report.rows import MARK, WORD, clean, described, suspicion_lines, tally, worst_first
from ycaudit.runs.diff import WORD as CHANGE_WORD
from ycaudit.runs.diff import Comparison, Kind

MAX_ATTACHED = 15 << 20
"""Bytes of attachments: many mail servers refuse letters of 20 MB, and base64 adds a third."""
MAX_UNITS = 200
_ADDRESS = re.compile(r"<?[^\s@,;<>\"]+@[^\s@,;<>\"]+>?")
_OPEN = frozenset({Outcome.FAIL, Outcome.UNDETERMINED})
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


def subject(run: ScanRun, changes: Comparison) -> str:
    """The subject line: the outcome, and how many units are new or fixed."""
    counts = tally(run)
    figures = translate("，").join(f"{WORD[o]} {counts[o]}" for o in reversed(Outcome) if counts[o])
    new = len({c.unit for c in changes.of(Kind.NEWLY_FAILING, Kind.RELAPSED)})
    mended = len({c.unit for c in changes.of(Kind.FIXED)})
    news = translate("，").join(
        [translate("新增 {0} 家", new)] * bool(new)
        + [translate("已整改 {0} 家", mended)] * bool(mended)
    )
    stopped = "" if run.complete else translate("（检查中断）")
    first = translate("【存疑】") if run.suspicions else ""
    fresh = f"（{news}）" if news else ""
    return clean(f"{first}{run.rules.name}：{figures}{fresh}{stopped}", 200)


def letter(
    run: ScanRun,
    changes: Comparison,
    *,
    sender: str,
    to: Iterable[str],
    attachments: Iterable[Attachment] = (),
    remarks: Iterable[str] = (),
) -> EmailMessage:
    """The letter about a run, as text and HTML, with attachments up to `MAX_ATTACHED`.

    Raises AuditError where an address is none.
    """
    message = _message(sender, to, subject(run, changes), run)
    files, left_out = _fitting(attachments)
    last = [*remarks, *left_out]
    lines = [
        *suspicion_lines(run),
        *([""] if run.suspicions else []),
        *_figures(run),
        *_news(changes),
        *_open_units(run),
        *([""] if last else []),
        *last,
    ]
    message.set_content("\n".join(lines) + "\n", charset="utf-8", cte="base64")
    message.add_alternative(_html(lines), subtype="html", charset="utf-8", cte="base64")
    for file in files:
        main, sub = TYPES.get(file.name[file.name.rfind(".") :], ("application", "octet-stream"))
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return message


def unit_letter(run: ScanRun, report: UnitReport, *, sender: str) -> EmailMessage:
    """The letter to one failing unit. Raises AuditError where the list has no address for it."""
    contact = report.target.contact
    if contact is None or not contact.email:
        raise AuditError("{0} has no e-mail address in the list", report.target.name)
    about = clean(translate("关于{0}网站首页问题的整改提醒", report.target.name), 200)
    message = _message(sender, [contact.email], about, run)
    failed = [v for v in report.verdicts if v.outcome is Outcome.FAIL and v.level == "must"]
    lines = [
        f"{clean(contact.person or report.target.name, 80)}：",
        "",
        translate(
            "按照《{0}》，我们于 {1:%Y-%m-%d} 检查了贵单位网站首页 {2} ，发现以下内容缺失：",
            clean(run.rules.name, 120),
            office_time.local(run.started_at),
            clean(report.target.url, 200),
        ),
        "",
    ]
    for verdict in failed:
        lines.append(f"{MARK[verdict.outcome]} {clean(verdict.name, 60)}")
        lines += [
            translate("    页面上相近的内容：{0}", described(near)) for near in verdict.near[:3]
        ]
    lines += ["", translate("如已整改或有不同意见，请直接回复本邮件。")]
    message.set_content("\n".join(lines) + "\n", charset="utf-8", cte="base64")
    message.add_alternative(_html(lines), subtype="html", charset="utf-8", cte="base64")
    return message


def worth_a_letter(run: ScanRun, changes: Comparison, when: str) -> bool:
    """Whether to write: `when` is "always", "fail" (something fails) or "change"."""
    match when:
        case "always":
            return True
        case "fail":
            return run.outcome is Outcome.FAIL or not run.complete
        case _:
            moved = changes.of(Kind.NEWLY_FAILING, Kind.RELAPSED, Kind.FIXED, Kind.LOST_SIGHT)
            return bool(moved or changes.added or changes.removed) or not run.complete


def _message(sender: str, to: Iterable[str], about: str, run: ScanRun) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = tuple(_address(one) for one in to)
    message["Subject"] = about
    message["Date"] = format_datetime(run.finished_at)
    message["Auto-Submitted"] = "auto-generated"
    return message


def _address(text: str) -> Address:
    """The address, with or without a name before it. Raises AuditError for anything else."""
    name, _, spec = text.strip().rpartition(" ")
    what = Message("{0!r} is no e-mail address", clean(text, 100))
    if any(ord(c) < 32 for c in text) or not _ADDRESS.fullmatch(spec) or "@" in name:
        raise AuditError(what)
    try:
        return Address(name.strip(' "'), addr_spec=spec.strip("<>"))
    except (MessageError, ValueError, IndexError) as error:
        raise AuditError(what) from error


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
    counts = tally(run)
    parts = translate("，").join(
        translate("{0} {1} 家", WORD[o], counts[o]) for o in reversed(Outcome) if counts[o]
    )
    head = f"{clean(run.rules.name, 120)}（{office_time.local(run.started_at):%Y-%m-%d %H:%M}）"
    stopped = [] if run.complete else [translate("本次检查中途停止，以下只是已完成的单位。")]
    return [head, translate("应检 {0} 家：{1}", len(run.reports), parts), *stopped]


def _news(changes: Comparison) -> list[str]:
    lines: list[str] = []
    for kind in Kind:
        if found := changes.of(kind):
            lines += ["", f"{CHANGE_WORD[kind]}："]
            for change in found[:MAX_UNITS]:
                lines.append(f"  {clean(change.name, 60)}  {clean(change.requirement_name, 40)}")
    for word, units in (
        (Message("新增单位"), changes.added),
        (Message("不再列入的单位"), changes.removed),
    ):
        if units:
            lines += [
                "",
                f"{translate(word)}：{'、'.join(clean(u, 60) for u in units[:MAX_UNITS])}",
            ]
    return lines


def _open_units(run: ScanRun) -> list[str]:
    reports = [r for r in worst_first(run) if r.outcome in _OPEN]
    lines = [line for report in reports[:MAX_UNITS] for line in _open_unit(report)]
    if len(reports) > MAX_UNITS:
        lines += ["", translate("另有 {0} 家，见附件。", len(reports) - MAX_UNITS)]
    return lines


def _open_unit(report: UnitReport) -> list[str]:
    name, url = clean(report.target.name, 60), clean(report.target.url, 200)
    reasons = (
        f"  {MARK[v.outcome]} {clean(v.name, 40)}: {clean(v.why.translated(), 300)}"
        for v in report.verdicts
        if v.outcome in _OPEN
    )
    return ["", f"{WORD[report.outcome]}  {name}  {url}", *reasons]


def _html(lines: Iterable[str]) -> str:
    """The lines in a font with Chinese, for mail programs that show HTML."""
    body = "<br>\n".join(escape(line).replace("  ", "&nbsp;&nbsp;") for line in lines)
    return (
        '<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><body style="font:14px/1.7 '
        f"'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif\">{body}</body></html>"
    )
