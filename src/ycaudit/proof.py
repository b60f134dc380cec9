"""Draws what a verdict rests on: codes cut out with their corners, found things framed."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image as Pillow
from PIL import ImageDraw, UnidentifiedImageError

from ycaudit.evidence import EvidenceStore
from ycaudit.model import (
    Box,
    Evidence,
    Outcome,
    Page,
    QrCode,
    Sense,
    UnitReport,
    Verdict,
)

MARGIN = 12
MOST_SIDE = 480
_COLOUR = {Outcome.PASS: (0, 140, 60), Outcome.FAIL: (200, 0, 30)}
_OPEN = (200, 130, 0)


def prove(report: UnitReport, store: EvidenceStore) -> UnitReport:
    """The report with every piece of evidence pointing to its proof in the store."""
    codes = {
        (code.payload, code.where.url): code
        for sight in report.sights
        if isinstance(sight, Page)
        for code in sight.qr_codes
    }
    images = {
        e.of: e.file
        for sight in report.sights
        if isinstance(sight, Page)
        for e in sight.exhibits
        if e.kind == "image" and e.of
    }
    framed = _framed(report, store)
    verdicts = tuple(
        verdict.model_copy(
            update={
                "evidence": tuple(
                    _proven(e, report, store, codes, images, framed) for e in verdict.evidence
                ),
                "near": tuple(
                    _proven(e, report, store, codes, images, framed) for e in verdict.near
                ),
            }
        )
        for verdict in report.verdicts
    )
    return report.model_copy(update={"verdicts": verdicts})


def _proven(
    evidence: Evidence,
    report: UnitReport,
    store: EvidenceStore,
    codes: dict[tuple[str, str], QrCode],
    images: dict[str, str],
    framed: str | None,
) -> Evidence:
    proof = framed
    code = codes.get((evidence.value, evidence.where.url))
    if evidence.sense is Sense.QR_CODE and code is not None and code.sha256 in images:
        picture = crop((store.root / images[code.sha256]).read_bytes(), code)
        if picture is not None:
            proof = store.put("crop", picture, unit=report.target.id, url=code.src) or framed
    if proof is None:
        proof = _html(report)
    return evidence.model_copy(update={"proof": proof})


def _html(report: UnitReport) -> str | None:
    """The markup as received: what a link rests on where no browser looked."""
    exhibits = (e for s in report.sights if isinstance(s, Page) for e in s.exhibits)
    return next((e.file for e in exhibits if e.kind == "html"), None)


def crop(data: bytes, code: QrCode) -> bytes | None:
    """The code cut out of its image with its corners marked, as PNG; None for drawings."""
    try:
        with Pillow.open(io.BytesIO(data)) as image:
            picture = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    ground = Pillow.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    draw = ImageDraw.Draw(ground)
    xs, ys = [x for x, _ in code.corners], [y for _, y in code.corners]
    for x, y in code.corners:
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline=(220, 0, 60), width=2)
    box = (min(xs) - MARGIN, min(ys) - MARGIN, max(xs) + MARGIN, max(ys) + MARGIN)
    inside = (max(0, box[0]), max(0, box[1]), min(ground.width, box[2]), min(ground.height, box[3]))
    if inside[2] - inside[0] < 2 or inside[3] - inside[1] < 2:
        return None
    part = ground.crop(inside).convert("RGB")
    part.thumbnail((MOST_SIDE, MOST_SIDE))
    return _png(part)


def _framed(report: UnitReport, store: EvidenceStore) -> str | None:
    """The screenshot with what was found framed in the colour of its verdict."""
    shot = next(
        (
            e
            for s in report.sights
            if isinstance(s, Page)
            for e in s.exhibits
            if e.kind == "screenshot"
        ),
        None,
    )
    if shot is None:
        return None
    with Pillow.open(store.root / shot.file) as image:
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
