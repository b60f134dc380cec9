"""The hearing of units in words: for the terminal, and as a table."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from typing import IO

from ycaudit.i18n import Message, Translated, translate
from ycaudit.report.csv_rows import inert
from ycaudit.report.rows import clean
from ycaudit.runs.cases import KIND, Case, Event, Kind, State

STATE = Translated(
    {
        State.FOUND: "待核定",
        State.CONFIRMED: "已核定",
        State.TOLD: "已告知",
        State.ANSWERED: "已答复",
        State.OBJECTED: "有异议",
        State.DUE: "异议期满",
        State.MENDED: "已整改",
        State.CLOSED: "已办结",
    }
)
ACCEPTED = {True: Message("异议成立"), False: Message("异议不成立")}
_SHOWN = tuple(kind for kind in Kind if kind is not Kind.WITHDRAWN)


def line(case: Case) -> str:
    """A case in one line: the unit, how far it is, and until when it may object."""
    office = f"  {clean(case.office, 40)}" if case.office else ""
    due = translate("  异议期至 {0}", case.due) if case.due else ""
    last = case.events[-1]
    said = translate("（{0}）", f"{last.on} {KIND[last.kind]}")
    return f"{clean(case.unit, 60)}{office}  {STATE[case.state]}{due}  {said.strip()}"


def story(case: Case) -> Iterator[str]:
    """All that has happened, an event a line."""
    yield line(case)
    yield from (f"  {_told(event)}" for event in case.events)
    for event, taken_back in withdrawals(case):
        yield translate("  （误记，已撤回）{0}", _told(event)) + _by_whom(taken_back)


def withdrawals(case: Case) -> Iterator[tuple[Event, Event | None]]:
    """What was recorded by mistake, each with how it was taken back."""
    by = {event.of: event for event in case.withdrawn if event.kind is Kind.WITHDRAWN}
    for event in case.withdrawn:
        if event.kind is not Kind.WITHDRAWN:
            yield event, by.get(event.number)


def _by_whom(taken_back: Event | None) -> str:
    if taken_back is None:
        return ""
    said = (str(taken_back.on), clean(taken_back.by, 40), clean(taken_back.note, 300))
    return translate("（撤回：{0}）", " ".join(filter(None, said)))


def _told(event: Event) -> str:
    number = translate("第 {0} 号", event.number) if event.number else ""
    said = (clean(event.by, 40), *details(event), clean(event.note, 300), number)
    return f"{event.on} {KIND[event.kind]}  {'  '.join(filter(None, said))}".rstrip()


def details(event: Event) -> Iterator[str]:
    """Until when the unit had time, and what came of an objection."""
    if event.until:
        is_circular = event.kind is Kind.NAMED
        mend, object_ = Message("整改期至 {0}", event.until), Message("异议期至 {0}", event.until)
        yield translate(mend if is_circular else object_)
    if event.accepted is not None:
        yield translate(ACCEPTED[event.accepted])


def write_csv(cases: Iterable[Case], out: IO[bytes]) -> None:
    """One row a case, with the last day of each event; UTF-8 with a byte order mark, for Excel."""
    out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    head = (Message("单位"), Message("主管部门"), Message("办理状态"), Message("异议期限"))
    ends = (Message("编号"), Message("状态代码"))
    writer.writerow([*map(translate, head), *(KIND[k] for k in _SHOWN), *map(translate, ends)])
    for case in cases:
        days = (case.last(kind) for kind in _SHOWN)
        row = (
            *(case.unit, case.office or "", STATE[case.state], str(case.due or "")),
            *(str(event.on) if event else "" for event in days),
            *(case.id, case.state),
        )
        writer.writerow(map(inert, row))
    text.detach()
