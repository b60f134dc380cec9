"""Reads official pictures of codes, and keeps them beside the rules, for notices to show."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

from PIL import Image

from ycaudit.errors import AuditError
from ycaudit.observe.page_images import reason_of
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.reasons import Reason
from ycaudit.runs.evidence import write_whole

FOLDER = "codes"
MAX_SIDE = 1_200
MAX_PIXELS = 40_000_000
MAX_BYTES = 8 << 20


def payloads_in(data: bytes, name: str) -> tuple[str, ...]:
    """The payloads of the codes in a picture. Raises AuditError where none can be read."""
    try:
        reading = DecodeSandbox().read(data, effort=Effort.THOROUGH)
    except ImageTrouble as trouble:
        raise AuditError("{0}: {1}", name, reason_of(trouble)) from trouble
    if reading.truncated and not reading.symbols:
        raise AuditError("{0}", Reason.of("image_not_whole", src=name))
    if not reading.symbols:
        raise AuditError(
            "{0}: no code can be read in it; take a larger or sharper picture. The round codes of "
            "mini-programs are no QR codes and cannot be read: ask for the square one",
            name,
        )
    return tuple(symbol.payload for symbol in reading.symbols)


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
    file = official_file(folder, requirement, payload)
    return None if file is None else file.read_bytes()


def official_file(folder: Path, requirement: str, payload: str) -> Path | None:
    """The file of that picture."""
    path = _path(folder, requirement, payload)
    return path if path.is_file() and path.stat().st_size <= MAX_BYTES else None


def _path(folder: Path, requirement: str, payload: str) -> Path:
    """Named by the payload, too, so that no picture stands for another code."""
    safe = re.sub(r"[^\w-]", "_", requirement)[:60]
    digest = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return folder / FOLDER / f"{safe}-{digest}.png"
