"""The nouns of the corpus: what a page asks for, a piece of a page, and the template of a way.

A way is a small template. It either makes a piece for one thing (a link or a code), or wraps a
piece that another way made. Its tokens:

    @A … @G        fresh ids
    @IN @JIN       the inner piece's markup, plain and as a JS string
    @TREE @JTREE   the same with its style sheet, for a tree of its own
    @DOC @EDOC @JDOC   a whole document of it, plain, escaped for an attribute, as a JS string
    @JS            the inner piece's script
    @W @H          the inner piece's size
    GO()           in scripts: put the inner piece into the element @A and run its script
    @CODE @DECOY … see `pictures.py`
    @URL @NAME …   see `Place.token`

Scripts run as soon as their markup stands; `root` is their document or shadow root, and
`$('#id')` finds in it.
"""

from __future__ import annotations

import base64
import html
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

PORT = "__PORT__"  # becomes the real port when a page is served
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Thing:
    """One requirement: a link to an address, or a code with a payload."""

    id: str
    name: str
    kind: str  # "link" or "code"
    value: str


@dataclass(frozen=True, slots=True)
class File:
    """One answer of a page's server."""

    body: bytes
    kind: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What a diligent visitor does: hover, click, choose (keys down), scroll, wheel or wait."""

    act: str
    id: str = ""
    count: float = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: markup, style and script, how to reach it, and how long it takes."""

    html: str
    css: str = ""
    js: str = ""
    steps: tuple[Step, ...] = ()
    settle: float = 0  # seconds from the load until it is there for good
    watch: float = 0  # seconds through which it comes and goes
    w: int = 160
    h: int = 30


@dataclass(frozen=True, slots=True)
class Way:
    """One way to show or to hide a thing."""

    name: str
    kinds: str  # "link", "code" or "both"
    html: str
    css: str = ""
    js: str = ""
    steps: str = ""
    shown: bool = True
    settle: float = 0
    watch: float = 0
    grow: tuple[int, int] = (0, 0)  # how much larger than the inner piece it is
    size: tuple[int, int] = (0, 0)
    files: Mapping[str, str | File] = field(default_factory=dict)
    head: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    makes: bool = False  # else it wraps
    moved: bool = False  # the inner style and script go where the template puts them
    last: bool = False  # nothing may be wrapped around it
    alone: bool = False  # not combined with another way

    def suits(self, kind: str) -> bool:
        return self.kinds in {kind, "both"}


def js_text(text: str) -> str:
    """A JS string that may stand in a script element."""
    return json.dumps(text, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")


def run(js: str, root: str = "root") -> str:
    if not js:
        return ""
    return (
        f"(function(root){{var $=function(s){{return root.querySelector(s)}};\n{js}\n}})({root});"
    )


def tree(piece: Piece) -> str:
    return f"<style>{piece.css}</style>{piece.html}" if piece.css else piece.html


def document(piece: Piece) -> str:
    return (
        "<!doctype html><html><head><meta charset=utf-8>"
        f"<style>body{{margin:0;font:14px/1.6 sans-serif}}{piece.css}</style></head>"
        f"<body>{piece.html}<script>{run(piece.js, 'document')}</script></body></html>"
    )


def put(piece: Piece) -> str:
    """Defines GO."""
    return (
        "function GO(at){var e=root.querySelector(at||'#@A');if(e){e.innerHTML=@JIN;"
        + run(piece.js)
        + "}}\n"
    )


class Place:
    """Where one thing stands on one page: gives out ids and gathers files and headers."""

    def __init__(self, thing: Thing, key: str, rng: random.Random) -> None:
        self.thing = thing
        self.key = key
        self.rng = rng
        self.size = rng.choice((96, 104, 112, 120, 128, 140, 150))
        self.files: dict[str, File] = {}
        self.head = ""
        self.headers: dict[str, str] = {}
        self.ids = 0

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.key}{self.ids}"

    def keep(self, suffix: str, file: File) -> str:
        """Its path on the page's own host."""
        path = f"/f/{self.new_id()}.{suffix}"
        self.files[path] = file
        return path

    def token(self, name: str) -> str:
        """Tokens of links and general ones; those of codes come from `pictures.py`."""
        value, escaped = self.thing.value, html.escape(self.thing.value)
        bare = value.removeprefix("http:")
        match name:
            case "URL":
                return escaped
            case "JURL":
                return js_text(value)
            case "BARE":
                return bare
            case "HOST":
                return bare.strip("/")
            case "UPPER":
                return bare.strip("/").upper()
            case "FIRST":
                return bare.strip("/").partition(".")[0]
            case "REST":
                return "." + bare.strip("/").partition(".")[2]
            case "PARENT":
                return bare.strip("/").partition(".")[2]
            case "PERCENT":
                return bare.strip("/").replace(".", "%2E", 1).replace("c", "%63")
            case "WIDE":
                return bare.strip("/").replace("www", "ｗｗｗ")
            case "TYPO":
                return bare.strip("/").replace("c", "o", 1)
            case "QURL":
                return quote(value, safe="")
            case "B64":
                return base64.b64encode(value.encode()).decode()
            case "REVERSED":
                return js_text(value[::-1])
            case "NAME":
                return self.thing.name
            case "HUE":
                return self.rng.choice(("#b22", "#246", "#393", "#666"))
            case "SEAT":
                return str(8 + 152 * (int(self.key.partition("t")[2].rstrip("x")) % 4))
        raise KeyError(name)


Lookup = Callable[[Place, str], str]


def inner_token(name: str, inner: Piece) -> str | None:
    match name:
        case "IN":
            return inner.html
        case "JIN":
            return js_text(inner.html)
        case "JS":
            return run(inner.js)
        case "TREE":
            return tree(inner)
        case "JTREE":
            return js_text(tree(inner))
        case "DOC":
            return document(inner)
        case "EDOC":
            return html.escape(document(inner))
        case "JDOC":
            return js_text(document(inner))
        case "W":
            return str(inner.w)
        case "H":
            return str(inner.h)
    return None


def parse_steps(text: str) -> tuple[Step, ...]:
    """`hover x1; choose x2 3; wait 1`."""
    found = []
    for part in filter(None, (x.strip() for x in text.split(";"))):
        act, *rest = part.split()
        if act == "wait":
            found.append(Step(act, count=float(rest[0])))
        else:
            found.append(Step(act, "".join(rest[:1]), float(rest[1]) if len(rest) > 1 else 0))
    return tuple(found)


def apply(way: Way, place: Place, inner: Piece, lookup: Lookup) -> Piece:
    """Fill in the template of a way."""
    ids: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if len(name) == 1 and name in "ABCDEFG":
            return ids.setdefault(name, place.new_id())
        found = inner_token(name, inner)
        return lookup(place, name) if found is None else found

    def fill(text: str) -> str:
        return re.sub(r"@([A-Z][A-Z0-9]*)", value, text)

    steps = parse_steps(fill(way.steps))
    # What is opened in a box that scrolls may lie further down in it.
    again = tuple(s for s in steps if s.act in ("wheel", "aside")) if inner.steps else ()
    js = way.js
    if "GO" in js:
        js = put(inner) + js
    elif inner.js and not way.makes and not way.moved and "@JS" not in js:
        js = run(inner.js) + js
    if way.makes:
        inner = Piece("")
    for path, file in way.files.items():
        full = fill(path)
        place.files[full] = filled(file, fill)
    place.head += fill(way.head)
    place.headers.update({k: fill(v) for k, v in way.headers.items()})
    return Piece(
        html=fill(way.html),
        css=fill(way.css) + ("" if way.makes or way.moved else inner.css),
        js=fill(js),
        steps=steps + inner.steps + again,
        settle=way.settle + inner.settle,
        watch=max(way.watch, inner.watch),
        w=size_of(way, place, inner, 0),
        h=size_of(way, place, inner, 1),
    )


def filled(file: str | File, fill: Callable[[str], str]) -> File:
    if isinstance(file, str):
        return File(fill(file).encode())
    headers = {k: fill(v) for k, v in file.headers.items()}
    return File(fill(file.body.decode()).encode(), file.kind, file.status, headers, file.delay)


def size_of(way: Way, place: Place, inner: Piece, side: int) -> int:
    if way.size[side]:
        return max(way.size[side], 0)
    if way.makes:
        return place.size if place.thing.kind == "code" else (160, 30)[side]
    return (inner.w, inner.h)[side] + way.grow[side]
