"""Evidence files are decoded within limits, and broken ones are no pictures."""

from __future__ import annotations

import pytest

from support.workbooks import png
from ycaudit.report import pictures


def test_a_png_is_decoded_in_the_mode_that_is_asked_for() -> None:
    for mode in ("RGB", "RGBA"):
        image = pictures.decoded(png(30, 20), mode=mode)
        assert image is not None
        assert (image.mode, image.size) == (mode, (30, 20))


@pytest.mark.parametrize("data", [None, b"", b"no picture", png()[:60], b"GIF89a" + png()])
def test_anything_else_is_no_picture(data: bytes | None) -> None:
    assert pictures.decoded(data) is None


def test_the_limits_are_of_a_side_and_of_all_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pictures.decoded(png(30, 20), max_side=30) is not None
    assert pictures.decoded(png(31, 20), max_side=30) is None
    monkeypatch.setattr(pictures, "MAX_PIXELS", 599)
    assert pictures.decoded(png(30, 20)) is None
