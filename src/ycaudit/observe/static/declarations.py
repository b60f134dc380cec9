"""What one declaration of a style sheet may do to a thing on the page, by its value alone. Pure.

No cascade is computed: whether a stronger rule takes a declaration back, only a browser knows. What
may keep a thing from the screen, if it were to apply, makes the thing unsure, and so does each
property that is not known to be harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Flag, auto
from typing import NamedTuple

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
    """Tie it to the window: what it covers, and what of it does not fit, no scrolling shows."""
    PULL = auto()
    """Move all that comes after it up the page, unless it is out of the flow itself."""
    FADE = auto()
    """Make it a little transparent: twice is too much."""
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
_PREFIX = re.compile(r"-webkit-")
_FOREIGN = re.compile(r"-(?:moz|ms|o|khtml)-|mso-")
"""Of other browsers, whose properties Chromium does not know."""
_OFFSETS = re.compile(
    r"(?:left|top|right|bottom|inset(?:-.+)?|margin(?:-.+)?|text-indent|letter-spacing|word-spacing"
    r"|vertical-align)"
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
_EXTENTS = re.compile(r"(?:max-)?(?:width|inline-size|(height|block-size))|flex-basis")
_HARMLESS = re.compile(
    r"font-(?:family|weight|style|display|stretch|variant.*|feature-settings|smoothing|kerning)"
    r"|text-(?:align|align-last|transform|rendering|overflow|justify|size-adjust|wrap|decoration-line"
    r"|decoration-style|decoration-color|underline-position|emphasis.*)"
    r"|white-space|word-(?:break|wrap)|overflow-wrap|line-break|hyphens|quotes|tab-size"
    r"|list-style(?:-.+)?|cursor|unicode-bidi|user-select|appearance|touch-action"
    r"|background-(?:image|position|position-[xy]|repeat|size|attachment|origin)"
    r"|(?:border|outline)-(?:.+-)?(?:color|style)|border-(?:.+-)?radius|border-collapse"
    r"|border-(?:image.*|spacing)|outline-offset|box-sizing|float|clear|counter-.+|resize"
    r"|transition(?:-.+)?|animation-(?:duration|delay|timing-function|iteration-count|direction"
    r"|fill-mode|play-state)|tap-highlight-color|overflow-scrolling|scrollbar-.+|scroll-.+"
    r"|overscroll-.+|order|flex-(?:grow|shrink|wrap)|align-(?:items|self|content)|place-.+"
    r"|justify-(?:items|self)|box-(?:flex|pack|align|orient|sizing)|table-layout|caption-side"
    r"|empty-cells|orphans|widows|(?:page-)?break-.+|will-change|image-rendering|accent-color"
    r"|caret-color|text-decoration-skip.*|speak|transform-origin|perspective-origin|print-color-adjust"
    r"|grid-auto-flow|layout-grid.*|highlight|line-height-step|font-synthesis.*|src|unicode-range"
)
"""Properties that keep nothing from the screen, whatever their value."""
_PLAIN = frozenset(
    {
        *("none", "normal", "auto", "initial", "inherit", "visible", "flat", "1", "100%"),
        *("0s", "50% 50%", "center", "ltr", "horizontal-tb", "row", "column", "row nowrap"),
        *("row wrap", "column nowrap", "start", "flex-start", "left", "space-between"),
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
    if name.startswith("--") or _FOREIGN.match(name):
        return Does.NOTHING  # what uses a variable is uncertain by its `var()`
    name = _PREFIX.sub("", name)
    uncertain = _UNCERTAIN.search(value) is not None
    known = _TABLE.get(name) or (_padding if _PADDINGS.fullmatch(name) else None)
    if known is not None:
        return known(value) | (Does.HIDE if uncertain else Does.NOTHING)
    if _SIZES.fullmatch(name):
        return _size(name, value, uncertain)
    if _OFFSETS.fullmatch(name):
        pull = _pull(name, value, uncertain) if name.startswith("margin") else Does.NOTHING
        return _offset(value, uncertain) | _SIDES.get(name, Does.NOTHING) | pull
    harmless = _HARMLESS.fullmatch(name) or value in _PLAIN
    return Does.NOTHING if harmless else Does.HIDE


class Extent(NamedTuple):
    """The width or height that a declaration gives an element, or the most that it allows."""

    across: bool
    size: float
    """In pixels, or as a share of what is around it."""
    is_share: bool


def extent(name: str, value: str) -> Extent | None:
    """What a declaration says of the size of its element; None where nothing."""
    found = _EXTENTS.fullmatch(name)
    number = _NUMBER.match(value) if found else None
    if found is None or number is None:
        return None
    size, unit = float(number[1]), number[2]
    if unit == "%":
        return Extent(found[1] is None, size / 100, is_share=True)
    return Extent(found[1] is None, size * _UNIT.get(unit, 1), is_share=False)


def spoils(what: Does) -> bool:
    """Whether an element of which all this is said may keep anything on the page from the screen.

    It may lie over most of the page, stay over its head or foot, or pull the page up.
    """
    if Does.FIX in what or (Does.PULL in what and Does.LIFT not in what):
        return True
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
    nothing = re.search(r"(?:^|[\s/(,])0?\.?0*(?:px|fr|%|r?em)?(?=[\s/),]|$)", value)
    return Does.SIZE | Does.HIDE if nothing else Does.NOTHING


def _padding(value: str) -> Does:
    far = _offset(value, uncertain=False) & Does.HIDE
    return far | (Does.PAD if any(size >= PADDED for size in _pixels_of(value)) else Does.NOTHING)


def _pull(name: str, value: str, uncertain: bool) -> Does:
    """A margin above or below that is negative."""
    if name.endswith(("left", "right")) or "inline" in name:
        return Does.NOTHING
    parts = value.split()
    upright = parts[::2] if name == "margin" else parts
    return (
        Does.PULL if uncertain or any(_less_than_none(part) for part in upright) else Does.NOTHING
    )


def _less_than_none(length: str) -> bool:
    found = _NUMBER.match(length)
    return found is not None and float(found[1]) * _UNIT.get(found[2], 1) < -3


def _spread(value: str) -> Does:
    """A shadow or an outline that may lie over its neighbours."""
    return _hides_if("inset" in value) | (
        Does.MOVE
        if any(size > PADDED for size in _pixels_of(_NO_COLOURS.sub(" ", value)))
        else Does.NOTHING
    )


_NO_COLOURS = re.compile(r"#[0-9a-f]+|(?:rgb|hsl)a?\([^)]*\)")


def _opacity(value: str) -> Does:
    share = _share(value)
    return Does.HIDE if share < FAINT else Does.FADE if share < 1 else Does.NOTHING


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
    "opacity": _opacity,
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
    "box-shadow": _spread,
    "text-shadow": _spread,
    "outline": _spread,
    "outline-width": _spread,
    "text-decoration": _spread,
    "text-decoration-thickness": _spread,
    "gap": lambda value: _hides_if(any(size > LARGE for size in _pixels_of(value))),
    "row-gap": lambda value: _hides_if(any(size > LARGE for size in _pixels_of(value))),
    "column-gap": lambda value: _hides_if(any(size > LARGE for size in _pixels_of(value))),
    "grid-area": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "grid-row": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "grid-column": lambda value: Does.MOVE if re.search(r"\d", value) else Does.NOTHING,
    "flex": _tracks,
    "flex-basis": _tracks,
    "grid": _tracks,
    "grid-template": _tracks,
    "grid-template-rows": _tracks,
    "grid-template-columns": _tracks,
    "grid-auto-rows": _tracks,
    "grid-auto-columns": _tracks,
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
