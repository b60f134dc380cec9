"""Decodes the PNG files of an evidence folder for reports that show them."""

from __future__ import annotations

import io

from PIL import Image

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
