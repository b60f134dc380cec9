"""Decodes the PNG files of an evidence folder for reports that show them."""

from __future__ import annotations

import io

from PIL import Image

from ycaudit.model import Page, Sense, UnitReport, Verdict

MAX_PIXELS = 40_000_000
"""More than the tallest screenshot that Chromium takes (16,384 pixels high)."""


def decoded(
    data: bytes | None, *, mode: str = "RGB", max_side: int | None = None
) -> Image.Image | None:
    """The pixels of a PNG file; None where it is none or larger than the limits.

    Callers encode the pixels anew, so that nothing else of a hostile file gets into a report.
    """
    try:
        with Image.open(io.BytesIO(data or b""), formats=["PNG"]) as image:
            too_large = image.width * image.height > MAX_PIXELS
            if too_large or (max_side is not None and max(image.size) > max_side):
                return None
            return image.convert(mode)
    except Exception:  # decoders raise anything on broken bytes, and a report must not fail for it
        return None


def screenshot_of(report: UnitReport) -> str | None:
    """The file of the screenshot with frames, else of the one without; None where there is none."""
    framed = (
        e.file
        for verdict in report.verdicts
        for e in (*verdict.evidence, *verdict.near)
        if e.sense is not Sense.QR_CODE and e.file and e.file.endswith(".png")
    )
    bare = (
        evidence_file.file
        for observation in report.observations
        if isinstance(observation, Page)
        for evidence_file in observation.evidence_files
        if evidence_file.kind == "screenshot"
    )
    return next(framed, None) or next(bare, None)


def pictures_of(report: UnitReport, verdict: Verdict) -> list[str]:
    """The files of what was found, of codes that nobody could read, and of the whole page."""
    spots = (
        spot.file
        for observation in report.observations
        if isinstance(observation, Page)
        for spot in observation.blind_spots
    )
    found = (item.file for item in (*verdict.evidence, *verdict.near))
    files = dict.fromkeys((*found, *spots, screenshot_of(report)))
    return [file for file in files if file and file.endswith(".png")]
