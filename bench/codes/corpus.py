"""A seeded corpus of web-like images: codes as homepages show them, and pictures without any.

Every sample depends on the seed, its stratum and its number alone, so a longer run repeats a
shorter one. Nothing here knows how the cascade reads.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy
import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Random = numpy.random.Generator
WHITE, BLACK, CLEAR = (255, 255, 255, 255), (0, 0, 0, 255), (255, 255, 255, 0)
FONTS = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "DejaVuSans.ttf")
WORDS = "关注官方微信微博客户端扫一扫下载云上江城发布政务新媒体矩阵通知公告领导之窗信息公开"
RESAMPLES = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
)
SMOOTH = RESAMPLES[1:]


@dataclass(frozen=True, slots=True)
class Sample:
    """One image file; `payloads` is what a phone would read in it, `side` its smallest code."""

    stratum: str
    number: int
    data: bytes
    payloads: tuple[str, ...]
    side: float = 0.0


# --- payloads and symbols ------------------------------------------------------------------------

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


def _word(rng: Random, length: int) -> str:
    return "".join(_LETTERS[i] for i in rng.integers(0, len(_LETTERS), length))


def payload(rng: Random) -> str:
    """What real codes of such pages say, with made-up accounts."""
    uid = str(rng.integers(10**9, 10**10))
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"http://weixin.qq.com/r/{_word(rng, 20)}",
        lambda: f"http://weixin.qq.com/r/{_word(rng, 20)}",
        lambda: f"http://weixin.qq.com/q/{_word(rng, 20)}",
        lambda: f"http://qr.weibo.cn/g/{_word(rng, 6)}",
        lambda: f"https://weibo.cn/qr/userinfo?uid={uid}",
        lambda: f"http://weibo.com/u/{uid}?is_all=1&from=qr",
        lambda: f"https://a.app.qq.com/o/simple.jsp?pkgname=com.{_word(rng, 8).lower()}.app",
        lambda: f"http://app.{_word(rng, 6).lower()}.gov.test/download/index.html?v={uid}&s=qr",
        lambda: f"http://{rng.integers(11, 200)}.{rng.integers(256)}.1.9:8080/d/{_word(rng, 4)}",
        lambda: f"http://www.{_word(rng, 7).lower()}.test/",
    )
    return forms[rng.integers(len(forms))]()


@dataclass(frozen=True, slots=True)
class Look:
    """How a symbol is drawn."""

    module: str = "square"
    dark: tuple[int, ...] = BLACK
    light: tuple[int, ...] = WHITE
    quiet: int = 4
    logo: float = 0.0
    patterns: str = "square"


def _symbol(text: str, rng: Random, look: Look, level: str | None = None) -> Image.Image:
    """The symbol at about ten pixels a module, RGBA."""
    level = level or ("h" if look.logo else str(rng.choice(["l", "m", "q", "h"])))
    matrix = segno.make(text, error=level, micro=False, boost_error=False).matrix
    count, step = len(matrix), 10
    side = (count + 2 * look.quiet) * step
    image = Image.new("RGBA", (side, side), look.light)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                kind = look.patterns if _in_eye(x, y, count) else look.module
                _module(draw, (x + look.quiet) * step, (y + look.quiet) * step, step, kind, look)
    if look.logo:
        _logo(draw, side, look.logo * count * step, rng)
    return image


def _in_eye(x: int, y: int, count: int) -> bool:
    return ((x < 7 or x >= count - 7) and y < 7) or (x < 7 and y >= count - 7)


def _module(draw: ImageDraw.ImageDraw, x: int, y: int, step: int, kind: str, look: Look) -> None:
    box = (x, y, x + step - 1, y + step - 1)
    match kind:
        case "dot":
            draw.ellipse((x + 1, y + 1, x + step - 2, y + step - 2), look.dark)
        case "small":
            draw.rectangle((x + 2, y + 2, x + step - 3, y + step - 3), look.dark)
        case "rounded":
            draw.rounded_rectangle(box, 4, look.dark)
        case "diamond":
            half = step // 2
            points = [
                (x + half, y - 1),
                (x + step, y + half),
                (x + half, y + step),
                (x - 1, y + half),
            ]
            draw.polygon(points, look.dark)
        case _:
            draw.rectangle(box, look.dark)


def _logo(draw: ImageDraw.ImageDraw, side: int, size: float, rng: Random) -> None:
    low, high = (side - size) / 2, (side + size) / 2
    draw.rounded_rectangle((low, low, high, high), size / 6, WHITE)
    colour = (*(int(c) for c in rng.integers(0, 200, 3)), 255)
    draw.ellipse((low + size / 8, low + size / 8, high - size / 8, high - size / 8), colour)


def _sized(image: Image.Image, side: float, rng: Random, resamples=RESAMPLES) -> Image.Image:
    size = max(21, round(side))
    return image.resize((size, size), resamples[rng.integers(len(resamples))])


def _modules(text: str, level: str, quiet: int) -> int:
    return len(segno.make(text, error=level, micro=False, boost_error=False).matrix) + 2 * quiet


# --- files ---------------------------------------------------------------------------------------


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG")


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _on(image: Image.Image, ground: tuple[int, ...] = WHITE) -> Image.Image:
    """Flattened, in RGB."""
    base = Image.new("RGBA", image.size, ground)
    base.alpha_composite(image.convert("RGBA"))
    return base.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    return _saved(_on(image), "JPEG", quality=quality)


def _web(image: Image.Image, rng: Random) -> bytes:
    """As a site would save it: PNG, JPEG or GIF."""
    match rng.integers(3):
        case 0:
            return _png(_on(image))
        case 1:
            return _jpeg(image, int(rng.integers(60, 96)))
        case _:
            return _saved(_on(image).quantize(32), "GIF")


# --- one code alone ------------------------------------------------------------------------------

Made = tuple[bytes, tuple[str, ...], float]


def _alone(
    rng: Random,
    *,
    look: Look | None = None,
    sides: tuple[int, int] = (76, 430),
    pitch: float | None = None,
    save: Callable[[Image.Image, Random], bytes] = _web,
    change: Callable[[Image.Image, Random], Image.Image] | None = None,
    resamples=SMOOTH,
) -> Made:
    text = payload(rng)
    look = look or Look(quiet=int(rng.integers(1, 5)))
    level = "h" if look.logo else str(rng.choice(["l", "m", "q", "h"], p=[0.3, 0.4, 0.15, 0.15]))
    count = _modules(text, level, look.quiet)
    side = float(rng.integers(*sides)) if pitch is None else pitch * count
    if pitch is None:
        side = max(side, 1.9 * count)  # smaller ones have strata of their own
    image = _sized(_symbol(text, rng, look, level), side, rng, resamples)
    if change is not None:
        image = change(image, rng)
    return save(image, rng), (text,), side * (count - 2 * look.quiet) / count


def _save_as(form: str, **options: object) -> Callable[[Image.Image, Random], bytes]:
    return lambda image, rng: _saved(_on(image), form, **options)


def _save_jpeg(low: int, high: int) -> Callable[[Image.Image, Random], bytes]:
    return lambda image, rng: _jpeg(image, int(rng.integers(low, high)))


def _save_alpha(image: Image.Image, rng: Random) -> bytes:
    return _saved(image, "PNG") if rng.random() < 0.7 else _saved(image, "WEBP", lossless=True)


def _save_deep(image: Image.Image, rng: Random) -> bytes:
    grey = numpy.asarray(_on(image).convert("L"), dtype=numpy.uint16)
    return _png(Image.fromarray(grey * 257))


def _save_cmyk(image: Image.Image, rng: Random) -> bytes:
    return _saved(_on(image).convert("CMYK"), "JPEG", quality=85)


def _save_animated(image: Image.Image, rng: Random) -> bytes:
    plain = _on(image)
    blank = Image.new("RGB", plain.size, (240, 240, 240))
    frames = [plain.convert("P")]
    return _saved(
        blank.convert("P"), "GIF", save_all=True, append_images=frames, duration=500, loop=0
    )


def _svg(rng: Random) -> Made:
    text = payload(rng)
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=2, light="white")
    return out.getvalue(), (text,), 200.0


def _colours(rng: Random) -> Look:
    hue = rng.integers(0, 140, 3)
    dark = (*(int(c) for c in hue), 255)
    light = (*(int(c) for c in rng.integers(225, 256, 3)), 255)
    return Look(dark=dark, light=light, quiet=int(rng.integers(1, 4)))


def _pastel(rng: Random) -> Look:
    """One strong colour: light to the eye in grey, such as orange or green of WeChat."""
    darks = ((230, 120, 20, 255), (30, 180, 60, 255), (230, 0, 40, 255), (0, 140, 230, 255))
    return Look(dark=darks[rng.integers(len(darks))], quiet=2)


def _faint(rng: Random) -> Look:
    level = int(rng.integers(120, 185))
    return Look(dark=(level, level, level, 255), light=(236, 236, 236, 255), quiet=2)


def _rotated(image: Image.Image, rng: Random) -> Image.Image:
    angle = float(rng.uniform(-12, 12))
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def _turned(image: Image.Image, rng: Random) -> Image.Image:
    angle = float(rng.uniform(0, 360))
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def _blurred(image: Image.Image, rng: Random) -> Image.Image:
    return _on(image).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.1))))


def _noisy(image: Image.Image, rng: Random) -> Image.Image:
    pixels = numpy.asarray(_on(image), dtype=numpy.int16)
    noise = rng.normal(0, rng.uniform(8, 30), pixels.shape)
    return Image.fromarray(numpy.clip(pixels + noise, 0, 255).astype(numpy.uint8))


def _twice(image: Image.Image, rng: Random) -> Image.Image:
    """Uploaded at one size, shown at another, saved at a third."""
    side = image.width
    between = image.resize((round(side * rng.uniform(1.1, 1.7)),) * 2, Image.Resampling.BILINEAR)
    return between.resize((side, side), SMOOTH[rng.integers(len(SMOOTH))])


def _printed(image: Image.Image, rng: Random) -> Image.Image:
    """Photographed from paper: grey on grey, unsharp, lit from one side."""
    pixels = numpy.asarray(_on(image).convert("L"), dtype=numpy.float32) / 255
    low = rng.uniform(90, 150)
    light = numpy.linspace(0, rng.uniform(-50, 50), pixels.shape[1])
    shade = low + pixels * rng.uniform(30, 70) + light + rng.normal(0, 2, pixels.shape)
    grey = Image.fromarray(numpy.clip(shade, 0, 255).astype(numpy.uint8))
    return grey.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.4, 0.9))))


def _framed(image: Image.Image, rng: Random) -> Image.Image:
    """On a dark ground, with hardly any light around the code."""
    margin = int(rng.integers(6, 24))
    ground = (*(int(c) for c in rng.integers(0, 120, 3)), 255)
    out = Image.new("RGBA", (image.width + 2 * margin, image.height + 2 * margin), ground)
    out.alpha_composite(image, (margin, margin))
    return out


def _skewed(image: Image.Image, rng: Random) -> Image.Image:
    side = image.width
    corners = [(0, 0), (side, 0), (side, side), (0, side)]
    moved = [
        (x + rng.uniform(-0.06, 0.06) * side, y + rng.uniform(-0.06, 0.06) * side)
        for x, y in corners
    ]
    rows = []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = numpy.array(moved, dtype=float).reshape(8)
    factors = numpy.linalg.solve(numpy.array(rows, dtype=float), wanted)
    return _on(image).transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        factors,
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )


def _lit(image: Image.Image, rng: Random) -> Image.Image:
    """Lit from one side, with a glare somewhere."""
    pixels = numpy.asarray(_on(image), dtype=numpy.float32)
    high, wide = pixels.shape[:2]
    slope = numpy.linspace(float(rng.uniform(0.35, 1)), 1, wide)[None, :, None]
    ys, xs = numpy.mgrid[:high, :wide]
    x, y = rng.uniform(0, wide), rng.uniform(0, high)
    far = ((xs - x) ** 2 + (ys - y) ** 2) / (0.2 * wide) ** 2
    glare = float(rng.uniform(0, 160)) * numpy.exp(-far)[..., None]
    return Image.fromarray(numpy.clip(pixels * slope + glare, 0, 255).astype(numpy.uint8))


def _bent(image: Image.Image, rng: Random) -> Image.Image:
    """As on a sheet that is not flat."""
    pixels = numpy.asarray(_on(image))
    high, wide = pixels.shape[:2]
    ys, xs = numpy.mgrid[:high, :wide]
    deep, phase = float(rng.uniform(0.005, 0.03)) * wide, float(rng.uniform(0, 6))
    moved = xs + deep * numpy.sin(ys / high * 3 + phase), ys + deep * numpy.sin(xs / wide * 3)
    across, down = (
        numpy.clip(m.round().astype(int), 0, n - 1)
        for m, n in zip(moved, (wide, high), strict=True)
    )
    return Image.fromarray(pixels[down, across])


FLAWS = (_blurred, _noisy, _skewed, _rotated, _printed, _twice, _lit, _bent, _framed)


def _worn(image: Image.Image, rng: Random) -> Image.Image:
    """Several flaws at once, as of codes that were photographed and saved again and again."""
    for index in sorted(rng.choice(len(FLAWS), int(rng.integers(2, 5)), replace=False)):
        image = FLAWS[index](image.convert("RGBA"), rng)
    return image


def _worn_alone(rng: Random) -> Made:
    look = _styled(rng) if rng.random() < 0.3 else Look(quiet=int(rng.integers(2, 5)))
    sides = (90, 200) if rng.random() < 0.5 else (200, 1100)
    return _alone(rng, look=look, sides=sides, change=_worn, save=_save_jpeg(30, 90))


def _many(looks: Callable[[Random], Look], **options: object) -> Callable[[Random], Made]:
    return lambda rng: _alone(rng, look=looks(rng), **options)


def _styled(rng: Random) -> Look:
    module = str(rng.choice(["dot", "rounded", "diamond", "small"]))
    patterns = str(
        rng.choice(["square", "square", "rounded", "dot" if module == "dot" else "square"])
    )
    return Look(module=module, patterns=patterns, quiet=int(rng.integers(1, 4)))


# --- compositions --------------------------------------------------------------------------------


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _text(rng: Random, length: int) -> str:
    return "".join(WORDS[i] for i in rng.integers(0, len(WORDS), length))


def _caption(
    draw: ImageDraw.ImageDraw, x: float, y: float, size: int, rng: Random, fill: object
) -> None:
    draw.text((x, y), _text(rng, int(rng.integers(3, 6))), fill=fill, font=_font(size))


def _strip(
    rng: Random,
    *,
    width: int,
    height: int,
    count: int,
    quality: tuple[int, int] | None,
    down: bool,
    pitch: float = 1.75,
) -> Made:
    ground = (*(int(c) for c in rng.integers(180, 256, 3)), 255)
    if rng.random() < 0.4:
        ground = (*(int(c) for c in rng.integers(0, 130, 3)), 255)
    image = Image.new("RGBA", (width, height), ground)
    draw = ImageDraw.Draw(image)
    room = (height if down else width) / count
    side = min((width if down else height) - 7, room - 22)
    texts = []
    smallest = 1e9
    for index in range(count):
        text = payload(rng)
        while _modules(text, "l", 1) * pitch > side:
            text = payload(rng)
        fits = [lv for lv in ("l", "m", "q") if _modules(text, lv, 1) * pitch <= side]
        level = str(rng.choice(fits))
        symbol = _symbol(text, rng, Look(quiet=1), level)
        piece = _sized(symbol, side, rng, SMOOTH)
        along = index * room + 3
        across = ((width if down else height) - side) / 2
        x, y = (across, along) if down else (along + (room - side) / 2, across * 0.4)
        image.alpha_composite(piece, (round(x), round(y)))
        fill = (20, 20, 20, 255) if sum(ground[:3]) > 380 else WHITE
        _caption(draw, x + 4, y + side + 1, 14, rng, fill)
        texts.append(text)
        smallest = min(smallest, side)
    data = _png(_on(image)) if quality is None else _jpeg(image, int(rng.integers(*quality)))
    return data, tuple(texts), smallest


def _scene(rng: Random, width: int, height: int) -> Image.Image:
    """Something like a photograph: soft clouds of colour, edges, texture."""
    small = rng.integers(
        0, 256, (max(3, height // 160), max(3, width // 160), 3), dtype=numpy.uint8
    )
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(10, 40))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(4, max(5, width // 4))), int(rng.integers(4, max(5, height // 4)))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        shape = draw.rectangle if rng.random() < 0.6 else draw.ellipse
        shape((x, y, x + w, y + h), colour)
    rough = rng.integers(-18, 19, (height // 4 + 1, width // 4 + 1, 1)).astype(numpy.int16)
    texture = rough.repeat(4, 0).repeat(4, 1)[:height, :width]
    pixels = numpy.asarray(image, dtype=numpy.int16) + texture
    image = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    return image.filter(ImageFilter.GaussianBlur(0.8))


def _banner(
    rng: Random,
    *,
    width: int,
    height: int,
    side: tuple[int, int],
    photo: bool,
    codes: int = 1,
    quiet: int = 2,
    pitch: float = 1.9,
) -> Made:
    if photo:
        image = _scene(rng, width, height).convert("RGBA")
    else:
        image = Image.new(
            "RGBA", (width, height), (*(int(c) for c in rng.integers(0, 256, 3)), 255)
        )
    draw = ImageDraw.Draw(image)
    size = max(14, height // 9)
    draw.text((width * 0.05, height * 0.1), _text(rng, 10), fill=WHITE, font=_font(size))
    texts, smallest = [], 1e9
    for index in range(codes):
        text = payload(rng)
        edge = float(min(rng.integers(*side), height * 0.9, width * 0.9 / codes))
        level = str(rng.choice(["l", "m"]))
        edge = max(edge, pitch * _modules(text, level, quiet))
        piece = _sized(_symbol(text, rng, Look(quiet=quiet), level), edge, rng, SMOOTH)
        slot = width / codes
        x = index * slot + rng.uniform(0, max(1, slot - edge))
        y = rng.uniform(0, max(1, height - edge))
        image.alpha_composite(
            piece, (int(min(x, width - edge)), int(max(0, min(y, height - edge))))
        )
        texts.append(text)
        smallest = min(smallest, edge)
    return _jpeg(image, int(rng.integers(60, 93))), tuple(texts), smallest


def _photo(rng: Random, *, share: tuple[float, float]) -> Made:
    """A photograph of a sign with a code, twelve megapixels, a little turned and unsharp."""
    width, height = 4000, 3000
    image = _scene(rng, width, height).convert("RGBA")
    text = payload(rng)
    edge = float(rng.uniform(*share)) * height
    symbol = _sized(_symbol(text, rng, Look(quiet=3)), edge, rng, SMOOTH)
    turned = symbol.rotate(float(rng.uniform(-15, 15)), Image.Resampling.BICUBIC, expand=True)
    x = int(rng.uniform(0, width - turned.width))
    y = int(rng.uniform(0, height - turned.height))
    image.alpha_composite(turned, (x, y))
    soft = image.convert("RGB").filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 2.0))))
    return _jpeg(soft, 85), (text,), edge


# --- pictures without a code ---------------------------------------------------------------------


def _no(data: bytes) -> Made:
    return data, (), 0.0


def _plain_photo(rng: Random) -> Made:
    width, height = int(rng.integers(120, 1300)), int(rng.integers(90, 800))
    return _no(_jpeg(_scene(rng, width, height).convert("RGBA"), int(rng.integers(50, 93))))


def _thumbnail(rng: Random) -> Made:
    width, height = int(rng.integers(60, 260)), int(rng.integers(60, 200))
    return _no(_web(_scene(rng, width, height).convert("RGBA"), rng))


def _texture(rng: Random) -> Made:
    """Noise and blocks with as many edges as a code has."""
    step, across = int(rng.integers(2, 9)), int(rng.integers(20, 90))
    bits = rng.integers(0, 2, (across, across), dtype=numpy.uint8) * 255
    image = Image.fromarray(bits.repeat(step, 0).repeat(step, 1))
    return _no(_png(image))


def _emblem(rng: Random) -> Made:
    side = int(rng.integers(40, 300))
    image = Image.new("RGBA", (side, side), CLEAR if rng.random() < 0.5 else WHITE)
    draw = ImageDraw.Draw(image)
    for index in range(int(rng.integers(2, 7))):
        inset = side * index / 16
        colour = (*(int(c) for c in rng.integers(0, 256, 3)), 255)
        shape = draw.ellipse if rng.random() < 0.6 else draw.rectangle
        shape((inset, inset, side - inset - 1, side - inset - 1), colour)
    draw.text((side * 0.2, side * 0.35), _text(rng, 2), fill=WHITE, font=_font(max(10, side // 4)))
    return _no(_save_alpha(image, rng))


def _headline(rng: Random) -> Made:
    width, height = int(rng.integers(160, 1000)), int(rng.integers(30, 160))
    image = Image.new("RGBA", (width, height), (*(int(c) for c in rng.integers(0, 256, 3)), 255))
    draw = ImageDraw.Draw(image)
    size = max(12, int(height * 0.5))
    draw.text((6, height * 0.15), _text(rng, width // size), fill=WHITE, font=_font(size))
    return _no(_web(image, rng))


def _page_of_text(rng: Random) -> Made:
    image = Image.new("RGBA", (700, int(rng.integers(200, 900))), WHITE)
    draw = ImageDraw.Draw(image)
    for y in range(8, image.height - 20, 24):
        draw.text((10, y), _text(rng, int(rng.integers(20, 42))), fill=(30, 30, 30), font=_font(16))
    return _no(_web(image, rng))


def _bars(rng: Random) -> Made:
    forms = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.EAN13]
    form = forms[rng.integers(2)]
    text = "690123456789" if form is forms[1] else _word(rng, 12)
    code = zxingcpp.create_barcode(text, form)
    bars = numpy.array(zxingcpp.write_barcode_to_image(code, scale=3, add_quiet_zones=True))
    return _no(_png(Image.fromarray(bars)))


def _other_matrix(rng: Random) -> Made:
    forms = [
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Aztec,
        zxingcpp.BarcodeFormat.PDF417,
    ]
    code = zxingcpp.create_barcode(payload(rng), forms[rng.integers(3)])
    cells = numpy.array(zxingcpp.write_barcode_to_image(code, scale=4, add_quiet_zones=True))
    return _no(_png(Image.fromarray(cells)))


def _sun(rng: Random) -> Made:
    """Like a mini-program code: rays of dots around a logo, three round eyes."""
    side = 430
    image = Image.new("RGB", (side, side), WHITE[:3])
    draw = ImageDraw.Draw(image)
    middle = side / 2
    for ray in range(72):
        angle = ray / 72 * 2 * math.pi
        for ring in range(14):
            if rng.random() < 0.5:
                radius = 95 + ring * 8
                x, y = middle + radius * math.cos(angle), middle + radius * math.sin(angle)
                draw.ellipse((x - 3, y - 3, x + 3, y + 3), (0, 0, 0))
    draw.ellipse((middle - 80, middle - 80, middle + 80, middle + 80), (40, 160, 90))
    for x, y in ((80, 80), (side - 80, 80), (80, side - 80)):
        for radius, colour in ((34, (255,) * 3), (30, (0,) * 3), (20, (255,) * 3), (12, (0,) * 3)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
    size = int(rng.integers(90, 431))
    return _no(_web(image.resize((size, size), Image.Resampling.LANCZOS).convert("RGBA"), rng))


def _icons(rng: Random) -> Made:
    """A sprite of share icons."""
    count, side = int(rng.integers(3, 9)), int(rng.choice([16, 24, 32, 48]))
    image = Image.new("RGBA", (count * side, side), CLEAR)
    draw = ImageDraw.Draw(image)
    for index in range(count):
        colour = (*(int(c) for c in rng.integers(0, 256, 3)), 255)
        box = (index * side + 2, 2, (index + 1) * side - 3, side - 3)
        draw.rounded_rectangle(box, side / 5, colour)
        draw.text(
            (index * side + side / 4, side / 6), _text(rng, 1), fill=WHITE, font=_font(side // 2)
        )
    return _no(_png(image))


def _grid(rng: Random) -> Made:
    """A calendar or a seating plan."""
    image = Image.new("RGBA", (int(rng.integers(200, 700)), int(rng.integers(150, 500))), WHITE)
    draw = ImageDraw.Draw(image)
    step = int(rng.integers(14, 60))
    for x in range(0, image.width, step):
        draw.line((x, 0, x, image.height), (120, 120, 120))
    for y in range(0, image.height, step):
        draw.line((0, y, image.width, y), (120, 120, 120))
        for x in range(0, image.width, step):
            if rng.random() < 0.4:
                draw.rectangle((x + 3, y + 3, x + step - 4, y + step - 4), (60, 60, 60))
    return _no(_web(image, rng))


def _decoys(rng: Random) -> Made:
    """Finder patterns as ornaments, one to three, and nothing between them."""
    side = int(rng.integers(90, 300))
    image = Image.new("RGB", (side, side), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    unit = side / 29
    places = [(0, 0), (22, 0), (0, 22)][: int(rng.integers(1, 3))]
    for x, y in places:
        for inset, colour in ((0, 0), (1, 255), (2, 0)):
            box = [
                (x + inset) * unit,
                (y + inset) * unit,
                (x + 7 - inset) * unit,
                (y + 7 - inset) * unit,
            ]
            draw.rectangle(box, (colour,) * 3)
    return _no(_png(image))


# --- the table -----------------------------------------------------------------------------------

CODES: dict[str, Callable[[Random], Made]] = {
    "plain": _alone,
    "small, 76 to 100 px": partial(_alone, sides=(76, 100)),
    "enlarged without smoothing": partial(
        _alone, resamples=(Image.Resampling.NEAREST,), sides=(160, 430)
    ),
    "pitch 1.2": partial(_alone, look=Look(quiet=2), pitch=1.2, save=_save_as("PNG")),
    "pitch 1.5": partial(_alone, look=Look(quiet=2), pitch=1.5),
    "pitch 1.8": partial(_alone, look=Look(quiet=2), pitch=1.8),
    "pitch 2.2": partial(_alone, look=Look(quiet=2), pitch=2.2),
    "pitch 2.2, JPEG 20 to 50": partial(
        _alone, look=Look(quiet=2), pitch=2.2, save=_save_jpeg(20, 50)
    ),
    "JPEG 20 to 60": partial(_alone, save=_save_jpeg(20, 60)),
    "JPEG 60 to 95": partial(_alone, save=_save_jpeg(60, 95)),
    "palette, 8 colours": partial(
        _alone, save=lambda image, rng: _saved(_on(image).quantize(8), "GIF")
    ),
    "dark on clear": partial(_alone, look=Look(light=CLEAR, quiet=2), save=_save_alpha),
    "light on clear": partial(
        _alone, look=Look(dark=WHITE, light=(255, 255, 255, 0), quiet=2), save=_save_alpha
    ),
    "dark on clear, no quiet zone": partial(
        _alone, look=Look(light=(0, 0, 0, 0), quiet=0), save=_save_alpha
    ),
    "inverted": partial(_alone, look=Look(dark=WHITE, light=BLACK, quiet=3)),
    "coloured": _many(_colours),
    "one strong colour": _many(_pastel),
    "faint": _many(_faint, sides=(110, 430)),
    "logo": _many(lambda rng: Look(logo=float(rng.uniform(0.15, 0.28)), quiet=2), sides=(110, 430)),
    "large logo": _many(
        lambda rng: Look(logo=float(rng.uniform(0.28, 0.34)), quiet=2), sides=(110, 430)
    ),
    "styled modules": _many(_styled, sides=(110, 430)),
    "dots": _many(lambda rng: Look(module="dot", patterns="square", quiet=2), sides=(110, 430)),
    "no quiet zone": _many(lambda rng: Look(quiet=0)),
    "dark frame, quiet zone 1": _many(lambda rng: Look(quiet=1), change=_framed),
    "dark frame, no quiet zone": _many(lambda rng: Look(quiet=0), change=_framed, sides=(100, 430)),
    "rotated to 12 degrees": partial(_alone, look=Look(quiet=4), sides=(100, 430), change=_rotated),
    "any rotation": partial(_alone, look=Look(quiet=4), sides=(120, 430), change=_turned),
    "skewed": partial(_alone, look=Look(quiet=4), sides=(120, 430), change=_skewed),
    "unsharp": partial(_alone, look=Look(quiet=3), sides=(110, 430), change=_blurred),
    "noisy": partial(_alone, look=Look(quiet=3), sides=(110, 430), change=_noisy),
    "resampled twice": partial(_alone, sides=(76, 160), change=_twice),
    "printed, grey on grey": partial(
        _alone, look=Look(quiet=3), sides=(110, 300), change=_printed, save=_save_jpeg(50, 90)
    ),
    "worn, several flaws at once": _worn_alone,
    "strip 60 x 400": partial(
        _strip, width=60, height=400, count=4, quality=None, down=True, pitch=1.3
    ),
    "strip 87 x 550": partial(_strip, width=87, height=550, count=4, quality=None, down=True),
    "strip 87 x 550, JPEG 30 to 70": partial(
        _strip, width=87, height=550, count=4, quality=(30, 70), down=True
    ),
    "strip 120 x 600": partial(_strip, width=120, height=600, count=4, quality=(50, 93), down=True),
    "row of three": partial(_strip, width=360, height=130, count=3, quality=(60, 93), down=False),
    "two in one": partial(_strip, width=197, height=115, count=2, quality=None, down=False),
    "footer, 1200 x 200": partial(
        _banner, width=1200, height=200, side=(80, 150), photo=False, codes=2
    ),
    "banner, 1920 x 400": partial(_banner, width=1920, height=400, side=(80, 140), photo=True),
    "banner, 1920 x 400, pitch 1.6": partial(
        _banner, width=1920, height=400, side=(50, 60), photo=True, pitch=1.6
    ),
    "on a photo, no quiet zone": partial(
        _banner, width=700, height=400, side=(80, 260), photo=True, quiet=0, pitch=2.2
    ),
    "poster, 1080 x 1600": partial(_banner, width=1080, height=1600, side=(90, 260), photo=True),
    "photo of 12 megapixels": partial(_photo, share=(0.18, 0.6)),
    "WebP": partial(_alone, save=_save_as("WEBP", quality=70)),
    "AVIF": partial(_alone, save=_save_as("AVIF", quality=60)),
    "16 bits": partial(_alone, save=_save_deep),
    "CMYK": partial(_alone, save=_save_cmyk),
    "second frame": partial(_alone, save=_save_animated),
    "SVG": _svg,
}

NOTHING: dict[str, Callable[[Random], Made]] = {
    "photo": _plain_photo,
    "thumbnail": _thumbnail,
    "texture": _texture,
    "emblem": _emblem,
    "headline": _headline,
    "text": _page_of_text,
    "bar code": _bars,
    "other matrix code": _other_matrix,
    "sun code": _sun,
    "icons": _icons,
    "grid": _grid,
    "decoys": _decoys,
}
SELDOM = {"photo of 12 megapixels": 0.2}
"""Dear samples: this share of the number asked for."""


def samples(seed: int, each: int, *, only: str = "") -> Iterator[Sample]:
    """So many of every stratum, codes first."""
    for stratum, make in (CODES | NOTHING).items():
        if only in stratum:
            for number in range(max(1, round(each * SELDOM.get(stratum, 1)))):
                rng = numpy.random.default_rng([seed, zlib.crc32(stratum.encode()), number])
                data, payloads, side = make(rng)
                yield Sample(stratum, number, data, payloads, side)
