"""A stored run judged anew, as a run of its own: by other rules, or the list as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from ycaudit import __version__
from ycaudit.auditing.engine import run_id
from ycaudit.auditing.rejudge import is_same_page, rejudged
from ycaudit.errors import ConfigError
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.plan import MAX_PROBLEMS, Plan, apply, load, load_rules, problem_of, unasked
from ycaudit.model import RunHeader, ScanRun, Target, Tool
from ycaudit.report.rows import clean
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.runs.decisions import Decisions, decided
from ycaudit.runs.history import History
from ycaudit.runs.suspicions import OF_FIGURES

MAX_NAMED = 5


def judged(
    before: ScanRun, plan: Plan, into: History, decisions: Decisions, *, now: datetime
) -> ScanRun:
    """The run as the plan judges it, kept in the history, with the decisions that hold.

    What its figures say against the auditor is asked anew.
    """
    units = {unit.target.id: unit for unit in plan.units}
    header = _header(before, plan, now)
    into.begin(header.model_copy(update={"complete": False}))
    reports = (r for r in before.reports if r.target.id in units)
    for place, report in enumerate(reports):
        into.add(header, place, rejudged(report, units[report.target.id]))
    stand = (why for why in before.suspicions if why.code not in OF_FIGURES)
    suspicions = (*stand, *into.suspicions(header.id))
    return decided(into.finish(header.model_copy(update={"suspicions": suspicions})), decisions)


def _header(before: ScanRun, plan: Plan, now: datetime) -> RunHeader:
    """The looks are those of the run before; judged are they now."""
    return before.header.model_copy(
        update={
            "id": run_id(now),
            "tool": Tool(version=__version__),
            "rules": plan.policy,
            "judges": before.id,
            "no_website": plan.no_website,
            "vouched": None,
        }
    )


def as_listed(before: ScanRun, targets: Path, rules: Sequence[Path], *, today: date) -> Plan | None:
    """The units of the run as the list has them now; None where it has none of them.

    Its notices tell what the list and the run do not have in common. Raises ConfigError.
    """
    plan = load(targets, rules, today=today)
    looked_at = {report.target.id: report.target for report in before.reports.briefs()}
    now = {unit.target.id: unit for unit in plan.units}
    if not looked_at.keys() & now.keys():
        return None
    notices = (*plan.notices, *_differences(looked_at, now))
    return Plan(plan.units, plan.policy, plan.no_website, notices)


def _differences(looked_at: Mapping[str, Target], now: Mapping[str, Unit]) -> Iterator[Message]:
    if gone := [looked_at[unit].name for unit in looked_at.keys() - now.keys()]:
        yield Message("left out, since the list no longer has them: {0}", _named(gone))
    if new := [now[unit].target.name for unit in now.keys() - looked_at.keys()]:
        yield Message("not judged, since the run has not looked at them: {0}", _named(new))
    moved = [
        t.name for t in looked_at.values() if t.id in now and not is_same_page(t, now[t.id].target)
    ]
    if moved:
        yield Message(
            "judged by their old address, since the list has another now: {0}", _named(moved)
        )


def _named(names: list[str]) -> Message:
    shown = Listed(clean(name, 40) for name in sorted(names)[:MAX_NAMED])
    return Message("{0}{1:? … (#)}", shown, len(names) if len(names) > MAX_NAMED else 0)


def as_it_was(before: ScanRun, rules: Sequence[Path], *, today: date) -> Plan:
    """The units as the run has them, with those of its waivers that still hold.

    Its notices tell what is asked of no unit. Raises ConfigError where a unit is asked nothing.
    """
    requirements, policy = load_rules(rules)
    targets = [report.target for report in before.reports.briefs()]
    wrong = [problem_of(t, what) for t in targets if (what := unasked(t, requirements))]
    if wrong:
        raise ConfigError(wrong[:MAX_PROBLEMS])
    units = (
        apply(
            report.target,
            requirements,
            (w for w in report.waivers if w.holds(today)),
            policy.third_parties,
        )
        for report in before.reports.briefs()
    )
    notices = tuple(_asked_of_none(targets, requirements))
    return Plan(tuple(units), policy, before.no_website, notices)


def _asked_of_none(
    targets: Iterable[Target], requirements: Iterable[Requirement]
) -> Iterator[Message]:
    """The run may be of a part of the list, so that a tag that nobody carries is no mistake."""
    known = list(targets)
    for requirement in requirements:
        to = requirement.applies_to
        if to is not None and not any(map(to.covers, known)):
            tags = ", ".join(to.tags)
            yield Message(
                "{0} is asked of no unit of this run: none carries {1}", requirement.id, tags
            )
