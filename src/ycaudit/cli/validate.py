"""ycaudit validate: are the lists and the rules in order?"""

from __future__ import annotations

from ycaudit import office_time
from ycaudit.auditing.pin_candidates import unpinned
from ycaudit.cli import console, options
from ycaudit.i18n import Message
from ycaudit.inputs.plan import load
from ycaudit.runs.units import unit_key


def command(
    targets: options.Targets = options.DEFAULT_TARGETS, rules: options.Rules = options.DEFAULT_RULES
) -> None:
    """Check the files without looking at any homepage; every problem with file and line."""
    from ycaudit.cli.app import said_of_all

    said_of_all()  # to other commands, too: a mistake in [scan] would show at night
    plan = load(targets, rules, today=office_time.today())
    for text in plan.notices:
        console.notice(text)
    requirements = {r.id: r for unit in plan.units for r in unit.requirements}
    still_open = [(r, why) for r in requirements.values() if (why := unpinned(r)) is not None]
    for requirement, why in still_open:
        console.notice("{0} ({1}): {2}", requirement.id, requirement.name, why)
    owners = {unit_key(unit.target) for unit in plan.units}
    units, sites, asked = len(owners) + len(plan.no_website), len(plan.units), len(requirements)
    several = Message(" with {0} sites", sites) if sites + len(plan.no_website) != units else ""
    without = len(plan.no_website)
    none = Message(", {0} without a website", without) if without else ""
    told = Message("{0} unit{0:|s}{1}{2}", units, several, none)
    to_pin = Message(", {0} still to be pinned", len(still_open)) if still_open else ""
    console.info("in order: {0}, {1} requirement{1:|s}{2}", told, asked, to_pin)
