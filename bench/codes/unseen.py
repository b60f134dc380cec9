"""Codes lost in silence: drawn, not read, and no blind spot where they stand.

    python bench/codes/unseen.py                        seed 1, 10 of each case, two processes
    python bench/codes/unseen.py --seed 7 --each 40 --only frames --lost

Composites, kinds that are hard to read, further frames of animations, transparency, drawings: each
picture holds several codes whose places are known. A code counts as read, as doubted (a blind spot
overlaps it, or the picture was not seen whole) or as lost. `--false` looks at pictures without a
code instead, and counts those with a blind spot. `--lost FOLDER` keeps the pictures that lost one.
"""

from __future__ import annotations

import argparse
import io
import os
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy
import segno
from corpus import (
    BLACK,
    CLEAR,
    NOTHING,
    SMOOTH,
    WHITE,
    Look,
    Random,
    _caption,
    _modules,
    _on,
    _saved,
    _scene,
    _sized,
    _sun,
    _symbol,
    payload,
    samples,
)
from PIL import Image, ImageDraw, ImageFilter

from ycaudit.observe.qr import decoders
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One code: what it says (nothing if no decoder can tell), how it is drawn, and where."""

    payload: str
    kind: str
    box: Box


# --- kinds of codes ------------------------------------------------------------------------------


def _piece(text: str, side: float, rng: Random, look: Look, level: str = "m") -> Image.Image:
    return _sized(_symbol(text, rng, look, level), side, rng, SMOOTH)


def _pitched(text: str, side: float, rng: Random, pitch: float) -> Image.Image:
    return _piece(text, pitch * _modules(text, "m", 2), rng, Look(quiet=2))


def _covered(text: str, side: float, rng: Random) -> Image.Image:
    """Too much of it is covered for its error correction."""
    image = _piece(text, side, rng, Look(quiet=2), "l")
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = (float(v) for v in rng.uniform(0.3, 0.75, 2) * side)
        draw.rectangle((x, y, x + side / 6, y + side / 6), (*(int(rng.integers(256)),) * 3, 255))
    return image


def _on_dark(text: str, side: float, rng: Random) -> Image.Image:
    code = _piece(text, side - 8, rng, Look(quiet=0))
    out = Image.new("RGBA", (code.width + 8,) * 2, (*(int(c) for c in rng.integers(0, 90, 3)), 255))
    out.alpha_composite(code, (4, 4))
    return out


def _unsharp(text: str, side: float, rng: Random) -> Image.Image:
    return _piece(text, side, rng, Look(quiet=3)).filter(
        ImageFilter.GaussianBlur(float(rng.uniform(1.0, 1.8)))
    )


def _askew(text: str, side: float, rng: Random) -> Image.Image:
    code = _piece(text, side * 0.72, rng, Look(quiet=2))
    return code.rotate(float(rng.uniform(30, 60)), Image.Resampling.BICUBIC, expand=True)


PLAIN = Look()


def _blurred(
    text: str, side: float, rng: Random, look: Look = PLAIN, least: float = 0.45, most: float = 0.85
) -> Image.Image:
    """By a share of a module; at 0.9 the finder patterns lose their rings for the eye, too."""
    code = _piece(text, side, rng, look, "m")
    module = side / _modules(text, "m", look.quiet)
    return code.filter(ImageFilter.GaussianBlur(float(rng.uniform(least, most)) * module))


def _moved(text: str, side: float, rng: Random) -> Image.Image:
    """Blurred in one direction."""
    code = _piece(text, side, rng, Look())
    reach = float(rng.uniform(1.2, 2.0)) * side / _modules(text, "m", 4)
    angle = float(rng.uniform(0, 3.14))
    steps = [(i / 8 - 1) * reach / 2 for i in range(17)]
    layers = [
        numpy.asarray(
            code.transform(
                code.size,
                Image.Transform.AFFINE,
                (1, 0, t * numpy.cos(angle), 0, 1, t * numpy.sin(angle)),
                Image.Resampling.BILINEAR,
                fillcolor=WHITE,
            ),
            dtype=numpy.float32,
        )
        for t in steps
    ]
    return Image.fromarray(numpy.mean(layers, 0).astype(numpy.uint8), "RGBA")


def _enlarged(text: str, side: float, rng: Random) -> Image.Image:
    """Saved at 1.0 to 1.4 pixels a module, and shown larger."""
    few = float(rng.uniform(1.0, 1.4)) * _modules(text, "m", 4)
    small = _piece(text, few, rng, Look())
    return small.resize((round(side),) * 2, SMOOTH[int(rng.integers(3))])


def _crushed(text: str, side: float, rng: Random) -> Image.Image:
    """As JPEG of quality 5."""
    return _jpeg(_piece(text, side, rng, Look()), 5)


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    with Image.open(io.BytesIO(_saved(_on(image), "JPEG", quality=quality))) as again:
        return again.convert("RGBA")


def _paled(text: str, side: float, rng: Random) -> Image.Image:
    """Blurred, and faint."""
    return _blurred(text, side, rng, Look((170, 170, 170, 255), (230, 230, 230, 255)))


def _glared(text: str, side: float, rng: Random) -> Image.Image:
    """A light spot covers a third of it, no finder pattern."""
    code = _piece(text, side, rng, Look(), "l")
    mask = Image.new("L", code.size, 0)
    x, y = (float(v) * side for v in rng.uniform(0.5, 0.65, 2))
    r = side * 0.28
    ImageDraw.Draw(mask).ellipse((x - r, y - r, x + r, y + r), 255)
    code.paste(WHITE, mask=mask.filter(ImageFilter.GaussianBlur(side / 30)))
    return code


def _tilted(text: str, side: float, rng: Random) -> Image.Image:
    """Seen from aside, and unsharp."""
    code = _blurred(text, side, rng, Look(), 0.4, 0.6)
    t = float(rng.uniform(0.06, 0.12))
    # The corners of the picture as fractions: what was a square is a trapezium now.
    rows = [((0, 0), (t, t)), ((1, 0), (1 - t / 2, 0)), ((1, 1), (1, 1)), ((0, 1), (0, 1 - t))]
    system, wanted = [], []
    for (u, v), (x, y) in rows:
        system += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    a, b, c, d, e, f, g, h = numpy.linalg.solve(numpy.array(system), numpy.array(wanted))
    n = code.width
    data = (a, b, c * n, d, e, f * n, g / n, h / n)
    return code.transform(code.size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC,
                          fillcolor=WHITE)  # fmt: skip


def _dithered(text: str, side: float, rng: Random) -> Image.Image:
    """Blurred, and in two tones."""
    return _on(_blurred(text, side, rng)).convert("1").convert("RGBA")


def _eyes_blurred(text: str, side: float, rng: Random) -> Image.Image:
    return _blurred(text, side, rng, Look("rounded", patterns="rounded"), most=0.75)


def _small_blurred(text: str, side: float, rng: Random) -> Image.Image:
    return _blurred(text, float(rng.uniform(66, 90)), rng, Look(quiet=2))


def _mini_program(text: str, side: float, rng: Random) -> Image.Image:
    with Image.open(io.BytesIO(_sun(rng)[0])) as image:
        return image.convert("RGBA").resize((round(side),) * 2, Image.Resampling.LANCZOS)


Kind = Callable[[str, float, Random], Image.Image]


def _looking(look: Look) -> Kind:
    return lambda text, side, rng: _piece(text, side, rng, look)


KINDS: dict[str, Kind] = {
    "plain": _looking(Look(quiet=2)),
    "pitch 1.5": partial(_pitched, pitch=1.5),
    "pitch 1.2": partial(_pitched, pitch=1.2),
    "dots": _looking(Look(module="dot", quiet=2)),
    "small modules": _looking(Look(module="small", quiet=2)),
    "diamonds": _looking(Look(module="diamond", quiet=2)),
    "round eyes": _looking(Look(module="rounded", patterns="rounded", quiet=2)),
    "no quiet zone on dark": _on_dark,
    "inverted": _looking(Look(dark=WHITE, light=BLACK, quiet=2)),
    "faint": _looking(Look(dark=(170, 170, 170, 255), light=(236, 236, 236, 255), quiet=2)),
    "large logo": lambda text, side, rng: _piece(text, side, rng, Look(logo=0.32, quiet=2), "h"),
    "covered": _covered,
    "unsharp": _unsharp,
    "on a corner": _askew,
    "mini-program": _mini_program,
}
FLAWED: dict[str, Kind] = {
    "blurred": _blurred,
    "blurred, inverted": partial(_blurred, look=Look(dark=WHITE, light=BLACK)),
    "blurred, faint": _paled,
    "blurred, 66 to 90 px": _small_blurred,
    "blurred, rounded": _eyes_blurred,
    "blurred, dithered": _dithered,
    "blurred, tilted": _tilted,
    "moved": _moved,
    "saved small, shown large": _enlarged,
    "JPEG of quality 5": _crushed,
    "glare": _glared,
    "logo over 40 %": _looking(Look(logo=0.42)),
}
"""Codes that a visitor knows for codes, alone on their screen: nothing beside them was read."""
UNREADABLE = ("covered", "mini-program")
LIGHT = Look(dark=WHITE, light=CLEAR, quiet=2)
DARK = Look(light=CLEAR, quiet=2)


def _made(kind: str, side: float, rng: Random) -> tuple[Image.Image, str]:
    text = payload(rng)
    while _modules(text, "m", 2) * 1.8 > side:
        text = payload(rng)
    return (KINDS | FLAWED)[kind](text, side, rng), text


# --- pictures ------------------------------------------------------------------------------------

Picture = tuple[bytes, tuple[Drawn, ...]]


def _ground(rng: Random, size: tuple[int, int]) -> Image.Image:
    match rng.integers(4):
        case 0:
            return Image.new("RGBA", size, WHITE)
        case 1:
            return Image.new("RGBA", size, (*(int(c) for c in rng.integers(200, 256, 3)), 255))
        case 2:
            return Image.new("RGBA", size, (*(int(c) for c in rng.integers(0, 120, 3)), 255))
        case _:
            return _scene(rng, *size).convert("RGBA")


def _web(image: Image.Image, rng: Random) -> bytes:
    match rng.integers(3):
        case 0:
            return _saved(_on(image), "PNG")
        case 1:
            return _saved(_on(image), "JPEG", quality=int(rng.integers(60, 93)))
        case _:
            return _saved(_on(image), "WEBP", quality=int(rng.integers(60, 93)))


def _laid_out(
    image: Image.Image, kinds: list[str], columns: int, cell: float, side: float, rng: Random
) -> tuple[Drawn, ...]:
    draw, drawn = ImageDraw.Draw(image), []
    for index, kind in enumerate(kinds):
        piece, text = _made(kind, side, rng)
        left = (index % columns) * cell + (cell - piece.width) / 2
        top = (index // columns) * (cell + 20) + (cell - piece.height) / 2
        image.alpha_composite(piece, (max(0, round(left)), max(0, round(top))))
        _caption(draw, (index % columns) * cell + 4, (index // columns + 1) * (cell + 20) - 20, 14,
                 rng, (60, 60, 60, 255))  # fmt: skip
        text = "" if kind in UNREADABLE else text
        drawn.append(Drawn(text, kind, (left, top, left + piece.width, top + piece.height)))
    return tuple(drawn)


def composite(rng: Random, *, hard: str, columns: int, rows: int) -> Picture:
    """Plain codes in rows with captions, one of them hard."""
    side = float(rng.integers(80, 170))
    cell = side + float(rng.integers(4, 40))
    kinds = ["plain"] * (columns * rows)
    kinds[rng.integers(len(kinds))] = hard
    image = _ground(rng, (round(cell * columns), round((cell + 20) * rows)))
    drawn = _laid_out(image, kinds, columns, cell, side, rng)
    return _web(image, rng), drawn


def large_and_small(rng: Random, *, hard: str) -> Picture:
    """A large code, and a hard one of a third of its size in what is left of the picture."""
    side = float(rng.integers(240, 360))
    image = _ground(rng, (round(side + 160), round(side + 16)))
    large, text = _made("plain", side, rng)
    image.alpha_composite(large, (8, 8))
    piece, other = _made(hard, float(rng.integers(84, 130)), rng)
    top = float(rng.integers(4, max(5, round(side) - piece.height)))
    left = side + 12.0
    image.alpha_composite(piece, (round(left), round(top)))
    other = "" if hard in UNREADABLE else other
    box = (left, top, left + piece.width, top + piece.height)
    return _web(image, rng), (
        Drawn(text, "plain", (8, 8, 8 + side, 8 + side)),
        Drawn(other, hard, box),
    )


def frames(rng: Random, *, form: str, hard: str) -> Picture:
    """A rotating banner: a code in each frame, the last one hard."""
    side = float(rng.integers(90, 200))
    wide = round(side + rng.integers(8, 400))
    pictures, drawn = [], []
    for kind in ("plain", "plain", hard)[-int(rng.integers(2, 4)) :]:
        image = _ground(rng, (wide, round(side) + 8))
        piece, text = _made(kind, side, rng)
        left = float(rng.integers(0, max(1, wide - piece.width)))
        image.alpha_composite(piece, (round(left), 4))
        pictures.append(_on(image))
        text = "" if kind in UNREADABLE else text
        drawn.append(Drawn(text, kind, (left, 4, left + piece.width, 4 + piece.height)))
    options = {"quality": 85} if form == "WEBP" else {}
    data = _saved(
        pictures[0],
        form,
        save_all=True,
        append_images=pictures[1:],
        duration=900,
        loop=0,
        **options,
    )
    return data, tuple(drawn)


def grounds(rng: Random, *, looks: tuple[Look, ...]) -> Picture:
    """Codes of which some are light and some dark, on transparency."""
    side = float(rng.integers(90, 200))
    image = Image.new("RGBA", (round((side + 12) * len(looks)), round(side) + 12), CLEAR)
    drawn = []
    for index, look in enumerate(looks):
        text = payload(rng)
        piece = _piece(text, side, rng, look, "m")
        left = 6 + index * (side + 12)
        image.alpha_composite(piece, (round(left), 6))
        name = "light" if look.dark == WHITE else "dark"
        drawn.append(Drawn(text, name, (left, 6, left + side, 6 + side)))
    if rng.random() < 0.3:
        return _saved(image, "WEBP", lossless=True), tuple(drawn)
    return _saved(image, "PNG"), tuple(drawn)


def drawings(rng: Random, *, inks: tuple[str, ...], ground: str | None) -> Picture:
    """An SVG with codes in these colours, on nothing or on a ground."""
    parts, drawn, left = [], [], 0.0
    for ink in inks:
        text = payload(rng)
        out = io.BytesIO()
        code = segno.make(text, error="m", micro=False)
        code.save(out, kind="svg", border=2, dark=ink, xmldecl=False, svgns=False, scale=4)
        side = code.symbol_size(4, 2)[0]
        parts.append(f'<g transform="translate({left} 0)">{out.getvalue().decode()}</g>')
        drawn.append((text, ink, left, side))
        left += side + 20
    high = max(side for *_, side in drawn)
    rect = f'<rect width="100%" height="100%" fill="{ground}"/>' if ground else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left} {high}">'
        f"{rect}{''.join(parts)}</svg>"
    )
    scale = 800 / left
    return svg.encode(), tuple(
        Drawn(text, ink, (x * scale, 0, (x + side) * scale, side * scale))
        for text, ink, x, side in drawn
    )


def alone(rng: Random, *, kind: str) -> Picture:
    """One code in its file."""
    piece, text = _made(kind, float(rng.integers(110, 260)), rng)
    return _saved(_on(piece), "PNG"), (Drawn(text, kind, (0, 0, piece.width, piece.height)),)


def on_screen(rng: Random, *, kind: str) -> Picture:
    """A screen of a page: a photograph, text, and one code."""
    image = Image.new("RGBA", (1280, 800), WHITE)
    image.paste(_scene(rng, 600, 300), (20, 10))
    draw = ImageDraw.Draw(image)
    for line in range(12):
        _caption(draw, 660, 24 * line + 10, 16, rng, (30, 30, 30, 255))
    piece, text = _made(kind, float(rng.integers(110, 220)), rng)
    left, top = int(rng.integers(20, 1000)), int(rng.integers(340, 560))
    image.alpha_composite(piece, (left, top))
    box = (left, top, left + piece.width, top + piece.height)
    return _saved(_on(image), "PNG"), (Drawn(text, kind, box),)


def whole_page(rng: Random, *, high: int) -> Picture:
    """A screenshot of a page: text, photographs, and codes far apart, every third one hard."""
    image = Image.new("RGBA", (1280, high), WHITE)
    draw, drawn = ImageDraw.Draw(image), []
    for top in range(0, high - 700, 700):
        image.paste(_scene(rng, 600, 300), (20, top + 10))
        for line in range(12):
            _caption(draw, 660, top + 24 * line + 10, 16, rng, (30, 30, 30, 255))
        kind = "plain" if top % 2100 else str(rng.choice(["pitch 1.5", "dots", "covered"]))
        piece, text = _made(kind, float(rng.integers(80, 200)), rng)
        left = float(rng.integers(0, 1000))
        image.alpha_composite(piece, (round(left), top + 400))
        box = (left, top + 400, left + piece.width, top + 400 + piece.height)
        drawn.append(Drawn("" if kind in UNREADABLE else text, kind, box))
    return _saved(_on(image), "PNG"), tuple(drawn)


HARD = tuple(kind for kind in KINDS)
CASES: dict[str, Callable[[Random], Picture]] = {
    **{f"composite 1 x 4, {h}": partial(composite, hard=h, columns=1, rows=4) for h in HARD},
    **{f"composite 2 x 2, {h}": partial(composite, hard=h, columns=2, rows=2) for h in HARD},
    **{f"composite 3 x 1, {h}": partial(composite, hard=h, columns=3, rows=1) for h in HARD},
    "wall 4 x 4": partial(composite, hard="plain", columns=4, rows=4),
    **{f"large and small, {h}": partial(large_and_small, hard=h) for h in HARD},
    **{
        f"frames {form}, {h}": partial(frames, form=form, hard=h)
        for form in ("GIF", "PNG", "WEBP")
        for h in ("plain", "pitch 1.5", "dots", "no quiet zone on dark", "covered")
    },
    "grounds, light and dark": partial(grounds, looks=(LIGHT, DARK)),
    "grounds, dark, light, opaque": partial(grounds, looks=(DARK, LIGHT, Look(quiet=2))),
    "grounds, light": partial(grounds, looks=(LIGHT,)),
    "grounds, light beside opaque": partial(grounds, looks=(Look(quiet=2), LIGHT)),
    "grounds, light dots beside dark": partial(
        grounds, looks=(Look(module="dot", dark=WHITE, light=CLEAR, quiet=2), DARK)
    ),
    "drawing, white": partial(drawings, inks=("#fff",), ground=None),
    "drawing, white and black": partial(drawings, inks=("#fff", "#000"), ground=None),
    "drawing, white on blue": partial(drawings, inks=("#fff", "#fff"), ground="#036"),
    "drawing, black": partial(drawings, inks=("#000",), ground=None),
    "whole page, 1280 x 6000": partial(whole_page, high=6000),
    **{f"alone, {kind}": partial(alone, kind=kind) for kind in FLAWED},
    **{f"on a screen, {kind}": partial(on_screen, kind=kind) for kind in FLAWED},
}


def pictures(case: str, seed: int, each: int) -> Iterator[Picture]:
    for number in range(each):
        rng = numpy.random.default_rng([seed, zlib.crc32(case.encode()), number])
        yield CASES[case](rng)


# --- counting ------------------------------------------------------------------------------------


def _meets(corners: tuple[tuple[int, int], ...], box: Box) -> bool:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    wide = min(max(xs), box[2]) - max(min(xs), box[0])
    high = min(max(ys), box[3]) - max(min(ys), box[1])
    return wide > 0 and high > 0 and wide * high > 0.3 * (box[2] - box[0]) * (box[3] - box[1])


def look_at(
    case: str, seed: int, each: int, effort: int, lost: Path | None
) -> tuple[str, Counter[str], float]:
    """How many codes were read, doubted, lost and invented, and the CPU seconds."""
    count: Counter[str] = Counter()
    seconds = 0.0
    for number, (data, drawn) in enumerate(pictures(case, seed, each)):
        started = time.process_time()
        try:
            reading = read_codes(data, effort=Effort(effort))
        except ImageTrouble:
            count["doubted"] += len(drawn)  # an image that does not open is a blind spot
            continue
        finally:
            seconds += time.process_time() - started
        read = {s.payload for s in reading.symbols}
        spots = [place.corners for place in reading.located]
        silent = []
        for code in drawn:
            if code.payload and code.payload in read:
                count["read"] += 1
            elif reading.truncated or any(_meets(spot, code.box) for spot in spots):
                count["doubted"] += 1
            else:
                count["lost"] += 1
                silent.append(code)
        count["false reads"] += len(read - {code.payload for code in drawn})
        boxes = [code.box for code in drawn]
        count["false spots"] += sum(not any(_meets(s, b) for b in boxes) for s in spots)
        if silent and lost is not None:
            name = f"{case}-{number}".replace(" ", "_").replace(",", "")
            (lost / name).write_bytes(data)
            print(name, [(c.kind, [round(v) for v in c.box]) for c in silent], flush=True)
    return case, count, seconds


def false_spots(stratum: str, seed: int, each: int, effort: int) -> tuple[str, Counter[str], float]:
    """Pictures without a code that get a blind spot; of the round codes, those that get none."""
    count: Counter[str] = Counter()
    seconds = 0.0
    for sample in samples(seed, each, only=stratum):
        if sample.stratum != stratum:
            continue
        started = time.process_time()
        count["pictures"] += 1
        try:
            reading = read_codes(sample.data, effort=Effort(effort))
        except ImageTrouble:
            continue
        finally:
            seconds += time.process_time() - started
        count["with a spot"] += bool(reading.located)
        count["false reads"] += len(reading.symbols)
    return stratum, count, seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--effort", type=int, default=3)
    parser.add_argument("--no-vision", action="store_true")
    parser.add_argument("--false", action="store_true", dest="nothing")
    parser.add_argument("--lost", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    if asked.no_vision:
        decoders.has_neural = lambda: False  # type: ignore[assignment]
    if asked.lost:
        asked.lost.mkdir(parents=True, exist_ok=True)
    table = NOTHING if asked.nothing else CASES
    names = [name for name in table if asked.only in name]
    total: dict[str, Counter[str]] = defaultdict(Counter)
    seconds = 0.0
    with ProcessPoolExecutor(asked.processes) as pool:
        work = [
            pool.submit(false_spots, n, asked.seed, asked.each, asked.effort)
            if asked.nothing
            else pool.submit(look_at, n, asked.seed, asked.each, asked.effort, asked.lost)
            for n in names
        ]
        for task in work:
            name, count, spent = task.result()
            seconds += spent
            total[name] += count
            total["all"] += count
    columns = (
        ["pictures", "with a spot"] if asked.nothing else ["read", "doubted", "lost", "false spots"]
    )
    columns.append("false reads")
    print(f"| case | {' | '.join(columns)} |\n|---|" + "--:|" * len(columns))
    for name, count in total.items():
        print(f"| {name} | {' | '.join(str(count[c]) for c in columns)} |")
    print(f"\n{1000 * seconds / max(1, len(names) * asked.each):.1f} ms of CPU a picture")


if __name__ == "__main__":
    main()
