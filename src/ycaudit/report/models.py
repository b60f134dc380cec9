"""What a unit may copy to meet a requirement: the official link or code, else what others show."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from ycaudit.model import Evidence, Outcome, ScanRun, Sense, UnitReport, Verdict
from ycaudit.report.office_text import plain
from ycaudit.report.rows import rows
from ycaudit.url import parse_web_url

_MAX_ADDRESS = 300
_MAX_PAYLOAD = 1_000
"""Characters; more makes a code that a printed page does not show well."""


@dataclass(frozen=True, slots=True)
class Model:
    """An address, or the payload of a code with the official picture where it is at hand."""

    value: str
    is_code: bool
    picture: bytes | None = None
    """A PNG file."""

    def markup(self, name: str) -> str:
        """The link as a line of HTML, to be copied into a page."""
        return f'<a href="{escape(self.value)}">{escape(name)}</a>'


@dataclass(frozen=True, slots=True)
class Words:
    """Words that a page must show."""

    value: str
    is_own: bool
    """Whether each unit has its own, of which this is an example."""


class Models:
    """By requirement: what the rules name as official, else what the passing units have."""

    def __init__(self, run: ScanRun, official: Mapping[str, Model]) -> None:
        self._official = official
        self._seen: dict[tuple[str, bool], Counter[str]] = {}
        for row in rows(run):
            if row.verdict.outcome is Outcome.PASS and row.verdict.expect == "present":
                for evidence in row.verdict.evidence:
                    if _serves(evidence, row.report):
                        key = (row.verdict.requirement, evidence.sense is Sense.QR_CODE)
                        self._seen.setdefault(key, Counter()).update([evidence.value])

    def of(self, verdict: Verdict) -> Model | None:
        """The official one, else the most common, then the shortest; None where nobody has one."""
        if official := self._official.get(verdict.requirement):
            return official
        for is_code in (False, True):
            counts = self._seen.get((verdict.requirement, is_code), Counter[str]())
            best = min(counts, key=lambda v: (-counts[v], len(v), v), default=None)
            if best is not None:
                return Model(best, is_code)
        return None


def _serves(evidence: Evidence, report: UnitReport) -> bool:
    """Whether others can copy it: shown, plain, and no address on the unit's own site."""
    value = evidence.value
    found, own = parse_web_url(value), parse_web_url(report.target.url)
    is_code = evidence.sense is Sense.QR_CODE
    return (
        evidence.sense in (Sense.LINK, Sense.QR_CODE)
        and evidence.visible.counts
        and plain(value, _MAX_PAYLOAD if is_code else _MAX_ADDRESS) == value
        and (found is not None or is_code)
        and (found is None or own is None or found.host != own.host)
    )


def drawn(payload: str) -> bytes:
    """A QR code of the payload, as a PNG file with its quiet zone."""
    import segno

    out = io.BytesIO()
    segno.make_qr(payload, error="m").save(out, kind="png", scale=8, border=4)
    return out.getvalue()
