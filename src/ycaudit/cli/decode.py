"""ycaudit decode: what the QR codes in images say."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ycaudit.cli import console, options, progress
from ycaudit.cli.image_files import MAX_BYTES, Input, inputs
from ycaudit.cli.notices import Notices
from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message, translate
from ycaudit.observe.page_images import reason_of
from ycaudit.observe.qr.decoders import why_no_neural
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Effort, Reading, Symbol
from ycaudit.observe.qr.sandbox import DecodeSandbox
from ycaudit.observe.qr.steps import STEPS
from ycaudit.reasons import Reason
from ycaudit.report.rows import clean
from ycaudit.runs.evidence import write_whole

if TYPE_CHECKING:
    from PIL import Image as Pillow

EFFORTS = {effort.name.lower(): effort for effort in Effort}
FORMER = {"glance": "fast", "look": "normal", "stare": "thorough"}
"""The words of version 0.1."""
MAX_SHOWN = 4000
READ, UNREAD = (0, 150, 60), (220, 110, 0)


@dataclass(frozen=True, slots=True)
class Decoded:
    """One image and what came of it: a reading, or why there is none."""

    image: Input
    reading: Reading | str


def command(
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE…", help="Files, folders, web addresses, or - for stdin."),
    ],
    format_name: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    effort: Annotated[
        str, typer.Option("--effort", help="How hard to look: fast, normal or thorough.")
    ] = "thorough",
    explain: Annotated[
        bool, typer.Option("--explain", help="Print which step read each code and what each cost.")
    ] = False,
    annotate: Annotated[
        Path | None,
        typer.Option("--annotate", help="Write the images with boxes around codes here."),
    ] = None,
    allow_private: options.AllowPrivate = False,
    proxy: options.ProxyUrl = "",
) -> None:
    """Read every QR code of the images.

    Exit 1: an image holds none, or none that could be read; 2: an image could not be opened whole.
    """
    if format_name not in ("text", "json"):
        raise AuditError("--format {0!r}: choose text or json", format_name)
    if effort in FORMER:
        console.notice("--effort {0} is called {1} now", effort, FORMER[effort])
        effort = FORMER[effort]
    if effort not in EFFORTS:
        raise AuditError("--effort {0!r}: choose {1}", effort, ", ".join(EFFORTS))
    if annotate is not None:
        _make(annotate)
    progress.notice_missing_zbar(Notices())
    printed = []
    worst = seen = 0
    found = inputs(images, allow_private=allow_private, proxy=proxy)
    for decoded in _decoded(found, EFFORTS[effort]):
        seen += 1
        if annotate is not None:
            _annotate(decoded, annotate)
        if format_name == "json":
            printed.append(_plain(decoded, explain=explain))
        else:
            _print(decoded, explain=explain)
        worst = max(worst, _exit_code(decoded.reading))
    if not seen:
        raise AuditError("no image in {0}: name image files, or a folder of them", images[0])
    if format_name == "json":
        console.data(json.dumps(printed, ensure_ascii=False, indent=1) + "\n")
    if worst == 1:
        console.notice(
            "the round codes of mini-programs are no QR codes and cannot be read: ask for the "
            "square one"
        )
    if explain and (why := why_no_neural()) is not None:
        console.notice(why)
    raise typer.Exit(worst)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AuditError("--annotate {0}: {1}", folder, why_of(error)) from error


def _exit_code(reading: Reading | str) -> int:
    if isinstance(reading, str):
        return 2
    if reading.symbols:
        return 0
    return 2 if reading.truncated else 1


def _decoded(images: Iterable[Input], effort: Effort) -> Iterator[Decoded]:
    """Every image in its order, on all cores, a few ahead of the one that is printed."""
    workers = os.cpu_count() or 2
    sandbox = DecodeSandbox()
    with ThreadPoolExecutor(workers) as pool:
        waiting = []
        for image in images:
            waiting.append(pool.submit(_decode, image, effort, sandbox))
            if len(waiting) > 4 * workers:
                yield waiting.pop(0).result()
        for task in waiting:
            yield task.result()


def _decode(image: Input, effort: Effort, sandbox: DecodeSandbox) -> Decoded:
    if isinstance(image.data, str):
        return Decoded(image, image.data)
    if len(image.data) > MAX_BYTES:
        return Decoded(image, Message("larger than {0} MB", MAX_BYTES >> 20))
    try:
        return Decoded(image, sandbox.read(image.data, effort=effort, timed=True))
    except ImageTrouble as trouble:
        if trouble.code == "image_too_small":  # that is an answer: it holds no code
            return Decoded(
                image, Reading((), (), trouble.params["width"], trouble.params["height"], False)
            )
        return Decoded(image, Message("{0}", reason_of(trouble)))


# --- telling -------------------------------------------------------------------------------------


def _plain(decoded: Decoded, *, explain: bool) -> dict[str, object]:
    """The JSON of one image; its shape does not depend on what was found."""
    reading, name = decoded.reading, decoded.image.name
    if isinstance(reading, str):
        return {"file": name, "symbols": [], "located": [], "error": reading}
    plain: dict[str, object] = {
        "file": name,
        "symbols": [_symbol(symbol) for symbol in reading.symbols],
        "located": [
            {"why": Reason.of(place.why).sentence, "corners": place.corners}
            for place in reading.located
        ],
        "error": None,
    }
    if explain:
        plain["read_by"] = [s.step for s in reading.symbols]
        plain["steps"] = [
            {"step": s.step, "seconds": round(s.seconds, 6), "added": s.added}
            for s in reading.steps
        ]
    return plain


def _symbol(symbol: Symbol) -> dict[str, object]:
    plain: dict[str, object] = {"payload": symbol.payload, "corners": symbol.corners}
    return plain | ({"guessed_charset": symbol.guessed} if symbol.guessed else {})


def _print(decoded: Decoded, *, explain: bool) -> None:
    reading, name = decoded.reading, clean(decoded.image.name, 400)
    if isinstance(reading, str):
        console.notice("{0}: {1}", name, reading)
        return
    for symbol in reading.symbols:
        console.line(f"{name}: {clean(symbol.payload, MAX_SHOWN)}")
        if symbol.guessed:
            console.notice("{0}: {1}", name, Reason.of("charset_guessed", charset=symbol.guessed))
        if explain:
            console.info("    read by: {0}, at {1}", symbol.step, _corners(symbol.corners))
    for located in reading.located:
        why = Reason.of(located.why)
        console.notice("{0}: a code that could not be read: {1}", name, why)
    if reading.truncated:
        console.notice("{0}", Reason.of("image_not_whole", src=name))
    elif not reading.symbols and not reading.located:
        console.notice("{0}: no QR code", name)
    if explain:
        _tell_costs(reading)


def _tell_costs(reading: Reading) -> None:
    whys = {step.name: translate(step.why) for step in STEPS}
    total = sum(cost.seconds for cost in reading.steps)
    console.info(
        "    {0} × {1} pixels, {2:.1f} ms of CPU:", reading.width, reading.height, 1000 * total
    )
    for cost in reading.steps:
        added = f"+{cost.added}" if cost.added else ""
        name = cost.step.partition(" (")[0]  # of the view follows
        line = f"{1000 * cost.seconds:8.2f} ms  {cost.step:<16} {added:<3} {whys.get(name, '')}"
        console.info("    {0}", line.rstrip())


def _corners(corners: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in corners)


# --- drawing -------------------------------------------------------------------------------------


def _annotate(decoded: Decoded, folder: Path) -> None:
    """The image with a box and a number for every code, as PNG."""
    if isinstance(decoded.reading, str) or isinstance(decoded.image.data, str):
        return
    from PIL import ImageDraw

    picture = _picture(decoded.image.data, (decoded.reading.width, decoded.reading.height))
    if picture is None:
        console.notice("{0}: drawings are not annotated", decoded.image.name)
        return
    draw = ImageDraw.Draw(picture)
    thick = max(2, min(picture.size) // 150)
    for number, symbol in enumerate(decoded.reading.symbols, 1):
        draw.polygon(symbol.corners, outline=READ, width=thick)
        draw.text(symbol.corners[0], str(number), fill=READ, stroke_width=2, stroke_fill="white")
    for located in decoded.reading.located:
        draw.polygon(located.corners, outline=UNREAD, width=thick)
    out = io.BytesIO()
    picture.save(out, "PNG")
    name = re.sub(r"[^\w.-]+", "_", decoded.image.name).strip("._")[-120:] or "stdin"
    write_whole(folder / f"{name}.png", out.getvalue())


def _picture(data: bytes, size: tuple[int, int]) -> Pillow.Image | None:
    """The image in colour on white, in its own size; None where it is no raster image."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            layer = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    ground = Image.new("RGBA", size, "white")
    ground.alpha_composite(layer.resize(size) if layer.size != size else layer)
    return ground.convert("RGB")
