"""Links verdicts to evidence files: cut-out codes, and screenshots with frames around things."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from PIL import Image as Pillow
from PIL import ImageDraw

from ycaudit.model import (
    Box,
    Evidence,
    Observation,
    Outcome,
    Page,
    Pixels,
    Sense,
    UnitReport,
    Verdict,
)
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.runs.evidence import EvidenceStore

_COLOUR = {Outcome.PASS: (0, 140, 60), Outcome.FAIL: (200, 0, 30)}
_OPEN = (200, 130, 0)


def prove(report: UnitReport, store: EvidenceStore, sandbox: DecodeSandbox) -> UnitReport:
    """The report, each piece of evidence and each unreadable code with the path of its file."""
    files = _EvidenceFiles(report, store, sandbox)
    return report.model_copy(
        update={
            "observations": tuple(map(files.of_observation, report.observations)),
            "verdicts": tuple(map(files.of_verdict, report.verdicts)),
        }
    )


class _EvidenceFiles:
    """The evidence files of one unit, and those that are drawn from them."""

    def __init__(self, report: UnitReport, store: EvidenceStore, sandbox: DecodeSandbox) -> None:
        self._store = store
        self._sandbox = sandbox
        self._unit = report.target.id
        pages = [page for page in report.observations if isinstance(page, Page)]
        files = [file for page in pages for file in page.evidence_files]
        self._codes = {(c.payload, c.where.url): c for page in pages for c in page.qr_codes}
        self._images = {f.of: f.file for f in files if f.kind == "image" and f.of}
        shot = next((f.file for f in files if f.kind == "screenshot"), None)
        # Without a browser, the evidence of a link is the markup as received.
        markup = next((f.file for f in files if f.kind == "html"), None)
        self._page = (_framed(report, store, shot) if shot else None) or markup

    def of_verdict(self, verdict: Verdict) -> Verdict:
        """The verdict with the evidence file of each piece of evidence."""
        evidence = tuple(map(self._of_evidence, verdict.evidence))
        near = tuple(map(self._of_evidence, verdict.near))
        return verdict.model_copy(update={"evidence": evidence, "near": near})

    def of_observation(self, observation: Observation) -> Observation:
        """The observation, with a cut-out of every code that could not be read."""
        if not isinstance(observation, Page):
            return observation
        spots = tuple(
            spot.model_copy(update={"file": self._crop(spot.sha256, spot.corners, spot.where.url)})
            if spot.sha256
            else spot
            for spot in observation.blind_spots
        )
        return observation.model_copy(update={"blind_spots": spots})

    def _of_evidence(self, evidence: Evidence) -> Evidence:
        file = None
        if evidence.sense is Sense.QR_CODE:
            code = self._codes.get((evidence.value, evidence.where.url))
            file = self._crop(code.sha256, code.corners, code.src) if code else None
        return evidence.model_copy(update={"file": file or self._page})

    def _crop(self, sha256: str, corners: Sequence[Pixels], url: str) -> str | None:
        if sha256 not in self._images:
            return None
        image = (self._store.root / self._images[sha256]).read_bytes()
        picture = self._sandbox.crop(image, corners)
        return self._store.put("crop", picture, unit=self._unit, url=url) if picture else None


def _framed(report: UnitReport, store: EvidenceStore, shot: str) -> str | None:
    """Save the screenshot with a frame around each thing, in the colour of its verdict."""
    with Pillow.open(store.root / shot) as image:
        picture = image.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for box, colour in _boxes(report.verdicts):
        x, y, wide, high = box
        if wide > 0 and high > 0:
            draw.rectangle((x - 3, y - 3, x + wide + 3, y + high + 3), outline=colour, width=3)
    return store.put("framed", _png(picture), unit=report.target.id, url=report.target.url)


def _boxes(verdicts: Iterable[Verdict]) -> Iterable[tuple[Box, tuple[int, int, int]]]:
    for verdict in verdicts:
        for evidence in (*verdict.evidence, *verdict.near):
            if evidence.where.box is not None:
                yield evidence.where.box, _COLOUR.get(verdict.outcome, _OPEN)


def _png(picture: Pillow.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=False)
    return out.getvalue()
