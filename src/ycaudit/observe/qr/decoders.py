"""The decoders: each takes a grey picture and gives what it sees, in that picture's pixels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from ctypes import c_char_p, c_void_p, cast, string_at
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from math import atan2, dist
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ycaudit.errors import install
from ycaudit.i18n import Message
from ycaudit.observe.qr.charsets import Text, guessed
from ycaudit.observe.qr.filters import SMALL, legible
from ycaudit.observe.qr.finder_patterns import has_finder_patterns

if TYPE_CHECKING:
    from ycaudit.observe.qr.filters import Grey

Points = tuple[tuple[float, float], ...]
Binarizer = Literal["LocalAverage", "GlobalHistogram"]

NAMES_CHARSET = ("5D 51 32", "5D 51 34", "5D 51 36")
"""`]Q2`, `]Q4`, `]Q6` in hexadecimal: identifiers of codes with an ECI (ISO/IEC 15424)."""
CFG_BINARY = 4
"""zbar.h since 0.23.1, which pyzbar does not know: the bytes as they are in the code."""
LIBZBAR_HINT = Message(
    "pyzbar needs the system library libzbar (Debian: sudo apt install libzbar0)"
)
VISION_HINT = Message("the neural decoder is not installed; {0}", install("vision"))

MODELS = Path(__file__).with_name("models")
MODEL_FILES = ("detect.prototxt", "detect.caffemodel", "sr.prototxt", "sr.caffemodel")
"""The models of OpenCV's WeChatQRCode, in its order; models/NOTICE says whose they are."""
DETECTOR_SIDES = (160, 256)
"""Pixels a side that the detector is given, of small pictures and of large ones."""
SURE = 0.9
"""The detector's confidence: codes get 0.95 and more, photographs seldom half of it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A code: its payload, or None where it is seen and could not be read; its four corners."""

    payload: str | None
    corners: Points
    guessed: str = ""
    """The charset of the payload, where neither the code nor its bytes tell."""


def engines() -> dict[str, str | None]:
    """The decoders by name with their versions; None where one is missing."""
    from importlib.metadata import PackageNotFoundError, version  # a third of a worker's start

    try:
        zxing = version("zxing-cpp")
    except PackageNotFoundError:
        zxing = None
    return {
        "zxing-cpp": zxing,
        "zbar": version("pyzbar") if has_zbar() else None,
        "neural": _version_of_opencv() if has_neural() else None,
    }


def _version_of_opencv() -> str:
    import cv2

    return str(cv2.__version__)


def has_zbar() -> bool:
    """Whether the second decoder has its system library."""
    return _zbar() is not None


# --- zxing-cpp -----------------------------------------------------------------------------------


def zxing(
    grey: Grey, *, binarizer: Binarizer = "LocalAverage", turned: bool = False
) -> Iterator[Hit]:
    """Every code that it reads, and those whose error correction alone failed."""
    import zxingcpp

    # No Micro QR and no rMQR: of a few characters, they are more often noise than a sign to scan.
    symbols = [zxingcpp.BarcodeFormat.QRCodeModel1, zxingcpp.BarcodeFormat.QRCodeModel2]
    read: Callable[..., list[zxingcpp.Barcode]] = partial(
        zxingcpp.read_barcodes,
        grey,
        formats=zxingcpp.BarcodeFormats(symbols),
        try_rotate=turned,
        binarizer=getattr(zxingcpp.Binarizer, binarizer),
        return_errors=True,
    )
    results = read(text_mode=zxingcpp.TextMode.Plain)
    named = [False] * len(results)
    if not all(bytes(result.bytes).isascii() for result in results):
        again = read(text_mode=zxingcpp.TextMode.HexECI)
        named = [result.text.startswith(NAMES_CHARSET) for result in again]
    for result, is_named in zip(results, named, strict=True):
        place = result.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        points = tuple((float(p.x), float(p.y)) for p in corners)
        if result.error is None or (not result.error.message and result.valid):
            text = Text(result.text) if is_named else guessed(bytes(result.bytes), result.text)
            if text.text.strip():
                yield Hit(text.text, points, text.guessed)
        elif result.error.type == zxingcpp.ErrorType.Checksum and _like_a_square(points):
            yield Hit(None, points)  # format and version were read, so this is a code


def _like_a_square(points: Points) -> bool:
    """Whether four corners could be those of a code: photos and sprites give slivers and dots."""
    sides = [dist(points[i], points[(i + 1) % 4]) for i in range(4)]
    return min(sides) >= 21 and max(sides) < 1.35 * min(sides)


# --- zbar ----------------------------------------------------------------------------------------


@cache
def _zbar() -> Any:
    """The wrapped library, or None where the system lacks it."""
    try:
        from pyzbar import wrapper
    except (ImportError, OSError):
        return None
    return wrapper


def zbar(grey: Grey, *, every: int = 1) -> Iterator[Hit]:
    """The codes that zbar reads, looking at `every` so many lines; pyzbar itself takes them all."""
    lib = _zbar()
    if lib is None:
        return
    pixels = grey.tobytes()
    scanner, image = lib.zbar_image_scanner_create(), lib.zbar_image_create()
    try:
        config, high, wide = lib.ZBarConfig, *grey.shape
        # QR only: zbar's other symbologies invent codes in photos.
        for symbology, key, value in (
            (0, config.CFG_ENABLE, 0),
            (lib.ZBarSymbol.QRCODE, config.CFG_ENABLE, 1),
            (0, config.CFG_X_DENSITY, every),
            (0, config.CFG_Y_DENSITY, every),
        ):
            lib.zbar_image_scanner_set_config(scanner, symbology, key, value)
        refused = lib.zbar_image_scanner_set_config(scanner, lib.ZBarSymbol.QRCODE, CFG_BINARY, 1)
        lib.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
        lib.zbar_image_set_size(image, wide, high)
        lib.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
        lib.zbar_scan_image(scanner, image)
        yield from _zbar_hits(lib, lib.zbar_image_first_symbol(image), is_raw=not refused)
    finally:
        lib.zbar_image_destroy(image)
        lib.zbar_image_scanner_destroy(scanner)


def _zbar_hits(lib: Any, symbol: Any, *, is_raw: bool) -> Iterator[Hit]:
    while symbol:
        raw = string_at(lib.zbar_symbol_get_data(symbol), lib.zbar_symbol_get_data_length(symbol))
        text = guessed(raw if is_raw else _as_written(raw))
        if text.text.strip():
            count = lib.zbar_symbol_get_loc_size(symbol)
            xs = [float(lib.zbar_symbol_get_loc_x(symbol, i)) for i in range(count)]
            ys = [float(lib.zbar_symbol_get_loc_y(symbol, i)) for i in range(count)]
            yield Hit(text.text, _clockwise(list(zip(xs, ys, strict=True))), text.guessed)
        symbol = lib.zbar_symbol_next(symbol)


def _as_written(raw: bytes) -> bytes:
    """Versions before 0.23.1 take UTF-8 for Shift JIS or Big5 at times and re-encode it: undone."""
    with suppress(UnicodeDecodeError):
        text = raw.decode("utf-8")
        for codec in ("shift_jis", "big5"):
            with suppress(UnicodeError):
                written = text.encode(codec)
                written.decode("utf-8")
                return written
    return raw


def _clockwise(points: list[tuple[float, float]]) -> Points:
    """Four corners from the top left; zbar starts anywhere and turns either way."""
    if len(points) != 4:
        xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        return (left, top), (right, top), (right, bottom), (left, bottom)
    middle_x, middle_y = sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4
    ring = sorted(points, key=lambda p: atan2(p[1] - middle_y, p[0] - middle_x))
    first = min(range(4), key=lambda i: ring[i][0] + ring[i][1])
    return tuple(ring[first:] + ring[:first])


# --- OpenCV's WeChatQRCode -----------------------------------------------------------------------

_OWN = threading.local()


def why_no_neural() -> Message | None:
    """Why the neural decoder cannot be used, with what to do; None where it can."""
    with _importing:
        return _why_no_neural()


_importing = threading.Lock()
"""OpenCV takes itself out of the table of modules while it loads: no two threads may meet there."""


@cache
def _why_no_neural() -> Message | None:
    if find_spec("cv2") is None:
        return VISION_HINT
    try:
        import cv2
    except ImportError as error:
        return Message("{0} ({1})", VISION_HINT, error)
    known = hasattr(cv2, "wechat_qrcode_WeChatQRCode") and cv2.__version__.startswith("4.")
    if known:
        return None
    return Message("{0} (OpenCV {1} does not take its models)", VISION_HINT, cv2.__version__)


def has_neural() -> bool:
    """Whether the extra `vision` is installed and works."""
    return why_no_neural() is None


def neural(grey: Grey, *, most: int = 1_000_000) -> Iterator[Hit]:
    """The codes that WeChatQRCode reads around the places where its detector is sure of one.

    A place is given to it in at most `most` pixels, and only if finder patterns are seen there, as
    in all that it reads: it tries for a tenth of a second wherever there might be something.
    """
    if not has_neural():
        return
    detector, decoder = _own_networks()
    for left, top, right, bottom in _sure_places(detector, grey):
        part = grey[top:bottom, left:right]
        if has_finder_patterns(legible(part)):
            for text, corners in _detect_and_decode(decoder, part, most):
                yield Hit(text, tuple((x + left, y + top) for x, y in corners))


def _own_networks() -> tuple[Any, Any]:
    """One pair a thread: shared ones crash."""
    if not hasattr(_OWN, "networks"):
        import cv2

        cv2.setNumThreads(1)  # there is a thread a core already
        files = [str(MODELS / name) for name in MODEL_FILES]
        _OWN.networks = (
            cv2.dnn.readNetFromCaffe(files[0], files[1]),
            cv2.wechat_qrcode_WeChatQRCode(*files),
        )
    networks: tuple[Any, Any] = _OWN.networks
    return networks


def _sure_places(detector: Any, grey: Grey) -> Iterator[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) with a margin, where the detector is sure."""
    import cv2

    high, wide = grey.shape
    side = (DETECTOR_SIDES[grey.size > SMALL],) * 2
    small = cv2.resize(grey, side, interpolation=cv2.INTER_AREA)
    detector.setInput(cv2.dnn.blobFromImage(small, 1 / 255, side), "data")
    for _, kind, sure, *box in detector.forward("detection_output")[0, 0]:
        if kind != 1 or sure < SURE:
            continue
        left, top, right, bottom = (
            float(v) * s for v, s in zip(box, (wide, high, wide, high), strict=True)
        )
        margin = 0.2 * max(right - left, bottom - top)
        yield (
            max(0, int(left - margin)),
            max(0, int(top - margin)),
            min(wide, int(right + margin)),
            min(high, int(bottom + margin)),
        )


def _detect_and_decode(decoder: Any, part: Grey, most: int) -> Iterator[tuple[str, Points]]:
    import cv2
    import numpy

    scale = min(1.0, (most / max(1, part.size)) ** 0.5)
    if min(part.shape) < 21:
        return
    if scale < 1:
        part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    try:
        texts, places = decoder.detectAndDecode(numpy.ascontiguousarray(part))
    except (UnicodeDecodeError, cv2.error):  # it hands out UTF-8 only
        return
    for text, place in zip(texts, places, strict=False):
        if text.strip():
            yield text, _clockwise([(float(x) / scale, float(y) / scale) for x, y in place])
