"""Parts of the screen by themselves."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ycaudit.model import Box
from ycaudit.observe.browser.painted import cut_out
from ycaudit.observe.browser.screens import Screen


def screen(at: tuple[float, float] = (0, 1000)) -> Screen:
    out = io.BytesIO()
    Image.new("RGB", (300, 200)).save(out, "PNG")
    return Screen(out.getvalue(), at, 1, None)


@pytest.mark.parametrize(
    ("box", "size", "at"),
    [
        ((100, 1050, 60, 60), (84, 84), (88, 1038)),
        ((-30, 1150, 60, 100), (42, 62), (0, 1138)),
        ((290, 900, 60, 120), (22, 32), (278, 1000)),
    ],
    ids=["within", "at the left and below", "at the right and above"],
)
def test_of_a_picture_what_the_screen_shows_is_cut_out_with_a_margin(
    box: Box, size: tuple[int, int], at: tuple[float, float]
) -> None:
    part = cut_out(screen(), box)
    assert part is not None
    assert Image.open(io.BytesIO(part.png)).size == size
    assert part.at == at


@pytest.mark.parametrize(
    "box", [(10, 1300, 50, 50), (10, 700, 50, 50), (400, 1050, 50, 50), (-90, 1050, 50, 50)]
)
def test_of_what_the_screen_does_not_show_nothing_is_cut_out(box: Box) -> None:
    assert cut_out(screen(), box) is None
