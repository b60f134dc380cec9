"""Keeps the official picture of a pinned code beside the rules, for notices to show."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

from PIL import Image

from ycaudit.runs.evidence import write_whole

FOLDER = "codes"
MAX_SIDE = 1_200
MAX_PIXELS = 40_000_000
MAX_BYTES = 8 << 20


def keep_official_image(folder: Path, requirement: str, payload: str, data: bytes) -> Path | None:
    """Keep the picture that a payload was read from; None where its pixels cannot be had.

    Raises AuditError where it cannot be written.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            picture = image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):  # such as a drawing
        return None
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    out = io.BytesIO()
    picture.save(out, "PNG")
    path = _path(folder, requirement, payload)
    write_whole(path, out.getvalue())
    return path


def official_image(folder: Path, requirement: str, payload: str) -> bytes | None:
    """The PNG picture that was kept when this payload was pinned; None where there is none."""
    path = _path(folder, requirement, payload)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    return path.read_bytes()


def _path(folder: Path, requirement: str, payload: str) -> Path:
    """Named by the payload, too, so that no picture stands for another code."""
    safe = re.sub(r"[^\w-]", "_", requirement)[:60]
    digest = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return folder / FOLDER / f"{safe}-{digest}.png"
