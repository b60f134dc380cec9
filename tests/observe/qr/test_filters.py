"""Pictures changed for decoders and searches: cheap, and as good as done pixel by pixel."""

from __future__ import annotations

import numpy
import pytest
from PIL import Image, ImageFilter

from support.codes import picture
from ycaudit.observe.qr import filters


@pytest.mark.parametrize("reach", [1, 3, 8, 30])
@pytest.mark.parametrize("shape", [(148, 148), (301, 97), (30, 640)])
def test_surroundings_are_about_the_mean_of_what_is_near(
    reach: int, shape: tuple[int, int]
) -> None:
    grey = numpy.asarray(picture().convert("L").resize(shape[::-1]))
    exact = numpy.asarray(Image.fromarray(grey).filter(ImageFilter.BoxBlur(reach)))
    around = filters.surroundings(grey, reach)
    assert around.shape == grey.shape
    apart = numpy.abs(around.astype(int) - exact)
    assert apart.mean() < 12
    if reach < 8:
        assert apart.max() == 0


def test_the_darkest_and_the_mean_of_nine() -> None:
    grey = numpy.full((7, 7), 255, dtype=numpy.uint8)
    grey[3, 3] = 0
    assert (filters.minimum(grey) == 0).sum() == 9
    assert filters.box_blur(grey)[2:5, 2:5].tolist() == [[226] * 3] * 3


def test_small_pictures_alone_are_enlarged_to_see_small_modules() -> None:
    assert filters.legible(numpy.zeros((100, 200), dtype=numpy.uint8)).shape == (200, 400)
    large = numpy.zeros((400, 200), dtype=numpy.uint8)
    assert filters.legible(large) is large
