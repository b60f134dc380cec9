"""Opens hostile image bytes safely and gives proper grey rasters."""

from __future__ import annotations

import io
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr import drawing
from ycaudit.observe.qr.views import View, alike, flattened, lets_through, needs_black

if TYPE_CHECKING:
    from PIL import Image as Pillow

    from ycaudit.observe.qr.filters import Grey

_REGISTERING = threading.Lock()
MAX_PIXELS = 40_000_000
LARGE_PIXELS = 8_000_000
"""To decode one of more takes 19 bytes a pixel (PNG and WebP, measured): 750 MB at most."""
SVG_SIDE = 800
SMALLEST = 24
"""Pixels a side: 21 modules and nothing around them are no code that a phone reads."""
HALVE_ABOVE = 3000
"""JPEGs larger than this are decoded at half size: all codes of 12-megapixel photos survive."""
MAX_FRAMES = 120
MAX_FRAME_PIXELS = 40_000_000
"""Of all frames of an animation together."""
GROUNDS = {255: "", 0: "on black"}
"""Grey levels that stand behind what is transparent."""
MARGIN = 12
MAX_CROP_SIDE = 480
"""Pixels around a code that is cut out, and of the cutting."""
MAX_CROPS = 4
"""Frames of an animation in which the place is shown."""

_FORMATS = {
    "PNG": "Png", "JPEG": "Jpeg", "GIF": "Gif", "WEBP": "WebP", "BMP": "Bmp", "DIB": "Bmp",
    "ICO": "Ico", "AVIF": "Avif", "TIFF": "Tiff", "PPM": "Ppm", "PCX": "Pcx", "TGA": "Tga",
}  # fmt: skip
"""Each with Pillow's module for it: to load all that Pillow has would take twice as long."""
_HEIC = re.compile(rb".{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL)
_JXL = re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n")


class ImageTrouble(ValueError):
    """The bytes give no picture to read; `code` is a reason of `ycaudit.reasons`."""

    def __init__(self, code: str, *, detail: str = "", **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.params = params

    @property
    def written(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {"code": self.code, "detail": self.detail, "params": self.params}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> ImageTrouble:
        """What was written."""
        return cls(written["code"], detail=written["detail"], **written["params"])


@dataclass
class Raster:
    """An opened picture of so many natural pixels, and what is seen in it."""

    source: Pillow.Image = field(repr=False)
    width: int
    height: int
    truncated: bool = False
    data: bytes | None = field(default=None, repr=False)
    """The file, kept where it was opened smaller than it is."""

    def views(self) -> Iterator[View]:
        """All that the picture shows: each frame, on white and on black, and nothing twice.

        To be used one after the other, since they share the source. `truncated` is final then.
        """
        shown: deque[Grey] = deque(maxlen=2 * len(GROUNDS))
        for number in self._frames():
            for ground, on in GROUNDS.items():
                if on and not needs_black(self.source):
                    continue
                grey = flattened(self.source, ground)
                if any(alike(grey, known) for known in shown):
                    continue
                shown.append(grey)
                name = " ".join(filter(None, (f"frame {number + 1}" if number else "", on)))
                scale = self.width / grey.shape[1]
                yield View(name, grey, scale, number)

    @property
    def varies(self) -> bool:
        """Whether it looks otherwise by what is behind it, or from one moment to the next."""
        return getattr(self.source, "n_frames", 1) > 1 or lets_through(self.source)

    def full_size(self) -> View | None:
        """The picture in its own size, where it was opened smaller; None where it was not."""
        if self.data is None:
            return None
        import numpy

        with _pillow().open(io.BytesIO(self.data), formats=("JPEG",)) as image:
            image.draft("L", image.size)
            _load(image)
            return View("full size", numpy.ascontiguousarray(numpy.asarray(image.convert("L"))))

    def _frames(self) -> Iterator[int]:
        """Go to each frame of an animation, as many as there is time for."""
        yield 0
        count = getattr(self.source, "n_frames", 1)
        most = min(MAX_FRAMES, MAX_FRAME_PIXELS // max(1, self.width * self.height))
        self.truncated |= count > max(1, most)
        for number in range(1, min(count, most)):
            try:
                self.source.seek(number)
                self.source.load()
            except (OSError, EOFError, ValueError, SyntaxError):
                self.truncated = True
                return
            yield number


def is_large(data: bytes, *, in_colour: bool = False) -> bool:
    """Whether its header announces a picture that takes much memory to open in this way."""
    try:
        image = _pillow().open(io.BytesIO(data), formats=_formats())
    except Exception:
        # The decoders of a dozen formats meet hostile bytes with any exception there is.
        return False
    width, height = image.size
    return LARGE_PIXELS < width * height <= MAX_PIXELS and not _is_photo(image, in_colour)


def open_raster(data: bytes, *, in_colour: bool = False) -> Raster:
    """The picture in the bytes; photographs in grey and smaller, or all `in_colour` as they are.

    Raises ImageTrouble, whatever the bytes are.
    """
    if not data:
        raise ImageTrouble("image_empty")
    try:
        return _opened(data, in_colour)
    except ImageTrouble:
        raise
    except MemoryError as error:
        raise ImageTrouble("image_too_much_memory") from error
    except _pillow().DecompressionBombError as error:
        raise ImageTrouble("image_too_many_pixels") from error
    except Exception as error:
        # The decoders of a dozen formats meet hostile bytes with any exception there is.
        raise ImageTrouble("image_damaged", detail=type(error).__name__) from error


def crop_png(data: bytes, corners: Sequence[tuple[int, int]]) -> bytes | None:
    """The code cut out of its image with its corners marked, as PNG; None where it does not open.

    Of an animation, what each frame shows at this place, side by side.
    """
    from PIL import Image

    try:
        raster = open_raster(data, in_colour=True)
        parts = list(islice(_parts(raster, corners), MAX_CROPS))
    except ImageTrouble:
        return None
    if not parts:
        return None
    sheet = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    for number, part in enumerate(parts):
        sheet.paste(part, (number * part.width, 0))
    sheet.thumbnail((MAX_CROP_SIDE * len(parts), MAX_CROP_SIDE))
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=False)
    return out.getvalue()


def _parts(raster: Raster, corners: Sequence[tuple[int, int]]) -> Iterator[Pillow.Image]:
    """The place in each frame, in colour, once what looks alike."""
    from PIL import ImageDraw

    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top = max(0, min(xs) - MARGIN), max(0, min(ys) - MARGIN)
    right, bottom = min(raster.width, max(xs) + MARGIN), min(raster.height, max(ys) + MARGIN)
    if right - left < 2 or bottom - top < 2:
        return
    shown: list[Grey] = []
    for _ in raster._frames():
        cut = raster.source.crop((left, top, right, bottom)).convert("RGBA")
        part = _on_ground(cut)
        grey = flattened(part, 255)
        if any(alike(grey, known) for known in shown):
            continue
        shown.append(grey)
        draw = ImageDraw.Draw(part)
        for x, y in ((x - left, y - top) for x, y in corners):
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline=(220, 0, 60), width=2)
        yield part


def _on_ground(cut: Pillow.Image) -> Pillow.Image:
    """On white, or on black where only that shows it."""
    from PIL import Image

    grounds = [Image.new("RGBA", cut.size, colour) for colour in ("white", "black")]
    for ground in grounds:
        ground.alpha_composite(cut)
    return grounds[View("", flattened(cut, 255)).is_flat].convert("RGB")


def _opened(data: bytes, in_colour: bool) -> Raster:
    try:
        text = drawing.text_of(data)
        return _from_pixels(data, in_colour=in_colour) if text is None else _from_svg(text)
    except drawing.NoDrawingError as error:
        raise ImageTrouble("image_unknown_format") from error
    except drawing.TooLargeError as error:
        raise ImageTrouble("drawing_too_large") from error
    except drawing.EntitiesError as error:
        raise ImageTrouble("drawing_has_entities") from error


def _from_svg(text: str) -> Raster:
    import resvg_py

    png = resvg_py.svg_to_bytes(
        svg_string=drawing.enclosed(text), width=SVG_SIDE, skip_system_fonts=True
    )
    return _from_pixels(bytes(png))


@cache
def _pillow() -> Any:
    """Pillow with what it needs registered: it does so lazily, and two threads at once get lost."""
    from PIL import Image

    with _REGISTERING:
        Image.preinit()
        for module in _FORMATS.values():
            import_module(f"PIL.{module}ImagePlugin")
    return Image


def _from_pixels(data: bytes, *, in_colour: bool = False) -> Raster:
    from PIL import UnidentifiedImageError

    pillow = _pillow()
    try:
        image: Any = pillow.open(io.BytesIO(data), formats=_formats())
    except UnidentifiedImageError as error:
        raise ImageTrouble(_why_unknown(data)) from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageTrouble("image_too_large", width=width, height=height)
    if min(width, height) < SMALLEST:
        raise ImageTrouble("image_too_small", width=width, height=height)
    if _is_photo(image, in_colour):
        half = max(width, height) > HALVE_ABOVE
        image.draft("L", (width // 2, height // 2) if half else (width, height))
    truncated = _load(image)
    return Raster(image, width, height, truncated, data if image.size != (width, height) else None)


def _is_photo(image: Any, in_colour: bool) -> bool:
    """Whether it can be opened in grey, and smaller."""
    return image.format == "JPEG" and image.mode == "RGB" and not in_colour


@cache
def _formats() -> tuple[str, ...]:
    """JPEG XL with the extra `jxl` only: Chromium shows it (156, seen), Pillow does not."""
    with suppress(ImportError):
        import pillow_jxl

        return (*_FORMATS, "JXL") if pillow_jxl else tuple(_FORMATS)
    return tuple(_FORMATS)


def _why_unknown(data: bytes) -> str:
    """The reason why Pillow does not know these bytes."""
    if _JXL.match(data):
        return "image_needs_jxl"
    return "image_shown_by_few" if _HEIC.match(data) else "image_unknown_format"


def _load(image: Any) -> bool:
    """Decode what is there; whether some of it is missing."""
    try:
        image.load()
    except (OSError, SyntaxError, ValueError):
        if image.format not in ("PNG", "JPEG", "BMP", "GIF") or not image.tile:
            raise
        image.tile = []  # what was decoded so far stays, and is not decoded again
        if image.getbbox() is None:
            raise
        return True
    return False
