"""ycaudit scan: the audit of a whole list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from ycaudit.cli import options, running
from ycaudit.config import Plan, load
from ycaudit.dial import parse_resolve
from ycaudit.errors import AuditError
from ycaudit.fetch import Options
from ycaudit.unit import Unit

OnlyUnits = Annotated[
    list[str],
    typer.Option("--unit", help="Only units whose id, name or address contains this. Repeatable."),
]
OnlyTags = Annotated[
    list[str], typer.Option("--tag", help="Only units that carry this tag. Repeatable.")
]


def command(
    targets: options.Targets = options.DEFAULT_TARGETS,
    rules: options.Rules = options.DEFAULT_RULES,
    unit: OnlyUnits = [],  # noqa: B006 - typer copies it
    tag: OnlyTags = [],  # noqa: B006
    observer: options.ObserverName = "auto",
    format_name: options.FormatName = "table",
    output: options.Outputs = [],  # noqa: B006
    allow_private: options.AllowPrivate = False,
    resolve: options.Resolve = [],  # noqa: B006
    user_agent: options.Agent = options.DEFAULT_AGENT,
    jobs: options.Units = 32,
    timeout: options.Seconds = 45.0,
    evidence: options.EvidenceFolder = None,
    evidence_limit: options.EvidenceCap = 2048,
    fail_on: options.FailOn = "",
) -> None:
    """Look at every homepage of the list and judge it by the rules."""
    running.check_outputs(format_name, output, fail_on or None)
    plan = load(targets, rules, today=datetime.now(UTC).date())
    for text in plan.notices:
        running.notice(text)
    request = running.Request(
        options=Options(
            allow_private=allow_private, resolve=parse_resolve(resolve), user_agent=user_agent
        ),
        observer=observer,
        jobs=jobs,
        seconds=timeout,
        evidence=evidence,
        evidence_bytes=evidence_limit << 20,
    )
    run = running.run(select(plan, unit, tag), plan.policy, request)
    running.write(run, format_name, output)
    running.leave(run, fail_on or None)


def select(plan: Plan, texts: list[str], tags: list[str]) -> tuple[Unit, ...]:
    """The units that were asked for. Raises AuditError where that is none."""
    chosen = tuple(
        unit
        for unit in plan.units
        if (not texts or any(_mentions(unit, text) for text in texts))
        and (not tags or not set(tags).isdisjoint(unit.target.tags))
    )
    if not chosen:
        raise AuditError(f"none of the {len(plan.units)} units fits --unit and --tag")
    return chosen


def _mentions(unit: Unit, text: str) -> bool:
    target = unit.target
    return any(text.casefold() in part.casefold() for part in (target.id, target.name, target.url))
