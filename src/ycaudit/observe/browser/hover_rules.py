"""What style sheets change while something is pointed at or has the focus. Pure.

Only selectors are made here; Chromium itself tells which elements they match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ycaudit.observe.static.sheets import selectors_in

MAX_SELECTORS, MAX_SELECTOR, MAX_STATES = 2000, 5000, 4
"""Their number; the characters of one, with those in which it is nested; and the states in it."""
MAX_SIZE, MAX_DEPTH = 2_000_000, 40
"""Characters of all sheets, and rules within rules."""
_ASIDE = re.compile(r"/\*.*?(?:\*/|$)|<!--|-->", re.DOTALL)
"""Comments, and what hid a sheet from browsers of the last century."""
_POINTED = re.compile(r":hover(?![-\w])")
_FOCUSED = re.compile(r":focus(?:-within|-visible)?(?![-\w])")
_STATE = re.compile(r":(?:hover|focus(?:-within|-visible)?|active)(?![-\w])")
_PSEUDO_ELEMENT = re.compile(r"::?(?:before|after|first-line|first-letter|marker|placeholder)\b.*")
_FUNCTION = re.compile(r":[-\w]+$")
# What may bring something up that was not seen before; a colour or a line under a text does not.
_TELLING = re.compile(
    r"""(?:^|[;\s]) (?:
        display | visibility | opacity | content | (?:-\w+-)?transform | translate | scale | rotate
        | (?:max-|min-)?(?:width|height|inline-size|block-size)
        | top | left | right | bottom | inset
        | margin | margin-(?:top|left|right|bottom) | clip | clip-path | overflow | overflow-[xy]
        | z-index | position | (?:(?:-\w+-)?backdrop-)?filter | (?:-\w+-)?mask(?:-image)?
        | font-size | text-indent | zoom
        | grid-template-(?:rows|columns) | content-visibility | animation | animation-name
        | background-(?:position(?:-[xy])?|size) | object-(?:position|fit)
        | (?:-\w+-)?flex(?:-grow|-basis)? | --[-\w]+
    ) \s* : | url\( | gradient\(
    | background(?:-color|-image)? \s* : [^;]* (?:
        none | transparent | unset | initial | revert | inherit | \b0\s+0\b
        | rgba\([^;)]* ,\s* 0?(?:\.0+)? \s* \) | / \s* 0?(?:\.0+)?%? \s* \)
        | \#[\da-f]{3}0\b | \#[\da-f]{6}00\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class HoverRules:
    """Selectors of what is to be pointed at, and of what is to have the focus."""

    pointed: tuple[str, ...] = ()
    focused: tuple[str, ...] = ()


def hover_rules(sheets: Iterable[str]) -> HoverRules:
    """The rules of these sheets that may show something. Never raises."""
    pointed: dict[str, None] = {}
    focused: dict[str, None] = {}
    left = MAX_SIZE
    for sheet in sheets:
        left -= len(sheet)
        if left < 0:
            break
        if ":hover" not in sheet and ":focus" not in sheet:
            continue
        for selectors, declarations in _blocks(_ASIDE.sub(" ", sheet)):
            if not _STATE.search(selectors) or not _TELLING.search(declarations):
                continue
            for selector in selectors_in(selectors):
                for state, found in ((_POINTED, pointed), (_FOCUSED, focused)):
                    states = islice(state.finditer(selector), MAX_STATES)
                    subjects = (_subject(selector, each) for each in states)
                    found.update(dict.fromkeys(subjects))
    first = (tuple(islice(found, MAX_SELECTORS)) for found in (pointed, focused))
    return HoverRules(*first)


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each rule with its declarations; what is nested in others has their selector before it."""
    pieces = re.split(r"([{}])", css)
    open_: list[tuple[str, list[str]]] = []
    for text, mark in zip(pieces[::2], pieces[1::2], strict=False):
        before, _, prelude = text.rpartition(";")
        if mark == "}":
            if open_:
                selector, declarations = open_.pop()
                yield selector, ";".join((*declarations, text))
            continue
        if len(open_) > MAX_DEPTH:
            return
        if open_:
            open_[-1][1].append(before)
        open_.append((_nested(open_[-1][0] if open_ else "", prelude.strip()), []))


def _nested(outer: str, prelude: str) -> str:
    if prelude.startswith("@"):
        return outer
    if len(prelude) + len(outer) > MAX_SELECTOR:
        return ""
    if not outer:
        return prelude
    return prelude.replace("&", f":is({outer})") if "&" in prelude else f":is({outer}) {prelude}"


def _subject(selector: str, state: re.Match[str]) -> str:
    """What of a selector has to be in this state of it."""
    opened = [0]
    """Where the functions begin in which the state stands, after their brackets."""
    for at, sign in enumerate(selector[: state.start()]):
        if sign == "(":
            opened.append(at + 1)
        elif sign == ")" and len(opened) > 1:
            opened.pop()
    before = [*selectors_in(selector[opened[-1] : state.start()]), ""]
    if len(opened) == 1:
        subject = selector[: state.start()] + _rest_of_compound(selector[state.end() :])
    elif before[0].strip():
        subject = before[-2].lstrip(">+~ ")
    else:  # `.menu:not(:hover)`
        subject = _FUNCTION.sub("", selector[: opened[-1] - 1])
    bare = _PSEUDO_ELEMENT.sub("", _STATE.sub("", subject)).strip()
    return re.sub(r"(^|[\s>+~])$", r"\1*", bare) if bare else "*"


def _rest_of_compound(text: str) -> str:
    """What a selector says of the same element after a part of it."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or (depth == 0 and sign in " \t\r\n\f>+~,"):
            return text[:at]
    return text
