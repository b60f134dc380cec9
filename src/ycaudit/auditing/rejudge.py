"""Judges what was seen by the rules and the list as they are now, without looking again."""

from __future__ import annotations

from collections.abc import Iterable

from ycaudit.model import Evidence, Page, Sense, Target, UnitReport, Verdict
from ycaudit.rules.judge import Unit
from ycaudit.url import without_credentials


def rejudged(report: UnitReport, unit: Unit) -> UnitReport:
    """The report as the unit is judged now; its evidence keeps the files that belong to it."""
    files = _Files(report)
    verdicts = tuple(map(files.of, unit.conclude(report.observations)))
    target = _as_listed(report.target, unit.target)
    update = {"target": target, "waivers": unit.waivers, "verdicts": verdicts}
    return report.model_copy(update=update)


def is_same_page(looked_at: Target, listed: Target) -> bool:
    """Whether the list still has the address that was looked at."""
    return looked_at.url in (listed.url, without_credentials(listed.url))


def _as_listed(looked_at: Target, listed: Target) -> Target:
    """The unit as the list has it now, at the address that was looked at.

    The address of the list may carry a password, which no report does.
    """
    figures = listed.figures or looked_at.figures
    return listed.model_copy(update={"url": looked_at.url, "figures": figures})


class _Files:
    """Which evidence file belongs to what, as it was when the page was looked at."""

    def __init__(self, report: UnitReport) -> None:
        known = list(_evidence_of(report.verdicts))
        self._own = {_key(one): one.file for one in known}
        pages = [seen for seen in report.observations if isinstance(seen, Page)]
        kept = {file.kind: file.file for page in pages for file in page.evidence_files}
        framed = next((one.file for one in known if _is_of_page(one)), None)
        self._page = framed or kept.get("screenshot") or kept.get("html")

    def of(self, verdict: Verdict) -> Verdict:
        """The verdict with the files of its evidence."""
        evidence, near = (tuple(map(self._with, some)) for some in (verdict.evidence, verdict.near))
        return verdict.model_copy(update={"evidence": evidence, "near": near})

    def _with(self, evidence: Evidence) -> Evidence:
        file = self._own.get(_key(evidence)) or self._page
        return evidence.model_copy(update={"file": file})


def _evidence_of(verdicts: Iterable[Verdict]) -> Iterable[Evidence]:
    return (one for verdict in verdicts for one in (*verdict.evidence, *verdict.near))


def _key(evidence: Evidence) -> tuple[str, str, str]:
    return evidence.sense, evidence.value, evidence.where.url


def _is_of_page(evidence: Evidence) -> bool:
    """Whether its file shows the page: of a code it may be the code alone."""
    return evidence.file is not None and evidence.sense is not Sense.QR_CODE
