"""Draws the codes: image files of several kinds, and codes made of markup."""

from __future__ import annotations

import base64
import io
import json
import random
import zlib
from functools import cache

import segno
from pieces import PORT, File, Place
from PIL import Image, ImageOps

Matrix = tuple[tuple[int, ...], ...]
QUIET = 2


@cache
def matrix(payload: str) -> Matrix:
    """With a quiet zone of two modules."""
    rows = segno.make(payload, error="m", micro=False).matrix_iter(border=QUIET)
    return tuple(tuple(int(x) for x in row) for row in rows)


@cache
def picture(payload: str, *, dark: str = "black", light: str = "white") -> Image.Image:
    rows = matrix(payload)
    image = Image.new("RGB", (len(rows), len(rows)), light)
    ink = Image.new("RGB", (1, 1), dark).getpixel((0, 0))
    for y, row in enumerate(rows):
        for x, on in enumerate(row):
            if on and isinstance(ink, tuple):
                image.putpixel((x, y), ink)
    return image.resize((len(rows) * 6, len(rows) * 6), Image.Resampling.NEAREST)


def saved(image: Image.Image, kind: str = "png") -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **({"quality": 92} if kind in {"jpeg", "webp"} else {}))
    return out.getvalue()


@cache
def png(payload: str) -> bytes:
    return saved(picture(payload))


def bad_checksum(data: bytes) -> bytes:
    """The header's checksum is wrong: browsers refuse the picture, lenient readers do not."""
    return data[:29] + bytes(4) + data[33:]


def other(place: Place) -> str:
    """Another payload, near the right one or far from it."""
    value = place.thing.value
    last = "5" if value[-1] != "5" else "6"
    return place.rng.choice(
        (value[:-1] + last, "http://weixin.qq.com/r/OTHER-01", "http://m.test/s")
    )


def side_by_side(place: Place, *payloads: str) -> Image.Image:
    """Cells of the place's size in a row."""
    size = place.size
    strip = Image.new("RGB", (size * len(payloads), size), "white")
    for at, payload in enumerate(payloads):
        strip.paste(
            picture(payload).resize((size, size), Image.Resampling.BILINEAR), (at * size, 0)
        )
    return strip


def dark_path(payload: str) -> str:
    rows = matrix(payload)
    return "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on
    )


def rects(payload: str) -> str:
    rows = matrix(payload)
    return "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1"/>'
        for y, row in enumerate(rows)
        for x, on in enumerate(row)
        if on
    )


def svg(payload: str, ink: str = "#000") -> str:
    n = len(matrix(payload))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n} {n}"'
        f' width="{n * 4}" height="{n * 4}"'
        f' shape-rendering="crispEdges"><rect width="{n}" height="{n}" fill="#fff"/>'
        f'<g id="q"><path fill="{ink}" d="{dark_path(payload)}"/></g></svg>'
    )


def cells(payload: str) -> str:
    return "".join(
        "<tr>" + "".join("<td class=k>" if on else "<td>" for on in row) for row in matrix(payload)
    )


def spans(payload: str) -> str:
    return "".join(
        "<div>" + "".join("<b></b>" if on else "<i></i>" for on in row) + "</div>"
        for row in matrix(payload)
    )


def shadows(payload: str, side: int = 4) -> str:
    return ",".join(
        f"{x * side}px {y * side}px 0 #000"
        for y, row in enumerate(matrix(payload))
        for x, on in enumerate(row)
        if on
    )


def gradients(payload: str, side: int = 4) -> str:
    """One background layer a row of modules."""
    layers = []
    for y, row in enumerate(matrix(payload)):
        stops = ",".join(
            f"{'#000' if on else '#fff'} {x * side}px {(x + 1) * side}px"
            for x, on in enumerate(row)
        )
        layers.append(f"linear-gradient(90deg,{stops}) 0 {y * side}px/100% {side}px no-repeat")
    return ",".join(layers)


def blocks(payload: str) -> str:
    """Two rows of modules a line."""
    rows = [*matrix(payload)]
    rows.append((0,) * len(rows[0]))
    marks = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    return "\n".join(
        "".join(marks[pair] for pair in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows) - 1, 2)
    )


def path_of(place: Place, name: str) -> str | None:
    """Tokens that are files."""
    right, wrong = place.thing.value, other
    match name:
        case "CODE":
            return place.keep("png", File(png(right), "image/png"))
        case "DECOY":
            return place.keep("png", File(png(wrong(place)), "image/png"))
        case "LATE":
            return place.keep("png", File(png(right), "image/png", delay=0.5))
        case "JPEG" | "GIF" | "WEBP" | "BMP":
            kind = name.lower()
            return place.keep(kind, File(saved(picture(right), kind), f"image/{kind}"))
        case "SVG":
            return place.keep("svg", File(svg(right).encode(), "image/svg+xml"))
        case "AVIF":
            return place.keep("avif", File(saved(picture(right), "avif"), "image/avif"))
        case "NATURAL":
            image = picture(right).resize((place.size, place.size), Image.Resampling.LANCZOS)
            return place.keep("png", File(saved(image), "image/png"))
        case "INVERTED":
            return place.keep("png", File(saved(ImageOps.invert(picture(right))), "image/png"))
        case "RED":
            image = picture(right, dark="#8b1a1a", light="#fff6dc")
            return place.keep("png", File(saved(image), "image/png"))
        case "MASK":
            alpha = picture(right).convert("L").point(lambda v: 255 - v)
            image = Image.merge("LA", (Image.new("L", alpha.size, 0), alpha))
            return place.keep("png", File(saved(image), "image/png"))
        case "SPRITE":  # the right code in the middle
            strip = side_by_side(place, wrong(place), right, "http://m.test/third")
            return place.keep("png", File(saved(strip), "image/png"))
        case "PAIR":
            return place.keep(
                "png", File(saved(side_by_side(place, right, wrong(place))), "image/png")
            )
        case "LEFT" | "RIGHT":
            full = picture(right).resize((place.size, place.size), Image.Resampling.BILINEAR)
            half = place.size // 2
            box = (0, 0, half, place.size) if name == "LEFT" else (half, 0, place.size, place.size)
            return place.keep("png", File(saved(full.crop(box)), "image/png"))
        case "CUT":  # only its top arrives
            data = png(right)
            return place.keep("png", File(data[: len(data) // 2], "image/png"))
        case "SUM":
            return place.keep("png", File(bad_checksum(png(right)), "image/png"))
        case "CORP":
            policy = {"Cross-Origin-Resource-Policy": "same-origin"}
            return place.keep("png", File(png(right), "image/png", headers=policy))
        case "TEXTTYPE":
            return place.keep("dat", File(png(right), "text/plain"))
        case "STATUS404":
            return place.keep("png", File(png(right), "image/png", status=404))
        case "QUERYONLY":
            return place.keep("php?id=7", File(png(right), "image/png"))
    return None


def text_of(place: Place, name: str) -> str | None:
    """Tokens that are markup or numbers."""
    payload = place.thing.value
    match name:
        case "S":
            return str(place.size)
        case "S2":
            return str(place.size * 2)
        case "S3":
            return str(place.size * 3)
        case "HALF":
            return str(place.size // 2)
        case "PART":
            return str(place.size * 45 // 100)
        case "FIFTH":
            return str(place.size // 5)
        case "MOST":
            return str(place.size * 7 // 10)
        case "TINY":
            return str(place.rng.choice((12, 16, 20, 22)))
        case "N":
            return str(len(matrix(payload)))
        case "N4":
            return str(len(matrix(payload)) * 4)
        case "PATH":
            return dark_path(payload)
        case "RECTS":
            return rects(payload)
        case "CELLS":
            return cells(payload)
        case "SPANS":
            return spans(payload)
        case "SHADOWS":
            return shadows(payload)
        case "GRADIENTS":
            return gradients(payload)
        case "BLOCKS":
            return blocks(payload)
        case "MATRIX":
            return json.dumps(matrix(payload), separators=(",", ":"))
        case "DATA":
            return "data:image/png;base64," + base64.b64encode(png(payload)).decode()
        case "CDN" | "FOREIGN":
            unit = place.key.partition("t")[0]
            domain = "oracle" if name == "CDN" else "elsewhere"
            return f"http://cdn-{unit}.{domain}.test:{PORT}"
    return None


def lookup(place: Place, name: str) -> str:
    """The value of a token, in the order of the tables."""
    found = text_of(place, name)
    if found is None:
        found = path_of(place, name)
    return place.token(name) if found is None else found


def seeded(*parts: object) -> random.Random:
    """The same parts give the same numbers, in every process."""
    return random.Random(zlib.crc32(repr(parts).encode()))
