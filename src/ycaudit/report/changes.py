"""What changed since the last time, in lines of text: for the terminal and for letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ycaudit import office_time
from ycaudit.i18n import Message, translate
from ycaudit.report.rows import clean
from ycaudit.runs.diff import WORD, Change, Comparison, Kind


def lines_of(comparison: Comparison, *, most: int | None = None) -> Iterator[str]:
    """The comparison, the gravest first; of each kind no more than `most` lines."""
    for kind in Kind:
        if changes := comparison.of(kind):
            yield translate("{0} {1} 项", WORD[kind], len(changes))
            lines = [*_lines(changes)]
            yield from (f"  {line}" for line in lines[:most])
            yield from _rest(len(lines), most)
    if never := comparison.never_seen:
        of_two = comparison.of_two_runs
        head = (
            Message("两次检查均未看到 {0} 个网站的首页")
            if of_two
            else Message("从未看到 {0} 个网站的首页")
        )
        yield translate(head, len(never))
        for one in never[:most]:
            said = "" if of_two else translate("  从未看到首页，已检 {0} 次", one.times)
            yield f"  {clean(one.name, 60)}{said}"
        yield from _rest(len(never), most)
    for head, units in (
        (Message("新增单位 {0} 家", len(comparison.added)), comparison.added),
        (Message("不再列入的单位 {0} 家", len(comparison.removed)), comparison.removed),
    ):
        if units:
            yield translate(head)
            yield from (f"  {clean(comparison.names.get(one, one), 60)}" for one in units[:most])
            yield from _rest(len(units), most)
    if not (comparison.changes or comparison.never_seen or comparison.added or comparison.removed):
        yield translate("没有变化")


def _rest(count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield translate("  另有 {0} 条", count - most)


def _lines(changes: Iterable[Change]) -> Iterator[str]:
    """One for all requirements of a site of which the same is to be said."""
    for (_, said), alike in groupby(changes, lambda change: (change.unit, remarks(change))):
        first, *others = alike
        asked = translate("、").join(clean(one.requirement_name, 40) for one in (first, *others))
        shown = translate("（{0}）", said) if said else ""
        yield f"{clean(first.name, 60)}  {asked}{shown}"


_SINCE = frozenset({Kind.STILL_FAILING, Kind.LOST_SIGHT, Kind.NOT_RECHECKED})
_MAY_HAVE_BEEN_IN_DOUBT = frozenset({Kind.STILL_FAILING, Kind.LOST_SIGHT})


def remarks(change: Change) -> str:
    """Since when, how often in a row, how often it fell back, and whether it was named."""
    return translate("，").join(map(translate, _remarks(change)))


def _remarks(change: Change) -> Iterator[Message]:
    if change.since and change.kind in _SINCE:
        yield Message("自 {0:%Y-%m-%d}", office_time.local(change.since))
    if change.was_in_doubt and change.kind in _MAY_HAVE_BEEN_IN_DOUBT:
        yield Message("上次待核实")
    if change.was_waived and change.kind is Kind.STILL_FAILING:
        yield Message("上次豁免")
    if change.kind is Kind.STILL_FAILING and change.times > 1:
        yield Message("连续 {0} 次未整改", change.times)
    if change.relapses and change.kind is Kind.RELAPSED:
        yield Message("第 {0} 次反复", change.relapses)
    elif change.relapses:
        yield Message("曾反复 {0} 次", change.relapses)
    if change.named:
        yield Message("{0:%Y-%m-%d} 已通报", office_time.local(change.named))
