"""What one declaration of a style sheet may do to a thing on the page, by its value alone. Pure.

No cascade is computed: whether a stronger rule takes a declaration back, only a browser knows. What
may keep a thing from the screen, if it were to apply, makes the thing unsure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Flag, auto

NEGATIVE, FAR, LARGE = -30, 1000, 300
"""CSS pixels: less than this may push a thing off the page, more than that, too; what is as large
as this in both directions may lie over something else."""
PADDED = 10
FAINT, SMALL_TEXT, TINY_BOX, NARROW, TOO_WIDE = 0.5, 6, 21, 400, 1920
_NO_SIZE = frozenset({"auto", "none", "initial", "inherit", "unset", "fit-content", "max-content"})


class Does(Flag):
    """What a declaration may do, if it applies."""

    NOTHING = 0
    HIDE = auto()
    """Keep its element from the screen, or from the mouse."""
    CLIP = auto()
    """Cut off what does not fit in its element."""
    ACROSS = auto()
    """Cut off what is too wide for it."""
    SIZE = auto()
    """Fix a size of its element."""
    LIFT = auto()
    """Take its element out of the flow, so that it may cover what stands beside it."""
    FIX = auto()
    """Take it out of the page altogether."""
    WIDE = auto()
    HIGH = auto()
    """Make it large: what is both may cover the page."""
    LEFT = auto()
    RIGHT = auto()
    TOP = auto()
    BOTTOM = auto()
    """Tie it to a side: what is tied to two that face each other is as large as they are apart."""
    MOVE = auto()
    """Move it, so that it may cover what stands beside it."""
    INK = auto()
    """Colour its text."""
    GROUND = auto()
    """Colour what is behind it."""
    PAD = auto()
    """Leave less room to a picture in its box."""
    FORCE = auto()
    """Show what a style attribute hides."""


_NUMBER = re.compile(r"(-?\d*\.?\d+)([a-z%]*)")
_UNIT = {
    "vw": 19.2,
    "vh": 10.8,
    "em": 16,
    "rem": 16,
    "ex": 8,
    "ch": 8,
    "pt": 1.33,
    "pc": 16,
    "in": 96,
    "cm": 38,
    "mm": 4,
}
_UNCERTAIN = re.compile(r"\b(?:var|env|attr|calc|min|max|clamp|random|if)\(")
_HARMLESS_FILTER = re.compile(r"(?:none|initial|gray|grayscale\([\d.%]*\)|\s)+")
_HARMLESS_MOVE = re.compile(
    r"(?:none|initial|translate(?:z|x|y|3d)?\(\s*0(?:px)?(?:\s*,\s*0(?:px)?)*\s*\)|\s)+"
)
_CLEAR = re.compile(
    r"transparent|rgba?\([^)]*[,/]\s*0?\.?[0-4]?\d*%?\s*\)|hsla?\(|color-mix|#[0-9a-f]{3}[0-8]$"
)
_PREFIX = re.compile(r"-(?:webkit|moz|ms|o)-")
_OFFSETS = re.compile(
    r"(?:left|top|right|bottom|inset(?:-.+)?|margin(?:-.+)?|text-indent|letter-spacing|word-spacing)"
)
_SIDES = {
    "left": Does.LEFT,
    "right": Does.RIGHT,
    "top": Does.TOP,
    "bottom": Does.BOTTOM,
    "inset": Does.WIDE | Does.HIGH,
    "inset-inline": Does.WIDE,
    "inset-block": Does.HIGH,
    "inset-inline-start": Does.LEFT,
    "inset-inline-end": Does.RIGHT,
    "inset-block-start": Does.TOP,
    "inset-block-end": Does.BOTTOM,
}
_PADDINGS = re.compile(
    r"padding(?:-.+)?|border|border-(?:.+-)?width|border-(?:left|right|top|bottom)"
)
_SIZES = re.compile(r"(?:(?:max|min)-)?(?:width|height|inline-size|block-size)")
_EFFECTS = frozenset(
    {
        *("clip", "clip-path", "mix-blend-mode", "scale", "rotate", "translate", "perspective"),
        *("animation", "animation-name", "offset-path", "offset-distance", "offset", "zoom"),
        *("object-position", "object-view-box", "interactivity", "mask"),
        *("mask-image", "mask-size", "mask-position", "mask-border", "mask-border-source"),
        *("backface-visibility", "text-fill-color"),
        *("transform-style", "position-visibility", "box-reflect", "mask-box-image"),
    }
)
_PLAIN = frozenset(
    {
        *("none", "normal", "auto", "initial", "inherit", "visible", "flat", "1", "100%"),
        *("0s", "50% 50%", "center"),
    }
)
_DISPLAYS = frozenset(
    {
        *("inline", "block", "inline-block", "flex", "grid", "inline-flex", "inline-grid", "table"),
        *("table-cell", "table-row", "list-item", "flow-root", "inline-table", "box"),
        *("-webkit-box", "-webkit-flex", "-ms-flexbox", "initial", "inherit"),
    }
)
_TAKEN_OUT = {"absolute": Does.LIFT, "fixed": Does.FIX | Does.LIFT}


def does(name: str, value: str) -> Does:
    """What a declaration may do; name and value in lower case, without `!important`."""
    name = _PREFIX.sub("", name)
    if name.startswith("--"):
        return Does.NOTHING  # what uses it is uncertain by its `var()`
    uncertain = _UNCERTAIN.search(value) is not None
    known = _TABLE.get(name) or (_padding if _PADDINGS.fullmatch(name) else None)
    if known is not None:
        return known(value) | (Does.HIDE if uncertain else Does.NOTHING)
    if _SIZES.fullmatch(name):
        return _size(name, value, uncertain)
    if _OFFSETS.fullmatch(name):
        return _offset(value, uncertain) | _SIDES.get(name, Does.NOTHING)
    if name in _EFFECTS:
        return Does.NOTHING if value in _PLAIN else Does.HIDE
    return Does.NOTHING


def covers(what: Does) -> bool:
    """Whether an element of which all this is said may lie over most of the page."""
    wide = Does.WIDE in what or (Does.LEFT in what and Does.RIGHT in what)
    high = Does.HIGH in what or (Does.TOP in what and Does.BOTTOM in what)
    return Does.LIFT in what and wide and high


def _hides_if(condition: object) -> Does:
    return Does.HIDE if condition else Does.NOTHING


def _overflow(value: str) -> Does:
    open_ = ("visible", "auto", "scroll", "none", "initial", "visible visible", "auto auto")
    return Does.NOTHING if value in open_ else Does.CLIP


def _font_size(value: str) -> Does:
    number = re.match(r"[\d.]", value)
    return _hides_if(number and _pixels_of(value)[0] < SMALL_TEXT)


def _font(value: str) -> Does:
    return _hides_if(re.search(r"(?:^|[\s/])0?\.?0(?:px|em|rem|%)?(?=$|[\s/])", value))


def _tracks(value: str) -> Does:
    nothing = re.search(r"(?:^|\s)0(?:px|fr|%)?(?=\s|$)", value)
    return Does.SIZE | Does.HIDE if nothing else Does.NOTHING


def _padding(value: str) -> Does:
    far = _offset(value, uncertain=False) & Does.HIDE
    return far | (Does.PAD if any(size >= PADDED for size in _pixels_of(value)) else Does.NOTHING)


_TABLE: dict[str, Callable[[str], Does]] = {
    "display": lambda value: _hides_if(value not in _DISPLAYS),
    "visibility": lambda value: _hides_if(value not in ("visible", "inherit", "initial")),
    "content-visibility": lambda value: _hides_if(value not in ("visible", "auto")),
    "color": lambda value: Does.INK | _hides_if(_CLEAR.search(value)),
    "background": lambda _: Does.GROUND,
    "background-color": lambda _: Does.GROUND,
    "position": lambda value: _TAKEN_OUT.get(value, Does.NOTHING),
    "overflow": _overflow,
    "overflow-x": lambda value: Does.ACROSS if _overflow(value) else Does.NOTHING,
    "overflow-y": _overflow,
    "contain": lambda value: _hides_if(re.search("size|strict", value)) | _overflow(value),
    "opacity": lambda value: _hides_if(_share(value) < FAINT),
    "filter": lambda value: _hides_if(not _HARMLESS_FILTER.fullmatch(value)),
    "backdrop-filter": lambda value: _hides_if(not _HARMLESS_FILTER.fullmatch(value)),
    "transform": lambda value: (
        Does.NOTHING if _HARMLESS_MOVE.fullmatch(value) else Does.HIDE | Does.MOVE
    ),
    "font-size": _font_size,
    "font": _font,
    "line-height": _font,
    "pointer-events": lambda value: _hides_if(value == "none"),
    "z-index": lambda value: _hides_if(value.startswith("-")),
    "content": lambda value: _hides_if("(" in value),
    "object-fit": lambda value: _hides_if(value not in ("contain", "fill", "scale-down")),
    "all": lambda _: Does.HIDE,
    "line-clamp": lambda value: _hides_if(value != "none"),
    "aspect-ratio": lambda _: Does.SIZE,
    "container-type": lambda value: Does.NOTHING if value == "normal" else Does.SIZE,
    "container": lambda _: Does.SIZE,
    "color-scheme": lambda _: Does.INK,
    "box-shadow": lambda value: _hides_if("inset" in value),
    "grid-area": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "grid-row": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "grid-column": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "flex": _tracks,
    "flex-basis": _tracks,
    "grid": _tracks,
    "grid-template": _tracks,
    "grid-template-rows": _tracks,
    "grid-template-columns": _tracks,
}


def _size(name: str, value: str, uncertain: bool) -> Does:
    if uncertain:
        return Does.HIDE | Does.SIZE | Does.WIDE | Does.HIGH
    if value in _NO_SIZE:
        return Does.NOTHING
    found = _pixels_of(value)
    is_high = name.endswith(("height", "block-size"))
    large = Does.HIGH if is_high else Does.WIDE
    spread = large if not found or _is_large(value) else Does.NOTHING
    if name.startswith("min-"):
        return spread
    is_share = "%" in value
    hides = not found or found[0] < (0.01 if is_share else TINY_BOX)
    if not is_high and found and not is_share:
        hides = hides or found[0] > TOO_WIDE
    fixed = is_high or (bool(found) and found[0] < NARROW and not is_share)
    return spread | _hides_if(hides) | (Does.SIZE if fixed else Does.NOTHING)


def _is_large(value: str) -> bool:
    found = _NUMBER.match(value)
    if found is None:
        return True
    size = float(found[1])
    return size >= 50 if found[2] in ("%", "vw", "vh", "vmin", "vmax", "dvh", "svh", "lvh") else (
        size * _UNIT.get(found[2], 1) >= LARGE
    )  # fmt: skip


def _offset(value: str, uncertain: bool) -> Does:
    if uncertain:
        return Does.HIDE | Does.MOVE
    for number, unit in _NUMBER.findall(value):
        size = float(number)
        if unit in ("%", "vw", "vh"):
            if size < 0 or size >= 80:
                return Does.HIDE | Does.MOVE
            continue
        size *= _UNIT.get(unit, 1)
        if size < NEGATIVE or size > FAR:
            return Does.HIDE | Does.MOVE
        if size < -3:
            return Does.MOVE
    return Does.NOTHING


def _share(value: str) -> float:
    """An opacity; 0 where it is no number."""
    found = _NUMBER.match(value)
    if found is None:
        return 0.0
    return float(found[1]) / (100 if found[2] == "%" else 1)


def _pixels_of(value: str) -> list[float]:
    return [float(n) * _UNIT.get(unit, 1) for n, unit in _NUMBER.findall(value)]
