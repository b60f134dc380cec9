"""What need not be decoded, and in which order to look: measured on saved pages.

    python bench/codes/order.py PAGES

PAGES holds a folder a page (index.html and its files) and expected.json, which lists the payloads
of each page with the files that show them. The labels are those of the rules that are shipped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ycaudit.inputs.plan import load_rules, unit_for
from ycaudit.net import charset
from ycaudit.observe.page_images import labels_of, rank
from ycaudit.observe.qr.cascade import read_codes
from ycaudit.observe.qr.raster import ImageTrouble, open_raster
from ycaudit.observe.qr.reading import Effort
from ycaudit.observe.static import markup
from ycaudit.observe.static.tree import Tree


def main() -> None:
    pages = Path(sys.argv[1])
    expected = json.loads((pages / "expected.json").read_text(encoding="utf-8"))
    requirements, _ = load_rules([Path(__file__).parents[2] / "rules"])
    labels = labels_of(unit_for("http://x.test/", requirements))
    print("| page | images in the markup | with codes | last one in document order | as ranked |")
    print("|---|--:|--:|--:|--:|")
    for name, entry in expected.items():
        files = {file for shown in entry["qr"].values() for file in shown}
        html = charset.decode((pages / name / "index.html").read_bytes(), "text/html")
        images = markup.read(Tree(html, f"http://{name}/")).images
        in_order = list(dict.fromkeys(image.src for image in images))
        ranked = rank(images, labels)
        holding = {src for src in in_order if any(src.endswith(f"/{file}") for file in files)}
        if holding:
            last = [1 + max(order.index(src) for src in holding) for order in (in_order, ranked)]
            print(f"| {name} | {len(in_order)} | {len(holding)} | {last[0]} | {last[1]} |")
    _skipped(pages, expected)


def _skipped(pages: Path, expected: dict[str, dict[str, dict[str, list[str]]]]) -> None:
    """Images that are not given to a decoder, and the codes that this costs."""
    skipped, total, lost, seen, same = {"small": 0, "flat": 0}, 0, 0, set(), 0
    for name, entry in expected.items():
        codes = {file for shown in entry["qr"].values() for file in shown}
        for path in (pages / name).rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            try:
                raster = open_raster(data)
                kind = "flat" if all(view.is_flat for view in raster.views()) else None
            except ImageTrouble as trouble:
                kind = "small" if trouble.code == "image_too_small" else ""
            if kind == "":
                continue  # no image
            total += 1
            same += hash(data) in seen
            seen.add(hash(data))
            if kind is not None:
                skipped[kind] += 1
                lost += str(path.relative_to(pages / name)) in codes
    print(
        f"\n{total} images: {skipped['small']} too small to hold 21 modules, {skipped['flat']} "
        f"flat, {same} the same bytes as another; codes lost by not decoding them: {lost}"
    )
    reads = sum(
        bool(read_codes((pages / name / file).read_bytes(), effort=Effort.FAST).symbols)
        for name, entry in expected.items()
        for file in {f for shown in entry["qr"].values() for f in shown}
    )
    print(f"read at a glance: {reads} of the images that hold codes")


if __name__ == "__main__":
    main()
