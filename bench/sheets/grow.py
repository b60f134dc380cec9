"""Grows the pages: `Grower(seed).page(7)` is page 7 of a seed, the same on every machine.

Every probe carries two or three ways. Conditions and effects are dealt from shuffled decks, so that
few pages meet all of them. Nothing here knows what a browser makes of it.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal, TypeVar
from urllib.parse import quote

from ways import (
    BODIES,
    CARRIERS,
    CONDITIONS,
    EFFECTS,
    HIDES,
    STRUCTURES,
    Carrier,
    Condition,
    Effect,
)

PROBES = 6
URL = "http://unit.test/"
PLAIN = Condition("plain", "$R")
Kind = Literal["link", "image"]
_T = TypeVar("_T")
_KEYWORDS = ("initial", "revert", "unset")


class Dice:
    """Chances by `random()` alone, which is the same in every version of Python."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def __call__(self) -> float:
        return self._random.random()

    def pick(self, things: Sequence[_T]) -> _T:
        return things[int(self() * len(things))]

    def shuffled(self, things: Sequence[_T]) -> list[_T]:
        return [thing for _, _, thing in sorted((self(), i, x) for i, x in enumerate(things))]


@dataclass(frozen=True, slots=True)
class Probe:
    """A link to http://pN.test/ or the image http://unit.test/iN.png."""

    number: int
    kind: Kind
    ways: tuple[str, ...]


@dataclass(slots=True)
class Page:
    """A page: its lines, its probes, and the sheets that are served beside it."""

    lines: list[str]
    probes: list[Probe]
    sheets: dict[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        return "\n".join(self.lines)

    @property
    def hash(self) -> str:
        """Of all that the page is: a known truth is of this page only."""
        whole = self.html + repr(sorted(self.sheets.items()))
        return hashlib.sha256(whole.encode()).hexdigest()[:16]


class Grower:
    """The pages of a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        dice = Dice(f"decks {seed}")
        self._conditions = dice.shuffled(CONDITIONS)
        self._effects = {
            kind: dice.shuffled([e for e in EFFECTS if e.only in (kind, "any")])
            for kind in ("link", "image")
        }

    def page(self, index: int) -> Page:
        dice = Dice(f"page {self.seed} {index}")
        page = Page([], [])
        head = ["<!doctype html>"] if dice() > 0.15 else []
        head += ["<meta charset=utf-8>", "<title>sheets</title>"]
        # A sheet that is not read puts the whole page in doubt, and hides what else it would tell.
        plain = dice() < 0.7
        body = [BODIES[0] if plain else dice.pick(BODIES)]
        for number in range(PROBES):
            self._probe(page, head, body, dice, index * PROBES + number, number, plain)
        page.lines = [*head, *body]
        return page

    def _probe(
        self,
        page: Page,
        head: list[str],
        body: list[str],
        dice: Dice,
        turn: int,
        number: int,
        plain: bool,
    ) -> None:
        kind: Kind = "link" if dice() < 0.6 else "image"
        deck = self._effects[kind]
        condition = self._conditions[turn % len(self._conditions)]
        effect = deck[turn % len(deck)]
        other = dice.pick(deck)
        chance = dice()
        if chance < 0.05:
            parts = []
        elif chance < 0.30:
            parts = [(condition, dice.pick(HIDES))]
        elif chance < 0.50:
            parts = [(condition, effect)]
        elif chance < 0.62:
            parts = [(PLAIN, effect), (condition, dice.pick(HIDES))]
        elif chance < 0.85:
            parts = [(PLAIN, effect), (PLAIN, other)]
        else:
            parts = [(PLAIN, effect), (condition, other)]
        carrier = CARRIERS[0] if plain else None
        _place(page, head, body, dice, _Part(number, kind, parts, carrier))

    def singles(self) -> list[Page]:
        """Every way alone: each effect on link and image, each condition, each carrier."""
        dice = Dice(f"singles {self.seed}")
        kinds: tuple[Kind, ...] = ("link", "image")
        uses: list[tuple[Kind, list[tuple[Condition, Effect]], Carrier]] = [
            (kind, [(PLAIN, effect)], CARRIERS[0])
            for kind in kinds
            for effect in EFFECTS
            if effect.only in (kind, "any")
        ]
        uses += [(dice.pick(kinds), [(c, dice.pick(HIDES))], CARRIERS[0]) for c in CONDITIONS]
        uses += [("link", [(PLAIN, HIDES[0])], carrier) for carrier in CARRIERS]
        pages = []
        for start in range(0, len(uses), PROBES):
            head = ["<!doctype html>", "<meta charset=utf-8>"]
            body = ["<body>"]
            page = Page([], [])
            for number, use in enumerate(uses[start : start + PROBES]):
                _place(page, head, body, dice, _Part(number, *use))
            page.lines = [*head, *body]
            pages.append(page)
        return pages


@dataclass(frozen=True, slots=True)
class _Part:
    """What is decided about a probe."""

    number: int
    kind: Kind
    parts: list[tuple[Condition, Effect]]
    carrier: Carrier | None = None


def _place(page: Page, head: list[str], body: list[str], dice: Dice, part: _Part) -> None:
    """Put a probe into a page, and its sheet into the head or before it."""
    number = part.number
    made = _Made(number, part.kind)
    for when, what in part.parts:
        made.add(when, what, dice)
    carrier = part.carrier or dice.pick(CARRIERS)
    css = "\n".join(made.css)
    if css:
        line = carrier.html.replace("$n", str(number))
        line = line.replace("$Q", quote(css, safe=" (),:;*@-")).replace("$C", css)
        line = line.replace("$B", base64.b64encode(css.encode()).decode())
        is_head = line.startswith(("<style", "<link", "<LINK")) and dice() < 0.6
        (head if is_head else body).append(line)
        if carrier.served:
            page.sheets[f"{URL}s{number}.css"] = css
    names = [name for when, what in part.parts for name in (when.name, what.name)]
    if css and carrier.name != "style":
        names.append(carrier.name)
    ways = tuple(name for name in names if name != PLAIN.name)
    page.probes.append(Probe(number, part.kind, ways))
    body += made.markup(dice.pick(STRUCTURES))


class _Made:
    """One probe in the making."""

    def __init__(self, number: int, kind: Kind) -> None:
        self.number, self.kind = number, kind
        self.css: list[str] = []
        self._attributes = {"self": [f'data-k="k{number}"'], "box": []}
        self._classes = {"self": [f"p{number}"], "box": [f"b{number}"]}
        self._inline: dict[str, list[str]] = {"self": [], "box": []}
        self._wraps: list[str] = []
        self._section: list[str] = []
        self._before: list[str] = []

    def add(self, when: Condition, what: Effect, dice: Dice) -> None:
        at = what.on if what.on != "any" else ("self" if dice() < 0.65 else "box")
        number = str(self.number)
        tag = "a" if self.kind == "link" else "img"
        forms = {
            "self": ["#p$n", ".p$n", ".p$n", f"{tag}.p$n", ".b$n .p$n", "#s$n .p$n"],
            "box": ["#b$n", ".b$n", ".b$n", "#s$n .b$n", "div.b$n"],
        }
        selector = dice.pick(forms[at])
        tokens = _tokens(what.declarations, dice.pick(_KEYWORDS))
        more = what.more
        rule = f"{selector}{{{what.declarations}}}" if what.declarations else ""
        css = when.css if what.declarations or "$D" not in when.css else ""
        css = css.replace("$R", rule + more) if "$R" in css else css + more
        for token, text in tokens.items():
            css = css.replace(token, text)
        css = css.replace("$S", selector).replace("$A", f".p{number}").replace("$n", number)
        if css:
            self.css.append(css)
        inline = when.inline
        for token, text in tokens.items():
            inline = inline.replace(token, text)
        if inline and what.declarations:
            self._inline[at].append(inline)
        if what.attribute:
            self._attributes[at].append(what.attribute)
        if when.attribute:
            self._classes[at].append(when.attribute.replace("$n", number))
        self._section += [when.section] if when.section else []
        self._before += [when.before.replace("$n", number)] if when.before else []
        self._wraps += [what.wrap.replace("$n", number)] if what.wrap != "$P" else []

    def markup(self, structure: str) -> list[str]:
        """The lines of its section."""
        n = self.number
        if self.kind == "link":
            inner = (
                f'<a href="http://p{n}.test/" rel=NoFollow {self._tag("self", "p")}>Portal{n}kq</a>'
            )
        else:
            inner = f'<img src="/i{n}.png" {self._tag("self", "p")}>'
        for wrap in self._wraps:
            inside = escape(inner) if "srcdoc='" in wrap else inner
            inner = wrap.replace("$P", inside)
        box = f"<div {self._tag('box', 'b')}>{inner}</div>"
        placed = structure.replace("$n", str(n)).replace("$P", box)
        section = " ".join([f"<section id=s{n} class=sec", *self._section]) + ">"
        return [section, *self._before, placed, "</section>"]

    def _tag(self, at: str, letter: str) -> str:
        classes = " ".join(self._classes[at])
        style = f'style="{escape(";".join(self._inline[at]))}"' if self._inline[at] else ""
        parts = [f'id={letter}{self.number} class="{classes}"', *self._attributes[at], style]
        return " ".join(part for part in parts if part)


def _tokens(declarations: str, keyword: str) -> dict[str, str]:
    pairs = [part.split(":", 1) for part in declarations.split(";") if ":" in part]
    plain = [(name, re.sub(r"\s*!important", "", value)) for name, value in pairs]
    named = [(f"--q{i}-$n", name, value) for i, (name, value) in enumerate(plain)]

    def written(rows: list[tuple[str, str]], end: str = "") -> str:
        return ";".join(f"{name}:{value}{end}" for name, value in rows)

    return {
        "$D": declarations,
        "$I": written(plain, "!important"),
        "$U": written([(name, keyword) for name, _ in plain]),
        "$J": written([(name, keyword) for name, _ in plain], "!important"),
        "$L": written([(name, "revert-layer") for name, _ in plain]),
        "$K": written([(custom, value) for custom, _, value in named]),
        "$Z": written([(name, f"var({custom})") for custom, name, _ in named]),
        "$F": written([(name, f"var(--y$n,{value})") for _, name, value in named]),
    }
