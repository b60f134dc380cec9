"""What a person decided where the machine could not tell, or confirmed where it could."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from ycaudit import office_time
from ycaudit.model import Decision, Outcome, Page, ScanRun, UnitReport, Verdict
from ycaudit.reasons import Reason
from ycaudit.runs.report_store import changed

Key = tuple[str, str]
"""Unit and requirement, by id."""


def fingerprint(report: UnitReport) -> str:
    """The sha256 of what the homepage shows: a decision falls away when it shows something else.

    Made of addresses and payloads, not of the markup: tokens and dates in it change at every visit.
    """
    pages = [observation for observation in report.observations if isinstance(observation, Page)]
    shown = {
        "links": sorted({link.href for page in pages for link in page.links}),
        "images": sorted({image.src for page in pages for image in page.images}),
        "codes": sorted({code.payload for page in pages for code in page.qr_codes}),
        "unseen": sorted({s.cause for s in report.observations if not isinstance(s, Page)}),
    }
    return hashlib.sha256(json.dumps(shown).encode("utf-8", "surrogatepass")).hexdigest()


def decided(run: ScanRun, decisions: Mapping[Key, Decision]) -> ScanRun:
    """The run with every decision that still holds; each says whose it is."""
    units = {unit for unit, _ in decisions}
    reports = changed(
        run.reports,
        lambda report: with_decisions(report, decisions),
        touches=lambda report: report.target.id in units,
    )
    return run.header.with_reports(reports)


def with_decisions(report: UnitReport, decisions: Mapping[Key, Decision]) -> UnitReport:
    """The report with every decision that still holds."""
    mine = {
        verdict.requirement: decision
        for verdict in report.verdicts
        if (decision := decisions.get((report.target.id, verdict.requirement))) is not None
    }
    if not mine:
        return report
    now = fingerprint(report)
    verdicts = tuple(
        _with(verdict, mine[verdict.requirement])
        if verdict.requirement in mine and mine[verdict.requirement].page == now
        else verdict
        for verdict in report.verdicts
    )
    return report.model_copy(update={"verdicts": verdicts})


def _with(verdict: Verdict, decision: Decision) -> Verdict:
    if verdict.outcome is Outcome.WAIVED or verdict.decision is not None:
        return verdict
    why = Reason.of(
        "decided",
        by=decision.by,
        day=f"{office_time.local(decision.at):%Y-%m-%d}",
        note=decision.note,
        because=verdict.why,
    )
    return verdict.model_copy(
        update={
            "outcome": decision.outcome,
            "why": why,
            "decision": decision.model_copy(update={"machine": verdict.outcome}),
        }
    )


def unconfirmed(reports: Iterable[UnitReport]) -> list[UnitReport]:
    """The units of which no person has confirmed any fail."""
    return [
        report
        for report in reports
        if report.outcome is Outcome.FAIL and not any(_is_confirmed(v) for v in report.verdicts)
    ]


def _is_confirmed(verdict: Verdict) -> bool:
    return (
        verdict.level == "must" and verdict.outcome is Outcome.FAIL and verdict.decision is not None
    )
