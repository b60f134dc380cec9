"""Grows homepages from a seed: each of six requirements is absent, plain, or shown or hidden.

It is so in one or two ways. The same seed and number give the same page. What a page claims of
itself (`Want.shown`) is a label only; the truth is found by `truth.py`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pictures
from layouts import LAYOUTS, PLAIN_LAYOUT, Layout, Parts, decoys, page_body, slot
from pieces import PORT, File, Piece, Place, Step, Thing, Way, apply, js_text, run
from ways_codes import CODES, PLAIN_CODE
from ways_links import LINKS, PLAIN_LINK
from ways_wraps import WRAPS

THINGS = (
    Thing("portal", "三峡宜昌网", "link", "http://www.cn3x.com.cn/"),
    Thing("gov", "中国·宜昌网", "link", "http://www.yichang.gov.cn/"),
    Thing("app", "云上云江", "code", "http://app.yunshang.test/d/4821"),
    Thing("pass", "云江通", "code", "YJT-CITY-PASS:70013"),
    Thing("weibo", "云江发布微博", "code", "http://weibo.test/u/19994043"),
    Thing("wechat", "云江发布微信", "code", "http://wx.test/r/YjFb-0731"),
)
WAYS: tuple[Way, ...] = (*CODES, *LINKS, *WRAPS)
CLASHES = {  # outer, inner: the inner one undoes the outer
    ("visibility hidden", "visible within invisible"),
    ("visibility hidden", "class added after load"),
    ("visibility hidden", "popup by visibility and opacity"),
    ("visibility hidden", "popup with a delayed transition"),
}


@dataclass(frozen=True, slots=True)
class Want:
    """One requirement on one page, as the grammar put it there."""

    thing: Thing
    ways: tuple[str, ...]
    shown: bool
    piece: Piece


@dataclass(frozen=True, slots=True)
class Page:
    """One homepage: what its server answers, and what a visitor does first."""

    number: int
    layout: str
    files: Mapping[str, File]
    wants: tuple[Want, ...]
    steps: tuple[Step, ...]
    settle: float

    @property
    def host(self) -> str:
        return f"u{self.number:04d}.oracle.test"


@cache
def deck(seed: int, kind: str) -> tuple[Way, ...]:
    """All ways that suit, in an order of the seed's, so that a run meets each about as often."""
    ways = [x for x in WAYS if x.suits(kind)]
    pictures.seeded(seed, kind).shuffle(ways)
    return tuple(ways)


def plain(thing: Thing) -> Way:
    return PLAIN_LINK if thing.kind == "link" else PLAIN_CODE


def fits(outer: Way, inner: Way) -> bool:
    return (
        not outer.makes
        and not (outer.alone or inner.alone or inner.last)
        and (outer.name, inner.name) not in CLASHES
        and outer is not inner
    )


def pair(rng: random.Random, first: Way, kind: str) -> tuple[Way, ...]:
    """Two ways, the inner one first; or one, where none suits."""
    for _ in range(30):
        second = rng.choice([x for x in WAYS if x.suits(kind)])
        if fits(second, first):
            return first, second
        if fits(first, second):
            return second, first
    return (first,)


def chosen(rng: random.Random, first: Way, thing: Thing, *, single: bool) -> tuple[Way, ...] | None:
    """The ways of one requirement; none at all: plain; None: absent."""
    dice = rng.random()
    if single:
        return (first,) if first.suits(thing.kind) else () if dice < 0.5 else None
    if dice < 0.12:
        return None
    if dice < 0.2:
        return ()
    return (first,) if dice < 0.6 else pair(rng, first, thing.kind)


def built(place: Place, ways: tuple[Way, ...]) -> Piece:
    if not ways or not ways[0].makes:
        ways = (plain(place.thing), *ways)
    piece = Piece("")
    for way in ways:
        piece = apply(way, place, piece, pictures.lookup)
    return piece


def way_named(name: str) -> Way:
    return next(x for x in WAYS if x.name == name)


def layout_of(rng: random.Random, only_way: str) -> Layout:
    for layout in LAYOUTS:
        if layout.name == only_way:
            return layout
    return rng.choice(LAYOUTS) if rng.random() < 0.15 and not only_way else PLAIN_LAYOUT


def grow(seed: int, number: int, only_way: str = "") -> Page:
    """One page."""
    rng = pictures.seeded(seed, number)
    layout = layout_of(rng, only_way)
    single = only_way if only_way not in {x.name for x in LAYOUTS} else ""
    wants, places, slots, at = [], [], [], {"link": number * 2, "code": number * 4}
    for index, thing in enumerate(THINGS):
        place = Place(thing, f"u{number:04d}t{index}x", rng)
        cards = deck(seed, thing.kind)
        first = way_named(single) if single else cards[at[thing.kind] % len(cards)]
        at[thing.kind] += 1
        ways = chosen(rng, first, thing, single=bool(single))
        if ways and layout.name == "body fetched by script" and any(x.last for x in ways):
            ways = ()
        want, markup = wanted(place, ways, layout)
        wants.append(want)
        places.append(place)
        slots.append(slot(thing.name, markup, f"slot-{thing.id}"))
    around = Place(THINGS[2], f"u{number:04d}t9x", rng)
    slots += decoys(around)
    parts = Parts(
        head="".join(x.head for x in places),
        css="".join(x.piece.css for x in wants),
        body=page_body(rng, slots),
        js="\n".join(guarded(x.piece.js) for x in wants),
        headers=merged(places),
    )
    files = dict(layout.build(parts))
    for place in (*places, around):
        files.update(place.files)
    return Page(number, layout.name, files, tuple(wants), layout.steps, layout.settle)


def guarded(js: str) -> str:
    """As a script element of its own would be: its error stops no other."""
    return f"try{{{run(js)}}}catch(e){{console.error(e)}}" if js else ""


def wanted(place: Place, ways: tuple[Way, ...] | None, layout: Layout) -> tuple[Want, str]:
    """The requirement and its markup; an absent one has something else in its place at times."""
    if ways is None:
        other = f'<img src="{pictures.lookup(place, "DECOY")}" width=110 height=110>'
        filler = (
            other
            if place.thing.kind == "code" and place.rng.random() < 0.5
            else "<p>栏目建设中</p>"
        )
        return Want(place.thing, ("absent",), False, Piece("")), filler
    piece = built(place, ways)
    names = tuple(x.name for x in ways) or ("plain",)
    return Want(place.thing, names, all(x.shown for x in ways) and layout.shown, piece), piece.html


def merged(places: list[Place]) -> dict[str, str]:
    """Policies of several pieces add up."""
    out: dict[str, str] = {}
    for place in places:
        for name, value in place.headers.items():
            out[name] = f"{out[name]}, {value}" if name in out and out[name] != value else value
    return out


def fingerprint() -> str:
    """Changes with the grammar and with the way in which truth is found."""
    folder = Path(__file__).parent
    text = b"".join(x.read_bytes() for x in sorted(folder.glob("*.py")) if x.name != "run.py")
    return hashlib.sha256(text).hexdigest()[:12]


def rules() -> str:
    lines = ["name: oracle", "requirements:"]
    for thing in THINGS:
        lines.append(f"  - id: {thing.id}\n    name: {js_text(thing.name)}")
        if thing.kind == "link":
            host = thing.value.split("/")[2]
            lines.append(f"    kind: link\n    accept: [{{host: [{host}], path: root}}]")
        else:
            lines.append(f"    kind: qr\n    accept: [{{payload: {js_text(thing.value)}}}]")
    return "\n".join(lines) + "\n"


def targets(pages: list[Page], port: int) -> str:
    units = [
        f'  - {{id: u{x.number:04d}, name: 第{x.number}页, url: "http://{x.host}:{port}/"}}'
        for x in pages
    ]
    return "units:\n" + "\n".join(units) + "\n"


def answer(page: Page, path: str, port: int) -> File | None:
    """What the page's server answers, with the real port in it."""
    file = page.files.get(path)
    if file is None and path.startswith(("/art/", "/col/", "/sitemap", "/about")):
        file = File(
            "<!doctype html><meta charset=utf-8><title>正文</title><a href='/'>首页</a>".encode()
        )
    if file is None:
        return None
    headers = {k: v.replace(PORT, str(port)) for k, v in file.headers.items()}
    body = (
        file.body.replace(PORT.encode(), str(port).encode())
        if "image" not in file.kind
        else file.body
    )
    return File(body, file.kind, file.status, headers, file.delay)
