"""Official pictures of pinned codes: kept beside the rules, each for its payload alone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from ycaudit.auditing.pin_images import keep_official_image, official_image


def picture(kind: str, side: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("L", (side, side), 0).save(out, kind)
    return out.getvalue()


def test_a_picture_is_kept_for_its_payload_and_no_other(tmp_path: Path) -> None:
    path = keep_official_image(tmp_path, "../wechat", "right", picture("JPEG", 3_000))
    assert path is not None
    assert path.parent == tmp_path / "codes"
    data = official_image(tmp_path, "../wechat", "right")
    assert data is not None
    with Image.open(io.BytesIO(data)) as kept:
        assert (kept.format, kept.size) == ("PNG", (1_200, 1_200))
    assert official_image(tmp_path, "../wechat", "other") is None
    assert official_image(tmp_path, "weibo", "right") is None


@pytest.mark.parametrize("data", [b"", b"<svg/>", picture("PNG")[:40]])
def test_what_has_no_pixels_is_not_kept(tmp_path: Path, data: bytes) -> None:
    assert keep_official_image(tmp_path, "wechat", "right", data) is None
    assert list(tmp_path.iterdir()) == []
