"""Serves crops and screenshots of the evidence: as images, and nothing else."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ycaudit.desk.asked import Asked

_FOLDER = re.compile(r"[0-9a-f]{2}")
_FILE = re.compile(r"[0-9a-f]{64}\.png")
_PNG = b"\x89PNG\r\n\x1a\n"
HEADERS = {
    # Named by its content, so that it never changes.
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def show(asked: Asked) -> Response:
    """A picture of the evidence folder by its name, which is made of its content."""
    folder, file = asked.params["folder"], asked.params["file"]
    if not (_FOLDER.fullmatch(folder) and _FILE.fullmatch(file)):
        raise HTTPException(404)
    data = asked.desk.place.read_evidence(f"{folder}/{file}")
    if data is None or not data.startswith(_PNG):
        raise HTTPException(404)
    return Response(data, media_type="image/png", headers=HEADERS)
