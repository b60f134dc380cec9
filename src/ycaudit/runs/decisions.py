"""What a person decided where the machine could not tell, or confirmed where it could."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from ycaudit import office_time
from ycaudit.model import Decision, Outcome, Page, ScanRun, Sense, UnitReport, Verdict
from ycaudit.reasons import Reason
from ycaudit.runs.report_store import changed

Key = tuple[str, str]
"""Unit and requirement, by id."""
Decisions = Mapping[Key, Sequence[Decision]]
"""What was decided about each verdict: at most once for each thing that the page showed."""


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
    if words := {e.value for v in report.verdicts for e in v.evidence if e.sense is Sense.TEXT}:
        shown["texts"] = sorted(words)  # not all text of the page, which has the day's news
    return hashlib.sha256(json.dumps(shown).encode("utf-8", "surrogatepass")).hexdigest()


def decided(run: ScanRun, decisions: Decisions) -> ScanRun:
    """The run with every decision that still holds; each says whose it is."""
    if not decisions:
        return run
    units = {unit for unit, _ in decisions}
    reports = changed(
        run.reports,
        lambda report: with_decisions(report, decisions),
        touches=lambda report: report.target.id in units,
    )
    return run.header.with_reports(reports)


def with_decisions(
    report: UnitReport, decisions: Decisions, *, page: str | None = None
) -> UnitReport:
    """The report with every decision that still holds.

    `page` is the fingerprint of the report, for a brief, which cannot tell it.
    """
    mine = [decisions.get((report.target.id, v.requirement), ()) for v in report.verdicts]
    if not any(mine):
        return report
    now = page or fingerprint(report)
    holding = ((one for one in made if one.page == now) for made in mine)
    verdicts = tuple(
        _with(verdict, decision) if (decision := next(held, None)) else verdict
        for verdict, held in zip(report.verdicts, holding, strict=True)
    )
    return report.model_copy(update={"verdicts": verdicts})


def made_in(reports: Iterable[UnitReport]) -> dict[Key, list[Decision]]:
    """The decisions that stand in a document, whose history may be elsewhere."""
    made: dict[Key, list[Decision]] = {}
    for report in reports:
        for verdict in report.verdicts:
            if verdict.decision is not None:
                key = (report.target.id, verdict.requirement)
                made.setdefault(key, []).append(verdict.decision)
    return made


def _with(verdict: Verdict, decision: Decision) -> Verdict:
    if verdict.outcome is Outcome.WAIVED:
        return verdict
    if verdict.decision is not None:  # of a document; who decides again has the last word
        if verdict.decision.at >= decision.at:
            return verdict
        verdict = _of_the_machine(verdict, verdict.decision)
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


def by_machine(verdict: Verdict) -> Verdict:
    """The verdict as the machine gave it."""
    return verdict if verdict.decision is None else _of_the_machine(verdict, verdict.decision)


def _of_the_machine(verdict: Verdict, decision: Decision) -> Verdict:
    """The verdict as it was before it was decided."""
    why, outcome = verdict.why.because or verdict.why, decision.machine or verdict.outcome
    return verdict.model_copy(update={"why": why, "outcome": outcome, "decision": None})


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
