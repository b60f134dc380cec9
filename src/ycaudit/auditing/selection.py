"""Which units of a list a scan looks at, and what it takes over from an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ycaudit.auditing.rejudge import is_same_page, rejudged
from ycaudit.errors import AuditError, nearest
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.plan import Plan, carried
from ycaudit.model import Figure, NoWebsite, Outcome, RunHeader, ScanRun, Target, UnitReport
from ycaudit.report.rows import clean
from ycaudit.rules.judge import Unit
from ycaudit.runs.checks import checks_of
from ycaudit.runs.decisions import with_decisions
from ycaudit.runs.diff import Kind, compare
from ycaudit.runs.history import LAST, History
from ycaudit.runs.units import Choice, picked

ONLY = ("failed", "undetermined", "changed")
_CHOICE = Message("see --unit, --office and --tag")


@dataclass(frozen=True, slots=True)
class Selection:
    """The units that a run is about, and those of them that are looked at now."""

    chosen: tuple[Unit, ...]
    looked_at: tuple[Unit, ...]
    base: ScanRun | None = None
    """The run from which the others are taken."""
    partial: bool = False
    """Whether the list has more units than were chosen."""

    @property
    def places(self) -> list[int]:
        """Where among the chosen each unit stands that is looked at."""
        place = {unit.target.id: number for number, unit in enumerate(self.chosen)}
        return [place[unit.target.id] for unit in self.looked_at]

    def carried(self) -> Iterator[tuple[int, UnitReport]]:
        """What the base saw of the units that are not looked at again, with their place.

        It is judged by the rules of now, so that one run has one set of rules.
        """
        if self.base is None:
            return
        left = {unit.target.id: (place, unit) for place, unit in enumerate(self.chosen)}
        for unit in self.looked_at:
            del left[unit.target.id]
        for report in self.base.reports:
            if report.target.id in left:
                place, unit = left[report.target.id]
                yield place, rejudged(report, unit)

    def checked_before(self) -> dict[str, tuple[datetime, ...]]:
        """When the base and those before it checked the units that are looked at again."""
        if self.base is None:
            return {}
        again = {unit.target.id: unit.target for unit in self.looked_at}
        return {
            report.target.id: checks_of(self.base, report)
            for report in self.base.reports.briefs()
            if report.target.id in again and is_same_page(report.target, again[report.target.id])
        }


def chosen(plan: Plan, texts: Sequence[str], offices: Sequence[str], tags: Sequence[str]) -> Plan:
    """The plan with the units that mention a text, are of an office and carry a tag.

    Raises AuditError where there is none to look at.
    """
    if not plan.units:
        raise AuditError("no unit of this list runs a website: there is nothing to look at")

    _check_tags(tags, (*(unit.target for unit in plan.units), *plan.no_website))
    choice = Choice(texts, offices, tags)
    units = tuple(unit for unit in plan.units if choice.fits(unit.target))
    if not units:
        raise AuditError(
            "of {0} {0:unit|units} of the list none fits what was chosen",
            len(plan.units),
            hint=_CHOICE,
        )
    return replace(plan, units=units, no_website=tuple(filter(choice.fits, plan.no_website)))


def narrowed(run: ScanRun, choice: Choice) -> ScanRun:
    """The run with only the units that are chosen. Raises AuditError where no unit is left."""
    _check_tags(choice.tags, (*(r.target for r in run.reports.briefs()), *run.no_website))
    reports = picked(run.reports, lambda report: choice.fits(report.target))
    without = tuple(filter(choice.fits, run.no_website))
    if not (len(reports) or without):
        raise AuditError(
            "none of the {0} site{0:|s} of run {1} fits what was chosen{2}",
            *(len(run.reports), run.id, _offices_of(run) if choice.offices else ""),
            hint=_CHOICE,
        )
    header = run.header.model_copy(update={"no_website": without, "partial": True})
    return header.with_reports(reports)


def _check_tags(tags: Sequence[str], units: Iterable[Target | NoWebsite]) -> None:
    """Raises AuditError for a tag that no unit carries, also beside others."""
    known = sorted({tag for unit in units for tag in unit.tags}) if tags else []
    for tag in tags:
        if tag not in known:
            hint = nearest(tag, known) or carried(known)
            raise AuditError("--tag {0!r}: no unit carries it{1}", tag, hint)


def _offices_of(run: ScanRun) -> Message:
    """The offices that could have been named."""
    units = (*(report.target.office for report in run.reports.briefs()),)
    named = dict.fromkeys(filter(None, (*units, *(each.office for each in run.no_website))))
    if not named:
        return Message("; its list names no offices")
    return Message("; its offices are {0}", Listed(clean(one, 40) for one in named))


def again(units: Sequence[Unit], base: ScanRun, only: str, history: History) -> tuple[Unit, ...]:
    """The units to look at once more, and those that the last run did not have at this address, or
    did not look at for what the rules ask now.

    What the last run saw counts as it is judged and decided now.
    """
    now = {unit.target.id: unit for unit in units}
    decisions = history.decisions()
    known = {
        report.target.id: with_decisions(rejudged(report, unit), decisions)
        for report in base.reports
        if (unit := now.get(report.target.id)) and is_same_page(report.target, unit.target)
    }
    if only == "changed":
        changes = compare(history.past(before=base), base).changes
        stand = (Kind.STILL_FAILING, Kind.NOT_RECHECKED, Kind.EXCUSED)
        wanted = {change.unit for change in changes if change.kind not in stand}
    else:
        outcome = Outcome.FAIL if only == "failed" else Outcome.UNDETERMINED
        wanted = {unit for unit, report in known.items() if report.outcome is outcome}
    wanted |= {unit for unit, report in known.items() if _is_for_other_rules(report)}
    return tuple(u for u in units if u.target.id in wanted or u.target.id not in known)


def _is_for_other_rules(report: UnitReport) -> bool:
    """Whether something is undetermined only because the look was not for it."""
    return any(
        v.outcome is Outcome.UNDETERMINED and v.why.has("not_sought") for v in report.verdicts
    )


@dataclass(frozen=True, slots=True)
class Order:
    """Which units of a list a scan is about, and which run it goes on with."""

    choice: Choice = field(default_factory=Choice)
    only: str = ""
    """One of `ONLY`: these are looked at again, the others taken from the last run."""
    resume: bool = False
    """What is left of the last run, which was broken off."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scan that can begin."""

    plan: Plan
    """With the units that were chosen."""
    selection: Selection
    resumed: RunHeader | None
    """The run that goes on, where it does."""


def prepared(
    whole: Plan,
    order: Order,
    history: History | None,
    figures: Callable[[Sequence[Unit]], Mapping[str, tuple[Figure, ...]]] | None = None,
) -> Prepared:
    """What a scan looks at and what it takes over. Raises AuditError where it cannot go on.

    `figures` are the numbers that units report now, by their id; without them stands what they
    reported before.
    """
    base = None if history is None else _base(order, history)
    plan = chosen(whole, order.choice.texts, order.choice.offices, order.choice.tags)
    units = plan.units
    if figures is not None:
        units = with_figures(units, figures(units))
    elif order.only and base is not None:
        units = with_figures(units, reported_before(base))
    selection = Selection(units, units)
    if base is not None and history is not None:
        selection = _continued(units, base, history, plan, order.only)
    selection = replace(selection, partial=len(units) < len(whole.units))
    resumed = base.header if order.resume and base is not None else None
    return Prepared(plan, selection, resumed)


def _base(order: Order, history: History) -> ScanRun | None:
    """The run that a scan goes on with: that which broke off, or the last of the whole list."""
    if not (order.only or order.resume):
        return None
    newest = history.newest() if order.resume else None
    return history.load(newest or LAST)


def _continued(
    units: tuple[Unit, ...], base: ScanRun, history: History, plan: Plan, only: str
) -> Selection:
    if only:
        return Selection(units, again(units, base, only, history), base)
    left = left_of(units, base, history.progress(base.id), plan)
    return Selection(units, left, history.load(base.carries) if base.carries else None)


def left_of(
    units: Sequence[Unit], run: ScanRun, finished: Mapping[int, str], plan: Plan
) -> tuple[Unit, ...]:
    """What is left of a run that was interrupted. Raises AuditError where it cannot go on."""
    if run.complete:
        raise AuditError(
            "the last run ({0}) is complete: there is nothing to go on with",
            run.id,
            hint=Message(
                "what it was to write and did not, `ycaudit show {0} --output FILE` writes", run.id
            ),
        )
    if run.rules != plan.policy:
        raise AuditError("the rules are others than when {0} began: start anew", run.id)
    ids = [unit.target.id for unit in units]
    if any(place >= len(ids) or ids[place] != unit for place, unit in finished.items()):
        raise AuditError("the list, or what is chosen of it, has changed since {0} began", run.id)
    return tuple(unit for place, unit in enumerate(units) if place not in finished)


def reported_before(base: ScanRun) -> Mapping[str, tuple[Figure, ...]]:
    """What units reported before stands until they report anew."""
    return {report.target.id: report.target.figures for report in base.reports.briefs()}


def with_figures(
    units: Sequence[Unit], figures: Mapping[str, tuple[Figure, ...]]
) -> tuple[Unit, ...]:
    """The units with the numbers that they report, by their id."""
    return tuple(_carrying(unit, figures.get(unit.target.id, ())) for unit in units)


def _carrying(unit: Unit, figures: tuple[Figure, ...]) -> Unit:
    if not figures:
        return unit
    return replace(unit, target=unit.target.model_copy(update={"figures": figures}))
