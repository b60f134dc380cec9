"""The sheet on which it is booked when units were told and what they answered (回执登记表)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from ycaudit.i18n import Message, translate
from ycaudit.model import Outcome, ScanRun
from ycaudit.report.rows import asked
from ycaudit.report.sheet_writer import Book, Cell, Column
from ycaudit.runs.cases import Case, Kind, State
from ycaudit.runs.units import unit_key

SHEET = Message("回执登记")
ANSWERED = frozenset({State.MENDED, State.CLOSED})
"""Cases of which no slip is awaited."""
_UNIT, _OFFICE, _WRONG = Message("单位"), Message("主管部门"), Message("不合格事项")
_TOLD, _DUE = Message("告知日期"), Message("异议期限")
_ANSWER, _GROUNDS = Message("答复"), Message("异议理由")
_ON, _BY, _ID = Message("答复日期"), Message("答复人"), Message("编号")
_WORDS = (Message("无异议"), Message("有异议"), Message("已整改"))
_HOW = (
    Message("单位签收通知后填“告知日期”；收到回执后填“答复”“答复日期”和“答复人”，如 2026-06-15。"),
    Message("答复为“有异议”的，请写明异议理由。尚未答复的单位留空。请勿改动“编号”一列。"),
)
_BACK = Message(
    "填好后，在工作台“整改”页交回本表",
    hint=Message("或运行 {0}", "ycaudit cases --from 回执.xlsx --by 张三"),
)


def write(run: ScanRun, cases: Iterable[Case], out: IO[bytes]) -> None:
    """Write the sheet, a row a unit, and how to fill it in."""
    book = Book(run)
    sheet = book.sheet(SHEET)
    sheet.head(
        *(Column(_UNIT, 30), Column(_OFFICE, 24), Column(_WRONG, 40)),
        *(Column(_TOLD, least=12), Column(_DUE, least=12), Column(_ANSWER, least=10)),
        *(Column(_GROUNDS, least=24), Column(_ON, least=12), Column(_BY, least=10)),
        Column(_ID, 14),
    )
    wrong = _wrong(run)
    for case in cases:
        told = case.last(Kind.TOLD)
        sheet.add(
            *(case.unit, case.office or "", "；".join(wrong[case.id])),
            *(str(told.on) if told else "", str(case.due or ""), "", "", "", "", case.id),
        )
    sheet.choice(6, tuple(map(translate, _WORDS)))
    sheet.finish()
    how = book.sheet(Message("填写说明"))
    for line in _HOW:
        how.add(Cell(translate(line), "note"))
    how.add(Cell(translate(_BACK), "note"))
    book.write(out)


def _wrong(run: ScanRun) -> dict[str, list[str]]:
    """What each unit fails, by the id of its first site."""
    first = dict[tuple[str, str | None], str]()
    found = dict[str, list[str]]()
    names = {key: one.marked for key, one in asked(run).items()}
    for report in run.reports.briefs():
        site = first.setdefault(unit_key(report.target), report.target.id)
        failed = [
            names[v.requirement]
            for v in report.verdicts
            if v.outcome is Outcome.FAIL and v.level == "must"
        ]
        found[site] = list(dict.fromkeys((*found.get(site, ()), *failed)))
    return found
