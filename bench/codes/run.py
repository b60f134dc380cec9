"""Decoders compared: share of codes read, false reads, milliseconds and CPU per 1,000 images.

    python bench/codes/run.py                       seed 1, 40 of each stratum, two processes
    python bench/codes/run.py --seed 7 --each 100 --only strip
    python bench/codes/run.py --folder IMAGES       real images instead; expected.json beside them
    python bench/codes/run.py --markdown            the table as the docs have it

Every decoder sees every image in one run, in turn. Seconds are of the CPU, opening included. With
the extra `vision` installed, its decoders and the settings with it are measured too. The "settings"
are the three that the cascade has to beat: always the same steps, whatever the picture.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles

import numpy
from corpus import CODES, NOTHING, Sample, samples
from PIL import Image, UnidentifiedImageError

from ycaudit.observe.qr import decoders
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.filters import box_blur, minimum
from ycaudit.observe.qr.raster import ImageTrouble, open_raster
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.qr.views import View

Reader = Callable[[bytes], set[str]]
Grey = numpy.ndarray
MAX_PIXELS = 3_000_000
LANCZOS = Image.Resampling.LANCZOS


# --- each engine alone ---------------------------------------------------------------------------


def texts(hits: Iterable[decoders.Hit]) -> set[str]:
    return {hit.payload for hit in hits if hit.payload is not None}


def as_it_comes(data: bytes) -> Grey:
    """Grey as one would first write it: transparency is ignored, 16 bits are cut off."""
    with Image.open(BytesIO(data)) as image:
        return numpy.ascontiguousarray(numpy.asarray(image.convert("L")))


def grey_of(data: bytes) -> Grey:
    return next(open_raster(data).views()).grey


def zxing_first(data: bytes) -> set[str]:
    return texts(decoders.zxing(as_it_comes(data)))


def zxing_grey(data: bytes) -> set[str]:
    return texts(decoders.zxing(grey_of(data)))


def zxing_all(data: bytes) -> set[str]:
    return texts(decoders.zxing(grey_of(data), turned=True))


def pyzbar_first(data: bytes) -> set[str]:
    from pyzbar import pyzbar

    with Image.open(BytesIO(data)) as image:
        return {r.data.decode("utf-8", "replace") for r in pyzbar.decode(image)}


def zbar_grey(data: bytes) -> set[str]:
    return texts(decoders.zbar(grey_of(data)))


def capped(grey: Grey, most: int = 1_000_000) -> Grey:
    import cv2

    factor = (most / grey.size) ** 0.5
    if factor >= 1:
        return grey
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def opencv(data: bytes) -> set[str]:
    import cv2

    found, payloads, *_ = cv2.QRCodeDetector().detectAndDecodeMulti(capped(grey_of(data)))
    return set(payloads) - {""} if found else set()


def aruco(data: bytes) -> set[str]:
    import cv2

    found, payloads, *_ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(capped(grey_of(data)))
    return set(payloads) - {""} if found else set()


def wechat(data: bytes) -> set[str]:
    return _wechat(grey_of(data))


def _wechat(grey: Grey) -> set[str]:
    decoder = decoders._own_networks()[1]
    try:
        return set(decoder.detectAndDecode(numpy.ascontiguousarray(capped(grey)))[0]) - {""}
    except UnicodeDecodeError:
        return set()


# --- the three settings to beat ------------------------------------------------------------------


def enlarged(grey: Grey) -> Grey:
    factor = min(3.0, (MAX_PIXELS / grey.size) ** 0.5)
    if factor <= 1:
        return grey
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    return numpy.asarray(Image.fromarray(grey).resize(size, LANCZOS))


def ways(views: list[View], *, zbar: bool, neural: bool) -> Iterator[Callable[[], set[str]]]:
    """Steps one after the other, until one reads something."""
    grey = views[0].grey
    histogram = "GlobalHistogram"
    for view in views:
        yield lambda view=view: texts(decoders.zxing(view.grey))
    padded = numpy.pad(grey, 16, constant_values=255)
    yield lambda: texts(decoders.zxing(padded, binarizer=histogram))
    yield lambda: texts(decoders.zxing(minimum(grey)))
    yield lambda: texts(decoders.zxing(box_blur(grey), binarizer=histogram))
    yield lambda: texts(decoders.zxing(enlarged(grey)))
    yield lambda: texts(decoders.zxing(255 - minimum(255 - grey)))
    if zbar:
        yield lambda: texts(decoders.zbar(grey))
        yield lambda: texts(decoders.zbar(minimum(grey)))
    if neural:
        yield lambda: _wechat(grey)


def setting(*, zbar: bool = False, neural: bool = False) -> Reader:
    def read(data: bytes) -> set[str]:
        views = list(open_raster(data).views())
        found: set[str] = set()
        for way in ways(views, zbar=zbar, neural=neural):
            if found := way():
                break
        high, wide = views[0].grey.shape
        if found and (len(found) > 1 or max(high, wide) > 1.6 * min(high, wide)):
            found |= texts(decoders.zxing(enlarged(views[0].grey)))
        return found

    return read


# --- the cascade ---------------------------------------------------------------------------------


def own(effort: Effort, *, neural: bool) -> Reader:
    def read(data: bytes) -> set[str]:
        has = decoders.has_neural
        decoders.has_neural = has if neural else lambda: False  # type: ignore[assignment]
        try:
            return {symbol.payload for symbol in read_codes(data, effort=effort).symbols}
        finally:
            decoders.has_neural = has

    return read


READERS: dict[str, Reader] = {
    "pyzbar as first written": pyzbar_first,
    "zxing-cpp as first written": zxing_first,
    "zbar on proper grey": zbar_grey,
    "zxing-cpp on proper grey": zxing_grey,
    "zxing-cpp, every option": zxing_all,
    "setting 1: zxing-cpp and steps": setting(),
    "setting 2: and zbar": setting(zbar=True),
    "**cascade: fast**": own(Effort.FAST, neural=False),
    "**cascade: normal**": own(Effort.NORMAL, neural=False),
    "**cascade: thorough**": own(Effort.THOROUGH, neural=False),
}
NEURAL: dict[str, Reader] = {
    "OpenCV's QRCodeDetector": opencv,
    "OpenCV's QRCodeDetectorAruco": aruco,
    "OpenCV's WeChatQRCode": wechat,
    "setting 3: and WeChatQRCode": setting(zbar=True, neural=True),
    "**cascade with vision: normal**": own(Effort.NORMAL, neural=True),
    "**cascade with vision: thorough**": own(Effort.THOROUGH, neural=True),
}


OPEN = (
    "zbar on proper grey",
    "zxing-cpp, every option",
    "OpenCV's QRCodeDetector",
    "OpenCV's QRCodeDetectorAruco",
    "OpenCV's WeChatQRCode",
)
"""The open decoders, each alone: what any of them reads is their union."""


@dataclass(slots=True)
class Score:
    """What one reader made of one stratum."""

    asked: int = 0
    read: int = 0
    false: int = 0
    union: int = 0
    of_union: int = 0
    """How many codes the open decoders read together, and how many of those this reader."""
    with_code: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.asked += other.asked
        self.read += other.read
        self.false += other.false
        self.union += other.union
        self.of_union += other.of_union
        self.with_code += other.with_code
        self.without += other.without


def readers(named: str) -> dict[str, Reader]:
    every = READERS | NEURAL if decoders.has_neural() else READERS
    return {name: read for name, read in every.items() if named in name}


def measure(images: Iterable[Sample], named: str) -> dict[str, Score]:
    """Every reader on every image; a picture that cannot be opened holds nothing."""
    scores: dict[str, Score] = defaultdict(Score)
    asked = readers(named)
    for sample in images:
        wanted = set(sample.payloads)
        read_by: dict[str, set[str]] = {}
        for name, read in asked.items():
            started = time.process_time()
            try:
                found = read(sample.data)
            except (ImageTrouble, UnidentifiedImageError, OSError):
                found = set()
            seconds = time.process_time() - started
            score = scores[name]
            score.asked += len(wanted)
            score.read += len(found & wanted)
            score.false += len(found - wanted)
            read_by[name] = found & wanted
            (score.with_code if wanted else score.without).append(seconds)
        union = set().union(*(read_by.get(name, set()) for name in OPEN))
        for name, found in read_by.items():
            scores[name].union += len(union)
            scores[name].of_union += len(found & union)
    return scores


def one_stratum(stratum: str, seed: int, each: int, named: str) -> tuple[str, dict[str, Score]]:
    mine = (s for s in samples(seed, each, only=stratum) if s.stratum == stratum)
    return stratum, measure(mine, named)


def from_folder(folder: Path) -> Iterator[Sample]:
    """Files of a folder with expected.json: {"file": {"stratum": …, "payloads": […]}}."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    images = folder / "img" if (folder / "img").is_dir() else folder
    for number, (name, entry) in enumerate(expected.items()):
        data = (images / name).read_bytes()
        yield Sample(entry.get("stratum", ""), number, data, tuple(entry["payloads"]))


def from_pages(pages: Path) -> Iterator[Sample]:
    """Saved pages: the payloads that expected.json lists, each with the files that show it."""
    expected = json.loads((pages / "expected.json").read_text(encoding="utf-8"))
    for page, entry in expected.items():
        by_file: dict[str, list[str]] = defaultdict(list)
        for payload, files in entry["qr"].items():
            for file in files:
                by_file[file].append(payload)
        for number, path in enumerate(sorted((pages / page).rglob("*"))):
            name = str(path.relative_to(pages / page))
            if path.is_file() and path.suffix.lower() not in (".html", ".htm", ".css", ".js"):
                yield Sample("page", number, path.read_bytes(), tuple(by_file.get(name, ())))


# --- the tables ----------------------------------------------------------------------------------


def summary(total: dict[str, Score]) -> Iterator[str]:
    yield (
        "| reader | read % | of the union % | false | ms with a code, median / 95 % "
        "| ms without, median / 95 % | CPU s per 1,000, with / without |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, s in total.items():
        share = f"{100 * s.read / max(1, s.asked):.1f} | {100 * s.of_union / max(1, s.union):.1f}"
        yield (
            f"| {name} | {share} | {s.false} | {spread(s.with_code)} | {spread(s.without)} | "
            f"{mean(s.with_code):.1f} / {mean(s.without):.1f} |"
        )


def spread(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "–"
    return f"{1000 * median(seconds):.1f} / {1000 * quantiles(seconds, n=20)[-1]:.1f}"


def mean(seconds: list[float]) -> float:
    return 1000 * sum(seconds) / max(1, len(seconds))


def detail(by_stratum: dict[str, dict[str, Score]]) -> Iterator[str]:
    names = list(next(iter(by_stratum.values())))
    yield "| stratum | codes | " + " | ".join(name.strip("*") for name in names) + " |"
    yield "|---|--:|" + "--:|" * len(names)
    for stratum, scores in by_stratum.items():
        asked = scores[names[0]].asked
        cells = (
            f"{100 * scores[n].read / asked:.0f}" if asked else f"{mean(scores[n].without):.1f} ms"
            for n in names
        )
        yield f"| {stratum} | {asked} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=40)
    parser.add_argument("--only", default="")
    parser.add_argument("--readers", default="", help="only those whose name holds this")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--detail", action="store_true", help="also a line for every stratum")
    asked = parser.parse_args()
    by_stratum: dict[str, dict[str, Score]] = {}
    if asked.folder or asked.pages:
        groups: dict[str, list[Sample]] = defaultdict(list)
        for sample in from_folder(asked.folder) if asked.folder else from_pages(asked.pages):
            groups[sample.stratum].append(sample)
        with ProcessPoolExecutor(asked.processes) as pool:
            results = pool.map(measure, groups.values(), [asked.readers] * len(groups))
            by_stratum = dict(zip(groups, results, strict=True))
    else:
        names = [name for name in CODES | NOTHING if asked.only in name]
        with ProcessPoolExecutor(asked.processes) as pool:
            work = [
                pool.submit(one_stratum, name, asked.seed, asked.each, asked.readers)
                for name in names
            ]
            by_stratum = dict(task.result() for task in work)
    total: dict[str, Score] = defaultdict(Score)
    for scores in by_stratum.values():
        for name, score in scores.items():
            total[name].add(score)
    print("\n".join(summary(total)))
    if asked.detail:
        print("\n" + "\n".join(detail(by_stratum)))
    if not decoders.has_neural():
        print(f"\n{decoders.VISION_HINT}", file=sys.stderr)


if __name__ == "__main__":
    main()
