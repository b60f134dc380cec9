"""Codes: read in every form that web pages carry them in, and never invented."""

from __future__ import annotations

import hashlib
import io
import json
import random
from concurrent.futures import ThreadPoolExecutor
from math import cos, pi, sin
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from support.codes import PAYLOAD, picture, saved
from ycaudit.auditing import demo_city
from ycaudit.observe.qr import decoders, raster
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble, open_raster
from ycaudit.observe.qr.reading import ROUND, UNREAD, Effort
from ycaudit.observe.qr.steps import STEPS
from ycaudit.reason_table import REASONS

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

PAGES = Path(__file__).parents[4] / "shared" / "pages"


def payloads(data: bytes, effort: Effort = Effort.THOROUGH) -> list[str]:
    return [symbol.payload for symbol in read_codes(data, effort=effort).symbols]


def seen(data: bytes) -> Grey:
    """A picture as everybody sees it first, in grey."""
    return next(open_raster(data).views()).grey


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
}


@pytest.mark.parametrize("form", FORMS)
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
    destroyed = (demo_city.folder() / "destroyed-code" / "site" / "images" / "wx.png").read_bytes()
    reading = read_codes(destroyed, effort=Effort.THOROUGH)
    assert reading.symbols == ()
    assert [place.why for place in reading.located] == [UNREAD]


@pytest.mark.parametrize("seed", range(20))
def test_no_code_is_read_or_located_where_there_is_none(seed: int) -> None:
    luck = random.Random(seed)
    image = Image.new("RGB", (160, 160), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(120):
        x, y, size = luck.randrange(160), luck.randrange(160), luck.randrange(2, 40)
        shade = tuple(luck.randrange(256) for _ in range(3))
        luck.choice((draw.rectangle, draw.ellipse))((x, y, x + size, y + size), fill=shade)
    reading = read_codes(saved(image), effort=Effort.THOROUGH)
    assert reading.symbols == ()
    assert reading.located == ()


def test_chinese_payloads_are_text_in_either_encoding() -> None:
    for encoding in ("utf-8", "gb18030"):
        out = io.BytesIO()
        segno.make_qr("宜昌发布".encode(encoding)).save(out, kind="png", scale=5)
        assert payloads(out.getvalue()) == ["宜昌发布"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("联系人朱镕堃", "gb18030"), ("王𠮷的公众号", "gb18030"), ("市民中心服務電話", "big5")],
)
def test_chinese_beyond_gb_2312_is_text(text: str, encoding: str) -> None:
    out = io.BytesIO()
    segno.make_qr(text.encode(encoding)).save(out, kind="png", scale=5)
    assert payloads(out.getvalue(), Effort.FAST) == [text]


def test_micro_codes_are_not_read() -> None:
    out = io.BytesIO()
    segno.make_micro("12345").save(out, kind="png", scale=8)
    assert payloads(out.getvalue()) == []


def deep(levels: int) -> bytes:
    """A code in 16 bits of which only so many levels are used."""
    grey = picture().convert("L").convert("I;16").point(lambda v: v * (levels // 255))
    return saved(grey)


@pytest.mark.parametrize("levels", [1023, 4095, 65535])
def test_few_bits_in_sixteen_are_read(levels: int) -> None:
    assert payloads(deep(levels), Effort.FAST) == [PAYLOAD]


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
JXL = b"\xff\x0a\x80\x94\x01\x0c"


@pytest.mark.parametrize(("data", "why"), [(HEIC, "image_shown_by_few"), (JXL, "image_needs_jxl")])
def test_formats_that_few_can_open_are_told_by_name(
    data: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster, "_formats", lambda: tuple(raster._FORMATS))
    with pytest.raises(ImageTrouble) as caught:
        read_codes(data)
    assert caught.value.code == why
    assert REASONS[why]


def test_jpeg_xl_is_read_with_its_extra() -> None:
    pytest.importorskip("pillow_jxl", reason="the extra `jxl` is not installed")
    assert payloads(saved(picture(), "JXL"), Effort.FAST) == [PAYLOAD]


def test_a_tiff_of_fractions_is_read() -> None:
    fractions = picture().convert("L").convert("F").point(lambda v: v * (1 / 255) + 0)
    assert payloads(saved(fractions, "TIFF"), Effort.FAST) == [PAYLOAD]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Grüße aus Köln", {"encoding": "iso-8859-1", "mode": "byte"}),
        ("点検 茗荷", {"mode": "kanji"}),
        ("宜昌 http://a.test/发布", {"encoding": "gb2312", "mode": "byte"}),
        ("Ångström 宜昌", {"encoding": "utf-8"}),
    ],
)
def test_payloads_of_other_languages_are_text_too(text: str, options: dict[str, str]) -> None:
    out = io.BytesIO()
    plain = text.replace(" ", "") if options.get("mode") == "kanji" else text
    segno.make_qr(plain, **options).save(out, kind="png", scale=5)
    assert payloads(out.getvalue()) == [plain]


def test_the_second_engine_alone_reads_chinese_too() -> None:
    if decoders.engines()["zbar"] is None:
        pytest.skip("libzbar is not installed")
    grey = seen(saved(picture("https://例子.test/宜昌")))
    (hit,) = list(decoders.zbar(grey))
    assert hit.payload == "https://例子.test/宜昌"


def test_without_the_second_engine_the_first_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "_zbar", lambda: None)
    assert payloads(saved(picture())) == [PAYLOAD]
    assert decoders.engines()["zbar"] is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "image_empty"),
        (b"<html>404</html>", "image_unknown_format"),
        (saved(Image.new("RGB", (20, 20))), "image_too_small"),
        (saved(Image.new("1", (8000, 8000))), "image_too_large"),
        (saved(picture(), "WEBP")[:400], "image_damaged"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', "image_damaged"),
    ],
)
def test_what_is_no_picture_to_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(ImageTrouble) as caught:
        read_codes(data)
    assert caught.value.code == why
    assert caught.value.code in REASONS


def test_a_picture_that_breaks_off_is_read_as_far_as_it_goes_and_says_so() -> None:
    whole = saved(picture(), "JPEG", quality=90)
    reading = read_codes(whole[: len(whole) * 2 // 3])
    assert reading.truncated
    assert reading.symbols == ()


def test_flat_pictures_cost_no_step() -> None:
    steps = read_codes(saved(Image.new("L", (300, 300), 200)), effort=Effort.THOROUGH).steps
    assert [step.step for step in steps] == ["open"]


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
        reading = read_codes(mixed, effort=Effort.THOROUGH)
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


# --- what is there without being read ---


def scribbled(seed: int, side: int = 200) -> Image.Image:
    """A code of the weakest level, so covered that nobody can read it."""
    luck = random.Random(seed)
    out = io.BytesIO()
    segno.make_qr(f"{PAYLOAD}{seed}", error="l", boost_error=False).save(out, kind="png", scale=8)
    image = Image.open(out).convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = (luck.randrange(side * 3 // 10, side * 8 // 10) for _ in range(2))
        draw.rectangle((x, y, x + side // 6, y + side // 6), fill=(luck.randrange(256),) * 3)
    return image


def sun_code(side: int) -> Image.Image:
    """Like the code of a mini-program: rays of dots around a mark, and three round eyes."""
    luck = random.Random(7)
    image = Image.new("RGB", (860, 860), "white")
    draw = ImageDraw.Draw(image)
    for ray in range(72):
        for ring in range(14):
            if luck.random() < 0.5:
                x, y = (430 + (190 + 16 * ring) * f(ray / 72 * 2 * pi) for f in (cos, sin))
                draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill="black")
    draw.ellipse((270, 270, 590, 590), fill=(40, 160, 90))
    for x, y in ((160, 160), (700, 160), (160, 700)):
        for radius, colour in ((70, "white"), (60, "black"), (43, "white"), (26, "black")):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image.resize((side, side), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("seed", range(8))
def test_a_covered_code_is_located_at_its_place(seed: int) -> None:
    sheet = Image.new("RGB", (500, 300), "white")
    sheet.paste(scribbled(seed), (270, 60))
    (located,) = read_codes(saved(sheet), effort=Effort.THOROUGH).located
    xs, ys = [x for x, _ in located.corners], [y for _, y in located.corners]
    assert 270 < min(xs) < 320
    assert 420 < max(xs) < 470
    assert 60 < min(ys) < 110
    assert 210 < max(ys) < 260


@pytest.mark.parametrize("side", [150, 258, 430])
def test_the_code_of_a_mini_program_is_unreadable_and_not_absent(side: int) -> None:
    reading = read_codes(saved(sun_code(side)), effort=Effort.THOROUGH)
    assert reading.symbols == ()
    assert [place.why for place in reading.located] == [ROUND]


@pytest.mark.parametrize("pitch", [1.0, 1.1, 1.2, 1.3])
def test_a_code_too_small_to_read_is_read_or_located(pitch: float) -> None:
    made = picture(border=2, scale=10)
    small = made.resize((round(made.width / 10 * pitch),) * 2, Image.Resampling.BILINEAR)
    reading = read_codes(saved(small), effort=Effort.THOROUGH)
    assert len(reading.symbols) + len(reading.located) == 1


@pytest.mark.parametrize(("radius", "inverted"), [(2.5, False), (3.0, False), (2.5, True)])
def test_a_blurred_code_whose_patterns_the_eye_sees_is_located(
    radius: float, inverted: bool
) -> None:
    out = io.BytesIO()
    segno.make("https://a.app.qq.com/o/simple.jsp?pkgname=com.abcd", error="m").save(
        out, kind="png", border=4, scale=10
    )
    with Image.open(io.BytesIO(out.getvalue())) as image:
        code = image.convert("L").resize((150, 150), Image.Resampling.LANCZOS)
    blurred = code.filter(ImageFilter.GaussianBlur(radius))
    page = Image.new("L", (600, 400), 255)
    page.paste(blurred, (200, 100))
    shown = page.point(lambda v: 255 - v) if inverted else page
    reading = read_codes(saved(shown), effort=Effort.THOROUGH)
    assert not reading.symbols
    assert [place.why for place in reading.located] == ["modules_blurred"]
    (x, y), *_ = reading.located[0].corners
    assert abs(x - 216) < 12
    assert abs(y - 116) < 12


def test_beside_a_code_that_was_read_another_is_located() -> None:
    sheet = Image.new("RGB", (520, 230), "white")
    sheet.paste(picture(), (20, 20))
    sheet.paste(scribbled(3), (290, 15))
    reading = read_codes(saved(sheet), effort=Effort.THOROUGH)
    assert [symbol.payload for symbol in reading.symbols] == [PAYLOAD]
    assert len(reading.located) == 1
    assert min(x for x, _ in reading.located[0].corners) > 280


def test_two_eyes_three_in_a_row_and_a_page_of_text_are_no_code() -> None:
    pattern = picture(scale=10, border=0).crop((0, 0, 70, 70))
    for places in (
        ((0, 0), (220, 0)),
        ((0, 0), (110, 0), (220, 0)),
        ((0, 0), (150, 60), (40, 220)),
    ):
        sheet = Image.new("RGB", (330, 330), "white")
        for x, y in places:
            sheet.paste(pattern, (20 + x, 20 + y))
        assert read_codes(saved(sheet), effort=Effort.THOROUGH).located == ()


def thin_cross(module: int) -> Image.Image:
    """What a level and an upright line through its middle take for an eye."""
    image = Image.new("RGB", (7 * module, 7 * module), "white")
    draw = ImageDraw.Draw(image)
    middle = 3 * module
    for start, length in ((0, 1), (2, 3), (6, 1)):
        along = (start * module, (start + length) * module - 1)
        across = (middle, middle + module - 1)
        draw.rectangle((along[0], across[0], along[1], across[1]), fill="black")
        draw.rectangle((across[0], along[0], across[1], along[1]), fill="black")
    return image


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        (thin_cross(10), ((0, 0), (220, 0), (0, 220))),  # a right angle of what are no eyes
        (picture(scale=10, border=0).crop((0, 0, 70, 70)), ((0, 0), (220, 0), (57, 213))),
    ],
    ids=["crosses", "no right angle"],
)
def test_three_marks_around_a_texture_are_not_always_a_code(
    pattern: Image.Image, places: tuple[tuple[int, int], ...]
) -> None:
    luck = random.Random(3)
    sheet = Image.new("RGB", (330, 330), "white")
    sheet.paste(Image.frombytes("L", (9, 9), luck.randbytes(81)).resize((110, 110)), (120, 110))
    for x, y in places:
        sheet.paste(pattern, (20 + x, 20 + y))
    assert read_codes(saved(sheet), effort=Effort.THOROUGH).located == ()


def test_where_there_is_room_for_another_code_a_smaller_one_is_looked_for() -> None:
    sheet = Image.new("RGB", (420, 220), "white")
    sheet.paste(picture(), (20, 20))
    made = picture("http://weixin.qq.com/r/SMALL", border=2, scale=10)
    small = made.resize((round(made.width / 10 * 1.1),) * 2, Image.Resampling.BILINEAR)
    sheet.paste(small, (300, 80))
    assert len(payloads(saved(sheet), Effort.FAST)) == 1
    assert len(payloads(saved(sheet), Effort.NORMAL)) == 2


# --- a code that was drawn is read or doubted ---

OTHER = "http://qr.weibo.cn/g/2bCdEf"


def banner(*shown: Image.Image, side: int = 180) -> list[Image.Image]:
    """Frames of one size."""
    frames = []
    for image in shown:
        frame = Image.new("RGB", (2 * side, side), "white")
        frame.paste(image.resize((side - 20, side - 20)), (10, 10))
        frames.append(frame)
    return frames


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_every_frame_of_a_rotating_banner_is_read(kind: str) -> None:
    first, second = banner(picture(), picture(OTHER))
    data = saved(first, kind, save_all=True, append_images=[second], duration=500)
    for effort in Effort:
        assert sorted(payloads(data, effort)) == [OTHER, PAYLOAD]


def test_a_code_that_nobody_reads_in_a_later_frame_is_located() -> None:
    frames = banner(picture(), scribbled(3), picture())
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=500)
    reading = read_codes(data, effort=Effort.THOROUGH)
    assert [symbol.payload for symbol in reading.symbols] == [PAYLOAD]
    assert len(reading.located) == 1


def test_a_frame_that_shows_what_was_shown_costs_nothing() -> None:
    """Only the blinking corner of the picture differs, and its codes are known."""
    (first,) = banner(picture())
    second = first.copy()
    second.putpixel((359, 0), (254, 254, 254))
    data = saved(first, "PNG", save_all=True, append_images=[second], duration=500)
    assert not [step for step in steps_of(data, Effort.THOROUGH) if "frame 2" in step]


def test_light_modules_on_transparency_are_read_beside_dark_ones() -> None:
    sheet = Image.new("RGBA", (360, 170), (255, 255, 255, 0))
    sheet.paste(transparent(picture(), 0), (10, 10))
    sheet.paste(transparent(picture(OTHER), 255), (190, 10))
    for effort in Effort:
        assert sorted(payloads(saved(sheet), effort)) == [OTHER, PAYLOAD]


def test_a_white_drawing_on_nothing_is_read() -> None:
    out = io.BytesIO()
    segno.make_qr(PAYLOAD).save(out, kind="svg", scale=3, dark="#fff", light=None)
    assert payloads(out.getvalue(), Effort.FAST) == [PAYLOAD]


def test_all_codes_of_a_wall_are_read_or_located() -> None:
    made = [f"http://weixin.qq.com/r/{number:020}" for number in range(16)]
    wall = Image.new("RGB", (4 * 100, 4 * 100), "white")
    for number, text in enumerate(made):
        code = picture(text, border=1).resize((96, 96), Image.Resampling.LANCZOS)
        wall.paste(code, (100 * (number % 4) + 2, 100 * (number // 4) + 2))
    wall.paste(Image.new("RGB", (40, 40), "white"), (230, 230))  # one is damaged
    reading = read_codes(saved(wall), effort=Effort.THOROUGH)
    assert len(reading.symbols) + len(reading.located) == 16
    assert len(reading.symbols) >= 15


def test_a_code_without_any_pattern_to_see_is_suspected_beside_others_of_its_size() -> None:
    sheet = Image.new("RGB", (520, 180), "white")
    for number, image in enumerate((picture(), picture(OTHER))):
        sheet.paste(image.resize((150, 150)), (10 + 170 * number, 10))
    blurred = picture("http://weixin.qq.com/r/BLURRED").filter(ImageFilter.GaussianBlur(2.2))
    sheet.paste(blurred.resize((150, 150)), (350, 10))
    reading = read_codes(saved(sheet), effort=Effort.THOROUGH)
    assert len(reading.symbols) + len(reading.located) == 3


# --- the steps pay their price ---


def steps_of(data: bytes, effort: Effort) -> list[str]:
    return [cost.step for cost in read_codes(data, effort=effort).steps]


def test_a_code_that_fills_its_picture_costs_one_step_however_hard_the_look() -> None:
    for effort in Effort:
        assert steps_of(saved(picture()), effort) == ["open", "native"]


def test_a_glance_at_nothing_costs_the_cheap_steps() -> None:
    luck = random.Random(1)
    noise = Image.frombytes("L", (90, 90), luck.randbytes(8100))
    assert steps_of(saved(noise), Effort.FAST) == ["open", "native"]
    assert "zbar" in steps_of(saved(noise), Effort.NORMAL)
    assert "located" in steps_of(saved(noise), Effort.THOROUGH)


def test_dear_steps_leave_large_pictures_alone() -> None:
    luck = random.Random(1)
    noise = Image.frombytes("L", (900, 900), luck.randbytes(810_000))
    assert "enlarged 3" not in steps_of(saved(noise), Effort.THOROUGH)


def test_what_was_done_to_a_picture_is_not_done_again() -> None:
    luck = random.Random(1)
    for side in (190, 300, 500):
        noise = Image.frombytes("L", (side, side), luck.randbytes(side * side))
        enlarged = [step for step in steps_of(saved(noise), Effort.THOROUGH) if "enlarged" in step]
        assert len(enlarged) == len({step.removesuffix(", all") for step in enlarged})


def test_beside_codes_that_were_read_steps_are_taken_for_what_is_suspected_only() -> None:
    sheet = Image.new("RGB", (600, 400), "white")
    sheet.paste(picture(), (20, 20))
    alone = ["open", "native", "located", "enlarged 2"]
    assert steps_of(saved(sheet), Effort.THOROUGH) == alone
    sheet.paste(picture(OTHER).filter(ImageFilter.GaussianBlur(2.6)), (320, 100))
    assert "zbar" in steps_of(saved(sheet), Effort.THOROUGH)


def test_a_place_that_is_nearly_the_picture_is_not_looked_at_twice() -> None:
    code = picture(scale=6)
    ImageDraw.Draw(code).rectangle((84, 84, 170, 170), fill="black")
    steps = steps_of(saved(code), Effort.THOROUGH)
    assert read_codes(saved(code), effort=Effort.THOROUGH).located
    assert len(steps) == len(set(steps))
    beside = Image.new("RGB", (900, 600), "white")
    beside.paste(code, (40, 40))
    assert steps_of(saved(beside), Effort.THOROUGH).count("native") == 2


def test_every_step_says_why_it_is_there() -> None:
    assert all(step.why for step in STEPS)
    assert len({step.name for step in STEPS}) == len(STEPS)


def test_a_code_on_dark_ground_without_quiet_zone_is_read_by_the_second_engine() -> None:
    sheet = Image.new("RGB", (260, 260), (20, 20, 40))
    sheet.paste(picture(scale=5, border=0), (40, 40))
    (symbol,) = read_codes(saved(sheet), effort=Effort.NORMAL).symbols
    assert symbol.payload == PAYLOAD
    assert symbol.step.startswith("zbar")


def test_a_small_code_of_a_halved_photograph_is_read_at_full_size() -> None:
    luck = random.Random(5)
    photo = Image.new("L", (3200, 2400))
    photo.paste(
        Image.frombytes("L", (160, 120), luck.randbytes(19_200)).resize((3200, 2400)), (0, 0)
    )
    photo.paste(
        picture(scale=10).resize((78, 78), Image.Resampling.BILINEAR).convert("L"), (900, 700)
    )
    found = read_codes(saved(photo.convert("RGB"), "JPEG", quality=95), effort=Effort.THOROUGH)
    assert [symbol.payload for symbol in found.symbols] == [PAYLOAD]
    x, y = found.symbols[0].corners[0]
    assert abs(x - 908) < 12
    assert abs(y - 708) < 12


# --- the neural decoder, where it is installed ---

needs_vision = pytest.mark.skipif(not decoders.has_neural(), reason=str(decoders.why_no_neural()))


def hard(seed: int) -> Image.Image:
    """A code in a photograph, without quiet zone, which only the neural decoder reads."""
    luck = random.Random(seed)
    photo = Image.frombytes("L", (44, 25), luck.randbytes(1100)).resize((700, 400))
    small = picture(scale=10, border=0).resize((90, 90), Image.Resampling.BILINEAR)
    photo.paste(small.convert("L"), (250 + 20 * seed, 120))
    return photo


@needs_vision
def test_the_neural_decoder_reads_what_the_others_miss_at_its_place() -> None:
    gained = 0
    for seed in range(6):
        hits = list(decoders.neural(seen(saved(hard(seed)))))
        assert [hit.payload for hit in hits] in ([PAYLOAD], [])
        for hit in hits:
            gained += 1
            x, y = hit.corners[0]
            assert abs(x - (250 + 20 * seed)) < 12
            assert abs(y - 120) < 12
    assert gained >= 4


@needs_vision
def test_the_neural_decoder_is_asked_where_finder_patterns_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not decoders.has_neural():
        pytest.skip("the extra `vision` is not installed")
    grey = seen(saved(picture(scale=6)))
    asked: list[Grey] = []
    monkeypatch.setattr(decoders, "_sure_places", lambda *_: [(0, 0, *grey.shape[::-1])])
    monkeypatch.setattr(
        decoders, "_detect_and_decode", lambda _, part, __: asked.append(part) or ()
    )
    list(decoders.neural(grey))
    assert len(asked) == 1
    cells = Image.frombytes("L", (40, 40), bytes(255 * ((i // 40 + i) % 2) for i in range(1600)))
    list(decoders.neural(seen(saved(cells.resize(grey.shape[::-1], Image.Resampling.NEAREST)))))
    assert len(asked) == 1


def test_the_neural_decoder_finds_nothing_where_nothing_is() -> None:
    luck = random.Random(1)
    for _ in range(4):
        noise = Image.frombytes("L", (160, 160), luck.randbytes(25_600))
        assert list(decoders.neural(seen(saved(noise)))) == []


@needs_vision
def test_threads_have_networks_of_their_own() -> None:
    grey = seen(saved(picture()))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: [h.payload for h in decoders.neural(grey)], range(16)))
    assert found == [[PAYLOAD]] * 16


def test_the_models_are_those_that_their_notice_speaks_of() -> None:
    """By the digests that opencv_zoo's pointers to its large files state, and its own prototxts."""
    digests = {
        "detect.prototxt": "e8acfc395caf443a47f15686a9b9207b36cb8f7e6ceb8fbaf6466665e68a9466",
        "detect.caffemodel": "cc49b8c9babaf45f3037610fe499df38c8819ebda29e90ca9f2e33270f6ef809",
        "sr.prototxt": "8ae41acba97e8b4a8e741ee350481e49b8e01d787193f470a4c95ee1c02d5b61",
        "sr.caffemodel": "e5d36889d8e6ef2f1c1f515f807cec03979320ac81792cd8fb927c31fd658ae3",
    }
    notice = (decoders.MODELS / "NOTICE").read_text(encoding="utf-8")
    assert tuple(digests) == decoders.MODEL_FILES
    for name, digest in digests.items():
        assert hashlib.sha256((decoders.MODELS / name).read_bytes()).hexdigest() == digest
        assert name in notice


def test_what_looks_otherwise_by_its_ground_or_the_moment_says_so() -> None:
    out = {name: io.BytesIO() for name in ("plain", "through", "moving")}
    segno.make_qr(PAYLOAD).save(out["plain"], kind="png", scale=5)
    segno.make_qr(PAYLOAD).save(out["through"], kind="png", scale=5, light=None)
    opaque = Image.open(out["plain"]).convert("RGBA")
    opaque.save(out["moving"], "GIF", save_all=True, append_images=[Image.new("RGBA", opaque.size)])
    layered = io.BytesIO()
    opaque.save(layered, "PNG")
    varies = {name: read_codes(data.getvalue()).varies for name, data in out.items()}
    assert varies == {"plain": False, "through": True, "moving": True}
    assert not read_codes(layered.getvalue()).varies
