"""Opens hostile image bytes safely and gives proper grey rasters."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ycaudit.observe.qr import drawing

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL import Image as Pillow

    Grey = NDArray[uint8]

_REGISTERING = threading.Lock()
MAX_PIXELS = 40_000_000
SVG_SIDE = 800
SMALLEST = 24
"""Pixels a side: 21 modules and nothing around them are no code that a phone reads."""
HALVE_ABOVE = 3000
"""JPEGs larger than this are decoded at half size: all codes of 12-megapixel photos survive."""
FLAT = 16
"""A span of grey levels below this holds no code (measured: lost none)."""
MAX_FRAMES = 120
MAX_FRAME_PIXELS = 40_000_000
"""Of all frames of an animation together."""
MARGIN = 12
MAX_CROP_SIDE = 480
"""Pixels around a code that is cut out, and of the cutting."""
STRIP = 1_000_000
"""Pixels that are blended at a time."""

_FORMATS = (
    "PNG", "JPEG", "GIF", "WEBP", "BMP", "DIB", "ICO", "AVIF", "TIFF", "PPM", "PCX", "TGA",
)  # fmt: skip


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
    """A picture in grey: `grey` is (height, width) uint8, transparency flattened on white.

    `scale` is how many natural pixels one of its pixels stands for.
    """

    grey: Grey
    width: int
    height: int
    scale: float
    truncated: bool = False
    source: Pillow.Image | None = field(default=None, repr=False)
    data: bytes | None = field(default=None, repr=False)
    """The file, kept where it was opened smaller than it is."""
    cut: bool = False
    """Whether frames of an animation stayed unseen, once they were looked at."""

    @property
    def flat(self) -> bool:
        """Whether it has too little contrast for a code."""
        return int(self.grey.max()) - int(self.grey.min()) < FLAT

    @cached_property
    def on_black(self) -> Grey | None:
        """Transparency flattened on black; None where nothing is transparent."""
        if self.source is None or not _transparent(self.source):
            return None
        return _flatten(self.source, 0)

    @cached_property
    def brightest(self) -> Grey | None:
        """The brightest of the three colours: coloured modules darken; None for grey pictures."""
        import numpy

        if self.source is None or self.source.mode in ("1", "L", "LA", "I", "I;16", "F"):
            return None
        colours = numpy.asarray(self.source.convert("RGBA").convert("RGB"))
        strongest: Grey = colours.max(axis=2)
        return strongest

    def full_size(self) -> Grey | None:
        """The picture in its own size, where it was opened smaller; None where it was not."""
        if self.scale == 1 or self.data is None:
            return None
        import numpy

        with _pillow().open(io.BytesIO(self.data), formats=("JPEG",)) as image:
            image.draft("L", image.size)
            _load(image)
            return numpy.ascontiguousarray(numpy.asarray(image.convert("L")))

    def frames(self) -> Iterator[Grey]:
        """The further frames of an animation, in grey, as many as there is time for."""
        count = getattr(self.source, "n_frames", 1) if self.source is not None else 1
        most = min(MAX_FRAMES, MAX_FRAME_PIXELS // max(1, self.grey.size))
        self.cut = count > max(1, most)
        for index in range(1, min(count, most)):
            try:
                assert self.source is not None
                self.source.seek(index)
                yield _flatten(self.source, 255)
            except (OSError, EOFError, ValueError, SyntaxError):
                self.cut = True
                return


def open_raster(data: bytes) -> Raster:
    """The picture in the bytes. Raises ImageTrouble, whatever the bytes are."""
    if not data:
        raise ImageTrouble("image_empty")
    try:
        return _opened(data)
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
    """The code cut out of its image with its corners marked, as PNG; None for drawings."""
    from PIL import Image, ImageDraw, UnidentifiedImageError

    try:
        with _pillow().open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            picture = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    draw = ImageDraw.Draw(ground)
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    for x, y in corners:
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline=(220, 0, 60), width=2)
    box = (min(xs) - MARGIN, min(ys) - MARGIN, max(xs) + MARGIN, max(ys) + MARGIN)
    inside = (max(0, box[0]), max(0, box[1]), min(ground.width, box[2]), min(ground.height, box[3]))
    if inside[2] - inside[0] < 2 or inside[3] - inside[1] < 2:
        return None
    part = ground.crop(inside).convert("RGB")
    part.thumbnail((MAX_CROP_SIDE, MAX_CROP_SIDE))
    out = io.BytesIO()
    part.save(out, "PNG", optimize=False)
    return out.getvalue()


def _opened(data: bytes) -> Raster:
    try:
        text = drawing.text_of(data)
        return _from_pixels(data) if text is None else _from_svg(text)
    except drawing.NoDrawingError as error:
        raise ImageTrouble("image_unknown_format") from error
    except drawing.TooLargeError as error:
        raise ImageTrouble("drawing_too_large") from error
    except drawing.EntitiesError as error:
        raise ImageTrouble("drawing_has_entities") from error


def _from_svg(text: str) -> Raster:
    import resvg_py

    png = resvg_py.svg_to_bytes(
        svg_string=drawing.enclosed(text),
        width=SVG_SIDE,
        background="#ffffff",
        skip_system_fonts=True,
    )
    return _from_pixels(bytes(png))


def _pillow() -> Any:
    """Pillow with its plugins registered: it does so lazily, and two threads at once get lost."""
    from PIL import Image

    with _REGISTERING:
        Image.init()
    return Image


def _from_pixels(data: bytes) -> Raster:
    from PIL import UnidentifiedImageError

    pillow = _pillow()
    try:
        image: Any = pillow.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise ImageTrouble("image_unknown_format") from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageTrouble("image_too_large", width=width, height=height)
    if min(width, height) < SMALLEST:
        raise ImageTrouble("image_too_small", width=width, height=height)
    if image.format == "JPEG" and image.mode == "RGB":
        half = max(width, height) > HALVE_ABOVE
        image.draft("L", (width // 2, height // 2) if half else (width, height))
    truncated = _load(image)
    grey = _flatten(image, 255)
    scale = width / grey.shape[1]
    return Raster(grey, width, height, scale, truncated, image, data if scale != 1 else None)


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


def _transparent(image: Any) -> bool:
    return image.mode in ("LA", "RGBA", "PA", "La", "RGBa") or "transparency" in image.info


def _flatten(image: Any, ground: int) -> Grey:
    """In grey of 8 bits, on this ground."""
    import numpy

    if image.mode.startswith("I;16"):
        deep = numpy.asarray(image, dtype=numpy.uint16)
        return (deep >> 8).astype(numpy.uint8)
    if image.mode in ("I", "F"):
        return _stretch(numpy.asarray(image, dtype=numpy.float32))
    if _transparent(image):
        return _blend(numpy.asarray(image.convert("RGBA")), ground)
    return numpy.ascontiguousarray(numpy.asarray(image.convert("L")))


def _blend(layers: Any, ground: int) -> Grey:
    """Colours with transparency on this ground; in strips, since a pixel takes 32 bytes."""
    import numpy

    high, wide, _ = layers.shape
    grey: Grey = numpy.empty((high, wide), dtype=numpy.uint8)
    strip = max(1, STRIP // wide)
    for top in range(0, high, strip):
        part = layers[top : top + strip].astype(numpy.uint32)
        red, green, blue, alpha = (part[..., i] for i in range(4))
        shade = (299 * red + 587 * green + 114 * blue) // 1000
        grey[top : top + strip] = (shade * alpha + ground * (255 - alpha)) // 255
    return grey


def _stretch(values: Any) -> Grey:
    """Values of an unknown range as 8 bits: 16-bit PNGs come as 32-bit integers."""
    import numpy

    top = 65535.0 if float(values.max()) > 255 else 255.0
    stretched: Grey = numpy.clip(numpy.nan_to_num(values) * (255.0 / top), 0, 255).astype(
        numpy.uint8
    )
    return stretched
