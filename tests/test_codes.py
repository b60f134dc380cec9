"""Codes: read in every form that web pages carry them in, and never invented."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from ycaudit import city
from ycaudit.observe import engines
from ycaudit.observe.codes import Effort, read_codes
from ycaudit.observe.raster import ImageTrouble, open_raster

PAYLOAD = "http://weixin.qq.com/r/Lx3fx5PEi870rdek90g9"
PAGES = Path(__file__).parents[2] / "shared" / "pages"


def picture(payload: str = PAYLOAD, *, scale: int = 4, border: int = 4) -> Image.Image:
    out = io.BytesIO()
    segno.make_qr(payload, error="m").save(out, kind="png", scale=scale, border=border)
    return Image.open(out).convert("RGB")


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def payloads(data: bytes, effort: Effort = Effort.STARE) -> list[str]:
    return [symbol.payload for symbol in read_codes(data, effort=effort).symbols]


def transparent(image: Image.Image, ink: int) -> Image.Image:
    """Modules in this grey on nothing."""
    layer = Image.new("RGBA", image.size, (ink, ink, ink, 0))
    layer.putalpha(image.convert("L").point(lambda level: 255 - level))
    return layer


FORMS = {
    "png": lambda: saved(picture()),
    "jpeg 40": lambda: saved(picture(), "JPEG", quality=40),
    "gif": lambda: saved(picture(), "GIF"),
    "webp": lambda: saved(picture(), "WEBP", quality=60),
    "avif": lambda: saved(picture(), "AVIF", quality=70),
    "bmp": lambda: saved(picture(), "BMP"),
    "cmyk": lambda: saved(picture().convert("CMYK"), "JPEG"),
    "one bit": lambda: saved(picture().convert("1")),
    "sixteen bit": lambda: saved(picture().convert("L").convert("I;16").point(lambda v: v * 257)),
    "palette": lambda: saved(picture().quantize(8)),
    "black on transparent": lambda: saved(transparent(picture(), 0)),
    "white on transparent": lambda: saved(transparent(picture(), 255)),
    "inverted": lambda: saved(picture().point(lambda level: 255 - level)),
    "no quiet zone": lambda: saved(picture(border=0)),
    "rotated": lambda: saved(picture(border=8).rotate(90)),
    "shrunk to 80 px": lambda: saved(picture().resize((80, 80), Image.Resampling.BICUBIC)),
    "blurred": lambda: saved(picture().filter(ImageFilter.GaussianBlur(1.6))),
    "animated": lambda: saved(
        Image.new("RGB", (148, 148), "white"),
        "GIF",
        save_all=True,
        append_images=[picture().resize((148, 148))],
    ),
    "svg": lambda: segno.make_qr(PAYLOAD).svg_data_uri().encode(),
}


@pytest.mark.parametrize("form", [name for name in FORMS if name != "svg"])
def test_a_code_is_read_in_every_form_of_the_web(form: str) -> None:
    assert payloads(FORMS[form]()) == [PAYLOAD]


def test_a_drawing_is_rasterised_and_read() -> None:
    out = io.BytesIO()
    segno.make_qr(PAYLOAD).save(out, kind="svg", scale=3)
    assert payloads(out.getvalue()) == [PAYLOAD]


def strip(*made: Image.Image) -> Image.Image:
    """Codes of about 80 px in one narrow picture, as cities hand them out."""
    sheet = Image.new("RGB", (87, 137 * len(made)), "white")
    for number, image in enumerate(made):
        sheet.paste(image.resize((80, 80), Image.Resampling.LANCZOS), (3, 137 * number + 10))
    return sheet


def test_all_codes_of_a_strip_are_read_at_their_places() -> None:
    made = [picture(f"http://app.test/{number}?from=qr") for number in range(4)]
    reading = read_codes(saved(strip(*made)))
    assert [s.payload for s in reading.symbols] == [
        f"http://app.test/{n}?from=qr" for n in range(4)
    ]
    for number, symbol in enumerate(reading.symbols):
        left, top = symbol.corners[0]
        assert abs(left - 10) < 12
        assert abs(top - (137 * number + 18)) < 12


def test_the_same_code_twice_is_two_symbols_and_one_found_twice_is_one() -> None:
    sheet = Image.new("RGB", (400, 180), "white")
    sheet.paste(picture(), (10, 10))
    sheet.paste(picture(), (220, 10))
    assert payloads(saved(sheet)) == [PAYLOAD, PAYLOAD]


def test_a_code_that_is_there_and_cannot_be_read_is_located() -> None:
    destroyed = (city.folder() / "destroyed-code" / "site" / "images" / "wx.png").read_bytes()
    reading = read_codes(destroyed, effort=Effort.STARE)
    assert reading.symbols == ()
    assert len(reading.located) == 1


@pytest.mark.parametrize("seed", range(20))
def test_no_code_is_read_or_located_where_there_is_none(seed: int) -> None:
    luck = random.Random(seed)
    image = Image.new("RGB", (160, 160), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(120):
        x, y, size = luck.randrange(160), luck.randrange(160), luck.randrange(2, 40)
        shade = tuple(luck.randrange(256) for _ in range(3))
        luck.choice((draw.rectangle, draw.ellipse))((x, y, x + size, y + size), fill=shade)
    reading = read_codes(saved(image), effort=Effort.STARE)
    assert reading.symbols == ()
    assert reading.located == ()


def test_chinese_payloads_are_text_in_either_encoding() -> None:
    for encoding in ("utf-8", "gb18030"):
        out = io.BytesIO()
        segno.make_qr("宜昌发布".encode(encoding)).save(out, kind="png", scale=5)
        assert payloads(out.getvalue()) == ["宜昌发布"]


def test_the_second_engine_alone_reads_chinese_too() -> None:
    if engines.engines()["zbar"] is None:
        pytest.skip("libzbar is not installed")
    grey = open_raster(saved(picture("https://例子.test/宜昌"))).grey
    (hit,) = list(engines.zbar(grey))
    assert hit.payload == "https://例子.test/宜昌"


def test_without_the_second_engine_the_first_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_zbar", lambda: None)
    assert payloads(saved(picture())) == [PAYLOAD]
    assert engines.engines()["zbar"] is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"<html>404</html>", "not_image"),
        (saved(Image.new("RGB", (20, 20))), "too_small"),
        (saved(Image.new("1", (8000, 8000))), "too_large"),
        (saved(picture(), "WEBP")[:400], "damaged"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><!ENTITY a "b"></svg>', "damaged"),
    ],
)
def test_what_is_no_picture_to_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ImageTrouble) as caught:
        read_codes(data)
    assert caught.value.why == why
    assert str(caught.value)


def test_a_picture_that_breaks_off_is_read_as_far_as_it_goes_and_says_so() -> None:
    whole = saved(picture(), "JPEG", quality=90)
    reading = read_codes(whole[: len(whole) * 2 // 3])
    assert reading.truncated
    assert reading.symbols == ()


def test_flat_pictures_cost_no_step() -> None:
    steps = read_codes(saved(Image.new("L", (300, 300), 200)), effort=Effort.STARE).steps
    assert [step.step for step in steps] == ["open", "on black", "frames"]  # which may be less flat


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_break_the_reader(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from([saved(picture(scale=2), kind) for kind in ("PNG", "GIF", "JPEG", "WEBP")])
    )
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=40))
    at = data.draw(st.integers(0, cut))
    mixed = whole[:at] + junk + whole[at:cut]
    try:
        reading = read_codes(mixed, effort=Effort.STARE)
    except ImageTrouble:
        return
    assert all(symbol.payload for symbol in reading.symbols)


@pytest.mark.skipif(not PAGES.is_dir(), reason="the saved pages are not beside the checkout")
def test_every_payload_of_the_saved_pages_is_read() -> None:
    expected = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))
    for name, page in expected.items():
        for payload, files in page["qr"].items():
            read = {p for file in files for p in payloads((PAGES / name / file).read_bytes())}
            assert payload in read, (name, files)
