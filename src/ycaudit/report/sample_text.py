"""The measured error in sentences, for whoever asked and for a circular."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil, floor

from ycaudit.i18n import Message, Translated, translate
from ycaudit.model import Outcome
from ycaudit.report.rows import WORD, clean
from ycaudit.report.sample_sheet import WORDS
from ycaudit.runs.sampling import Bounds, Checked, Error

_RATE = Translated({Outcome.FAIL: "误判率", Outcome.PASS: "漏判率"})


def lines(errors: Iterable[Error], found: Iterable[Checked]) -> Iterator[str]:
    """The error of both kinds, what was wrong, and what a circular may quote."""
    found = list(found)
    for error in errors:
        yield from _of(error)
        yield from (
            f"  {_line(one)}"
            for one in found
            if one.machine is error.outcome and (one.is_wrong is not False)
        )
        if error.drawn:
            yield translate("  for the circular: {0}", quotable(error))


def _of(error: Error) -> Iterator[str]:
    word = WORD[error.outcome]
    if not error.drawn:
        yield translate(
            "{0}: none of {1} was drawn, so nothing is known of them", word, error.population
        )
        return
    yield translate(
        "{0}: {1} of {2} drawn; {3} wrong, {4} unclear",
        word,
        error.drawn,
        error.population,
        error.wrong,
        error.unclear,
    )
    yield _bound(
        Message("what is unclear counted as wrong") if error.unclear else Message("share wrong"),
        error.worst,
    )
    if error.unclear and error.clear.drawn:
        yield _bound(Message("without what is unclear"), error.clear)


def _bound(which: Message, bounds: Bounds) -> str:
    least, most = bounds.interval
    return translate(
        "  {0}: {1:.1f} %; with 95 % confidence at most {2} of all {3} are wrong ({4}); "
        "two-sided interval {5} to {6}",
        which,
        100 * (bounds.share or 0.0),
        bounds.at_most,
        bounds.population,
        _up(bounds.of_all(bounds.at_most)),
        _down(bounds.of_all(least)),
        _up(bounds.of_all(most)),
    )


def _line(one: Checked) -> str:
    place = f"{clean(one.name, 60)}  {clean(one.requirement_name, 40)}"
    said = translate(
        "the machine: {0}; {1} saw: {2}",
        WORD[one.machine],
        clean(one.reply.by, 40),
        WORDS[one.reply.answer],
    )
    note = translate("（{0}）", clean(one.reply.note, 120)) if one.reply.note else ""
    return f"{place}  {said}{note}"


def quotable(error: Error) -> str:
    """The sentence that a circular may quote; what could not be seen counts as wrong."""
    word, found = WORD[error.outcome], _found(error)
    if error.drawn == error.population:
        return translate("判为{0}的 {1} 项全部由人工复核，{2}。", word, error.drawn, found)
    return translate(
        "从判为{0}的 {1} 项中随机抽取 {2} 项由人工复核，{3}；据此推算{4}不超过 {5}（95% 置信度）。",
        *(word, error.population, error.drawn, found, _RATE[error.outcome]),
        _up(error.worst.of_all(error.worst.at_most)),
    )


def _found(error: Error) -> str:
    if error.wrong and error.unclear:
        return translate("其中 {0} 项有误，{1} 项无法看清（按有误计）", error.wrong, error.unclear)
    if error.wrong:
        return translate("其中 {0} 项有误", error.wrong)
    if error.unclear:
        return translate("其中 {0} 项无法看清（按有误计），其余均属实", error.unclear)
    return translate("均属实")


def _up(share: Fraction) -> str:
    """A percentage that is not less than the share: a bound is not to be rounded down."""
    return f"{ceil(share * 1000) / 10:g}%"


def _down(share: Fraction) -> str:
    return f"{floor(share * 1000) / 10:g}%"
