"""The codes that can be read from the screen, and what is drawn like a code and cannot."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Container, Iterator, Sequence

from ycaudit.model import BlindSpot, Box, QrCode, Sense, Visibility, Where
from ycaudit.observe.browser.dom import Dom, holds
from ycaudit.observe.browser.leads import graphics_of
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.screens import Laid, Screen, within
from ycaudit.observe.page_images import label_of, shortened
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Corners, Effort, Located, Reading, Symbol
from ycaudit.observe.tools import Decoder, EvidenceFiles
from ycaudit.reasons import Reason

MAX_KEPT = 60
"""Screens that are read again with all effort."""
SCANNABLE = 60
"""CSS pixels a side: a smaller code that is read only enlarged no phone reads from a screen."""
SMALLEST = 34
"""CSS pixels a side, its margin left aside: a smaller one no phone reads, as a camera was simulated
over screenshots (turned, blurred, with glare and noise)."""
LEAST_CONTRAST = 1.2
"""Of the dark and the light of a code, by WCAG 2, "contrast ratio": with less no camera read one,
though a decoder may that is given the screen's own pixels."""
MAX_UNREAD = 20
MAX_PARTS, MAX_MOMENTS, AROUND = 60, 3, 12
"""Pictures that are cut out of screens, moments of each, and CSS pixels that are seen around it."""
FLAT = 8
"""Of 255: a smaller difference in colour nobody sees."""


class Painted:
    """What was read on all screens of one visit."""

    def __init__(self, decoder: Decoder, evidence: EvidenceFiles) -> None:
        self._decoder = decoder
        self._evidence = evidence
        self._codes: dict[str, QrCode] = {}
        self._unread: list[tuple[Screen, Laid, str, Located]] = []
        self._kept: dict[str, tuple[Screen, Laid]] = {}

    @property
    def codes(self) -> tuple[QrCode, ...]:
        """Every code that was read, once a payload."""
        return tuple(self._codes.values())

    def has_read(self, box: Box) -> bool:
        """Whether a code was read there."""
        return any(c.where.box and _overlap(box, c.where.box) for c in self._codes.values())

    async def read(self, screen: Screen, effort: Effort, dom: Dom) -> None:
        """Read the codes of a screen, on which this is laid out."""
        laid = Laid.out(dom)
        digest = await self._read(screen, effort, dom, laid)
        if len(self._kept) < MAX_KEPT and screen.scale == 1:
            self._kept.setdefault(digest, (screen, laid))

    async def _read(self, screen: Screen, effort: Effort, dom: Dom, laid: Laid) -> str:
        digest, reading = await self._decoder.read(screen.png, effort)
        if isinstance(reading, ImageTrouble):
            return digest
        for symbol in reading.symbols:
            self._add(screen, digest, symbol, dom)
        if effort is Effort.THOROUGH:
            self._note_unread(screen, digest, reading, laid)
        return digest

    async def read_thoroughly(self, dom: Dom) -> None:
        """Read every screen of the visit again, with all effort."""
        for screen, laid in tuple(self._kept.values()):
            await self._read(screen, Effort.THOROUGH, dom, laid)

    async def read_parts(self, srcs: Container[str], dom: Dom) -> None:
        """Read by itself each picture with such an address, wherever the screen has shown it: in
        a small picture, decoders see more."""
        seen = Counter[tuple[str, int, int]]()
        for screen, laid in tuple(self._kept.values()):
            for picture in laid.pictures:
                key = picture.src, *picture.box[2:]
                if picture.src in srcs and seen[key] < MAX_MOMENTS and seen.total() < MAX_PARTS:
                    seen[key] += 1
                    if (part := cut_out(screen, picture.box)) is not None:
                        await self._read(part, Effort.THOROUGH, dom, Laid((), (picture,)))

    def blind_spots(self, known: Sequence[Box] = ()) -> Iterator[BlindSpot]:
        """What is drawn like a code and could not be read.

        `known`: where pictures stand of which it is known by their files what they hold.
        """
        boxes = [code.where.box for code in self._codes.values()]
        told: list[Box] = []
        sources = [code.src for code in self._codes.values()]
        for screen, laid, digest, located in self._unread:
            box = screen.box(located.corners)
            if laid.is_cut_off(box, sources):
                continue
            if any(other and _overlap(box, other) for other in (*boxes, *told)):
                continue
            if any(within(box, picture) for picture in known):
                continue
            told.append(box)
            if len(told) > MAX_UNREAD:
                return
            yield BlindSpot(
                hides=frozenset({Sense.QR_CODE}),
                why=Reason.of("painted_unread", because=Reason.of(located.why)),
                where=Where(origin="browser", url="", box=box, state=screen.state),
                sha256=digest,
                corners=located.corners,
            )

    def _add(self, screen: Screen, digest: str, symbol: Symbol, dom: Dom) -> None:
        payload, box = symbol.payload, screen.box(symbol.corners)
        least = SCANNABLE if screen.scale > 1 else SMALLEST
        if payload in self._codes or min(box[2:]) < least:
            return
        if contrast(screen.png, symbol.corners) < LEAST_CONTRAST:
            return
        node = _holder(dom, box)
        src = _source(node)
        visible = Visibility.SHOWN if screen.state is None else Visibility.ON_HOVER
        self._codes[payload] = QrCode(
            payload=payload,
            guessed_charset=symbol.guessed,
            label=_label(dom, node),
            src=src,
            sha256=digest,
            corners=symbol.corners,
            visible=visible,
            where=Where(origin="browser", url=src, box=box, state=screen.state),
        )
        self._evidence.add("image", screen.png, url=src, of=digest)

    def _note_unread(self, screen: Screen, digest: str, reading: Reading, laid: Laid) -> None:
        for located in reading.located:
            if located.is_texture and laid.is_of_words(screen.box(located.corners)):
                continue
            if len(self._unread) >= 10 * MAX_UNREAD:
                return
            if contrast(screen.png, located.corners) >= LEAST_CONTRAST:
                self._unread.append((screen, laid, digest, located))


def contrast(png: bytes, corners: Corners) -> float:
    """How much lighter what is light there is than what is dark: 1, where nothing is, to 21.

    https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    import numpy as np
    from PIL import Image

    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    with Image.open(io.BytesIO(png)) as image:
        corner = max(0, min(xs)), max(0, min(ys))
        part = image.convert("RGB").crop((*corner, max(xs) + 1, max(ys) + 1))
    share = np.asarray(part, dtype=np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    dark, light = np.percentile(luminance, (10, 90))
    return float((light + 0.05) / (dark + 0.05))


def shows_something(png: bytes, box: Box) -> bool:
    """Whether a box in a picture of the screen is not all of one colour, or of another than what is
    beside it there."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        whole = image.convert("RGB")
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    inside = whole.crop((left, top, right, bottom))
    if any(high - low > FLAT for low, high in inside.getextrema()):  # type: ignore[misc]
        return True
    x, y = (left + right) // 2, (top + bottom) // 2
    beside = (
        (left > 0, (0, y)),
        (right < whole.width, (whole.width - 1, y)),
        (top > 0, (x, 0)),
        (bottom < whole.height, (x, whole.height - 1)),
    )
    around = next((at for is_there, at in beside if is_there), None)
    if around is None:
        return True  # it is all that the screen shows
    pairs = zip(whole.getpixel(around), inside.getpixel((0, 0)), strict=True)  # type: ignore[arg-type]
    return any(abs(a - b) > FLAT for a, b in pairs)


def cut_out(screen: Screen, box: Box) -> Screen | None:
    """A part of a screen of the page's own size, and a little around it; None of what it does not
    show, such as what a frame has further down."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(screen.png)) as image:
        x, y = (round(box[n] - screen.at[n]) for n in (0, 1))
        left, top = max(0, x - AROUND), max(0, y - AROUND)
        right = min(x + box[2] + AROUND, image.width)
        low = min(y + box[3] + AROUND, image.height)
        if left >= right or top >= low:
            return None
        image.crop((left, top, right, low)).save(out, "PNG")
    return Screen(out.getvalue(), (screen.at[0] + left, screen.at[1] + top), 1, screen.state)


def fewer_colours(png: bytes) -> bytes:
    """A picture of the screen in 64 colours: a tenth of the bytes, and words stay legible."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(64, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()


def _holder(dom: Dom, box: Box) -> Node | None:
    """The smallest thing drawn on the page that holds the middle of a box."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    drawn = [g.node for g in graphics_of(dom) if holds(g.box, x, y) and dom.is_shown(g.node)]
    boxes = drawn or [n for n in dom.nodes if n.name != "#text" and holds(n.box, x, y)]
    return min(boxes, key=lambda n: n.box[2] * n.box[3] if n.box else 0, default=None)


def _source(node: Node | None) -> str:
    if node is None:
        return ""
    return shortened(node.source or next(iter(node.backgrounds), "") or node.document.url)


def _label(dom: Dom, node: Node | None) -> str:
    if node is None:
        return ""
    return label_of(dom.names_of(node), dom.nearby(node))


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return wide > 0 and high > 0 and wide * high > 0.3 * min(one[2] * one[3], other[2] * other[3])
