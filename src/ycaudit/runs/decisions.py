"""What a person decided where the machine could not tell, or confirmed where it could."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from ycaudit import office_time
from ycaudit.model import Decision, Outcome, Page, ScanRun, Sense, UnitReport, Verdict
from ycaudit.reasons import Reason
from ycaudit.runs.office_settings import person
from ycaudit.runs.report_store import changed

Key = tuple[str, str]
"""Unit and requirement, by id."""
Decisions = Mapping[Key, Sequence[Decision]]
"""What was decided about each verdict: at most once by each person for what the page showed."""


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


def is_of_the_unseen(verdict: Verdict) -> bool:
    """Whether it is about what must be absent of a homepage that nobody has seen."""
    return verdict.expect == "absent" and by_machine(verdict).why.code == "not_seen"


def page_of(verdict: Verdict, page: str) -> str:
    """What a decision about a verdict bears, `page` being the fingerprint of its report.

    What must be absent of a homepage that nobody has seen is decided by itself: one decision about
    all that is asked of the page, as earlier versions took it, would accuse of what nobody saw.
    """
    if not is_of_the_unseen(verdict):
        return page
    return hashlib.sha256(f"{page} by itself".encode()).hexdigest()


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
    verdicts = tuple(
        _with(verdict, held) if (held := [x for x in made if _holds(x, verdict, now)]) else verdict
        for verdict, made in zip(report.verdicts, mine, strict=True)
    )
    return report.model_copy(update={"verdicts": verdicts})


def _holds(decision: Decision, verdict: Verdict, page: str) -> bool:
    """Whether it was decided about what the page shows now, and about what is asked now."""
    is_asked = not (decision.asked and verdict.asked) or decision.asked == verdict.asked
    return decision.page == page_of(verdict, page) and is_asked


def made_in(reports: Iterable[UnitReport]) -> dict[Key, list[Decision]]:
    """The decisions that stand in a document, whose history may be elsewhere."""
    made: dict[Key, list[Decision]] = {}
    for report in reports:
        for verdict in report.verdicts:
            if verdict.decision is not None:
                key = (report.target.id, verdict.requirement)
                made.setdefault(key, []).extend(verdict.decision.made)
    return made


def _with(verdict: Verdict, made: Sequence[Decision]) -> Verdict:
    """The verdict as decided; that of a document may have been decided elsewhere, too."""
    if verdict.outcome is Outcome.WAIVED:
        return verdict
    if (own := verdict.decision) is not None:
        made, verdict = (*made, *own.made), _of_the_machine(verdict, own)
    decision = _joined(made)
    why = Reason.of(
        "decided",
        by="、".join(one.by for one in decision.made),
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


def _joined(made: Sequence[Decision]) -> Decision:
    """Who decides last has the last word; with it stand those of others who decided alike."""
    by_person = {person(one.by): one for one in sorted(made, key=lambda one: one.at)}
    *others, last = sorted(by_person.values(), key=lambda one: one.at)
    also = (one.made[-1] for one in others if one.outcome is last.outcome)
    return last.model_copy(update={"also": tuple(also)})


def _of_the_machine(verdict: Verdict, decision: Decision) -> Verdict:
    """The verdict as it was before it was decided."""
    why, outcome = verdict.why.because or verdict.why, decision.machine or verdict.outcome
    return verdict.model_copy(update={"why": why, "outcome": outcome, "decision": None})


def unconfirmed(reports: Iterable[UnitReport], persons: int = 1) -> list[UnitReport]:
    """The units of which not so many different persons have confirmed any one fail."""
    return [
        report
        for report in reports
        if report.outcome is Outcome.FAIL
        and not any(is_confirmed(verdict, persons) for verdict in report.verdicts)
    ]


def is_confirmed(verdict: Verdict, persons: int = 1) -> bool:
    """Whether so many different persons say that it fails what it must do."""
    return (
        verdict.level == "must"
        and verdict.outcome is Outcome.FAIL
        and len(confirmed_by(verdict)) >= persons
    )


def confirmed_by(verdict: Verdict) -> tuple[str, ...]:
    """The names of the different persons who decided as it stands, the earliest first."""
    made = verdict.decision.made if verdict.decision else ()
    return tuple({person(one.by): one.by for one in made}.values())
