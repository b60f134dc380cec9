"""The images of a page: which are likely codes, what was read in them, and what was lost."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes

from ycaudit.model import PICTURES, BlindSpot, Image, QrCode, Sense, Visibility
from ycaudit.observe.qr.raster import ImageTrouble
from ycaudit.observe.qr.reading import Corners, Effort, Reading
from ycaudit.observe.tools import EvidenceFiles, Tools
from ycaudit.reasons import Reason
from ycaudit.rules.judge import Unit

AT_ONCE = 6
MAX_PICTURES = 400
MAX_SPOTS = 20
LEGIBLE = 60
"""CSS pixels a side: of a smaller picture, only a browser tells whether its code can still be
scanned off the screen: with its quiet zone an account's code has 37 modules and more."""
QUIET, SHARE = 37 / 29, 3
"""By how much its quiet zone enlarges such a code; how often it goes into a picture of several."""
MAX_CAPTION = 30
"""Characters of the text around a picture with a name of its own that may be about it alone."""

_LIKE_A_CODE = re.compile(
    r"qr|ewm|erwei|er_wei|2wm|weixin|wechat|weibo|(?<![a-z])(wx|wb|app|gzh|xmt|ma)(?![a-z])|code|"
    r"扫|二维码|微信|微博|客户端|关注|公众号|新媒体|矩阵",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"banner|logo|\bbg|arrow|icon|line|dot|btn|button|close|nav|head", re.I)


@dataclass(frozen=True, slots=True)
class Unfetched:
    """An image whose bytes were not fetched: what stands in it is known by its sha256."""

    sha256: str


BytesOf = Callable[[str, Effort], Awaitable[bytes | Unfetched | Reason]]
"""The bytes of an image that is to be read with an effort, or why they are lost."""


@dataclass(slots=True)
class ImageState:
    """One image address and what came of it."""

    effort: Effort | None = None
    sha256: str = ""
    reading: Reading | None = None
    lost: Reason | None = None
    no_image: bool = False


class PageImages:
    """All images of one visit, by address."""

    def __init__(self, tools: Tools, bytes_of: BytesOf, evidence_files: EvidenceFiles) -> None:
        self._tools = tools
        self._evidence_files = evidence_files
        self._bytes_of = bytes_of
        self._known: dict[str, ImageState] = {}

    async def read(
        self,
        images: Iterable[Image],
        effort: Effort,
        *,
        labels: re.Pattern[str],
        most: int | None = None,
    ) -> None:
        """Look at the images that have not had this effort yet, the likeliest first."""
        ranked = rank(images, labels)
        todo = [src for src in ranked if not self._done(src, effort)][: most or MAX_PICTURES]
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for src in todo:
                group.create_task(self._one(src, effort, gate))

    def described(self, images: Sequence[Image]) -> tuple[Image, ...]:
        """The images with what is known of their bytes."""
        return tuple(self._described(image) for image in images)

    def codes(self, images: Sequence[Image]) -> tuple[QrCode, ...]:
        """Every symbol once an address, as visible as its most visible use."""
        best: dict[str, Image] = {}
        for image in images:
            known = best.get(image.src)
            if known is None or _plainness(image) < _plainness(known):
                best[image.src] = image
        return tuple(code for src, image in best.items() for code in self._codes_of(src, image))

    def holders(self, images: Iterable[Image], wanted: Callable[[str], bool]) -> frozenset[str]:
        """The addresses of the images whose files hold a wanted payload, or one that is unread."""
        return frozenset(
            image.src
            for image in images
            if (known := self._known.get(image.src)) and known.reading
            and (known.reading.located or any(wanted(s.payload) for s in known.reading.symbols))
        )  # fmt: skip

    def blind_spots(self, images: Sequence[Image]) -> Iterator[BlindSpot]:
        """What could not be seen in images; of many alike, some are named."""
        distinct = {image.src: image for image in images if image.visible is not Visibility.HIDDEN}
        every = {image.src: image for image in images} | distinct
        # A code that is never shown is distinguished from none at all, as far as there is room.
        asked = every if len(every) <= MAX_PICTURES else distinct
        pending = [i for src, i in asked.items() if not self._done(src, Effort.THOROUGH)]
        if pending:
            why = Reason.of("images_not_read", count=len(pending))
            yield BlindSpot(hides=frozenset({Sense.QR_CODE}), why=why, where=pending[0].where)
        spots = (spot for src, image in distinct.items() for spot in self._spots(src, image))
        yield from islice(spots, MAX_SPOTS)

    def damaged(self, images: Iterable[Image]) -> Iterator[BlindSpot]:
        """Images that came and could not be opened, or not whole: nobody knows what they hold."""
        for image in images:
            known = self._known.get(image.src)
            if known is None or image.visible is Visibility.HIDDEN:
                continue
            is_damaged = known.lost is not None and known.lost.code == "image_unopened"
            if is_damaged or (known.reading is not None and known.reading.truncated):
                yield from self._spots(image.src, image)

    def _spots(self, src: str, image: Image) -> Iterator[BlindSpot]:
        """What of one image stays unseen."""
        known = self._known.get(src)
        if known is None or known.no_image:
            return
        if known.lost:
            yield BlindSpot(hides=PICTURES, why=known.lost, where=image.where)
        if known.reading is None:
            return
        codes = frozenset({Sense.QR_CODE})
        for located in known.reading.located:
            yield BlindSpot(
                hides=codes,
                why=Reason.of("code_unread", src=shortened(src), because=Reason.of(located.why)),
                where=image.where,
                sha256=known.sha256,
                corners=located.corners,
            )
        if known.reading.truncated:
            why = Reason.of("image_not_whole", src=shortened(src))
            yield BlindSpot(hides=codes, why=why, where=image.where)

    def _done(self, src: str, effort: Effort) -> bool:
        known = self._known.get(src)
        if known is None:
            return False
        return known.lost is not None or known.no_image or (known.effort or 0) >= effort

    async def _one(self, src: str, effort: Effort, gate: asyncio.Semaphore) -> None:
        async with gate:
            state = self._known.get(src) or ImageState()
            data = await self._bytes(src, effort)
            if isinstance(data, Reason):
                state.lost = Reason.of("image_lost", src=shortened(src), because=data)
            elif isinstance(data, Unfetched):
                read = self._tools.decoder.known(data.sha256, effort)
                assert read is not None  # or else the bytes would have been fetched
                self._read(src, state, data.sha256, read, effort)
            else:
                self._read(src, state, *await self._tools.decoder.read(data, effort), effort)
                if state.reading and (state.reading.symbols or state.reading.located):
                    self._evidence_files.add("image", data, url=shortened(src), of=state.sha256)
            self._known[src] = state

    async def _bytes(self, src: str, effort: Effort) -> bytes | Unfetched | Reason:
        return data_uri(src) if src[:5].lower() == "data:" else await self._bytes_of(src, effort)

    def _read(
        self,
        src: str,
        state: ImageState,
        sha256: str,
        reading: Reading | ImageTrouble,
        effort: Effort,
    ) -> None:
        state.sha256, state.effort = sha256, effort
        if isinstance(reading, ImageTrouble):
            # Too small or flat for a code is an answer; damaged or oversized is none.
            state.no_image = reading.code == "image_too_small"
            why = reason_of(reading)
            state.lost = (
                None
                if state.no_image
                else Reason.of("image_unopened", src=shortened(src), because=why)
            )
        else:
            state.reading = reading

    def _described(self, image: Image) -> Image:
        known = self._known.get(image.src)
        src = image.src if image.src[:5].lower() != "data:" else shortened(image.src)
        if known is None or known.reading is None:
            return image.model_copy(update={"src": src})
        size = (known.reading.width, known.reading.height)
        return image.model_copy(update={"src": src, "sha256": known.sha256, "natural": size})

    def _codes_of(self, src: str, image: Image) -> Iterator[QrCode]:
        known = self._known.get(src)
        if known is None or known.reading is None:
            return
        for symbol in known.reading.symbols:
            is_small = _may_be_small(symbol.corners, known.reading, image.shown)
            is_sure = not known.reading.varies and not is_small
            yield QrCode(
                payload=symbol.payload,
                guessed_charset=symbol.guessed,
                label=label_of(image.alt, image.nearby),
                src=shortened(src),
                sha256=known.sha256,
                corners=symbol.corners,
                visible=image.visible if is_sure else image.visible.within(Visibility.UNSURE),
                where=image.where.model_copy(update={"url": shortened(src)}),
            )


def _may_be_small(corners: Corners, picture: Reading, shown: tuple[int, int] | None) -> bool:
    """Whether one of several codes of a picture is perhaps shown too small to be scanned: how large
    the picture is drawn is known only where its attributes say so."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    side = min(max(xs) - min(xs), max(ys) - min(ys)) * QUIET
    if shown is not None and min(shown) > 0:
        return side * min(shown[0] / picture.width, shown[1] / picture.height) < LEGIBLE
    return side < max(picture.width, picture.height) / SHARE


def label_of(names: str, nearby: str) -> str:
    """What a code is called: its own names, and the text around it, unless that is of more."""
    is_of_more = bool(names) and len(nearby) > MAX_CAPTION
    return " ".join(dict.fromkeys(filter(None, (names, "" if is_of_more else nearby))))


def rank(images: Iterable[Image], labels: re.Pattern[str]) -> list[str]:
    """The addresses of the images, those that are likely codes first."""
    best: dict[str, int] = {}
    for image in images:
        best[image.src] = max(best.get(image.src, -9), _likelihood(image, labels))
    return sorted(best, key=lambda src: -best[src])


def _likelihood(image: Image, labels: re.Pattern[str]) -> int:
    name = image.src[-120:] if image.src[:5].lower() != "data:" else ""
    caption = f"{image.alt} {image.nearby}"
    score = 3 * bool(_LIKE_A_CODE.search(name)) + 3 * bool(labels.search(caption))
    score += 2 * bool(_LIKE_A_CODE.search(caption)) - 2 * bool(_DECORATION.search(name))
    if image.shown and min(image.shown) > 0:
        wide, high = image.shown
        score += 2 * (0.9 < wide / high < 1.1) + (min(wide, high) >= 60)
    return score - (image.visible is Visibility.HIDDEN)


def labels_of(unit: Unit) -> re.Pattern[str]:
    """The captions under which this unit's rules expect codes."""
    words = {
        word
        for requirement in unit.requirements
        for word in (requirement.name, *requirement.labels)
    }
    return re.compile("|".join(map(re.escape, sorted(words))) or r"(?!)")


def _plainness(image: Image) -> tuple[bool, int]:
    """Lowest for the use of an image that a visitor sees first."""
    return image.where.in_comment, image.visible.rank


def reason_of(trouble: ImageTrouble) -> Reason:
    """Why an image could not be opened."""
    return Reason(code=trouble.code, params=dict(trouble.params), detail=trouble.detail)


def data_uri(src: str) -> bytes | Reason:
    """The bytes in a data: address, or why there are none."""
    head, comma, body = src[5:].partition(",")
    if not comma:
        return Reason.of("data_url_empty")
    raw = unquote_to_bytes(body)
    if not head.lower().rstrip().endswith(";base64"):
        return raw
    try:
        clean = re.sub(rb"[\s]", b"", raw).translate(bytes.maketrans(b"-_", b"+/"))
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return Reason.of("data_url_damaged")


def shortened(src: str) -> str:
    """An address that can be shown to a person: data addresses are not their own text."""
    return src if len(src) <= 300 else f"{src[:60]}… ({len(src)} characters)"
