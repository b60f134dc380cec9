"""ycaudit check: one homepage, with every detail."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ycaudit.cli import options, running
from ycaudit.i18n import Message, translate
from ycaudit.inputs.plan import load_rules, unit_for
from ycaudit.model import (
    Evidence,
    Outcome,
    Page,
    ScanRun,
    Unseen,
)
from ycaudit.net.client import Options
from ycaudit.net.connect import parse_resolve
from ycaudit.reasons import sentence
from ycaudit.report.rows import (
    MARK,
    ORIGIN,
    VISIBILITY,
    WORD,
    clean,
    described,
)

Tags = Annotated[
    list[str], typer.Option("--tag", help="A tag of the unit, for rules that go by tags.")
]
MAX_CODES = 30


def command(
    url: Annotated[str, typer.Argument(help="The homepage to look at.")],
    rules: options.Rules = options.DEFAULT_RULES,
    tag: Tags = [],  # noqa: B006 - typer copies it
    observer: options.ObserverName = "auto",
    format_name: options.FormatName = "table",
    output: options.Outputs = [],  # noqa: B006
    allow_private: options.AllowPrivate = False,
    resolve: options.Resolve = [],  # noqa: B006
    user_agent: options.Agent = options.DEFAULT_AGENT,
    timeout: options.Seconds = 45.0,
    evidence: options.EvidenceFolder = None,
    evidence_limit: options.EvidenceCap = 2048,
    fail_on: options.FailOn = "",
    no_cache: options.NoCache = False,
) -> None:
    """Look at one homepage and tell everything that was seen, and what was not."""
    running.check_outputs(format_name, output, fail_on or None, naming=False)
    requirements, policy = load_rules(rules)
    unit = unit_for(url, requirements, tags=tag)
    request = running.Request(
        options=Options(
            allow_private=allow_private, resolve=parse_resolve(resolve), user_agent=user_agent
        ),
        observer=observer,
        seconds=timeout,
        evidence=evidence,
        evidence_bytes=evidence_limit << 20,
        cache=running.cache_file(wanted=not no_cache),
    )
    run = running.run([unit], policy, request)
    running.write(run, format_name, output, evidence)
    if format_name == "table":
        for line in details(run):
            print(line)
        sys.stdout.flush()
    running.leave(run, fail_on or None)


def details(run: ScanRun) -> list[str]:
    """Everything about the unit, as lines of plain text."""
    lines: list[str] = []
    for report in run.reports:
        for verdict in report.verdicts:
            lines.append(f"\n{MARK[verdict.outcome]} {verdict.name}: {WORD[verdict.outcome]}")
            lines.append(f"    {clean(sentence(verdict.why), 600)}")
            lines += [f"    • {described(e)} [{_where(e)}]" for e in verdict.evidence]
            lines += [f"    ≈ {described(e)}" for e in verdict.near]
        for observation in report.observations:
            open_ = report.outcome is not Outcome.PASS  # else nobody needs what was not seen
            seen = (
                _seen(observation, spots=open_)
                if isinstance(observation, Page)
                else _unseen(observation)
            )
            lines += ["", *seen]
    return lines


def _where(evidence: Evidence) -> str:
    return ", ".join(filter(None, (VISIBILITY[evidence.visible], ORIGIN[evidence.where.origin])))


def _unseen(observation: Unseen) -> list[str]:
    return [
        translate("[{0}] not seen: {1}", observation.observer, observation.cause),
        f"    {clean(sentence(observation.why), 2000)}",
    ]


def _seen(page: Page, *, spots: bool) -> list[str]:
    links, images, codes = len(page.links), len(page.images), len(page.qr_codes)
    counts = Message("{0} link{0:|s}, {1} image{1:|s}, {2} QR code{2:|s}", links, images, codes)
    lines = [
        translate("[{0}] {1} answered {2}: {3}", page.observer, page.final_url, page.status, counts)
    ]
    lines += [translate("    title: {0}", clean(page.title, 120))] if page.title else []
    lines += [f"    ! {clean(sentence(remark))}" for remark in page.remarks]
    for code in page.qr_codes[:MAX_CODES]:
        label = f" “{clean(code.label, 60)}”" if code.label else ""
        lines.append(
            translate(
                "    code {0}{1} in {2}", clean(code.payload, 200), label, clean(code.src, 120)
            )
        )
    if spots:
        lines += [
            translate("    not seen: {0}", clean(sentence(spot.why), 300))
            for spot in page.blind_spots
        ]
    return lines
