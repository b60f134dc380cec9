"""Why units fail or are undetermined: a reason that many share is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ycaudit.i18n import translate
from ycaudit.model import OPEN, Outcome, ScanRun, Target, UnitReport, Verdict
from ycaudit.report.rows import clean, worst_first
from ycaudit.runs.diff import is_unseen
from ycaudit.runs.units import unit_key


@dataclass(frozen=True, slots=True)
class OpenReason:
    """A reason, and the names of the sites that it holds for, the worst first."""

    outcome: Outcome
    sentence: str
    """What is asked for and why it is open, in the reader's language."""
    sites: tuple[str, ...]
    units: int
    """How many units run these sites."""

    @property
    def count(self) -> str:
        """How many it holds for, in the reader's language."""
        if self.units == len(self.sites):
            return translate("{0} 家", self.units)
        return translate("{0} 家、{1} 个网站", self.units, len(self.sites))


def open_reasons(
    run: ScanRun, *, told: Callable[[list[Verdict]], bool] = lambda _: False
) -> Iterator[OpenReason]:
    """The reasons of a run: fails first, then the most common first.

    Sites whose verdicts for a reason are `told` elsewhere are not among those that share it.
    """
    held: dict[tuple[Outcome, str], list[Target]] = {}
    for report in worst_first(run):
        for key, verdicts in reasons_of(report).items():
            if not told(verdicts):
                held.setdefault(key, []).append(report.target)
    order = sorted(held, key=lambda key: (-key[0].gravity, -len(held[key])))
    return (
        OpenReason(
            *key,
            sites=tuple(target.name for target in held[key]),
            units=len(set(map(unit_key, held[key]))),
        )
        for key in order
    )


def reasons_of(report: UnitReport) -> dict[tuple[Outcome, str], list[Verdict]]:
    """The open verdicts of a site by what is said of them: each reason once, with all its names."""
    by_reason: dict[tuple[Outcome, str], list[Verdict]] = {}
    for verdict in report.verdicts:
        if verdict.outcome in OPEN:
            key = (verdict.outcome, clean(verdict.why.translated(), 400))
            by_reason.setdefault(key, []).append(verdict)
    return {
        (outcome, _sentence(report, verdicts, why)): verdicts
        for (outcome, why), verdicts in by_reason.items()
    }


def _sentence(report: UnitReport, verdicts: list[Verdict], why: str) -> str:
    if is_unseen(report):
        return why  # one reason holds for all that is asked
    names = translate("、").join(clean(verdict.name, 40) for verdict in verdicts)
    return f"{names}: {why}"
