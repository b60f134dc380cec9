"""Grows a page from a saved site: its six requirements, each in a spot of the site's own markup.

The same seed and number give the same page. `Want.shown` is a label, never the truth.
"""

from __future__ import annotations

import hashlib
import html
import json
import random
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "oracle"))

import grammar
import pictures
from grammar import THINGS, Page, Want, guarded
from pieces import File, Piece, Place, Step, Thing, apply
from PIL import Image
from sites import SPOTS, Edit, Site, Tag, edited, load, names, page_files
from ways import VARIANTS, Variant

FIRST = 100  # numbers below are the sites as they are
LOST_ATTRIBUTES = {"id", "href", "src", "title", "width", "height", "style", "alt", "usemap"}


@dataclass(slots=True)
class Spots:
    """What is left to take, in the order of the seed's."""

    rows: list[int]
    seats: list[tuple[int, int, int]]
    boxes: list[int]


@dataclass(slots=True)
class Chosen:
    """Where a thing goes: what is replaced, or before what it stands."""

    start: int
    end: int
    attrs: str = ""
    old: str = ""
    source: str = ""
    before: str = ""
    after: str = ""


@cache
def all_spots() -> dict[str, Any]:
    return json.loads(SPOTS.read_text())  # type: ignore[no-any-return]


def spots_of(site: Site, rng: random.Random) -> Spots:
    known = all_spots()[site.name]
    good = [n for n in known["boxes"] if site.tags[n].close >= site.tags[n].inner]
    seats = [(n, w, h) for n, w, h in known["seats"]]
    rows = [n for n in known["rows"] if site.tags[n].close >= site.tags[n].inner]
    for x in (rows, seats, good):
        rng.shuffle(x)
    return Spots(rows, seats, good)


def kept(tag: Tag) -> str:
    """The attributes that make it look as it does."""
    items = tag.attrs.items()
    return " ".join(
        f'{k}="{html.escape(v)}"'
        for k, v in items
        if k not in LOST_ATTRIBUTES and not k.startswith(("on", "data-"))
    )


def take(site: Site, spots: Spots, wanted: str, place: Place) -> Chosen:
    """The spot; a box where the site has no such row or picture left; else the end of the page."""
    slot = f"<div id=slot-{place.thing.id}"
    if wanted == "row" and spots.rows:
        tag = site.tags[spots.rows.pop()]
        return Chosen(tag.start, tag.end, kept(tag), site.text[tag.start : tag.end])
    if wanted == "seat" and spots.seats:
        number, width, height = spots.seats.pop()
        tag = site.tags[number]
        place.size = min(place.size, width, height)
        old = site.text[tag.start : tag.end]
        return Chosen(tag.start, tag.end, kept(tag), old, tag.attrs.get("src", ""))
    known = all_spots()[site.name]
    if wanted != "end" and not (wanted == "foot" and known["foot"]) and spots.boxes:
        at = site.tags[spots.boxes.pop()].close
        style = "position:relative;padding:4px;background:#fff;color:#333;font-size:13px"
        return Chosen(at, at, before=f'{slot} style="{style}">', after="</div>")
    at = site.text.lower().rfind("</body>")
    at = at if at >= 0 else len(site.text)
    return Chosen(at, at, before=f"{slot}>", after="</div>")


def banner(payload: str) -> File:
    """A picture as an office orders it: colours, and the code in its right half."""
    wide = Image.new("RGB", (528, 450), "#2a6db0")
    wide.paste(Image.new("RGB", (528, 90), "#e8c26a"), (0, 0))
    wide.paste(pictures.picture(payload).resize((330, 330), Image.Resampling.NEAREST), (188, 106))
    return File(pictures.saved(wide, "jpeg"), "image/jpeg")


class Finder:
    """Gives the tokens of a spot, then those of the oracle."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen

    def __call__(self, place: Place, name: str) -> str:
        value = place.thing.value
        match name:
            case "ATTRS":
                return self.chosen.attrs
            case "OLD":
                return self.chosen.old
            case "LOOKALIKE":
                return value.split("/")[2].removesuffix(".cn")
            case "FIRSTNAME":
                return value.split("/")[2].split(".")[1]
            case "RIGHTNAME":
                path = f"/images/{place.thing.id}-{place.new_id()}.png"
                place.files[path] = File(pictures.png(pictures.other(place)), "image/png")
                return path
            case "REPLACED":
                path = "/" + (self.chosen.source or "images/ewm.png").lstrip("./")
                place.files[path] = File(pictures.png(value), "image/png")
                return path
            case "BANNER":
                return place.keep("jpg", banner(value))
            case "OTHERBANNER":
                return place.keep("jpg", banner(pictures.other(place)))
        return pictures.lookup(place, name)


@cache
def deck(seed: int, kind: str, shown: bool) -> tuple[Variant, ...]:
    """In an order of the seed's: a run meets each about as often."""
    cards = [x for x in VARIANTS if x.kinds == kind and x.shown == shown]
    pictures.seeded(seed, kind, shown).shuffle(cards)
    return tuple(cards)


def named(name: str, kind: str) -> Variant | None:
    return next((x for x in VARIANTS if x.name == name and x.kinds == kind), None)


def grow(seed: int, number: int, pages_dir: Path, only: str = "") -> Page:
    """A variant, or, for a low number, the site as it is."""
    sites = names(pages_dir)
    site = load(pages_dir / sites[number % len(sites) if number >= FIRST else number])
    if number < FIRST:
        return unchanged(site, number, pages_dir)
    rng = pictures.seeded(seed, number, "variant")
    spots = spots_of(site, rng)
    wants, edits, css, js, files = [], list[Edit](), "", "", page_files(site, "")
    for index, thing in enumerate(THINGS):
        place = Place(thing, f"u{number:04d}t{index}x", rng)
        serial = (number - FIRST) * (2 if thing.kind == "link" else 4) + index % (
            2 if thing.kind == "link" else 4
        )
        dice = rng.random()
        cards = deck(seed, thing.kind, dice < 0.5)
        variant = named(only, thing.kind) if only else cards[serial % len(cards)]
        if variant is None or (dice > 0.94 and not only):
            wants.append(Want(thing, ("absent",), False, Piece("")))
            continue
        chosen = take(site, spots, variant.spot, place)
        piece = Piece("")
        for way in variant.ways:
            piece = apply(way, place, piece, Finder(chosen))
        edits.append((chosen.start, chosen.end, chosen.before + piece.html + chosen.after))
        css += piece.css
        js += guarded(piece.js) + "\n"
        files.update(place.files)
        wants.append(Want(thing, (variant.name,), variant.shown, piece))
    head = site.text.lower().find("</head>")
    edits.append((max(head, 0), max(head, 0), f"<style>{css}</style>"))
    end = site.text.lower().rfind("</body>")
    end = end if end >= 0 else len(site.text)
    text = joined(site.text, [*edits, (end, end, f"<script>var root=document;\n{js}</script>")])
    return Page(
        number, site.name, page_files(replace(site, files=files), text), tuple(wants), (), 0
    )


def joined(text: str, edits: list[Edit]) -> str:
    """What is inserted at one place stands there in the order of the list."""
    whole: dict[tuple[int, int], str] = {}
    for start, end, new in edits:
        whole[start, end] = whole.get((start, end), "") + new
    return edited(text, [(*k, v) for k, v in whole.items()])


def unchanged(site: Site, number: int, pages_dir: Path) -> Page:
    """The site as it is: the six are absent; its own codes and links are wanted beside them."""
    wants = [Want(x, ("absent",), False, Piece("")) for x in THINGS]
    expected = json.loads((pages_dir / "expected.json").read_text())[site.name]
    edits: list[Edit] = []
    codes = all_spots()[site.name]["codes"]
    for index, payload in enumerate(expected["qr"]):
        own = Thing(f"s{number}q{index}", payload[:40], "code", payload)
        opener = codes.get(payload, -1)
        steps: tuple[Step, ...] = ()
        if opener >= 0:
            steps = (
                Step("hover", identified(site, opener, number, edits)),
                Step("wait", count=0.5),
            )
        wants.append(Want(own, ("own code",), payload in codes, Piece("", steps=steps)))
    for index, (row, address) in enumerate(all_spots()[site.name]["roots"]):
        piece = Piece("", steps=(Step("click", identified(site, row, number, edits)),))
        own = Thing(f"s{number}l{index}", address, "link", address)
        wants.append(Want(own, ("own link",), True, piece))
    return Page(number, site.name, page_files(site, edited(site.text, edits)), tuple(wants), (), 0)


def identified(site: Site, tag_number: int, number: int, edits: list[Edit]) -> str:
    """The element's id; one is given to it where it has none."""
    tag = site.tags[tag_number]
    name = tag.attrs.get("id") or f"u{number:04d}own{tag_number}"
    at = tag.start + 1 + len(tag.name)
    if "id" not in tag.attrs:
        edits.append((at, at, f' id="{name}"'))
    return name


def rules(pages: list[Page]) -> str:
    """The six, and for each site as it is what it shows itself."""
    lines = [grammar.rules()]
    for page in pages:
        for want in page.wants[len(THINGS) :]:
            value = want.thing.value
            test = f"payload: {json.dumps(value)}"
            if want.thing.kind == "link":
                test = f"host: [{value.split('/')[2]}], path: root"
            kind = "link" if want.thing.kind == "link" else "qr"
            lines.append(
                f"  - id: {want.thing.id}\n    name: {json.dumps(want.thing.name)}\n"
                f"    kind: {kind}\n    applies_to: {{tags: [site-{page.number}]}}\n"
                f"    accept: [{{{test}}}]\n"
            )
    return "".join(lines)


def targets(pages: list[Page], port: int) -> str:
    units = [
        f"  - {{id: u{x.number:04d}, name: 第{x.number}页, tags: [site-{x.number}],"
        f' url: "http://{x.host}:{port}/"}}'
        for x in pages
    ]
    return "units:\n" + "\n".join(units) + "\n"


def fingerprint(page: Page) -> str:
    """Of all that a page is and of how truth is found."""
    files = [(k, v.kind, v.status, v.body, dict(v.headers)) for k, v in page.files.items()]
    steps = [(x.thing.id, x.piece.steps, x.piece.settle, x.piece.watch) for x in page.wants]
    told = repr((grammar.fingerprint(), page.number, files, steps))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
