"""Drawn QR codes."""

from __future__ import annotations

import io

import segno
from PIL import Image

PAYLOAD = "http://weixin.qq.com/r/Lx3fx5PEi870rdek90g9"


def picture(payload: str = PAYLOAD, *, scale: int = 4, border: int = 4) -> Image.Image:
    out = io.BytesIO()
    segno.make_qr(payload, error="m").save(out, kind="png", scale=scale, border=border)
    return Image.open(out).convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
